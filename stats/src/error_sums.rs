use exact::Sum;
use exact::moments::centred;
use serde::{Deserialize, Serialize};

use crate::absent::{ratio, root_of_ratio};
use crate::{Line, Reason, Value};

/// Errors of predictions as far as sums tell: all of [`Errors`](crate::Errors) but what asks for ranks or shares.
///
/// Memory: constant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorSums {
    line: Line,
    absolute: Sum,
}

impl ErrorSums {
    /// Errors of no rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rows; one counts as missing unless both are finite.
    pub fn extend(&mut self, predicted: &[f64], actual: &[f64]) {
        for (f, y) in predicted.iter().zip(actual) {
            self.line.add(*f, *y);
            if f.is_finite() && y.is_finite() {
                // Both ends are added, not their rounded difference: the sum stays exact.
                self.absolute.add(f.max(*y));
                self.absolute.add(-f.min(*y));
            }
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.line.merge(&other.line);
        self.absolute.merge(&other.absolute);
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
        mae(&self.line, &self.absolute)
    }

    /// Standard error of the mean absolute error, rows taken as independent.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one row.
    pub fn mae_se(&self) -> Value {
        mae_se(&self.line, &self.absolute)
    }

    /// Root of the mean squared error, in the unit of the target.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn rmse(&self) -> Value {
        rmse(&self.line)
    }

    /// `1 - SSE / SST`; no unit.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one row, [`Reason::NoVariance`] where all outcomes are the same.
    pub fn r2(&self) -> Value {
        r2(&self.line)
    }
}

/// Mean absolute error; `absolute` is the sum of the absolute errors.
pub(crate) fn mae(line: &Line, absolute: &Sum) -> Value {
    ratio(absolute, &line.rows()?)
}

/// Sample standard deviation of the absolute errors over the root of n.
pub(crate) fn mae_se(line: &Line, absolute: &Sum) -> Value {
    let n = line.rows()?;
    if line.n() < 2 {
        return Err(Reason::TooFewRows);
    }
    let above = centred(&n, &line.squared_error(), absolute, absolute);
    root_of_ratio(&above, &n.product(&n).times((line.n() - 1) as f64))
}

pub(crate) fn rmse(line: &Line) -> Value {
    root_of_ratio(&line.squared_error(), &line.rows()?)
}

pub(crate) fn r2(line: &Line) -> Value {
    let n = line.rows()?;
    if line.n() < 2 {
        return Err(Reason::TooFewRows);
    }
    let total = line.total(&n);
    // One fraction, so that an R2 near 0 keeps its digits.
    let mut above = total.clone();
    above.subtract(&line.squared_error().product(&n));
    ratio(&above, &total)
}
