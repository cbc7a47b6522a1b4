//! The time of a row as one number that orders rows, whatever columns and types it stands in.

mod period;

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{NaiveDate, NaiveDateTime};
use polars::prelude::{DataFrame, DataType, TimeUnit};

use crate::config::{Length, Span, TimeColumns};
use crate::error::{Error, Result};
use crate::schema::{self, Field, Kind, Value};
use crate::text;

pub use period::{Period, Spread};

/// The day it is, in UTC, as `2026-11-23`: of `SOURCE_DATE_EPOCH` where that is set, as builds that are to be repeated do.
///
/// For what people publish, never for a checkpoint.
#[must_use]
pub fn today() -> String {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let given =
        std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.trim().parse::<u64>().ok());
    let seconds = i64::try_from(given.unwrap_or_else(clock)).unwrap_or(0);
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%Y-%m-%d").to_string()
}

/// How the time columns of a table are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    columns: Vec<String>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Several whole numbers: year, month, day, hour, minute, second, as far as given.
    Parts,
    /// Year and quarter, whole numbers.
    Quarters,
    /// A date or datetime.
    Calendar,
    /// A whole number that counts steps.
    Step,
    /// A number, such as a year with its fraction.
    Real,
}

impl Clock {
    /// The clock of `time` over the columns `fields`.
    ///
    /// # Errors
    /// [`crate::Class::Schema`] where a column is not there or its type cannot order rows.
    pub fn new(time: &TimeColumns, fields: &[Field]) -> Result<Self> {
        let columns: Vec<String> = time.iter().map(str::to_owned).collect();
        let kinds = time.iter().map(|name| {
            fields.iter().find(|f| f.name == name).map(|f| f.kind).ok_or_else(|| {
                let near = text::did_you_mean(name, fields.iter().map(|f| f.name.as_str()));
                Error::new(
                    crate::Class::Schema,
                    format!("[project] time names {}, which is no column{near}", text::name(name)),
                )
            })
        });
        let form = match kinds.collect::<Result<Vec<_>>>()?.as_slice() {
            [Kind::Date | Kind::Datetime] => Form::Calendar,
            [Kind::Integer] => Form::Step,
            [Kind::Number] => Form::Real,
            // A table that passed through a program with one type of number writes 1959.0.
            kinds if kinds.len() > 1 && kinds.iter().all(|k| matches!(k, Kind::Integer | Kind::Number)) => {
                if is_quarters(&columns) {
                    Form::Quarters
                } else {
                    Form::Parts
                }
            }
            _ => {
                return Err(Error::new(
                    crate::Class::Schema,
                    format!(
                        "[project] time names {}: time is one column of dates, datetimes or numbers, or several of integers from the year downwards",
                        text::names(&columns)
                    ),
                ));
            }
        };
        Ok(Self { columns, form })
    }

    /// The columns it reads.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The time of each row of `table`, or the rows (from 0) without a valid one.
    ///
    /// # Errors
    /// [`crate::Class::Unexpected`] where a column is not there or has another type.
    pub fn ordinals(&self, table: &DataFrame) -> Result<std::result::Result<Vec<i64>, Vec<usize>>> {
        let failed =
            |e: polars::prelude::PolarsError| Error::unexpected(format!("cannot read the time columns: {e}"));
        let mut parts: Vec<Vec<Option<i64>>> = Vec::new();
        for name in &self.columns {
            let column = table.column(name).map_err(failed)?.as_materialized_series();
            let values = match self.form {
                Form::Real => column.f64().map_err(failed)?.iter().map(|v| v.map(ordered_bits)).collect(),
                Form::Parts | Form::Quarters if *column.dtype() == DataType::Float64 => {
                    column.f64().map_err(failed)?.iter().map(|v| whole(v?)).collect()
                }
                Form::Parts | Form::Quarters | Form::Step => column.i64().map_err(failed)?.iter().collect(),
                Form::Calendar => column
                    .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
                    .and_then(|s| s.cast(&DataType::Int64))
                    .map_err(failed)?
                    .i64()
                    .map_err(failed)?
                    .iter()
                    .collect(),
            };
            parts.push(values);
        }
        let row = |i: usize| -> Option<i64> {
            if let (Form::Step | Form::Real | Form::Calendar, [only]) = (self.form, parts.as_slice()) {
                return only[i];
            }
            let values: Option<Vec<i64>> = parts.iter().map(|p| p[i]).collect();
            match (self.form, values?.as_slice()) {
                (Form::Parts, values) => micros(values),
                (Form::Quarters, [year, quarter]) => micros(&[*year, first_month(*quarter)]),
                (_, values) => values.first().copied(),
            }
        };
        let (mut out, mut invalid) = (Vec::with_capacity(table.height()), Vec::new());
        for i in 0..table.height() {
            match row(i) {
                Some(ordinal) => out.push(ordinal),
                None => invalid.push(i),
            }
        }
        Ok(if invalid.is_empty() { Ok(out) } else { Err(invalid) })
    }

