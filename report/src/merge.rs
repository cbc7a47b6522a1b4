//! Merging what an analyst changed in a generated text with what is generated now.
//!
//! Three ways: the text that was generated when they changed it, theirs, and the new one. Passages are
//! paragraphs, lists and tables; where both sides changed one, its words are merged; where that cannot be
//! done, both versions are kept and shown.

mod diff3;
mod words;

use crate::document::note;
use diff3::Region;

/// A text merged of three.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) text: String,
    /// Passages that both sides changed and whose words could be merged.
    pub(crate) joined: Vec<Joined>,
    /// Passages that could not be merged.
    pub(crate) conflicts: usize,
}

/// A passage in which the analyst's words stand beside figures that are newer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    /// The passage as the analyst had it.
    pub(crate) was: String,
    /// The passage as it is now.
    pub(crate) text: String,
    /// Words that were generated then and are others now.
    pub(crate) moved: Vec<(String, String)>,
}

/// Merges `yours`, changed from `base`, with `new`.
pub(crate) fn merge(base: &str, yours: &str, new: &str) -> Merged {
    let alone = |text: &str| Merged { text: text.to_owned(), joined: Vec::new(), conflicts: 0 };
    if yours == base || yours == new {
        return alone(new);
    }
    if new == base {
        return alone(yours);
    }
    let [base, yours, new] = [base, yours, new].map(passages);
    let mut out = Vec::new();
    let mut merged = alone("");
    for region in diff3::merge(&base, &yours, &new) {
        match region {
            Region::Settled(texts) => out.extend(texts),
            Region::Both { base, yours, new } => both(&base, &yours, &new, &mut out, &mut merged),
        }
    }
    out.retain(|passage| !passage.is_empty());
    merged.text = out.join("\n\n");
    merged
}

/// Merges passages that both sides changed: one by one where there are equally many, else together.
fn both(base: &[String], yours: &[String], new: &[String], out: &mut Vec<String>, merged: &mut Merged) {
    if base.len() == yours.len() && base.len() == new.len() {
        for ((base, yours), new) in base.iter().zip(yours).zip(new) {
            passage(base, yours, new, out, merged);
        }
    } else {
        passage(&base.join("\n\n"), &yours.join("\n\n"), &new.join("\n\n"), out, merged);
    }
}

fn passage(base: &str, yours: &str, new: &str, out: &mut Vec<String>, merged: &mut Merged) {
    if base == yours || yours == new {
        return out.push(new.to_owned());
    }
    if base == new {
        return out.push(yours.to_owned());
    }
    match words::merge(base, yours, new) {
        // What they did is what is generated now.
        Some(text) if text == new => out.push(text),
        Some(text) => {
            let was = yours.to_owned();
            merged.joined.push(Joined { was, text: text.clone(), moved: words::moved(base, new) });
            out.push(text);
        }
        None => {
            merged.conflicts += 1;
            out.push(note::conflict(yours, new));
        }
    }
}

/// The passages of a Markdown text: what blank lines part.
pub(crate) fn passages(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            open = false;
        } else if let (true, Some(last)) = (open, all.last_mut()) {
            last.push('\n');
            last.push_str(line);
        } else {
            all.push(line.to_owned());
            open = true;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "## Answer\n\nIt misses by **8,838** on average.\n\nIt is better by 18 %.\n\n| A | B |\n| --- | --- |\n| x | 1 |\n| y | 2 |";

    fn text(base: &str, yours: &str, new: &str) -> String {
        merge(base, yours, new).text
    }

    #[test]
    fn one_side_alone_is_taken_as_it_is() {
        let new = BASE.replace("8,838", "9,120");
        assert_eq!(text(BASE, BASE, &new), new);
        assert_eq!(text(BASE, &new, BASE), new);
        assert_eq!(text(BASE, &new, &new), new);
    }

    #[test]
    fn changes_of_other_passages_stand_together() {
        let yours = BASE.replace("better by 18 %", "better by 18 %, which pays for the work");
        let merged = merge(BASE, &yours, &BASE.replace("8,838", "9,120"));
        assert_eq!(merged.text, yours.replace("8,838", "9,120"));
        assert_eq!((merged.conflicts, merged.joined.len()), (0, 0));
    }

    #[test]
    fn words_of_one_passage_are_merged_and_said() {
        let yours = BASE.replace("on average", "on average, in dollars");
        let merged = merge(BASE, &yours, &BASE.replace("8,838", "9,120"));
        assert_eq!(merged.text, yours.replace("8,838", "9,120"));
        let joined = Joined {
            was: "It misses by **8,838** on average, in dollars.".to_owned(),
            text: "It misses by **9,120** on average, in dollars.".to_owned(),
            moved: vec![("8,838".to_owned(), "9,120".to_owned())],
        };
        assert_eq!((merged.conflicts, merged.joined), (0, vec![joined]));
    }

    #[test]
    fn the_same_words_changed_twice_are_a_conflict_with_both() {
        let yours = BASE.replace("**8,838**", "about 8,800");
        let merged = merge(BASE, &yours, &BASE.replace("8,838", "9,120"));
        assert_eq!(merged.conflicts, 1);
        for kept in ["about 8,800", "**9,120**", "## Answer", "better by 18 %", "| y | 2 |"] {
            assert!(merged.text.contains(kept), "{}", merged.text);
        }
    }

    #[test]
    fn a_passage_taken_out_stays_out_unless_it_changed() {
        let yours = BASE.replace("\n\nIt is better by 18 %.", "");
        assert_eq!(text(BASE, &yours, &BASE.replace("8,838", "9,120")), yours.replace("8,838", "9,120"));
        let merged = merge(BASE, &yours, &BASE.replace("18 %", "2 %"));
        assert!(merged.conflicts == 1 && merged.text.contains("by 2 %"), "{}", merged.text);
    }

    #[test]
    fn rows_of_a_table_are_merged() {
        let yours = BASE.replace("| x | 1 |", "| x (mine) | 1 |");
        let merged = merge(BASE, &yours, &BASE.replace("| y | 2 |", "| y | 3 |"));
        assert!(merged.text.contains("| x (mine) | 1 |\n| y | 3 |"), "{}", merged.text);
        assert_eq!(merged.conflicts, 0);
    }

    #[test]
    fn passages_are_what_blank_lines_part() {
        assert_eq!(passages("a\nb\n\n\n c \n"), ["a\nb", " c"]);
        assert!(passages(" \n\n").is_empty());
    }
}
