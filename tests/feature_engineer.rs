//! Stage `feature-engineer` through its real binary: what every stage refuses, features by hand, what
//! is learned, statistics. Targets, the split and leakage have a file of their own.
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
use support::{cells, column, files, json, project, read, run, shell, stage, write};
use tempfile::TempDir;

const PANEL: &str = "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\n[features]\n";
const PLAIN: &str = "[project]\ntarget = \"y\"\n[features]\n";
const SMALL: &str = "x,y,split\n1,2,train\n3,4,test\n";

/// In time order: `a` has x 1, 2, missing, 4, 7, 11 and `b` 10, 30; rows are shuffled.
const SHUFFLED: &str = "t,e,x,y,split\n4,a,4,0,train\n1,b,10,0,train\n6,a,11,0,train\n2,a,2,0,train\n\
                        1,a,1,0,train\n2,b,30,0,train\n5,a,7,0,train\n3,a,,0,train\n";
/// Where the rows of `SHUFFLED` stand: `a` at times 1 to 6, then `b` at 1 and 2.
const IN_TIME: [usize; 8] = [4, 3, 7, 0, 6, 2, 1, 5];

/// A project with the clean table `clean.csv`, made by hand.
fn by_hand(config: &str, clean: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("clean.csv", clean)])
}

fn engineer(folder: &TempDir) -> Assert {
    run("feature-engineer", folder.path(), &["-i", "clean.csv"])
}

fn output(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/features.csv"))
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/features.csv.meta.json"))
}

fn features(config: &str, clean: &str) -> (TempDir, String) {
    let folder = by_hand(config, clean);
    engineer(&folder).success();
    let text = output(&folder);
    (folder, text)
}

/// The numbers of one column.
fn numbers(text: &str, name: &str) -> Vec<f64> {
    column(text, name).iter().map(|cell| cell.parse().unwrap()).collect()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{found:?} is not {expected:?}");
    }
}

/// The column `name` of `SHUFFLED` in time order is `expected`.
fn in_time(text: &str, name: &str, expected: [f64; 8]) {
    let found = numbers(text, name);
    close(&IN_TIME.map(|row| found[row]), &expected);
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    stage("feature-engineer").arg("--inptu").assert().code(2).stderr(contains("--inptu"));
}

#[test]
fn a_missing_input_names_what_to_run() {
    let folder = by_hand(PLAIN, SMALL);
    run("feature-engineer", folder.path(), &[])
        .code(13)
        .stderr(contains("data/processed/clean.csv: not there; run `clean` first"));
}

#[test]
fn an_empty_input_is_no_table() {
    engineer(&by_hand(PLAIN, "")).code(13).stderr(contains("clean.csv: is empty, not even a header"));
}

#[test]
fn a_header_alone_is_not_enough_rows() {
    for config in [PLAIN, PANEL] {
        let folder = by_hand(config, "e,t,x,y,split\n");
        engineer(&folder).code(11).stderr(contains("CRITICAL feature_engineer: clean.csv: no rows"));
        assert!(!folder.path().join("data/processed").exists());
    }
}

#[test]
fn a_malformed_cell_is_named() {
    engineer(&by_hand(PLAIN, "x,y,split\n1,2,train\n3,4,tset\n")).code(13).stderr(contains(
        "clean.csv: row 2: `tset` in column `split`, expected train, calibration, test or gap",
    ));
    engineer(&by_hand(PLAIN, "x,y,split\n1,2,train\n3,4\n"))
        .code(13)
        .stderr(contains("clean.csv: cannot be read as CSV").and(contains("line: 3")));
    engineer(&by_hand(PLAIN, "x,y\n1,2\n")).code(13).stderr(contains("expected the column that clean adds"));
    engineer(&by_hand(PANEL, "e,t,x,y,split\na,1,1,2,train\na,,1,2,train\n"))
        .code(10)
        .stderr(contains("row 2 of the clean table has no valid time in `t`"));
}

// Features by hand.

