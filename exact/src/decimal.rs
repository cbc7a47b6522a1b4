//! Getting decimals back out of f64.
//!
//! The f64 next to 0.1 is not a tenth, and a fit on it is not a fit on tenths. But a decimal of up to 15 digits is still
//! told apart by its f64, so that `m` and `k` with `v = m / 10^k` can be had back exactly, and the fit be made on the
//! integers `m` (see [`crate::gram::Variable`]). Division of f64 is correctly rounded and `10^k` is exact up to `10^22`, so
//! the check `m / 10^k == v` is a proof.
//!
//! Whether a column is decimal, and of how many places, is a matter of the schema: find it once, declare it, and
//! check every piece by [`integers`].

use std::fmt;

/// More places than this are not looked for: `10^15` still leaves a digit in 53 bits.
pub const MOST_PLACES: u32 = 15;

/// Integers at and beyond this are no longer all f64.
const LIMIT: f64 = 9_007_199_254_740_992.0; // 2^53

/// A column of decimals: the values are `integers / 10^places`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimals {
    /// One for each value, in order.
    pub integers: Vec<i64>,
    /// The power of ten that they count.
    pub places: u32,
}

/// A value that is not a decimal of the declared places, or has more digits than f64 holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotDecimal {
    /// From 0.
    pub row: usize,
    /// What was found there.
    pub value: f64,
    /// The places it was to have.
    pub places: u32,
}

impl fmt::Display for NotDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, value, places } = self;
        write!(f, "row {row} (from 0): {value:?} is not a decimal of {places} places below 2^53 units")
    }
}

impl std::error::Error for NotDecimal {}

/// `m` with `m / 10^places == value`, if there is one below 2^53. `power` is `10^places`.
#[expect(clippy::float_cmp, reason = "equality is the proof")]
fn unit_count(value: f64, power: f64) -> Option<f64> {
    let count = (value * power).round();
    // Zero comes out as +0, whatever its sign was.
    (count.abs() < LIMIT && count / power == value).then_some(count + 0.0)
}

#[expect(clippy::cast_possible_truncation, reason = "an integer below 2^53")]
fn to_integer(count: f64) -> i64 {
    count as i64
}

pub(crate) fn power_of_ten(places: u32) -> f64 {
    // Exact: each power up to 10^22 is an f64.
    (0..places).fold(1.0, |power, _| power * 10.0)
}

/// The least number of places, up to [`MOST_PLACES`], that all values have. `None` where there is none: a column of
/// measured doubles, of NaN, of too many digits. Of the places of several pieces the largest is that of the whole.
#[must_use]
pub fn places(values: &[f64]) -> Option<u32> {
    let mut places = 0;
    let mut power = 1.0;
    for value in values {
        while unit_count(*value, power).is_none() {
            places += 1;
            power *= 10.0;
            if places > MOST_PLACES {
                return None;
            }
        }
    }
    // An early value may have become too large for the places that a later one asked for.
    values.iter().all(|value| unit_count(*value, power).is_some()).then_some(places)
}

/// The decimals of the least number of places that are these values, if there are any.
#[must_use]
pub fn recover(values: &[f64]) -> Option<Decimals> {
    let places = places(values)?;
    let integers = integers(values, places).ok()?;
    Some(Decimals { integers: integers.into_iter().map(to_integer).collect(), places })
}

/// The places of a column of `declared` places once some of its cells hold `fill`: a median between two values has one
/// place more. `None` where the column is not declared decimal, `fill` is none, or one of `values`, of which NaN is a
/// missing one, has too many digits for the places that `fill` asks for.
#[must_use]
pub fn places_with_fill(declared: Option<u32>, fill: f64, values: &[f64]) -> Option<u32> {
    let places = declared?.max(places(&[fill])?);
    let power = power_of_ten(places);
    values.iter().chain([&fill]).all(|v| v.is_nan() || unit_count(*v, power).is_some()).then_some(places)
}

/// The values in units of `10^-places`: integers, as f64, ready for a column of [`crate::gram::Variable::decimal`].
///
/// # Errors
/// [`NotDecimal`] for the first value that is not such a decimal, NaN and infinity among them; also where there are
/// more than 22 places.
pub fn integers(values: &[f64], places: u32) -> Result<Vec<f64>, NotDecimal> {
    let power = if places <= 22 { power_of_ten(places) } else { f64::NAN };
    values
        .iter()
        .enumerate()
        .map(|(row, value)| unit_count(*value, power).ok_or(NotDecimal { row, value: *value, places }))
        .collect()
}
