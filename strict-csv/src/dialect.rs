//! How the records of a source are written.

use crate::encoding::Encoding;

/// What ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// A line feed, or a carriage return and a line feed.
    #[default]
    Lf,
    /// A carriage return alone.
    Cr,
}

impl LineEnd {
    /// The byte that ends a line.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Lf => b'\n',
            Self::Cr => b'\r',
        }
    }

    /// `line` without its line end.
    #[must_use]
    pub fn strip(self, line: &[u8]) -> &[u8] {
        let Some(content) = line.strip_suffix(&[self.byte()]) else { return line };
        match self {
            Self::Lf => content.strip_suffix(b"\r").unwrap_or(content),
            Self::Cr => content,
        }
    }

    /// The byte that must not stand outside quotes: the other line end.
    pub(crate) const fn stray(self) -> u8 {
        match self {
            Self::Lf => b'\r',
            Self::Cr => b'\n',
        }
    }
}

/// A dialect with nothing left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// How bytes stand for characters.
    pub encoding: Encoding,
    /// What parts cells; one ASCII character.
    pub delimiter: u8,
    /// What opens and closes a cell that may hold anything; none where quotes mean nothing. Within a
    /// quoted cell it is written twice.
    pub quote: Option<u8>,
    /// What, in a quoted cell, takes away the meaning of the character after it.
    pub escape: Option<u8>,
    /// A line that begins with this is no record.
    pub comment: Option<String>,
    /// What ends a line.
    pub line_end: LineEnd,
    /// Lines before the header, or before the first record where there is none.
    pub skip_lines: u64,
    /// Lines after the last record.
    pub footer_lines: u64,
    /// Whether the first record holds the names of the columns.
    pub header: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            comment: None,
            line_end: LineEnd::Lf,
            skip_lines: 0,
            footer_lines: 0,
            header: true,
        }
    }
}