#[test]
fn lags_stay_within_the_entity_and_count_rows() {
    let config = format!("{PANEL}columns = []\nlags = [{{ columns = [\"x\"], rows = [1, 2, 9] }}]\n");
    let folder = by_hand(&config, SHUFFLED);
    engineer(&folder)
        .success()
        .stderr(contains("feature `x_lag_9` has no value in training rows and is left out"));
    let text = output(&folder);
    // Known: 1 2 4 7 and 10, median 4; 1 2 and 4, median 2.
    in_time(&text, "x_lag_1", [4.0, 1.0, 2.0, 4.0, 4.0, 7.0, 4.0, 10.0]);
    in_time(&text, "x_lag_2", [2.0, 2.0, 1.0, 2.0, 2.0, 4.0, 2.0, 2.0]);
    assert_eq!(cells(&text)[0], ["t", "e", "split", "x_lag_1", "x_lag_2", "y", "y_last_known"]);
    assert_eq!(manifest(&folder)["learned"]["left_out"], json!(["x_lag_9"]));
    assert_eq!(manifest(&folder)["learned"]["fills"], json!({"x_lag_1": 4.0, "x_lag_2": 2.0}));
    assert_eq!(
        manifest(&folder)["found"]["features"]["x_lag_1"]["filled"],
        json!({"train": 3, "calibration": 0, "test": 0})
    );
}

#[test]
fn windows_hold_the_last_rows_known_or_not() {
    let rolling = "rolling = [{ columns = [\"x\"], windows = [3], statistics = [\"mean\", \"std\", \"min\", \"max\", \"sum\"], min_rows = 2 }]\n";
    let (_, text) = features(&format!("{PANEL}columns = []\n{rolling}"), SHUFFLED);
    // Windows of `a`: 1; 1 2; 1 2 -; 2 - 4; - 4 7; 4 7 11. Of `b`: 10; 10 30. One value is too few,
    // so it gets the median of the others.
    let half = 0.5_f64.sqrt();
    in_time(&text, "x_mean_3", [4.25, 1.5, 1.5, 3.0, 5.5, 22.0 / 3.0, 4.25, 20.0]);
    in_time(&text, "x_sum_3", [8.5, 3.0, 3.0, 6.0, 11.0, 22.0, 8.5, 40.0]);
    in_time(&text, "x_min_3", [3.0, 1.0, 1.0, 2.0, 4.0, 4.0, 3.0, 10.0]);
    in_time(&text, "x_max_3", [5.5, 2.0, 2.0, 4.0, 7.0, 11.0, 5.5, 30.0]);
    // Deviations from 22/3: 100/9 + 1/9 + 121/9 = 222/9, over 2: 37/3. From 3: 2; from 5.5: 4.5.
    let sd = [half, half, 2.0_f64.sqrt(), 4.5_f64.sqrt(), (37.0_f64 / 3.0).sqrt(), 200.0_f64.sqrt()];
    let median = f64::midpoint(sd[2], sd[3]);
    in_time(&text, "x_std_3", [median, sd[0], sd[1], sd[2], sd[3], sd[4], median, sd[5]]);
}

#[test]
fn a_window_is_missing_until_it_is_full_of_known_values() {
    let rolling =
        "fill = \"mean\"\nrolling = [{ columns = [\"x\"], windows = [2, 3], statistics = [\"mean\"] }]\n";
    let (folder, text) = features(&format!("{PANEL}columns = []\n{rolling}"), SHUFFLED);
    // Of two: 1.5, 5.5, 9 and 20, mean 9; of three: only 22/3.
    in_time(&text, "x_mean_2", [9.0, 1.5, 9.0, 9.0, 5.5, 9.0, 9.0, 20.0]);
    in_time(&text, "x_mean_3", [22.0 / 3.0; 8]);
    assert_eq!(manifest(&folder)["found"]["features"]["x_mean_3"]["filled"]["train"], 7);
}

#[test]
fn rows_at_one_time_keep_the_order_of_the_table_with_a_warning() {
    let clean = "e,t,x,y,split\na,2,5,0,train\na,1,1,0,train\na,1,2,0,train\na,3,9,0,train\n";
    let folder =
        by_hand(&format!("{PANEL}columns = []\nlags = [{{ columns = [\"x\"], rows = [1] }}]\n"), clean);
    engineer(&folder)
        .success()
        .stderr(contains("WARN feature_engineer: 1 row at the time of another row of the same entity"));
    // In order 1 2 5 9, the first one filled with the median of 1 2 5.
    assert_eq!(numbers(&output(&folder), "x_lag_1"), [2.0, 2.0, 1.0, 5.0]);
}

