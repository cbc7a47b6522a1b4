//! Stage `clean` through its real binary: new rows never move an old row, and only training rows teach.
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

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use support::panel::Random;
use support::{column, json, project, read, run};

/// Every way to split: by dates, by a hash of the whole row, the entity or a key, by a column.
const SPLITS: [&str; 7] = [
    "split = { calibration_from = \"2020-01-11\", test_from = \"2020-01-20\" }",
    "split = { calibration_from = \"2020-01-11\", test_from = \"2020-01-20\", gap = \"4d\" }",
    "split = { test_from = \"2020-01-20\", gap = \"1w\" }",
    "split = { by = \"hash\", key = [] }",
    "split = { by = \"hash\" }",
    "split = { by = \"hash\", key = [\"id\"], salt = \"s\" }",
    "split = { by = \"column\", column = \"part\" }",
];

const LEARNING: &str = "winsorise = { x = [0.05, 0.95] }\n[clean.fill]\nindicators = true\n[clean.fill.columns]\n\
    z = \"mean\"\nlast = \"last\"\nc = { method = \"mode\", indicator = true }\n";

/// A row, all of it decided by its id.
fn row(id: u64) -> String {
    let mut random = Random(id);
    let mut cell = |text: String| if random.below(4) == 0 { String::new() } else { text };
    let (x, z) = (cell(format!("{}", id * 37 % 101)), cell(format!("{}.5", id % 13)));
    let (last, c) = (cell((id % 29).to_string()), cell(format!("c{}", id % 3)));
    let part = ["train", "train", "calibration", "test"][usize::try_from(id % 4).unwrap()];
    format!("{id},city{},2020-01-{:02},{x},{z},{last},{c},{},{part}", id % 17, 1 + id % 28, id % 5)
}

/// The cleaned table as parts by id, and the manifest.
fn cleaned(split: &str, rows: &[String]) -> (BTreeMap<String, String>, Value) {
    let config =
        format!("[project]\ntarget = \"y\"\nentity = \"city\"\ntime = \"t\"\n[clean]\n{split}\n{LEARNING}");
    let raw = format!("id,city,t,x,z,last,c,y,part\n{}\n", rows.join("\n"));
    let folder = project(&[("pipeline.toml", &config), ("raw.csv", &raw)]);
    run("clean", folder.path(), &["-q", "-i", "raw.csv"]).success();
    let text = read(folder.path().join("data/processed/clean.csv"));
    let parts = column(&text, "id").into_iter().zip(column(&text, "split")).collect();
    (parts, json(folder.path().join("data/processed/clean.csv.meta.json")))
}

fn shuffled(mut rows: Vec<String>, seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    for i in (1..rows.len()).rev() {
        rows.swap(i, usize::try_from(random.below(i as u64 + 1)).unwrap());
    }
    rows
}

#[test]
fn appended_prepended_and_shuffled_rows_never_move_an_old_row() {
    let old: Vec<String> = (200..360).map(row).collect();
    for split in SPLITS {
        let (before, manifest) = cleaned(split, &old);
        assert_eq!(before.len(), old.len());
        let mut runner = TestRunner::new_with_rng(
            proptest::test_runner::Config { cases: 6, failure_persistence: None, ..Default::default() },
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let cases = (0_u64..100, 0_u64..100, any::<bool>(), any::<u64>());
        runner
            .run(&cases, |(prepended, appended, shuffle, seed)| {
                let mut rows: Vec<String> = (200 - prepended..360 + appended).map(row).collect();
                if shuffle {
                    rows = shuffled(rows, seed);
                }
                let (after, _) = cleaned(split, &rows);
                for (id, part) in &before {
                    prop_assert_eq!(after.get(id), Some(part), "row {}: {}", id, split);
                }
                Ok(())
            })
            .unwrap();
        // The order alone changes nothing that is learned either.
        let (_, reversed) = cleaned(split, &old.iter().rev().cloned().collect::<Vec<_>>());
        assert_eq!(reversed["learned"], manifest["learned"], "{split}");
    }
}

#[test]
fn only_training_rows_change_what_is_learned() {
    let old: Vec<String> = (200..360).map(row).collect();
    for split in SPLITS {
        // A hash of the whole row takes changed cells for another row.
        if split.ends_with("key = [] }") {
            continue;
        }
        let (parts, manifest) = cleaned(split, &old);
        let changed = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
            let change = |line: &String| {
                let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
                if !wanted(&parts[&cells[0]]) {
                    return line.clone();
                }
                for (cell, new) in cells[3..8].iter_mut().zip(["5000", "", "77", "new", "9"]) {
                    new.clone_into(cell);
                }
                cells.join(",")
            };
            old.iter().map(change).collect()
        };
        let (_, others) = cleaned(split, &changed(&|part| part != "train"));
        assert_eq!(others["learned"], manifest["learned"], "{split}");
        let (_, training) = cleaned(split, &changed(&|part| part == "train"));
        assert_ne!(training["learned"], manifest["learned"], "{split}");
        // Rows that are not there teach nothing either.
        let train: Vec<String> =
            old.iter().filter(|line| parts[line.split(',').next().unwrap()] == "train").cloned().collect();
        let (_, alone) = cleaned(split, &train);
        assert_eq!(alone["learned"], manifest["learned"], "{split}");
    }
}
