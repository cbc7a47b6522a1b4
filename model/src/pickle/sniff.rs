//! Names a file that is no pickle by its first bytes.

use super::Refusal;

/// First bytes of what is often taken for a model file.
const KINDS: [(&[u8], &str); 15] = [
    (b"PK\x03\x04", "a zip archive (skops, torch or npz)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x7fELF", "an ELF program"),
    (b"MZ", "a Windows program"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x78\x01", "a zlib stream (joblib, compressed)"),
    (b"\x78\x5e", "a zlib stream (joblib, compressed)"),
    (b"\x78\x9c", "a zlib stream (joblib, compressed)"),
    (b"\x78\xda", "a zlib stream (joblib, compressed)"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array file"),
    (b"PAR1", "a Parquet file"),
];

/// The byte every pickle of protocol 2 and later begins with.
const PROTO: u8 = 0x80;

/// Refuses what cannot be a pickle of protocol 2 or later.
pub(super) fn sniff(bytes: &[u8]) -> Result<(), Refusal> {
    let Some(&first) = bytes.first() else {
        return Err(Refusal::Empty);
    };
    if first == PROTO {
        return Ok(());
    }
    if let Some(&(_, kind)) = KINDS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Refusal::OtherFile { kind });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[' | b'"') => Err(Refusal::OtherFile { kind: "JSON" }),
        Some(b'<') => Err(Refusal::OtherFile { kind: "HTML or XML" }),
        _ => Err(Refusal::NoHeader { byte: first }),
    }
}
