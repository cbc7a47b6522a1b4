//! The number, the sum and the sum of squares of values that come and go: fast where they are of like size.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "numbers are taken apart here; what is converted to f64 fits, or is rounded once"
)]

use crate::dd::Dd;
use crate::limbs::{power_of_two, split};
use crate::moments;
use crate::round::certain;
use crate::sum::Sum;
use crate::wide::Wide;

/// A value near enough is a whole number of units, below 2^94: so that the sum of 2^32 of them is below 2^126, and
/// the sum of their squares and the numerator of the variance below 2^252.
const SPAN: i32 = 94;
/// By which a whole mantissa may be moved up within the span.
const ROOM: i32 = SPAN - 53;
/// Values that the fixed point holds.
const MOST: u64 = 1 << 32;
/// Up to as many values, one division of 64 bits has all the bits of their mean that rounding takes.
const SMALL: u64 = 1 << 8;
/// Units are powers of two up to 2^UNIT, either way, so that no result near enough is subnormal or too large.
const UNIT: i32 = 850;

/// The unit of the fixed point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Scale {
    /// Not known before the first value.
    #[default]
    Unset,
    /// A power of two.
    At(i32),
    /// There is none: more values than the fixed point holds.
    Closed,
}

/// The number, the sum and the sum of squares of values, without rounding, from which any value can be removed again.
///
/// Values near in size to one another are held in a fixed point of 128 and 256 bits (a span of 94 bits: whole
/// mantissas over twelve decades), the others in a [`Sum`]. What is derived is rounded once, correctly, from the
/// exact sums of both, so that it depends on nothing but the values, and not on which of them lie where.
///
/// ```
/// use exact::Sums;
/// let mut sums = Sums::new();
/// [1e300, 0.1, 0.1, 0.1].into_iter().for_each(|value| sums.add(value));
/// sums.remove(1e300);
/// assert_eq!((sums.mean(), sums.sd()), (0.1, 0.0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sums {
    scale: Scale,
    near: u64,
    sum: i128,
    squares: Wide,
    far: u64,
    far_sum: Sum,
    far_squares: Sum,
}

