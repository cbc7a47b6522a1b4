//! A source cut into blocks of whole records.

use std::io::Read;

use memchr::{memchr, memchr_iter, memrchr};

use crate::bad::{Bad, Damage, Problem};
use crate::block::Block;
use crate::dialect::Dialect;
use crate::footer::WithoutFooter;
use crate::held::Held;
use crate::limits::Limits;
use crate::record::Splitter;
use crate::walk::{End, Form};

/// Cuts the text of a source at the ends of records, and finds what breaks the form there.
///
/// A quote out of place makes it uncertain where its record ends. Where it has swallowed no line, the
/// record is taken to end with its line. Where it has, and each line swallowed is a whole record by
/// itself, the first line alone is bad; else all lines swallowed are. A quote that is never closed and
/// swallows anything else damages the source: nothing after it can be told apart.
pub struct Blocks<R> {
    pub(crate) source: WithoutFooter<R>,
    pub(crate) form: Form,
    pub(crate) splitter: Splitter,
    pub(crate) limits: Limits,
    pub(crate) skip_lines: u64,
    pub(crate) is_header: bool,
    pub(crate) width: Option<usize>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) line: u64,
    pub(crate) byte: u64,
    pub(crate) ended: bool,
    /// What stood before the blocks.
    pub(crate) before: Held,
    /// Whether the last line given out lacks its end.
    pub(crate) partial: bool,
}

impl<R: Read> Blocks<R> {
    /// Reads `source`, which is UTF-8, in a dialect; `offset` is the place of its first byte.
    pub fn new(source: R, dialect: &Dialect, limits: Limits, offset: u64) -> Self {
        let form = Form::of(dialect, &limits);
        Self {
            source: WithoutFooter::new(source, dialect.footer_lines, dialect.line_end),
            splitter: Splitter::new(&form),
            form,
            limits,
            skip_lines: dialect.skip_lines,
            is_header: dialect.header,
            width: None,
            buffer: Vec::new(),
            line: 1,
            byte: offset,
            ended: false,
            before: Held::default(),
            partial: false,
        }
    }

    /// The next block, or nothing at the end.
    ///
    /// # Errors
    /// [`Damage`]: from here on the source cannot be read.
    pub fn next_block(&mut self) -> Result<Option<Block>, Damage> {
        if self.buffer.len() < self.limits.block_bytes {
            self.fill()?;
        }
        let mut cut = Cut { at: 0, counted: 0, line: self.line, bad: Vec::new() };
        loop {
            self.advance(&mut cut)?;
            if cut.at > 0 {
                return Ok(Some(self.take(cut)));
            }
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
        }
    }

    /// What stands outside the blocks: before them, and the footer once all was read.
    #[must_use]
    pub fn outside(&self) -> Held {
        Held { footer: self.source.held, ..self.before }
    }

