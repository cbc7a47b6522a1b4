//! Double-double numbers: 106 bits out of two f64.
//!
//! Sources: T. J. Dekker (1971), "A floating-point technique for extending the available precision",
//! Numer. Math. 18; T. Ogita, S. M. Rump, S. Oishi (2005), "Accurate sum and dot product", SIAM J. Sci. Comput. 26
//! (the error-free transformations); M. Joldes, J.-M. Muller, V. Popescu (2017), "Tight and rigorous error bounds
//! for basic building blocks of double-word arithmetic", ACM TOMS 44 (whose algorithm numbers are given below);
//! V. Lefèvre, N. Louvet, J.-M. Muller, J. Picot, L. Rideau (2023), "Accurate calculation of Euclidean norms using
//! double-word arithmetic", ACM TOMS 49 (the square root).

use std::cmp::Ordering;
use std::fmt;
use std::iter;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

use crate::limbs::power_of_two;

/// An unevaluated sum `hi + lo` with `|lo| <= ulp(hi) / 2`: about 32 decimal digits, with the exponents of f64.
///
/// Relative errors (`u = 2^-53`): addition 3 u^2, product 5 u^2, quotient 10 u^2, square root 3.2 u^2, where
/// `u^2 = 1.2e-32`, as long as nothing comes near the ends of the range (stay within `1e-250..1e250`).
/// The results have the same bits on every machine: fused multiplication is used through [`f64::mul_add`], which
/// is exact with or without support by the processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dd {
    hi: f64,
    lo: f64,
}

/// The sum of two f64 and its rounding error, in any order of size (Knuth; `2Sum`).
#[inline]
#[must_use]
pub fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let rest = sum - a;
    (sum, (a - (sum - rest)) + (b - rest))
}

/// The same where `|a| >= |b|` or `a = 0` (Dekker; `Fast2Sum`).
#[inline]
#[must_use]
pub fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// The product of two f64 and its rounding error. The error is itself exact unless the product is below about
/// 1e-291 in size.
#[inline]
#[must_use]
pub fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

impl Dd {
    /// Nought.
    pub const ZERO: Self = Self { hi: 0.0, lo: 0.0 };
    /// One.
    pub const ONE: Self = Self { hi: 1.0, lo: 0.0 };

    /// The leading half: the whole number rounded to f64.
    #[inline]
    #[must_use]
    pub const fn hi(self) -> f64 {
        self.hi
    }

    /// What the leading half leaves.
    #[inline]
    #[must_use]
    pub const fn lo(self) -> f64 {
        self.lo
    }

    /// Exactly `a + b`.
    #[inline]
    #[must_use]
    pub fn from_sum(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        Self { hi, lo }
    }

    /// Exactly `a * b` (see [`two_product`] on underflow).
    #[inline]
    #[must_use]
    pub fn from_product(a: f64, b: f64) -> Self {
        let (hi, lo) = two_product(a, b);
        Self { hi, lo }
    }

    /// Rounded to the nearest f64.
    #[inline]
    #[must_use]
    pub const fn to_f64(self) -> f64 {
        self.hi
    }

    #[inline]
    fn fast(a: f64, b: f64) -> Self {
        let (hi, lo) = fast_two_sum(a, b);
        Self { hi, lo }
    }

    /// Neither NaN nor infinite.
    #[must_use]
    pub const fn is_finite(self) -> bool {
        self.hi.is_finite() && self.lo.is_finite()
    }

    /// Exactly zero, of either sign.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.hi == 0.0 && self.lo == 0.0
    }

    /// Below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.hi < 0.0
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        if self.hi < 0.0 { -self } else { self }
    }

    /// The square root; NaN below zero. Relative error at most `25/8 u^2`.
    #[must_use]
    pub fn sqrt(self) -> Self {
        if self.hi == 0.0 || !self.hi.is_finite() || self.hi < 0.0 {
            return Self::from(self.hi.sqrt());
        }
        let root = self.hi.sqrt();
        let rest = (-root).mul_add(root, self.hi) + self.lo;
        Self::fast(root, rest / (2.0 * root))
    }

    /// A whole power by repeated squaring; a negative one is the reciprocal.
    #[must_use]
    pub fn powi(self, exponent: i32) -> Self {
        let (mut result, mut square, mut left) = (Self::ONE, self, exponent.unsigned_abs());
        while left > 0 {
            if left & 1 == 1 {
                result *= square;
            }
            left >>= 1;
            if left > 0 {
                square *= square;
            }
        }
        if exponent < 0 { Self::ONE / result } else { result }
    }

    /// `10^exponent`, exact up to 10^44.
    #[must_use]
    pub fn power_of_ten(exponent: i32) -> Self {
        Self::from(10.0).powi(exponent)
    }

    /// The value times `2^exponent`: exact unless it under- or overflows.
    #[must_use]
    pub fn scaled(self, exponent: i32) -> Self {
        let (mut hi, mut lo, mut left) = (self.hi, self.lo, exponent.clamp(-4000, 4000));
        while left != 0 {
            let step = left.clamp(-900, 900);
            hi *= power_of_two(step);
            lo *= power_of_two(step);
            left -= step;
        }
        if hi.is_finite() { Self { hi, lo } } else { Self { hi, lo: 0.0 } }
    }
}

