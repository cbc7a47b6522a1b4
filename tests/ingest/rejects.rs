//! `rejects = "file"`: bad records are set aside with their place and text, under a limit, and counted.

use predicates::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{cells, files, read, write};
use super::{HINT, RAW, ingest, log, manifest, one, raw, refused, setup, written};

/// A project that sets aside bad records of `a.csv`, at most the share `limit` of all lines.
fn aside(limit: f64, bytes: impl AsRef<[u8]>) -> TempDir {
    let section = format!("sources = [\"a.csv\"]\nrejects = \"file\"\nrejects_limit = {limit:?}");
    let folder = setup(&section, &[]);
    write(folder.path().join("a.csv"), bytes);
    folder
}

fn rejects(folder: &TempDir) -> String {
    read(folder.path().join(format!("{RAW}.rejects.csv")))
}

fn header_and(records: &str) -> String {
    format!("source,line,byte,column,kind,raw\n{records}")
}

/// Changes the configuration of a project.
fn reconfigure(folder: &TempDir, old: &str, new: &str) {
    let path = folder.path().join("pipeline.toml");
    let text = read(&path);
    assert!(text.contains(old), "{old} in {text}");
    write(path, text.replace(old, new));
}

/// One bad record of most kinds; the lines begin at bytes 0, 4, 8, 10, 16, 23, 30, 35, 42, 56 and 63.
const KINDS: &[u8] =
    b"x,y\n1,2\n3\n4,5,6\n7,\"8\"9\n10,\x0011\n12,\xe9\n13,1\r4\n\"15\n16\",17,18\n19,20\"\n21,22\n";

#[test]
fn each_bad_record_is_listed_with_its_place_its_kind_and_its_text() {
    let folder = aside(1.0, KINDS);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n21,22\n");
    let expected = "\
        a.csv,3,8,,too_few_cells,3\n\
        a.csv,4,10,,too_many_cells,\"4,5,6\"\n\
        a.csv,5,16,,text_after_quote,\"7,\"\"8\"\"9\"\n\
        a.csv,6,23,2,nul,\"10,\\x0011\"\n\
        a.csv,7,30,2,not_utf8,\"12,\\xE9\"\n\
        a.csv,8,35,2,stray_line_end,\"13,1\r4\"\n\
        a.csv,9,42,,too_many_cells,\"\"\"15\n16\"\",17,18\"\n\
        a.csv,11,56,,quote_in_text,\"19,20\"\"\"\n";
    assert_eq!(rejects(&folder), header_and(expected));
    assert_eq!(read(folder.path().join(format!("{RAW}.lines.csv"))), "row,source,line\n0,0,2\n1,0,12\n");
    assert!(log(&folder).contains("a.csv: 9 lines with bad records"));
}

#[test]
fn a_record_begins_at_its_byte_in_the_source() {
    for mark in [&b""[..], b"\xef\xbb\xbf"] {
        let source = [mark, KINDS].concat();
        let folder = aside(1.0, &source);
        ingest(&folder, &[]).success();
        let listed = cells(&rejects(&folder));
        assert_eq!(listed.len(), 9);
        for record in &listed[1..] {
            let (line, byte): (usize, usize) = (record[1].parse().unwrap(), record[2].parse().unwrap());
            assert_eq!(source[..byte].split(|b| *b == b'\n').count(), line, "{record:?}");
            let text = record[5].replace("\\x00", "\0");
            let text: Vec<u8> = match text.strip_suffix("\\xE9") {
                Some(rest) => [rest.as_bytes(), b"\xe9"].concat(),
                None => text.into(),
            };
            assert_eq!(source[byte..byte + text.len()], text, "{record:?}");
            assert_eq!(source[byte + text.len()], b'\n', "{record:?}");
        }
    }
}