#[test]
fn a_panel_without_entity_is_one_series() {
    let config = PANEL.replace("entity = \"e\"\n", "")
        + "columns = [\"x\"]\nlags = [{ columns = [\"x\"], rows = [1] }]\n";
    let (_, text) = features(&config, "t,x,y,split\n3,30,0,train\n1,10,0,train\n2,20,0,train\n");
    assert_eq!(
        text,
        "t,split,x,x_lag_1,y,y_last_known\n3,train,30.0,20.0,0.0,0.0\n1,train,10.0,15.0,0.0,\n2,train,20.0,10.0,0.0,0.0\n"
    );
}

#[test]
fn ratios_by_zero_are_missing_and_counted() {
    let clean =
        "a,b,y,split\n1,0,0,train\n0,0,0,train\n3,2,0,train\n4,8,0,train\n,1,0,train\n1e300,1e-300,0,train\n";
    let folder =
        by_hand(&format!("{PLAIN}exclude = [\"a\", \"b\"]\nratios = {{ r = [\"a\", \"b\"] }}\n"), clean);
    engineer(&folder).success().stderr(contains("`r`: 3 rows without a finite result"));
    // Known are 1.5 and 0.5, median 1.
    assert_eq!(numbers(&output(&folder), "r"), [1.0, 1.0, 1.5, 0.5, 1.0, 1.0]);
    assert_eq!(manifest(&folder)["found"]["undefined"], json!({"r": 3}));
}

#[test]
fn a_ratio_may_be_made_of_features_and_of_other_ratios() {
    let config = format!(
        "{PANEL}columns = [\"x\"]\nlags = [{{ columns = [\"x\"], rows = [1] }}]\n\
         [features.ratios]\na_first = [\"z_last\", \"x\"]\nz_last = [\"x\", \"x_lag_1\"]\n"
    );
    let (_, text) = features(&config, "e,t,x,y,split\na,1,2,0,train\na,2,8,0,train\na,3,4,0,train\n");
    // x / lag: -, 4, 1/2; over x: -, 1/2, 1/8. Medians 9/4 and 5/16.
    assert_eq!(numbers(&text, "z_last"), [2.25, 4.0, 0.5]);
    assert_eq!(numbers(&text, "a_first"), [0.3125, 0.5, 0.125]);
    let circle = format!("{PLAIN}ratios = {{ a = [\"b\", \"x\"], b = [\"x\", \"a\"] }}\n");
    engineer(&by_hand(&circle, SMALL)).code(2).stderr(contains("made of one another"));
}

#[test]
fn a_text_becomes_indicators_of_all_but_its_first_level() {
    let clean = "c,y,split\nb,1,train\na,2,train\nc,3,train\na,4,train\nzzz,5,test\n,6,test\n";
    let folder = by_hand(PLAIN, clean);
    engineer(&folder).success().stderr(contains("column `c`: 1 row with a value that no training row has"));
    let expected = "split,c=b,c=c,c=(other),y\ntrain,1.0,0.0,0.0,1.0\ntrain,0.0,0.0,0.0,2.0\ntrain,0.0,1.0,0.0,3.0\ntrain,0.0,0.0,0.0,4.0\ntest,0.0,0.0,1.0,5.0\ntest,0.0,0.0,0.0,6.0\n";
    assert_eq!(output(&folder), expected);
    assert_eq!(manifest(&folder)["found"]["unseen"], json!({"c": 1}));
    assert_eq!(manifest(&folder)["learned"]["levels"]["c"], json!({"base": "a", "indicators": ["b", "c"]}));
}

