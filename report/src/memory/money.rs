//! Currencies before and after a number.

use crate::memory::numeral::THIN;

/// As written; those that end in another come first.
const CURRENCIES: [(&str, &str); 14] = [
    ("US$", " US$"),
    ("CA$", " CA$"),
    ("A$", " A$"),
    ("$", " $"),
    ("€", " €"),
    ("£", " £"),
    ("¥", " ¥"),
    ("USD", " USD"),
    ("EUR", " EUR"),
    ("GBP", " GBP"),
    ("CHF", " CHF"),
    ("JPY", " JPY"),
    ("CAD", " CAD"),
    ("AUD", " AUD"),
];

/// Length of the currency that a number begins with, and of the blank after it.
pub(super) fn prefix(text: &str) -> usize {
    let found = CURRENCIES.iter().find_map(|(mark, _)| text.strip_prefix(mark));
    found.map_or(0, |rest| text.len() - rest.strip_prefix(is_blank).unwrap_or(rest).len())
}

/// A unit without the currency that ends it: `k` of `k€`.
pub(super) fn without(unit: &str) -> &str {
    CURRENCIES.iter().find_map(|(mark, _)| unit.strip_suffix(mark)).unwrap_or(unit)
}

/// What stands between two numbers, without the currencies of both.
pub(super) fn without_any(between: &str) -> &str {
    let text = CURRENCIES.iter().find_map(|(mark, _)| between.strip_prefix(mark)).unwrap_or(between);
    without(text)
}

/// The currency that `rest` begins with, after a blank; none where it is that of the next number.
pub(super) fn after(rest: &str) -> &'static str {
    let found = |(mark, unit): &(&str, &'static str)| Some((rest.strip_prefix(mark)?, *unit));
    let Some((rest, unit)) = CURRENCIES.iter().find_map(found) else { return "" };
    let next = rest.trim_start_matches(is_blank).starts_with(|c: char| c.is_ascii_digit());
    if next || rest.starts_with(char::is_alphanumeric) { "" } else { unit }
}

/// Where the currency begins that stands before the number at `at`, with one blank between.
pub(super) fn before(prose: &str, at: usize) -> usize {
    let Some(head) = prose[..at].strip_suffix(is_blank) else { return at };
    let Some(rest) = CURRENCIES.iter().find_map(|(mark, _)| head.strip_suffix(mark)) else { return at };
    // `8,838 $ 9,000`: whose is it?
    let other = rest.trim_end_matches(is_blank).ends_with(|c: char| c.is_ascii_digit());
    if other || rest.ends_with(char::is_alphanumeric) { at } else { rest.len() }
}

fn is_blank(c: char) -> bool {
    c == ' ' || THIN.contains(&c)
}
