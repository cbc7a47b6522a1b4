//! A source as text: opened, hashed, inflated and decoded on the way.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use common::hash::Hasher;
use common::{Class, Error, Result};
use strict_csv::Damage;
use strict_csv::decode::{Decoder, Malformed};
use strict_csv::inflate::{self, Caps, Packing, Refused};

use crate::sources::{Source, unreadable};

/// A source at its beginning.
pub(crate) struct Opened<'a> {
    /// Its text, UTF-8.
    pub(crate) text: Decoder<Box<dyn Read + Send + 'a>>,
    /// How it is compressed.
    pub(crate) packing: Packing,
    hasher: Arc<Mutex<Hasher>>,
}

/// Opens a source; `count` grows by the bytes read from it.
///
/// # Errors
/// [`Class::Refused`] where it cannot be read, inflated or decoded.
pub(crate) fn open<'a>(source: &Source, caps: Caps, count: &'a AtomicU64) -> Result<Opened<'a>> {
    let hasher = Arc::new(Mutex::new(Hasher::default()));
    let hashed = Hashed { inner: source.open()?, hasher: Arc::clone(&hasher), count };
    let (inflated, packing) = inflate::open(hashed, caps).map_err(|e| failed(source, Damage::Io(e)))?;
    let told = source.given.told.encoding;
    let text = Decoder::new(inflated, told).map_err(|e| failed(source, Damage::Io(e)))?;
    Ok(Opened { text, packing, hasher })
}

/// SHA-256 and number of the bytes that were read from a source.
pub(crate) struct Hash(Arc<Mutex<Hasher>>);

impl Opened<'_> {
    /// What will have been read, once all was.
    pub(crate) fn hash(&self) -> Hash {
        Hash(Arc::clone(&self.hasher))
    }
}

impl Hash {
    /// The hash in hex, and the number of bytes.
    pub(crate) fn finish(&self) -> (String, u64) {
        // Nobody panics while holding it; were it so, the hash would be as far as it came.
        let hasher = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let bytes = hasher.bytes();
        (hasher.hex(), bytes)
    }
}

struct Hashed<'a, R> {
    inner: R,
    hasher: Arc<Mutex<Hasher>>,
    count: &'a AtomicU64,
}

impl<R: Read> Read for Hashed<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.hasher.lock().unwrap_or_else(std::sync::PoisonError::into_inner).update(&out[..n]);
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// A damaged source as an error that names it, and the line where there is one.
pub(crate) fn failed(source: &Source, damage: Damage) -> Error {
    let shown = &source.shown;
    let refused = |message: String| Error::new(Class::Refused, message);
    let error = match damage {
        Damage::At { line, problem } => return refused(problem.to_string()).at_line(shown, line),
        Damage::Io(error) => error,
    };
    let inner = error.get_ref();
    if let Some(malformed) = inner.and_then(|e| e.downcast_ref::<Malformed>()) {
        return match malformed {
            Malformed::Bytes(_, line) => refused(malformed.to_string()).at_line(shown, *line),
            _ => refused(malformed.to_string()).at(shown),
        };
    }
    match inner.and_then(|e| e.downcast_ref::<Refused>()) {
        Some(why @ Refused::Damaged(_)) => refused(why.to_string()).at(shown),
        Some(why @ Refused::Bytes(_)) => {
            refused(format!("{why}; raise `max_inflated_bytes` in [ingest] if it is meant")).at(shown)
        }
        Some(why @ Refused::Ratio(_)) => {
            refused(format!("{why}; raise `max_inflate_ratio` in [ingest] if it is meant")).at(shown)
        }
        None => unreadable(shown, &error),
    }
}
