//! Sources that are compressed: gzip (RFC 1952) and Zstandard (RFC 8878), told by their first bytes,
//! whatever their names say, and inflated under limits, so that a small file cannot fill the machine.

use std::fmt;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

/// Inflated bytes that no ratio is asked of.
const FREE_BYTES: u64 = 1 << 20;

/// Largest window of a Zstandard frame, as a power of two: 128 MiB, the most that `zstd` itself makes
/// without `--long`.
const WINDOW_LOG: u32 = 27;

/// How a source is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip; all members are read.
    Gzip,
    /// Zstandard; all frames are read.
    Zstd,
}

impl Packing {
    /// Its name; nothing for a plain source.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }

    const fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

/// How far a source may inflate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Bytes once inflated.
    pub bytes: u64,
    /// Bytes once inflated for each compressed byte; the first MiB is free.
    pub ratio: u64,
}

/// Why inflating was stopped: the inner value of an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More bytes than allowed.
    Bytes(u64),
    /// A higher ratio than allowed.
    Ratio(u64),
    /// The compressed data are damaged.
    Damaged(Packing),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(most) => write!(f, "inflates to more than {most} bytes"),
            Self::Ratio(most) => write!(f, "inflates to more than {most} times its size"),
            Self::Damaged(packing) => {
                write!(f, "its {} data are damaged or cut off", packing.name().unwrap_or("plain"))
            }
        }
    }
}

impl std::error::Error for Refused {}

/// The bytes of a source as they were before it was compressed, and how it was.
///
/// # Errors
/// Where the source cannot be read; later reads fail with a [`Refused`] inside.
pub fn open<'a>(
    mut source: impl Read + Send + 'a,
    caps: Caps,
) -> io::Result<(Box<dyn Read + Send + 'a>, Packing)> {
    let mut head = Vec::with_capacity(4);
    source.by_ref().take(4).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    let compressed = Arc::new(AtomicU64::new(0));
    let counted = Counted { inner: Cursor::new(head).chain(source), count: Arc::clone(&compressed) };
    let inner: Box<dyn Read + Send + 'a> = match packing {
        Packing::Plain => return Ok((Box::new(counted.inner), packing)),
        Packing::Gzip => Box::new(MultiGzDecoder::new(counted)),
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(counted)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Box::new(decoder)
        }
    };
    Ok((Box::new(Inflated { inner, packing, caps, compressed, given: 0 }), packing))
}

struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A failing disk is not a damaged archive.
        let n = self.inner.read(out).map_err(|e| io::Error::new(e.kind(), Source(e)))?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// A failure of the source itself, not of what it holds.
#[derive(Debug)]
struct Source(io::Error);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Source {}

fn is_of_the_source(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.downcast_ref::<Source>().is_some())
}

struct Inflated<'a> {
    inner: Box<dyn Read + Send + 'a>,
    packing: Packing,
    caps: Caps,
    compressed: Arc<AtomicU64>,
    given: u64,
}

impl Read for Inflated<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = match self.inner.read(out) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted || is_of_the_source(&e) => {
                return Err(e);
            }
            Err(_) => return Err(refused(Refused::Damaged(self.packing))),
        };
        self.given += n as u64;
        let compressed = self.compressed.load(Ordering::Relaxed);
        if self.given > self.caps.bytes {
            return Err(refused(Refused::Bytes(self.caps.bytes)));
        }
        if self.given > FREE_BYTES.saturating_add(compressed.saturating_mul(self.caps.ratio)) {
            return Err(refused(Refused::Ratio(self.caps.ratio)));
        }
        Ok(n)
    }
}

fn refused(why: Refused) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const CAPS: Caps = Caps { bytes: 1 << 24, ratio: 100 };

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(bytes: &[u8]) -> Result<(Vec<u8>, Packing), Refused> {
        let (mut reader, packing) = open(bytes, CAPS).unwrap();
        let mut out = Vec::new();
        match reader.read_to_end(&mut out) {
            Ok(_) => Ok((out, packing)),
            Err(e) => Err(*e.get_ref().and_then(|i| i.downcast_ref::<Refused>()).unwrap()),
        }
    }

    #[test]
    fn all_members_and_frames_come_out() {
        let two = [gzip(b"a,b\n"), gzip(b"1,2\n")].concat();
        assert_eq!(inflate(&two), Ok((b"a,b\n1,2\n".to_vec(), Packing::Gzip)));
        let frame = |text: &[u8]| zstd::encode_all(text, 3).unwrap();
        let two = [frame(b"a,b\n"), frame(b"1,2\n")].concat();
        assert_eq!(inflate(&two), Ok((b"a,b\n1,2\n".to_vec(), Packing::Zstd)));
        assert_eq!(inflate(b"a,b\n"), Ok((b"a,b\n".to_vec(), Packing::Plain)));
        assert_eq!(inflate(b""), Ok((Vec::new(), Packing::Plain)));
        assert_eq!(inflate(b"\x1f"), Ok((vec![0x1f], Packing::Plain)));
    }

    #[test]
    fn damage_and_bombs_are_refused() {
        let whole = gzip(&b"a,b\n1,2\n".repeat(1000));
        assert_eq!(inflate(&whole[..whole.len() - 9]), Err(Refused::Damaged(Packing::Gzip)));
        assert_eq!(inflate(&[&whole[..], b"rubbish"].concat()), Err(Refused::Damaged(Packing::Gzip)));
        let whole = zstd::encode_all(&b"a,b\n1,2\n".repeat(1000)[..], 3).unwrap();
        assert_eq!(inflate(&whole[..whole.len() - 1]), Err(Refused::Damaged(Packing::Zstd)));
        assert_eq!(inflate(&gzip(&vec![b'x'; 8 << 20])), Err(Refused::Ratio(100)));
        let noise: Vec<u8> =
            (0..(1u32 << 25)).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
        assert_eq!(inflate(&gzip(&noise)), Err(Refused::Bytes(1 << 24)));
    }
}
