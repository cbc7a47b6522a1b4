//! Stage `clean` through its real binary: the split, with and without gaps.
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
            "pipeline.toml:5: [clean] split: `2020-13` is not a date such as 2012-06 or 2012-06-30",
        ),
        (
            "{ test_from = \"2020\", gap = \"30\" }",
            "pipeline.toml:5: [clean] split: gap: `30` has no unit, and the time is a date: \"30d\"?",
        ),
        ("{ test_from = \"2020\", gap = \"30 days\" }", "pipeline.toml:5: `30 days` is no span of time"),
        ("{ by = \"hash\", gap = \"30d\" }", "pipeline.toml:5: [clean] split: a gap lies between parts"),
        (
            "{ calibration_from = \"2021\", test_from = \"2020\" }",
            "[clean] split: calibration_from is after test_from",
        ),
    ] {
        let config = format!("[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = {split}\n");
        // Before any cell is read: the second row has no number.
        let schema = r#"{"fields":[{"name":"t","type":"date"},{"name":"y","type":"number"}]}"#;
        let folder = by_hand(&config, "t,y\n2020-03-01,1\n2020-03-02,none\n");
        write(folder.path().join("schema.json"), schema);
        clean(&folder).code(2).stderr(contains(message));
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
fn rows_in_the_gap_before_a_part_belong_to_none() {
    // Two days before the 11th and the 20th: the 9th and 10th, the 18th and 19th.
    let days = [1, 8, 9, 10, 11, 17, 18, 19, 20, 30];
    let parts_of = |split: &str, time: &dyn Fn(u32) -> String| {
        let rows: String = days.iter().map(|d| format!("{},{d},1\n", time(*d))).collect();
        let (folder, parts) = split_by(split, &format!("t,x,y\n{rows}"));
        let letter = |p: &String| match p.as_str() {
            "train" => 't',
            "calibration" => 'c',
            "test" => 'T',
            "gap" => '-',
            other => panic!("{other}"),
        };
        (folder, parts.iter().map(letter).collect::<String>())
    };
    let date = |d: u32| format!("2020-01-{d:02}");
    let (folder, parts) =
        parts_of("{ calibration_from = \"2020-01-11\", test_from = \"2020-01-20\", gap = \"2d\" }", &date);
    assert_eq!(parts, "tt--cc--TT");
    let manifest = manifest(&folder);
    assert_eq!(manifest["ledger"][0]["parts"], json!({"train": 2, "calibration": 2, "test": 2, "gap": 4}));
    assert_eq!(manifest["learned"]["split"]["gap"], "2d");
    assert_eq!(manifest["found"]["nulls"]["x"]["parts"]["gap"], json!({"rows": 4, "nulls": 0}));
    assert_eq!(output(&folder).lines().count(), 11, "they stay in the table");
    let (_, parts) = parts_of("{ test_from = \"2020-01-20\", gap = \"1w\" }", &date);
    assert_eq!(parts, "ttttt---TT");
    // Longer than the calibration part: the training part loses no more than its own gap.
    let (_, parts) =
        parts_of("{ calibration_from = \"2020-01-17\", test_from = \"2020-01-20\", gap = \"6d\" }", &date);
    assert_eq!(parts, "tttt----TT");
    let step = |d: u32| d.to_string();
    let (_, parts) = parts_of("{ calibration_from = 11, test_from = 20, gap = 2 }", &step);
    assert_eq!(parts, "tt--cc--TT");
    let (_, parts) = parts_of("{ calibration_from = 11, test_from = 20 }", &step);
    assert_eq!(parts, "ttttccccTT");
    // Ten distinct times: calibration from the seventh (18), test from the ninth (20).
    let (_, parts) = parts_of("{ by = \"time_share\", gap = 1 }", &step);
    assert_eq!(parts, "ttttt-c-TT");
}

#[test]
fn a_gap_that_leaves_no_training_rows_is_not_enough() {
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = { test_from = \"2020-03-01\", gap = \"3mo\" }\n";
    clean(&by_hand(config, "t,y\n2020-01-01,1\n2020-02-01,2\n2020-03-01,3\n")).code(11).stderr(contains(
        "CRITICAL clean: no training rows: 3 rows in all, 2 of them in the gap before a part; check [clean] split",
    ));
}

#[test]
fn a_gap_that_takes_the_whole_calibration_part_is_warned_of() {
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = { calibration_from = 5, test_from = 7, gap = 3 }\n";
    let folder = by_hand(config, "t,y\n1,1\n5,2\n6,3\n7,4\n");
    clean(&folder).success().stderr(contains("WARN clean: no calibration rows"));
    assert_eq!(column(&output(&folder), "split"), ["train", "gap", "gap", "test"]);
}

#[test]
fn nothing_is_learned_from_the_gap() {
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = { test_from = 10, gap = 5 }\nwinsorise = { x = [0, 1] }\n";
    let folder = by_hand(config, "t,x,y\n1,1,1\n2,3,1\n5,1000,1\n6,-1000,1\n7,,1\n11,,1\n");
    clean(&folder).success();
    let learned = &manifest(&folder)["learned"];
    assert_eq!(learned["fills"][0]["value"], 2.0);
    assert_eq!(learned["winsorised"][0]["limits"], json!([1.0, 3.0]));
    assert_eq!(column(&output(&folder), "x"), ["1", "3", "3", "1", "2", "2"]);
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
fn a_new_row_that_makes_numbers_of_an_integer_key_moves_no_old_one() {
    let config = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"hash\", key = [\"id\"] }\n";
    let parts = |raw: &str| {
        let folder = by_hand(config, raw);
        clean(&folder).success();
        column(&output(&folder), "split")
    };
    let whole: String =
        "id,y\n0,1\n".to_owned() + &(-40..40).map(|i| format!("{},1\n", i * 7)).collect::<String>();
    let old = parts(&whole);
    let new = parts(&format!("{whole}0.5,1\n"));
    assert_eq!(old, new[..old.len()]);
    assert!(["train", "calibration", "test"].iter().all(|part| old.iter().any(|p| p == part)));
    // Zero has two signs and is one key.
    let zeros = parts("id,y\n0,1\n-0.0,2\n0.5,3\n1.5,4\n2.5,5\n3.5,6\n");
    assert_eq!(zeros[0], zeros[1]);
}

#[test]
fn shares_of_time_are_those_of_the_rows_that_stay() {
    // Of each id the last row stays: times 90 to 99.
    let rows: String = (0..100).map(|i| format!("{},{i},{i}\n", i % 10)).collect();
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = { by = \"time_share\" }\n\
        duplicates = { key = [\"id\"], keep = \"last\" }\n";
    let folder = by_hand(config, &format!("id,t,y\n{rows}"));
    clean(&folder).success();
    let parts = column(&output(&folder), "split");
    assert_eq!(parts, [["train"; 6].as_slice(), &["calibration"; 2], &["test"; 2]].concat());
    let made = &manifest(&folder)["learned"]["split"];
    assert_eq!((&made["calibration_from"], &made["test_from"]), (&json!("96"), &json!("98")));
}

#[test]
fn rows_without_a_full_key_are_warned_of() {
    let rows: String =
        (0..40).map(|i| if i % 8 == 0 { format!(",{i}\n") } else { format!("{i},{i}\n") }).collect();
    let config = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"hash\", key = [\"id\"] }\n";
    let folder = by_hand(config, &format!("id,y\n{rows}"));
    clean(&folder).success().stderr(contains("WARN clean: 5 rows without a full key of the split (`id`)"));
    let parts = column(&output(&folder), "split");
    assert!((0..40).step_by(8).all(|i| parts[i] == parts[0]));
}