    /// A limit of the configuration (`"2012-06"`, `"2012-06-01"`, `"1500"`) on this clock.
    ///
    /// # Errors
    /// A message without place.
    pub fn parse(&self, limit: &str) -> std::result::Result<i64, String> {
        let wrong = |expected: &str| format!("`{}` is not {expected}", text::shown(limit));
        match self.form {
            Form::Step => limit.parse().map_err(|_| wrong("a whole number, as the time column holds")),
            Form::Real => match Kind::Number.parse(limit, &schema::Form::PLAIN) {
                Some(Value::Number(v)) => Ok(ordered_bits(v)),
                _ => Err(wrong("a number, as the time column holds")),
            },
            Form::Parts | Form::Quarters | Form::Calendar => {
                calendar(limit).ok_or_else(|| wrong("a date such as 2012-06 or 2012-06-30"))
            }
        }
    }

    /// Says what is wrong with a span on this clock, if anything.
    ///
    /// # Errors
    /// A message without place.
    pub fn check_span(&self, span: &Span) -> std::result::Result<(), String> {
        match (self.form, span.length()) {
            (Form::Step, Length::Plain(steps)) if steps.fract() == 0.0 && steps < 9e15 => Ok(()),
            (Form::Real, Length::Plain(_))
            | (Form::Parts | Form::Quarters | Form::Calendar, Length::Micros(_) | Length::Months(_)) => {
                Ok(())
            }
            (Form::Step, _) => Err(format!("`{span}` is no whole number, as the time column holds")),
            (Form::Real, _) => Err(format!("`{span}` is no number, as the time column holds")),
            _ => Err(format!("`{span}` has no unit, and the time is a date: \"{span}d\"?")),
        }
    }