impl Sums {
    /// Of no values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many values there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.near + self.far
    }

    /// Adds a value.
    ///
    /// # Panics
    /// If it is NaN or infinite.
    #[inline]
    pub fn add(&mut self, value: f64) {
        assert!(value.is_finite(), "exact::Sums takes finite numbers only: check the data");
        if self.scale == Scale::Unset {
            self.scale = Scale::At(unit_around(height(value)));
        }
        if self.near >= MOST {
            self.close();
        }
        if let Some((mantissa, shift)) = self.units(value) {
            self.near += 1;
            let units = (u128::from(mantissa) << shift) as i128;
            self.sum = self.sum.wrapping_add(if value < 0.0 { -units } else { units });
            self.squares = self.squares.plus(square(mantissa, shift));
        } else {
            self.far += 1;
            self.far_sum.add(value);
            self.far_squares.add_product(value, value);
        }
    }

    /// Takes a value out again that was added before.
    ///
    /// # Panics
    /// If it is NaN or infinite.
    #[inline]
    pub fn remove(&mut self, value: f64) {
        if let Some((mantissa, shift)) = self.units(value) {
            self.near = self.near.saturating_sub(1);
            let units = (u128::from(mantissa) << shift) as i128;
            self.sum = self.sum.wrapping_sub(if value < 0.0 { -units } else { units });
            self.squares = self.squares.minus(square(mantissa, shift));
        } else {
            self.far = self.far.saturating_sub(1);
            self.far_sum.remove(value);
            self.far_squares.remove_product(value, value);
        }
        if self.n() == 0 {
            *self = Self::new();
        } else if self.far == 0 {
            // Zero by now; a new one is as narrow as can be.
            self.far_sum = Sum::new();
            self.far_squares = Sum::new();
        }
    }

    /// How many values are not near the others, which costs time: [`Sums::refill`] may bring them in.
    #[must_use]
    pub fn far(&self) -> u64 {
        self.far
    }

    /// Takes in all the values anew, which must be those that are in, with the unit that fits them best.
    pub fn refill(&mut self, values: impl Iterator<Item = f64> + Clone) {
        let unit = unit_for(values.clone().filter(|value| *value != 0.0));
        *self = Self { scale: unit.map_or(Scale::Unset, Scale::At), ..Self::new() };
        values.for_each(|value| self.add(value));
    }

    /// The exact sum.
    #[must_use]
    pub fn sum(&self) -> Sum {
        let mut sum = self.far_sum.clone();
        if let Scale::At(low) = self.scale {
            sum.limbs_mut().add_wide(self.sum < 0, self.sum.unsigned_abs(), low);
        }
        sum
    }

    /// The exact sum of squares.
    #[must_use]
    pub fn squares(&self) -> Sum {
        let mut squares = self.far_squares.clone();
        if let Scale::At(low) = self.scale {
            let (high, rest) = self.squares.halves();
            squares.limbs_mut().add_wide(false, rest, 2 * low);
            squares.limbs_mut().add_wide(false, high, 2 * low + 128);
        }
        squares
    }

    /// The sum, rounded once; infinite beyond the range of f64.
    #[must_use]
    pub fn total(&self) -> f64 {
        match self.scale {
            Scale::At(low) if self.far == 0 => self.sum as f64 * power_of_two(low),
            _ => self.sum().to_f64(),
        }
    }

    /// The mean, rounded once; NaN without values.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self.scale {
            Scale::At(low) if self.far == 0 && self.near > 0 => self.near_mean(low),
            _ => moments::mean(self.n(), &self.sum()),
        }
    }

    /// The sample standard deviation (n - 1), rounded once; NaN for fewer than two values.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let near = match self.scale {
            Scale::At(low) if self.far == 0 && self.near > 1 => self.near_sd(low),
            _ => None,
        };
        near.unwrap_or_else(|| moments::sd(self.n(), &self.sum(), &self.squares()))
    }

    /// By one or two divisions of 64 bits, the count being below 2^33; what they leave only says whether the quotient is cut.
    #[inline]
    fn near_mean(&self, low: i32) -> f64 {
        let size = self.sum.unsigned_abs();
        let zeros = size.leading_zeros();
        if zeros == 128 {
            return 0.0;
        }
        let size = size << zeros;
        let (first, rest) = ((size >> 64) as u64, size as u64);
        let high = first / self.near;
        if self.near <= SMALL {
            // At least 55 bits, so that the last can stand for all that is cut off.
            let cut = first % self.near != 0 || rest != 0;
            let mean = (high | u64::from(cut)) as f64 * power_of_two(low + 64 - zeros as i32);
            return if self.sum < 0 { -mean } else { mean };
        }
        let next = ((first % self.near) << 31) | (rest >> 33);
        let (middle, left) = (next / self.near, next % self.near);
        let cut = left != 0 || rest << 31 != 0;
        // At least 62 bits: the last stands for all that is cut off, and the conversion rounds once.
        let quotient = (u128::from(high) << 31) + u128::from(middle);
        let quotient = (quotient << 1) | u128::from(cut);
        let mean = quotient as f64 * power_of_two(low + 32 - zeros as i32);
        if self.sum < 0 { -mean } else { mean }
    }

    /// In double-double from the exact numerator; `None` if that leaves open which f64 is the nearest.
    #[inline]
    fn near_sd(&self, low: i32) -> Option<f64> {
        let above = self.squares.times(self.near).minus(Wide::square(self.sum.unsigned_abs()));
        if above.is_zero() {
            return Some(0.0);
        }
        let (leading, power) = above.leading();
        // Two halves of 53 bits; a power of two to even, so that its root is one.
        let odd = power & 1;
        let high = (leading >> 75) as u64 as f64 * power_of_two(53 + odd);
        let rest = ((leading >> 22) as u64 & ((1 << 53) - 1)) as f64 * power_of_two(odd);
        // Below 2^53, and so one f64, for some 90 million values; an f64 is quicker to divide by.
        let below = u128::from(self.near) * u128::from(self.near - 1);
        let below = u64::try_from(below).ok().filter(|below| *below < 1 << 53)? as f64;
        let root = (Dd::from_sum(high, rest) / below).sqrt();
        Some(certain(root)? * power_of_two((power - odd) / 2 + 11 + low))
    }

    /// The mantissa and by how much it is moved up, for a value that is a whole number of units within the span.
    #[inline]
    fn units(&self, value: f64) -> Option<(u64, u32)> {
        let Scale::At(low) = self.scale else { return None };
        let (_, mantissa, exponent) = split(value);
        let shift = exponent - low;
        if (0..=ROOM).contains(&shift) {
            return Some((mantissa, shift as u32));
        }
        if mantissa == 0 {
            return Some((0, 0));
        }
        // A short mantissa, as of a whole number, may reach below the unit with nothing but zeros.
        let down = shift.unsigned_abs();
        (shift < 0 && mantissa.trailing_zeros() >= down).then(|| (mantissa >> down, 0))
    }

    /// All values go to the far side, for good.
    #[cold]
    fn close(&mut self) {
        (self.far_sum, self.far_squares) = (self.sum(), self.squares());
        (self.far, self.near) = (self.n(), 0);
        (self.sum, self.squares, self.scale) = (0, Wide::default(), Scale::Closed);
    }
}

