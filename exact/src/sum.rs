//! The exact sum.

use std::cmp::Ordering;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dd::Dd;
use crate::limbs::{Canonical, Limbs};

/// A number was NaN or infinite where only finite ones are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NaN or infinity in data that must be finite")
    }
}

impl std::error::Error for NotFinite {}

/// A sum of f64 numbers, of products of two of them, or of other sums, without any rounding.
///
/// The value is exact, so it does not depend on the order of the additions, on how they were split into pieces or
/// on what was added and removed again. Two sums of the same value are equal and serialise to the same bytes.
/// No exponent is too small or too large; only [`Sum::to_f64`] and [`Sum::to_dd`] round.
///
/// Source: R. M. Neal (2015), "Fast exact summation using small and large superaccumulators", arXiv:1505.05571.
///
/// ```
/// use exact::Sum;
/// let sum: Sum = [1e16, 1.0, -1e16].into_iter().collect();
/// assert_eq!(sum.to_f64(), 1.0);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sum {
    limbs: Limbs,
}

impl Sum {
    /// The empty sum, zero. Allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { limbs: Limbs::new() }
    }

    /// Adds a number.
    ///
    /// # Panics
    /// If it is NaN or infinite: a sum has no place for them. Use [`Sum::try_add`] where that can happen.
    #[inline]
    pub fn add(&mut self, value: f64) {
        assert!(value.is_finite(), "exact::Sum takes finite numbers only: check the data, or use try_add");
        self.limbs.add_f64(value);
    }

    /// Adds a number, or leaves the sum as it is.
    ///
    /// # Errors
    /// [`NotFinite`] if it is NaN or infinite.
    #[inline]
    pub fn try_add(&mut self, value: f64) -> Result<(), NotFinite> {
        if !value.is_finite() {
            return Err(NotFinite);
        }
        self.limbs.add_f64(value);
        Ok(())
    }

    /// Takes a number out again: the inverse of [`Sum::add`].
    ///
    /// # Panics
    /// If it is NaN or infinite.
    #[inline]
    pub fn remove(&mut self, value: f64) {
        self.add(-value);
    }

    /// Adds the exact product `a * b`. It can neither underflow nor overflow, since the mantissas are multiplied as
    /// integers.
    ///
    /// # Panics
    /// If either is NaN or infinite.
    #[inline]
    pub fn add_product(&mut self, a: f64, b: f64) {
        assert!(a.is_finite() && b.is_finite(), "exact::Sum takes finite numbers only: check the data");
        self.limbs.add_product(a, b);
    }

    /// Takes the exact product `a * b` out again.
    ///
    /// # Panics
    /// If either is NaN or infinite.
    #[inline]
    pub fn remove_product(&mut self, a: f64, b: f64) {
        self.add_product(-a, b);
    }

    /// Adds an integer.
    #[inline]
    pub fn add_integer(&mut self, value: i64) {
        self.limbs.add_integer(value, 0);
    }

    /// Adds a double-double number, both halves of it.
    ///
    /// # Panics
    /// If it is NaN or infinite.
    #[inline]
    pub fn add_dd(&mut self, value: Dd) {
        self.add(value.hi());
        self.add(value.lo());
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        self.limbs.merge(&other.limbs);
    }

    /// Subtracts another sum: the inverse of [`Sum::merge`].
    pub fn subtract(&mut self, other: &Self) {
        self.limbs.subtract(&other.limbs);
    }

    /// The exact product of two sums.
    #[must_use]
    pub fn product(&self, other: &Self) -> Self {
        Self { limbs: self.limbs.product(&other.limbs) }
    }

    /// The exact product with a number.
    ///
    /// # Panics
    /// If it is NaN or infinite.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        assert!(factor.is_finite(), "exact::Sum takes finite numbers only: check the data");
        let mut result = Limbs::new();
        result.add_scaled(&self.limbs.canonical(), factor);
        Self { limbs: result }
    }

    /// Whether the value is exactly zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.limbs.canonical().is_zero()
    }

    /// The value rounded once, to the nearest f64, ties to even; infinite where it is beyond the range of f64.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.limbs.canonical().to_f64(0)
    }

    /// The value as a double-double: the nearest f64, and the nearest f64 to the rest.
    #[must_use]
    pub fn to_dd(&self) -> Dd {
        self.limbs.canonical().to_dd(0)
    }

    /// `self / divisor` as a double-double, also where the two lie outside the range of f64 and only their ratio does
    /// not. Relative error below 2e-31. Not finite where the divisor is zero.
    #[must_use]
    pub fn ratio(&self, divisor: &Self) -> Dd {
        let (above, below) = (self.limbs.canonical(), divisor.limbs.canonical());
        // Both are brought near 1 by powers of two, and the quotient is moved back.
        let (up, down) = (above.height().unwrap_or(0), below.height().unwrap_or(0));
        (above.to_dd(-up) / below.to_dd(-down)).scaled(up - down)
    }

    pub(crate) fn limbs(&self) -> &Limbs {
        &self.limbs
    }

    pub(crate) fn limbs_mut(&mut self) -> &mut Limbs {
        &mut self.limbs
    }

    /// `None` for a form that [`Limbs::canonical`] does not give, or for exponents that no data can have: a bound on
    /// them keeps damaged bytes from asking for endless memory.
    pub(crate) fn from_canonical(number: &Canonical) -> Option<Self> {
        (number.is_valid() && (-10_000..10_000).contains(&number.low) && number.digits.len() <= 20_000)
            .then(|| Self { limbs: Limbs::from_canonical(number) })
    }
}

impl From<Limbs> for Sum {
    fn from(limbs: Limbs) -> Self {
        Self { limbs }
    }
}

impl From<f64> for Sum {
    /// # Panics
    /// If the number is NaN or infinite.
    fn from(value: f64) -> Self {
        let mut sum = Self::new();
        sum.add(value);
        sum
    }
}

impl Extend<f64> for Sum {
    /// # Panics
    /// If a number is NaN or infinite.
    fn extend<T: IntoIterator<Item = f64>>(&mut self, numbers: T) {
        for number in numbers {
            self.add(number);
        }
    }
}

impl FromIterator<f64> for Sum {
    /// # Panics
    /// If a number is NaN or infinite.
    fn from_iter<T: IntoIterator<Item = f64>>(numbers: T) -> Self {
        let mut sum = Self::new();
        sum.extend(numbers);
        sum
    }
}

impl PartialOrd for Sum {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sum {
    fn cmp(&self, other: &Self) -> Ordering {
        let mut difference = self.clone();
        difference.subtract(other);
        let difference = difference.limbs.canonical();
        match (difference.is_zero(), difference.negative) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_dd();
        write!(f, "Sum({:?} + {:?})", value.hi(), value.lo())
    }
}

impl Serialize for Sum {
    /// As `(negative, low, digits)`: the value is `digits` (32 bits each, least first) times `2^(32 low)`, without
    /// zero digits at either end.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.limbs.canonical();
        (number.negative, number.low, number.digits).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sum {
    /// Refuses every form but the one that `serialize` writes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (negative, low, digits) = Deserialize::deserialize(deserializer)?;
        let number = Canonical { negative, low, digits };
        Self::from_canonical(&number)
            .ok_or_else(|| D::Error::custom("not the canonical form of an exact sum"))
    }
}
