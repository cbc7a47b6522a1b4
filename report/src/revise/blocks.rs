//! One block: what the analyst made of the last text, and the new one.

use std::collections::BTreeMap;

use crate::document::{Block, hash_of, note};
use crate::merge::{self, Joined, Merged};
use crate::state;

/// What becomes of a block.
pub(super) struct Outcome {
    /// What stands in the report.
    pub(super) text: String,
    /// The generated text that it stands for.
    pub(super) generated: String,
    /// Texts that the next run may need.
    pub(super) texts: BTreeMap<String, String>,
    pub(super) conflict: Option<state::Conflict>,
    pub(super) joined: Vec<Joined>,
    /// Whether the analyst is about to resolve a conflict in it.
    pub(super) half: bool,
}

impl Outcome {
    fn of(text: &str, generated: &str) -> Self {
        Self {
            text: text.to_owned(),
            generated: generated.to_owned(),
            texts: [(hash_of(generated), generated.to_owned())].into(),
            conflict: None,
            joined: Vec::new(),
            half: false,
        }
    }
}

/// Brings a block of the report and its new text together.
pub(super) fn bring(block: &Block, known: Option<&state::Block>, new: &str) -> Outcome {
    let untouched = |text: &str| block.hash.as_deref() == Some(hash_of(text).as_str());
    // A block without text and hash asks for its text: that is how a removed one is brought back.
    let asks = block.text.is_empty() && block.hash.is_none();
    if untouched(&block.text) || block.text == new || asks {
        return Outcome::of(new, new);
    }
    if block.text.is_empty() {
        // Emptied is as good as removed.
        return Outcome::of("", new);
    }
    let pending = block.hash.as_ref().and_then(|hash| known?.conflicts.get(hash));
    let same = || Some(new).filter(|new| untouched(new));
    let base = block.hash.as_ref().and_then(|hash| known?.texts.get(hash)).map(String::as_str).or_else(same);
    if let Some(pending) = pending {
        if pending.shown == hash_of(&block.text) {
            // Nobody has looked at it yet: the same question, with what is new.
            let again = merged(&pending.base, &pending.yours, new);
            // What stands there already was told when it came.
            return if again.text == block.text { Outcome { joined: Vec::new(), ..again } } else { again };
        }
        if note::in_conflict(&block.text) {
            return unresolved(block, base, pending);
        }
    } else if note::in_conflict(&block.text) {
        return Outcome { half: true, ..Outcome::of(&block.text, base.unwrap_or(new)) };
    }
    // Where it is not known what it was changed from, all of it is a conflict.
    merged(base.unwrap_or_default(), &block.text, new)
}

/// The analyst is at it: nothing is touched until no mark of the conflict is left.
fn unresolved(block: &Block, base: Option<&str>, pending: &state::Conflict) -> Outcome {
    let generated = base.unwrap_or_default();
    Outcome { conflict: Some(pending.clone()), half: true, ..Outcome::of(&block.text, generated) }
}

fn merged(base: &str, yours: &str, new: &str) -> Outcome {
    let Merged { text, joined, conflicts } = merge::merge(base, yours, new);
    let shown = hash_of(&text);
    let conflict =
        (conflicts > 0).then(|| state::Conflict { base: base.to_owned(), yours: yours.to_owned(), shown });
    Outcome { conflict, joined, ..Outcome::of(&text, new) }
}
