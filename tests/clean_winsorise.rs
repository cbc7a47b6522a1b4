//! Stage `clean` through its real binary: winsorising, and what is said of missing cells.
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

fn winsorised(columns: &str, raw: &str) -> TempDir {
    by_hand(&format!("{PROJECT}[clean.winsorise]\n{columns}\n"), raw)
}

#[test]
fn values_beyond_the_quantiles_of_training_rows_become_these() {
    // Training values 0, 10, ..., 100: with n = 11 the levels 0.05 and 0.9 are at ranks 0.5 and 9: 5 and 90.
    let mut raw = String::from("x,y,part\n");
    for i in [5, 0, 10, 3, 7, 1, 2, 4, 6, 8, 9] {
        raw.push_str(&format!("{},{i},train\n", 10 * i));
    }
    raw.push_str("5,1,test\n4,2,test\n-70,3,test\n1e9,4,calibration\n90,5,calibration\n,6,test\n");
    let folder = winsorised("x = [0.05, 0.9]", &raw);
    clean(&folder).success().stderr(contains(
        "winsorised `x` to 5 .. 90: train 1 below, 1 above; calibration 0 below, 1 above; test 2 below, 0 above",
    ));
    let x: Vec<f64> = column(&output(&folder), "x").iter().map(|x| x.parse().unwrap()).collect();
    let train = [50.0, 5.0, 90.0, 30.0, 70.0, 10.0, 20.0, 40.0, 60.0, 80.0, 90.0];
    assert_eq!(x[..11], train);
    // The median is taken of what is left: 50.
    assert_eq!(x[11..], [5.0, 5.0, 5.0, 90.0, 90.0, 50.0]);
    let manifest = manifest(&folder);
    assert_eq!(
        manifest["learned"]["winsorised"],
        json!([{"column": "x", "levels": [0.05, 0.9], "limits": [5.0, 90.0]}])
    );
    assert_eq!(
        manifest["found"]["winsorised"],
        json!({"x": {"train": {"below": 1, "above": 1}, "calibration": {"below": 0, "above": 1},
            "test": {"below": 2, "above": 0}}})
    );
}

