//! Notes of ours that stand in a report for a while: of stale paragraphs, and of conflicts.

use super::marker::{self, Marker};

/// Name of the note that holds two versions.
const CONFLICT: &str = "conflict";
/// What the names of notes on paragraphs begin with.
const STALE: &str = "stale:";
const YOURS: &str = "**Conflict: your version, with the figures of then**";
/// How notes begin.
pub(crate) const WRITTEN: &str = "> **Written for earlier numbers.**";
pub(crate) const BESIDE: &str = "> **Your words beside newer numbers.**";
/// Notes within notes that are looked into.
const NESTED: usize = 100;
const NEW: &str = "**Conflict: the new generated version**";

/// Whether a block of this name is a note, which may stand inside another block.
pub(super) fn is_one(name: &str) -> bool {
    name == CONFLICT || name.starts_with(STALE)
}

/// A text without notes on paragraphs, and the keys of those that stood there. Of one that was written in, the
/// words stay.
pub(crate) fn strip(text: &str) -> (String, Vec<String>) {
    let (mut text, mut keys) = once(text);
    // Lines that were moved may have put one into another.
    for _ in 0..NESTED {
        let (next, more) = once(&text);
        if more.is_empty() {
            break;
        }
        text = next;
        keys.extend(more);
    }
    (text, keys)
}

fn once(text: &str) -> (String, Vec<String>) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut out, mut keys) = (String::with_capacity(text.len()), Vec::new());
    let mut i = 0;
    while i < lines.len() {
        if let Some((key, end, hash)) = stale_at(&lines, i) {
            keys.push(key.to_owned());
            let words = lines[i + 1..end].concat();
            if hash != Some(super::hash_of(&words).as_str()) {
                out.push_str(&words);
            } else if out.ends_with("\n\n") {
                // The note came with the blank line before it.
                out.pop();
            }
            i = end + 1;
        } else {
            out.push_str(lines[i]);
            i += 1;
        }
    }
    (out, keys)
}

/// The key of the note that begins at line `i`, its last line, and the hash of its words as they were put.
fn stale_at<'a>(lines: &[&'a str], i: usize) -> Option<(&'a str, usize, Option<&'a str>)> {
    let Some(Marker::Begin { name }) = marker::read(lines[i]) else { return None };
    let key = name.strip_prefix(STALE)?;
    for (at, line) in lines.iter().enumerate().skip(i + 1) {
        match marker::read(line) {
            Some(Marker::End { name: other, hash }) if other == name => return Some((key, at, hash)),
            Some(_) => return None,
            None => {}
        }
    }
    None
}

/// A note on the paragraph before it, with the line ends that [`strip`] takes away again.
pub(crate) fn stale(key: &str, words: &str) -> String {
    let name = format!("{STALE}{key}");
    let words = format!("{words}\n");
    let hash = super::hash_of(&words);
    format!("\n{}\n{words}{}\n", marker::begin(&name), marker::end(&name, Some(&hash)))
}

/// Two versions of one passage.
pub(crate) fn conflict(yours: &str, new: &str) -> String {
    let shown = |text: &str| if text.trim().is_empty() { "*(nothing)*".to_owned() } else { text.to_owned() };
    format!(
        "{}\n\n{YOURS}\n\n{}\n\n{NEW}\n\n{}\n\n{}",
        marker::begin(CONFLICT),
        shown(yours),
        shown(new),
        marker::end(CONFLICT, None)
    )
}

/// A text in which blanks stand for what stands in conflicts, markers included: places are the same.
pub(crate) fn outside_conflicts(text: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let marker = marker::read(line);
        match marker {
            Some(Marker::Begin { name: CONFLICT }) => inside = true,
            Some(Marker::End { name: CONFLICT, .. }) => inside = false,
            _ => {}
        }
        if inside || marker.is_some() {
            let end = if line.ends_with('\n') { "\n" } else { "" };
            out.push_str(&" ".repeat(line.len() - end.len()));
            out.push_str(end);
        } else {
            out.push_str(line);
        }
    }
    out
}

