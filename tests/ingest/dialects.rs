//! Dialects: given for all sources or for one, found where they are not, told in the manifest, refused
//! where a source could be read in two ways.

use serde_json::{Value, json};

use super::{ingest, manifest, one, raw, refused, setup};

/// Sets `sources` to `a.csv`, which holds `bytes`, beside the `keys`.
fn told(keys: &str, bytes: &str) -> tempfile::TempDir {
    setup(&format!("sources = [\"a.csv\"]\n{keys}"), &[("a.csv", bytes)])
}

/// The dialects of the manifest, and the number of each source's.
fn found(folder: &tempfile::TempDir) -> (Vec<Value>, Vec<u64>) {
    let found = manifest(folder)["found"].clone();
    let numbers = found["sources"].as_array().unwrap().iter().map(|s| s["dialect"].as_u64().unwrap());
    (found["dialects"].as_array().unwrap().clone(), numbers.collect())
}

#[test]
fn each_key_of_a_dialect_is_taken() {
    for (keys, bytes, table) in [
        ("delimiter = \"^\"", "x^y\n1,5^2\n", "x,y\n\"1,5\",2\n"),
        ("delimiter = \"\\t\"", "x\ty\n1;2\t3\n", "x,y\n1;2,3\n"),
        ("delimiter = \" \"", "x y\n1 2\n", "x,y\n1,2\n"),
        ("quote = \"'\"", "x,y\n'1,5','it''s'\n\"a,b\n", "x,y\n\"1,5\",it's\n\"\"\"a\",b\n"),
        ("quote = \"\"", "x,y\n\"1,5\"\"\n", "x,y\n\"\"\"1\",\"5\"\"\"\"\"\n"),
        ("escape = '\\'", "x,y\n\"a\\\"b\",\"c\\\\\"\n", "x,y\n\"a\"\"b\",c\\\n"),
        ("comment = \"#\"", "#1,2,3\nx,y\n1,2\n#\"\n\"#3\",4\n", "x,y\n1,2\n#3,4\n"),
        ("comment = \"--\"", "--1,2,3\nx,y\n-1,2\n", "x,y\n-1,2\n"),
        ("header = false", "1,2\n3,4\n", "column_1,column_2\n1,2\n3,4\n"),
        ("header = false\nnames = [\"p\", \"q\"]", "1,2\n3,4\n", "p,q\n1,2\n3,4\n"),
        ("names = [\"p\", \"q\"]", "x,x\n3,4\n", "p,q\n3,4\n"),
        ("skip_lines = 2", "Report, of \"May\nin 1,000\nx;y\n1;2\n", "x,y\n1,2\n"),
        ("footer_lines = 2", "x;y\n1;2\nTotal, in all\n3 \"rows", "x,y\n1,2\n"),
        ("skip_lines = 1\nfooter_lines = 1\nheader = false", "May\n1|2\nEnd\n", "column_1,column_2\n1,2\n"),
        ("encoding = \"utf-8\"", "x,y\né,2\n", "x,y\né,2\n"),
    ] {
        let folder = told(keys, bytes);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), table, "{keys}");
    }
}

#[test]
fn an_escape_is_one_only_in_quotes_and_before_what_needs_it() {
    let escape = "escape = '\\'";
    refused(
        &told(escape, "x,y\na\\,2\n"),
        21,
        "a.csv:2: cell 1: an escape character in a cell without quotes",
    );
    refused(
        &told(escape, "x,y\n\"a\\nb\",2\n"),
        21,
        "a.csv:2: an escape character before one that is neither",
    );
    refused(&told("", "x,y\n\"a\\\"b\",2\n"), 21, "a.csv:2: text after a closing quote");
}

#[test]
fn the_keys_of_one_source_go_before_those_of_all() {
    let folder = setup(
        "sources = [\"a.csv\", { path = \"b.csv\", delimiter = \"^\", quote = \"'\", skip_lines = 0 }]\ndelimiter = \"~\"\nskip_lines = 1",
        &[("a.csv", "May\nx~y\n\"a~a\"~b\n"), ("b.csv", "x^y\n'c^c'^d\n")],
    );
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\na~a,b\nc^c,d\n");
    let (dialects, numbers) = found(&folder);
    assert_eq!(numbers, [0, 1]);
    assert_eq!(dialects[0]["delimiter"], "~");
    assert_eq!(dialects[0]["quote"], "\"");
    assert_eq!(dialects[0]["skip_lines"], 1);
    assert_eq!(dialects[1]["delimiter"], "^");
    assert_eq!(dialects[1]["quote"], "'");
    assert_eq!(dialects[1]["skip_lines"], 0);
}

