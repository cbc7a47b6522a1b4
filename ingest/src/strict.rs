//! A reader that lets through only what has the right form: UTF-8 without a byte order mark, in the
//! form of CSV that `scan` accepts. It hashes what it reads on the way.

use std::io::{self, Read};

use common::hash::Hasher;

use crate::scan::{Problem, Scan, Violation};

/// Bytes read at a time.
pub(crate) const BUFFER: usize = 1 << 18;

/// What a whole source held beside its records.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// SHA-256 of its bytes.
    pub(crate) sha256: String,
    /// Number of its bytes.
    pub(crate) bytes: u64,
    /// Whether it began with a UTF-8 byte order mark.
    pub(crate) byte_order_mark: bool,
    /// Lines without anything on them.
    pub(crate) blank_lines: u64,
    /// How its lines end.
    pub(crate) line_ends: &'static str,
}

/// A checked source of bytes: a violation comes out as an [`io::Error`] that holds it.
pub(crate) struct Strict<R> {
    inner: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer given away, checked, and filled.
    given: usize,
    checked: usize,
    filled: usize,
    begun: bool,
    ended: bool,
    byte_order_mark: bool,
    scan: Scan,
    hasher: Hasher,
}

impl<R: Read> Strict<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            buffer: vec![0; BUFFER],
            given: 0,
            checked: 0,
            filled: 0,
            begun: false,
            ended: false,
            byte_order_mark: false,
            scan: Scan::new(),
            hasher: Hasher::default(),
        }
    }

    /// The line on which the next record begins: ask once for each record that came out.
    pub(crate) fn next_start(&mut self) -> Option<u64> {
        self.scan.next_start()
    }

    /// What the source held; whole once the reader has ended.
    pub(crate) fn into_facts(self) -> Facts {
        Facts {
            bytes: self.hasher.bytes(),
            sha256: self.hasher.hex(),
            byte_order_mark: self.byte_order_mark,
            blank_lines: self.scan.blank_lines(),
            line_ends: self.scan.line_ends(),
        }
    }

    /// Reads until some bytes are checked or the source ends; keeps back a character cut in two.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.checked..self.filled, 0);
        self.filled -= self.checked;
        (self.given, self.checked) = (0, 0);
        while self.checked == 0 && !self.ended {
            let n = match self.inner.read(&mut self.buffer[self.filled..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                result => result?,
            };
            self.hasher.update(&self.buffer[self.filled..self.filled + n]);
            self.filled += n;
            self.ended = n == 0;
            // Six bytes tell a byte order mark, and a second one.
            if self.begun || self.filled >= 6 || self.ended {
                self.check().map_err(|violation| io::Error::new(io::ErrorKind::InvalidData, violation))?;
            }
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), Violation> {
        if !self.begun {
            self.begun = true;
            self.begin()?;
        }
        let text = &self.buffer[..self.filled];
        let (good, broken) = match std::str::from_utf8(text) {
            Ok(_) => (self.filled, false),
            Err(e) => (e.valid_up_to(), e.error_len().is_some() || self.ended),
        };
        self.scan.feed(&text[..good])?;
        if broken {
            return Err(Violation { line: self.scan.line(), problem: Problem::NotUtf8 });
        }
        self.checked = good;
        if self.ended { self.scan.end() } else { Ok(()) }
    }

    /// Drops a UTF-8 byte order mark, refuses those of other encodings.
    fn begin(&mut self) -> Result<(), Violation> {
        match &self.buffer[..self.filled] {
            // The csv crate would drop the second without a word.
            [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, ..] => {
                Err(Violation { line: 1, problem: Problem::SecondMark })
            }
            [0xef, 0xbb, 0xbf, ..] => {
                self.byte_order_mark = true;
                self.buffer.copy_within(3..self.filled, 0);
                self.filled -= 3;
                Ok(())
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, ..] => {
                Err(Violation { line: 1, problem: Problem::Utf16 })
            }
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.checked {
            self.fill()?;
        }
        let n = out.len().min(self.checked - self.given);
        out[..n].copy_from_slice(&self.buffer[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a read, as a slow pipe may.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(1);
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let whole = Strict::new(bytes).read_to_end(&mut out).map(|_| out).map_err(|e| line(&e));
        let mut out = Vec::new();
        let dripped = Strict::new(Drip(bytes)).read_to_end(&mut out).map(|_| out).map_err(|e| line(&e));
        assert_eq!(whole, dripped);
        whole
    }

    fn line(error: &io::Error) -> String {
        let violation = error.get_ref().and_then(|e| e.downcast_ref::<Violation>()).unwrap();
        format!("{} {:?}", violation.line, violation.problem)
    }

    #[test]
    fn text_comes_through_as_it_stood() {
        assert_eq!(read(b"").unwrap(), b"");
        assert_eq!(read("a,ß\n1,€\n".as_bytes()).unwrap(), "a,ß\n1,€\n".as_bytes());
        assert_eq!(read(b"\xef\xbb\xbfa\n").unwrap(), b"a\n");
        assert_eq!(read(b"\xef\xbb\xbf").unwrap(), b"");
    }

    #[test]
    fn other_encodings_are_refused_by_line() {
        assert_eq!(read(b"a\nb\xe9\n").unwrap_err(), "2 NotUtf8");
        assert_eq!(read(b"a\nb\n\xe2\x82").unwrap_err(), "3 NotUtf8");
        assert_eq!(read(b"\xef\xbb\xbf\xef\xbb\xbfa\n").unwrap_err(), "1 SecondMark");
        assert_eq!(read(b"\xff\xfea\0").unwrap_err(), "1 Utf16");
        assert_eq!(read(b"\xfe\xff\0a").unwrap_err(), "1 Utf16");
    }

    #[test]
    fn the_hash_is_of_all_bytes_read() {
        let mut strict = Strict::new(&b"\xef\xbb\xbfa\r\n\r\n1\r\n"[..]);
        strict.read_to_end(&mut Vec::new()).unwrap();
        let facts = strict.into_facts();
        assert_eq!(facts.sha256, common::hash::hex(b"\xef\xbb\xbfa\r\n\r\n1\r\n"));
        assert_eq!(
            (facts.bytes, facts.byte_order_mark, facts.blank_lines, facts.line_ends),
            (11, true, 1, "crlf")
        );
    }
}
