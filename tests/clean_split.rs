//! Stage `clean` through its real binary: the split, and fills learned from training rows only.
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

use std::collections::BTreeMap;

use assert_cmd::assert::Assert;
use predicates::str::contains;
use serde_json::json;
use support::panel::Random;
use support::{column, json, project, read, run, write};
use tempfile::TempDir;

const BY_COLUMN: &str =
    "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

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

/// The cleaned table, and the `split` column, of `raw` under `split`, with time in column `t`.
fn split_by(split: &str, raw: &str) -> (TempDir, Vec<String>) {
    let folder =
        by_hand(&format!("[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = {split}\n"), raw);
    clean(&folder).success();
    let parts = column(&output(&folder), "split");
    (folder, parts)
}

// The split.

#[test]
fn dates_begin_the_parts_they_name() {
    let raw = "t,y\n2020-03-01,1\n2019-12-31,2\n2020-02-01,3\n2020-01-31,4\n2020-02-29,5\n";
    let (folder, parts) = split_by("{ calibration_from = \"2020-02\", test_from = 2020-03-01 }", raw);
    assert_eq!(parts, ["test", "train", "calibration", "train", "calibration"]);
    assert_eq!(
        manifest(&folder)["learned"]["split"],
        json!({"by": "dates", "calibration_from": "2020-02", "test_from": "2020-03-01", "from_shares": false})
    );
    assert_eq!(manifest(&folder)["found"]["times"], json!({"first": "2019-12-31", "last": "2020-03-01"}));
    let (_, parts) = split_by("{ test_from = \"2020-02-29\" }", raw);
    assert_eq!(parts, ["test", "train", "train", "train", "test"]);
}

#[test]
fn years_and_months_in_columns_of_their_own_are_one_time() {
    let config = "[project]\ntarget = \"y\"\ntime = [\"year\", \"month\"]\n[clean]\nsplit = { test_from = \"2011-10\" }\n";
    let folder = by_hand(config, "month,y,year\n9,1,2011\n10,1,2011\n2,1,2012\n11,1,2010\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "split"), ["train", "test", "test", "train"]);
    write(folder.path().join("raw.csv"), "month,y,year\n9,1,2011\n13,1,2011\n2,1,2012\n0,1,2010\n");
    clean(&folder)
        .code(10)
        .stderr(contains("raw.csv:3: column `year` (3): no valid time in `year`, `month`"))
        .stderr(contains("raw.csv:5: column `year` (3): no valid time in `year`, `month`"));
}

#[test]
fn a_date_that_is_none_or_out_of_order_is_refused() {
    for (split, message) in [
        (
            "{ test_from = \"2020-13\" }",
            "[clean] split: `2020-13` is not a date such as 2012-06 or 2012-06-30",
        ),
        (
            "{ calibration_from = \"2021\", test_from = \"2020\" }",
            "[clean] split: calibration_from is after test_from",
        ),
    ] {
        let config = format!("[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = {split}\n");
        clean(&by_hand(&config, "t,y\n2020-03-01,1\n")).code(2).stderr(contains(message));
    }
}

#[test]
fn shares_of_time_are_taken_over_distinct_times_and_printed_as_dates() {
    // Ten distinct times, the last one ten times over: 6, 2 and 2 of them.
    let mut raw = String::from("t,y\n");
    for t in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10] {
        raw.push_str(&format!("{t},{}\n", raw.len()));
    }
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\n";
    let folder = by_hand(config, &raw);
    let pasted = "split = { calibration_from = \"7\", test_from = \"9\" }";
    clean(&folder).success().stderr(contains(pasted));
    let parts = column(&output(&folder), "split");
    assert_eq!(parts[..9], [vec!["train"; 6], vec!["calibration"; 2], vec!["test"; 1]].concat());
    assert_eq!(parts[9..], vec!["test"; 10]);
    assert_eq!(manifest(&folder)["learned"]["split"]["from_shares"], true);
    let first = output(&folder);
    write(folder.path().join("pipeline.toml"), format!("{config}[clean]\n{pasted}\n"));
    clean(&folder).success();
    assert_eq!(output(&folder), first);
}

#[test]
fn too_few_times_for_shares_are_not_enough_rows() {
    let folder = by_hand("[project]\ntarget = \"y\"\ntime = \"t\"\n", "t,y\n1,1\n1,2\n");
    clean(&folder)
        .code(11)
        .stderr(contains("CRITICAL clean: 1 distinct time is too few to split by shares of time"));
}

