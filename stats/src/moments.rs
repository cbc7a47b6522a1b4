use exact::Sum;
use serde::{Deserialize, Serialize};

use crate::absent::finite;
use crate::{Reason, Value, present, rows};

/// Count, sum, sum of squares, least and largest value of a column, without rounding.
///
/// What is derived from them is rounded once, at the end, so that no digit is lost to cancellation,
/// however large the mean is beside the spread. Memory: constant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    n: u64,
    missing: u64,
    sum: Sum,
    squares: Sum,
    min: Option<f64>,
    max: Option<f64>,
}

impl Moments {
    /// Moments of no values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value; NaN and infinities count as missing.
    pub fn add(&mut self, value: f64) {
        let Some(value) = present(value) else {
            self.missing += 1;
            return;
        };
        self.n += 1;
        self.sum.add(value);
        self.squares.add_product(value, value);
        self.widen(Some(value), Some(value));
    }

    /// Adds a column or a piece of one.
    pub fn extend(&mut self, values: &[f64]) {
        let Self { n, sum, squares, .. } = self;
        let (mut min, mut max) = (None, None);
        self.missing += rows::complete([values], |[values]| {
            *n += values.len() as u64;
            sum.add_all(values);
            squares.add_squares(values);
            let range = rows::range(values);
            min = range.map(|range| range.0).into_iter().chain(min).reduce(f64::min);
            max = range.map(|range| range.1).into_iter().chain(max).reduce(f64::max);
        });
        self.widen(min, max);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.missing += other.missing;
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        self.widen(other.min, other.max);
    }

    fn widen(&mut self, min: Option<f64>, max: Option<f64>) {
        self.min = self.min.into_iter().chain(min).reduce(f64::min);
        self.max = self.max.into_iter().chain(max).reduce(f64::max);
    }

    /// How many values are present.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// How many values were missing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The sum, in the unit of the values.
    ///
    /// # Errors
    /// [`Reason::Overflow`] beyond the range of `f64`.
    pub fn sum(&self) -> Value {
        finite(self.sum.to_f64())
    }

    /// The least value.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn min(&self) -> Value {
        self.min.ok_or(Reason::NoRows)
    }

    /// The largest value.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn max(&self) -> Value {
        self.max.ok_or(Reason::NoRows)
    }

    /// The arithmetic mean, in the unit of the values.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn mean(&self) -> Value {
        if self.n == 0 {
            return Err(Reason::NoRows);
        }
        finite(exact::moments::mean(self.n, &self.sum))
    }

    /// The sample variance, `sum (x - mean)^2 / (n - 1)`, in the unit squared; taken as
    /// `(n sum x^2 - (sum x)^2) / (n (n - 1))`, whose numerator is exact.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one value, [`Reason::Overflow`].
    pub fn variance(&self) -> Value {
        self.spread()?;
        finite(exact::moments::variance(self.n, &self.sum, &self.squares))
    }

    /// The sample standard deviation, the square root of the variance, in the unit of the values.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one value, [`Reason::Overflow`].
    pub fn sd(&self) -> Value {
        self.spread()?;
        finite(exact::moments::sd(self.n, &self.sum, &self.squares))
    }

    /// Refuses fewer than two values.
    fn spread(&self) -> Value<()> {
        match self.n {
            0 => Err(Reason::NoRows),
            1 => Err(Reason::TooFewRows),
            _ => Ok(()),
        }
    }
}
