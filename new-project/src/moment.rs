//! The time of a row as a number: seconds since 1970 for dates, the number itself for numbers.

use chrono::{DateTime, NaiveDate};
use common::schema::{Form, Kind, Value};
use common::time::first_month;

use crate::column::Column;

/// Seconds of a day.
pub(crate) const DAY: f64 = 86_400.0;

/// A cell as a time, or as a number; nothing where it is text or missing.
pub(crate) fn of_cell(cell: &str, kind: Kind, form: &Form) -> Option<f64> {
    match kind.parse(cell, form)? {
        Value::String(_) => None,
        #[expect(clippy::cast_precision_loss, reason = "for ranges and order")]
        Value::Integer(n) => Some(n as f64),
        Value::Number(x) => Some(x),
        Value::Boolean(b) => Some(f64::from(u8::from(b))),
        Value::Date(day) => Some(f64::from(day.to_epoch_days()) * DAY),
        Value::Datetime(time) => Some(time.and_utc().timestamp_micros() as f64 / 1e6),
    }
}

/// Year, month, day, hour, minute, as far as they are given, in seconds since 1970.
fn of_parts(parts: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
    let part = |i: usize, default: i32| match parts.get(i) {
        None => Some(default),
        Some(x) if (0.0..10_000.0).contains(x) && x.fract() == 0.0 => Some(*x as i32),
        Some(_) => None,
    };
    let small = |i: usize, default: i32| part(i, default).and_then(|v| u32::try_from(v).ok());
    let day = NaiveDate::from_ymd_opt(part(0, 0)?, small(1, 1)?, small(2, 1)?)?;
    let time = day.and_hms_opt(small(3, 0)?, small(4, 0)?, 0)?;
    Some(time.and_utc().timestamp() as f64)
}

/// A time as the configuration writes it: months for parts of two, days at midnight, moments else.
pub(crate) fn shown(time: f64, is_calendar: bool, parts: usize) -> String {
    if !is_calendar {
        return time.to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "years of four digits")]
    let seconds = time.floor() as i64;
    let Some(moment) = DateTime::from_timestamp(seconds, 0) else { return time.to_string() };
    let pattern = match parts {
        2 => "%Y-%m",
        _ if seconds.rem_euclid(86_400) == 0 => "%Y-%m-%d",
        _ => "%Y-%m-%dT%H:%M:%S",
    };
    moment.format(pattern).to_string()
}

/// The time of a row from its cells, where all parts are known.
pub(crate) fn of_row(record: &csv::StringRecord, parts: &[&Column]) -> Option<f64> {
    let value = |column: &&Column| column.value(record);
    match parts {
        [one] => value(one),
        [year, quarter] if is_quarter(quarter) => {
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole")]
            let month = value(quarter).filter(|q| q.fract() == 0.0).map(|q| first_month(q as i64))?;
            of_parts(&[value(year)?, month as f64])
        }
        many => of_parts(&many.iter().map(value).collect::<Option<Vec<f64>>>()?),
    }
}

/// Whether a column counts quarters, by its name.
pub(crate) fn is_quarter(column: &Column) -> bool {
    matches!(column.name.to_lowercase().as_str(), "quarter" | "qtr")
}