#[test]
fn the_dialect_of_a_pattern_holds_for_each_of_its_files() {
    let folder = setup(
        "sources = [\"a.csv\", { path = \"raw/*.csv\", delimiter = \"^\", header = false, names = [\"x\", \"y\"] }]",
        &[("a.csv", "x,y\n1,2\n"), ("raw/1.csv", "3^4\n"), ("raw/2.csv", "5^6\n")],
    );
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n3,4\n5,6\n");
    assert_eq!(found(&folder).1, [0, 1, 1]);
}

#[test]
fn the_manifest_tells_the_dialect_of_each_source_once() {
    let folder = setup(
        "sources = [\"*.csv\"]",
        &[("a.csv", "x,y\n1,2\n"), ("b.csv", "x;y\n3;4\n"), ("c.csv", "x,y\n5,6\n"), ("d.csv", "y;x\n8;7\n")],
    );
    ingest(&folder, &[]).success();
    let with = |delimiter: &str| {
        json!({"encoding": "utf-8", "delimiter": delimiter, "quote": "\"", "header": true, "skip_lines": 0,
               "footer_lines": 0, "line_end": "lf or crlf"})
    };
    assert_eq!(found(&folder), (vec![with(","), with(";")], vec![0, 1, 0, 1]));
    let sources = manifest(&folder)["found"]["sources"].clone();
    assert_eq!(sources[2]["same_column_order"], true);
    assert_eq!(sources[3]["same_column_order"], false);
}

#[test]
fn the_manifest_tells_what_was_given_too() {
    let keys = "escape = '\\'\ncomment = \"#\"\nheader = false\nskip_lines = 1\nfooter_lines = 2";
    let folder = told(keys, "May\n#1\n1,2\n#3\nthe\nend\n");
    ingest(&folder, &[]).success();
    let expected = json!({"encoding": "utf-8", "delimiter": ",", "quote": "\"", "escape": "\\", "comment": "#",
                          "header": false, "skip_lines": 1, "footer_lines": 2, "line_end": "lf or crlf"});
    assert_eq!(found(&folder), (vec![expected], vec![0]));
    // Wherever they stand.
    assert_eq!(manifest(&folder)["found"]["sources"][0]["comment_lines"], 2);
}

#[test]
fn commas_semicolons_tabs_and_bars_are_found() {
    for (bytes, delimiter, table) in [
        ("x,y\n1,2\n", ",", "x,y\n1,2\n"),
        ("x;y\n1,5;2,5\n", ";", "x,y\n\"1,5\",\"2,5\"\n"),
        ("x\ty\n1, 2\t3\n", "\t", "x,y\n\"1, 2\",3\n"),
        ("x|y\n\"1\n|,\"|2\n", "|", "x,y\n\"1\n|,\",2\n"),
        ("x|y\r\"1\r|,\"|2\r", "|", "x,y\n\"1\r|,\",2\n"),
        ("\u{feff}sep=|\r\nx|y\r\n1;2|3;4\r\n", "|", "x,y\n1;2,3;4\n"),
        ("x\nNew York\nRome: I\n", ",", "x\nNew York\nRome: I\n"),
    ] {
        let folder = one(bytes);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), table, "{bytes:?}");
        assert_eq!(found(&folder).0[0]["delimiter"], delimiter, "{bytes:?}");
    }
}

#[test]
fn a_line_that_names_the_separator_is_no_record() {
    let folder = one("sep=;\nx;y\n1,2;3\n");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n\"1,2\",3\n");
    assert_eq!(found(&folder).0[0]["skip_lines"], 1);
    assert_eq!(
        super::read(folder.path().join(format!("{}.lines.csv", super::RAW))),
        "row,source,line\n0,0,3\n"
    );
}

#[test]
fn two_delimiters_that_fit_are_refused_until_one_is_told() {
    let bytes = "x,y;z\n1,2;3\n4,5;6\n";
    let message =
        "a.csv: cells could be parted by commas or by semicolons; say which, as in `delimiter = \";\"`";
    refused(&one(bytes), 21, message);
    let folder = told("delimiter = \";\"", bytes);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "\"x,y\",z\n\"1,2\",3\n\"4,5\",6\n");
}

