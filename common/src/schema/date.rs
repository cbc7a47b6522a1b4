//! The grammar of dates: ISO 8601 calendar dates, read digit by digit.
//!
//! Source: ISO 8601-1:2019, 5.2.2.1 (calendar date, extended form) and 5.4.2.1 (date and time of day);
//! beside its `T` a blank, as RFC 3339, 5.6 allows. Local time only: an offset or `Z` is no part of it.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// `YYYY-MM-DD`.
#[inline]
pub(super) fn day(text: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = number(&[*y1, *y2, *y3, *y4])?.cast_signed();
    NaiveDate::from_ymd_opt(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

/// `YYYY-MM-DDTHH:MM`, `YYYY-MM-DDTHH:MM:SS` or with a fraction after the seconds; a blank for the `T`.
#[inline]
pub(super) fn moment(text: &[u8]) -> Option<NaiveDateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let [b'T' | b' ', clock @ ..] = rest else { return None };
    Some(day(date)?.and_time(time(clock)?))
}

/// `HH:MM`, `HH:MM:SS` or with a fraction of the second. No leap second: it would become the first
/// second of the next day.
fn time(clock: &[u8]) -> Option<NaiveTime> {
    let [h1, h2, b':', m1, m2, rest @ ..] = clock else { return None };
    let (hour, minute) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
    let (second, nanos) = match rest {
        [] => (0, 0),
        [b':', s1, s2] => (number(&[*s1, *s2])?, 0),
        [b':', s1, s2, b'.', fraction @ ..] => (number(&[*s1, *s2])?, nanoseconds(fraction)?),
        _ => return None,
    };
    NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)
}

/// The digits of a fraction as nanoseconds; what lies below them is cut off.
fn nanoseconds(fraction: &[u8]) -> Option<u32> {
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nine = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    Some(nine.fold(0, |n, b| n * 10 + u32::from(b - b'0')))
}

/// The value of at most nine digits.
#[inline]
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let shown = |text: &str| day(text.as_bytes()).map(|d| d.to_string());
        for right in ["2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"] {
            assert_eq!(shown(right).as_deref(), Some(right));
        }
        for wrong in [
            "1900-02-29",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "2024-2-9",
            "24-02-09",
            "2024/02/09",
            "+2024-02-9",
            "2024-02-29 ",
            "20240229",
            "２024-02-2",
        ] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_have_no_zone_and_no_leap_second() {
        let shown = |text: &str| moment(text.as_bytes()).map(|t| t.to_string());
        for (text, expected) in [
            ("2024-02-29T12:30", "2024-02-29 12:30:00"),
            ("2024-02-29 00:00:59", "2024-02-29 00:00:59"),
            ("2024-02-29T12:30:59.25", "2024-02-29 12:30:59.250"),
            ("2024-02-29T12:30:59.1234567899", "2024-02-29 12:30:59.123456789"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected));
        }
        for wrong in [
            "2024-02-29",
            "2024-02-29T",
            "2024-02-29T24:00",
            "2024-02-29T12:60",
            "2016-12-31T23:59:60",
            "2024-02-29T12:30:00Z",
            "2024-02-29T12:30:00+01:00",
            "2024-02-29T1:30:00",
            "2024-02-29T12:30:00.",
            "2024-02-29t12:30",
            "2024-02-29T12:30 ",
            "2023-02-29T12:30",
        ] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
