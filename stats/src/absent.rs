use std::collections::BTreeMap;
use std::fmt;

use exact::Sum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A finite number, or the reason why there is none.
pub type Value<T = f64> = Result<T, Reason>;

/// Why a measure has no finite value. Serialised as its [`code`](Reason::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no row with a value.
    NoRows,
    /// There are rows, but fewer than the formula needs.
    TooFewRows,
    /// All values are the same, so that a ratio to their spread does not exist.
    NoVariance,
    /// The residuals are all zero, so that a ratio to them does not exist.
    PerfectFit,
    /// Only one bin exists, so that nothing can be compared.
    OneBin,
    /// The two sides were counted in different bins.
    BinsDiffer,
    /// A level outside `[0, 1]` or a rank at or past the number of values was asked for.
    OutOfRange,
    /// The result, or a step to it, is beyond the range of `f64`.
    Overflow,
    /// The rows that it takes were not read.
    NotRead,
    /// The rows are those that taught what is measured.
    InSample,
    /// Outcomes are near zero, so that shares of them mean nothing.
    NearZero,
    /// There is no simple forecast to compare with.
    NoBaseline,
}

impl Reason {
    /// The stable code written to files, such as `too_few_rows`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoRows => "no_rows",
            Self::TooFewRows => "too_few_rows",
            Self::NoVariance => "no_variance",
            Self::PerfectFit => "perfect_fit",
            Self::OneBin => "one_bin",
            Self::BinsDiffer => "bins_differ",
            Self::OutOfRange => "out_of_range",
            Self::Overflow => "overflow",
            Self::NotRead => "not_read",
            Self::InSample => "in_sample",
            Self::NearZero => "near_zero",
            Self::NoBaseline => "no_baseline",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Reason {}

/// The reasons of the measures that are `null`, by their key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Absent(BTreeMap<String, Reason>);

impl Absent {
    /// The value if it is finite; otherwise `None`, and the reason is noted under `key`.
    pub fn keep(&mut self, key: &str, value: Value) -> Option<f64> {
        self.note(key, value.and_then(finite))
    }

    /// Any value; if there is none, its reason is noted under `key`.
    pub(crate) fn note<T>(&mut self, key: &str, value: Value<T>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(reason) => {
                self.0.insert(key.to_owned(), reason);
                None
            }
        }
    }

    /// Why the measure under `key` is absent; `None` if it is present or unknown.
    #[must_use]
    pub fn reason(&self, key: &str) -> Option<Reason> {
        self.0.get(key).copied()
    }

    /// Whether every measure has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and reasons, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Reason)> {
        self.0.iter().map(|(key, reason)| (key.as_str(), *reason))
    }
}

/// Passes a finite number on; anything else went beyond the range of `f64`.
pub(crate) fn finite(value: f64) -> Value {
    if value.is_finite() { Ok(value) } else { Err(Reason::Overflow) }
}

/// `above / below`, rounded once.
pub(crate) fn ratio(above: &Sum, below: &Sum) -> Value {
    if below.is_zero() { Err(Reason::NoVariance) } else { finite(above.quotient(below)) }
}

/// The square root of `above / below`, also rounded once.
pub(crate) fn root_of_ratio(above: &Sum, below: &Sum) -> Value {
    if below.is_zero() { Err(Reason::NoVariance) } else { finite(above.root_of_quotient(below)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_serialised_form() {
        for reason in [
            Reason::NoRows,
            Reason::TooFewRows,
            Reason::NoVariance,
            Reason::PerfectFit,
            Reason::OneBin,
            Reason::BinsDiffer,
            Reason::OutOfRange,
            Reason::Overflow,
            Reason::NotRead,
            Reason::InSample,
            Reason::NearZero,
            Reason::NoBaseline,
        ] {
            let text = serde_json::to_string(&reason).unwrap();
            assert_eq!(text, format!("\"{}\"", reason.code()));
        }
    }

    #[test]
    fn only_finite_numbers_are_kept() {
        let mut absent = Absent::default();
        assert_eq!(absent.keep("a", Ok(1.5)), Some(1.5));
        assert!(absent.is_empty());
        assert_eq!(absent.keep("b", Ok(f64::NAN)), None);
        assert_eq!(absent.keep("c", Err(Reason::NoRows)), None);
        assert_eq!(absent.reason("b"), Some(Reason::Overflow));
        let text = serde_json::to_string(&absent).unwrap();
        assert_eq!(text, r#"{"b":"overflow","c":"no_rows"}"#);
    }
}