#[inline]
fn square(mantissa: u64, shift: u32) -> Wide {
    Wide::shifted(u128::from(mantissa) * u128::from(mantissa), 2 * shift)
}

/// The exponent of the leading bit; for zero, that of one.
fn height(value: f64) -> i32 {
    let (_, mantissa, exponent) = split(value);
    if mantissa == 0 { 0 } else { exponent + 63 - mantissa.leading_zeros() as i32 }
}

/// The unit with as much room above a value of this height as below.
fn unit_around(height: i32) -> i32 {
    (height - 52 - (ROOM + 1) / 2).clamp(-UNIT, UNIT)
}

/// The unit that holds all the values, if one does, or else those around the value of middle height.
fn unit_for(values: impl Iterator<Item = f64>) -> Option<i32> {
    let mut heights = Vec::new();
    let mut lowest = i32::MAX;
    for value in values {
        let (_, mantissa, exponent) = split(value);
        lowest = lowest.min(exponent + mantissa.trailing_zeros() as i32);
        heights.push(height(value));
    }
    let spare = SPAN - (heights.iter().max()? + 1 - lowest);
    if spare >= 0 {
        return Some((lowest - spare / 2).clamp(-UNIT, UNIT));
    }
    let middle = heights.len() / 2;
    Some(unit_around(*heights.select_nth_unstable(middle).1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_fixed_point_is_closed() {
        let values = [0.1, 0.25, -3.0, 1e300, 0.0];
        let mut sums = Sums::new();
        values.iter().for_each(|value| sums.add(*value));
        // As many values of zero more as it holds.
        let zeros = MOST - sums.near;
        sums.near = MOST;
        let mut full = sums.clone();
        full.add(7.0);
        assert_eq!((full.near, full.far), (0, full.n()));
        assert_eq!(full.n(), values.len() as u64 + zeros + 1);
        full.remove(7.0);
        assert_eq!((full.sum(), full.squares()), (sums.sum(), sums.squares()));
        assert_eq!(
            (full.mean().to_bits(), full.sd().to_bits()),
            (sums.mean().to_bits(), sums.sd().to_bits())
        );
        sums.remove(1e300);
        full.remove(1e300);
        assert_eq!(sums.far(), 0);
        assert_eq!(
            (full.mean().to_bits(), full.sd().to_bits()),
            (sums.mean().to_bits(), sums.sd().to_bits())
        );
    }
}
