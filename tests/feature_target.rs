//! Stage `feature-engineer` through its real binary: the target at its horizon, what becomes of rows
//! without one, and that nothing later and nothing of another part leaks into a feature.
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
use serde_json::json;
use support::panel::Random;
use support::{cells, column, json, project, read, run, write};
use tempfile::TempDir;

/// In time order: `a` has y 10 to 60, in train but for time 5 (calibration) and 6 (test); `b` has y 1,
/// missing, 3, 4, in train but for time 4 (calibration).
const CLEAN: &str = "e,t,y,split\na,6,60,test\nb,3,3,train\na,1,10,train\na,2,20,train\nb,1,1,train\na,3,30,train\n\
                     b,2,,train\na,4,40,train\nb,4,4,calibration\na,5,50,calibration\n";

fn config(horizon: u32) -> String {
    format!("[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\nhorizon = {horizon}\n[features]\n")
}

fn engineer(folder: &TempDir) -> Assert {
    run("feature-engineer", folder.path(), &["-i", "clean.csv"])
}

/// The features table of `clean` with one lag.
fn features(config: &str, clean: &str) -> TempDir {
    let folder = project(&[("pipeline.toml", config), ("clean.csv", clean)]);
    engineer(&folder).success();
    folder
}

fn output(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/features.csv"))
}

fn pending(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/features.csv.pending.csv"))
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/features.csv.meta.json"))
}

