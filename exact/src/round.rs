//! Quotients of exact sums and their roots, rounded once and correctly: the nearest f64, ties to even.
//!
//! A double-double of the result decides, unless it lies too near the middle between two f64 for its error bound; then
//! the middle is compared with the exact sums (Ziv 1991, "Fast evaluation of elementary mathematical functions with
//! correctly rounded last bit", ACM TOMS 17).

use std::cmp::Ordering;

use crate::dd::Dd;
use crate::limbs::{Limbs, power_of_two};
use crate::sum::Sum;

/// Bounds the relative error of the double-doubles here, which is below 2^-101.
pub(crate) const MARGIN: f64 = 3.155_443_620_884_047e-30; // 2^-98

/// The f64 that every number within [`MARGIN`] of a positive `value` rounds to, if there is but one.
#[inline]
#[expect(clippy::float_cmp, reason = "equality is the proof")]
pub(crate) fn certain(value: Dd) -> Option<f64> {
    let (high, low) = (value.hi(), value.lo());
    let error = high * MARGIN;
    (high + (low + error) == high && high + (low - error) == high).then_some(high)
}

/// `value * 2^exponent` for a positive value near 1, rounded once. `compare` says how the exact value lies to half of
/// a sum.
fn settle(value: Dd, exponent: i32, compare: impl Fn(&Sum) -> Ordering) -> f64 {
    if (-1000..=1000).contains(&exponent)
        && let Some(near) = certain(value)
    {
        return near * power_of_two(exponent);
    }
    let mut near = value.scaled(exponent).to_f64().min(f64::MAX);
    loop {
        let odd = near.to_bits() & 1 == 1;
        let beyond = |side: Ordering, other: f64| {
            let middle = compare(&both(near, other));
            middle == side || middle == Ordering::Equal && odd
        };
        if beyond(Ordering::Greater, near.next_up()) {
            near = near.next_up();
            if near.is_infinite() {
                return near;
            }
        } else if near > 0.0 && beyond(Ordering::Less, near.next_down()) {
            near = near.next_down();
        } else {
            return near;
        }
    }
}

/// The sum of two neighbours; infinity stands for 2^1024, the next number if there were one.
fn both(near: f64, other: f64) -> Sum {
    let mut sum = Sum::from(near);
    if other.is_infinite() {
        sum.add(power_of_two(1023));
        sum.add(power_of_two(1023));
    } else {
        sum.add(other);
    }
    sum
}

impl Sum {
    /// `self / divisor`, rounded once to the nearest f64, ties to even; infinite beyond the range of f64, NaN where
    /// the divisor is zero.
    #[must_use]
    pub fn quotient(&self, divisor: &Self) -> f64 {
        let (mut above, mut below) = (self.limbs().canonical(), divisor.limbs().canonical());
        let (Some(up), Some(down)) = (above.height(), below.height()) else {
            return if below.is_zero() { f64::NAN } else { 0.0 };
        };
        let sign = if above.negative == below.negative { 1.0 } else { -1.0 };
        (above.negative, below.negative) = (false, false);
        let value = above.to_dd(-up) / below.to_dd(-down);
        let number = |canonical| Self::from(Limbs::from_canonical(canonical));
        sign * settle(value, up - down, |twice| number(&above).times(2.0).cmp(&number(&below).product(twice)))
    }

    /// The square root of `self / divisor`, rounded once like [`Sum::quotient`], also where the quotient itself is
    /// beyond the range of f64; NaN where it is below zero or the divisor is zero.
    #[must_use]
    pub fn root_of_quotient(&self, divisor: &Self) -> f64 {
        let (above, below) = (self.limbs().canonical(), divisor.limbs().canonical());
        let (Some(up), Some(down)) = (above.height(), below.height()) else {
            return if below.is_zero() { f64::NAN } else { 0.0 };
        };
        if above.negative != below.negative {
            return f64::NAN;
        }
        // An even power of two is set aside: its root is a power of two.
        let half = (up - down).div_euclid(2);
        let value = (above.to_dd(-up) / below.to_dd(-down)).scaled(up - down - 2 * half).abs().sqrt();
        settle(value, half, |twice| {
            let order = self.times(4.0).cmp(&divisor.product(&twice.product(twice)));
            if below.negative { order.reverse() } else { order }
        })
    }
}
