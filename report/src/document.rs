//! The report as a document: blocks that are generated, and around them what the analyst wrote.
//!
//! A block stands between `<!-- millrace:begin NAME -->` and `<!-- millrace:end NAME HASH -->`, each on a
//! line of its own; the hash is that of the generated text, so that an edit inside shows without any
//! other file. What cannot be read as a block is the analyst's text, and is left as it is.

mod marker;
pub(crate) mod note;
mod parse;

pub(crate) use parse::parse;

use common::hash;

/// Hexadecimal digits of a hash in a marker.
const DIGITS: usize = 8;

/// A report, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) pieces: Vec<Piece>,
    /// Markers that do not fit together.
    pub(crate) damages: Vec<Damage>,
}

/// A piece of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The analyst's own, with all its line ends.
    Text(String),
    Block(Block),
}

/// A generated block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) name: String,
    /// Hash of the text that was generated, as the end marker has it.
    pub(crate) hash: Option<String>,
    /// What stands between the markers, without blank lines around it.
    pub(crate) text: String,
}

/// A marker that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Counted from 1.
    pub(crate) line: usize,
    /// Name of the block, where one can be read.
    pub(crate) name: Option<String>,
    pub(crate) what: String,
}

impl Block {
    /// A block as it was generated.
    pub(crate) fn generated(name: &str, text: &str) -> Self {
        let text = text.trim_matches('\n').to_owned();
        Self { name: name.to_owned(), hash: Some(hash_of(&text)), text }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&marker::begin(&self.name));
        out.push('\n');
        if !self.text.is_empty() {
            out.push('\n');
            out.push_str(&self.text);
            out.push_str("\n\n");
        }
        out.push_str(&marker::end(&self.name, self.hash.as_deref()));
        out.push('\n');
    }
}

impl Document {
    /// The report as Markdown.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Block(block) => block.write(&mut out),
            }
        }
        out
    }

    /// The same as a fresh draft: every block as it was generated.
    pub(crate) fn generated(mut self) -> Self {
        for piece in &mut self.pieces {
            if let Piece::Block(block) = piece {
                *block = Block::generated(&block.name, &block.text);
            }
        }
        self
    }

    /// The blocks, in order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Block(block) => Some(block),
            Piece::Text(_) => None,
        })
    }

    /// Whether a block of this name stands in it, whole or damaged.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.blocks().any(|block| block.name == name)
            || self.damages.iter().any(|damage| damage.name.as_deref() == Some(name))
    }
}

/// A report for readers: without marker lines.
pub(crate) fn without_markers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(|line| marker::read(line).is_none()) {
        // The blank lines around a marker become one.
        if !(line.is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What end markers say of a generated text.
pub(crate) fn hash_of(text: &str) -> String {
    let mut hash = hash::hex(text.as_bytes());
    hash.truncate(DIGITS);
    hash
}
