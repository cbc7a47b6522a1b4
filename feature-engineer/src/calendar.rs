//! Parts of dates as numbers, or as sine and cosine of their place in the cycle.

use std::f64::consts::TAU;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Timelike as _};
use common::error::{Error, Result};
use common::text;
use polars::prelude::{DataFrame, DataType, TimeUnit};

use crate::recipe::Wave;
use crate::settings::CalendarPart;

/// The part of each moment; `moments` are microseconds since 1970.
pub(crate) fn part(moments: &[Option<i64>], part: CalendarPart, wave: Option<Wave>) -> Vec<f64> {
    let value = |moment: &Option<i64>| {
        let time = moment.and_then(DateTime::from_timestamp_micros).map(|t| t.naive_utc());
        time.map_or(f64::NAN, |time| on_circle(number(time, part), part, wave))
    };
    moments.iter().map(value).collect()
}

/// The moments in a column of dates or datetimes.
pub(crate) fn moments(table: &DataFrame, name: &str) -> Result<Vec<Option<i64>>> {
    let failed = |e| Error::unexpected(format!("cannot read the dates of {}: {e}", text::name(name)));
    let column = table
        .column(name)
        .and_then(|c| c.cast(&DataType::Datetime(TimeUnit::Microseconds, None)))
        .and_then(|c| c.cast(&DataType::Int64))
        .map_err(failed)?;
    Ok(column.i64().map_err(failed)?.iter().collect())
}

fn number(time: NaiveDateTime, part: CalendarPart) -> f64 {
    let whole = match part {
        CalendarPart::Year => return f64::from(time.year()),
        CalendarPart::Quarter => time.month0() / 3 + 1,
        CalendarPart::Month => time.month(),
        CalendarPart::Week => time.iso_week().week(),
        CalendarPart::Day => time.day(),
        CalendarPart::DayOfYear => time.ordinal(),
        CalendarPart::Weekday => time.weekday().number_from_monday(),
        CalendarPart::Hour => time.hour(),
        CalendarPart::Minute => time.minute(),
    };
    f64::from(whole)
}

/// Sine or cosine at the part's share of its longest cycle. libm: the same bits on every platform.
fn on_circle(number: f64, part: CalendarPart, wave: Option<Wave>) -> f64 {
    let (first, length) = match part {
        CalendarPart::Year => (0.0, 1.0),
        CalendarPart::Quarter => (1.0, 4.0),
        CalendarPart::Month => (1.0, 12.0),
        CalendarPart::Week => (1.0, 53.0),
        CalendarPart::Day => (1.0, 31.0),
        CalendarPart::DayOfYear => (1.0, 366.0),
        CalendarPart::Weekday => (1.0, 7.0),
        CalendarPart::Hour => (0.0, 24.0),
        CalendarPart::Minute => (0.0, 60.0),
    };
    let angle = TAU * ((number - first) / length);
    match wave {
        None => number,
        Some(Wave::Sin) => libm::sin(angle),
        Some(Wave::Cos) => libm::cos(angle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_moment() {
        // 2024-12-30 14:05, a Monday of ISO week 1 of 2025 (date -d 2024-12-30 +'%j %V %u').
        let moment = [Some(1_735_567_500_000_000), None];
        let known = |p| part(&moment, p, None)[0];
        let parts = [
            (CalendarPart::Year, 2024.0),
            (CalendarPart::Quarter, 4.0),
            (CalendarPart::Month, 12.0),
            (CalendarPart::Week, 1.0),
            (CalendarPart::Day, 30.0),
            (CalendarPart::DayOfYear, 365.0),
            (CalendarPart::Weekday, 1.0),
            (CalendarPart::Hour, 14.0),
            (CalendarPart::Minute, 5.0),
        ];
        for (part, expected) in parts {
            assert!((known(part) - expected).abs() < f64::EPSILON, "{part:?}");
        }
        assert!(part(&moment, CalendarPart::Year, None)[1].is_nan());
        // October is three quarters round: sine -1, cosine 0.
        let october = [Some(1_728_000_000_000_000)];
        assert!((part(&october, CalendarPart::Month, Some(Wave::Sin))[0] + 1.0).abs() < 1e-15);
        assert!(part(&october, CalendarPart::Month, Some(Wave::Cos))[0].abs() < 1e-15);
    }
}
