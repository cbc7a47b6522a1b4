//! The form of CSV that is accepted, as a machine over bytes that stands in front of the `csv`
//! crate, which reads unclosed quotes, text after a closing quote and NUL without a word.
//!
//! It also counts lines: the `csv` crate's own count is off after blank lines.

use std::collections::VecDeque;
use std::fmt;

/// What a source may hold at most.
pub(crate) mod limits {
    /// Bytes of a cell.
    pub(crate) const FIELD_BYTES: u64 = 1 << 20;
    /// Bytes of a record.
    pub(crate) const RECORD_BYTES: u64 = 8 << 20;
    /// Columns.
    pub(crate) const COLUMNS: u64 = 16_384;
    /// Bytes of a column's name.
    pub(crate) const NAME_BYTES: usize = 1024;
}

/// Where and how a source breaks the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Line, from 1.
    pub(crate) line: u64,
    /// What is wrong there.
    pub(crate) problem: Problem,
}

/// What can be wrong with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    UnclosedQuote,
    TextAfterQuote,
    QuoteInText,
    Nul,
    BareReturn,
    NotUtf8,
    Utf16,
    SecondMark,
    LongField,
    LongRecord,
    ManyColumns,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.problem {
            Problem::UnclosedQuote => "a quoted cell begins here and its quote is never closed",
            Problem::TextAfterQuote => {
                "text after a closing quote, expected a comma or the end of the line; a quote within a quoted cell is written twice"
            }
            Problem::QuoteInText => {
                "a quote within a cell that does not begin with one; quote the whole cell and write the quote within it twice"
            }
            Problem::Nul => "a NUL byte; the file is damaged or is no text",
            Problem::BareReturn => "a carriage return without a line feed; save the file with LF or CR LF line ends",
            Problem::NotUtf8 => "bytes that are not UTF-8; save the file as UTF-8",
            Problem::Utf16 => "the file is UTF-16 or UTF-32; save it as UTF-8",
            Problem::SecondMark => "a second byte order mark; save the file as UTF-8 anew",
            Problem::LongField => "a cell of more than 1 MiB begins here, perhaps a quote that is never closed",
            Problem::LongRecord => "a record of more than 8 MiB begins here",
            Problem::ManyColumns => "more than 16384 columns",
        })
    }
}

impl std::error::Error for Violation {}

/// Where in the form the last byte was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a record: at the start of a line.
    Record,
    /// Before a cell, after a comma.
    Field,
    /// In a cell without quotes.
    Plain,
    /// In a quoted cell.
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    Closing,
    /// After a carriage return that ends a record.
    Return,
    /// After a carriage return on a blank line.
    BlankReturn,
}

/// The machine: fed a source's bytes in any pieces, it finds the same.
#[derive(Debug)]
pub(crate) struct Scan {
    state: State,
    line: u64,
    offset: u64,
    field: (u64, u64),
    record: (u64, u64),
    columns: u64,
    starts: VecDeque<u64>,
    ends: [u64; 2],
    blank: u64,
}

impl Scan {
    pub(crate) fn new() -> Self {
        let start = (0, 1);
        Self {
            state: State::Record,
            line: 1,
            offset: 0,
            field: start,
            record: start,
            columns: 1,
            starts: VecDeque::new(),
            ends: [0; 2],
            blank: 0,
        }
    }

    /// The line the next byte is on.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The line on which the next record that was not asked for yet begins.
    pub(crate) fn next_start(&mut self) -> Option<u64> {
        self.starts.pop_front()
    }

    /// Lines without anything on them.
    pub(crate) fn blank_lines(&self) -> u64 {
        self.blank
    }

