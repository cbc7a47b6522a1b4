//! What is too large is refused with the numbers; what is just within the limit is read.

use predicates::prelude::*;

use super::support::{read, write};
use super::{RAW, ingest, limited, manifest, one, raw, refused, setup};

const MIB: usize = 1 << 20;

#[test]
fn a_cell_has_at_most_a_mib() {
    let cell = "a".repeat(MIB);
    // Of a quoted cell the limit counts what stands between the quotes.
    let quotes = "\"\"".repeat(MIB / 2);
    for text in [&cell, &format!("\"{cell}\""), &format!("\"{quotes}\"")] {
        let folder = one(format!("x,y\n1,{text}\n3,4\n"));
        ingest(&folder, &[]).success();
        let plain = if text.contains("\"\"") { format!("\"{quotes}\"") } else { cell.clone() };
        assert_eq!(raw(&folder), format!("x,y\n1,{plain}\n3,4\n"));
    }
    let long = "a cell of more than 1048576 bytes begins here, perhaps a quote that is never closed";
    refused(&one(format!("x,y\n1,2\n3,{cell}a\n")), 21, &format!("a.csv:3: cell 2: {long}"));
    refused(&one(format!("x,y\n1,2\n3,\"{cell}a\"\n")), 21, &format!("a.csv:3: {long}"));
    refused(&one(format!("x,y\n1,2\n3,\"{quotes}\"\"\"\n")), 21, &format!("a.csv:3: {long}"));
    refused(&one(format!("x,y\n1,2\n3,\"{cell}a\n4,5\n")), 21, &format!("a.csv:3: {long}"));
}

#[test]
fn a_cell_that_is_too_long_can_be_set_aside() {
    let cell = "a".repeat(MIB + 1);
    let folder = setup("sources = [\"a.csv\"]\nrejects = \"file\"\nrejects_limit = 0.5", &[]);
    write(folder.path().join("a.csv"), format!("x,y\n1,2\n3,{cell}\n5,\"{cell}\"\n6,7\n"));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n6,7\n");
    let byte = 8 + 2 + MIB + 1 + 1;
    let expected = format!(
        "source,line,byte,column,kind,raw\na.csv,3,8,2,long_field,\"3,{cell}\"\na.csv,4,{byte},,long_field,\"5,\"\"{cell}\"\"\"\n"
    );
    assert!(read(folder.path().join(format!("{RAW}.rejects.csv"))) == expected);
}

#[test]
fn a_record_has_at_most_8_mib_with_its_line_end() {
    let names = "a,b,c,d,e,f,g,h";
    // Eight cells of a MiB less one byte, and seven commas: 8 MiB less one.
    let record = vec!["x".repeat(MIB - 1); 8].join(",");
    let long = "a.csv:2: a record of more than 8388608 bytes begins here";
    for (text, fits) in [
        (format!("{record}\n"), true),
        (format!("{record}x"), true),
        (format!("{record}x\n"), false),
        (format!("{record}\r\n"), false),
        (format!("{record}xx"), false),
    ] {
        let folder = one(format!("{names}\n{text}"));
        if fits {
            ingest(&folder, &[]).success();
            assert!(raw(&folder) == format!("{names}\n{}\n", text.trim_end()));
        } else {
            refused(&folder, 21, long);
        }
    }
}

#[test]
fn a_record_that_is_too_long_refuses_the_file_whatever_is_set_aside() {
    let folder = setup("sources = [\"a.csv\"]\nrejects = \"file\"\nrejects_limit = 1.0", &[]);
    write(folder.path().join("a.csv"), format!("x,y\n1,2\n{}\n3,4\n", ",".repeat(8 * MIB)));
    refused(&folder, 21, "a.csv:3: a record of more than 8388608 bytes begins here");
}

#[test]
fn a_table_has_at_most_16384_columns() {
    let names = |count: u32| (0..count).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let row = |count: usize| vec!["1"; count].join(",");
    let folder = one(format!("{}\n{}\n{}\n", names(16_384), row(16_384), row(16_384)));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("{}\n{}\n{}\n", names(16_384), row(16_384), row(16_384)));
    let message = "a.csv:1: 16385 columns, at most 16384 are read";
    refused(&one(format!("{}\n{}\n", names(16_385), row(16_385))), 21, message);
    let headerless = setup("sources = [\"a.csv\"]\nheader = false", &[("a.csv", &row(16_385))]);
    refused(&headerless, 21, message);
}

#[test]
fn the_columns_of_a_union_are_at_most_16384_too() {
    let names = |of: char| (0..10_000).map(|i| format!("{of}{i}")).collect::<Vec<_>>().join(",");
    let row = vec!["1"; 10_000].join(",");
    let file = |of: char| format!("{}\n{row}\n", names(of));
    let folder =
        setup("sources = [\"*.csv\"]\nunion = \"fill\"", &[("a.csv", &file('a')), ("b.csv", &file('b'))]);
    refused(&folder, 21, "20000 columns, at most 16384");
}

#[test]
fn a_name_has_at_most_1024_bytes() {
    // `ß` has two.
    let name = "ß".repeat(512);
    let folder = one(format!("{name},y\n1,2\n"));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("{name},y\n1,2\n"));
    let message = "a.csv:1: the name of column 1 has 1025 bytes, at most 1024 are read";
    refused(&one(format!("{name}x,y\n1,2\n")), 21, message);
}

#[test]
fn a_source_has_at_most_the_bytes_configured() {
    let of = |bytes: usize| {
        setup(&format!("sources = [\"a.csv\"]\nmax_source_bytes = {bytes}"), &[("a.csv", "x\n1\n")])
    };
    ingest(&of(4), &[]).success();
    let message = "a.csv: is larger than 3 bytes; raise `max_source_bytes` in [ingest] if it is meant";
    refused(&of(3), 21, message);
}

#[test]
fn a_footer_that_is_no_footer_is_refused_with_the_number() {
    let line = format!("{}\n", "f".repeat(2500));
    let folder = setup("sources = [\"a.csv\"]\nfooter_lines = 10000", &[]);
    write(folder.path().join("a.csv"), format!("x,y\n1,2\n{}", line.repeat(10_000)));
    refused(&folder, 21, "the last lines are longer than 16 MiB");
}

#[test]
fn memory_does_not_grow_with_the_source() {
    let rows: String = (0..1000).map(|i| format!("{i},{}\n", "a".repeat(250))).collect();
    let folder = one(format!("x,y\n{}", rows.repeat(1200)));
    assert!(folder.path().join("a.csv").metadata().unwrap().len() > 256 << 20);
    limited("-d 262144", &folder).success();
    assert_eq!(manifest(&folder)["found"]["sources"][0]["rows"], 1_200_000);
}

#[test]
fn a_line_of_delimiters_takes_little_memory() {
    let folder = one(format!("{}\n", ",".repeat(8 * MIB - 2)));
    let message = "a.csv:1: 8388607 columns, at most 16384 are read";
    limited("-d 262144", &folder).code(21).stderr(predicate::str::contains(message));
    let folder = one(format!("x,y\n1,2\n{}\n", ",".repeat(8 * MIB - 2)));
    let message = "a.csv:3: 8388607 cells, expected 2 as in the header";
    limited("-d 262144", &folder).code(21).stderr(predicate::str::contains(message));
}
