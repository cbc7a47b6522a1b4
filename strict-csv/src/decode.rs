//! From the bytes of a source to UTF-8. UTF-8 itself passes as it is and is checked record by record,
//! so that a bad line can be named; other encodings are decoded here, and refused where they do not fit.

use std::fmt;
use std::io::{self, Cursor, Read};

use encoding_rs::DecoderResult;

use crate::encoding::{Encoding, is_utf_32};

/// Bytes decoded at a time.
const PIECE: usize = 1 << 16;

/// Why a source cannot be decoded: the inner value of an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Bytes that mean nothing in the encoding, on this line.
    Bytes(Encoding, u64),
    /// A byte order mark of UTF-32.
    Utf32,
    /// A byte order mark of one encoding where another was told.
    Conflict {
        /// The encoding that was told.
        told: Encoding,
        /// The encoding of the mark.
        mark: Encoding,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(encoding, _) => write!(f, "bytes that are not {encoding}"),
            Self::Utf32 => f.write_str("the file is UTF-32; save it as UTF-8"),
            Self::Conflict { told, mark } => {
                write!(f, "begins with a byte order mark of {mark}, but its encoding is given as {told}")
            }
        }
    }
}

impl std::error::Error for Malformed {}

/// A source as UTF-8, without its byte order mark.
pub struct Decoder<R> {
    inner: io::Chain<Cursor<Vec<u8>>, R>,
    encoding: Encoding,
    mark: usize,
    taken: u64,
    transcoder: Option<Transcoder>,
    given: u64,
}

impl<R: Read> Decoder<R> {
    /// Reads the byte order mark; without one and with nothing told the source is UTF-8.
    ///
    /// # Errors
    /// Where the source cannot be read, or with a [`Malformed`] inside.
    pub fn new(mut inner: R, told: Option<Encoding>) -> io::Result<Self> {
        let mut head = Vec::with_capacity(4);
        inner.by_ref().take(4).read_to_end(&mut head)?;
        if is_utf_32(&head) {
            return Err(malformed(Malformed::Utf32));
        }
        let (encoding, mark) = match (told, Encoding::of_mark(&head)) {
            (None, None) => (Encoding::Utf8, 0),
            (Some(told), None) => (told, 0),
            (None, Some(found)) => found,
            (Some(told), Some((mark, length))) if told == mark => (mark, length),
            (Some(Encoding::Utf16), Some((mark @ Encoding::Other(_), length))) => (mark, length),
            (Some(told), Some((mark, _))) => return Err(malformed(Malformed::Conflict { told, mark })),
        };
        head.drain(..mark);
        let transcoder = (encoding != Encoding::Utf8).then(|| Transcoder::new(encoding));
        Ok(Self {
            inner: Cursor::new(head).chain(inner),
            encoding,
            mark,
            taken: mark as u64,
            transcoder,
            given: 0,
        })
    }

    /// The encoding, told or found.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the source began with a byte order mark.
    #[must_use]
    pub fn has_mark(&self) -> bool {
        self.mark > 0
    }

    /// Bytes of the source before the first that comes out; none where it is not UTF-8.
    #[must_use]
    pub fn offset(&self) -> u64 {
        if self.encoding == Encoding::Utf8 { self.mark as u64 } else { 0 }
    }

    /// Bytes of the source that were decoded so far, its byte order mark included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.transcoder.as_ref().map_or(self.taken, |t| self.taken + t.taken)
    }

    /// Bytes of text that came of them; of a UTF-8 source its byte order mark is one of them.
    #[must_use]
    pub fn text_bytes(&self) -> u64 {
        self.offset() + self.given
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = match &mut self.transcoder {
            None => {
                let n = self.inner.read(out)?;
                self.taken += n as u64;
                n
            }
            Some(transcoder) => transcoder.read(&mut self.inner, out)?,
        };
        self.given += n as u64;
        Ok(n)
    }
}

/// Turns the bytes of another encoding into UTF-8.
struct Transcoder {
    encoding: Encoding,
    decoder: Option<encoding_rs::Decoder>,
    raw: Vec<u8>,
    /// Bytes of `raw` not yet decoded.
    pending: std::ops::Range<usize>,
    ended: bool,
    text: Vec<u8>,
    given: usize,
    /// Bytes of the source read so far.
    taken: u64,
    /// Line feeds and carriage returns so far.
    ends: [u64; 2],
}

