//! Passages compared as a reader would: marks that an editor writes otherwise make no difference.

use std::collections::BTreeMap;

use super::table::Table;

/// Least share of words that passages share which are said to be versions of one.
const ALIKE: f64 = 0.5;

/// Whether two passages show the same.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || canon(a) == canon(b)
}

/// 1 where they show the same, above 0 where one may be a later version of the other.
pub(super) fn alike(a: &str, b: &str) -> f64 {
    if same(a, b) {
        return 1.0;
    }
    match (Table::of(a), Table::of(b)) {
        (Some(a), Some(b)) => return shared(&a.head().join(" "), &b.head().join(" ")),
        (None, None) => {}
        _ => return 0.0,
    }
    match (image(a), image(b)) {
        (Some(a), Some(b)) if a == b => return 0.9,
        (None, None) => {}
        _ => return 0.0,
    }
    shared(a, b)
}

/// The share of words of letters that two texts share (Dice 1945), or 0 where it is small.
fn shared(a: &str, b: &str) -> f64 {
    let (a, b) = (words(a), words(b));
    let common: usize = a.iter().map(|(word, n)| *n.min(b.get(word).unwrap_or(&0))).sum();
    let all: usize = a.values().chain(b.values()).sum();
    let share = if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 };
    // What shows the same alone has 1.
    if share < ALIKE { 0.0 } else { 0.9 * share }
}

fn words(text: &str) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        *out.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    out
}

/// The file that a passage shows.
fn image(passage: &str) -> Option<&str> {
    let rest = passage.strip_prefix("![")?;
    Some(rest.rsplit_once("](")?.1)
}

/// A passage with one way of writing each mark.
fn canon(passage: &str) -> String {
    if let Some(table) = Table::of(passage) {
        return table.canon();
    }
    words_and_marks(passage)
}

/// Blanks and line ends joined, `_x_` as `*x*`.
pub(super) fn words_and_marks(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = joined.chars().collect();
    let at = |i: Option<usize>| i.and_then(|i| chars.get(i)).copied();
    let mark = |i: usize, c: char| {
        let (before, after) = (at(i.checked_sub(1)), at(Some(i + 1)));
        let inside = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        if c == '_' && before != Some('\\') && !inside { '*' } else { c }
    };
    chars.iter().enumerate().map(|(i, c)| mark(i, *c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_editors_write_otherwise_make_no_difference() {
        for (a, b) in [
            ("*a* and **b**", "_a_ and __b__"),
            ("one two", "one\ntwo  "),
            ("| a | b |\n| --- | ---: |\n| x | 1 |", "|   a | b    |\n|-----|-----:|\n| x   |  1   |"),
        ] {
            assert!(same(a, b), "{a}");
        }
        for (a, b) in
            [("snake_case", "snake*case"), ("a", "b"), ("| a |\n| --- |\n| 1 |", "| a |\n| --- |\n| 2 |")]
        {
            assert!(!same(a, b), "{a}");
        }
    }

    #[test]
    fn versions_of_a_passage_are_alike_and_others_are_not() {
        let alike = |a, b| alike(a, b) > 0.0;
        assert!(alike(
            "It misses by **8,838** on average.",
            "It misses by **9,120** on average, in dollars."
        ));
        assert!(alike("![Errors: 8](f/x.svg)", "![A quite different text](f/x.svg)"));
        assert!(alike("| A | B |\n| --- | --- |\n| 1 | 2 |", "| A | B |\n| --- | --- |\n| q | r |"));
        assert!(!alike("No feature drifted.", "**3 of 4 features moved** since then: “a”."));
        assert!(!alike("![a](f/x.svg)", "![a](f/y.svg)") && !alike("", "a"));
    }
}
