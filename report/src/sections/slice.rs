//! The columns that tables of periods and segments share.

use stats::{CoverageMeasures, CoverageVerdict};

use crate::metrics::Slice;
use crate::{number, words};

/// Rows below which figures say little.
pub(crate) const ENOUGH_ROWS: u64 = 20;

/// The highest level with intervals.
pub(crate) fn level<'a>(slices: impl Iterator<Item = &'a Slice>) -> Option<f64> {
    let known = slices.flat_map(|slice| &slice.intervals).filter(|of| of.coverage.is_some());
    known.map(|of| of.level).reduce(f64::max)
}

/// The titles of [`cells`].
pub(crate) fn titles(level: Option<f64>) -> Vec<String> {
    let mut titles = [">Rows", ">Mean absolute error", ">Bias", ">Mean outcome"].map(str::to_owned).to_vec();
    if let Some(level) = level {
        titles.extend([format!(">In the {} interval", number::level(level)), "Verdict".to_owned()]);
    }
    titles
}

/// Rows, errors, mean outcome and how the intervals of one level held.
pub(crate) fn cells(slice: &Slice, level: Option<f64>) -> Vec<String> {
    let figure = |value: Option<f64>, key: &str| number::cell(value, key, &slice.absent);
    let mut cells = vec![
        number::count(slice.n),
        figure(slice.mae, "mae"),
        figure(number::beside(slice.bias, slice.rmse), "bias"),
        figure(slice.mean_actual, "mean_actual"),
    ];
    if let Some(level) = level {
        let of = slice.intervals.iter().find(|of| of.level.total_cmp(&level).is_eq());
        let coverage = of.and_then(|of| of.coverage).map(|share| format!("{:.1} %", 100.0 * share));
        let verdict = of.map_or("–", |of| verdict(slice.n, of));
        cells.extend([coverage.unwrap_or_else(|| "–".to_owned()), verdict.to_owned()]);
    }
    cells
}

fn verdict(n: u64, of: &CoverageMeasures) -> &'static str {
    if n < ENOUGH_ROWS { words::coverage(CoverageVerdict::TooFewRows) } else { words::coverage(of.verdict) }
}
