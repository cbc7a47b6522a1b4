//! Merging the words of one passage.

use diffy::{DiffOptions, Hunk, Line};

use super::diff3::{self, Region};

/// Words taken as moved at most.
const MOST: usize = 20;

/// The words of three versions, merged; nothing where both sides changed the same ones.
pub(super) fn merge(base: &str, yours: &str, new: &str) -> Option<String> {
    let [base, yours, new] = [base, yours, new].map(split);
    let mut out = String::new();
    for region in diff3::merge(&base, &yours, &new) {
        match region {
            Region::Settled(words) => out.extend(words),
            Region::Both { yours, new, .. } if yours == new => out.extend(new),
            Region::Both { .. } => return None,
        }
    }
    Some(out)
}

/// The words that were in `base` and are others in `new`.
pub(super) fn moved(base: &str, new: &str) -> Vec<(String, String)> {
    let [base, new] = [base, new].map(|text| diff3::lines(&split(text)));
    let mut options = DiffOptions::new();
    options.set_context_len(0);
    let patch = options.create_patch(&base, &new);
    let side = |hunk: &Hunk<'_, str>, of: fn(&Line<'_, str>) -> Option<String>| {
        hunk.lines().iter().filter_map(of).collect::<String>().trim().to_owned()
    };
    let old = |line: &Line<'_, str>| match line {
        Line::Delete(line) => Some(diff3::item(line)),
        _ => None,
    };
    let now = |line: &Line<'_, str>| match line {
        Line::Insert(line) => Some(diff3::item(line)),
        _ => None,
    };
    let mut out: Vec<_> = patch.hunks().iter().map(|hunk| (side(hunk, old), side(hunk, now))).collect();
    out.dedup();
    out.truncate(MOST);
    out
}

/// A text in words, blanks and single marks; a number is one word.
fn split(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first == '\n' {
            1
        } else if first.is_whitespace() {
            rest.find(|c: char| !c.is_whitespace() || c == '\n').unwrap_or(rest.len())
        } else if first.is_alphanumeric() {
            word(rest)
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        out.push(word);
        rest = after;
    }
    out
}

/// Length of the word at the beginning of `text`: letters and digits, and points between them.
fn word(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || (".,_".contains(c) && next)) {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_word() {
        assert_eq!(
            split("by **8,838.5**, a\nb"),
            ["by", " ", "*", "*", "8,838.5", "*", "*", ",", " ", "a", "\n", "b"]
        );
    }

    #[test]
    fn words_apart_are_merged_and_the_same_ones_not() {
        let base = "by 8,838 on average (18 %)";
        assert_eq!(
            merge(base, "by 8,838 on the whole (18 %)", "by 9,120 on average (2 %)").unwrap(),
            "by 9,120 on the whole (2 %)"
        );
        assert_eq!(merge(base, "by 8,800 on average", "by 9,120 on average"), None);
        assert_eq!(
            moved(base, "by 9,120 on average (2 %)"),
            [("8,838".to_owned(), "9,120".to_owned()), ("18".to_owned(), "2".to_owned())]
        );
    }
}
