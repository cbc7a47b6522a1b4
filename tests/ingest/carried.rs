//! The row ledger that a stage receives is checked: a manifest with any number of it changed is refused,
//! and so is one that adds up and tells of other rows than the table holds.

use std::io::Write as _;
use std::path::Path;

use predicates::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::ledger::numbers;
use super::support::panel::Panel;
use super::support::{json, read, run, stage, write};

const RAW: &str = "data/interim/raw_ingested.csv";
const CLEAN: &str = "data/processed/clean.csv";
const FEATURES: &str = "data/processed/features.csv";
const MODEL: &str = "models/model.pkl";
const METRICS: &str = "reports/metrics.json";

/// A project that all stages have run in, with compressed, marked and broken sources among others.
fn whole() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    Panel { cities: 6, ..Panel::small(1) }.write(root);
    let config = read(root.join("pipeline.toml"));
    let keys = "[ingest]\nrejects = \"file\"\nrejects_limit = 0.1\n";
    write(root.join("pipeline.toml"), config.replace("[ingest]\n", keys));
    let names = super::support::files(&root.join("data/raw"));
    let text = |i: usize| read(&names[i]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text(0).as_bytes()).unwrap();
    write(&names[0], gzip.finish().unwrap());
    write(&names[1], format!("\u{feff}{}\n\nbroken\n", text(1)));
    let utf_16: Vec<u8> = format!("\u{feff}{}", text(2)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    write(&names[2], utf_16);
    for name in ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"] {
        run(name, root, &[]).success();
    }
    folder
}

fn beside(checkpoint: &str) -> String {
    format!("{checkpoint}.meta.json")
}

/// Runs a stage with the manifest of `checkpoint` changed, and expects it to be refused.
fn refused(root: &Path, checkpoint: &str, changed: &Value, reader: &str, what: &str) -> String {
    let path = root.join(beside(checkpoint));
    let kept = read(&path);
    write(&path, serde_json::to_string(changed).unwrap());
    let ended = stage(reader).arg("--project").arg(root).arg("-q").assert();
    write(&path, kept);
    let error = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
    assert_eq!(ended.get_output().status.code(), Some(13), "{what}\n{error}");
    assert!(error.contains("row ledger") && error.contains("; run `"), "{what}: {error}");
    error
}

/// Changes each number below `part` of a manifest in some ways, one at a time.
fn each_number(
    root: &Path,
    checkpoint: &str,
    reader: &str,
    part: &str,
    is_counted: impl Fn(&str) -> bool,
) -> usize {
    let manifest = json(root.join(beside(checkpoint)));
    let mut places = Vec::new();
    numbers(manifest.pointer(part).unwrap(), part, &mut |at, n| places.push((at.to_owned(), n)));
    places.retain(|(at, _)| is_counted(at));
    for (at, n) in &places {
        for other in [n + 1, n.wrapping_sub(1), u64::MAX - 1] {
            let mut changed = manifest.clone();
            *changed.pointer_mut(at).unwrap() = json!(other);
            refused(root, checkpoint, &changed, reader, &format!("{reader}: {at} from {n} to {other}"));
        }
    }
    places.len()
}

#[test]
fn a_ledger_with_any_number_changed_is_refused_by_the_next_stage() {
    let folder = whole();
    let root = folder.path();
    // rows_in, rows_out and rejected of the first step and 21 numbers of what was read; of the second
    // step also duplicates and three parts; of the third three reasons and three parts.
    for (checkpoint, reader, count) in [
        (RAW, "clean", 24),
        (CLEAN, "feature-engineer", 30),
        (FEATURES, "train-model", 38),
        (FEATURES, "evaluate", 38),
        (MODEL, "evaluate", 38),
        (METRICS, "report", 38),
    ] {
        let read = json(root.join(beside(checkpoint)))["ledger"][0]["read"].clone();
        assert!(read["rejected"]["lines"] == 1 && read["byte_order_mark_bytes"] == 3, "{read}");
        assert!(read["inflated_bytes"] != read["bytes"] && read["text_bytes"] != read["inflated_bytes"]);
        let found = each_number(root, checkpoint, reader, "/ledger", |_| true);
        assert!(found >= count, "{checkpoint}: {found}");
    }
}

