//! The first record of a source.

use std::io::Read;

use crate::bad::{Damage, Problem};
use crate::blocks::Blocks;
use crate::held::Extent;
use crate::walk::End;

/// The first record of a source: its header, or that which says how many columns there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Line on which it begins, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
}

/// What stands at some place before the first record.
enum Step {
    /// More has to be read to know.
    More,
    /// A line that is no record, and where the next begins.
    Passed(usize, Passed),
    /// The first record, and where the next begins.
    Record(usize, Vec<String>),
    /// A broken record: where the next line begins, the place of the problem, and what it is.
    Broken(usize, usize, Problem),
}

/// A line before the first record.
#[derive(Clone, Copy)]
enum Passed {
    Skipped,
    Blank,
    Comment,
}

impl<R: Read> Blocks<R> {
    /// The first record; ask for it before the first block. It is no part of any block where the
    /// dialect has a header; else it is, with any before it that break the form (where all do, its cells
    /// are empty). Nothing where the source holds no record.
    ///
    /// # Errors
    /// [`Damage::At`] where the header breaks the form; [`Damage::Io`].
    pub fn header(&mut self) -> Result<Option<Header>, Damage> {
        let mut skip_lines = self.skip_lines;
        let mut at = 0;
        let mut broken: Option<(usize, Problem)> = None;
        loop {
            // Dropped many lines at a time: a file of blank lines takes neither time nor memory.
            if broken.is_none() && at > self.limits.block_bytes {
                self.drop_front(at);
                at = 0;
            }
            if at >= self.buffer.len() && self.ended {
                if broken.is_some() {
                    return Ok(Some(self.guess()));
                }
                self.drop_front(at);
                return Ok(None);
            }
            match self.step(at, skip_lines > 0)? {
                Step::More => self.fill()?,
                Step::Passed(next, what) => {
                    skip_lines = skip_lines.saturating_sub(1);
                    // After a broken record lines are kept for the blocks, which count them.
                    if broken.is_none() {
                        self.count(what, next - at);
                    }
                    at = next;
                }
                Step::Record(next, cells) => {
                    self.width = Some(cells.len());
                    let header = Header { line: self.line_at(at), cells };
                    match broken {
                        _ if self.is_header => {
                            self.before.header = Extent::of(&self.buffer[at..next], self.form.line_end);
                            self.drop_front(next);
                        }
                        None => self.drop_front(at),
                        Some(_) => {}
                    }
                    return Ok(Some(header));
                }
                Step::Broken(_, place, problem) if self.is_header => {
                    return Err(self.damage_at(place, problem));
                }
                Step::Broken(next, place, problem) => {
                    let mut next = next;
                    let (place, problem) = broken.unwrap_or_else(|| {
                        // Kept from here on, so that blocks begin with it.
                        self.drop_front(at);
                        next -= at;
                        (place - at, problem)
                    });
                    broken = Some((place, problem));
                    if next > self.limits.record_bytes {
                        return Err(self.damage_at(place, problem));
                    }
                    at = next;
                }
            }
        }
    }

    /// The first record where every one is broken: none will be read, but all are to be named.
    fn guess(&mut self) -> Header {
        let line = self.buffer.split(|b| *b == self.form.line_end.byte()).next().unwrap_or_default();
        let cells = vec![String::new(); memchr::memchr_iter(self.form.delimiter, line).count() + 1];
        self.width = Some(cells.len());
        Header { line: self.line, cells }
    }

    fn count(&mut self, what: Passed, bytes: usize) {
        let extent = match what {
            Passed::Skipped => &mut self.before.skipped,
            Passed::Blank => &mut self.before.blank,
            Passed::Comment => &mut self.before.comments,
        };
        extent.add(1, bytes);
    }

    fn step(&mut self, at: usize, skip: bool) -> Result<Step, Damage> {
        if at >= self.buffer.len() {
            return Ok(Step::More);
        }
        if skip {
            let next = self.end_of_line(at, at)?;
            return Ok(next.map_or(Step::More, |next| Step::Passed(next, Passed::Skipped)));
        }
        let (next, quoted) = match self.end(at) {
            End::More => return Ok(Step::More),
            End::At { next, quoted } => (next, quoted),
            End::Broken { at: place, problem } => {
                let next = self.end_of_line(at, at)?;
                return Ok(next.map_or(Step::More, |next| Step::Broken(next, place, problem)));
            }
        };
        let content = self.form.content(&self.buffer[at..next]);
        if content.is_empty() {
            return Ok(Step::Passed(next, Passed::Blank));
        }
        if self.form.is_comment(content) {
            return Ok(Step::Passed(next, Passed::Comment));
        }
        // The record and not its cells run together, where two halves of a character could meet.
        if std::str::from_utf8(content).is_err() {
            return Ok(Step::Broken(next, at, Problem::NotUtf8));
        }
        let split = match self.splitter.split(content, quoted) {
            Ok(split) => split,
            Err((_, problem)) => return Ok(Step::Broken(next, at, problem)),
        };
        let text = std::str::from_utf8(split.text).unwrap_or_default();
        let cell = |(start, end): &(usize, usize)| text.get(*start..*end).unwrap_or_default().to_owned();
        let mut cells: Vec<String> = split.bounds.iter().map(cell).collect();
        cells.resize(split.cells, String::new());
        Ok(Step::Record(next, cells))
    }
}