#[test]
fn beyond_the_limit_rare_levels_share_one_indicator() {
    let mut clean = String::from("c,y,split\n");
    for (level, part) in [
        ("b", "train"),
        ("b", "train"),
        ("c", "train"),
        ("c", "train"),
        ("a", "train"),
        ("d", "train"),
        ("zzz", "test"),
    ] {
        clean.push_str(&format!("{level},1,{part}\n"));
    }
    let (_, text) = features(&format!("{PLAIN}max_categories = 3\n"), &clean);
    // The two most frequent stay; b is the base.
    assert_eq!(cells(&text)[0], ["split", "c=c", "c=(other)", "y"]);
    assert_eq!(numbers(&text, "c=c"), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(numbers(&text, "c=(other)"), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn fills_are_learned_from_training_rows() {
    let clean = "x,z,y,split\n1,,0,train\n3,,0,train\n,,0,train\n900,5,0,test\n,6,0,calibration\n";
    let (folder, text) = features(PLAIN, clean);
    assert_eq!(numbers(&text, "x"), [1.0, 3.0, 2.0, 900.0, 2.0]);
    assert_eq!(cells(&text)[0], ["split", "x", "y"]);
    assert_eq!(manifest(&folder)["learned"]["left_out"], json!(["z"]), "known in test rows only");
    assert_eq!(
        manifest(&folder)["found"]["features"]["x"]["filled"],
        json!({"train": 1, "calibration": 1, "test": 0})
    );
}

#[test]
fn no_feature_with_a_training_value_is_not_enough() {
    let folder = by_hand(PLAIN, "z,y,split\n,1,train\n5,2,test\n");
    engineer(&folder).code(11).stderr(contains(
        "CRITICAL feature_engineer: clean.csv: no feature has a value in the training rows",
    ));
}

// Statistics.

#[test]
fn statistics_and_drift_are_those_of_the_kept_rows() {
    // Training 1 to 20: deciles cut two values each. Testing ten times 1: all in the first bin. With
    // 1/2 more a bin: shares 2.5/25 each, against 10.5/15 and nine times 0.5/15.
    let train: String = (1..=20).map(|x| format!("{x},{},train\n", x % 3)).collect();
    let test: String = (0..10).map(|y| format!("1,{y},test\n")).collect();
    let (folder, _) = features(PLAIN, &format!("x,y,split\n{train}{test}"));
    let found = &manifest(&folder)["found"]["features"]["x"];
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    assert_eq!((number(&found["train"]["mean"]), number(&found["test"]["mean"])), (10.5, 1.0));
    close(&[number(&found["train"]["sd"]), number(&found["test"]["sd"])], &[35.0_f64.sqrt(), 0.0]);
    assert_eq!((number(&found["train"]["q25"]), number(&found["train"]["median"])), (5.75, 10.5));
    assert_eq!(
        (&found["train"]["rows"], &found["calibration"]["rows"], &found["test"]["rows"]),
        (&json!(20), &json!(0), &json!(10))
    );
    let psi = 0.6 * 7.0_f64.ln() + 9.0 * (0.1 - 1.0 / 30.0) * 3.0_f64.ln();
    close(&[number(&found["psi"]["psi"])], &[psi]);
    // The 99 % point of chi-squared with 9 degrees of freedom is 21.6659943 (Pearson's table).
    assert!((number(&found["psi"]["threshold_99"]) - 0.15 * 21.665_994_3).abs() < 1e-7);
    assert_eq!(found["psi"]["verdict"], "not_enough_rows");
    let log = read(folder.path().join("logs/feature_engineer.log"));
    assert!(log.contains("`x`: train mean 1.050000e1 sd 5.916080e0, test mean 1.000000e0 sd 0.000000e0, missing 0; PSI 1.827 (without drift 1.350 on average, 3.250 in 1 % of cases): not enough rows to tell"), "{log}");
}

// Where it writes.

#[test]
fn it_prints_its_configuration_and_nothing_else() {
    let folder = by_hand(&format!("{PLAIN}[notify]\nwebhook = \"http://127.0.0.1:1/token\"\n"), SMALL);
    let printed = run("feature-engineer", folder.path(), &["--print-config"])
        .success()
        .stderr("")
        .get_output()
        .stdout
        .clone();
    let value: serde_json::Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!((&value["max_categories"], &value["fill"]), (&json!(50), &json!("median")));
    assert!(!String::from_utf8(printed).unwrap().contains("token"));
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn a_failed_run_keeps_the_old_output() {
    let (folder, before) = features(PLAIN, SMALL);
    write(folder.path().join("clean.csv"), "x,y,split\n1,,train\n3,4,test\n");
    engineer(&folder).code(11).stderr(contains(
        "CRITICAL feature_engineer: no training row with a known target: 2 rows in all, 1 of them in the training part; 1 without target",
    ));
    assert_eq!(output(&folder), before);
    for (output, code) in [("/dev/full", 22), ("clean.csv", 2), ("logs", 22), ("f.txt", 2)] {
        run("feature-engineer", folder.path(), &["-i", "clean.csv", "-o", output]).code(code);
    }
    write(folder.path().join("clean.csv"), SMALL);
    shell(folder.path(), "feature-engineer -i clean.csv -o - >/dev/full")
        .code(22)
        .stderr(contains("no space left"));
    shell(folder.path(), "feature-engineer -i clean.csv -o - 2>&-").success().stdout(before);
}
