//! Keys through the real `clean`: `unique`, `primaryKey`, `uniqueKeys`.
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

use predicates::prelude::*;
use predicates::str::contains;
use support::contract::{CONFIG, clean, contracted, schema, violations, with_cells};
use support::{column, project, run};

fn unique(kind: &str, more: &str) -> String {
    format!("{{\"name\": \"x\", \"type\": \"{kind}\"{more}, \"constraints\": {{\"unique\": true}}}}")
}

/// A table `x`, `y`, `part` whose schema has `keys` beside its fields.
fn keyed(keys: &str, raw: &str) -> tempfile::TempDir {
    let x = r#"{"name": "x", "type": "string"}"#;
    contracted(&schema(x).replacen('{', &format!("{{{keys}, "), 1), raw)
}

#[test]
fn a_value_twice_is_named_with_the_place_of_the_first() {
    let folder = with_cells(&unique("string", ""), &["a", "b", "a", "c", "a", "b"]);
    clean(&folder).code(10).stderr(contains("3 breaches of the contract: `x` 3"));
    assert_eq!(
        violations(&folder),
        "source,line,column,what\n\
         raw.csv,4,x,found `a` as in raw.csv:2; no two rows may share it\n\
         raw.csv,6,x,found `a` as in raw.csv:2; no two rows may share it\n\
         raw.csv,7,x,found `b` as in raw.csv:3; no two rows may share it\n"
    );
    clean(&with_cells(&unique("string", ""), &["a", "A", " a", "b"])).success();
}

#[test]
fn missing_cells_are_not_the_same() {
    clean(&with_cells(&unique("string", ""), &["a", "", "NA", "NA", ""])).success();
    clean(&with_cells(&unique("number", ""), &["NA", "NA", "1"])).success();
}

#[test]
fn values_are_compared_typed() {
    for (kind, cells, more) in [
        ("number", ["1", "1.0"], ""),
        ("number", ["0", "-0.0"], ""),
        ("integer", ["7", "007"], ""),
        ("boolean", ["true", "1"], ""),
        ("date", ["01/02/2020", "1/2/2020"], ", \"format\": \"%d/%m/%Y\""),
        ("datetime", ["2020-01-01T00:00", "2020-01-01 00:00:00"], ""),
    ] {
        let folder = with_cells(&unique(kind, more), &cells);
        clean(&folder)
            .code(10)
            .stderr(contains("raw.csv:3: column `x` (1): found").and(contains("as in raw.csv:2")));
    }
    // Two integers that share an f64.
    clean(&with_cells(&unique("integer", ""), &["9007199254740992", "9007199254740993"])).success();
}

#[test]
fn the_earlier_row_is_named_across_sources_and_with_other_breaches() {
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw/*.csv\"]\n");
    let folder = project(&[
        ("pipeline.toml", &config),
        ("schema.json", &schema(&unique("integer", ""))),
        ("raw/a.csv", "x,y,part\n1,2,train\n\n2,no,train\n"),
        ("raw/b.csv", "y,x,part\n5,q,test\n4,2,test\n"),
    ]);
    run("ingest", folder.path(), &[]).success();
    run("clean", folder.path(), &[]).code(10);
    assert_eq!(
        violations(&folder),
        "source,line,column,what\n\
         raw/a.csv,4,y,\"found `no`, expected a number\"\n\
         raw/b.csv,2,x,\"found `q`, expected an integer\"\n\
         raw/b.csv,3,x,found `2` as in raw/a.csv:4; no two rows may share it\n"
    );
}

#[test]
fn a_primary_key_names_one_row_and_misses_no_part() {
    let one =
        keyed("\"primaryKey\": \"x\"", "x,y,part\na,1,train\nb,2,train\na,3,train\n,4,train\nNA,5,train\n");
    clean(&one).code(10);
    assert_eq!(
        column(&violations(&one), "what"),
        [
            "found `a` as in raw.csv:2; the primary key names one row",
            "is missing, and must not be",
            "is missing, and must not be"
        ]
    );
    let raw = "x,y,part\na,1,train\na,2,train\nb,1,train\na,1.0,test\n,1,train\nc,,train\n";
    let two = keyed("\"primaryKey\": [\"x\", \"y\"]", raw);
    clean(&two).code(10);
    let found = violations(&two);
    assert_eq!(column(&found, "line"), ["5", "6", "7"]);
    assert_eq!(column(&found, "column"), ["x", "x", "y"]);
    assert_eq!(
        column(&found, "what"),
        [
            "found `a`, `1.0` of `x`, `y` as in raw.csv:2; the primary key names one row",
            "is missing, and must not be",
            "is missing, and must not be"
        ]
    );
    clean(&keyed("\"primaryKey\": [\"x\", \"y\"]", "x,y,part\na,1,train\na,2,train\nb,1,train\n")).success();
}

#[test]
fn parts_of_a_key_do_not_run_together() {
    let x = r#"{"name": "x", "type": "string"}, {"name": "z", "type": "string"}"#;
    let table = schema(x).replacen('{', "{\"uniqueKeys\": [[\"x\", \"z\"]], ", 1);
    clean(&contracted(&table, "x,z,y,part\nab,c,1,train\na,bc,2,train\nabc,\"\",3,train\n")).success();
    clean(&contracted(&table, "x,z,y,part\nab,c,1,train\nab,c,2,train\n")).code(10);
}

#[test]
fn rows_that_miss_a_part_of_a_unique_key_are_not_compared() {
    let keys = "\"uniqueKeys\": [[\"x\", \"y\"], [\"part\", \"y\"]]";
    let folder = keyed(keys, "x,y,part\na,,train\na,,train\n,1,train\n,1,test\n");
    clean(&folder).success();
    let folder = keyed(keys, "x,y,part\na,1,train\nb,1,train\na,1,test\n");
    clean(&folder).code(10);
    let found = violations(&folder);
    assert_eq!(column(&found, "line"), ["3", "4"]);
    assert_eq!(column(&found, "column"), ["part", "x"]);
    assert!(
        found.contains("found `train`, `1.0` of `part`, `y` as in raw.csv:2; no two rows may share it"),
        "{found}"
    );
}

#[test]
fn a_key_declared_twice_is_told_once() {
    let table = schema(&unique("string", "")).replacen(
        '{',
        "{\"primaryKey\": [\"x\"], \"uniqueKeys\": [[\"x\"]], ",
        1,
    );
    clean(&contracted(&table, "x,y,part\na,1,train\na,2,train\n"))
        .code(10)
        .stderr(contains("1 breach of the contract"));
}

#[test]
fn rows_equal_in_every_cell_break_a_key_too() {
    let folder = keyed("\"primaryKey\": \"x\"", "x,y,part\na,1,train\na,1,train\n");
    clean(&folder).code(10).stderr(contains("raw.csv:3: column `x` (1): found `a` as in raw.csv:2"));
}