    /// `lf`, `crlf`, both, or nothing where no line ended.
    pub(crate) fn line_ends(&self) -> &'static str {
        match self.ends {
            [0, 0] => "none",
            [_, 0] => "lf",
            [0, _] => "crlf",
            _ => "lf and crlf",
        }
    }

    /// Takes the next bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        for &byte in bytes {
            self.step(byte)?;
            self.offset += 1;
        }
        self.check_lengths()
    }

    /// Ends the source.
    pub(crate) fn end(&self) -> Result<(), Violation> {
        match self.state {
            State::Quoted => Err(Violation { line: self.field.1, problem: Problem::UnclosedQuote }),
            State::Return | State::BlankReturn => Err(self.here(Problem::BareReturn)),
            _ => Ok(()),
        }
    }

    fn step(&mut self, byte: u8) -> Result<(), Violation> {
        if byte == 0 {
            return Err(self.here(Problem::Nul));
        }
        self.state = match (self.state, byte) {
            (State::Return | State::BlankReturn, b'\n') => return self.end_line(1),
            (State::Return | State::BlankReturn, _) => return Err(self.here(Problem::BareReturn)),
            (State::Quoted, b'"') => State::Closing,
            (State::Closing, b'"') => State::Quoted,
            (State::Quoted, _) => {
                self.line += u64::from(byte == b'\n');
                State::Quoted
            }
            (State::Record, b'\r') => State::BlankReturn,
            (_, b'\r') => State::Return,
            (_, b'\n') => return self.end_line(0),
            (State::Record, _) => {
                self.record = (self.offset, self.line);
                self.starts.push_back(self.line);
                self.field = self.record;
                return self.begin_cell(byte);
            }
            (State::Field, _) => return self.begin_cell(byte),
            (State::Plain, b'"') => return Err(self.here(Problem::QuoteInText)),
            (_, b',') => return self.end_cell(),
            (State::Plain, _) => State::Plain,
            (State::Closing, _) => return Err(self.here(Problem::TextAfterQuote)),
        };
        Ok(())
    }

    fn begin_cell(&mut self, byte: u8) -> Result<(), Violation> {
        self.state = match byte {
            b'"' => State::Quoted,
            b',' => return self.end_cell(),
            _ => State::Plain,
        };
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Violation> {
        self.check_lengths()?;
        self.columns += 1;
        if self.columns > limits::COLUMNS {
            return Err(self.here(Problem::ManyColumns));
        }
        self.field = (self.offset + 1, self.line);
        self.state = State::Field;
        Ok(())
    }

    fn end_line(&mut self, kind: usize) -> Result<(), Violation> {
        if matches!(self.state, State::Record | State::BlankReturn) {
            self.blank += 1;
        } else {
            self.check_lengths()?;
        }
        self.ends[kind] += 1;
        self.line += 1;
        self.columns = 1;
        self.record = (self.offset + 1, self.line);
        self.field = self.record;
        self.state = State::Record;
        Ok(())
    }

    fn check_lengths(&self) -> Result<(), Violation> {
        if self.offset - self.field.0.min(self.offset) > limits::FIELD_BYTES {
            return Err(Violation { line: self.field.1, problem: Problem::LongField });
        }
        if self.offset - self.record.0.min(self.offset) > limits::RECORD_BYTES {
            return Err(Violation { line: self.record.1, problem: Problem::LongRecord });
        }
        Ok(())
    }

    fn here(&self, problem: Problem) -> Violation {
        Violation { line: self.line, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the machine finds, fed in pieces of `size` bytes: the lines of the records, or what is wrong.
    fn scan(text: &str, size: usize) -> Result<Vec<u64>, (u64, Problem)> {
        let mut scan = Scan::new();
        let fed =
            text.as_bytes().chunks(size).try_for_each(|piece| scan.feed(piece)).and_then(|()| scan.end());
        fed.map_err(|v| (v.line, v.problem))?;
        Ok(std::iter::from_fn(|| scan.next_start()).collect())
    }

    #[test]
    fn records_and_what_is_wrong_are_found_by_line() {
        for (text, expected) in [
            ("a,b\n1,2\n", Ok(vec![1, 2])),
            ("a,b\r\n1,2", Ok(vec![1, 2])),
            ("a\n\n\r\n1\n", Ok(vec![1, 4])),
            ("a,\"b\nc\"\n1,\"\"\n", Ok(vec![1, 3])),
            ("a,\"b\"\"c\"\n\"\"\n", Ok(vec![1, 2])),
            ("a,\"b\rc\"\n", Ok(vec![1])),
            ("", Ok(vec![])),
            ("a\n\"b\nc\n", Err((2, Problem::UnclosedQuote))),
            ("a\n\"b\"c\n", Err((2, Problem::TextAfterQuote))),
            ("a\n\"b\" ,c\n", Err((2, Problem::TextAfterQuote))),
            ("a\nb\"c\n", Err((2, Problem::QuoteInText))),
            ("a\nb\0\n", Err((2, Problem::Nul))),
            ("a\n\"b\n\0\"", Err((3, Problem::Nul))),
            ("a\rb\r", Err((1, Problem::BareReturn))),
            ("a\nb\r", Err((2, Problem::BareReturn))),
            ("a\n\rb\n", Err((2, Problem::BareReturn))),
        ] {
            for size in [1, 2, 7, 4096] {
                assert_eq!(scan(text, size), expected, "{text:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn limits_hold_to_the_byte() {
        let cell = |n: u64| "x".repeat(usize::try_from(n).unwrap());
        let commas = |n: u64| ",".repeat(usize::try_from(n - 1).unwrap());
        let long =
            |text: String| scan(&format!("a\n{text}\n"), 4096).map(|lines| lines.len()).map_err(|e| e.1);
        assert_eq!(long(cell(limits::FIELD_BYTES)), Ok(2));
        assert_eq!(long(cell(limits::FIELD_BYTES + 1)), Err(Problem::LongField));
        assert_eq!(long(format!("\"{}", cell(limits::FIELD_BYTES))), Err(Problem::LongField));
        assert_eq!(long(commas(limits::COLUMNS)), Ok(2));
        assert_eq!(long(commas(limits::COLUMNS + 1)), Err(Problem::ManyColumns));
        assert_eq!(
            long(format!("{}\n", [cell(1 << 20), cell(1 << 20)].join(",").repeat(5))),
            Err(Problem::LongField)
        );
        let wide = vec![cell(1 << 20); 9].join(",");
        assert_eq!(long(wide), Err(Problem::LongRecord));
    }
}
