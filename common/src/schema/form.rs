//! How the values of a column are written: its dates and the marks of its numbers.

use super::numerals::Numerals;
use super::pattern::Pattern;

/// How the values of a column are written: all that a text needs to be read as a value beside the kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub(super) dates: Dates,
    pub(super) numerals: Numerals,
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
    pub const PLAIN: Self = Self { dates: Dates::Iso, numerals: Numerals::PLAIN };

    /// Dates by a strptime pattern, ISO 8601 without one; numbers with these marks.
    #[must_use]
    pub fn new(pattern: Option<&str>, numerals: Numerals) -> Self {
        let dates = match (pattern, pattern.and_then(Pattern::named)) {
            (_, Some(known)) => Dates::Known(known),
            (Some(pattern), None) => Dates::Strptime(pattern.to_owned()),
            (None, None) => Dates::Iso,
        };
        Self { dates, numerals }
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
}

impl Default for Form {
    fn default() -> Self {
        Self::PLAIN
    }
}
