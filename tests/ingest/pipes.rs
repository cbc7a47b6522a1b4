//! Standard input as the source.

use assert_cmd::assert::Assert;
use tempfile::TempDir;

use super::support::{files, json, stage, write};
use super::{GUARD, predicate, setup};

use predicates::prelude::PredicateBooleanExt as _;

/// Runs over `bytes` on standard input, to standard output.
fn piped(folder: &TempDir, bytes: &[u8], arguments: &[&str]) -> Assert {
    let mut command = stage("ingest");
    command.arg("--project").arg(folder.path()).args(["-i", "-", "-o", "-"]).args(arguments);
    command.write_stdin(bytes).timeout(GUARD).assert()
}

fn project() -> TempDir {
    setup("sources = [\"a.csv\"]", &[])
}

#[test]
fn standard_input_is_read_as_any_source() {
    let utf_16: Vec<u8> = "\u{feff}x,ß\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zstd = zstd::encode_all(&b"x,y\n1,2\n"[..], 0).unwrap();
    for (bytes, table) in [
        (&b"x;y\n1;2\n"[..], "x,y\n1,2\n"),
        (b"sep=|\nx|y\n1|2\n", "x,y\n1,2\n"),
        (b"x,y\r1,2", "x,y\n1,2\n"),
        (&zstd, "x,y\n1,2\n"),
        (&utf_16, "x,ß\n1,2\n"),
    ] {
        piped(&project(), bytes, &[]).success().stdout(table);
    }
}

#[test]
fn gzip_on_standard_input_is_inflated_and_told_in_the_manifest() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"x,y\n1,2\n").unwrap();
    let bytes = encoder.finish().unwrap();
    let folder = project();
    let meta = folder.path().join("m.json");
    piped(&folder, &bytes, &["--meta", meta.to_str().unwrap()]).success().stdout("x,y\n1,2\n");
    let manifest = json(&meta);
    assert_eq!(manifest["inputs"][0]["name"], "-");
    assert_eq!(manifest["inputs"][0]["sha256"], common::hash::hex(&bytes));
    assert_eq!(manifest["found"]["dialects"][0]["compression"], "gzip");
}

#[test]
fn the_dialect_for_all_sources_is_that_of_standard_input() {
    let folder = setup("sources = [{ path = \"a.csv\", delimiter = \"|\" }]\ndelimiter = \"^\"", &[]);
    piped(&folder, b"x^y\n1^2\n", &[]).success().stdout("x,y\n1,2\n");
}

#[test]
fn what_is_refused_gives_no_output() {
    let large = b"x,y\n1,2\n".repeat(100_000);
    let mut late = large.clone();
    late.extend_from_slice(b"3\n");
    for (bytes, message) in [
        (&b""[..], "-: is empty, expected a header and rows"),
        (b"\n\n", "-: is empty, expected a header and rows"),
        (b"x,y\n1\n", "-:2: 1 cell, expected 2 as in the header"),
        (b"x y\n1 2\n", "-: one column, whose cells seem to hold several parted by blanks"),
        (&late, "-:200001: 1 cell, expected 2 as in the header"),
    ] {
        let folder = project();
        piped(&folder, bytes, &[]).code(21).stdout("").stderr(predicate::str::contains(message));
    }
    piped(&project(), b"x,y\n", &[]).code(11).stdout("");
}

#[test]
fn standard_input_stands_once_among_the_sources() {
    let folder = project();
    write(folder.path().join("b.csv"), "x\n2\n");
    let b = folder.path().join("b.csv").display().to_string();
    piped(&folder, b"x\n1\n", &["-i", &b]).success().stdout("x\n1\n2\n");
    let twice =
        predicate::str::contains("-: stands twice among the sources").and(predicate::str::contains("ERROR"));
    piped(&folder, b"x\n1\n", &["-i", "-"]).code(21).stdout("").stderr(twice);
}

#[test]
fn a_pipe_leaves_no_file_but_the_log() {
    let folder = project();
    piped(&folder, b"x\n1\n", &[]).success();
    let names: Vec<_> = files(folder.path()).into_iter().map(|f| f.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["ingest.log", "pipeline.toml"]);
}
