//! Notes under paragraphs that were written for earlier numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Figures, Revised};
use crate::document::{Piece, hash_of, note};
use crate::memory::{self, Seen};
use crate::state::{Joined, State};

/// Moved words told in one note, at most.
const MOST: usize = 20;

/// Puts the notes that are due; `stood` are the keys of those that stood in the report.
pub(super) fn put(revised: &mut Revised, before: &State, stood: &BTreeSet<String>, figures: Figures<'_>) {
    let words = words(revised);
    let seen: Vec<Seen<'_>> = words
        .iter()
        .map(|Word { text, .. }| Seen { text, noted: stood.contains(&memory::key(text)) })
        .collect();
    let memory = before.memory.revised(&seen, figures.before, figures.now);
    let mut due = memory.notes(&seen, figures.now);
    // Of two versions neither is settled yet: what theirs was written for is remembered, and told when it is kept.
    due.retain(|note| words.get(note.paragraph).is_some_and(|word| word.settled));
    revised.state.memory = memory.with(&seen, &due);
    let mut notes: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for note in due {
        if let Some(Word { text, .. }) = words.get(note.paragraph) {
            notes.entry(text.clone()).or_default().push((note.key, note.markdown));
        }
    }
    if figures.same {
        // Other words of a template, or of this program.
        revised.joined.iter_mut().for_each(|joined| joined.moved.clear());
    }
    let mut joined = joined(revised, before, stood);
    for piece in &mut revised.document.pieces {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Block(block) => &mut block.text,
        };
        revised.findings.stale += write(text, &notes, &mut joined);
    }
    revised.state.joined = joined;
}

/// A paragraph of the analyst.
struct Word {
    text: String,
    /// Whether it stands in no conflict.
    settled: bool,
}

/// The analyst's paragraphs: those outside of blocks, and those inside that were not generated. Tables of blocks are
/// told of cell by cell where they are merged.
fn words(revised: &Revised) -> Vec<Word> {
    let paragraphs = |text: &str, settled: bool| -> Vec<Word> {
        let word = |range: std::ops::Range<usize>| Word { text: text[range].trim_end().to_owned(), settled };
        // What is left of a note that somebody wrote in is no prose.
        let ours =
            |w: &Word| w.text.lines().any(|l| l.starts_with(note::WRITTEN) || l.starts_with(note::BESIDE));
        memory::paragraphs(text).into_iter().map(word).filter(|w| !ours(w)).collect()
    };
    let mut out = Vec::new();
    for piece in &revised.document.pieces {
        match piece {
            Piece::Text(text) => {
                out.extend(paragraphs(&note::outside_conflicts(text), true));
            }
            Piece::Block(block) => {
                let generated: BTreeSet<String> = revised
                    .state
                    .texts(&block.name)
                    .iter()
                    .flat_map(|text| crate::merge::passages(text))
                    .collect();
                let settled = paragraphs(&note::outside_conflicts(&block.text), true);
                let open = note::yours(&block.text).into_iter().flat_map(|text| paragraphs(&text, false));
                let own = settled.into_iter().chain(open);
                out.extend(own.filter(|w| !generated.contains(&w.text) && !w.text.starts_with('|')));
            }
        }
    }
    out
}

/// What was merged in this run and in earlier ones; none is noted yet. What somebody said holds has nothing that moved.
fn joined(revised: &mut Revised, before: &State, stood: &BTreeSet<String>) -> Vec<Joined> {
    let mut open: Vec<Joined> = before.joined.clone();
    for old in &mut open {
        if old.noted && !stood.contains(&key(old)) {
            old.moved.clear();
        }
        old.noted = false;
    }
    let mut now = Vec::new();
    for new in std::mem::take(&mut revised.joined) {
        let asked_again = new.text == new.was;
        let told = open.iter().find(|old| old.text == new.text && !asked_again);
        let earlier = open.iter().find(|old| old.text == new.was && !asked_again);
        let moved = match (told, earlier) {
            (Some(told), _) => told.moved.clone(),
            (None, Some(earlier)) => chained(&earlier.moved, &new.moved),
            (None, None) => new.moved,
        };
        now.push(Joined { text: new.text, moved, noted: false });
    }
    let text = revised.document.render();
    now.extend(open.into_iter().filter(|old| text.contains(&old.text)));
    now.retain(|joined| !joined.text.is_empty());
    // Those of this run come first, and stay.
    now.sort_by(|a, b| a.text.cmp(&b.text));
    now.dedup_by(|a, b| a.text == b.text);
    now
}

