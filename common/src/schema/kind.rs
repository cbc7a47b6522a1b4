//! Types of values and their one grammar: what `ingest` infers `clean` accepts.

use std::fmt;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use polars::prelude::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

use super::date;
use super::form::{Dates, Form};
use super::number::{self, Literal};
use super::numerals::Numerals;
use super::strptime;

/// Type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    String,
    /// Whole number within 64 bits.
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

impl Value {
    /// A number that two values of one type share only if they are equal (datetimes: to the microsecond,
    /// as tables hold them); none for texts.
    #[must_use]
    pub fn identity(&self) -> Option<i64> {
        Some(match self {
            Self::String(_) => return None,
            Self::Integer(n) => *n,
            // Zero has two signs and is one number.
            Self::Number(x) => (x + 0.0).to_bits().cast_signed(),
            Self::Boolean(b) => i64::from(*b),
            Self::Date(day) => i64::from(day.to_epoch_days()),
            Self::Datetime(moment) => moment.and_utc().timestamp_micros(),
        })
    }
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Date, Self::Datetime];

    /// The narrowest kind of one text, as inference takes it: stricter than [`Kind::parse`], which a
    /// declaration backs. A number with zeros before it is text, so that ids stay ids.
    ///
    /// The first byte tells which grammar can hold, so that a cell costs a few nanoseconds.
    #[must_use]
    #[inline]
    pub fn narrowest(text: &str, numerals: &Numerals) -> Self {
        let bytes = text.as_bytes();
        let kind = match bytes.first() {
            Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b',' | b' ' | b'\t') => dated(bytes)
                .or_else(|| number::short(bytes, *numerals))
                .or_else(|| Literal::scan(text, *numerals)?.kind()),
            Some(first) if may_be_truth(*first, bytes.len()) => truth(text).map(|_| Self::Boolean),
            _ => None,
        };
        kind.unwrap_or(Self::String)
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

    /// `text` as a value of this kind, written in this form, or nothing where it is none. Numbers may
    /// have zeros before them and blanks around.
    #[must_use]
    pub fn parse(self, text: &str, form: &Form) -> Option<Value> {
        match self {
            Self::String => Some(Value::String(text.to_owned())),
            Self::Integer => form.integer(text).map(Value::Integer),
            Self::Number => form.number(text).map(Value::Number),
            Self::Boolean => {
                form.truths.as_ref().map_or_else(|| truth(text), |t| t.read(text)).map(Value::Boolean)
            }
            Self::Date => parse_date(text, &form.dates).filter(|d| writable(*d)).map(Value::Date),
            Self::Datetime => {
                // A leap second would become the first second of the next day.
                let plain = |t: &NaiveDateTime| writable(t.date()) && t.nanosecond() < 1_000_000_000;
                parse_datetime(text, &form.dates).filter(plain).map(Value::Datetime)
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

impl Form {
    /// `text` as a value of a column of whole numbers.
    #[must_use]
    #[inline]
    pub fn integer(&self, text: &str) -> Option<i64> {
        let long = || Literal::scan(text, self.numerals)?.integer();
        number::short_integer(text.as_bytes()).or_else(long)
    }

    /// `text` as a value of a column of numbers.
    #[must_use]
    #[inline]
    pub fn number(&self, text: &str) -> Option<f64> {
        let long = || Literal::scan(text, self.numerals)?.number();
        number::short_number(text.as_bytes(), self.numerals).or_else(long)
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

/// Whether a text of this length that begins so could be a truth value: asked at once, it costs a column of
/// words next to nothing.
#[inline]
fn may_be_truth(first: u8, length: usize) -> bool {
    matches!((length, first | 0x20), (4, b't') | (5, b'f'))
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" | "True" => Some(true),
        "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The kind of an ISO date or datetime.
#[inline]
fn dated(text: &[u8]) -> Option<Kind> {
    match text.len() {
        10 => date::day(text).map(|_| Kind::Date),
        16.. if text[4] == b'-' => date::moment(text).map(|_| Kind::Datetime),
        _ => None,
    }
}

/// Whether our own form, with a year of four digits, has a word for the day.
fn writable(day: NaiveDate) -> bool {
    (0..=9999).contains(&day.year())
}

fn parse_date(text: &str, dates: &Dates) -> Option<NaiveDate> {
    match dates {
        Dates::Iso => date::day(text.as_bytes()),
        Dates::Known(pattern) => pattern.read(text).map(|t| t.date()),
        Dates::Strptime(pattern) => strptime::day(text, pattern),
    }
}

fn parse_datetime(text: &str, dates: &Dates) -> Option<NaiveDateTime> {
    match dates {
        Dates::Iso => date::moment(text.as_bytes()),
        Dates::Known(pattern) if pattern.is_timed() => pattern.read(text),
        Dates::Known(_) => None,
        Dates::Strptime(pattern) => NaiveDateTime::parse_from_str(text, pattern).ok(),
    }
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
            (" 1", Kind::Integer),
            ("1.5\t", Kind::Number),
            ("\u{a0}1", Kind::String),
            (" 007", Kind::String),
            ("+5", Kind::Integer),
            ("+05", Kind::String),
            (" true", Kind::String),
            (" 2024-02-29", Kind::String),
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
            assert_eq!(Kind::narrowest(text, &Numerals::PLAIN), kind, "{text:?}");
        }
    }

    #[test]
    fn a_column_of_mixed_kinds_is_text_unless_all_are_numbers() {
        let narrowest = |cell: &&str| Kind::narrowest(cell, &Numerals::PLAIN);
        let column = |cells: &[&str]| cells.iter().map(narrowest).reduce(Kind::join).unwrap();
        assert_eq!(column(&["1", "2.5", "3"]), Kind::Number);
        assert_eq!(column(&["2.5", "1"]), Kind::Number);
        assert_eq!(column(&["true", "1"]), Kind::String);
        assert_eq!(column(&["12", "2024-02-29"]), Kind::String);
        assert_eq!(column(&["2024-02-29", "2024-02-29T12:30"]), Kind::String);
    }

    #[test]
    fn a_declared_number_may_have_zeros_before_it_and_blanks_around() {
        let parse = |kind: Kind, text: &str| kind.parse(text, &Form::PLAIN);
        assert_eq!(parse(Kind::Integer, "007"), Some(Value::Integer(7)));
        assert_eq!(parse(Kind::Integer, "\t-00 "), Some(Value::Integer(0)));
        assert_eq!(parse(Kind::Number, "00.5"), Some(Value::Number(0.5)));
        assert_eq!(parse(Kind::Number, " +5"), Some(Value::Number(5.0)));
        assert_eq!(parse(Kind::Integer, "5.0"), None);
        assert_eq!(parse(Kind::Number, "\u{a0}5"), None);
        assert_eq!(parse(Kind::Number, "1e400"), None);
    }

    #[test]
    fn a_known_pattern_wants_four_digits_of_a_year() {
        let form = Form::new(Some("%d/%m/%Y"), Numerals::PLAIN);
        let day = |text: &str| Kind::Date.parse(text, &form);
        assert_eq!(day("29/2/2024"), NaiveDate::from_ymd_opt(2024, 2, 29).map(Value::Date));
        assert_eq!((day("29/02/24"), day(" 29/02/2024"), day("2024-02-29")), (None, None, None));
        assert_eq!(Kind::Datetime.parse("29/02/2024", &form), None);
    }
}
