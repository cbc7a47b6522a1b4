use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Line, Moments, Reason, Value, absent::finite};

/// Bins of the table, unless asked otherwise.
pub(crate) const BINS: usize = 10;
/// Rows needed for a bin: the noise floor takes the spread of its residuals.
const ROWS_A_BIN: usize = 2;

/// The rows of one bin of the predictions; all but `n` in the unit of the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decile {
    /// Rows in the bin.
    pub n: u64,
    /// Least prediction.
    pub min_predicted: f64,
    /// Largest prediction.
    pub max_predicted: f64,
    /// Mean prediction.
    pub mean_predicted: f64,
    /// Mean outcome.
    pub mean_actual: f64,
    /// Sample standard deviation of outcome minus prediction.
    pub sd_residual: f64,
}

/// The table and the calibration error that it gives.
pub(crate) struct Table {
    pub deciles: Vec<Decile>,
    /// `sum_b n_b/n |mean_b(y) - mean_b(f)|`.
    pub error: Value,
    /// What `error` is on average for predictions that are right in every bin:
    /// `sum_b n_b/n s_b sqrt(2 / (pi n_b))`.
    pub floor: Value,
}

/// Cuts rows, sorted by prediction, into bins of equal count; equal predictions stay together.
pub(crate) fn table(rows: &[(f64, f64)], wanted: usize) -> Value<Table> {
    if rows.is_empty() {
        return Err(Reason::NoRows);
    }
    if rows.len() < ROWS_A_BIN.saturating_mul(wanted) {
        return Err(Reason::TooFewRows);
    }
    let n = rows.len() as f64;
    let (mut error, mut floor) = (0.0, 0.0);
    let mut deciles = Vec::with_capacity(wanted);
    for range in bins(rows, wanted) {
        let rows = &rows[range];
        let (mut line, mut residuals) = (Line::new(), Moments::new());
        let (predicted, actual): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        line.extend(&predicted, &actual);
        let differences: Vec<f64> = predicted.iter().zip(&actual).map(|(f, y)| y - f).collect();
        residuals.extend(&differences);
        let decile = Decile {
            n: rows.len() as u64,
            min_predicted: rows[0].0,
            max_predicted: rows[rows.len() - 1].0,
            mean_predicted: line.mean_predicted()?,
            mean_actual: line.mean_actual()?,
            sd_residual: residuals.sd()?,
        };
        let count = rows.len() as f64;
        error += count / n * line.bias()?.abs();
        floor += count / n * decile.sd_residual * (2.0 / (std::f64::consts::PI * count)).sqrt();
        deciles.push(decile);
    }
    Ok(Table { deciles, error: finite(error), floor: finite(floor) })
}

/// The bins as ranges of rows. A run of equal predictions goes to the bin of its middle rank; a bin of
/// one row joins the bin before it, or after it if it is the first.
pub(crate) fn bins(rows: &[(f64, f64)], wanted: usize) -> Vec<Range<usize>> {
    let mut bins: Vec<(usize, Range<usize>)> = Vec::with_capacity(wanted);
    let mut start = 0;
    for tied in rows.chunk_by(|a, b| a.0 >= b.0) {
        let end = start + tied.len();
        let bin = wanted * (start + end - 1) / (2 * rows.len());
        match bins.last_mut() {
            Some((last, range)) if *last == bin => range.end = end,
            _ => bins.push((bin, start..end)),
        }
        start = end;
    }
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(bins.len());
    for (_, range) in bins {
        match joined.last_mut() {
            Some(last) if range.len() == 1 || last.len() == 1 => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}