/// Whether a text ends within a conflict.
pub(crate) fn open_at_end(text: &str) -> bool {
    let last = text.lines().rev().find_map(|line| match marker::read(line) {
        Some(Marker::Begin { name: CONFLICT }) => Some(true),
        Some(Marker::End { name: CONFLICT, .. }) => Some(false),
        _ => None,
    });
    last.unwrap_or(false)
}

/// What the analyst had, of each conflict in a text.
pub(crate) fn yours(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim() {
            YOURS => {
                inside = true;
                out.push(String::new());
            }
            NEW => inside = false,
            _ => {
                if let (true, Some(last)) = (inside, out.last_mut()) {
                    last.push_str(line);
                    last.push('\n');
                }
            }
        }
    }
    out
}

/// Lines of `text`, from 1, with half of a note on a paragraph.
pub(crate) fn halves(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut out, mut i) = (Vec::new(), 0);
    while i < lines.len() {
        match (stale_at(&lines, i), marker::read(lines[i])) {
            (Some((_, end, _)), _) => i = end,
            (None, Some(Marker::Begin { name } | Marker::End { name, .. })) if name.starts_with(STALE) => {
                out.push(i + 1);
            }
            _ if lines[i].starts_with(WRITTEN) || lines[i].starts_with(BESIDE) => out.push(i + 1),
            _ => {}
        }
        i += 1;
    }
    out
}

/// Whether anything of a conflict stands in a text.
pub(crate) fn in_conflict(text: &str) -> bool {
    let ours = |line: &str| {
        matches!(
            marker::read(line),
            Some(Marker::Begin { name: CONFLICT } | Marker::End { name: CONFLICT, .. })
        )
    };
    text.lines().any(|line| ours(line) || line.trim() == YOURS || line.trim() == NEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_taken_away_as_it_was_put() {
        for (before, after) in [("One.\n", "\nTwo.\n"), ("One.\n", ""), ("- a\n- b\n", "\n\n# Title\n")] {
            let with = format!("{before}{}{after}", stale("12ab34cd", "> words"));
            assert_eq!(strip(&with), (format!("{before}{after}"), vec!["12ab34cd".to_owned()]), "{with}");
            assert_eq!(strip(&format!("{before}{after}")).0, format!("{before}{after}"));
        }
    }

    #[test]
    fn words_written_in_a_note_stay() {
        let with = format!("One.\n{}\nTwo.\n", stale("12ab34cd", "> words"));
        let found = strip(&with.replace("> words\n", "> words\n> Looked at: it holds.\n"));
        let kept = "One.\n\n> words\n> Looked at: it holds.\n\nTwo.\n";
        assert_eq!(found, (kept.to_owned(), vec!["12ab34cd".to_owned()]));
    }

    #[test]
    fn half_a_note_is_the_analysts_and_is_found() {
        let text = "One.\n\n<!-- millrace:begin stale:12ab34cd -->\n> words\n";
        assert_eq!(strip(text), (text.to_owned(), vec![]));
        assert_eq!(halves(text), [3]);
        let whole = format!("One.\n{}", stale("12ab34cd", &format!("{WRITTEN} x")));
        assert!(halves(&whole).is_empty());
        let bare = format!("One.\n\n{WRITTEN} x\n<!-- millrace:end stale:12ab34cd 0 -->\n");
        assert_eq!(halves(&bare), [3, 4]);
    }

    #[test]
    fn conflicts_are_counted_and_their_remains_seen() {
        let text = conflict("mine", "");
        assert!(in_conflict(&text));
        let outside = outside_conflicts(&format!("a\n{text}\nb\n"));
        assert_eq!(outside.split_whitespace().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(outside.find('b'), format!("a\n{text}\nb\n").rfind('b'));
        assert_eq!(yours(&text), ["\nmine\n\n"]);
        assert!(text.contains("mine") && text.contains("*(nothing)*"));
        assert!(in_conflict(YOURS) && !in_conflict("a conflict"));
    }
}