/// What moved twice, from where it began.
fn chained(first: &[(String, String)], second: &[(String, String)]) -> Vec<(String, String)> {
    let mut out: Vec<_> = first.to_vec();
    for (then, now) in second {
        match out.iter_mut().find(|(_, to)| to == then) {
            Some((_, to)) => now.clone_into(to),
            None => out.push((then.clone(), now.clone())),
        }
    }
    out.retain(|(then, now)| then != now);
    out.truncate(MOST);
    out
}

fn key(joined: &Joined) -> String {
    hash_of(&format!("joined {}", joined.text))
}

fn said(joined: &Joined) -> String {
    let pair = |(then, now): &(String, String)| {
        let shown = |words: &str| {
            let one = words.split_whitespace().collect::<Vec<_>>().join(" ").replace(['*', '|'], "");
            if one.is_empty() { "nothing".to_owned() } else { format!("“{one}”") }
        };
        format!("{}, now {}", shown(then), shown(now))
    };
    let all: Vec<String> = joined.moved.iter().map(pair).collect();
    format!(
        "{} When you changed this passage it had {}. Change it, or delete this note if it still holds.",
        note::BESIDE,
        all.join("; ")
    )
}

/// Writes notes under the paragraphs of `text` that they are for, and counts them.
fn write(text: &mut String, notes: &BTreeMap<String, Vec<(String, String)>>, joined: &mut [Joined]) -> usize {
    let mut due: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
    let outside = note::outside_conflicts(text);
    let ends: Vec<usize> = memory::paragraphs(&outside)
        .into_iter()
        .map(|range| {
            let end = range.start + outside[range.clone()].trim_end().len();
            // Under each, where a paragraph stands twice.
            let here = notes.get(&outside[range.start..end]);
            // Blanks at the end of its last line stay on it.
            let end = text[end..].find('\n').map_or(text.len(), |rest| end + rest);
            due.extend(here.map(|notes| (end, notes.clone())));
            end
        })
        .collect();
    for one in joined.iter_mut().filter(|one| !one.noted && !one.moved.is_empty()) {
        // It may be several paragraphs, or a part of one: a list with blank lines between its items.
        let end = place(text, &one.text).and_then(|end| ends.iter().find(|paragraph| **paragraph >= end));
        if let Some(end) = end {
            due.entry(*end).or_default().push((key(one), said(one)));
            one.noted = true;
        }
    }
    // From the last, so that places before it stay what they are.
    for (end, notes) in due.iter().rev() {
        if !text[*end..].starts_with('\n') {
            text.insert(*end, '\n');
        }
        let all: String = notes.iter().map(|(key, words)| note::stale(key, words)).collect();
        text.insert_str(end + 1, &all);
    }
    due.values().map(Vec::len).sum()
}

/// Where whole lines of `text` that are `lines` end, outside of conflicts.
fn place(text: &str, lines: &str) -> Option<usize> {
    let whole = |at: usize| {
        let (before, after) = (&text[..at], &text[at + lines.len()..]);
        (before.is_empty() || before.ends_with('\n'))
            && (after.is_empty() || after.starts_with('\n'))
            && !note::open_at_end(before)
    };
    text.match_indices(lines).map(|(at, _)| at).find(|at| whole(*at)).map(|at| at + lines.len())
}
