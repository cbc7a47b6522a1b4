//! Sources that are compressed: told by their bytes, inflated under limits, refused where damaged.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use predicates::prelude::*;
use tempfile::TempDir;

use super::support::write;
use super::{ingest, limited, manifest, raw, refused, setup};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(text, 0).unwrap()
}

/// A project whose one source `name` holds `bytes`.
fn source(section: &str, name: &str, bytes: &[u8]) -> TempDir {
    let folder = setup(&format!("sources = [\"{name}\"]\n{section}"), &[]);
    write(folder.path().join(name), bytes);
    folder
}

#[test]
fn the_bytes_tell_how_a_source_is_compressed_and_not_its_name() {
    let text = b"x,y\n1,2\n";
    for (name, bytes, compression) in [
        ("a.csv.gz", gzip(text), Some("gzip")),
        ("a.csv", gzip(text), Some("gzip")),
        ("a.csv.zst", zstd(text), Some("zstd")),
        ("a.csv", zstd(text), Some("zstd")),
        ("a.csv.gz", zstd(text), Some("zstd")),
        ("a.csv.gz", text.to_vec(), None),
        ("a.csv.zst", text.to_vec(), None),
    ] {
        let folder = source("", name, &bytes);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x,y\n1,2\n", "{name}");
        let manifest = manifest(&folder);
        assert_eq!(manifest["found"]["dialects"][0]["compression"].as_str(), compression, "{name}");
        assert_eq!(manifest["found"]["sources"][0]["bytes"], bytes.len());
        assert_eq!(manifest["inputs"][0]["bytes"], bytes.len());
        assert_eq!(manifest["inputs"][0]["sha256"], common::hash::hex(&bytes));
    }
}

#[test]
fn all_members_and_frames_are_read() {
    for compress in [gzip, zstd] {
        let parts = [compress(b"x,y\n1,"), compress(b""), compress(b"2\n3,4\n")];
        let folder = source("", "a", &parts.concat());
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x,y\n1,2\n3,4\n");
    }
}

#[test]
fn what_is_inflated_is_text_as_any_other() {
    let utf_16: Vec<u8> = "\u{feff}x;ß\n1;2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = source("", "a.gz", &gzip(&utf_16));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,ß\n1,2\n");
    refused(&source("", "a.gz", &gzip(b"")), 21, "a.gz: is empty, expected a header and rows");
    refused(&source("", "a.gz", &gzip(b"x,y\n1\n")), 21, "a.gz:2: 1 cell, expected 2 as in the header");
    refused(&source("", "a.gz", &gzip(b"PK\x03\x04...")), 21, "a.gz: is a ZIP archive");
    refused(&source("", "a.gz", &gzip(&gzip(b"x,y\n1,2\n"))), 21, "a.gz:1: ");
    let section = "rejects = \"file\"\nrejects_limit = 0.5";
    let folder = source(section, "a.gz", &gzip(b"x,y\n1,2\n3\n"));
    ingest(&folder, &[]).success();
    let rejects = super::read(folder.path().join(format!("{}.rejects.csv", super::RAW)));
    assert_eq!(rejects, "source,line,byte,column,kind,raw\na.gz,3,8,,too_few_cells,3\n");
}

#[test]
fn a_source_cut_anywhere_is_refused() {
    let text = b"x,y\n1,2\n";
    for (compress, first, message) in [
        (gzip as fn(&[u8]) -> Vec<u8>, 2, "a: its gzip data are damaged or cut off"),
        (zstd, 4, "a: its zstd data are damaged or cut off"),
    ] {
        let whole = compress(text);
        for length in first..whole.len() {
            refused(&source("", "a", &whole[..length]), 21, message);
            let second = [&whole[..], &whole[..length]].concat();
            refused(&source("", "a", &second), 21, message);
        }
    }
}

#[test]
fn damaged_data_are_refused() {
    let whole = gzip(b"x,y\n1,2\n");
    let flipped = |from_end: usize| {
        let mut bytes = whole.clone();
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        bytes
    };
    let rubbish = [&whole[..], b"rubbish"].concat();
    // The last eight bytes are the checksum and the length of the text.
    for bytes in [flipped(8), flipped(5), flipped(4), flipped(1), rubbish] {
        refused(&source("", "a.gz", &bytes), 21, "a.gz: its gzip data are damaged or cut off");
    }
    let rubbish = [&zstd(b"x,y\n1,2\n")[..], b"rubbish"].concat();
    refused(&source("", "a.zst", &rubbish), 21, "a.zst: its zstd data are damaged or cut off");
}

#[test]
fn damage_far_behind_the_header_is_refused_too() {
    let rows: String = (0..200_000u32).map(|i| format!("{i},{}\n", i.wrapping_mul(2_654_435_761))).collect();
    let mut bytes = gzip(format!("x,y\n{rows}").as_bytes());
    let last = bytes.len() - 8;
    bytes[last] ^= 1;
    refused(&source("", "a.gz", &bytes), 21, "a.gz: its gzip data are damaged or cut off");
}

#[test]
fn a_ratio_above_the_limit_is_refused_and_can_be_raised() {
    let rows = "1,2\n".repeat(1 << 21);
    for (compress, name) in [(gzip as fn(&[u8]) -> Vec<u8>, "gz"), (zstd, "zst")] {
        let bytes = compress(format!("x,y\n{rows}").as_bytes());
        assert!(bytes.len() * 100 < rows.len(), "{} bytes are a bomb", bytes.len());
        let message =
            "inflates to more than 100 times its size; raise `max_inflate_ratio` in [ingest] if it is meant";
        refused(&source("", "a", &bytes), 21, &format!("a: {message}"));
        let folder = source("max_inflate_ratio = 100000", "a", &bytes);
        ingest(&folder, &[]).success();
        assert_eq!(manifest(&folder)["found"]["sources"][0]["rows"], 1 << 21, "{name}");
    }
}

#[test]
fn more_bytes_than_the_limit_are_refused() {
    let text = "x,y\n1,2\n3,4\n";
    for compress in [gzip, zstd] {
        let bytes = compress(text.as_bytes());
        ingest(&source("max_inflated_bytes = 12", "a", &bytes), &[]).success();
        let message =
            "a: inflates to more than 11 bytes; raise `max_inflated_bytes` in [ingest] if it is meant";
        refused(&source("max_inflated_bytes = 11", "a", &bytes), 21, message);
    }
    ingest(&source("max_inflated_bytes = 11", "a", text.as_bytes()), &[]).success();
}

#[test]
fn a_bomb_takes_no_memory() {
    // A GiB of blanks, and one of rows, in 256 MiB.
    let blanks = ::zstd::encode_all(std::io::repeat(b' ').take(1 << 30), 1).unwrap();
    let row = format!("1,{}\n", "a".repeat(1021));
    let rows = ::zstd::encode_all(Rows(row.as_bytes(), 0).take(1 << 30), 1).unwrap();
    for bytes in [blanks, rows] {
        let folder = source("", "a.zst", &bytes);
        let message = predicate::str::contains("a.zst: inflates to more than 100 times its size");
        limited("-d 262144", &folder).code(21).stderr(message);
        let section = "max_inflate_ratio = 1000000\nmax_inflated_bytes = 900000000";
        limited("-d 262144", &source(section, "a.zst", &bytes)).code(21);
    }
}

/// The same row for ever.
struct Rows<'a>(&'a [u8], usize);

impl std::io::Read for Rows<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let rest = &self.0[self.1..];
        let n = rest.len().min(out.len());
        out[..n].copy_from_slice(&rest[..n]);
        self.1 = (self.1 + n) % self.0.len();
        Ok(n)
    }
}
