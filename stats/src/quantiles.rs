use exact::Sum;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Moments, Reason, Value, absent::finite, order, present, rows};

/// Exact ranks and order statistics of the present values of a column, however they are held.
///
/// [`Quantiles`] keeps the values. A type that keeps none and answers each question by passing over
/// its source and counting ordered bit patterns can take its place: all else that needs quantiles in
/// this crate asks through this trait. Answers may reorder what is held, hence `&mut`.
pub trait OrderStatistics {
    /// How many values are present.
    fn n(&self) -> u64;

    /// How many values were missing.
    fn missing(&self) -> u64;

    /// Moments of the present values.
    fn moments(&self) -> Moments;

    /// The value of rank `k` in ascending order; `k = 0` is the least.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values, [`Reason::OutOfRange`] where `k >= n`.
    fn order_statistic(&mut self, k: u64) -> Value;

    /// How many values are at most `x`.
    fn count_at_most(&mut self, x: f64) -> u64;

    /// The largest value below `x`, if there is one.
    fn largest_below(&mut self, x: f64) -> Option<f64>;

    /// The arithmetic mean of the values between `low` and `high`, both left out.
    ///
    /// # Errors
    /// [`Reason::NoRows`] where there is none.
    fn mean_between(&mut self, low: f64, high: f64) -> Value;

    /// The quantile at level `p` in `[0, 1]`, type 7 of Hyndman and Fan (1996): with
    /// `h = (n - 1) p`, linear between the order statistics of ranks `floor(h)` and `floor(h) + 1`.
    /// In the unit of the values.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values, [`Reason::OutOfRange`] for another `p`.
    fn quantile(&mut self, p: f64) -> Value {
        if !(0.0..=1.0).contains(&p) {
            return Err(Reason::OutOfRange);
        }
        let h = self.n().saturating_sub(1) as f64 * p;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank: not negative, below the count"
        )]
        let k = h as u64;
        between(self, k, h - k as f64)
    }

    /// The quantile at level `part / of`, with the rank taken in whole numbers: `3 / 10` asks for the
    /// third decile without the rounding of `0.3`.
    ///
    /// # Errors
    /// As [`quantile`](OrderStatistics::quantile).
    fn quantile_of(&mut self, part: u32, of: u32) -> Value {
        if of == 0 || part > of {
            return Err(Reason::OutOfRange);
        }
        let h = u128::from(self.n().saturating_sub(1)) * u128::from(part);
        let k = u64::try_from(h / u128::from(of)).map_err(|_| Reason::OutOfRange)?;
        between(self, k, (h % u128::from(of)) as f64 / f64::from(of))
    }

    /// The quantile at level one half.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    fn median(&mut self) -> Value {
        self.quantile_of(1, 2)
    }
}

/// The point a share `t` of the way from the order statistic of rank `k` to the next.
fn between<O: OrderStatistics + ?Sized>(order: &mut O, k: u64, t: f64) -> Value {
    let low = order.order_statistic(k)?;
    if t == 0.0 {
        return Ok(low);
    }
    let high = order.order_statistic(k + 1)?;
    finite(blend(low, high, t))
}

/// The point a share `t` of the way from `low` to `high`; half way, their mean rounded once.
#[expect(clippy::float_cmp, reason = "one half is exact")]
pub(crate) fn blend(low: f64, high: f64, t: f64) -> f64 {
    let gap = high - low;
    if t == 0.5 {
        low.midpoint(high)
    } else if !gap.is_finite() {
        low * (1.0 - t) + high * t
    } else if t < 0.5 {
        // From the nearer end, so that equal neighbours give themselves and t = 1 would give `high`.
        low + gap * t
    } else {
        high - gap * (1.0 - t)
    }
}

/// The values of a column, kept for exact quantiles: 8 bytes a present value.
///
/// A question costs a selection in linear time; call [`sort`](Quantiles::sort) before many.
/// Equality and the serialised form do not depend on the order in which values came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Quantiles {
    missing: u64,
    #[serde(serialize_with = "ascending")]
    values: Vec<f64>,
    #[serde(skip)]
    sorted: bool,
}

impl Quantiles {
    /// A collector without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value; NaN and infinities count as missing.
    pub fn add(&mut self, value: f64) {
        match present(value) {
            Some(value) => {
                self.values.push(value);
                self.sorted = false;
            }
            None => self.missing += 1,
        }
    }

    /// Adds a column or a piece of one.
    pub fn extend(&mut self, values: &[f64]) {
        self.values.reserve(values.len());
        self.sorted &= values.is_empty();
        self.missing += rows::complete([values], |[values]| {
            self.values.extend(values.iter().map(|value| value + 0.0));
        });
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        self.values.extend_from_slice(&other.values);
        self.sorted &= other.values.is_empty();
    }

    /// The present values, in no order but where [`is_sorted`](Quantiles::is_sorted).
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Whether the values stand in ascending order.
    pub(crate) fn is_sorted(&self) -> bool {
        self.sorted
    }

    /// Sorts what is kept, once, so that the questions after it take logarithmic time.
    pub fn sort(&mut self) {
        if !self.sorted {
            order::sort(&mut self.values);
            self.sorted = true;
        }
    }
}

impl OrderStatistics for Quantiles {
    fn n(&self) -> u64 {
        self.values.len() as u64
    }

    fn missing(&self) -> u64 {
        self.missing
    }

    fn moments(&self) -> Moments {
        let mut moments = Moments::new();
        moments.extend(&self.values);
        moments
    }

    fn order_statistic(&mut self, k: u64) -> Value {
        if self.values.is_empty() {
            return Err(Reason::NoRows);
        }
        let k = usize::try_from(k).map_err(|_| Reason::OutOfRange)?;
        if k >= self.values.len() {
            return Err(Reason::OutOfRange);
        }
        if self.sorted {
            return Ok(self.values[k]);
        }
        Ok(*self.values.select_nth_unstable_by(k, f64::total_cmp).1)
    }

    fn count_at_most(&mut self, x: f64) -> u64 {
        if self.sorted {
            return self.values.partition_point(|&value| value <= x) as u64;
        }
        self.values.iter().filter(|&&value| value <= x).count() as u64
    }

    fn largest_below(&mut self, x: f64) -> Option<f64> {
        if self.sorted {
            let k = self.values.partition_point(|&value| value < x);
            return k.checked_sub(1).map(|k| self.values[k]);
        }
        self.values.iter().copied().filter(|&value| value < x).reduce(f64::max)
    }

    fn mean_between(&mut self, low: f64, high: f64) -> Value {
        let (from, to) = if self.sorted {
            let from = self.values.partition_point(|&value| value <= low);
            (from, self.values.partition_point(|&value| value < high).max(from))
        } else {
            (0, self.values.len())
        };
        let values = &self.values[from..to];
        let mut between = Vec::new();
        let values = if self.sorted {
            values
        } else {
            between.extend(values.iter().copied().filter(|&value| low < value && value < high));
            &between
        };
        if values.is_empty() {
            return Err(Reason::NoRows);
        }
        let mut sum = Sum::new();
        sum.add_all(values);
        finite(exact::moments::mean(values.len() as u64, &sum))
    }
}

impl PartialEq for Quantiles {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |values: &[f64]| {
            let mut values = values.to_vec();
            order::sort(&mut values);
            values
        };
        self.missing == other.missing
            && self.values.len() == other.values.len()
            && sorted(&self.values) == sorted(&other.values)
    }
}

fn ascending<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    let mut values = values.to_vec();
    order::sort(&mut values);
    values.serialize(serializer)
}
