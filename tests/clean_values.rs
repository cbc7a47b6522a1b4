//! Stage `clean` through its real binary: how numbers and dates are written, as `schema.json` declares it
//! or `ingest` found it.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

use assert_cmd::assert::Assert;
use common::hash;
use common::manifest::{FileRecord, Manifest};
use common::schema::{Field, Kind, Role};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use support::{column, project, read, run, write};
use tempfile::TempDir;

const CONFIG: &str = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

/// A raw table whose `x` holds `cells`, one a row.
fn raw(cells: &[&str]) -> String {
    let rows: String = cells.iter().map(|cell| format!("\"{cell}\",1,train\n")).collect();
    format!("x,y,part\n{rows}")
}

/// A project with a raw table made by hand, `x` under a contract of its own.
fn declared(x: &str, cells: &[&str]) -> TempDir {
    let schema = format!(
        "{{\"fields\": [\n{{\"name\": \"x\", {x}}},\n\
         {{\"name\": \"y\", \"type\": \"number\"}},\n{{\"name\": \"part\", \"type\": \"string\"}}]}}"
    );
    project(&[("pipeline.toml", CONFIG), ("schema.json", &schema), ("raw.csv", &raw(cells))])
}

/// A project with a raw table that `ingest` wrote, having found this.
fn found(found: serde_json::Value, cells: &[&str]) -> TempDir {
    let text = raw(cells);
    let folder = project(&[("pipeline.toml", CONFIG), ("raw.csv", &text)]);
    let mut manifest = Manifest::new(common::Task::Ingest, "", Vec::new());
    manifest.fields = ["x", "y", "part"].map(|n| Field::new(n, Kind::String, Role::Input)).to_vec();
    manifest.output = FileRecord {
        name: "raw.csv".to_owned(),
        sha256: hash::hex(text.as_bytes()),
        bytes: text.len() as u64,
    };
    manifest.found = found;
    write(folder.path().join("raw.csv.meta.json"), manifest.to_json().unwrap());
    folder
}

fn clean(folder: &TempDir) -> Assert {
    run("clean", folder.path(), &["-i", "raw.csv"])
}

/// The values of `x` after a run that succeeds.
fn values(folder: &TempDir) -> Vec<String> {
    clean(folder).success();
    column(&read(folder.path().join("data/processed/clean.csv")), "x")
}

/// The numbers of `x`, and that they are these to the last bit.
fn are(folder: &TempDir, expected: &[f64]) {
    let bits = |x: &f64| x.to_bits();
    let values: Vec<f64> = values(folder).iter().map(|v| v.parse().unwrap()).collect();
    assert_eq!(
        values.iter().map(bits).collect::<Vec<_>>(),
        expected.iter().map(bits).collect::<Vec<_>>(),
        "{values:?}"
    );
}

/// The line and the fault of every cell that breaks the contract.
fn breaches(folder: &TempDir) -> Vec<(String, String)> {
    clean(folder).code(10);
    let found = read(folder.path().join("data/processed/clean.csv.violations.csv"));
    column(&found, "line").into_iter().zip(column(&found, "what")).collect()
}

fn breach(line: &str, what: &str) -> (String, String) {
    (line.to_owned(), what.to_owned())
}

