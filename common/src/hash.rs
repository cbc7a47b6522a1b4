//! SHA-256 of what is read and written.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Bytes read at a time while hashing.
const BLOCK: usize = 1 << 18;

/// Running SHA-256 and count of bytes.
#[derive(Clone, Default)]
pub struct Hasher {
    state: Sha256,
    bytes: u64,
}

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Number of bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash in lower-case hex.
    #[must_use]
    pub fn hex(self) -> String {
        to_hex(&self.state.finalize())
    }
}

/// `bytes` in lower-case hex.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// SHA-256 of `bytes` in lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.hex()
}

/// The first 64 bits of the SHA-256 of `bytes`: a number that depends on nothing else.
#[must_use]
pub fn key(bytes: &[u8]) -> i64 {
    let mut first = [0; 8];
    first.iter_mut().zip(Sha256::digest(bytes)).for_each(|(to, from)| *to = from);
    i64::from_be_bytes(first)
}

/// SHA-256 in hex and number of bytes of all that `reader` still gives.
///
/// # Errors
/// What the reader reports.
pub fn of_reader(reader: &mut impl Read) -> io::Result<(String, u64)> {
    let mut hasher = Hasher::default();
    let mut block = vec![0; BLOCK];
    loop {
        match reader.read(&mut block) {
            Ok(0) => break,
            Ok(n) => hasher.update(&block[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let bytes = hasher.bytes();
    Ok((hasher.hex(), bytes))
}

/// The first 128 bits of the SHA-256 of `bytes`: an identity that no data can make collide.
#[must_use]
pub fn digest128(bytes: &[u8]) -> [u8; 16] {
    let whole = Sha256::digest(bytes);
    let mut first = [0; 16];
    first.copy_from_slice(&whole[..16]);
    first
}
