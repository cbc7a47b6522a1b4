//! Numbers that an analyst wrote, and the figures they stood for.
//!
//! A plain number in prose that matches a figure of the run it was written against is remembered. When the figure no
//! longer rounds to what was written, the paragraph is stale and gets a note with both values. Nothing here reads or
//! writes files; what is remembered travels in the state of the report.

mod choose;
mod cues;
mod figure;
mod known;
mod mask;
mod money;
mod note;
mod numeral;
mod paragraphs;
mod scan;
#[cfg(test)]
mod tests;
mod vanished;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::hash_of;
use choose::Paragraph;
pub(crate) use known::Known;
pub(crate) use paragraphs::paragraphs;
use vanished::Vanished;

/// Bytes of prose that are looked at, in all and of one paragraph: beyond that it is data.
const PROSE: usize = 1 << 20;
const PARAGRAPH: usize = 1 << 16;

/// What is remembered, in the order of the texts.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(crate) struct Memory {
    paragraphs: Vec<Remembered>,
}

/// A paragraph with numbers, whether or not they are figures.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Remembered {
    text: String,
    numbers: Vec<Number>,
    /// A note stood under it after the last run.
    noted: bool,
}

/// A number as written, and the figures that it may be.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Number {
    written: String,
    /// The words before it say that its last zeros are rounded.
    about: bool,
    figures: Vec<Standing>,
}

/// A figure as it stood when the number was written.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Standing {
    path: String,
    value: f64,
}

/// A paragraph of the analyst as it is now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) text: &'a str,
    /// Our note still stands under it.
    pub(crate) noted: bool,
}

/// A note to be put under a paragraph.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Note {
    /// Place of the paragraph among those given.
    pub(crate) paragraph: usize,
    /// 8 hex digits, of its text.
    pub(crate) key: String,
    pub(crate) markdown: String,
}

impl Memory {
    /// The memory after this run.
    ///
    /// `before` are the figures of the last run, which new text was written against; `now` those of this one. The
    /// notes put afterwards are to be told by [`Memory::with`], else their removal is not understood next time.
    #[must_use]
    pub(crate) fn revised(&self, seen: &[Seen], before: Option<&Known>, now: &Known) -> Self {
        let old: BTreeMap<&str, &Remembered> = self.paragraphs.iter().map(|p| (p.text.as_str(), p)).collect();
        let texts = distinct(seen);
        let vanished: Vec<&Remembered> =
            self.paragraphs.iter().filter(|p| !texts.contains_key(trimmed(&p.text))).collect();
        let vanished = Vanished::of(&vanished);
        let mut paragraphs = Vec::new();
        let mut bytes = 0;
        for (text, noted) in texts {
            if text.len() > PARAGRAPH {
                continue;
            }
            bytes += text.len();
            if bytes > PROSE {
                break;
            }
            if let Some(known) = old.get(text) {
                paragraphs.push(known.again(noted, before.unwrap_or(now)));
                continue;
            }
            let paragraph = Paragraph::of(text);
            if paragraph.written().next().is_none() {
                continue;
            }
            let numbers = vanished.carried(text, &paragraph, before, now);
            paragraphs.push(Remembered { text: text.to_owned(), numbers, noted: false });
        }
        Self { paragraphs }
    }

    /// The notes to put under these paragraphs.
    #[must_use]
    pub(crate) fn notes(&self, seen: &[Seen], now: &Known) -> Vec<Note> {
        let all: BTreeMap<&str, &Remembered> = self.paragraphs.iter().map(|p| (p.text.as_str(), p)).collect();
        let mut notes = Vec::new();
        let mut done = BTreeSet::new();
        for (place, one) in seen.iter().enumerate() {
            let text = trimmed(one.text);
            let Some(markdown) = all.get(text).and_then(|p| note::note(&p.numbers, now)) else { continue };
            // One for each text, wherever it stands.
            if done.insert(text) {
                notes.push(Note { paragraph: place, key: key(text), markdown });
            }
        }
        notes
    }

    /// This memory, for as long as it is not known whether its notes were put: as put count those of `before`.
    #[must_use]
    pub(crate) fn noted_as(mut self, before: &Self) -> Self {
        let noted: BTreeSet<&str> =
            before.paragraphs.iter().filter(|p| p.noted).map(|p| p.text.as_str()).collect();
        for paragraph in &mut self.paragraphs {
            paragraph.noted &= noted.contains(paragraph.text.as_str());
        }
        self
    }

    /// The memory that knows which notes were put under these paragraphs.
    #[must_use]
    pub(crate) fn with(mut self, seen: &[Seen], notes: &[Note]) -> Self {
        let noted: BTreeSet<&str> =
            notes.iter().filter_map(|note| seen.get(note.paragraph)).map(|one| trimmed(one.text)).collect();
        for paragraph in &mut self.paragraphs {
            paragraph.noted = noted.contains(paragraph.text.as_str());
        }
        self
    }
}

/// The key of the note under the paragraph `text`.
pub(crate) fn key(text: &str) -> String {
    hash_of(trimmed(text))
}

/// Each text once; where it stands twice, nobody has confirmed it as long as one of its notes stands.
fn distinct<'a>(seen: &[Seen<'a>]) -> BTreeMap<&'a str, bool> {
    let mut texts = BTreeMap::new();
    for one in seen {
        *texts.entry(trimmed(one.text)).or_insert(false) |= one.noted;
    }
    texts
}

/// A text without what parts it from others. What its first line is indented by tells code from prose.
fn trimmed(text: &str) -> &str {
    text.trim_end().trim_start_matches(['\n', '\r'])
}

impl Remembered {
    /// The same paragraph in this run. A note that is gone says: I looked, it stays.
    fn again(&self, noted: bool, before: &Known) -> Self {
        let mut again = self.clone();
        if self.noted && !noted {
            again.numbers.retain(|number| !number.is_stale(before));
            again.noted = false;
        }
        again
    }
}

impl From<choose::Match<'_>> for Number {
    fn from(found: choose::Match) -> Self {
        let standing = |f: &&known::Figure| Standing { path: f.path.clone(), value: f.value };
        Self {
            written: found.text,
            about: found.about,
            figures: found.figures.iter().map(standing).collect(),
        }
    }
}