#[test]
fn of_an_escaped_or_an_encoded_source_the_place_is_told_too() {
    let folder = aside(1.0, "x,y\n1,2\n\"a\\nb\",3\nc\\,4\n");
    reconfigure(&folder, "rejects =", "escape = '\\'\nrejects =");
    ingest(&folder, &[]).success();
    let expected =
        "a.csv,3,8,,unknown_escape,\"\"\"a\\\\nb\"\",3\"\na.csv,4,17,1,escape_outside_quotes,\"c\\\\,4\"\n";
    assert_eq!(rejects(&folder), header_and(expected));
    // In another encoding the byte is that of the text as UTF-8: `ß` has two.
    let utf_16: Vec<u8> = "\u{feff}x,ß\n1,2\n3\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = aside(1.0, utf_16);
    ingest(&folder, &[]).success();
    assert_eq!(rejects(&folder), header_and("a.csv,3,9,,too_few_cells,3\n"));
}

#[test]
fn a_text_with_backslashes_is_not_taken_for_escaped_bytes() {
    let folder = aside(1.0, b"x,y\n1,2\n\"a\"\\xE9\n\"a\"\xe9\n\"a\"\\\\xE9\xe9\n".as_slice());
    ingest(&folder, &[]).success();
    let listed = cells(&rejects(&folder));
    assert_eq!(listed.len(), 4);
    let texts: std::collections::BTreeSet<&String> = listed[1..].iter().map(|record| &record[5]).collect();
    assert_eq!(texts.len(), 3, "three records, three texts: {texts:?}");
}

