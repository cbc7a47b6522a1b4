//! What breaks the form, and where.

use std::fmt;

/// What is wrong with a record, or with a whole source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// A record with another number of cells than the header.
    Cells {
        /// Cells in the record.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A quoted cell that begins here is never closed.
    UnclosedQuote,
    /// Text between a closing quote and the next delimiter.
    TextAfterQuote,
    /// A quote within a cell that does not begin with one.
    QuoteInText,
    /// An escape character outside a quoted cell.
    EscapeOutsideQuotes,
    /// An escape character before one that needs none: what it stands for is another thing to each
    /// program (`\n` a line feed, `\N` a missing value, `\x` only `x`).
    UnknownEscape,
    /// A NUL byte.
    Nul,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// The other line end within an unquoted cell: a carriage return, or a line feed where carriage
    /// returns end lines.
    StrayLineEnd,
    /// A cell of more than so many bytes.
    LongField(usize),
    /// A record of more than so many bytes.
    LongRecord(usize),
}

impl Problem {
    /// One word for programs.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Cells { found, expected } if found < expected => "too_few_cells",
            Self::Cells { .. } => "too_many_cells",
            Self::UnclosedQuote => "unclosed_quote",
            Self::TextAfterQuote => "text_after_quote",
            Self::QuoteInText => "quote_in_text",
            Self::EscapeOutsideQuotes => "escape_outside_quotes",
            Self::UnknownEscape => "unknown_escape",
            Self::Nul => "nul",
            Self::NotUtf8 => "not_utf8",
            Self::StrayLineEnd => "stray_line_end",
            Self::LongField(_) => "long_field",
            Self::LongRecord(_) => "long_record",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Cells { found, expected } => {
                let s = if *found == 1 { "" } else { "s" };
                return write!(f, "{found} cell{s}, expected {expected} as in the header");
            }
            Self::UnclosedQuote => "a quoted cell begins here and its quote is never closed",
            Self::TextAfterQuote => {
                "text after a closing quote, expected a delimiter or the end of the line; a quote within a quoted cell is written twice"
            }
            Self::QuoteInText => {
                "a quote within a cell that does not begin with one; quote the whole cell and write the quote within it twice"
            }
            Self::EscapeOutsideQuotes => {
                "an escape character in a cell without quotes, where it means nothing; quote the cell"
            }
            Self::UnknownEscape => {
                "an escape character before one that is neither a quote nor an escape character"
            }
            Self::Nul => "a NUL byte; the file is damaged or is no text",
            Self::NotUtf8 => {
                "bytes that are not UTF-8; save the file as UTF-8, or name its encoding, as in `encoding = \"windows-1252\"`"
            }
            Self::StrayLineEnd => {
                "a carriage return or line feed that does not end lines in this file; save it with one kind of line end"
            }
            Self::LongField(most) => {
                return write!(
                    f,
                    "a cell of more than {most} bytes begins here, perhaps a quote that is never closed"
                );
            }
            Self::LongRecord(most) => return write!(f, "a record of more than {most} bytes begins here"),
        };
        f.write_str(text)
    }
}

/// A record that breaks the form: bytes `start..end` of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Line on which it begins, from 1.
    pub line: u64,
    /// Lines it takes up.
    pub lines: u64,
    /// The cell in which the problem was found, from 1; none where it is the record's.
    pub column: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
    /// First of its bytes within the block.
    pub start: usize,
    /// Past the last of its bytes within the block.
    pub end: usize,
}

/// What ends the reading of a source.
#[derive(Debug)]
pub enum Damage {
    /// From this line on nothing can be told apart.
    At {
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        problem: Problem,
    },
    /// The source cannot be read, inflated or decoded. The error's inner value may be an
    /// [`crate::inflate::Refused`] or a [`crate::decode::Malformed`].
    Io(std::io::Error),
}

impl From<std::io::Error> for Damage {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
