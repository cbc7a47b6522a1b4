//! How the values of a column are written: its dates and the marks of its numbers.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::kind::{Kind, Value};
use super::numerals::Numerals;
use super::pattern::Pattern;
use super::truths::Truths;

/// How the values of a column are written: all that a text needs to be read as a value beside the kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub(super) dates: Dates,
    pub(super) numerals: Numerals,
    /// The truth values declared; without them those of inference.
    pub(super) truths: Option<Truths>,
}

/// How dates are written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Dates {
    /// ISO 8601.
    Iso,
    /// One of the patterns that inference finds: read by the grammar that found it.
    Known(Pattern),
    /// Another strptime pattern.
    Strptime(String),
}

impl Form {
    /// The form of our own files: ISO dates, a decimal point.
    pub const PLAIN: Self = Self { dates: Dates::Iso, numerals: Numerals::PLAIN, truths: None };

    /// Dates by a strptime pattern, ISO 8601 without one; numbers with these marks.
    #[must_use]
    pub fn new(pattern: Option<&str>, numerals: Numerals) -> Self {
        let dates = match (pattern, pattern.and_then(Pattern::named)) {
            (_, Some(known)) => Dates::Known(known),
            (Some(pattern), None) => Dates::Strptime(pattern.to_owned()),
            (None, None) => Dates::Iso,
        };
        Self { dates, numerals, truths: None }
    }

    /// The same with truth values of its own.
    pub(super) fn with_truths(self, truths: Truths) -> Self {
        Self { truths: Some(truths), ..self }
    }

    /// The strptime pattern of dates; none for ISO 8601.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        match &self.dates {
            Dates::Iso => None,
            Dates::Known(pattern) => Some(pattern.name()),
            Dates::Strptime(pattern) => Some(pattern),
        }
    }

    /// The marks of numbers.
    #[must_use]
    pub fn numerals(&self) -> &Numerals {
        &self.numerals
    }

    /// What a text of this form is, in words: `an integer`, `a date like %d/%m/%Y`.
    #[must_use]
    pub fn expected(&self, kind: Kind) -> String {
        let numerals = &self.numerals;
        match (kind, self.pattern()) {
            (Kind::Integer, _) if numerals.thousands().is_some() => format!("an integer with {numerals}"),
            (Kind::Integer, _) => "an integer".to_owned(),
            (Kind::Number, _) if *numerals != Numerals::PLAIN => format!("a number with {numerals}"),
            (Kind::Date | Kind::Datetime, Some(pattern)) => format!("a {kind} like {pattern}"),
            (Kind::Date, None) => "a date like 2024-02-29".to_owned(),
            (Kind::Datetime, None) => "a datetime like 2024-02-29T12:30".to_owned(),
            _ => format!("a {kind}"),
        }
    }

    /// Whether a day or moment written by the pattern is read back as itself, the parts that the pattern
    /// leaves out aside: if not, no cell can be read by it.
    pub(super) fn reads_its_own(&self, kind: Kind) -> bool {
        let Some(pattern) = self.pattern() else { return true };
        let Some(moment) = NaiveDate::from_ymd_opt(2024, 11, 23).and_then(|d| d.and_hms_opt(14, 37, 58))
        else {
            return false;
        };
        let mut text = String::new();
        if write!(text, "{}", moment.format(pattern)).is_err() {
            return false;
        }
        // The first of the month and of the quarter, where the pattern has no day.
        let days =
            [Some(moment.date()), NaiveDate::from_ymd_opt(2024, 11, 1), NaiveDate::from_ymd_opt(2024, 10, 1)];
        match kind.parse(&text, self) {
            Some(Value::Date(day)) => days.contains(&Some(day)),
            Some(Value::Datetime(read)) => read.date() == moment.date(),
            _ => false,
        }
    }
}

impl Default for Form {
    fn default() -> Self {
        Self::PLAIN
    }
}
