//! Stage `clean` through its real binary: rows that repeat another, as a whole or by a key.
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
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use support::{column, json, project, read, run, write};
use tempfile::TempDir;

const PROJECT: &str = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

fn by_hand(config: &str, raw: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("raw.csv", raw)])
}

fn clean(folder: &TempDir) -> Assert {
    run("clean", folder.path(), &["-i", "raw.csv"])
}

fn output(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/clean.csv"))
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/clean.csv.meta.json"))
}

/// The table under a rule for duplicates, whose line is 5.
fn under(rule: &str, raw: &str) -> TempDir {
    by_hand(&format!("{PROJECT}duplicates = {rule}\n"), raw)
}

fn dropped(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/clean.csv.dropped.csv"))
}

/// Rows 2, 4 and 5 have one key; 5 equals 2 in every cell. Row 6 has no key, nor has 7, which equals it.
const RAW: &str = "city,day,y,part\n\
    a,2020-01-01,1,train\n\
    b,2020-01-01,2,train\n\
    a,2020-01-01,3,train\n\
    a,2020-01-01,1,train\n\
    a,,4,train\n\
    a,,4,train\n";

#[test]
fn of_rows_with_one_key_the_first_or_the_last_stays() {
    let folder = under("{ key = [\"city\", \"day\"] }", RAW);
    clean(&folder)
        .success()
        .stderr(contains("dropped 1 row: equal to the row of their key that stays in every cell"))
        .stderr(contains("dropped 1 row: of the rows with one key (`city`, `day`) the first stays"))
        .stderr(contains("WARN clean: 2 rows without a full key (`city`, `day`): kept"));
    assert_eq!(column(&output(&folder), "y"), ["1", "2", "4", "4"]);
    assert_eq!(
        dropped(&folder),
        "source,line,reason,kept_source,kept_line\n\
         raw.csv,4,duplicate_key,raw.csv,2\nraw.csv,5,duplicate,raw.csv,2\n"
    );
    let step = &manifest(&folder)["ledger"][0];
    assert_eq!(step["dropped"], json!({"duplicate": 1, "duplicate_key": 1}));
    assert_eq!((&step["rows_in"], &step["rows_out"]), (&json!(6), &json!(4)));
    // Rows 2, 4 and 5 are equal but for the target, which is 1 or 3.
    assert_eq!(
        manifest(&folder)["found"]["duplicates"],
        json!({"equal": 1, "same_key": 1, "missing_key": 2, "conflicting": {"rows": 3, "groups": 1}})
    );

    let folder = under("{ key = [\"city\", \"day\"], keep = \"last\" }", RAW);
    clean(&folder).success().stderr(contains("the last stays"));
    assert_eq!(column(&output(&folder), "y"), ["2", "1", "4", "4"]);
    assert!(dropped(&folder).ends_with("raw.csv,2,duplicate,raw.csv,5\nraw.csv,4,duplicate_key,raw.csv,5\n"));
}

#[test]
fn rows_of_one_key_that_differ_break_the_contract_where_told() {
    let folder = under("{ key = [\"city\", \"day\"], keep = \"error\" }", RAW);
    clean(&folder)
        .code(10)
        .stderr(contains("raw.csv:4: column `city` (1): the row has the key of raw.csv:2 (`city`, `day`), and differs from it"))
        .stderr(contains("raw.csv:5: ").not());
    // Rows that are equal in every cell contradict nothing.
    let same = RAW.replace(",3,train", ",1,train");
    let folder = under("{ key = [\"city\", \"day\"], keep = \"error\" }", &same);
    clean(&folder).success();
    assert_eq!(manifest(&folder)["ledger"][0]["dropped"], json!({"duplicate": 2, "duplicate_key": 0}));
}

