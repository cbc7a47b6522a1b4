//! The header `Retry-After`: how long a server wants to be left alone (RFC 9110, 10.2.3).

use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDateTime};

/// Longest wait that a server is granted.
pub(crate) const MOST: Duration = Duration::from_mins(5);

/// The two old forms of dates, which a client must still read (RFC 9110, 5.6.7).
const OLD_FORMS: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// The wait asked for at time `now`, at most [`MOST`]; nothing where the text is none, or its date is past.
pub(crate) fn wait(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a long wait too.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(MOST)).filter(|wait| !wait.is_zero());
    }
    let old = || OLD_FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let date = DateTime::parse_from_rfc2822(text).ok().map(|date| date.naive_utc()).or_else(old)?;
    let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let seconds = u64::try_from(date.and_utc().timestamp()).ok()?;
    let wait = Duration::from_secs(seconds).checked_sub(now)?;
    Some(wait.min(MOST)).filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_up_to_the_cap_and_all_else_is_nothing() {
        // 1994-11-06T08:49:00Z by `date -d`.
        let now = SystemTime::UNIX_EPOCH + Duration::from_mins(13_068_529);
        let seconds = |n| Some(Duration::from_secs(n));
        for (text, expected) in [
            ("120", seconds(120)),
            (" 7 ", seconds(7)),
            ("0", None),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("86400", Some(MOST)),
            ("99999999999999999999999999", Some(MOST)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", seconds(37)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", seconds(37)),
            ("Sun Nov  6 08:49:37 1994", seconds(37)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", None),
            ("Sun, 06 Nov 1994 23:00:00 GMT", Some(MOST)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(MOST)),
            ("Thu, 31 Feb 2050 00:00:00 GMT", None),
        ] {
            assert_eq!(wait(text, now), expected, "{text}");
        }
    }
}