#[test]
fn fills_are_learned_after_the_limits_hold() {
    // Limits of 0, 1, 2, 3, 1000 at levels 0 and 0.75: 0 and 3; their mean then is 9/5.
    let config = format!("{PROJECT}winsorise = {{ x = [0, 0.75] }}\nfill.columns.x = \"mean\"\n");
    let folder =
        by_hand(&config, "x,y,part\n0,1,train\n1,2,train\n2,3,train\n3,4,train\n1000,5,train\n,6,train\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["0.0", "1.0", "2.0", "3.0", "3.0", "1.8"]);
    assert_eq!(manifest(&folder)["learned"]["fills"][0]["value"], 1.8);
}

#[test]
fn whole_numbers_stay_whole_unless_a_limit_that_is_used_is_not() {
    let large = "9007199254740993";
    let rows = format!("x,y,part\n{large},1,train\n5,2,train\n5,3,train\n-4,4,test\n{large},5,test\n");
    let folder = winsorised("x = [0.0, 1.0]", &rows);
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), [large, "5", "5", "5", large]);
    // Limits of 1, 2, 3, 4 at 0.5 and 1: 2.5 and 4.
    let folder = winsorised("x = [0.5, 1]", "x,y,part\n1,1,train\n2,2,train\n3,3,train\n4,4,train\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["2.5", "2.5", "3.0", "4.0"]);
    assert_eq!(manifest(&folder)["fields"][0]["type"], "number");
    // A mode is then one of these numbers: 2.5 twice, 3 and 4 once.
    let config = format!("{PROJECT}winsorise = {{ x = [0.5, 1] }}\nfill.number = \"mode\"\n");
    let folder = by_hand(&config, "x,y,part\n1,1,train\n2,2,train\n3,3,train\n4,4,train\n,5,train\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["2.5", "2.5", "3.0", "4.0", "2.5"]);
}

#[test]
fn limits_that_are_none_are_refused_with_their_line() {
    let raw = "x,c,y,part\n1,a,1,train\n";
    let levels = "expected two levels from 0 to 1, the lower first";
    for (limits, message) in [
        ("x = [0.99, 0.01]", levels),
        ("x = [0.5, 0.5]", levels),
        ("x = [-0.1, 0.9]", levels),
        ("x = [0.1, 1.5]", levels),
        ("x = [nan, 0.9]", levels),
        ("x = [0.1]", levels),
        ("x = [0.1, 0.2, 0.3]", levels),
        ("x = \"yes\"", "expected a sequence"),
        ("y = [0.1, 0.9]", "[clean] winsorise: `y` is the target or a key, whose values are never changed"),
        ("part = [0.1, 0.9]", "[clean] winsorise: `part` is the target or a key"),
        ("c = [0.1, 0.9]", "[clean] winsorise: `c` is a string, which has no quantiles"),
    ] {
        let folder = winsorised(limits, raw);
        clean(&folder).code(2).stderr(contains("pipeline.toml:6: ").and(contains(message)));
    }
    clean(&winsorised("z = [0.1, 0.9]", raw))
        .code(10)
        .stderr(contains("[clean] winsorise names it, and it is no column"));
}

#[test]
fn a_column_without_training_values_has_no_limits() {
    let folder = winsorised("x = [0.1, 0.9]", "x,y,part\n,1,train\n5,2,test\n");
    clean(&folder).success().stderr(contains(
        "WARN clean: column `x` has no value in training rows, so nothing bounds its values",
    ));
    assert_eq!(column(&output(&folder), "x"), ["", "5"]);
    assert_eq!(manifest(&folder)["learned"]["winsorised"], json!([]));
}

// Missing cells.

#[test]
fn null_rates_are_kept_before_and_after_and_by_part() {
    let raw =
        "x,c,y,part\n1,b,10,train\n,a,20,train\n3,,,train\n100,z,,test\n101,z,5,test\n,z,40,calibration\n";
    let folder = by_hand(PROJECT, raw);
    clean(&folder)
        .success()
        .stderr(contains("nulls in `x`: 2 (33.33 %) before, 0 (0.00 %) after"))
        .stderr(contains("nulls in `y`: 2 (33.33 %) before, 2 (33.33 %) after"))
        .stderr(contains("1 column without nulls"));
    let (third, sixth) = (1.0 / 3.0, 1.0 / 6.0);
    let nulls = manifest(&folder)["found"]["nulls"].clone();
    let counts = |name: &str| {
        let mut of = nulls[name].clone();
        of.as_object_mut().unwrap().remove("psi");
        of
    };
    let parts = |train: u64, calibration: u64, test: u64| {
        json!({"train": {"rows": 3, "nulls": train}, "calibration": {"rows": 1, "nulls": calibration},
            "test": {"rows": 2, "nulls": test}})
    };
    let of = |before: u64, rate: f64, after: u64, rate_after: f64, parts: serde_json::Value| json!({"before": before, "rate_before": rate, "after": after, "rate_after": rate_after, "parts": parts});
    assert_eq!(counts("x"), of(2, third, 0, 0.0, parts(1, 1, 0)));
    assert_eq!(counts("c"), of(1, sixth, 0, 0.0, parts(1, 0, 0)));
    assert_eq!(counts("y"), of(2, third, 2, third, parts(1, 0, 1)));
    assert_eq!(counts("part"), of(0, 0.0, 0, 0.0, parts(0, 0, 0)));
    assert!(nulls["part"].get("psi").is_none(), "nothing is missing");
    assert_eq!(nulls["x"]["psi"]["verdict"], "not_enough_rows");
}

#[test]
fn a_part_that_misses_other_cells_than_training_did_is_warned_of() {
    // 2 of 100 training rows and 40 of 100 test rows; with halves in two bins: 2.5 and 40.5 of 101.
    let rows = |part: &str, missing: usize| -> String {
        (0..100).map(|i| format!("{},{i},{part}\n", if i < missing { "" } else { "1" })).collect()
    };
    let raw = |test: usize| format!("x,y,part\n{}{}", rows("train", 2), rows("test", test));
    let folder = by_hand(PROJECT, &raw(40));
    let hand = (38.0 / 101.0) * ((40.5_f64 / 2.5).ln() - (60.5_f64 / 98.5).ln());
    clean(&folder).success().stderr(contains(format!(
        "WARN clean: nulls in `x`: 2.00 % of the training rows, 40.00 % of the test rows (PSI {hand:.3})"
    )));
    let psi = manifest(&folder)["found"]["nulls"]["x"]["psi"].clone();
    assert!((psi["psi"].as_f64().unwrap() - hand).abs() < 1e-12);
    assert_eq!((&psi["verdict"], &psi["df"]), (&json!("large"), &json!(1)));
    write(folder.path().join("raw.csv"), raw(3));
    clean(&folder).success().stderr(contains("of the test rows").not());
}