impl Transcoder {
    fn new(encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Other(other) => Some(other.new_decoder_without_bom_handling()),
            Encoding::Utf16 => Some(encoding_rs::UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf8 | Encoding::Latin1 => None,
        };
        Self {
            encoding,
            decoder,
            raw: vec![0; PIECE],
            pending: 0..0,
            ended: false,
            text: Vec::new(),
            given: 0,
            taken: 0,
            ends: [0; 2],
        }
    }

    fn read(&mut self, source: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.fill(source)?;
        }
        let n = out.len().min(self.text.len() - self.given);
        out[..n].copy_from_slice(&self.text[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }

    fn fill(&mut self, source: &mut impl Read) -> io::Result<()> {
        self.given = 0;
        // No encoding needs more than three bytes of UTF-8 for each of its own, and one may be pending.
        self.text.resize(3 * PIECE + 16, 0);
        if self.pending.is_empty() {
            let n = match source.read(&mut self.raw) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {
                    self.text.clear();
                    return Ok(());
                }
                result => result?,
            };
            self.pending = 0..n;
            self.taken += n as u64;
            self.ended = n == 0;
        }
        let raw = &self.raw[self.pending.clone()];
        let (read, written) = match &mut self.decoder {
            None => encoding_rs::mem::convert_latin1_to_utf8_partial(raw, &mut self.text),
            Some(decoder) => {
                let (result, read, written) =
                    decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.ended);
                if matches!(result, DecoderResult::Malformed(..)) {
                    self.text.truncate(written);
                    self.count_lines();
                    return Err(malformed(Malformed::Bytes(self.encoding, self.line())));
                }
                (read, written)
            }
        };
        self.pending.start += read;
        self.text.truncate(written);
        self.count_lines();
        Ok(())
    }

    fn count_lines(&mut self) {
        for (count, end) in self.ends.iter_mut().zip(*b"\n\r") {
            *count += memchr::memchr_iter(end, &self.text).count() as u64;
        }
    }

    /// The line that was reached; carriage returns end lines where no line feed does.
    fn line(&self) -> u64 {
        1 + if self.ends[0] > 0 { self.ends[0] } else { self.ends[1] }
    }
}

fn malformed(what: Malformed) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], label: Option<&str>) -> Result<String, Malformed> {
        let told = label.map(|l| Encoding::of_label(l).unwrap());
        let of = |e: io::Error| *e.get_ref().and_then(|i| i.downcast_ref::<Malformed>()).unwrap();
        let mut decoder = Decoder::new(bytes, told).map_err(of)?;
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).map_err(of)?;
        Ok(String::from_utf8(text).unwrap())
    }

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn marks_and_labels_tell_the_encoding() {
        assert_eq!(decode("a,ß\n".as_bytes(), None).unwrap(), "a,ß\n");
        assert_eq!(decode(b"\xef\xbb\xbfa\n", None).unwrap(), "a\n");
        assert_eq!(decode(b"a\n\xe9\x80\n", Some("latin-1")).unwrap(), "a\né\u{80}\n");
        assert_eq!(decode(b"a\n\xe9\x80\n", Some("cp1252")).unwrap(), "a\né€\n");
        assert_eq!(decode(&utf_16("id,Łódź\n"), Some("utf-16-le")).unwrap(), "id,Łódź\n");
        assert_eq!(decode(&[&[0xff, 0xfe][..], &utf_16("id,𝒳\n")].concat(), None).unwrap(), "id,𝒳\n");
        assert_eq!(decode(b"\xfe\xff\0a\0\n", Some("utf-16")).unwrap(), "a\n");
        assert_eq!(decode(b"id,\xc3\xfb\n", Some("gb18030")).unwrap(), "id,名\n");
        let long = "ß,ł\n".repeat(100_000);
        assert_eq!(decode(&utf_16(&long), Some("utf-16-le")).unwrap(), long);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_line() {
        let utf_16le = Encoding::Other(encoding_rs::UTF_16LE);
        let mut odd = utf_16("a\nb\n");
        odd.push(b'c');
        assert_eq!(decode(&odd, Some("utf-16-le")), Err(Malformed::Bytes(utf_16le, 3)));
        let gb = Encoding::of_label("gb18030").unwrap();
        assert_eq!(decode(b"a\n\xff\n", Some("gb18030")), Err(Malformed::Bytes(gb, 2)));
        assert_eq!(decode(&[0xff, 0xfe, 0, 0, b'a', 0, 0, 0], None), Err(Malformed::Utf32));
        assert_eq!(
            decode(&[0xff, 0xfe, b'a', 0], Some("utf-8")),
            Err(Malformed::Conflict { told: Encoding::Utf8, mark: utf_16le })
        );
    }
}