    /// Lines of the source, once all was read. They are counted apart from what they are.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.line - 1 + u64::from(self.partial) + self.source.held.lines
    }

    /// Moves `cut` over all records whose ends are in the buffer.
    fn advance(&mut self, cut: &mut Cut) -> Result<(), Damage> {
        while cut.at < self.buffer.len() {
            let known = match self.end(cut.at) {
                End::At { next, .. } => {
                    cut.at = next;
                    continue;
                }
                End::More => None,
                End::Broken { at, problem } => self.quarantine(cut, at, problem)?,
            };
            let Some(bad) = known else { return Ok(()) };
            cut.at = bad.end;
            cut.bad.push(bad);
        }
        Ok(())
    }

    /// The end of the record at `from`. Limits decide by the text alone, however much of it is at hand.
    pub(crate) fn end(&self, from: usize) -> End {
        let most = from + self.limits.record_bytes;
        let is_more = self.buffer.len() > most;
        let text = if is_more { &self.buffer[..=most] } else { self.buffer.as_slice() };
        match self.form.end_of_record(text, from, self.ended && !is_more) {
            End::More if is_more => self.too_long(from),
            End::At { next, .. } if next > most => self.too_long(from),
            end => end,
        }
    }

    fn too_long(&self, at: usize) -> End {
        End::Broken { at, problem: Problem::LongRecord(self.limits.record_bytes) }
    }

    /// The lines to set aside for a problem found at `at` in the record at `cut`; nothing where more has
    /// to be read first.
    fn quarantine(&mut self, cut: &mut Cut, at: usize, problem: Problem) -> Result<Option<Bad>, Damage> {
        let line_end = self.form.line_end.byte();
        let start = cut.at;
        let reach = match problem {
            Problem::LongRecord(_) => return Err(self.damage_at(at, problem)),
            Problem::UnclosedQuote => self.buffer.len(),
            Problem::LongField(most) => at + 1 + most,
            _ => at,
        };
        let is_open = matches!(problem, Problem::UnclosedQuote | Problem::LongField(_));
        let first = memchr(line_end, &self.buffer[start..reach]).map(|n| start + n + 1);
        let mut blamed = problem;
        let end = match first {
            Some(first) if first < reach => {
                let last = memrchr(line_end, &self.buffer[first..reach]).map_or(first, |n| first + n + 1);
                let inner = if problem == Problem::UnclosedQuote { reach } else { last };
                if self.are_whole_records(first..inner) {
                    // Whatever stands where the quote was closed, it is the quote that is wrong.
                    blamed = Problem::UnclosedQuote;
                    Some(first)
                } else if is_open {
                    return Err(self.damage_at(at, problem));
                } else {
                    self.end_of_line(start, reach)?
                }
            }
            // A cell too long on a line too long is told as the cell, where it began.
            _ => self.end_of_line(start, reach.max(start + 1) - 1).map_err(|damage| match problem {
                Problem::LongField(_) => self.damage_at(at, problem),
                _ => damage,
            })?,
        };
        let Some(end) = end else { return Ok(None) };
        let line = cut.line_at(start, &self.buffer, line_end);
        let lines = memchr_iter(line_end, &self.buffer[start..end - 1]).count() as u64 + 1;
        Ok(Some(Bad { line, lines, column: None, problem: blamed, start, end }))
    }

    /// The end of the line that holds `from`, in the record at `start`; nothing where more has to be read.
    pub(crate) fn end_of_line(&self, start: usize, from: usize) -> Result<Option<usize>, Damage> {
        let most = start + self.limits.record_bytes;
        let window = &self.buffer[..self.buffer.len().min(most)];
        match memchr(self.form.line_end.byte(), window.get(from..).unwrap_or_default()) {
            Some(n) => Ok(Some(from + n + 1)),
            None if self.buffer.len() > most => {
                Err(self.damage_at(start, Problem::LongRecord(self.limits.record_bytes)))
            }
            None if self.ended => Ok(Some(self.buffer.len())),
            None => Ok(None),
        }
    }

    /// Whether each line is a record of the right width by itself, a blank line or a comment.
    fn are_whole_records(&mut self, lines: std::ops::Range<usize>) -> bool {
        let Self { form, splitter, width, buffer, .. } = self;
        buffer[lines].split_inclusive(|b| *b == form.line_end.byte()).all(|line| {
            let content = form.content(line);
            let End::At { next, quoted } = form.end_of_record(content, 0, true) else { return false };
            content.is_empty()
                || form.is_comment(content)
                || next == content.len()
                    && splitter.split(content, quoted).is_ok_and(|s| Some(s.cells) == *width)
        })
    }

    pub(crate) fn fill(&mut self) -> Result<(), Damage> {
        let length = self.buffer.len();
        self.buffer.reserve(self.limits.block_bytes);
        (&mut self.source).take(self.limits.block_bytes as u64).read_to_end(&mut self.buffer)?;
        self.ended = self.buffer.len() - length < self.limits.block_bytes;
        Ok(())
    }

    fn take(&mut self, cut: Cut) -> Block {
        let rest = &self.buffer[cut.at..];
        let mut next = Vec::with_capacity(rest.len() + 2 * self.limits.block_bytes);
        next.extend_from_slice(rest);
        let (line, byte) = (self.line, self.byte);
        self.pass(cut.at);
        let mut text = std::mem::replace(&mut self.buffer, next);
        text.truncate(cut.at);
        Block { line, byte, line_end: self.form.line_end, bad: cut.bad, text }
    }

    pub(crate) fn drop_front(&mut self, length: usize) {
        self.pass(length);
        self.buffer.drain(..length);
    }

    /// Counts the first `length` bytes of the buffer, which are given out or dropped.
    fn pass(&mut self, length: usize) {
        self.line = self.line_at(length);
        self.byte += length as u64;
        if let Some(last) = self.buffer[..length].last() {
            self.partial = *last != self.form.line_end.byte();
        }
    }

    pub(crate) fn damage_at(&self, at: usize, problem: Problem) -> Damage {
        Damage::At { line: self.line_at(at), problem }
    }

    pub(crate) fn line_at(&self, at: usize) -> u64 {
        self.line + memchr_iter(self.form.line_end.byte(), &self.buffer[..at]).count() as u64
    }
}

/// A block in the making.
struct Cut {
    /// End of the last record known.
    at: usize,
    /// Bytes whose lines were counted, and the line there.
    counted: usize,
    line: u64,
    bad: Vec<Bad>,
}

impl Cut {
    /// The line at `at`, which only grows.
    fn line_at(&mut self, at: usize, buffer: &[u8], line_end: u8) -> u64 {
        self.line += memchr_iter(line_end, &buffer[self.counted..at]).count() as u64;
        self.counted = at;
        self.line
    }
}
