//! Lengths of periods in the configuration: `"year"`, `"week"`, or a number of steps.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Scalar;

/// How long the periods are that rows are grouped by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PeriodLength {
    /// Calendar years.
    Year,
    /// Quarters of a calendar year.
    Quarter,
    /// Calendar months.
    Month,
    /// ISO 8601 weeks, Monday to Sunday.
    Week,
    /// Calendar days.
    Day,
    /// So many units of a time that is a plain number, counted from 0.
    Steps(f64),
}

impl PeriodLength {
    /// Those of a calendar, the longest first.
    pub const CALENDAR: [Self; 5] = [Self::Year, Self::Quarter, Self::Month, Self::Week, Self::Day];

    /// Reads `year`, `quarter`, `month`, `week`, `day`, or a number above zero.
    ///
    /// # Errors
    /// A message without place.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(known) = Self::CALENDAR.into_iter().find(|length| length.to_string() == text) {
            return Ok(known);
        }
        let steps = text.parse::<f64>().ok().filter(|steps| steps.is_finite() && *steps > 0.0);
        steps.map(Self::Steps).ok_or_else(|| {
            let near = crate::text::did_you_mean(text, ["auto", "year", "quarter", "month", "week", "day"]);
            format!(
                "`{}` is no length of a period{near}: \"auto\", \"year\", \"quarter\", \"month\", \"week\", \"day\", or a number above zero for times that are numbers",
                crate::text::shown(text)
            )
        })
    }
}

impl fmt::Display for PeriodLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year => f.write_str("year"),
            Self::Quarter => f.write_str("quarter"),
            Self::Month => f.write_str("month"),
            Self::Week => f.write_str("week"),
            Self::Day => f.write_str("day"),
            Self::Steps(steps) => write!(f, "{steps}"),
        }
    }
}

impl Serialize for PeriodLength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Steps(steps) => serializer.serialize_f64(*steps),
            named => serializer.collect_str(named),
        }
    }
}

impl<'de> Deserialize<'de> for PeriodLength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Steps(f64),
            Named(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Steps(steps) => steps.to_string(),
            Written::Named(name) => name,
        };
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A length as the configuration gives it; `"auto"` is none.
///
/// # Errors
/// As [`PeriodLength::parse`].
pub fn deserialize_auto<'de, D: Deserializer<'de>>(d: D) -> Result<Option<PeriodLength>, D::Error> {
    match Scalar::deserialize(d)?.0.as_str() {
        "auto" => Ok(None),
        text => PeriodLength::parse(text).map(Some).map_err(serde::de::Error::custom),
    }
}
