//! A reader without the last lines of its source.

use std::io::{self, Read};

use crate::dialect::LineEnd;
use crate::held::Extent;

/// Bytes read at a time.
const PIECE: usize = 1 << 16;

/// Most bytes held back: longer lines are no footer.
const MOST: usize = 16 << 20;

/// Holds back the last `lines` lines of what it reads; a last line may lack its line end.
pub(crate) struct WithoutFooter<R> {
    inner: R,
    lines: usize,
    line_end: LineEnd,
    buffer: Vec<u8>,
    given: usize,
    /// Bytes of the buffer that are not among the last lines, whatever follows.
    safe: usize,
    ended: bool,
    /// What was held back, once all was read.
    pub(crate) held: Extent,
}

impl<R: Read> WithoutFooter<R> {
    pub(crate) fn new(inner: R, lines: u64, line_end: LineEnd) -> Self {
        Self {
            inner,
            lines: usize::try_from(lines).unwrap_or(usize::MAX),
            line_end,
            buffer: Vec::new(),
            given: 0,
            safe: 0,
            ended: lines == 0,
            held: Extent::default(),
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.given);
        (self.given, self.safe) = (0, 0);
        let length = self.buffer.len();
        if length > MOST {
            return Err(io::Error::other("the last lines are longer than 16 MiB"));
        }
        self.buffer.resize(length + PIECE, 0);
        let read = self.inner.read(&mut self.buffer[length..]);
        self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
        let n = match read {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Ok(()),
            result => result?,
        };
        self.ended = n == 0;
        let partial = self.buffer.last().is_some_and(|last| *last != self.line_end.byte());
        // The line ends of the last lines, and of the line before them; at the end a line without one
        // is the last line.
        let held = if self.ended && partial { self.lines - 1 } else { self.lines };
        let before = memchr::memrchr_iter(self.line_end.byte(), &self.buffer).nth(held);
        self.safe = before.map_or(0, |end| end + 1);
        if self.ended {
            self.held = Extent::of(&self.buffer[self.safe..], self.line_end);
            self.buffer.truncate(self.safe);
        }
        Ok(())
    }
}

impl<R: Read> Read for WithoutFooter<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.lines == 0 {
            return self.inner.read(out);
        }
        while self.given == self.safe && !self.ended {
            self.fill()?;
        }
        let n = out.len().min(self.safe - self.given);
        out[..n].copy_from_slice(&self.buffer[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `1` bytes a read.
    struct Drip<'a>(usize, &'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.0.min(self.1.len()).min(out.len());
            out[..n].copy_from_slice(&self.1[..n]);
            self.1 = &self.1[n..];
            Ok(n)
        }
    }

    #[test]
    fn the_last_lines_stay_away() {
        for (text, lines, expected) in [
            ("a\nb\nc\nd\n", 0, "a\nb\nc\nd\n"),
            ("a\nb\nc\nd\n", 1, "a\nb\nc\n"),
            ("a\nb\nc\nd", 1, "a\nb\nc\n"),
            ("a\nb\nc\nd", 2, "a\nb\n"),
            ("a\nb\nc\n\n", 1, "a\nb\nc\n"),
            ("a\nb\n", 2, ""),
            ("a\nb\n", 3, ""),
            ("", 1, ""),
            ("a", 1, ""),
        ] {
            for size in [1, 2, 7, 4096] {
                let mut out = String::new();
                let source = Drip(size, text.as_bytes());
                let mut reader = WithoutFooter::new(source, lines, LineEnd::Lf);
                reader.read_to_string(&mut out).unwrap();
                assert_eq!(out, expected, "{text:?} without {lines} lines, {size} bytes a read");
                let away = &text[expected.len()..];
                let held = Extent { lines: away.lines().count() as u64, bytes: away.len() as u64 };
                assert_eq!(reader.held, held, "{text:?} without {lines} lines, {size} bytes a read");
            }
        }
    }
}
