//! Dates by a strptime pattern that inference does not know.

use chrono::NaiveDate;
use chrono::format::{Parsed, StrftimeItems, parse};

/// The day that `text` names by `pattern`. A month of a year is its first day, and so is a quarter.
pub(super) fn day(text: &str, pattern: &str) -> Option<NaiveDate> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, StrftimeItems::new(pattern)).ok()?;
    if let Ok(day) = parsed.to_naive_date() {
        return Some(day);
    }
    if let (None, Some(quarter)) = (parsed.month(), parsed.quarter()) {
        parsed.set_month(i64::from(quarter) * 3 - 2).ok()?;
    }
    // A day that is given and wrong stays wrong; a year alone is a number.
    if parsed.month().is_some() && parsed.day().is_none() {
        parsed.set_day(1).ok()?;
    }
    parsed.to_naive_date().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_day_begins_with_its_first() {
        for (text, pattern, expected) in [
            ("1949-01", "%Y-%m", "1949-01-01"),
            ("1990M12", "%YM%m", "1990-12-01"),
            ("Feb 2024", "%b %Y", "2024-02-01"),
            ("2024-Q3", "%Y-Q%q", "2024-07-01"),
            ("Q1 2024", "Q%q %Y", "2024-01-01"),
            ("29.2.2024", "%d.%m.%Y", "2024-02-29"),
            ("2024-060", "%Y-%j", "2024-02-29"),
        ] {
            assert_eq!(day(text, pattern).map(|d| d.to_string()).as_deref(), Some(expected), "{text}");
        }
        for (text, pattern) in [
            ("2024-13", "%Y-%m"),
            ("2024-00", "%Y-%m"),
            ("2024-02-30", "%Y-%m-%d"),
            ("2023-366", "%Y-%j"),
            ("2024-Q5", "%Y-Q%q"),
            ("2024-Q0", "%Y-Q%q"),
            ("2024", "%Y"),
            ("2024-01-", "%Y-%m"),
            ("Mon 2024-02", "%a %Y-%m"),
        ] {
            assert_eq!(day(text, pattern), None, "{text}");
        }
        assert_eq!(
            day("Thu 2024-02", "%a %Y-%m").map(|d| d.to_string()).as_deref(),
            Some("2024-02-01"),
            "a weekday that is given is that of the day"
        );
    }
}
