//! Periods of calendar time.

use common::config::PeriodLength;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day, such as 2008-09-15.
    Day,
    /// A week from Monday on, as ISO 8601 counts them: 2008-W38.
    Week,
    /// A month, such as 2008-09.
    #[default]
    Month,
    /// Three months, such as 2008-Q3.
    Quarter,
    /// A year.
    Year,
}

/// Longest label of a period.
const LONGEST: usize = 24;

impl Period {
    /// The length that times are cut by.
    #[must_use]
    pub fn length(self) -> PeriodLength {
        match self {
            Self::Day => PeriodLength::Day,
            Self::Week => PeriodLength::Week,
            Self::Month => PeriodLength::Month,
            Self::Quarter => PeriodLength::Quarter,
            Self::Year => PeriodLength::Year,
        }
    }

    /// As it is given on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// Whether a text of a file can be a label.
pub(crate) fn is_label(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_digit() || "-+QW".contains(c);
    (1..=LONGEST).contains(&text.len()) && text.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_what_a_period_is_shown_as() {
        for text in ["2008-09-15", "2009-W01", "2008-09", "2008-Q4", "2008", "-0005-01-01"] {
            assert!(is_label(text), "{text}");
        }
        for text in ["", "2008-09\u{1b}[2J", "x", "2008-09-15T00:00:00.000000"] {
            assert!(!is_label(text), "{text}");
        }
    }
}
