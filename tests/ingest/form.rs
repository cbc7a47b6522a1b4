//! The form of a file: what is read, and what breaks it, refused by line.

use super::{HINT, ingest, manifest, one, raw, refused};

#[test]
fn a_broken_form_is_refused_by_line() {
    for (bytes, message) in [
        (&b"x,y\n1,2\n3,\"4\n5,6\n"[..], "a.csv:3: a quoted cell begins here and its quote is never closed"),
        (b"x,y\n1,\"2\"3\n", "a.csv:2: text after a closing quote, expected a delimiter"),
        (b"x,y\n1,2\n3,4\"\n", "a.csv:3: a quote within a cell that does not begin with one"),
        (b"x,y\n1,\0\n", "a.csv:2: cell 2: a NUL byte"),
        (b"x,y\n1,2\n\xe9,3\n", "a.csv:3: cell 1: bytes that are not UTF-8"),
        (b"x,y\n1,2\r3,4\n", "a.csv:2: cell 2: a carriage return or line feed that does not end lines"),
        (b"x,y\r1,2\n3,4\r", "a.csv:1: a carriage return or line feed that does not end lines"),
        (b"x,,y\n1,2,3\n", "a.csv:1: column 2 has no name; give all in `names`"),
        (b"x, ,y\n1,2,3\n", "a.csv:1: column 2 has no name"),
        (b"\xef\xbb\xbf\xef\xbb\xbfx,y\n1,2\n", "a.csv:1: a second byte order mark"),
        (b"\n\nx,y,x\n1,2,3\n", "a.csv:3: columns 1 and 3 are both named `x`; give all in `names`"),
        (b"\"x\ny\",\"z\"w\n1,2\n", "a.csv:2: text after a closing quote"),
    ] {
        refused(&one(bytes), 21, message);
    }
}

#[test]
fn a_bad_record_is_refused_with_the_way_out() {
    refused(&one("x,y\n1,2\n3\n"), 21, &format!("a.csv:3: 1 cell, expected 2 as in the header{HINT}\n"));
    refused(&one("x\n1\n2,3\n"), 21, &format!("a.csv:3: 2 cells, expected 1 as in the header{HINT}\n"));
}

#[test]
fn lines_end_in_one_of_three_ways() {
    for (bytes, line_end, line_ends) in [
        ("x,y\n1,2\n3,4\n", "lf or crlf", "lf"),
        ("x,y\r\n1,2\r\n3,4\r\n", "lf or crlf", "crlf"),
        ("x,y\n1,2\r\n3,4", "lf or crlf", "crlf"),
        ("x,y\n1,2\r\n3,4\n", "lf or crlf", "lf and crlf"),
        ("x,y\r1,2\r3,4\r", "cr", "none"),
        ("x,y\r1,2\r\r3,4", "cr", "none"),
    ] {
        let folder = one(bytes);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x,y\n1,2\n3,4\n", "{bytes:?}");
        let found = &manifest(&folder)["found"];
        assert_eq!(found["dialects"][0]["line_end"], line_end, "{bytes:?}");
        assert_eq!(found["sources"][0]["line_ends"], line_ends, "{bytes:?}");
    }
}

#[test]
fn other_line_ends_are_kept_within_quotes_and_characters_that_end_none_anywhere() {
    let folder = one("x,y\n\"1\r\",\"2\r\n\"\n\u{2028}\u{85},\u{b}\u{c}\u{1a}\n");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n\"1\r\",\"2\r\n\"\n\u{2028}\u{85},\u{b}\u{c}\u{1a}\n");
    let folder = one("x,y\r\"1\n\",2\r");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n\"1\n\",2\n");
}

#[test]
fn a_line_without_anything_is_no_record_and_one_with_quotes_is() {
    let folder = one("\n\r\nx\n\n1\n\"\"\n \n\n");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x\n1\n\"\"\n \n");
    assert_eq!(manifest(&folder)["found"]["sources"][0]["rows"], 3);
}