#[test]
fn a_column_says_the_split_and_goes_on_as_split() {
    let raw = "y,part\n1,test\n2,train\n3,calibration\n";
    let folder = by_hand(BY_COLUMN, raw);
    clean(&folder).success();
    assert_eq!(output(&folder), "y,split\n1,test\n2,train\n3,calibration\n");
    let folder = by_hand(&BY_COLUMN.replace("\"part\"", "\"split\""), &raw.replace("part", "split"));
    clean(&folder).success();
    assert_eq!(output(&folder), "y,split\n1,test\n2,train\n3,calibration\n");
    for wrong in ["Test", "", "tset"] {
        let folder = by_hand(BY_COLUMN, &raw.replace("test", wrong));
        clean(&folder).code(10).stderr(contains("raw.csv:2: column `part` (2): "));
    }
}

#[test]
fn a_column_called_split_that_is_not_the_split_is_refused() {
    let folder = by_hand(BY_COLUMN, "y,part,split\n1,train,pea\n");
    clean(&folder)
        .code(10)
        .stderr(contains("raw.csv:1: column `split`: is the name of the column that clean adds"));
}

#[test]
fn no_training_rows_is_not_enough() {
    let folder = by_hand(BY_COLUMN, "y,part\n1,test\n2,calibration\n");
    clean(&folder)
        .code(11)
        .stderr(contains("CRITICAL clean: no training rows: 2 rows in all; check [clean] split"));
    assert!(!folder.path().join("data/processed/clean.csv").exists());
    let folder = by_hand(BY_COLUMN, "y,part\n1,train\n");
    clean(&folder).success().stderr(contains("WARN clean: no test rows"));
}

#[test]
fn a_hash_gives_about_the_shares_and_another_salt_another_split() {
    let rows: String = (0..2000).map(|i| format!("{i},{}\n", i % 7)).collect();
    let folder = by_hand("", &format!("id,y\n{rows}"));
    let mut splits = Vec::new();
    for keys in ["", ", key = [\"id\"]", ", key = [\"id\"], salt = \"2\""] {
        let config = format!(
            "[project]\ntarget = \"y\"\n[clean]\nsplit = {{ by = \"hash\", calibration = 0.1, test = 0.3{keys} }}\n"
        );
        write(folder.path().join("pipeline.toml"), config);
        clean(&folder).success();
        let parts = column(&output(&folder), "split");
        let of = |part: &str| parts.iter().filter(|p| *p == part).count();
        // Five standard deviations of a binomial with n = 2000: 67 at 0.1, 102 at 0.3.
        assert!(of("calibration").abs_diff(200) < 67 && of("test").abs_diff(600) < 102, "{keys}");
        splits.push(parts);
    }
    assert!(splits[0] != splits[1] && splits[1] != splits[2]);
}

#[test]
fn rows_of_one_key_stay_together() {
    let rows: String = (0..300).map(|i| format!("{i},c{},1\n", i % 30)).collect();
    let folder = by_hand("[project]\ntarget = \"y\"\nentity = \"city\"\n", &format!("id,city,y\n{rows}"));
    clean(&folder).success();
    let text = output(&folder);
    let mut of_city: BTreeMap<String, String> = BTreeMap::new();
    for (city, part) in column(&text, "city").into_iter().zip(column(&text, "split")) {
        assert_eq!(*of_city.entry(city).or_insert(part.clone()), part);
    }
    assert!(column(&text, "split").iter().any(|p| p == "test"));
}

#[test]
fn shuffled_prepended_and_appended_rows_never_move_an_old_row() {
    let row = |id: u64| format!("{id},2020-01-{:02},{}", 1 + id % 28, id % 5);
    let by_hash = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"hash\" }\n";
    let by_key = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"hash\", key = [\"id\"] }\n";
    let by_date = "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = { calibration_from = \"2020-01-11\", test_from = \"2020-01-20\" }\n";
    for config in [by_hash, by_key, by_date] {
        let parts = |rows: &[String]| -> BTreeMap<String, String> {
            let folder = by_hand(config, &format!("id,t,y\n{}\n", rows.join("\n")));
            clean(&folder).success();
            let text = output(&folder);
            column(&text, "id").into_iter().zip(column(&text, "split")).collect()
        };
        let old: Vec<String> = (100..300).map(row).collect();
        let before = parts(&old);
        let mut random = Random(7);
        for _ in 0..5 {
            let mut rows: Vec<String> = (0..random.below(100)).map(row).collect();
            rows.extend(old.iter().cloned());
            rows.extend((300..300 + random.below(100)).map(row));
            for i in (1..rows.len()).rev() {
                rows.swap(i, usize::try_from(random.below(i as u64 + 1)).unwrap());
            }
            let after = parts(&rows);
            for (id, part) in &before {
                assert_eq!(after.get(id), Some(part), "row {id}: {config}");
            }
        }
    }
}