#[test]
fn a_decimal_comma_is_declared_and_a_point_is_then_refused_by_line() {
    let comma = r#""type": "number", "decimalChar": ",""#;
    are(&declared(comma, &["3,75", "-0,5", "1000,25", ",5", "2e3"]), &[3.75, -0.5, 1000.25, 0.5, 2000.0]);
    assert_eq!(
        breaches(&declared(comma, &["1,5", "2.5", "3,5", "1.000,5"])),
        [
            breach("3", "found `2.5`, expected a number with decimal mark `,`"),
            breach("5", "found `1.000,5`, expected a number with decimal mark `,`"),
        ]
    );
    // Never guessed: without a declaration a comma makes no number.
    assert_eq!(breaches(&declared(r#""type": "number""#, &["3,14"]))[0].1, "found `3,14`, expected a number");
    let schemaless = project(&[("pipeline.toml", CONFIG), ("raw.csv", &raw(&["3,14", "1,000"]))]);
    assert_eq!(values(&schemaless), ["3,14", "1,000"]);
}

#[test]
fn groups_of_thousands_are_declared_and_have_three_digits() {
    let comma = r#""type": "number", "groupChar": ",""#;
    are(
        &declared(comma, &["1,234.5", "12,345,678", "-1,000.25", "1234.5"]),
        &[1234.5, 12_345_678.0, -1000.25, 1234.5],
    );
    let message = "expected a number with decimal mark `.` and thousands mark `,`";
    let bad = ["1,23", "1234,567", "1,2345", "0,5", "0,123", "1.234,5", ",5"];
    let breaches_found = breaches(&declared(comma, &bad));
    let expected =
        bad.iter().zip(2..).map(|(cell, line)| (line.to_string(), format!("found `{cell}`, {message}")));
    assert_eq!(breaches_found, expected.collect::<Vec<_>>());

    let nbsp = "\"type\": \"number\", \"decimalChar\": \",\", \"groupChar\": \"\u{a0}\"";
    are(&declared(nbsp, &["1\u{a0}234,5", "12\u{a0}345\u{a0}678"]), &[1234.5, 12_345_678.0]);
    // One blank is not another.
    let other = breaches(&declared(nbsp, &["1\u{202f}234,5", "1 234,5", "\u{a0}234"]));
    assert_eq!(other.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["2", "3", "4"]);
    assert!(other[1].1.ends_with("decimal mark `,` and thousands mark U+00A0"), "{}", other[1].1);

    let integer = r#""type": "integer", "groupChar": "’""#;
    assert_eq!(
        values(&declared(integer, &["9’223’372’036’854’775’807", "-1’000", "12"])),
        ["9223372036854775807", "-1000", "12"]
    );
}

#[test]
fn leading_zeros_are_numbers_where_declared_and_text_where_not() {
    let zeros = ["007", "00.5", "0", "-01"];
    are(&declared(r#""type": "number""#, &zeros), &[7.0, 0.5, 0.0, -1.0]);
    assert_eq!(values(&declared(r#""type": "integer""#, &["007", "+05"])), ["7", "5"]);
    assert_eq!(values(&declared(r#""type": "string""#, &zeros)), zeros);
    let by_hand = project(&[("pipeline.toml", CONFIG), ("raw.csv", &raw(&["007", "12"]))]);
    assert_eq!(values(&by_hand), ["007", "12"]);
}

#[test]
fn blanks_around_a_number_are_those_of_ascii() {
    let blanks = [" 5", "5 ", "\t5", " \t5\t "];
    are(&declared(r#""type": "number""#, &blanks), &[5.0; 4]);
    let by_hand = project(&[("pipeline.toml", CONFIG), ("raw.csv", &raw(&blanks))]);
    assert_eq!(values(&by_hand), ["5"; 4]);
    let others = ["\u{a0}5", "5\u{3000}", "+ 5", "1 000", " ", "5\n"];
    assert_eq!(breaches(&declared(r#""type": "number""#, &others)).len(), others.len());
}

#[test]
fn numbers_at_the_edges_of_their_types() {
    are(
        &declared(
            r#""type": "number""#,
            &[
                "5e-324",
                "2.2250738585072011e-308",
                "2.2250738585072014e-308",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775808",
                "18446744073709551616",
                "1.7976931348623157e308",
                "+0.25",
                "-2.5e+02",
            ],
        ),
        &[
            f64::from_bits(1),
            f64::from_bits(0x000f_ffff_ffff_ffff),
            f64::MIN_POSITIVE,
            9_223_372_036_854_775_808.0,
            9_223_372_036_854_775_808.0,
            -9_223_372_036_854_775_808.0,
            18_446_744_073_709_551_616.0,
            f64::MAX,
            0.25,
            -250.0,
        ],
    );
    let edges = ["9223372036854775807", "-9223372036854775808"];
    assert_eq!(values(&declared(r#""type": "integer""#, &edges)), edges);
    let over = breaches(&declared(r#""type": "integer""#, &["9223372036854775808", "-9223372036854775809"]));
    assert_eq!(over.len(), 2);
    let none = [
        "1e400",
        "-1e400",
        "1e",
        "e5",
        "1e5.5",
        "++5",
        "(5)",
        "5-",
        "12%",
        "$5",
        "1_000",
        "\u{2212}5",
        "\u{2013}5",
        "１２３",
        "١٢",
        "0x1F",
        "inf",
        "NaN",
        "#N/A",
        "None",
        "x",
    ];
    let found = breaches(&declared(r#""type": "number""#, &none));
    assert_eq!(
        found.iter().map(|(line, _)| line.clone()).collect::<Vec<_>>(),
        (2..none.len() + 2).map(|line| line.to_string()).collect::<Vec<_>>()
    );
}

#[test]
fn dates_are_read_by_the_pattern_that_was_found() {
    let types = |kind: &str, format: &str| {
        json!({"types": [{"name": "x", "type": kind, "format": format}, {"name": "y", "type": "integer"},
            {"name": "part", "type": "string"}], "null_tokens": [""]})
    };
    assert_eq!(
        values(&found(types("date", "%d/%m/%Y"), &["3/2/2024", "29/02/2024", "", "1/12/0999"])),
        ["2024-02-03", "2024-02-29", "", "0999-12-01"]
    );
    assert_eq!(values(&found(types("date", "%m/%d/%Y"), &["3/2/2024"])), ["2024-03-02"]);
    assert_eq!(
        values(&found(types("datetime", "%d.%m.%Y %H:%M"), &["3.2.2024 9:05", "29.02.2024 23:59"])),
        ["2024-02-03T09:05:00", "2024-02-29T23:59:00"]
    );
    let wrong =
        breaches(&found(types("date", "%d/%m/%Y"), &["3/2/2024", "2/13/2024", "2024-02-03", "3/2/24"]));
    assert_eq!(wrong.len(), 3);
    assert_eq!(wrong[0], breach("3", "found `2/13/2024`, expected a date like %d/%m/%Y"));
}

#[test]
fn numbers_are_read_by_the_marks_that_were_found_unless_a_contract_says_others() {
    let marks = json!({"types": [{"name": "x", "type": "number"}, {"name": "y", "type": "integer"},
            {"name": "part", "type": "string"}],
        "null_tokens": [""], "numerals": {"decimal": ",", "thousands": "."}});
    let folder = found(marks.clone(), &["1.234,5", "-,25", "1234"]);
    are(&folder, &[1234.5, -0.25, 1234.0]);
    let schema = "{\"fields\": [{\"name\": \"x\", \"type\": \"number\"}, {\"name\": \"y\", \"type\": \"number\"}, {\"name\": \"part\", \"type\": \"string\"}]}";
    write(folder.path().join("schema.json"), schema);
    assert_eq!(breaches(&folder)[0], breach("2", "found `1.234,5`, expected a number"));
    assert_eq!(
        breaches(&found(marks, &["1,234.5"])),
        [breach("2", "found `1,234.5`, expected a number with decimal mark `,` and thousands mark `.`")]
    );
    // A manifest of an older version says nothing of marks and patterns.
    let older = json!({"types": [{"name": "x", "type": "date"}, {"name": "y", "type": "number"},
        {"name": "part", "type": "string"}], "null_tokens": [""]});
    assert_eq!(values(&found(older, &["2024-02-29"])), ["2024-02-29"]);
    let damaged = json!({"types": [], "numerals": {"decimal": ",", "thousands": ","}});
    clean(&found(damaged, &["1"]))
        .code(13)
        .stderr(contains("cannot be both the decimal and the thousands mark"));
}

#[test]
fn marks_of_a_contract_are_checked() {
    for (x, message) in [
        (
            r#""type": "number", "decimalChar": ";""#,
            ":2: column `x`: decimalChar: the decimal mark is `.` or `,`, not `;`",
        ),
        (r#""type": "number", "groupChar": ".""#, "`.` cannot be both the decimal and the thousands mark"),
        (r#""type": "integer", "groupChar": "_""#, "a blank, U+00A0 or U+202F, not `_`"),
        (
            r#""type": "date", "decimalChar": ",""#,
            ":2: column `x`: decimalChar: is no word for a column of type date",
        ),
        (r#""type": "number", "decimalChar": ",,""#, "schema.json:2: "),
    ] {
        let folder = declared(x, &["1"]);
        clean(&folder).code(2).stderr(contains("schema.json").and(contains(message)));
    }
}

#[test]
fn what_is_typed_already_has_no_marks() {
    let folder = declared(r#""type": "number", "decimalChar": ",""#, &["1,5", "2,25"]);
    run("clean", folder.path(), &["-i", "raw.csv", "-o", "typed.parquet"]).success();
    for file in ["typed.parquet.meta.json", "typed.parquet.dropped.csv"] {
        std::fs::remove_file(folder.path().join(file)).unwrap();
    }
    write(folder.path().join("pipeline.toml"), CONFIG.replace("\"part\"", "\"split\""));
    let schema = read(folder.path().join("schema.json")).replace("\"part\"", "\"split\"");
    write(folder.path().join("schema.json"), schema);
    run("clean", folder.path(), &["-i", "typed.parquet"]).success();
    let text = read(folder.path().join("data/processed/clean.csv"));
    assert_eq!(column(&text, "x"), ["1.5", "2.25"]);
}

#[test]
fn each_source_may_write_values_in_its_own_way() {
    let config = "[project]\ntarget = \"x\"\n[ingest]\nsources = [\"a.csv\", { path = \"b.csv\", decimal = \",\", \
                  thousands = \".\", null_tokens = [\"-\"] }]\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n\
                  fill = { number = \"none\" }\n";
    let folder = project(&[
        ("pipeline.toml", config),
        ("a.csv", "x,z,part\n1.5,1,train\n,2,train\n"),
        ("b.csv", "x;z;part\n1.002,5;3;train\n-;-;train\n"),
    ]);
    run("ingest", folder.path(), &[]).success();
    run("clean", folder.path(), &[]).success();
    let clean = read(folder.path().join("data/processed/clean.csv"));
    assert_eq!(column(&clean, "x"), ["1.5", "", "1002.5", ""]);
    assert_eq!(column(&clean, "z"), ["1", "2", "3", ""]);
    // What one source may write another may not.
    write(folder.path().join("a.csv"), "x,z,part\n1.5,1,train\n-,2,train\n");
    run("ingest", folder.path(), &[]).code(21).stderr(contains("column `x` holds"));
    // Without the index nothing says which rows are whose.
    write(folder.path().join("a.csv"), "x,z,part\n1.5,1,train\n,2,train\n");
    run("ingest", folder.path(), &[]).success();
    std::fs::remove_file(folder.path().join("data/interim/raw_ingested.csv.lines.csv")).unwrap();
    run("clean", folder.path(), &[]).code(13);
}

#[test]
fn a_decimal_has_its_places_and_fifteen_digits_in_all() {
    let places = |n: u32| format!("\"type\": \"number\", \"decimalPlaces\": {n}");
    are(&declared(&places(2), &["1.25", "-3", "9999999999999.99"]), &[1.25, -3.0, 9_999_999_999_999.99]);
    assert_eq!(
        breaches(&declared(&places(1), &["1.5", "1.25"])),
        [breach("3", "found `1.25`, expected a decimal of at most 1 place after the point")]
    );
    // 1018.9 has one place, which is not too many, but no 14 beside its four digits.
    assert_eq!(
        breaches(&declared(&places(14), &["1.5", "1018.9"])),
        [breach(
            "3",
            "found `1018.9`, too large for a decimal of 14 places: 15 digits are held in all; declare fewer places"
        )]
    );
}
