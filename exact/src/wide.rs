//! Unsigned integers of 256 bits: what the sums of a window need of them, and no more. They wrap.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "integers are taken apart here"
)]

/// `high * 2^128 + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wide {
    high: u128,
    low: u128,
}

impl Wide {
    /// `value * 2^by`, for `by` below 128.
    #[inline]
    pub(crate) fn shifted(value: u128, by: u32) -> Self {
        // In two steps, since a shift by all 128 bits is none.
        Self { high: (value >> 1) >> (127 - by), low: value << by }
    }

    #[inline]
    pub(crate) fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self { high: self.high.wrapping_add(other.high).wrapping_add(u128::from(carry)), low }
    }

    #[inline]
    pub(crate) fn minus(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high.wrapping_sub(other.high).wrapping_sub(u128::from(borrow)), low }
    }

    #[inline]
    pub(crate) fn times(self, factor: u64) -> Self {
        let factor = u128::from(factor);
        let first = u128::from(self.low as u64) * factor;
        let second = (self.low >> 64) * factor + (first >> 64);
        let high = self.high.wrapping_mul(factor).wrapping_add(second >> 64);
        Self { high, low: (second << 64) | u128::from(first as u64) }
    }

    #[inline]
    pub(crate) fn square(value: u128) -> Self {
        let (a, b) = (value >> 64, u128::from(value as u64));
        let twice = Self::shifted(a * b, 65);
        Self { high: a * a, low: b * b }.plus(twice)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// The leading 128 bits, of which the first is set, and the power of two they count: the value, less what is
    /// cut off below. For zero, zero.
    #[inline]
    pub(crate) fn leading(self) -> (u128, i32) {
        if self.high == 0 {
            let zeros = self.low.leading_zeros();
            return (self.low.checked_shl(zeros).unwrap_or(0), -(zeros as i32));
        }
        let zeros = self.high.leading_zeros();
        ((self.high << zeros) | ((self.low >> 1) >> (127 - zeros)), 128 - zeros as i32)
    }

    /// The halves: `(high, low)`.
    pub(crate) fn halves(self) -> (u128, u128) {
        (self.high, self.low)
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    fn big(wide: Wide) -> BigUint {
        (BigUint::from(wide.high) << 128u32) + wide.low
    }

    fn wide() -> impl Strategy<Value = Wide> {
        (any::<u128>(), any::<u128>(), 0u32..128, 0u32..128)
            .prop_map(|(high, low, a, b)| Wide { high: high >> a, low: low >> b })
    }

    proptest! {
        #[test]
        fn as_big_integers(x in wide(), y in wide(), value in any::<u128>(), factor in any::<u64>(), by in 0u32..128) {
            let modulus = BigUint::from(1u32) << 256u32;
            prop_assert_eq!(big(x.plus(y)), (big(x) + big(y)) % &modulus);
            prop_assert_eq!(big(x.minus(y)), (big(x) + &modulus - big(y)) % &modulus);
            prop_assert_eq!(big(x.times(factor)), big(x) * factor % &modulus);
            prop_assert_eq!(big(Wide::square(value)), BigUint::from(value) * value);
            prop_assert_eq!(big(Wide::shifted(value, by)), (BigUint::from(value) << by) % &modulus);
            let (leading, power) = x.leading();
            if power >= 0 {
                prop_assert_eq!(BigUint::from(leading), big(x) >> power.unsigned_abs());
            } else {
                prop_assert_eq!(BigUint::from(leading), big(x) << power.unsigned_abs());
            }
            prop_assert!(x.is_zero() || leading >> 127 == 1);
        }
    }
}
