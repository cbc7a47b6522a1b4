//! Footnotes, numbered as they are first referred to.

use std::collections::BTreeMap;

use super::items::Item;
use super::text::escaped;

/// A footnote of an analyst: its name and what it holds.
type Note<'a> = (String, Vec<Item<'a>>);

/// The footnotes of a document, and how far they are numbered and written.
pub(super) struct Notes<'a> {
    all: &'a [Note<'a>],
    by_name: BTreeMap<&'a str, usize>,
    /// Which note has which number, less one.
    order: Vec<usize>,
    referred: usize,
    written: usize,
}

impl<'a> Notes<'a> {
    pub(super) fn new(all: &'a [Note<'a>]) -> Self {
        let by_name = all.iter().enumerate().rev().map(|(at, (name, _))| (name.as_str(), at)).collect();
        Self { all, by_name, order: Vec::new(), referred: 0, written: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What stands in the text for a note. No link holds one: Markdown then sees no link.
    pub(super) fn reference(&mut self, name: &str) -> String {
        let Some(&note) = self.by_name.get(name) else { return escaped(&format!("[^{name}]")) };
        let known = self.order.iter().position(|n| *n == note);
        let number = known.unwrap_or_else(|| {
            self.order.push(note);
            self.order.len() - 1
        }) + 1;
        let id = if known.is_none() { format!(" id=\"noteref:{number}\"") } else { String::new() };
        format!("<sup{id}><a href=\"#note:{number}\">{number}</a></sup>")
    }

    /// The next note to write: its number, what it holds, and whether the text refers to it. Notes that nothing
    /// refers to come last.
    pub(super) fn next(&mut self) -> Option<(usize, &'a [Item<'a>], bool)> {
        if self.written == self.order.len() {
            let unused = (0..self.all.len()).find(|note| !self.order.contains(note))?;
            self.order.push(unused);
        } else {
            self.referred = self.referred.max(self.written + 1);
        }
        let note = *self.order.get(self.written)?;
        self.written += 1;
        Some((self.written, &self.all[note].1, self.referred == self.written))
    }
}
