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
mod note;
mod numeral;
mod paragraphs;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use common::hash;
use serde::{Deserialize, Serialize};

use choose::Paragraph;
pub(crate) use known::Known;
pub(crate) use paragraphs::paragraphs;

/// Paragraphs that vanished and are compared with one that is new, at most.
const COMPARED: usize = 50;
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
    /// 8 hex digits, of its text and of how often it stood before.
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
            self.paragraphs.iter().filter(|p| !texts.contains_key(p.text.trim())).collect();
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
        let mut before: BTreeMap<&str, usize> = BTreeMap::new();
        let mut notes = Vec::new();
        for (place, one) in seen.iter().enumerate() {
            let text = one.text.trim();
            let Some(markdown) = all.get(text).and_then(|p| note::note(&p.numbers, now)) else { continue };
            let nth = before.entry(text).or_default();
            let hash = hash::hex(format!("{nth} {text}").as_bytes());
            *nth += 1;
            let key = hash.get(..8).unwrap_or(&hash).to_owned();
            notes.push(Note { paragraph: place, key, markdown });
        }
        notes
    }

    /// The memory that knows which notes were put under these paragraphs.
    #[must_use]
    pub(crate) fn with(mut self, seen: &[Seen], notes: &[Note]) -> Self {
        let noted: BTreeSet<&str> =
            notes.iter().filter_map(|note| seen.get(note.paragraph)).map(|one| one.text.trim()).collect();
        for paragraph in &mut self.paragraphs {
            paragraph.noted = noted.contains(paragraph.text.as_str());
        }
        self
    }
}

/// Each text once; of texts that stand twice, one note taken away is enough.
fn distinct<'a>(seen: &[Seen<'a>]) -> BTreeMap<&'a str, bool> {
    let mut texts = BTreeMap::new();
    for one in seen {
        let noted = texts.entry(one.text.trim()).or_insert(true);
        *noted &= one.noted;
    }
    texts
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

/// Paragraphs that are gone, perhaps since they were edited.
struct Vanished<'a> {
    all: Vec<(&'a Remembered, BTreeSet<String>)>,
    /// Where each number stood.
    by_number: BTreeMap<String, Vec<usize>>,
}

impl<'a> Vanished<'a> {
    fn of(paragraphs: &[&'a Remembered]) -> Self {
        let mut by_number: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut all = Vec::new();
        for (place, one) in paragraphs.iter().enumerate() {
            let numbers: BTreeSet<String> = Paragraph::of(&one.text).written().map(str::to_owned).collect();
            numbers.into_iter().for_each(|n| by_number.entry(n).or_default().push(place));
            all.push((*one, words(&one.text)));
        }
        Self { all, by_number }
    }

    /// The numbers of a new text: those that stood in the paragraph it was made from stay what they were (also
    /// nothing), the others are looked up among the figures that it was written against.
    fn carried(&self, text: &str, paragraph: &Paragraph, before: Option<&Known>, now: &Known) -> Vec<Number> {
        let origin = self.origin(text, paragraph);
        let stood: BTreeSet<&str> = origin.map_or_else(BTreeSet::new, |place| {
            let here = self.by_number.iter().filter(|(_, places)| places.binary_search(&place).is_ok());
            here.map(|(number, _)| number.as_str()).collect()
        });
        let there: BTreeSet<&str> = paragraph.written().collect();
        let mut numbers: Vec<Number> = origin
            .and_then(|place| self.all.get(place))
            .map(|(one, _)| one.numbers.iter().filter(|n| there.contains(n.written.as_str())).cloned().collect())
            .unwrap_or_default();
        let mut found: BTreeSet<String> = BTreeSet::new();
        for figures in before.into_iter().chain([now]) {
            let matches = paragraph.matches(figures, |n| !stood.contains(n) && !found.contains(n));
            found.extend(matches.iter().map(|m| m.text.clone()));
            numbers.extend(matches.into_iter().map(Number::from));
        }
        merged(numbers)
    }

    /// The vanished paragraph that shares a number and the most words with this text.
    fn origin(&self, text: &str, paragraph: &Paragraph) -> Option<usize> {
        let numbers: BTreeSet<&str> = paragraph.written().collect();
        let places: BTreeSet<usize> =
            numbers.iter().filter_map(|n| self.by_number.get(*n)).flatten().copied().take(COMPARED).collect();
        let own = words(text);
        let mut best: Option<(usize, usize)> = None;
        for place in places {
            let Some((_, other)) = self.all.get(place) else { continue };
            let shared = own.intersection(other).count();
            // Where a paragraph was cut in two, or grew, all words of the shorter one are shared.
            let alike = 5 * shared >= 2 * own.len().min(other.len());
            let alikeness = 2_000_000 * shared / (own.len() + other.len()).max(1);
            if alike && best.is_none_or(|(most, _)| alikeness > most) {
                best = Some((alikeness, place));
            }
        }
        best.map(|(_, place)| place)
    }
}

/// The distinct words of a text.
fn words(text: &str) -> BTreeSet<String> {
    cues::words(text).into_iter().map(|w| w.text).collect()
}

impl From<choose::Match<'_>> for Number {
    fn from(found: choose::Match) -> Self {
        let standing = |f: &&known::Figure| Standing { path: f.path.clone(), value: f.value };
        Self { written: found.text, about: found.about, figures: found.figures.iter().map(standing).collect() }
    }
}

/// One entry for each number as written: where it stands twice, for two figures, it is watched for both.
fn merged(numbers: Vec<Number>) -> Vec<Number> {
    let mut out: Vec<Number> = Vec::new();
    for number in numbers {
        match out.iter_mut().find(|n| n.written == number.written && n.about == number.about) {
            Some(same) => {
                let new: Vec<Standing> =
                    number.figures.into_iter().filter(|f| same.figures.iter().all(|s| s.path != f.path)).collect();
                same.figures.extend(new);
            }
            None => out.push(number),
        }
    }
    out
}