    /// The moment a span before `ordinal`; a span that does not fit this clock counts as nothing. A
    /// month before the 31st is the last day of a shorter month.
    #[must_use]
    pub fn before(&self, ordinal: i64, span: &Span) -> i64 {
        match (self.form, span.length()) {
            (Form::Parts | Form::Quarters | Form::Calendar, Length::Micros(micros)) => {
                ordinal.saturating_sub(micros)
            }
            (Form::Parts | Form::Quarters | Form::Calendar, Length::Months(months)) => {
                chrono::DateTime::from_timestamp_micros(ordinal)
                    .and_then(|t| t.checked_sub_months(chrono::Months::new(months)))
                    .map_or(i64::MIN, |t| t.timestamp_micros())
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked to be a whole number below 9e15")]
            (Form::Step, Length::Plain(steps)) => ordinal.saturating_sub(steps as i64),
            (Form::Real, Length::Plain(steps)) => ordered_bits(from_ordered_bits(ordinal) - steps),
            _ => ordinal,
        }
    }

    /// An ordinal as text: the reverse of [`Clock::parse`].
    #[must_use]
    pub fn show(&self, ordinal: i64) -> String {
        match self.form {
            Form::Step => ordinal.to_string(),
            Form::Real => from_ordered_bits(ordinal).to_string(),
            Form::Parts | Form::Quarters | Form::Calendar => {
                show_calendar(ordinal, self.columns.len(), self.form)
            }
        }
    }
}

/// Whether the second of two columns counts quarters, by its name.
fn is_quarters(columns: &[String]) -> bool {
    matches!(columns, [_, second] if ["quarter", "qtr"].contains(&second.to_lowercase().as_str()))
}

/// The month that a quarter begins with; for what is no quarter, no month.
#[must_use]
pub fn first_month(quarter: i64) -> i64 {
    if (1..=4).contains(&quarter) { quarter * 3 - 2 } else { 0 }
}

/// A whole number of at most 53 bits.
fn whole(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
}

fn show_calendar(ordinal: i64, parts: usize, form: Form) -> String {
    let Some(time) = chrono::DateTime::from_timestamp_micros(ordinal).map(|t| t.naive_utc()) else {
        return ordinal.to_string();
    };
    let midnight = time.time() == chrono::NaiveTime::MIN;
    let pattern = match (form, parts) {
        (Form::Parts, 1) => "%Y",
        (Form::Parts | Form::Quarters, 2) => "%Y-%m",
        (Form::Parts, 3) => "%Y-%m-%d",
        _ if midnight => "%Y-%m-%d",
        _ => "%Y-%m-%dT%H:%M:%S%.f",
    };
    time.format(pattern).to_string()
}

/// `2012`, `2012-06`, `2012-06-30`, `2012-06-30T12:00` or with a blank, in microseconds since 1970.
fn calendar(limit: &str) -> Option<i64> {
    let (day, clock) = match limit.split_once(['T', ' ']) {
        Some((day, clock)) => (day, Some(clock)),
        None => (limit, None),
    };
    let whole =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let mut parts: Vec<i64> = day.split('-').map(whole).collect::<Option<_>>()?;
    if parts.len() > 3 || day.split('-').next()?.len() != 4 {
        return None;
    }
    if let Some(clock) = clock {
        if parts.len() != 3 {
            return None;
        }
        parts.extend(clock.split(':').map(whole).collect::<Option<Vec<_>>>()?);
    }
    micros(&parts)
}

/// Year, month, ... as microseconds since 1970; what is not given is the first of its kind.
fn micros(parts: &[i64]) -> Option<i64> {
    let part = |i: usize, default: u32| parts.get(i).map_or(Some(default), |v| u32::try_from(*v).ok());
    let date = NaiveDate::from_ymd_opt(i32::try_from(*parts.first()?).ok()?, part(1, 1)?, part(2, 1)?)?;
    let time: NaiveDateTime = date.and_hms_opt(part(3, 0)?, part(4, 0)?, part(5, 0)?)?;
    (parts.len() <= crate::config::MOST_PARTS).then(|| time.and_utc().timestamp_micros())
}

/// The bits of a finite number as an integer with the same order.
fn ordered_bits(value: f64) -> i64 {
    // -0.0 and 0.0 are one moment.
    let bits = (value + 0.0).to_bits().cast_signed();
    if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
}

fn from_ordered_bits(ordinal: i64) -> f64 {
    let bits = if ordinal < 0 { i64::MIN.wrapping_sub(ordinal) } else { ordinal };
    f64::from_bits(bits.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_may_stop_at_any_part() {
        // 2012-06-01T00:00:00Z is 1338508800 s after 1970 (date -u -d 2012-06-01 +%s).
        assert_eq!(calendar("2012-06"), Some(1_338_508_800_000_000));
        assert_eq!(calendar("2012-06-01"), calendar("2012-06"));
        assert_eq!(calendar("2012-06-01T00:00"), calendar("2012-06"));
        for wrong in ["2012-13", "2012-02-30", "12-06", "june", "2012-06-01-01", "2012-06T10:00", ""] {
            assert_eq!(calendar(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn years_and_quarters_may_be_written_as_decimals() {
        let fields = |second: &str| {
            [("year", Kind::Number), (second, Kind::Integer)]
                .map(|(n, k)| Field::new(n, k, schema::Role::Time))
        };
        let clock = |second: &str| {
            let names = vec!["year".to_owned(), second.to_owned()];
            Clock::new(&TimeColumns(names), &fields(second)).unwrap()
        };
        let table = |second: &str| {
            let years = polars::prelude::Column::new("year".into(), [1959.0, 1959.5, 1960.0]);
            let seconds = polars::prelude::Column::new(second.into(), [4_i64, 1, 5]);
            DataFrame::new(3, vec![years, seconds]).unwrap()
        };
        let invalid = |second: &str| clock(second).ordinals(&table(second)).unwrap().unwrap_err();
        assert_eq!(invalid("Quarter"), [1, 2], "no whole year, no quarter 5");
        assert_eq!(invalid("month"), [1]);
        let first = table("Quarter").head(Some(1));
        let found = clock("Quarter").ordinals(&first).unwrap().unwrap();
        assert_eq!(
            (found[0], clock("Quarter").show(found[0])),
            (calendar("1959-10").unwrap(), "1959-10".to_owned())
        );
    }

    #[test]
    fn a_span_before_a_moment() {
        let at = |text: &str| calendar(text).unwrap();
        let clock = Clock { columns: vec!["day".to_owned()], form: Form::Calendar };
        let before = |moment: &str, span: &str| clock.before(at(moment), &Span::parse(span).unwrap());
        assert_eq!(before("2012-03-31", "1mo"), at("2012-02-29"));
        assert_eq!(before("2012-03-31", "30d"), at("2012-03-01"));
        assert_eq!(before("2012-02-29", "1y"), at("2011-02-28"));
        assert!(clock.check_span(&Span::parse("5").unwrap()).is_err());
        let steps = Clock { columns: vec!["t".to_owned()], form: Form::Step };
        assert_eq!(steps.before(7, &Span::parse("5").unwrap()), 2);
        assert!(steps.check_span(&Span::parse("5d").unwrap()).is_err());
        assert!(steps.check_span(&Span::parse("0.5").unwrap()).is_err());
    }

    #[test]
    fn bits_of_numbers_keep_their_order() {
        let values = [-1e300, -2.5, -1e-300, 0.0, 1e-300, 2000.0833, 2000.1667, 1e300];
        let bits: Vec<i64> = values.iter().map(|v| ordered_bits(*v)).collect();
        assert!(bits.is_sorted());
        assert_eq!(ordered_bits(-0.0), ordered_bits(0.0));
        assert!(values.iter().all(|v| from_ordered_bits(ordered_bits(*v)).to_bits() == v.to_bits()));
    }
}