#[test]
fn keys_are_compared_as_values_and_first_is_first_in_the_order_of_the_sources() {
    let config =
        format!("{PROJECT}duplicates = {{ key = [\"id\"] }}\n[ingest]\nsources = [\"b.csv\", \"a.csv\"]\n");
    let folder = project(&[
        ("pipeline.toml", &config),
        ("a.csv", "id,y,part\n1.50,1,train\n-0,2,train\n"),
        ("b.csv", "id,y,part\n1.5,3,train\n0.0,4,train\n0.25,5,train\n"),
    ]);
    run("ingest", folder.path(), &[]).success();
    run("clean", folder.path(), &[]).success();
    assert_eq!(column(&output(&folder), "y"), ["3", "4", "5"]);
    assert!(dropped(&folder).ends_with("a.csv,2,duplicate_key,b.csv,2\na.csv,3,duplicate_key,b.csv,3\n"));
}

#[test]
fn cells_of_a_key_do_not_run_together() {
    let raw = "a,b,y,part\nx,yz,1,train\nxy,z,2,train\n\"x,\",yz,3,train\nx,\",yz\",4,train\n";
    let folder = under("{ key = [\"a\", \"b\"] }", raw);
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "y"), ["1", "2", "3", "4"]);
}

#[test]
fn a_rule_that_is_none_is_refused_with_its_line() {
    for (rule, message) in [
        ("\"dorp\"", "unknown value `dorp` (did you mean `drop`?)"),
        ("{ key = [] }", "[clean] duplicates: key names one column or more, each once"),
        ("{ key = [\"city\", \"city\"] }", "[clean] duplicates: key names one column or more, each once"),
        ("{ keep = \"first\" }", "missing field `key`"),
        ("{ key = [\"city\"], keep = \"frist\" }", "unknown value `frist` (did you mean `first`?)"),
        ("{ key = [\"city\"], keeps = \"first\" }", "unknown key `keeps` (did you mean `keep`?)"),
        ("true", "expected \"drop\", \"keep\", \"error\", or { key"),
    ] {
        let folder = under(rule, RAW);
        clean(&folder).code(2).stderr(contains("pipeline.toml:5: ").and(contains(message)));
    }
    clean(&under("{ key = [\"town\"] }", RAW))
        .code(10)
        .stderr(contains("[clean] duplicates names it, and it is no column"));
    let filled = under("{ key = [\"city\", \"day\"] }\nfill.columns.city = \"mode\"", RAW);
    clean(&filled).code(2).stderr(contains("pipeline.toml:6: [clean] fill: `city` is the target or a key"));
}

#[test]
fn equal_rows_whose_targets_differ_are_counted_and_kept() {
    // 1 twice with targets 1 and 2, and once without; 2 three times with two targets; 3 with one; 4 in two parts.
    let raw = "x,y,part\n1,1,train\n1,2,train\n1,,train\n2,5,train\n2,5.0,train\n2,6,train\n3,7,train\n3,7,train\n4,1,train\n4,2,test\n";
    let folder = by_hand(PROJECT, raw);
    clean(&folder).success().stderr(contains(
        "WARN clean: 5 rows in 2 groups are equal in every cell but the target's: no model can be right about all of them",
    ));
    assert_eq!(
        manifest(&folder)["found"]["duplicates"],
        json!({"equal": 1, "conflicting": {"rows": 5, "groups": 2}})
    );
    assert_eq!(output(&folder).lines().count(), 10);
    // Nothing beside the target: that rows are equal says nothing.
    write(folder.path().join("raw.csv"), "y,part\n1,train\n2,train\n");
    clean(&folder).success().stderr(contains("equal in every cell").not());
}

#[test]
fn equal_rows_are_counted_where_they_are_kept() {
    let folder = under("\"keep\"", "x,y,part\n1,1,train\n1,1,train\n1,1,train\n");
    clean(&folder).success();
    assert_eq!(manifest(&folder)["found"]["duplicates"]["equal"], 2);
    assert_eq!(manifest(&folder)["ledger"][0]["dropped"], json!({"duplicate": 0}));
}
