//! Periods of calendar time.

use chrono::{Datelike as _, NaiveDate};
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
    /// The period that a day lies in. Labels of years 0 to 9999 sort by time.
    #[must_use]
    pub fn label(self, day: NaiveDate) -> String {
        match self {
            Self::Day => day.format("%Y-%m-%d").to_string(),
            Self::Week => day.format("%G-W%V").to_string(),
            Self::Month => day.format("%Y-%m").to_string(),
            Self::Quarter => format!("{}-Q{}", day.format("%Y"), day.month0() / 3 + 1),
            Self::Year => day.format("%Y").to_string(),
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
    fn a_day_lies_in_one_period_of_each_length() {
        let of = |y, m, d| {
            let day = NaiveDate::from_ymd_opt(y, m, d).unwrap();
            [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year].map(|p| p.label(day))
        };
        assert_eq!(of(2008, 9, 15), ["2008-09-15", "2008-W38", "2008-09", "2008-Q3", "2008"]);
        // The last days of 2008 belong to the first week of 2009 (ISO 8601).
        assert_eq!(of(2008, 12, 29), ["2008-12-29", "2009-W01", "2008-12", "2008-Q4", "2008"]);
        assert!(of(-5, 1, 1).iter().all(|label| is_label(label)));
        for text in ["", "2008-09\u{1b}[2J", "x", "2008-09-15T00:00:00.000000"] {
            assert!(!is_label(text), "{text}");
        }
    }
}