#[test]
fn a_bad_record_does_not_make_another_delimiter_fit() {
    // Semicolons part all records but the last, commas each of them, in the middle of names.
    let bytes = "last, first;age\nBerg, Anna;30\nLund, Bo;40\nMoe, Per\n";
    refused(&one(bytes), 21, "a.csv");
    let folder = told("delimiter = \";\"", bytes);
    refused(&folder, 21, "a.csv:4: 1 cell, expected 2 as in the header");
}

#[test]
fn one_column_that_seems_to_hold_several_is_refused_until_told() {
    for (bytes, what, table) in [
        ("x y\n1 2\n", "blanks", "x y\n1 2\n"),
        ("id      name\n1       Ann\n", "blanks", "id      name\n1       Ann\n"),
        ("x:y\n1:2\n", "colons", "x:y\n1:2\n"),
        ("x^y\n1^2\n", "`^`", "x^y\n1^2\n"),
        ("x\u{1f}y\n1\u{1f}2\n", "`\\x1f`", "x\u{1f}y\n1\u{1f}2\n"),
    ] {
        let message = format!("a.csv: one column, whose cells seem to hold several parted by {what}");
        refused(&one(bytes), 21, &message);
        let folder = told("delimiter = \",\"", bytes);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), table);
    }
}

#[test]
fn a_wrong_delimiter_never_makes_a_table_of_one_column() {
    refused(&told("delimiter = \";\"", "x,y\n1,2\n3,4\n"), 21, "a.csv: one column, whose cells seem to hold");
}

#[test]
fn a_preamble_or_a_footer_that_nobody_told_is_refused_by_line() {
    refused(&one("Report\nx,y\n1,2\n"), 21, "a.csv:2: 2 cells, expected 1 as in the header");
    refused(&one("x,y\n1,2\nTotal\n"), 21, "a.csv:3: 1 cell, expected 2 as in the header");
    refused(&one("x,y\n1,2\n\np,q,r\n3,4,5\n"), 21, "a.csv:4: 3 cells, expected 2 as in the header");
}

#[test]
fn names_that_do_not_fit_are_refused_by_line() {
    let message = "a.csv:2: 2 columns, but `names` in [ingest] gives 1 name";
    refused(&told("names = [\"p\"]", "\nx,y\n1,2\n"), 21, message);
    refused(&told("names = [\"p\", \"p\"]", "x,y\n1,2\n"), 21, "columns 1 and 2 are both named `p`");
    refused(&told("names = [\"p\", \"\"]", "x,y\n1,2\n"), 21, "column 2 has no name");
}

#[test]
fn lines_to_skip_that_are_not_there_leave_an_empty_source() {
    refused(&told("skip_lines = 3", "x,y\n1,2\n"), 21, "a.csv: is empty, expected a header and rows");
    refused(&told("footer_lines = 2", "x,y\n1,2\n"), 21, "a.csv: is empty, expected a header and rows");
    refused(&told("comment = \"x\"", "x,y\n"), 21, "a.csv: is empty, expected a header and rows");
}

#[test]
fn a_file_of_another_kind_is_refused_as_what_it_is() {
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";
    for (bytes, kind) in [
        ("PK\u{3}\u{4}\u{14}\0xl/workbook.xml", "a ZIP archive or an Excel workbook; save it as CSV"),
        ("%PDF-1.7\n1,2\n", "a PDF document"),
        ("PAR1\u{15}\u{4}", "a Parquet file"),
        ("ARROW1\0\0", "an Arrow file"),
        ("SQLite format 3\0", "a SQLite database"),
        (lfs, "a Git LFS pointer, not the file it stands for; run `git lfs pull`"),
    ] {
        refused(&one(bytes), 21, &format!("a.csv: is {kind}"));
        refused(&told("delimiter = \",\"", bytes), 21, &format!("a.csv: is {kind}"));
    }
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 512]].concat();
    refused(&one(old), 21, "a.csv: is an old Excel workbook; save it as CSV");
    refused(&one("<!DOCTYPE html>\n<html><body>404, not found</body></html>\n"), 21, "a.csv: ");
    refused(&one("[{\"x\": 1, \"y\": 2}]\n"), 21, "a.csv:1: ");
}
