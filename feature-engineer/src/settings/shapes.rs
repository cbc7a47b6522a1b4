//! Entries of `[features]`: lags, windows, calendar parts.

use std::collections::BTreeMap;
use std::fmt;

use common::config::Span;
use common::text;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

/// Pairs by name. A tuple would take the first two of any list and say nothing.
pub(super) fn pairs<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, (String, String)>, D::Error> {
    let lists = BTreeMap::<String, Vec<String>>::deserialize(deserializer)?;
    let pair = |(name, list): (String, Vec<String>)| match <[String; 2]>::try_from(list) {
        Ok([first, second]) => Ok((name, (first, second))),
        Err(list) => Err(serde::de::Error::custom(format!(
            "ratios: {} names {}, expected a numerator and a denominator",
            text::name(&name),
            text::count(list.len() as u64, "column")
        ))),
    };
    lists.into_iter().map(pair).collect()
}

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
#[derive(Clone, Debug, PartialEq, Serialize)]
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

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsOrSpan;
        impl Visitor<'_> for RowsOrSpan {
            type Value = Window;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of rows or a span of time such as \"30d\"")
            }
            fn visit_u64<E: serde::de::Error>(self, rows: u64) -> Result<Window, E> {
                u32::try_from(rows)
                    .map(Window::Rows)
                    .map_err(|_| E::custom("more rows than a window may hold"))
            }
            fn visit_i64<E: serde::de::Error>(self, rows: i64) -> Result<Window, E> {
                let rows = u64::try_from(rows).map_err(|_| E::custom("a window holds at least 1 row"))?;
                self.visit_u64(rows)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Window, E> {
                Span::parse(text).map(Window::Span).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(RowsOrSpan)
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
