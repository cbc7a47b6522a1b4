//! Showing text that comes from data: one line, no control characters, bounded length.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Longest piece of data shown in a message, in characters.
const SHOWN_CHARS: usize = 200;

/// True for characters that could move the cursor, hide text or reverse its direction.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn push_escaped(out: &mut String, c: char) {
    if is_unsafe(c) { out.extend(c.escape_default()) } else { out.push(c) }
}

/// `text` on one line, with control and direction characters escaped.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_escaped(&mut out, c));
    out
}

/// A cell, name or value from data as shown in a message: quoted by the caller, escaped here and
/// cut to 200 characters.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == SHOWN_CHARS {
            out.push('…');
            break;
        }
        push_escaped(&mut out, c);
    }
    out
}

/// A path as shown in a message.
#[must_use]
pub fn path(path: &Path) -> String {
    one_line(&lossless(path.as_os_str()))
}

/// A name of the file system as text: bytes that are not UTF-8 are written `\xnn`, so that two names
/// stay two.
#[must_use]
pub fn lossless(name: &OsStr) -> String {
    let mut out = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}

/// A name in backquotes, escaped.
#[must_use]
pub fn name(name: &str) -> String {
    format!("`{}`", shown(name))
}

/// Names in backquotes, joined by commas.
pub fn names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    names.into_iter().map(|n| name(n.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A cell of a table that people open in a spreadsheet: what would be taken for a formula begins with `'`.
#[must_use]
pub fn for_spreadsheet(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

/// `n` with a noun that agrees: `count(1, "row")` is "1 row", `count(2, "row")` "2 rows".
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// The candidate nearest to `wrong`, if one is near enough to be what was meant.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(wrong, c), c))
        .filter(|(distance, c)| *distance <= 1 + c.len().max(wrong.len()) / 4)
        // All letters replaced is no likeness.
        .filter(|(distance, _)| *distance < wrong.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

/// ` (did you mean x?)` where a candidate is near, else nothing.
pub fn did_you_mean<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wrong, candidates).map(|c| format!(" (did you mean `{}`?)", shown(c))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_escaped() {
        assert_eq!(one_line("a\nb\u{1b}[31m\u{202e}c"), "a\\nb\\u{1b}[31m\\u{202e}c");
        assert_eq!(shown(&"x".repeat(300)).chars().count(), 201);
    }

    #[test]
    fn nearest_name_is_offered_only_when_near() {
        assert_eq!(nearest("tset_from", ["test_from", "calibration_from"]), Some("test_from"));
        assert_eq!(nearest("z", ["x", "y"]), None);
        assert_eq!(nearest("zebra", ["test_from", "calibration_from"]), None);
    }
}
