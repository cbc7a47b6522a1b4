//! Merging what an analyst changed in a generated text with what is generated now.
//!
//! Three ways: the text that was generated when they changed it, theirs, and the new one. Passages are
//! paragraphs, lists, tables and code. Each passage of theirs and of the new text is paired with the one it was:
//! what they left follows the new text, what they removed stays removed, what they wrote stays where it stood.
//! Where both sides changed a passage, its words or its cells are merged; where that cannot be done, both
//! versions are kept and shown.

mod align;
mod canon;
mod passages;
mod table;
mod words;

use crate::document::note;
use align::{Pairs, pairs};
use canon::{alike, same};
pub(crate) use passages::passages;
use table::Table;

/// A text merged of three.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) text: String,
    /// Passages in which words of the analyst stand beside figures that are newer, or than which newer ones are known.
    pub(crate) joined: Vec<Joined>,
    /// Passages that could not be merged.
    pub(crate) conflicts: usize,
}

/// A passage in which the analyst's words stand beside figures that are newer.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    if base.is_empty() {
        return unknown(&yours, &new);
    }
    let mut plan = Plan::new(&base, &yours, &new);
    plan.write();
    let Plan { out, mut merged, .. } = plan;
    merged.text = out.into_iter().filter(|passage| !passage.is_empty()).collect::<Vec<_>>().join("\n\n");
    merged
}

/// Merges where it is not known what `yours` was changed from: passages of both that differ are conflicts.
fn unknown(yours: &[String], new: &[String]) -> Merged {
    let same = pairs(yours, new, |a, b| alike(a, b));
    let mut out = Vec::new();
    let mut conflicts = 0;
    let mut written = 0;
    for (j, passage) in new.iter().enumerate() {
        let Some(y) = same.first_of(j) else {
            out.push(passage.clone());
            continue;
        };
        out.extend(yours[written..y].iter().cloned());
        written = y + 1;
        if canon::same(&yours[y], passage) {
            out.push(passage.clone());
        } else {
            conflicts += 1;
            out.push(note::conflict(&yours[y], passage));
        }
    }
    out.extend(yours[written..].iter().cloned());
    Merged { text: out.join("\n\n"), joined: Vec::new(), conflicts }
}

/// What becomes of each passage.
struct Plan<'a> {
    base: &'a [String],
    yours: &'a [String],
    new: &'a [String],
    /// Base and yours, base and new.
    kept: Pairs,
    renewed: Pairs,
    out: Vec<String>,
    merged: Merged,
}

impl<'a> Plan<'a> {
    fn new(base: &'a [String], yours: &'a [String], new: &'a [String]) -> Self {
        let merged = Merged { text: String::new(), joined: Vec::new(), conflicts: 0 };
        let kept = pairs(base, yours, |a, b| alike(a, b));
        let renewed = pairs(base, new, |a, b| alike(a, b));
        Self { base, yours, new, kept, renewed, out: Vec::new(), merged }
    }

    fn write(&mut self) {
        let moved = self.moved();
        self.own(None, &moved);
        for j in 0..self.new.len() {
            let was = self.renewed.first_of(j);
            if !moved.iter().any(|(_, base)| Some(*base) == was) {
                self.passage(was, j);
            }
            if let Some(i) = was {
                self.own(Some(i), &moved);
            }
        }
        // Changed by the analyst, and not generated any more.
        for i in 0..self.base.len() {
            if let (Some(y), None) = (self.kept.second_of(i), self.renewed.second_of(i))
                && !same(&self.yours[y], &self.base[i])
            {
                self.conflict(&self.yours[y].clone(), "");
            }
        }
    }

    /// Passages that the analyst moved: theirs, and what they were.
    fn moved(&self) -> Vec<(usize, usize)> {
        let gone = |i: &usize| self.kept.second_of(*i).is_none();
        let of = |y: usize| (0..self.base.len()).filter(gone).find(|i| same(&self.base[*i], &self.yours[y]));
        let written = (0..self.yours.len()).filter(|y| self.kept.first_of(*y).is_none());
        written.filter_map(|y| Some((y, of(y)?))).collect()
    }

    /// What the analyst wrote after the passage that was `base`, up to the next one that is generated still.
    fn own(&mut self, base: Option<usize>, moved: &[(usize, usize)]) {
        let mut anchor = None;
        for y in 0..self.yours.len() {
            if let Some(i) = self.kept.first_of(y) {
                anchor = if self.renewed.second_of(i).is_some() { Some(i) } else { anchor };
            } else if anchor == base {
                match moved.iter().find(|(own, _)| *own == y) {
                    Some((_, was)) => {
                        let new = self.renewed.second_of(*was).map(|j| self.new[j].clone());
                        self.out.extend(new);
                    }
                    None => self.out.push(self.yours[y].clone()),
                }
            }
        }
    }

    /// The new passage `j`, which was `base`.
    fn passage(&mut self, base: Option<usize>, j: usize) {
        let new = &self.new[j];
        let Some(i) = base else { return self.out.push(new.clone()) };
        let base = &self.base[i];
        match self.kept.second_of(i) {
            Some(y) if same(&self.yours[y], base) || same(&self.yours[y], new) => self.out.push(new.clone()),
            Some(y) if same(base, new) => self.out.push(self.yours[y].clone()),
            Some(y) => self.both(base, &self.yours[y], new),
            // Removed: it stays so, but something else in its place is shown.
            None if alike(base, new) > 0.0 => {}
            None => self.out.push(new.clone()),
        }
    }

    /// Both sides changed it.
    fn both(&mut self, base: &str, yours: &str, new: &str) {
        if let (Some(base), Some(own), Some(now)) = (Table::of(base), Table::of(yours), Table::of(new)) {
            if let Some(table) = table::merge(&base, &own, &now) {
                let text = table.text.clone();
                self.merged.joined.push(Joined { was: yours.to_owned(), text, moved: table.moved });
                self.out.push(table.text);
                if let Some(orphans) = table.orphans {
                    self.conflict(&orphans, "");
                }
                return;
            }
        } else if let Some(text) = words::merge(base, yours, new) {
            if text == new {
                // What they did is what is generated now.
                return self.out.push(text);
            }
            let moved = words::moved(base, new);
            self.merged.joined.push(Joined { was: yours.to_owned(), text: text.clone(), moved });
            return self.out.push(text);
        }
        // Where they keep their version, its figures are of then.
        let moved = words::moved(base, new);
        self.merged.joined.push(Joined { was: yours.to_owned(), text: yours.to_owned(), moved });
        self.conflict(yours, new);
    }

    fn conflict(&mut self, yours: &str, new: &str) {
        self.merged.conflicts += 1;
        self.out.push(note::conflict(yours, new));
    }
}

#[cfg(test)]
mod tests;
