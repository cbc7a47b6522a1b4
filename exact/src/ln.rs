//! Logarithm and exponential out of nothing but the four operations, so that they have the same bits on every machine;
//! those of the standard library are the system's own.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "exponents are small numbers"
)]

use crate::dd::Dd;
use crate::limbs::split;

/// ln 2 to 107 bits.
const LN_2: (f64, f64) = (std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);

/// The exponent that brings a positive number into `[0.75, 1.5)`.
fn exponent(value: f64) -> i32 {
    let (_, mantissa, exponent) = split(value);
    let leading = 63 - mantissa.leading_zeros() as i32;
    let high = mantissa > 3 << leading >> 1;
    exponent + leading + i32::from(high)
}

/// The natural logarithm of a positive number, to about two units in the last place.
/// With `s = (m - 1) / (m + 1)`: `ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...)`, `|s| <= 1/5`.
pub(crate) fn ln(value: f64) -> f64 {
    let exponent = exponent(value);
    let mantissa = Dd::from(value).scaled(-exponent).hi();
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = (1..12).rev().fold(0.0, |sum, k| (sum + 1.0 / f64::from(2 * k + 1)) * square);
    f64::from(exponent) * LN_2.0 + (2.0 * s * series + (2.0 * s + f64::from(exponent) * LN_2.1))
}

impl Dd {
    /// The natural logarithm, to about 1e-31 of the larger of it and 1; NaN unless the number is positive and finite.
    /// Built from the four operations only, so the same on every machine.
    #[must_use]
    pub fn ln(self) -> Self {
        if !(self.hi() > 0.0 && self.is_finite()) {
            return Self::from(f64::NAN);
        }
        let exponent = exponent(self.hi());
        let mantissa = self.scaled(-exponent);
        let s = (mantissa - 1.0) / (mantissa + 1.0);
        let square = s * s;
        let series = (0..25).rev().fold(Self::ZERO, |sum, k| sum * square + Self::ONE / f64::from(2 * k + 1));
        Self::from_sum(LN_2.0, LN_2.1) * f64::from(exponent) + s * series * 2.0
    }

    /// The exponential, to about 1e-30; 0 and infinity beyond the range of f64. The same on every machine.
    #[must_use]
    pub fn exp(self) -> Self {
        if self.hi().is_nan() || self.hi().abs() >= 800.0 {
            let limit = if self.hi() > 0.0 { f64::INFINITY } else { 0.0 };
            return Self::from(if self.hi().is_nan() { f64::NAN } else { limit });
        }
        let two = Self::from_sum(LN_2.0, LN_2.1);
        let exponent = (self.hi() / LN_2.0).round();
        let small = (self - two * exponent).scaled(-8);
        // exp(small) - 1, then eight times exp(2x) - 1 = e (2 + e).
        let first = (1..12).rev().fold(Self::ZERO, |sum, k| (sum + 1.0) * small / f64::from(k));
        let grown = (0..8).fold(first, |e, _| e * (e + 2.0));
        (grown + 1.0).scaled(exponent as i32)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, clippy::excessive_precision, reason = "known values, to the bit")]
mod tests {
    use super::*;

    /// To 40 digits: 2.302585092994045684017991454684364207601, 0.0009995003330835331668093989205350114608
    #[test]
    fn known_values() {
        let ten = Dd::from(10.0).ln();
        assert_eq!((ten.hi(), ten.lo()), (std::f64::consts::LN_10, -2.170_756_223_382_249_2e-16));
        for (value, truth) in [
            (10.0, std::f64::consts::LN_10),
            (2.0, std::f64::consts::LN_2),
            (1.001, 0.000_999_500_333_083_423_2),
        ] {
            assert!((ln(value) - truth).abs() <= 2e-16 * truth, "{value}: {}", ln(value));
        }
        assert!(
            (Dd::ONE.exp() - Dd::from_sum(std::f64::consts::E, 1.445_646_891_729_250_2e-16)).abs() < 1e-30
        );
    }

    #[test]
    fn one_undoes_the_other() {
        for k in -300..300 {
            let x = Dd::from(f64::from(k)) * 2.3 + 0.01;
            // Further down the second half of the number would be subnormal.
            if x.hi().abs() < 600.0 {
                assert!((x.exp().ln() - x).abs() < 3e-30 * (1.0 + x.hi().abs()), "{k}");
                let plain = ln(x.exp().hi());
                assert!((plain - x.hi()).abs() < 3e-16 * (1.0 + x.hi().abs()), "{k}: {plain}");
            }
        }
        assert_eq!(Dd::from(-900.0).exp().hi(), 0.0);
        assert_eq!(Dd::from(900.0).exp().hi(), f64::INFINITY);
        assert!(Dd::from(-1.0).ln().hi().is_nan());
        assert_eq!(ln(5e-324), -744.440_071_921_381_2);
    }
}
