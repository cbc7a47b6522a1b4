//! Types of values and their one grammar: what `ingest` infers is what `clean` accepts.

use std::fmt;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use polars::prelude::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

/// Type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    String,
    /// Whole number within 64 bits; no leading zeros, so that ids stay text.
    Integer,
    /// Finite decimal number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Calendar day, `YYYY-MM-DD` unless a format is declared.
    Date,
    /// Calendar day and time of day, `YYYY-MM-DDTHH:MM:SS` (or a blank for the `T`) unless declared.
    Datetime,
}

/// A typed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    String(String),
    /// Whole number.
    Integer(i64),
    /// Finite number.
    Number(f64),
    /// Truth value.
    Boolean(bool),
    /// Day.
    Date(NaiveDate),
    /// Day and time of day.
    Datetime(NaiveDateTime),
}

impl Kind {
    /// All kinds, narrowest first: the order in which inference tries them.
    pub const NARROWEST_FIRST: [Self; 6] =
        [Self::Boolean, Self::Integer, Self::Number, Self::Date, Self::Datetime, Self::String];

    /// The narrowest kind of one text.
    #[must_use]
    pub fn narrowest(text: &str) -> Self {
        Self::NARROWEST_FIRST.into_iter().find(|k| k.parse(text, None).is_some()).unwrap_or(Self::String)
    }

    /// The narrowest kind that holds the values of both: every integer is a number, everything is
    /// text. The same for any order, so a column's kind is that of its cells, joined.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Self::Number,
            _ => Self::String,
        }
    }

    /// `text` as a value of this kind, or nothing where it is none; `format` is a strptime pattern.
    #[must_use]
    pub fn parse(self, text: &str, format: Option<&str>) -> Option<Value> {
        match self {
            Self::String => Some(Value::String(text.to_owned())),
            Self::Integer => parse_integer(text).map(Value::Integer),
            Self::Number => parse_number(text).map(Value::Number),
            Self::Boolean => match text {
                "true" | "TRUE" | "True" => Some(Value::Boolean(true)),
                "false" | "FALSE" | "False" => Some(Value::Boolean(false)),
                _ => None,
            },
            Self::Date => parse_date(text, format).filter(|d| writable(*d)).map(Value::Date),
            Self::Datetime => {
                // A leap second would become the first second of the next day.
                let plain = |t: &NaiveDateTime| writable(t.date()) && t.nanosecond() < 1_000_000_000;
                parse_datetime(text, format).filter(plain).map(Value::Datetime)
            }
        }
    }

    /// Whether values of this kind are numbers a model can use.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Boolean)
    }

    /// The polars type that holds it.
    #[must_use]
    pub fn dtype(self) -> DataType {
        match self {
            Self::String => DataType::String,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date,
            Self::Datetime => DataType::Datetime(TimeUnit::Microseconds, None),
        }
    }

    /// The kind a polars type stands for, where it is one of ours.
    #[must_use]
    pub fn of_dtype(dtype: &DataType) -> Option<Self> {
        Some(match dtype {
            DataType::String => Self::String,
            DataType::Int64 => Self::Integer,
            DataType::Float64 => Self::Number,
            DataType::Boolean => Self::Boolean,
            DataType::Date => Self::Date,
            DataType::Datetime(_, None) => Self::Datetime,
            _ => return None,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
        })
    }
}

fn parse_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if leading_zero || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Plain decimal or scientific notation; no blanks, no `inf`, no `nan`, nothing that overflows.
fn parse_number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let unsigned = match bytes {
        [b'+' | b'-', rest @ ..] => rest,
        all => all,
    };
    let mantissa = unsigned.split(|b| matches!(b, b'e' | b'E')).next()?;
    let whole = mantissa.split(|b| *b == b'.').next()?;
    let leading_zero = whole.len() > 1 && whole[0] == b'0';
    let plain = unsigned.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if leading_zero || !plain || mantissa.is_empty() {
        return None;
    }
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

/// Whether our own form, with a year of four digits, has a word for the day.
fn writable(day: NaiveDate) -> bool {
    (0..=9999).contains(&day.year())
}

fn parse_date(text: &str, format: Option<&str>) -> Option<NaiveDate> {
    match format {
        Some(pattern) => NaiveDate::parse_from_str(text, pattern).ok(),
        None if has_shape(text, b"0000-00-00") => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
        None => None,
    }
}

fn parse_datetime(text: &str, format: Option<&str>) -> Option<NaiveDateTime> {
    if let Some(pattern) = format {
        return NaiveDateTime::parse_from_str(text, pattern).ok();
    }
    let (day, time) = text.split_at_checked(10)?;
    if !has_shape(day, b"0000-00-00") {
        return None;
    }
    let pattern = match time.as_bytes() {
        [b'T' | b' ', clock @ ..] if clock.len() == 5 => "%H:%M",
        [b'T' | b' ', clock @ ..] if clock.len() >= 8 && !clock.ends_with(b"Z") => "%H:%M:%S%.f",
        _ => return None,
    };
    let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let clock = chrono::NaiveTime::parse_from_str(time.get(1..)?, pattern).ok()?;
    Some(date.and_time(clock))
}

/// Whether `text` has digits where the pattern has `0`, and the pattern's own bytes elsewhere.
fn has_shape(text: &str, pattern: &[u8]) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern).all(|(b, p)| if *p == b'0' { b.is_ascii_digit() } else { b == *p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_kind_of_each_text() {
        for (text, kind) in [
            ("12", Kind::Integer),
            ("-7", Kind::Integer),
            ("007", Kind::String),
            ("-0", Kind::Integer),
            ("00.5", Kind::String),
            ("0.5", Kind::Number),
            (".5", Kind::Number),
            ("5.", Kind::Number),
            ("1e3", Kind::Number),
            ("1e309", Kind::String),
            ("inf", Kind::String),
            ("NaN", Kind::String),
            ("1,5", Kind::String),
            ("0x1F", Kind::String),
            ("1_000", Kind::String),
            (" 1", Kind::String),
            ("9223372036854775807", Kind::Integer),
            ("9223372036854775808", Kind::Number),
            ("true", Kind::Boolean),
            ("2024-02-29", Kind::Date),
            ("2023-02-29", Kind::String),
            ("2024-2-9", Kind::String),
            ("2024-02-29T12:30", Kind::Datetime),
            ("2024-02-29 12:30:59.25", Kind::Datetime),
            ("2024-02-29T12:30:00Z", Kind::String),
            ("2016-12-31T23:59:60", Kind::String),
            ("", Kind::String),
            ("-", Kind::String),
            (".", Kind::String),
            ("e5", Kind::String),
        ] {
            assert_eq!(Kind::narrowest(text), kind, "{text:?}");
        }
    }

    #[test]
    fn a_column_of_mixed_kinds_is_text_unless_all_are_numbers() {
        let column = |cells: &[&str]| cells.iter().map(|c| Kind::narrowest(c)).reduce(Kind::join).unwrap();
        assert_eq!(column(&["1", "2.5", "3"]), Kind::Number);
        assert_eq!(column(&["2.5", "1"]), Kind::Number);
        assert_eq!(column(&["true", "1"]), Kind::String);
        assert_eq!(column(&["12", "2024-02-29"]), Kind::String);
        assert_eq!(column(&["2024-02-29", "2024-02-29T12:30"]), Kind::String);
    }
}
