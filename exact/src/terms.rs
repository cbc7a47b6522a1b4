//! Columns that no f64 holds: powers, products and 64-bit integers, as sums of f64 parts.

use crate::dd::Dd;

/// A column as the sum, row by row, of f64 parts. It is a [`crate::gram::Column`] by `Column::from(&parts)`.
///
/// A polynomial term formed in f64 is already wrong in its 17th digit, and no solver gets that back; formed here it
/// keeps 32. Form the powers of a decimal column from its integers: `x^k` then has `k` times the places of `x`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    pub(crate) parts: Vec<Vec<f64>>,
}

impl Parts {
    /// Two parts from double-doubles.
    pub fn from_dd(values: impl IntoIterator<Item = Dd>) -> Self {
        let (high, low): (Vec<f64>, Vec<f64>) =
            values.into_iter().map(|value| (value.hi(), value.lo())).unzip();
        Self::of(high, low)
    }

    /// 64-bit integers, exactly.
    #[must_use]
    pub fn from_integers(values: &[i64]) -> Self {
        Self::from_dd(values.iter().map(|value| Dd::from(*value)))
    }

    /// `values^exponent`: exact where 106 bits suffice, else to about 1e-31.
    #[must_use]
    pub fn power(values: &[f64], exponent: u16) -> Self {
        Self::from_dd(values.iter().map(|value| Dd::from(*value).powi(i32::from(exponent))))
    }

    /// The products, row by row, of two columns of the same length: an interaction term, exact.
    #[must_use]
    pub fn product(a: &[f64], b: &[f64]) -> Self {
        Self::from_dd(a.iter().zip(b).map(|(a, b)| Dd::from_product(*a, *b)))
    }

    /// The same for columns that are in parts themselves; good to about 1e-31.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        Self::from_dd(self.rows().zip(other.rows()).map(|(a, b)| a * b))
    }

    /// The rows as double-doubles.
    pub fn rows(&self) -> impl Iterator<Item = Dd> + '_ {
        let length = self.parts.first().map_or(0, Vec::len);
        (0..length).map(|row| self.parts.iter().fold(Dd::ZERO, |sum, part| sum + part[row]))
    }

    /// The parts, of equal lengths.
    #[must_use]
    pub fn parts(&self) -> &[Vec<f64>] {
        &self.parts
    }

    /// A low part that is nothing but zeros is left out.
    fn of(high: Vec<f64>, low: Vec<f64>) -> Self {
        if low.iter().all(|value| *value == 0.0) {
            Self { parts: vec![high] }
        } else {
            Self { parts: vec![high, low] }
        }
    }
}
