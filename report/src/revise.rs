//! A new draft, brought together with the report that an analyst may have changed.
//!
//! Text outside of blocks is theirs. A block that nobody changed gets its new text; one that they changed is
//! merged; one that they removed stays removed; one that is new goes where the draft has it.

mod blocks;
mod notes;
mod places;

use std::collections::BTreeSet;

use common::hash;

use crate::document::{self, Block, Damage, Document, Piece};
use crate::memory::Known;
use crate::merge::Joined;
use crate::state::{self, State};

/// What a run makes of the report.
pub(crate) struct Revised {
    /// The report, with notes.
    pub(crate) document: Document,
    pub(crate) state: State,
    pub(crate) findings: Findings,
    /// SHA-256 of the analyst's words.
    pub(crate) words: String,
    /// Passages merged in this run.
    joined: Vec<Joined>,
}

/// What asks for the analyst.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Blocks with two versions of a passage, or half of two.
    pub(crate) conflicts: Vec<String>,
    /// Those of them in which the analyst is at it, and which are not brought up to date.
    pub(crate) half: Vec<String>,
    /// Notes on paragraphs written for earlier numbers.
    pub(crate) stale: usize,
    /// Markers that do not fit.
    pub(crate) damages: Vec<Damage>,
    /// Whether anything in it is the analyst's.
    pub(crate) edited: bool,
    /// Whether it has no block and never had one: it is theirs alone, and the draft goes beside it.
    pub(crate) apart: bool,
}

/// The report as it was found.
pub(crate) struct Found {
    /// With `\n` line ends.
    pub(crate) text: String,
    pub(crate) state: Option<State>,
}

/// The figures that an analyst may have cited.
#[derive(Clone, Copy)]
pub(crate) struct Figures<'a> {
    /// Of the last run: what they had before them.
    pub(crate) before: Option<&'a Known>,
    pub(crate) now: &'a Known,
    /// Whether they are the same.
    pub(crate) same: bool,
}

/// Brings `draft` and `found` together.
pub(crate) fn revise(draft: &Document, found: Option<&Found>, figures: Figures<'_>) -> Revised {
    let empty = State::default();
    let before = found.and_then(|f| f.state.as_ref()).unwrap_or(&empty);
    let mut revised = Revised {
        document: Document::default(),
        state: State { standing: before.standing.clone(), ..State::default() },
        findings: Findings::default(),
        words: String::new(),
        joined: Vec::new(),
    };
    revised.state.drafts = [sha256(draft)].into();
    // Where the state was lost, a draft that is the same as this one is nobody's work either.
    let known: BTreeSet<String> = before.drafts.union(&revised.state.drafts).cloned().collect();
    let is_edited = |old: &Document| !known.contains(&sha256(old));
    let mut gone = BTreeSet::new();
    match found.map(|found| opened(found, before, draft)) {
        Some((old, keys)) if !old.pieces.is_empty() && is_edited(&old) => {
            revised.findings.edited = true;
            revised.findings.damages.clone_from(&old.damages);
            revised.findings.damages.extend(found.iter().flat_map(|found| halves(&found.text)));
            revised.take(draft, old, before);
            gone = keys;
        }
        // Nobody touched it, or it is not there: the draft as it is, in its own order.
        _ => revised.generate(draft),
    }
    revised.words = words_of(&revised.document);
    notes::put(&mut revised, before, &gone, figures);
    revised
}

/// The report without notes, and the keys of those that stood in it.
fn opened(found: &Found, before: &State, draft: &Document) -> (Document, BTreeSet<String>) {
    // An empty file asks for a new draft.
    let text = if found.text.trim().is_empty() { "" } else { &found.text };
    let (text, keys) = document::note::strip(text);
    // What this run makes of a block the next one will know, and so this one must.
    let now = |name: &str| draft.blocks().find(|b| b.name == name).map(|b| b.text.clone());
    let texts = |name: &str| before.texts(name).into_iter().chain(now(name)).collect();
    (document::parse(&text, &texts), keys.into_iter().collect())
}