/// Some columns of a table, a line a row.
fn pick(text: &str, names: &[&str]) -> Vec<String> {
    let columns: Vec<Vec<String>> = names.iter().map(|name| column(text, name)).collect();
    (0..columns[0].len())
        .map(|row| columns.iter().map(|c| c[row].as_str()).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn at_horizon_one_the_target_is_the_next_value_of_the_entity() {
    let folder = features(&config(1), CLEAN);
    let names = ["e", "t", "y", "y_ahead_1", "y_last_known"];
    // Of `a` times 4 and 5 are purged, 6 is pending; of `b` time 1 has no target, 3 is purged, 4 pending.
    // The feature y of b at time 2 is filled with the median of 10 20 30.
    assert_eq!(
        pick(&output(&folder), &names),
        ["a 1 10.0 20.0 10.0", "a 2 20.0 30.0 20.0", "a 3 30.0 40.0 30.0", "b 2 20.0 3.0 1.0"]
    );
    assert_eq!(pick(&pending(&folder), &names), ["a 6 60.0  60.0", "b 4 4.0  4.0"]);
    let manifest = manifest(&folder);
    assert_eq!(
        manifest["ledger"][0],
        json!({"stage": "feature_engineer", "rows_in": 10, "dropped": {"purged": 3, "without_target": 1},
            "apart": {"not_yet_known": 2}, "rows_out": 4, "parts": {"train": 4, "calibration": 0, "test": 0}})
    );
    assert_eq!(manifest["companions"][0]["name"], "data/processed/features.csv.pending.csv");
    assert_eq!(
        manifest["learned"]["recipe"]["target"],
        json!({"source": "y", "horizon": 1, "statistic": "value", "column": "y_ahead_1", "persistence": "y_last_known"})
    );
}

#[test]
fn at_horizon_two_it_is_the_value_after_that() {
    let folder = features(&config(2), CLEAN);
    // Of `a` times 3 and 4 are purged, 5 and 6 pending; of `b` time 2 is purged, 3 and 4 pending.
    assert_eq!(pick(&output(&folder), &["e", "t", "y_ahead_2"]), ["a 1 30.0", "a 2 40.0", "b 1 3.0"]);
    assert_eq!(pick(&pending(&folder), &["e", "t"]), ["a 6", "b 3", "b 4", "a 5"]);
    assert_eq!(manifest(&folder)["ledger"][0]["dropped"], json!({"purged": 3, "without_target": 0}));
}

#[test]
fn at_horizon_zero_the_target_is_no_feature_and_leaves_its_own_windows() {
    let lags = "lags = [{ columns = [\"y\"], rows = [1] }]\nrolling = [{ columns = [\"y\"], windows = [2], statistics = [\"sum\"], min_rows = 1 }]\n";
    let folder = features(&(config(0) + lags), CLEAN);
    let text = output(&folder);
    assert_eq!(cells(&text)[0], ["e", "t", "split", "y_lag_1", "y_sum_2", "y", "y_last_known"]);
    let found = pick(&text, &["e", "t", "y_sum_2", "y", "y_last_known"]);
    // Known sums of training rows with a target: 10 30 50 of `a`, 1 of `b`; median 20.
    for row in [
        "a 1 20.0 10.0 ",
        "a 2 10.0 20.0 10.0",
        "a 3 30.0 30.0 20.0",
        "a 6 90.0 60.0 50.0",
        "b 3 1.0 3.0 1.0",
        "b 4 3.0 4.0 3.0",
    ] {
        assert!(found.contains(&row.to_owned()), "{row} in {found:?}");
    }
    assert_eq!(found.len(), 9, "only the row without a value has no target");
    assert_eq!(pending(&folder).lines().count(), 1);
}

#[test]
fn the_mean_of_the_next_rows_is_a_target() {
    let mean = config(2).replace("[features]", "target_statistic = \"mean\"\n[features]");
    let folder = features(&mean, CLEAN);
    let names = ["e", "t", "y_mean_next_2", "y_mean_last_2"];
    // Of `a` time 3 is purged for time 5, 4 for 5 and 6, 5 and 6 are pending. Of `b` no target of time 1 is known,
    // since time 2 is missing; 2 takes time 4, of another part; 3 and 4 are pending.
    assert_eq!(pick(&output(&folder), &names), ["a 1 25.0 ", "a 2 35.0 15.0"]);
    assert_eq!(pick(&pending(&folder), &names), ["a 6  55.0", "b 3  ", "b 4  3.5", "a 5  45.0"]);
    assert_eq!(manifest(&folder)["ledger"][0]["dropped"], json!({"purged": 3, "without_target": 1}));
    let none = config(0).replace("[features]", "target_statistic = \"mean\"\n[features]");
    let folder = project(&[("pipeline.toml", &none), ("clean.csv", CLEAN)]);
    engineer(&folder).code(2).stderr(predicates::str::contains("needs a horizon"));
}

#[test]
fn an_expression_may_be_the_target() {
    let expressions = "columns = []\nrolling = [{ columns = [\"r\"], windows = [2], statistics = [\"sum\"], min_rows = 1 }]\nexpressions = { r = \"x / y\" }\n";
    let clean = "e,t,x,y,split\na,1,2,1,train\na,2,8,2,train\na,3,9,3,train\na,4,,3,train\na,5,1,0,train\n";
    let of = |horizon: u32| config(horizon).replace("target = \"y\"", "target = \"r\"") + expressions;
    let folder = features(&of(1), clean);
    // r is 2 4 3, then missing twice: x is, and 1/0.
    assert_eq!(cells(&output(&folder))[0], ["e", "t", "split", "r", "r_sum_2", "r_ahead_1", "r_last_known"]);
    assert_eq!(
        pick(&output(&folder), &["t", "r", "r_sum_2", "r_ahead_1", "r_last_known"]),
        ["1 2.0 2.0 4.0 2.0", "2 4.0 6.0 3.0 4.0"]
    );
    // With horizon 0 it is no feature, and its windows leave the row itself out.
    let folder = features(&of(0), clean);
    assert_eq!(cells(&output(&folder))[0], ["e", "t", "split", "r_sum_2", "r", "r_last_known"]);
    let rows = pick(&output(&folder), &["t", "r_sum_2", "r"]);
    assert_eq!(rows, ["1 4.0 2.0", "2 2.0 4.0", "3 6.0 3.0"]);
}

#[test]
fn with_horizon_zero_no_input_that_the_target_is_made_of_is_a_feature_unless_named() {
    let clean = "x,y,z,split\n2,1,5,train\n8,2,6,train\n9,3,8,train\n";
    let config = "[project]\ntarget = \"r\"\n[features]\nexpressions = { r = \"x / y\" }\n";
    assert_eq!(cells(&output(&features(config, clean)))[0], ["split", "z", "r"]);
    let named = config.replace("[features]\n", "[features]\ncolumns = [\"x\", \"z\"]\n");
    assert_eq!(cells(&output(&features(&named, clean)))[0], ["split", "x", "z", "r"]);
}

#[test]
fn rows_between_the_parts_are_history_and_no_rows() {
    let clean = "e,t,y,split\na,1,1,train\na,2,2,train\na,3,3,gap\na,4,4,gap\na,5,5,test\na,6,6,test\n";
    let lags = "columns = []\nlags = [{ columns = [\"y\"], rows = [1] }]\n";
    let folder = features(&(config(0) + lags), clean);
    // The lag of time 5 is the value of time 4; that of time 1 is filled with the only one known, of time 2.
    assert_eq!(
        pick(&output(&folder), &["t", "split", "y_lag_1"]),
        ["1 train 1.0", "2 train 1.0", "5 test 4.0", "6 test 5.0"]
    );
    assert_eq!(
        manifest(&folder)["ledger"][0],
        json!({"stage": "feature_engineer", "rows_in": 6, "dropped": {"gap": 2, "purged": 0, "without_target": 0},
            "apart": {"not_yet_known": 0}, "rows_out": 4, "parts": {"train": 2, "calibration": 0, "test": 2}})
    );
    // A training row may look ahead into the gap, never past it.
    let folder = features(&(config(2) + "columns = []\nlags = [{ columns = [\"y\"], rows = [1] }]\n"), clean);
    assert_eq!(pick(&output(&folder), &["t", "split", "y_ahead_2"]), ["1 train 3.0", "2 train 4.0"]);
    let folder = features(
        &(config(3) + "columns = []\nlags = [{ columns = [\"y\"], rows = [1] }]\nfill = \"mean\"\n"),
        &clean.replace("a,1,1", "a,0,0,train\na,1,1"),
    );
    assert_eq!(pick(&output(&folder), &["t", "split", "y_ahead_3"]), ["0 train 3.0", "1 train 4.0"]);
}

#[test]
fn a_split_by_dates_purges_by_its_dates() {
    let dates = "[clean]\nsplit = { calibration_from = \"5\", test_from = \"6\" }\n";
    let folder =
        project(&[("pipeline.toml", &(config(1) + dates)), ("raw.csv", &CLEAN.replace(",split", ",note"))]);
    run("clean", folder.path(), &["-i", "raw.csv"]).success();
    run("feature-engineer", folder.path(), &[]).success();
    // Now b at times 3 and 4 is in train: its time 3 has a target before any limit.
    let expected = ["b 3 train", "a 1 train", "a 2 train", "a 3 train", "b 2 train"];
    assert_eq!(pick(&output(&folder), &["e", "t", "split"]), expected);
    let manifest = manifest(&folder);
    assert_eq!(manifest["ledger"][1]["dropped"], json!({"purged": 2, "without_target": 1}));
    assert_eq!(manifest["ledger"][0]["rows_out"], manifest["ledger"][1]["rows_in"]);
    assert_eq!(manifest["learned_before"]["clean"]["split"]["test_from"], "6");
}

#[test]
fn a_split_by_hash_of_the_entity_purges_nothing() {
    let folder =
        project(&[("pipeline.toml", &(config(1) + "[clean]\nsplit = { by = \"hash\", test = 0.4 }\n"))]);
    let rows: String = (0..200).map(|i| format!("e{},{},{i}\n", i % 20, i / 20)).collect();
    write(folder.path().join("raw.csv"), format!("e,t,y\n{rows}"));
    run("clean", folder.path(), &["-i", "raw.csv"]).success();
    run("feature-engineer", folder.path(), &[]).success();
    assert_eq!(manifest(&folder)["ledger"][1]["dropped"]["purged"], 0);
    assert_eq!(manifest(&folder)["ledger"][1]["apart"]["not_yet_known"], 20);
}

#[test]
fn a_table_without_time_or_entity_needs_neither() {
    let folder = features("[project]\ntarget = \"y\"\n", "x,y,split\n1,2,train\n3,,train\n5,6,test\n");
    assert_eq!(output(&folder), "split,x,y\ntrain,1.0,2.0\ntest,5.0,6.0\n");
    assert_eq!(pending(&folder), "split,x,y\n");
    let manifest = manifest(&folder);
    assert_eq!(manifest["learned"]["recipe"]["target"]["persistence"], json!(null));
    assert_eq!(manifest["found"]["clock"], json!(null));
    assert_eq!(manifest["ledger"][0]["dropped"], json!({"purged": 0, "without_target": 1}));
}

#[test]
fn the_roles_of_a_table_made_by_hand_come_from_the_configuration() {
    let folder = features(&config(1), "split,t,e,x,y\ntrain,1,a,5,1\ntrain,2,a,6,2\n");
    assert_eq!(output(&folder), "t,e,split,x,y,y_ahead_1,y_last_known\n1,a,train,5.0,1.0,2.0,1.0\n");
}

// Leakage.

/// A random panel: entity, time, two inputs and a target; times before 8 are in train.
fn random_rows(random: &mut Random, from: u64, to: u64) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    for t in from..to {
        for e in 0..3 {
            let x = if random.below(6) == 0 { String::new() } else { random.below(100).to_string() };
            let part = if t < 8 { "train" } else { "test" };
            rows.push([
                format!("e{e}"),
                t.to_string(),
                x,
                (1 + random.below(9)).to_string(),
                random.below(50).to_string(),
                part.to_owned(),
            ]);
        }
    }
    for i in (1..rows.len()).rev() {
        rows.swap(i, usize::try_from(random.below(i as u64 + 1)).unwrap());
    }
    rows
}

fn text(rows: &[[String; 6]]) -> String {
    rows.iter().fold("e,t,x,w,y,split\n".to_owned(), |all, row| all + &row.join(",") + "\n")
}

const RICH: &str = "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\nhorizon = 1\n[features]\n\
    lags = [{ columns = [\"x\", \"y\"], rows = [1, 3] }]\n\
    rolling = [{ columns = [\"x\", \"y\"], windows = [2, 4], statistics = [\"mean\", \"std\", \"min\", \"max\", \"sum\"], min_rows = 1 }]\n\
    ratios = { r = [\"x\", \"w\"], s = [\"x_sum_4\", \"y_lag_1\"] }\n";

/// Features of every row by entity and time: of the table and of what is pending, without the target.
fn by_row(folder: &TempDir, rows: &[[String; 6]]) -> Vec<([String; 2], Vec<String>)> {
    write(folder.path().join("clean.csv"), text(rows));
    engineer(folder).success();
    let mut all = Vec::new();
    for table in [cells(&output(folder)), cells(&pending(folder))] {
        let target = table[0].iter().position(|name| name == "y_ahead_1").unwrap();
        for mut row in table.into_iter().skip(1) {
            row.remove(target);
            all.push(([row[0].clone(), row[1].clone()], row));
        }
    }
    all.sort();
    all
}

#[test]
fn a_value_changes_no_earlier_row_and_no_other_entity() {
    let folder = project(&[("pipeline.toml", RICH)]);
    let mut random = Random(11);
    for _ in 0..8 {
        let rows = random_rows(&mut random, 0, 12);
        let before = by_row(&folder, &rows);
        // A training row may change what is learned, so the change is in a test row.
        let other: Vec<usize> = (0..rows.len()).filter(|i| rows[*i][5] != "train").collect();
        let at = other[usize::try_from(random.below(other.len() as u64)).unwrap()];
        let mut changed = rows.clone();
        for cell in &mut changed[at][2..5] {
            *cell = (1000 + random.below(1000)).to_string();
        }
        let time = |key: &[String; 2]| key[1].parse::<u64>().unwrap();
        let here = [rows[at][0].clone(), rows[at][1].clone()];
        let untouched = |key: &[String; 2]| key[0] != here[0] || time(key) < time(&here);
        let after = by_row(&folder, &changed);
        let keep = |all: &[([String; 2], Vec<String>)]| {
            all.iter().filter(|(key, _)| untouched(key)).cloned().collect::<Vec<_>>()
        };
        assert!(keep(&before).len() > 5);
        assert_eq!(keep(&before), keep(&after));
        assert_ne!(before, after, "the change is seen from there on");
    }
}

#[test]
fn later_rows_of_another_part_change_no_feature_of_a_training_row() {
    let folder = project(&[("pipeline.toml", RICH)]);
    let mut random = Random(12);
    for _ in 0..5 {
        let mut rows = random_rows(&mut random, 0, 8);
        let train = |all: Vec<([String; 2], Vec<String>)>| -> Vec<([String; 2], Vec<String>)> {
            all.into_iter().filter(|(_, row)| row[2] == "train").collect()
        };
        let before = train(by_row(&folder, &rows));
        for row in random_rows(&mut random, 8, 16) {
            rows.insert(usize::try_from(random.below(rows.len() as u64)).unwrap(), row);
        }
        let after = train(by_row(&folder, &rows));
        // A row whose target was not known yet is purged now that a test row has it.
        assert!(after.len() > 5 && after.iter().all(|row| before.contains(row)));
        assert!(before.len() - after.len() <= 3);
    }
}

#[test]
fn rows_without_an_entity_are_warned_of() {
    let folder = project(&[("pipeline.toml", &config(1)), ("clean.csv", &CLEAN.replace("\nb,", "\n,"))]);
    engineer(&folder)
        .success()
        .stderr(predicates::str::contains("4 rows without a value in `e`: they count as one entity"));
}
