//! Shapes that make a careless reader slow: each ends soon, with the right outcome. The guard of a
//! minute is there for a reader that takes the square of their size.

use tempfile::TempDir;

use super::support::{read, write};
use super::{RAW, ingest, manifest, one, raw, refused, setup};

/// A project that sets aside any number of bad records of `a.csv`.
fn aside(section: &str, bytes: &str) -> TempDir {
    let section = format!("sources = [\"a.csv\"]\nrejects = \"file\"\nrejects_limit = 1.0\n{section}");
    let folder = setup(&section, &[]);
    write(folder.path().join("a.csv"), bytes);
    folder
}

#[test]
fn blank_lines_before_the_header() {
    let folder = one(format!("{}x,y\n1,2\n", "\n".repeat(50_000)));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n");
    assert_eq!(manifest(&folder)["found"]["sources"][0]["first_line"], 50_002);
    let folder = one(format!("{}x,y\n1\n", "\r\n".repeat(50_000)));
    refused(&folder, 21, "a.csv:50002: 1 cell, expected 2 as in the header");
}

#[test]
fn comments_before_the_header() {
    let bytes = format!("{}x,y\n1,2\n", "#\"\n".repeat(1_000_000));
    let folder = setup("sources = [\"a.csv\"]\ncomment = \"#\"", &[("a.csv", &bytes)]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n");
}

#[test]
fn doubled_quotes() {
    let quotes = "\"\"".repeat(100_000);
    let folder = one(format!("x,y\n1,\"{quotes}\"\n"));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x,y\n1,\"{quotes}\"\n"));
}

#[test]
fn nothing_but_quotes() {
    // An even number of them is one cell of half as many, less one, which is too long for a name.
    let message = "a.csv:1: the name of column 1 has 499999 bytes, at most 1024 are read";
    refused(&one("\"".repeat(1_000_000)), 21, message);
    let message = "a.csv:1: a quoted cell begins here and its quote is never closed";
    refused(&one("\"".repeat(1_000_001)), 21, message);
    let folder = one(format!("x\n{}", "\"".repeat(1_000_000)));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x\n{}\n", "\"".repeat(1_000_000)));
    // Two lines of one quote each are a cell that holds a line end.
    refused(&one("\"\n".repeat(1_000_000)), 21, "a.csv:1: column 1 has no name");
}

#[test]
fn equal_names() {
    let names = vec!["x"; 10_000].join(",");
    let message = "a.csv:1: columns 1 and 2 are both named `x`; give all in `names`";
    refused(&one(format!("{names}\n{names}\n")), 21, message);
}

#[test]
fn a_line_of_delimiters() {
    let line = ",".repeat(10_000_000);
    let long = "a record of more than 8388608 bytes begins here";
    refused(&one(format!("{line}\n1,2\n")), 21, &format!("a.csv:1: {long}"));
    refused(&one(format!("x,y\n1,2\n{line}\n")), 21, &format!("a.csv:3: {long}"));
    let line = ",".repeat(5_000_000);
    let message = "a.csv:3: 5000001 cells, expected 2 as in the header";
    refused(&one(format!("x,y\n1,2\n{line}\n")), 21, message);
}

#[test]
fn lines_that_each_have_an_odd_quote() {
    for (line, kind) in [
        ("1,\"2\n", "unclosed_quote"),
        ("\"1,2\n", "unclosed_quote"),
        ("1,2\"\n", "quote_in_text"),
        ("1,\"2\"\"\n", "unclosed_quote"),
    ] {
        let folder = aside("", &format!("x,y\n5,6\n{}", line.repeat(200_000)));
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x,y\n5,6\n");
        assert_eq!(manifest(&folder)["ledger"][0]["dropped"]["rejected"], 200_000);
        let rejects = read(folder.path().join(format!("{RAW}.rejects.csv")));
        assert!(rejects.lines().nth(1).unwrap().starts_with(&format!("a.csv,3,8,,{kind},")));
    }
    // Two lines that each end with an opening quote are one record.
    let folder = one(format!("x,y\n{}", "1,\"\n".repeat(200_000)));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x,y\n{}", "1,\"\n1,\"\n".repeat(100_000)));
}

#[test]
fn an_odd_quote_before_each_thousand_good_lines() {
    let group = format!("1,\"2\n{}", "3,4\n".repeat(1000));
    let folder = aside("", &format!("x,y\n{}", group.repeat(1000)));
    ingest(&folder, &[]).success();
    assert_eq!(manifest(&folder)["found"]["sources"][0]["rows"], 1_000_000);
    assert_eq!(manifest(&folder)["found"]["sources"][0]["rejected"], 1000);
}

#[test]
fn bad_records_before_the_first_good_one() {
    let folder = aside("header = false", &format!("{}1,2\n", "\0\n".repeat(2_000_000)));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "column_1,column_2\n1,2\n");
    assert_eq!(manifest(&folder)["ledger"][0]["dropped"]["rejected"], 2_000_000);
}

#[test]
fn a_cell_of_line_ends() {
    let lines = "\n".repeat(1 << 20);
    let folder = one(format!("x,y\n1,\"{lines}\"\n"));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x,y\n1,\"{lines}\"\n"));
}

#[test]
fn a_footer_in_a_file_of_short_lines() {
    let folder = setup("sources = [\"a.csv\"]\nfooter_lines = 10000", &[]);
    let rows = "1,2\n".repeat(1_000_000);
    write(folder.path().join("a.csv"), format!("x,y\n{rows}{}", "\n".repeat(10_000)));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x,y\n{rows}"));
}