// Fills.

#[test]
fn fills_are_learned_from_training_rows_and_null_rates_are_kept() {
    // Of the training rows x has 1 and 3, median 2, c has a and b, a tie; with the test rows these
    // would be 3 and z.
    let raw =
        "x,c,y,part\n1,b,10,train\n,a,20,train\n3,,,train\n100,z,,test\n101,z,5,test\n,z,40,calibration\n";
    let folder = by_hand(BY_COLUMN, raw);
    clean(&folder).success().stderr(contains("nulls in `x`: 2 (33.33 %) before, 0 (0.00 %) after"));
    let filled = "x,c,y,split\n1,b,10,train\n2,a,20,train\n3,a,,train\n100,z,,test\n101,z,5,test\n2,z,40,calibration\n";
    assert_eq!(output(&folder), filled);
    let manifest = manifest(&folder);
    let (third, sixth) = (1.0 / 3.0, 1.0 / 6.0);
    let nulls = &manifest["found"]["nulls"];
    assert_eq!(nulls["x"], json!({"before": 2, "rate_before": third, "after": 0, "rate_after": 0.0}));
    assert_eq!(nulls["c"], json!({"before": 1, "rate_before": sixth, "after": 0, "rate_after": 0.0}));
    assert_eq!(nulls["y"], json!({"before": 2, "rate_before": third, "after": 2, "rate_after": third}));
    assert_eq!(
        manifest["learned"]["fills"],
        json!([{"column": "x", "method": "median", "value": 2.0}, {"column": "c", "method": "mode", "value": "a"}])
    );
}

#[test]
fn each_method_fills_what_it_says() {
    let raw = "x,y,part\n1,1,train\n9,2,train\n2,3,train\n9,4,train\n,5,train\n500,6,test\n";
    for (method, filled) in [("mean", "5.25"), ("median", "5.5"), ("mode", "9"), ("none", "")] {
        let folder = by_hand(&format!("{BY_COLUMN}fill = {{ columns = {{ x = \"{method}\" }} }}\n"), raw);
        clean(&folder).success();
        assert_eq!(column(&output(&folder), "x")[4], filled, "{method}");
    }
}

#[test]
fn a_whole_column_with_a_fill_that_is_not_whole_becomes_numbers() {
    let folder = by_hand(BY_COLUMN, "x,y,part\n1,1,train\n4,1,train\n,1,train\n8,1,test\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1.0", "4.0", "2.5", "8.0"]);
    assert_eq!(manifest(&folder)["fields"][0], json!({"name": "x", "type": "number", "role": "input"}));
    let folder = by_hand(BY_COLUMN, "x,y,part\n1,1,train\n4,1,train\n8,1,test\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1", "4", "8"], "nothing was filled");
    assert_eq!(manifest(&folder)["learned"]["fills"][0]["value"], 2.5, "new rows may miss what these do not");
}

#[test]
fn large_whole_numbers_keep_every_digit_beside_a_fill() {
    let large = "9007199254740993";
    let folder =
        by_hand(BY_COLUMN, &format!("x,y,part\n{large},1,train\n{large},2,train\n,3,train\n-3,4,test\n"));
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x")[..2], [large, large]);
}

#[test]
fn a_column_without_training_values_stays_missing_with_a_warning() {
    let folder = by_hand(BY_COLUMN, "x,c,y,part\n,,1,train\n,,3,train\n5,a,1,test\n,,2,test\n");
    clean(&folder)
        .success()
        .stderr(contains("WARN clean: column `x` has no value in training rows"))
        .stderr(contains("WARN clean: column `c` has no value in training rows"));
    assert_eq!(output(&folder), "x,c,y,split\n,,1,train\n,,3,train\n5,a,1,test\n,,2,test\n");
}

#[test]
fn a_method_that_a_type_does_not_have_is_refused() {
    let folder = by_hand(&format!("{BY_COLUMN}fill = {{ text = \"median\" }}\n"), "c,y,part\na,1,train\n");
    clean(&folder).code(2).stderr(contains("[clean.fill] column `c` is a string, which has no median"));
}

#[test]
fn truth_values_and_dates_keep_their_type() {
    let raw =
        "b,d,y,part\ntrue,2020-01-01,1,train\n,,1,train\nFalse,2020-01-02,1,test\ntrue,2020-01-03,2,test\n";
    let folder = by_hand(BY_COLUMN, raw);
    clean(&folder).success();
    let expected = "b,d,y,split\ntrue,2020-01-01,1,train\ntrue,,1,train\nfalse,2020-01-02,1,test\ntrue,2020-01-03,2,test\n";
    assert_eq!(output(&folder), expected);
}
