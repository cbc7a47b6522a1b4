//! What the numbers of an edited paragraph were before it was edited.

use std::collections::{BTreeMap, BTreeSet};

use crate::memory::choose::Paragraph;
use crate::memory::known::Known;
use crate::memory::{Number, Remembered, Standing, cues};

/// Paragraphs that vanished and are compared with one that is new, at most.
const COMPARED: usize = 50;
/// Paragraphs that are gone, perhaps since they were edited.
pub(super) struct Vanished<'a> {
    all: Vec<Gone<'a>>,
    /// Where each number stood.
    by_number: BTreeMap<String, Vec<usize>>,
}

struct Gone<'a> {
    paragraph: &'a Remembered,
    numbers: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl<'a> Vanished<'a> {
    /// Takes them apart.
    pub(super) fn of(paragraphs: &[&'a Remembered]) -> Self {
        let mut by_number: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut all = Vec::new();
        for (place, one) in paragraphs.iter().enumerate() {
            let numbers: BTreeSet<String> = Paragraph::of(&one.text).written().map(str::to_owned).collect();
            numbers.iter().for_each(|n| by_number.entry(n.clone()).or_default().push(place));
            all.push(Gone { paragraph: one, numbers, words: words(&one.text) });
        }
        Self { all, by_number }
    }

    /// The numbers of a new text: those that stood in the paragraph it was made from stay what they were (also
    /// nothing), the others are looked up among the figures that it was written against.
    pub(super) fn carried(
        &self,
        text: &str,
        paragraph: &Paragraph,
        before: Option<&Known>,
        now: &Known,
    ) -> Vec<Number> {
        let origin = self.origin(text, paragraph);
        let there: BTreeSet<&str> = paragraph.written().collect();
        let mut numbers: Vec<Number> = origin.map_or_else(Vec::new, |gone| {
            let kept = gone.paragraph.numbers.iter().filter(|n| there.contains(n.written.as_str()));
            kept.cloned().collect()
        });
        let stood = |n: &str| origin.is_some_and(|gone| gone.numbers.contains(n));
        let mut found: BTreeSet<String> = BTreeSet::new();
        for figures in before.into_iter().chain([now]) {
            let matches = paragraph.matches(figures, |n| !stood(n) && !found.contains(n));
            found.extend(matches.iter().map(|m| m.text.clone()));
            numbers.extend(matches.into_iter().map(Number::from));
        }
        merged(numbers)
    }

    /// The vanished paragraph that shares a number and the most words with this text.
    fn origin(&self, text: &str, paragraph: &Paragraph) -> Option<&Gone<'a>> {
        let numbers: BTreeSet<&str> = paragraph.written().collect();
        let mut places: Vec<&Vec<usize>> = numbers.iter().filter_map(|n| self.by_number.get(*n)).collect();
        // A number that stood in few places tells most.
        places.sort_by_key(|places| places.len());
        let places: BTreeSet<usize> = places.into_iter().flatten().copied().take(COMPARED).collect();
        let own = words(text);
        let mut best: Option<(usize, &Gone)> = None;
        for gone in places.into_iter().filter_map(|place| self.all.get(place)) {
            let shared = own.intersection(&gone.words).count();
            // Where a paragraph was cut in two, or grew, all words of the shorter one are shared.
            let alike = 5 * shared >= 2 * own.len().min(gone.words.len());
            let alikeness = 2_000_000 * shared / (own.len() + gone.words.len()).max(1);
            if alike && best.is_none_or(|(most, _)| alikeness > most) {
                best = Some((alikeness, gone));
            }
        }
        best.map(|(_, gone)| gone)
    }
}

/// The distinct words of a text.
fn words(text: &str) -> BTreeSet<String> {
    cues::words(text).into_iter().map(|w| w.text).collect()
}

/// One entry for each number as written: where it stands twice, for two figures, it is watched for both.
fn merged(numbers: Vec<Number>) -> Vec<Number> {
    let mut out: Vec<Number> = Vec::new();
    for number in numbers {
        match out.iter_mut().find(|n| n.written == number.written && n.about == number.about) {
            Some(same) => {
                let new: Vec<Standing> = number
                    .figures
                    .into_iter()
                    .filter(|f| same.figures.iter().all(|s| s.path != f.path))
                    .collect();
                same.figures.extend(new);
            }
            None => out.push(number),
        }
    }
    out
}
