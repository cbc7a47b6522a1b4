use exact::Sum;
use exact::moments::centred;
use serde::{Deserialize, Serialize};

use crate::absent::{ratio, root_of_ratio};
use crate::{Line, Reason, Value, rows};

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

    /// Adds rows given as columns of the same length; one counts as missing unless both are finite.
    pub fn extend(&mut self, predicted: &[f64], actual: &[f64]) {
        let mut line = Line::new();
        line.extend(predicted, actual);
        self.extend_with(&line, predicted, actual);
    }

    /// The same where `line` already has the sums over these rows and no others.
    pub fn extend_with(&mut self, line: &Line, predicted: &[f64], actual: &[f64]) {
        self.line.merge(line);
        let mut column = Vec::new();
        rows::complete([predicted, actual], |rows| add_absolute(&mut self.absolute, rows, &mut column));
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

/// Adds absolute errors of complete rows; `column` is room to work in.
pub(crate) fn add_absolute(sum: &mut Sum, [f, y]: [&[f64]; 2], column: &mut Vec<f64>) {
    // Both ends are added, not their rounded difference: the sum stays exact.
    for end in [|f: f64, y: f64| f.max(y), |f: f64, y: f64| -f.min(y)] {
        column.clear();
        column.extend(f.iter().zip(y).map(|(f, y)| end(*f, *y)));
        sum.add_all(column);
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
