//! Names of versions.

use std::path::PathBuf;

use common::error::{Error, Result};
use common::text;

use super::Card;

/// Longest name, in bytes.
const LONGEST: usize = 64;

/// The name asked for, or the number after the largest.
///
/// # Errors
/// [`common::Class::Usage`] for a name that cannot be that of a folder everywhere, or is taken.
pub(super) fn next(asked: Option<&str>, taken: &[&str]) -> Result<String> {
    let Some(asked) = asked else {
        let largest = taken.iter().filter_map(|name| name.parse::<u64>().ok()).max().unwrap_or(0);
        return Ok((largest + 1).to_string());
    };
    let fine = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let starts = asked.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !starts || asked.len() > LONGEST || !asked.chars().all(fine) || asked.ends_with('.') {
        return Err(Error::usage(format!(
            "`{}` is no name of a version: letters, digits, `.`, `_` and `-`, 64 at most, as in `2026-Q3`",
            text::shown(asked)
        )));
    }
    // Some file systems do not tell capitals from small letters.
    if taken.iter().any(|name| name.eq_ignore_ascii_case(asked)) {
        return Err(Error::usage(format!(
            "version `{asked}` is published already, with other numbers or words; a published version is never changed"
        )));
    }
    Ok(asked.to_owned())
}

/// In the order they were published: each names the one before it.
pub(super) fn in_order(all: &mut Vec<(PathBuf, Card)>) {
    all.sort_by(|(_, a), (_, b)| a.version.cmp(&b.version));
    let mut ordered: Vec<(PathBuf, Card)> = Vec::with_capacity(all.len());
    while !all.is_empty() {
        let last = ordered.last().map(|(_, card)| card.version.clone());
        // A version that was taken away leaves a gap: what follows it comes next, by number or name.
        let at = all
            .iter()
            .position(|(_, card)| last.is_some() && card.before == last)
            .or_else(|| all.iter().position(|(_, card)| card.before.is_none()))
            .unwrap_or_else(|| earliest(all));
        ordered.push(all.remove(at));
    }
    *all = ordered;
}

/// Where none follows another: the smallest number, else the first name.
fn earliest(all: &[(PathBuf, Card)]) -> usize {
    let number = |card: &Card| card.version.parse::<u64>().unwrap_or(u64::MAX);
    let chained = |card: &Card| all.iter().any(|(_, other)| Some(&other.version) == card.before.as_ref());
    let first = all.iter().enumerate().filter(|(_, (_, card))| !chained(card));
    first.min_by_key(|(_, (_, card))| number(card)).map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(version: &str, before: Option<&str>) -> (PathBuf, Card) {
        let card = Card {
            format: 1,
            version: version.to_owned(),
            published: String::new(),
            before: before.map(str::to_owned),
            project: String::new(),
            title: String::new(),
            metrics_sha256: String::new(),
            model_sha256: String::new(),
            words_sha256: String::new(),
            program_version: String::new(),
            inputs: Vec::new(),
            files: Vec::new(),
        };
        (PathBuf::new(), card)
    }

    fn order(mut all: Vec<(PathBuf, Card)>) -> Vec<String> {
        in_order(&mut all);
        all.into_iter().map(|(_, card)| card.version).collect()
    }

    #[test]
    fn versions_come_in_the_order_they_were_published() {
        assert_eq!(
            order(vec![card("10", Some("9")), card("9", Some("first")), card("first", None)]),
            ["first", "9", "10"]
        );
        // One was taken away.
        assert_eq!(order(vec![card("3", Some("2")), card("1", None), card("4", Some("3"))]), ["1", "3", "4"]);
        assert_eq!(order(vec![card("3", Some("2")), card("10", Some("9"))]), ["3", "10"]);
        assert!(order(vec![]).is_empty());
    }

    #[test]
    fn names_that_are_none_or_taken_are_refused() {
        assert_eq!(next(None, &["2", "9", "10", "x"]).unwrap(), "11");
        assert_eq!(next(Some("2026-Q3"), &["1"]).unwrap(), "2026-Q3");
        for bad in ["", ".", "..", ".x", "a/b", "a b", "ä", "x.", &"x".repeat(65), "q3"] {
            assert!(next(Some(bad), &["Q3"]).is_err(), "{bad}");
        }
    }
}