#[test]
fn a_source_with_any_count_changed_is_refused() {
    let folder = whole();
    let kept = ["/dialect", "/first_line"];
    let is_counted = |at: &str| !kept.iter().any(|key| at.ends_with(key));
    let found = each_number(folder.path(), RAW, "clean", "/found/sources", is_counted);
    assert!(found >= 24 * 4, "{found}");
    let before = "/learned_before/ingest/sources";
    assert!(each_number(folder.path(), CLEAN, "feature-engineer", before, is_counted) >= 24 * 4);
}

#[test]
fn what_does_not_add_up_is_told_with_its_numbers() {
    let folder = whole();
    let manifest = json(folder.path().join(beside(RAW)));
    let [rows, lines] = ["/ledger/0/rows_out", "/ledger/0/read/lines"]
        .map(|p| manifest.pointer(p).unwrap().as_u64().unwrap());
    let error = |at: &str, to: Value| {
        let mut changed = manifest.clone();
        *changed.pointer_mut(at).unwrap() = to;
        refused(folder.path(), RAW, &changed, "clean", at)
    };
    let place = "data/interim/raw_ingested.csv.meta.json: the row ledger of ingest does not balance: ";
    let told = error("/ledger/0/rows_out", json!(rows - 1));
    let expected = format!("{place}{} in, 1 dropped or kept apart, {} out", rows + 1, rows - 1);
    assert!(told.contains(&expected), "{told}");
    let told = error("/ledger/0/read/lines", json!(lines + 2));
    let expected =
        format!("{} lines read, but 0 skipped + 24 header + 2 blank + 0 comments + 0 footer", lines + 2);
    assert!(
        told.contains(&expected) && told.contains(&format!(" are {lines}; run `ingest` again")),
        "{told}"
    );
    let told = error("/found/sources", json!([]));
    assert!(told.contains("its sources add up to 0 sources, the ledger has 24"), "{told}");
    let told = error("/ledger/0/stage", json!("clean\u{7}"));
    assert!(told.contains("the row ledger ends with clean\\u{7}, expected ingest"), "{told}");
}

/// The manifest of the features table with one step, which adds up.
fn lie(root: &Path, rows: i64, train: i64) -> (Value, [i64; 4]) {
    let mut manifest = json(root.join(beside(FEATURES)));
    let last = manifest["ledger"].as_array().unwrap().last().unwrap().clone();
    let parts = ["train", "calibration", "test"].map(|part| last["parts"][part].as_i64().unwrap());
    let n = last["rows_out"].as_i64().unwrap();
    manifest["ledger"] = json!([{
        "stage": "feature_engineer", "rows_in": n + rows, "dropped": {}, "apart": {}, "rows_out": n + rows,
        "parts": { "train": parts[0] + train, "calibration": parts[1], "test": parts[2] + rows - train },
    }]);
    (manifest, [n, parts[0], parts[1], parts[2]])
}

#[test]
fn a_ledger_of_other_rows_than_those_read_is_refused() {
    let folder = whole();
    let root = folder.path();
    std::fs::remove_file(root.join(beside(MODEL))).unwrap();
    let (manifest, [n, train, calibration, test]) = lie(root, 1, 0);
    for reader in ["train-model", "evaluate"] {
        let told = refused(root, FEATURES, &manifest, reader, reader);
        let expected = format!(
            "features.csv: has {n} rows, the row ledger of its manifest says {}; run `feature-engineer` again",
            n + 1
        );
        assert!(told.contains(&expected), "{told}");
    }
    // As many rows, one of them in another part.
    let (manifest, _) = lie(root, 0, 1);
    let told = refused(root, FEATURES, &manifest, "train-model", "parts");
    let shown = |train, test| format!("{train} train, {calibration} calibration, {test} test");
    let expected = format!(
        "has {}, the row ledger of its manifest says {};",
        shown(train, test),
        shown(train + 1, test - 1)
    );
    assert!(told.contains(&expected), "{told}");
    // The same without the lie goes through.
    let (manifest, _) = lie(root, 0, 0);
    write(root.join(beside(FEATURES)), serde_json::to_string(&manifest).unwrap());
    run("train-model", root, &[]).success();
    run("evaluate", root, &[]).success();
}

#[test]
fn a_model_and_a_table_of_two_ledgers_do_not_belong_together() {
    let folder = whole();
    let root = folder.path();
    let (manifest, _) = lie(root, 0, 0);
    write(root.join(beside(FEATURES)), serde_json::to_string(&manifest).unwrap());
    let told = "models/model.pkl: its manifest has another row ledger than that of data/processed/features.csv; run `train-model` again";
    run("evaluate", root, &[]).code(13).stderr(predicate::str::contains(told));
}