impl From<f64> for Dd {
    #[inline]
    fn from(value: f64) -> Self {
        Self { hi: value, lo: 0.0 }
    }
}

impl From<i64> for Dd {
    /// Exact: both halves together hold every 64-bit integer.
    fn from(value: i64) -> Self {
        let low = value & 0xffff_ffff;
        Self::from_sum((value - low) as f64, low as f64)
    }
}

impl From<u64> for Dd {
    fn from(value: u64) -> Self {
        let low = value & 0xffff_ffff;
        Self::from_sum((value - low) as f64, low as f64)
    }
}

impl From<Dd> for f64 {
    fn from(value: Dd) -> Self {
        value.hi
    }
}

impl Neg for Dd {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Add for Dd {
    type Output = Self;
    /// Joldes et al., algorithm 6 (`AccurateDWPlusDW`).
    #[inline]
    fn add(self, other: Self) -> Self {
        let (sum_hi, sum_lo) = two_sum(self.hi, other.hi);
        let (tail_hi, tail_lo) = two_sum(self.lo, other.lo);
        let (hi, lo) = fast_two_sum(sum_hi, sum_lo + tail_hi);
        Self::fast(hi, tail_lo + lo)
    }
}

impl Add<f64> for Dd {
    type Output = Self;
    /// Joldes et al., algorithm 4 (`DWPlusFP`).
    #[inline]
    fn add(self, other: f64) -> Self {
        let (hi, lo) = two_sum(self.hi, other);
        Self::fast(hi, self.lo + lo)
    }
}

impl Mul for Dd {
    type Output = Self;
    /// Joldes et al., algorithm 12 (`DWTimesDW3`).
    #[inline]
    fn mul(self, other: Self) -> Self {
        let (hi, lo) = two_product(self.hi, other.hi);
        let cross = self.hi.mul_add(other.lo, self.lo * other.lo);
        let cross = self.lo.mul_add(other.hi, cross);
        Self::fast(hi, lo + cross)
    }
}

impl Mul<f64> for Dd {
    type Output = Self;
    /// Joldes et al., algorithm 9 (`DWTimesFP3`).
    #[inline]
    fn mul(self, other: f64) -> Self {
        let (hi, lo) = two_product(self.hi, other);
        Self::fast(hi, self.lo.mul_add(other, lo))
    }
}

impl Div for Dd {
    type Output = Self;
    /// Joldes et al., algorithm 18 (`DWDivDW3`): the reciprocal by one Newton step, then a product.
    /// The first residual `1 - hi * t` must be fused: it is what makes the step exact.
    #[inline]
    fn div(self, other: Self) -> Self {
        let first = 1.0 / other.hi;
        let residual = Self::fast((-other.hi).mul_add(first, 1.0), -(other.lo * first));
        self * (residual * first + first)
    }
}

impl Div<f64> for Dd {
    type Output = Self;
    /// Joldes et al., algorithm 15 (`DWDivFP3`).
    #[inline]
    fn div(self, other: f64) -> Self {
        let first = self.hi / other;
        let (product, error) = two_product(first, other);
        let rest = (self.hi - product) - error + self.lo;
        Self::fast(first, rest / other)
    }
}

impl Sub for Dd {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Sub<f64> for Dd {
    type Output = Self;
    #[inline]
    fn sub(self, other: f64) -> Self {
        self + -other
    }
}

macro_rules! from_the_left {
    ($($trait:ident $method:ident $operator:tt),*) => {$(
        impl $trait<Dd> for f64 {
            type Output = Dd;
            #[inline]
            fn $method(self, other: Dd) -> Dd {
                Dd::from(self) $operator other
            }
        }
    )*};
}
from_the_left!(Add add +, Sub sub -, Mul mul *, Div div /);

macro_rules! in_place {
    ($($trait:ident $method:ident $plain:ident $operator:ident),*) => {$(
        impl<T> $trait<T> for Dd
        where
            Dd: $plain<T, Output = Dd>,
        {
            #[inline]
            fn $method(&mut self, other: T) {
                *self = (*self).$operator(other);
            }
        }
    )*};
}
in_place!(AddAssign add_assign Add add, SubAssign sub_assign Sub sub, MulAssign mul_assign Mul mul, DivAssign div_assign Div div);

impl PartialOrd for Dd {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.hi.partial_cmp(&other.hi)? {
            Ordering::Equal => self.lo.partial_cmp(&other.lo),
            unequal => Some(unequal),
        }
    }
}

impl PartialEq<f64> for Dd {
    fn eq(&self, other: &f64) -> bool {
        *self == Self::from(*other)
    }
}

impl PartialOrd<f64> for Dd {
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        self.partial_cmp(&Self::from(*other))
    }
}

impl iter::Sum for Dd {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Dd {
    /// As its f64: the second half is for computing, not for showing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.hi, f)
    }
}
