//! The note under a paragraph that was written for earlier numbers.

use crate::escape;
use crate::memory::known::{self, Known};
use crate::memory::numeral::Numeral;
use crate::memory::{Number, Standing};
use crate::number;

/// Numbers told one by one in a note.
const TOLD: usize = 5;

impl Number {
    /// The first of its figures that no longer rounds to what was written, with its value now.
    ///
    /// Several figures that the words could not tell apart are watched together, and the number is stale as soon as one
    /// of them moves: a look at a paragraph that still holds costs a minute, a number missed costs the reader's trust.
    fn moved(&self, figures: &Known) -> Option<(&Standing, Option<f64>)> {
        let numeral = Numeral::parse(&self.written, self.about)?;
        self.figures.iter().find_map(|standing| {
            let now = figures.value(&standing.path);
            // “Too low by 2,549” says nothing true of a figure that changed its sign.
            let same = |v: &f64| numeral.is_of(*v) && (*v < 0.0) == (standing.value < 0.0);
            now.is_none_or(|v| !same(&v)).then_some((standing, now))
        })
    }

    pub(super) fn is_stale(&self, figures: &Known) -> bool {
        self.moved(figures).is_some()
    }

    /// One sentence: what the number was, and what it is now.
    fn told(&self, figures: &Known) -> Option<String> {
        let (standing, now) = self.moved(figures)?;
        let numeral = Numeral::parse(&self.written, self.about)?;
        let written = escape::quoted(&self.written);
        let what = known::label(&standing.path);
        let Some(now) = now else {
            if known::among(&standing.path).is_some() {
                return Some(format!("{written} was the {what}; it is not among them now."));
            }
            return Some(format!("{written} was the {what}; there is no such figure now."));
        };
        let signed = (now < 0.0) != (standing.value < 0.0);
        let (mut old, mut new) = (numeral.show(standing.value, signed), numeral.show(now, signed));
        if old == new || self.written == new {
            (old, new) = (figure(standing.value), figure(now));
        }
        let was = if signed { format!("it was {} and is", shown(&old)) } else { "it is".to_owned() };
        Some(format!("{written} was the {what}; {was} {} now.", shown(&new)))
    }
}

/// A number of our own making as Markdown.
fn shown(number: &str) -> String {
    number.replace('$', "\\$")
}

fn figure(value: f64) -> String {
    number::figure(value)
}

/// The note for these numbers, as Markdown; nothing where none has moved.
pub(super) fn note(numbers: &[Number], figures: &Known) -> Option<String> {
    let told: Vec<String> = numbers.iter().filter_map(|n| n.told(figures)).collect();
    let (one, more) = (told.len() == 1, told.len().saturating_sub(TOLD));
    if told.is_empty() {
        return None;
    }
    let mut text = told.into_iter().take(TOLD).collect::<Vec<_>>().join(" ");
    if more > 0 {
        text.push_str(&format!(" And {} moved.", number::counted(more as u64, "more number")));
    }
    let holds = if one { "it still holds" } else { "all still hold" };
    Some(format!(
        "> **Written for earlier numbers.** {text} Change the paragraph, or delete this note if {holds}."
    ))
}
