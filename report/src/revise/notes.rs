//! Notes under paragraphs that were written for earlier numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Figures, Revised};
use crate::document::{Piece, hash_of, note};
use crate::memory::{self, Seen};
use crate::state::{Joined, State};

/// Puts the notes that are due; `stood` are the keys of those that stood in the report.
pub(super) fn put(revised: &mut Revised, before: &State, stood: &BTreeSet<String>, figures: Figures<'_>) {
    let words = words(revised);
    let seen: Vec<Seen<'_>> =
        words.iter().map(|text| Seen { text, noted: stood.contains(&memory::key(text)) }).collect();
    let memory = before.memory.revised(&seen, figures.before, figures.now);
    let due = memory.notes(&seen, figures.now);
    revised.state.memory = memory.with(&seen, &due);
    let mut notes: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for note in due {
        if let Some(text) = words.get(note.paragraph) {
            notes.entry(text.clone()).or_default().push((note.key, note.markdown));
        }
    }
    let mut joined = joined(revised, before, stood);
    for piece in &mut revised.document.pieces {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Block(block) => &mut block.text,
        };
        revised.findings.stale += write(text, &mut notes, &mut joined);
    }
    revised.state.joined = joined;
}

/// The analyst's paragraphs: those outside of blocks, and those inside that were not generated.
fn words(revised: &Revised) -> Vec<String> {
    let mut out = Vec::new();
    for piece in &revised.document.pieces {
        match piece {
            Piece::Text(text) => {
                out.extend(memory::paragraphs(text).into_iter().map(|r| text[r].trim_end().to_owned()));
            }
            Piece::Block(block) => {
                let generated: BTreeSet<String> = revised
                    .state
                    .texts(&block.name)
                    .iter()
                    .flat_map(|text| crate::merge::passages(text))
                    .collect();
                let own =
                    memory::paragraphs(&block.text).into_iter().map(|r| block.text[r].trim_end().to_owned());
                out.extend(own.filter(|text| !generated.contains(text)));
            }
        }
    }
    out
}

/// What was merged in this run and in earlier ones, as long as nobody said that it holds; none is noted yet.
fn joined(revised: &mut Revised, before: &State, stood: &BTreeSet<String>) -> Vec<Joined> {
    let confirmed = |old: &Joined| old.noted && !stood.contains(&key(old));
    let open: Vec<&Joined> = before.joined.iter().filter(|old| !confirmed(old)).collect();
    let mut now = Vec::new();
    for new in std::mem::take(&mut revised.joined) {
        let moved = match open.iter().find(|old| old.text == new.was) {
            Some(old) => chained(&old.moved, &new.moved),
            None => new.moved,
        };
        now.push(Joined { text: new.text, moved, noted: false });
    }
    let text = revised.document.render();
    let rest = open.into_iter().filter(|old| text.contains(&old.text));
    now.extend(rest.map(|old| Joined { noted: false, ..old.clone() }));
    now.sort_by(|a, b| a.text.cmp(&b.text));
    now.dedup_by(|a, b| a.text == b.text);
    now.retain(|joined| !joined.moved.is_empty() && !joined.text.is_empty());
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
        format!("{} was {}", shown(now), shown(then))
    };
    let all: Vec<String> = joined.moved.iter().map(pair).collect();
    format!(
        "> **Your words beside newer numbers.** When you changed this passage, {}. Change it, or delete this note if it still holds.",
        all.join(", ")
    )
}

/// Writes notes under the paragraphs of `text` that they are for, and counts them.
fn write(
    text: &mut String,
    notes: &mut BTreeMap<String, Vec<(String, String)>>,
    joined: &mut [Joined],
) -> usize {
    let mut due: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
    let ends: Vec<usize> = memory::paragraphs(text)
        .into_iter()
        .map(|range| {
            let end = range.start + text[range.clone()].trim_end().len();
            due.extend(notes.remove(&text[range.start..end]).map(|notes| (end, notes)));
            end
        })
        .collect();
    for one in joined.iter_mut().filter(|one| !one.noted) {
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

/// Where whole lines of `text` that are `lines` end.
fn place(text: &str, lines: &str) -> Option<usize> {
    let whole = |at: usize| {
        let (before, after) = (&text[..at], &text[at + lines.len()..]);
        (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
    };
    text.match_indices(lines).map(|(at, _)| at).find(|at| whole(*at)).map(|at| at + lines.len())
}
