//! A run of whole records of one source, which can be read on a thread of its own.

use std::iter::Peekable;
use std::slice;

use crate::bad::{Bad, Problem};
use crate::dialect::{Dialect, LineEnd};
use crate::held::{Held, lines_of};
use crate::limits::Limits;
use crate::record::{Split, Splitter};
use crate::walk::{End, Form};

/// Whole records, cut from a source by [`crate::Blocks`].
#[derive(Debug)]
pub struct Block {
    pub(crate) text: Vec<u8>,
    /// Line of the first byte, from 1.
    pub(crate) line: u64,
    /// Offset of the first byte in the source, once inflated and decoded.
    pub(crate) byte: u64,
    /// What ends its lines.
    pub(crate) line_end: LineEnd,
    /// What was found broken when the block was cut, in order.
    pub(crate) bad: Vec<Bad>,
}

/// A record of the right form.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Line on which it begins, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Cells<'a>,
    /// Its text without the line end, where no cell of it is quoted: cells parted by delimiters.
    pub plain: Option<&'a str>,
}

/// The cells of a record.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    text: &'a str,
    bounds: &'a [(usize, usize)],
}

impl<'a> Cells<'a> {
    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a record has at least one cell")]
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The cell at `i`, from 0; an empty one where there is none.
    #[must_use]
    pub fn get(&self, i: usize) -> &'a str {
        self.bounds.get(i).and_then(|(start, end)| self.text.get(*start..*end)).unwrap_or_default()
    }

    /// All cells, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let text = self.text;
        self.bounds.iter().map(move |(start, end)| text.get(*start..*end).unwrap_or_default())
    }
}

/// What a line of a block is.
enum Line<'a> {
    Skipped,
    Record(Split<'a>),
    Bad(Option<usize>, Problem),
}

impl Block {
    /// Bytes of text.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Offset in the source, once inflated and decoded, of byte `at` of the block.
    #[must_use]
    pub fn offset(&self, at: usize) -> u64 {
        self.byte + at as u64
    }

    /// The bytes of a bad record, without its line end.
    #[must_use]
    pub fn raw(&self, bad: &Bad) -> &[u8] {
        self.line_end.strip(&self.text[bad.start..bad.end])
    }

    /// Reads the block: each record of `width` cells goes to `record`, all else to `bad`, in order.
    pub fn read(
        &self,
        dialect: &Dialect,
        limits: &Limits,
        width: usize,
        mut record: impl FnMut(Record<'_>),
        mut bad: impl FnMut(Bad),
    ) -> Held {
        let form = Form::of(dialect, limits);
        let mut splitter = Splitter::new(&form);
        let mut lines = Lines::new(self, &form);
        let all_text = std::str::from_utf8(&self.text).ok();
        while let Some((at, found)) = lines.next() {
            let (line, taken, quoted) = match found {
                Found::Bad(known) => {
                    lines.held.rejected.add(known.lines, at.len());
                    bad(known);
                    continue;
                }
                Found::Line { line, lines, quoted } => (line, lines, quoted),
            };
            let raw = &self.text[at.start..at.end];
            let (column, problem) = match lines.classify(raw, quoted, &mut splitter) {
                Line::Skipped => continue,
                Line::Bad(column, problem) => (column, problem),
                Line::Record(split) => match text_of(&split, all_text, at.start, form.content(raw)) {
                    None => (not_utf8_in(split.text, split.bounds), Problem::NotUtf8),
                    Some(_) if split.cells != width => {
                        (None, Problem::Cells { found: split.cells, expected: width })
                    }
                    Some(text) => {
                        lines.held.rows.add(taken, at.len());
                        lines.held.extra_lines += taken - 1;
                        let cells = Cells { text, bounds: split.bounds };
                        record(Record { line, cells, plain: split.own.then_some(text) });
                        continue;
                    }
                },
            };
            lines.held.rejected.add(taken, at.len());
            bad(Bad { line, lines: taken, column, problem, start: at.start, end: at.end });
        }
        lines.held
    }
}

/// The text of a record; nothing where it is not UTF-8. The record is what counts, not its cells run
/// together, where two halves of a character could meet.
fn text_of<'a>(split: &Split<'a>, all: Option<&'a str>, start: usize, record: &[u8]) -> Option<&'a str> {
    match all {
        Some(all) if split.own => all.get(start..start + split.text.len()),
        Some(_) => std::str::from_utf8(split.text).ok(),
        None => std::str::from_utf8(record).and_then(|_| std::str::from_utf8(split.text)).ok(),
    }
}

/// The cell that holds the first bytes that are not UTF-8, from 1.
fn not_utf8_in(text: &[u8], bounds: &[(usize, usize)]) -> Option<usize> {
    bounds.iter().position(|(start, end)| std::str::from_utf8(&text[*start..*end]).is_err()).map(|i| i + 1)
}

enum Found {
    Bad(Bad),
    Line { line: u64, lines: u64, quoted: bool },
}

/// Walks over a block.
struct Lines<'a> {
    text: &'a [u8],
    form: &'a Form,
    bad: Peekable<slice::Iter<'a, Bad>>,
    at: usize,
    line: u64,
    held: Held,
}

impl<'a> Lines<'a> {
    fn new(block: &'a Block, form: &'a Form) -> Self {
        let bad = block.bad.iter().peekable();
        Self { text: &block.text, form, bad, at: 0, line: block.line, held: Held::default() }
    }

    fn next(&mut self) -> Option<(std::ops::Range<usize>, Found)> {
        if self.at >= self.text.len() {
            return None;
        }
        if let Some(bad) = self.bad.next_if(|bad| bad.start == self.at) {
            self.at = bad.end;
            self.line = bad.line + bad.lines;
            return Some((bad.start..bad.end, Found::Bad(*bad)));
        }
        let limit = self.bad.peek().map_or(self.text.len(), |bad| bad.start);
        // Cut at the ends of records, a block holds nothing else: what is broken is among the bad.
        let (next, quoted) = match self.form.end_of_record(&self.text[..limit], self.at, true) {
            End::At { next, quoted } => (next, quoted),
            End::More | End::Broken { .. } => (limit, false),
        };
        let at = self.at..next;
        let line = self.line;
        let lines = if quoted { lines_of(&self.text[at.clone()], self.form.line_end) } else { 1 };
        self.line += lines;
        self.at = next;
        Some((at, Found::Line { line, lines, quoted }))
    }

    fn classify<'s>(&mut self, raw: &'s [u8], quoted: bool, splitter: &'s mut Splitter) -> Line<'s> {
        let content = self.form.content(raw);
        if self.form.line_end == LineEnd::Lf && content.len() < raw.len() {
            self.held.line_ends[raw.len() - content.len() - 1] += 1;
        }
        if content.is_empty() {
            self.held.blank.add(1, raw.len());
            return Line::Skipped;
        }
        if self.form.is_comment(content) {
            self.held.comments.add(1, raw.len());
            return Line::Skipped;
        }
        match splitter.split(content, quoted) {
            Ok(split) => Line::Record(split),
            Err((column, problem)) => Line::Bad(column, problem),
        }
    }
}
