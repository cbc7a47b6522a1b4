//! Where a block that is new to a report goes.

use crate::document::{Block, Document, Piece};

/// Puts `block` after the one before it in the draft that the report has, else before the one after it, else
/// at the end.
pub(super) fn insert(document: &mut Document, draft: &Document, block: &Block) {
    let names: Vec<&str> = draft.blocks().map(|b| b.name.as_str()).collect();
    let at = names.iter().position(|name| *name == block.name).unwrap_or(names.len());
    let place = |name: &&str| {
        document.pieces.iter().position(|piece| matches!(piece, Piece::Block(b) if b.name == **name))
    };
    let before = names.get(..at).into_iter().flatten().rev().find_map(&place);
    let after = names.get(at + 1..).into_iter().flatten().find_map(place);
    let new = Piece::Block(block.clone());
    let gap = || Piece::Text("\n".to_owned());
    match (before, after) {
        (Some(before), _) => {
            let at = before + 1;
            document.pieces.splice(at..at, [gap(), new]);
        }
        (None, Some(after)) => {
            document.pieces.splice(after..after, [new, gap()]);
        }
        (None, None) => {
            if let Some(Piece::Text(text)) = document.pieces.last_mut() {
                text.truncate(text.trim_end().len());
                text.push('\n');
            }
            document.pieces.extend([gap(), new]);
        }
    }
}