#[test]
fn where_nothing_is_set_aside_the_first_ten_are_named_and_all_are_counted() {
    let folder = one(KINDS);
    let message =
        format!("a.csv:3: 1 cell, expected 2 as in the header; 9 lines with bad records in all{HINT}");
    refused(&folder, 21, &message);
    let log = log(&folder);
    for line in [
        "a.csv:4: 3 cells, expected 2 as in the header",
        "a.csv:5: text after a closing quote, expected a delimiter or the end of the line",
        "a.csv:6: cell 2: a NUL byte",
        "a.csv:7: cell 2: bytes that are not UTF-8",
        "a.csv:8: cell 2: a carriage return or line feed that does not end lines in this file",
        "a.csv:9: 3 cells, expected 2 as in the header",
        "a.csv:11: a quote within a cell that does not begin with one",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn the_share_of_all_lines_may_be_the_limit_and_no_more() {
    let of = |good: usize, bad: usize| format!("x,y\n{}{}", "1\n".repeat(bad), "2,3\n".repeat(good));
    let default = |bytes: String| {
        let folder = one(bytes);
        reconfigure(&folder, "sources", "rejects = \"file\"\nsources");
        folder
    };
    ingest(&default(of(99, 1)), &[]).success();
    let message =
        "1 cell, expected 2 as in the header; 1.010 % of all lines, above `rejects_limit`, which is 1 %";
    refused(&default(of(98, 1)), 21, &format!("a.csv:2: {message}\n"));
    ingest(&aside(0.5, of(2, 2)), &[]).success();
    let message =
        "3 lines with bad records in all; 60.000 % of all lines, above `rejects_limit`, which is 50 %";
    refused(&aside(0.5, of(2, 3)), 21, message);
    refused(&aside(0.07, of(9, 1)), 21, "10.000 % of all lines, above `rejects_limit`, which is 7 %\n");
    ingest(&aside(0.0, of(2, 0)), &[]).success();
    refused(&aside(0.0, of(2, 1)), 21, "33.333 % of all lines, above `rejects_limit`, which is 0 %");
    refused(&aside(1.0, of(0, 2)), 21, "a.csv:2: 1 cell, expected 2 as in the header; 2 lines");
}

#[test]
fn the_ledger_and_the_sources_count_what_was_set_aside() {
    let folder = setup(
        "sources = [\"*.csv\"]\nrejects = \"file\"\nrejects_limit = 0.8",
        &[("a.csv", "x,y\n1,2\n\"3\n4\",5,6\n7\n"), ("b.csv", "x,y\n8,9\n"), ("c.csv", "x,y\n1\n8,9\n")],
    );
    ingest(&folder, &[]).success();
    let manifest = manifest(&folder);
    let step = &manifest["ledger"][0];
    assert_eq!(step["rows_in"], 7);
    assert_eq!(step["dropped"], json!({"rejected": 4}));
    assert_eq!(step["rows_out"], 3);
    let sources = manifest["found"]["sources"].as_array().unwrap();
    let of = |key: &str| sources.iter().map(|s| s[key].clone()).collect::<Vec<Value>>();
    assert_eq!(of("rows"), [json!(1), json!(1), json!(1)]);
    assert_eq!(of("rejected"), [json!(3), Value::Null, json!(1)]);
    assert_eq!(of("first_line"), [json!(2), json!(2), json!(3)]);
    let companions: Vec<&Value> =
        manifest["companions"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(companions, [&json!(format!("{RAW}.lines.csv")), &json!(format!("{RAW}.rejects.csv"))]);
    let expected = "a.csv,3,8,,too_many_cells,\"\"\"3\n4\"\",5,6\"\na.csv,5,18,,too_few_cells,7\nc.csv,2,4,,too_few_cells,1\n";
    assert_eq!(rejects(&folder), header_and(expected));
}

#[test]
fn a_ledger_without_bad_records_has_nothing_dropped() {
    let folder = aside(0.01, "x,y\n1,2\n");
    ingest(&folder, &[]).success();
    assert_eq!(rejects(&folder), header_and(""));
    assert_eq!(manifest(&folder)["ledger"][0]["rows_in"], 1);
    assert!(manifest(&folder)["ledger"][0].get("dropped").is_none_or(|d| *d == json!({})));
}

#[test]
fn types_are_those_of_the_rows_that_stay() {
    let folder = aside(0.5, "x,y\n1,2\na\n3,4\n");
    ingest(&folder, &[]).success();
    assert_eq!(manifest(&folder)["found"]["types"][0]["type"], "integer");
}

#[test]
fn the_list_of_an_earlier_run_does_not_stay() {
    let folder = aside(0.5, "x,y\n1,2\n3\n");
    ingest(&folder, &[]).success();
    assert_eq!(written(&folder).len(), 4);
    reconfigure(&folder, "\"file\"", "\"refuse\"");
    write(folder.path().join("a.csv"), "x,y\n1,2\n");
    ingest(&folder, &[]).success();
    let table = "raw_ingested.csv";
    assert_eq!(written(&folder), [table, &format!("{table}.lines.csv"), &format!("{table}.meta.json")]);
}

#[test]
fn a_failed_run_leaves_the_last_good_one_whole() {
    for bytes in ["x,y\n1,2\n3\n", "x,y\n", "x,y\n1,2\n\"", "x,x\n1,2\n"] {
        let folder = aside(0.5, "x,y\n1,2\n3\n");
        ingest(&folder, &[]).success();
        let all = || {
            let found = files(&folder.path().join("data/interim")).into_iter();
            found.map(|path| (path.clone(), read(path))).collect::<Vec<_>>()
        };
        let before = all();
        reconfigure(&folder, "\"file\"", "\"refuse\"");
        write(folder.path().join("a.csv"), bytes);
        ingest(&folder, &[]).failure();
        assert_eq!(all(), before, "{bytes:?}");
    }
}

#[test]
fn formulas_and_control_characters_stay_text() {
    let folder = aside(1.0, "x,y\n1,2\n=1+1\n\u{1b}[2J\u{202e}\n");
    ingest(&folder, &[]).success();
    let expected = "a.csv,3,8,,too_few_cells,=1+1\na.csv,4,13,,too_few_cells,\u{1b}[2J\u{202e}\n";
    assert_eq!(rejects(&folder), header_and(expected));
}

#[test]
fn nothing_is_dropped_into_a_pipe_without_a_word_of_what() {
    let folder = aside(1.0, "x,y\n1,2\n3\n");
    let run = ingest(&folder, &["-o", "-"]);
    run.stderr(predicate::str::contains("a.csv:3: 1 cell, expected 2 as in the header"));
    let meta = folder.path().join("m.json");
    ingest(&folder, &["-o", "-", "--meta", meta.to_str().unwrap()]).success().stdout("x,y\n1,2\n");
    let listed = read(folder.path().join("m.json.rejects.csv"));
    assert_eq!(listed, header_and("a.csv,3,8,,too_few_cells,3\n"));
}