/// Notes of ours that lost a marker.
fn halves(text: &str) -> Vec<Damage> {
    let what = "half of a note of ours: delete it whole, or put its marker back";
    let one = |line| Damage { line, name: None, what: what.to_owned() };
    document::note::halves(text).into_iter().map(one).collect()
}

/// SHA-256 of the words of the analyst in a report.
pub(crate) fn words(found: &Found) -> String {
    let state = found.state.as_ref();
    words_of(&opened(found, state.unwrap_or(&State::default()), &Document::default()).0)
}

/// Of text outside of blocks, and of blocks that were changed.
fn words_of(document: &Document) -> String {
    let mut all = String::new();
    for piece in &document.pieces {
        match piece {
            Piece::Text(text) => all.push_str(text.trim()),
            Piece::Block(block) if block.hash.as_deref() == Some(document::hash_of(&block.text).as_str()) => {
            }
            Piece::Block(block) => all.push_str(&block.text),
        }
        all.push('\u{1e}');
    }
    hash::hex(all.as_bytes())
}

fn sha256(document: &Document) -> String {
    hash::hex(document.render().as_bytes())
}

impl Revised {
    fn generate(&mut self, draft: &Document) {
        self.document.pieces.clone_from(&draft.pieces);
        for block in draft.blocks() {
            self.state.blocks.insert(block.name.clone(), state::Block::of(&block.text));
        }
    }

    fn take(&mut self, draft: &Document, old: Document, before: &State) {
        self.findings.apart =
            before.blocks.is_empty() && old.blocks().next().is_none() && old.damages.is_empty();
        for piece in old.pieces {
            let piece = match piece {
                Piece::Block(block) => Piece::Block(self.block(block, draft, before)),
                text @ Piece::Text(_) => text,
            };
            self.document.pieces.push(piece);
        }
        for block in draft.blocks() {
            let removed = before.blocks.contains_key(&block.name);
            let damaged = self.findings.damages.iter().any(|d| d.name.as_ref() == Some(&block.name));
            if !removed && !damaged && !self.findings.apart && !self.document.has(&block.name) {
                places::insert(&mut self.document, draft, block);
            }
            self.state.blocks.entry(block.name.clone()).or_insert_with(|| state::Block::of(&block.text));
        }
        // What was removed is remembered even while it is not generated.
        for (name, block) in &before.blocks {
            self.state.blocks.entry(name.clone()).or_insert_with(|| block.clone());
        }
    }

    fn block(&mut self, block: Block, draft: &Document, before: &State) -> Block {
        let known = before.blocks.get(&block.name);
        let Some(new) = draft.blocks().find(|b| b.name == block.name).map(|b| b.text.as_str()) else {
            return self.ungenerated(block, known);
        };
        let outcome = blocks::bring(&block, known, new);
        if outcome.conflict.is_some() || document::note::in_conflict(&outcome.text) {
            self.findings.conflicts.push(block.name.clone());
            self.findings.half.extend(outcome.half.then(|| block.name.clone()));
        }
        let kept = self.state.blocks.entry(block.name.clone()).or_default();
        kept.texts.extend(outcome.texts);
        let hash = document::hash_of(&outcome.generated);
        kept.conflicts.extend(outcome.conflict.map(|conflict| (hash.clone(), conflict)));
        self.joined.extend(outcome.joined);
        Block { name: block.name, hash: Some(hash), text: outcome.text }
    }

    /// A block that this draft has not: its place stays, its text goes where nobody changed it.
    fn ungenerated(&mut self, block: Block, known: Option<&state::Block>) -> Block {
        let untouched = block.hash.as_deref() == Some(document::hash_of(&block.text).as_str());
        if untouched || block.text.is_empty() {
            self.state.blocks.insert(block.name.clone(), state::Block::of(""));
            return Block::generated(&block.name, "");
        }
        if let Some(known) = known {
            self.state.blocks.insert(block.name.clone(), known.clone());
        }
        block
    }
}

#[cfg(test)]
mod tests;
