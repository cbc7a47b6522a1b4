//! Entries of `[features]`: lags, windows, calendar parts.

use common::config::Span;
use serde::{Deserialize, Serialize};

/// Values of earlier rows, or what is computed from them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lags {
    pub(crate) columns: Vec<String>,
    /// How many rows back.
    pub(crate) rows: Vec<u32>,
}

/// Statistics over windows that end at the row itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rolling {
    pub(crate) columns: Vec<String>,
    pub(crate) windows: Vec<Window>,
    pub(crate) statistics: Vec<Statistic>,
    /// Least number of known values; a full window where this is not given.
    #[serde(default)]
    pub(crate) min_rows: Option<u32>,
}

/// Statistics over all rows up to the row itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expanding {
    pub(crate) columns: Vec<String>,
    pub(crate) statistics: Vec<Statistic>,
    /// Least number of known values.
    #[serde(default)]
    pub(crate) min_rows: Option<u32>,
}

/// How far a window reaches back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Window {
    /// So many rows of the entity, known or not.
    Rows(u32),
    /// All rows within a span of time before the row.
    Span(Span),
}

impl Window {
    /// As it stands in the name of a feature.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Rows(rows) => rows.to_string(),
            Self::Span(span) => span.to_string(),
        }
    }
}

/// A statistic of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Statistic {
    Mean,
    /// Standard deviation with n - 1.
    Std,
    Min,
    Max,
    Sum,
    Median,
}

impl Statistic {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Median => "median",
        }
    }
}

/// Parts of a date.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    /// A column of dates or datetimes; the project's time where this is not given.
    #[serde(default)]
    pub(crate) column: Option<String>,
    pub(crate) parts: Vec<CalendarPart>,
    /// As sine and cosine of the part's place in its cycle, not as a number.
    #[serde(default)]
    pub(crate) cyclical: bool,
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CalendarPart {
    Year,
    Quarter,
    Month,
    /// Week of ISO 8601.
    Week,
    Day,
    DayOfYear,
    /// Monday is 1.
    Weekday,
    Hour,
    Minute,
}

impl CalendarPart {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::DayOfYear => "day_of_year",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
            Self::Minute => "minute",
        }
    }
}
