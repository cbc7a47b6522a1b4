//! A quote out of place makes it uncertain where its record ends: what it can have swallowed is set
//! aside with it, and no row of another record is ever made of it.

use tempfile::TempDir;

use super::support::read;
use super::{RAW, ingest, manifest, raw, refused, setup};

/// A project that sets aside any number of bad records of `a.csv`.
fn aside(bytes: &str) -> TempDir {
    setup("sources = [\"a.csv\"]\nrejects = \"file\"\nrejects_limit = 1.0", &[("a.csv", bytes)])
}

/// Expects `rows` to stay and `rejects` to be listed, and the lines of both to be all there are.
fn parted(bytes: &str, rows: &str, rejects: &str) {
    let folder = aside(bytes);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x,y\n{rows}"), "{bytes:?}");
    let listed = read(folder.path().join(format!("{RAW}.rejects.csv")));
    assert_eq!(listed, format!("source,line,byte,column,kind,raw\n{rejects}"), "{bytes:?}");
    let rows_in = manifest(&folder)["ledger"][0]["rows_in"].as_u64().unwrap();
    assert_eq!(rows_in, bytes.lines().count() as u64 - 1, "each line is a row or set aside");
}

#[test]
fn a_quote_that_swallowed_whole_records_sets_aside_its_own_line() {
    // It seems to close within line 5, before the 8.
    let bytes = "x,y\n1,\"2\n3,4\n5,6\n7,\"8\"\n9,10\n";
    parted(bytes, "3,4\n5,6\n7,8\n9,10\n", "a.csv,2,4,,unclosed_quote,\"1,\"\"2\"\n");
    // It is never closed.
    parted("x,y\n1,\"2\n3,4\n5,6\n", "3,4\n5,6\n", "a.csv,2,4,,unclosed_quote,\"1,\"\"2\"\n");
    parted("x,y\n1,2\n3,\"4", "1,2\n", "a.csv,3,8,,unclosed_quote,\"3,\"\"4\"\n");
}

#[test]
fn a_quote_that_swallowed_something_else_sets_all_of_it_aside() {
    // Line 3 is no record, so it may be the second line of one that begins on line 2.
    let bytes = "x,y\n1,\"2\n3\n5,6\n7,\"8\"\n9,10\n";
    parted(bytes, "9,10\n", "a.csv,2,4,,text_after_quote,\"1,\"\"2\n3\n5,6\n7,\"\"8\"\"\"\n");
    let bytes = "x,y\n1,\"2\n3,4,5\n6,\"7\"\n8,9\n";
    parted(bytes, "8,9\n", "a.csv,2,4,,text_after_quote,\"1,\"\"2\n3,4,5\n6,\"\"7\"\"\"\n");
}

#[test]
fn two_stray_quotes_set_aside_their_own_lines() {
    let bytes = "x,y\n1,\"2\n3,4\n5,\"6\n7,8\n";
    let rejects = "a.csv,2,4,,unclosed_quote,\"1,\"\"2\"\na.csv,4,13,,unclosed_quote,\"5,\"\"6\"\n";
    parted(bytes, "3,4\n7,8\n", rejects);
}

#[test]
fn text_around_quotes_on_one_line_sets_aside_that_line() {
    let bytes = "x,y\n1, \"2\"\n3,\"4\" \n\"5\"6,7\n8\"9,0\n1,2\n";
    let rejects = "a.csv,2,4,,quote_in_text,\"1, \"\"2\"\"\"\n\
                   a.csv,3,11,,text_after_quote,\"3,\"\"4\"\" \"\n\
                   a.csv,4,18,,text_after_quote,\"\"\"5\"\"6,7\"\n\
                   a.csv,5,25,,quote_in_text,\"8\"\"9,0\"\n";
    parted(bytes, "1,2\n", rejects);
}

#[test]
fn an_unclosed_quote_that_swallowed_anything_else_refuses_the_file() {
    let message = "a.csv:2: a quoted cell begins here and its quote is never closed";
    refused(&aside("x,y\n1,\"2\n3\n5,6\n7,8\n"), 21, message);
    refused(&aside("x,y\n1,\"2\nand, so on, it went\n5,6\n"), 21, message);
    refused(
        &aside("x,\"y\n1,2\n3,4\n"),
        21,
        "a.csv:1: a quoted cell begins here and its quote is never closed",
    );
}

#[test]
fn a_quote_never_closed_in_a_long_file_sets_aside_its_own_line() {
    // Past a MiB no cell is read on; all lines up to there are whole records.
    let rows: String = (0..200_000).map(|i| format!("{i},\"\"\n")).collect();
    let folder = aside(&format!("x,y\n1,\"2\n{rows}"));
    ingest(&folder, &[]).success();
    assert_eq!(manifest(&folder)["found"]["sources"][0]["rows"], 200_000);
    let listed = read(folder.path().join(format!("{RAW}.rejects.csv")));
    assert_eq!(listed, "source,line,byte,column,kind,raw\na.csv,2,4,,unclosed_quote,\"1,\"\"2\"\n");
}

#[test]
fn what_a_quote_swallowed_is_the_same_wherever_a_file_is_cut_into_blocks() {
    // The stray quote stands before, at and after the end of the first 512 KiB, and of the first MiB.
    for good in (131_068..131_073).chain(262_140..262_145) {
        let rows = "1,2\n".repeat(good);
        let folder = aside(&format!("x,y\n{rows}3,\"4\n5,6\n7,8\n\"9\",10\n"));
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), format!("x,y\n{rows}5,6\n7,8\n9,10\n"));
        let listed = read(folder.path().join(format!("{RAW}.rejects.csv")));
        let (line, byte) = (good + 2, 4 * good + 4);
        assert_eq!(listed.lines().nth(1), Some(&*format!("a.csv,{line},{byte},,unclosed_quote,\"3,\"\"4\"")));
    }
}
