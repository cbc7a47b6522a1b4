use exact::Sum;
use serde::{Deserialize, Serialize};

use crate::absent::{finite, ratio};
use crate::error_sums;
use crate::{Absent, Line, OrderStatistics, Quantiles, Reason, Value, rows};

/// Errors of predictions, learned row by row. The error of a row is prediction minus outcome.
///
/// Memory: 8 bytes a row, for the median.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    line: Line,
    absolute: Sum,
    magnitudes: Quantiles,
    /// Of `|e / y|`, each rounded.
    shares: Sum,
    outcomes: Outcomes,
}

/// Measures of the size of errors; in the unit of the target, except `r2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorMeasures {
    /// Rows with both prediction and outcome.
    pub n: u64,
    /// Rows that lack one or both, and are in no measure.
    pub missing: u64,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Standard error of the mean absolute error, rows taken as independent.
    pub mae_se: Option<f64>,
    /// Median absolute error.
    pub median_absolute_error: Option<f64>,
    /// Largest absolute error.
    pub max_absolute_error: Option<f64>,
    /// Root of the mean squared error.
    pub rmse: Option<f64>,
    /// Mean of prediction minus outcome: above 0, predictions are too high.
    pub bias: Option<f64>,
    /// `1 - SSE / SST`, SST around the mean of these outcomes; no unit; below 0, worse than that mean.
    pub r2: Option<f64>,
    /// Mean absolute percentage error, as a share of 1: mean of `|e / y|`; no unit. Absent where outcomes are near
    /// zero, see [`Errors::mape`].
    #[serde(default)]
    pub mape: Option<f64>,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Errors {
    /// Errors of no rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; it counts as missing unless both are finite.
    pub fn add(&mut self, predicted: f64, actual: f64) {
        self.line.add(predicted, actual);
        if predicted.is_finite() && actual.is_finite() {
            // Both ends are added, not their rounded difference: the sum stays exact.
            self.absolute.add(predicted.max(actual));
            self.absolute.add(-predicted.min(actual));
            let error = (predicted - actual).abs();
            self.magnitudes.add(error);
            let share = error / actual.abs();
            self.outcomes.add(actual, share);
            self.shares.add(if share.is_finite() { share } else { 0.0 });
        }
    }

    /// Adds rows given as columns of the same length, with the same result as one by one.
    pub fn extend(&mut self, predicted: &[f64], actual: &[f64]) {
        let mut line = Line::new();
        line.extend(predicted, actual);
        self.extend_with(&line, predicted, actual);
    }

    /// The same where `line` already has the sums over these rows and no others.
    pub fn extend_with(&mut self, line: &Line, predicted: &[f64], actual: &[f64]) {
        self.line.merge(line);
        let mut column = Vec::new();
        rows::complete([predicted, actual], |[f, y]| {
            error_sums::add_absolute(&mut self.absolute, [f, y], &mut column);
            column.clear();
            column.extend(f.iter().zip(y).map(|(f, y)| (f - y).abs()));
            self.magnitudes.extend(&column);
            column.iter_mut().zip(y).for_each(|(error, y)| *error /= y.abs());
            let beyond = !rows::finite(&column);
            if beyond {
                column.iter_mut().filter(|share| !share.is_finite()).for_each(|share| *share = 0.0);
            }
            self.shares.add_all(&column);
            self.outcomes.merge(Outcomes { least: rows::range(y).map(|range| range.0), beyond });
        });
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.line.merge(&other.line);
        self.absolute.merge(&other.absolute);
        self.magnitudes.merge(&other.magnitudes);
        self.shares.merge(&other.shares);
        self.outcomes.merge(other.outcomes);
    }

    /// The measures of what was added.
    pub fn measures(&mut self) -> ErrorMeasures {
        let mut absent = Absent::default();
        let top = self.line.n().saturating_sub(1);
        let median = self.magnitude(OrderStatistics::median);
        let largest = self.magnitude(|magnitudes| magnitudes.order_statistic(top));
        ErrorMeasures {
            n: self.line.n(),
            missing: self.line.missing(),
            mae: absent.keep("mae", self.mae()),
            mae_se: absent.keep("mae_se", error_sums::mae_se(&self.line, &self.absolute)),
            median_absolute_error: absent.keep("median_absolute_error", median),
            max_absolute_error: absent.keep("max_absolute_error", largest),
            rmse: absent.keep("rmse", error_sums::rmse(&self.line)),
            bias: absent.keep("bias", self.line.bias()),
            r2: absent.keep("r2", error_sums::r2(&self.line)),
            mape: absent.keep("mape", self.mape()),
            absent,
        }
    }

    /// Predictions beside outcomes, without their magnitudes.
    #[must_use]
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Mean absolute error, in the unit of the target.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn mae(&self) -> Value {
        error_sums::mae(&self.line, &self.absolute)
    }

    /// Mean of `|e / y|`; no unit. Only where every outcome is above 0 and the least is at least 1 % of their mean:
    /// otherwise few rows with outcomes near zero decide it (Hyndman and Koehler 2006), each of them counting
    /// more than a hundred times as much as a row with the mean outcome.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::NearZero`].
    pub fn mape(&self) -> Value {
        let n = self.line.rows()?;
        self.outcomes.allow_shares(self.line.mean_actual()?)?;
        ratio(&self.shares, &n)
    }

    /// A rank of the magnitudes, unless one of them is beyond the range of `f64`.
    fn magnitude(&mut self, ask: impl FnOnce(&mut Quantiles) -> Value) -> Value {
        if self.magnitudes.missing() > 0 { Err(Reason::Overflow) } else { ask(&mut self.magnitudes) }
    }
}

/// Share of the mean outcome that the least outcome must reach for percentages to mean something.
const LEAST_SHARE: f64 = 0.01;

/// Whether errors as shares of the outcomes mean something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcomes {
    least: Option<f64>,
    /// A share was beyond the range of `f64`, as where the outcome is 0.
    beyond: bool,
}

impl Outcomes {
    pub(crate) fn add(&mut self, outcome: f64, share: f64) {
        self.merge(Self { least: Some(outcome + 0.0), beyond: !share.is_finite() });
    }

    fn merge(&mut self, other: Self) {
        self.least = self.least.zip(other.least).map(|(a, b)| a.min(b)).or(self.least).or(other.least);
        self.beyond |= other.beyond;
    }

    pub(crate) fn allow_shares(self, mean: f64) -> Value<()> {
        let least = self.least.ok_or(Reason::NoRows)?;
        if self.beyond || least <= 0.0 || least < LEAST_SHARE * mean { Err(Reason::NearZero) } else { Ok(()) }
    }
}

/// Mean absolute scaled error (Hyndman and Koehler 2006): `mae` over `scale`, the mean absolute error of the naive
/// forecast on the training rows, both in the unit of the target. Below 1: better than naive was there.
///
/// # Errors
/// The reason why either is absent; [`Reason::NoVariance`] where the naive forecast was never wrong.
pub fn mase(mae: Value, scale: Value) -> Value {
    let (mae, scale) = (mae?, scale?);
    if scale > 0.0 { finite(mae / scale) } else { Err(Reason::NoVariance) }
}
