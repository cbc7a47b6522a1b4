//! Stage `feature-engineer` through its real binary: the leak guard names planted leaks, each by its
//! check and columns and nothing beside, and is silent on honest data.
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

#[path = "feature_leaks/honest.rs"]
mod honest;
#[path = "feature_leaks/panel.rs"]
mod panel;
#[path = "feature_leaks/planted.rs"]
mod planted;
mod support;

use panel::{Data, Panel, findings};
use serde_json::json;
use support::{read, run, write};

/// A panel with two leaks: a copy of the next value, and a number of each row.
fn leaky() -> Data {
    let panel = Panel::new(1);
    panel.data().with("next", |row| panel.later(row, 1)).with("row_id", |row| Some((7 * row + 3) as f64))
}

#[test]
fn findings_stand_in_log_and_manifest() {
    let folder = leaky().engineered("");
    let found = findings(&folder);
    assert_eq!(found[0]["kind"], "copy_of_target");
    assert_eq!(found[0]["columns"], json!(["next"]));
    assert_eq!(found[0]["parts"], json!(["train", "calibration", "test"]));
    assert_eq!(found[0]["figures"]["share"], 1.0);
    assert_eq!(found[1]["kind"], "identifier");
    let log = read(folder.path().join("logs/feature_engineer.log"));
    for finding in found.as_array().unwrap() {
        let what = finding["what"].as_str().unwrap();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(what)).collect();
        assert!(lines.len() == 1 && lines[0].contains("WARN"), "{what}: {lines:?}");
    }
}

#[test]
fn an_honest_table_is_said_to_be_one() {
    let folder = Panel::new(1).data().engineered("");
    assert_eq!(findings(&folder), json!([]));
    assert!(read(folder.path().join("logs/feature_engineer.log")).contains("leak guard: nothing found"));
}

#[test]
fn as_an_error_all_are_named_and_nothing_is_published() {
    let folder = leaky().project("[features]\nleaks = \"error\"\n");
    let assert = run("feature-engineer", folder.path(), &["-i", "clean.csv"]).code(12);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    for part in ["`next` equals the target", "column `row_id`", "2 possible leaks", "leaks is \"error\""] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!folder.path().join("data/processed/features.csv").exists());
    assert!(!folder.path().join("data/processed/features.csv.meta.json").exists());
    // Honest data pass.
    let clean = Panel::new(1).data().project("[features]\nleaks = \"error\"\n");
    run("feature-engineer", clean.path(), &["-i", "clean.csv"]).success();
}

#[test]
fn off_does_not_look_and_says_so() {
    let folder = leaky().engineered("[features]\nleaks = \"off\"\n");
    assert_eq!(findings(&folder), json!(null));
    let log = read(folder.path().join("logs/feature_engineer.log"));
    assert!(log.contains("leak guard: off") && !log.contains("possible leak"));
    let wrong = leaky().project("[features]\nleaks = \"maybe\"\n");
    run("feature-engineer", wrong.path(), &["-i", "clean.csv"]).code(2);
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let data = leaky();
    let straight = findings(&data.engineered(""));
    assert_eq!(findings(&data.shuffled(5).engineered("")), straight);
}

/// Runs what follows the features, and gives metrics and report.
fn reported(data: &Data, settings: &str) -> (serde_json::Value, String) {
    let folder = data.engineered(settings);
    for stage in ["train-model", "evaluate", "report"] {
        run(stage, folder.path(), &[]).success();
    }
    let reports = folder.path().join("reports");
    (support::json(reports.join("metrics.json")), read(reports.join("report.md")))
}

#[test]
fn metrics_carry_them_and_the_report_warns_before_any_figure() {
    let data = leaky();
    let (metrics, report) = reported(&data, "");
    assert_eq!(metrics["leaks"], findings(&data.engineered("")));
    let warning = report.find("the leak guard found 2 signs").unwrap();
    assert!(warning < report.find("it misses by").unwrap());
    for part in ["“next” is the outcome itself", "“row_id” has", "*What to do:* leave it out"] {
        assert!(report.contains(part), "{part} in {report}");
    }
    let (metrics, report) = reported(&Panel::new(1).data(), "");
    assert_eq!(metrics["leaks"], json!([]));
    assert!(report.contains("The leak guard found no sign") && !report.contains("too good to be true"));
    let (metrics, report) = reported(&data, "[features]\nleaks = \"off\"\n");
    assert_eq!(metrics["leaks"], json!(null));
    assert!(report.contains("give the outcome away was not checked"));
}

#[test]
fn names_from_data_stay_text_in_the_report() {
    let panel = Panel::new(2);
    let name = "<b>|`x`\u{1b}[1m";
    let (_, report) = reported(&panel.data().with(name, |row| panel.later(row, 1)), "");
    assert!(report.contains("is the outcome itself"));
    assert!(!report.contains("<b>") && !report.contains('\u{1b}'));
}

#[test]
fn a_split_that_clean_made_by_a_hash_is_named_as_one() {
    let panel = Panel::new(3);
    let folder = panel
        .data()
        .project("[clean]\nsplit = { by = \"hash\", calibration = 0.2, test = 0.2, key = [\"e\", \"t\"] }\n");
    let raw = read(folder.path().join("clean.csv"));
    let header = "e,t,y,x,n,split";
    assert!(raw.starts_with(header));
    let cut = |line: &str| line.rsplit_once(',').unwrap().0.to_owned() + "\n";
    write(folder.path().join("raw.csv"), raw.lines().map(cut).collect::<String>());
    run("ingest", folder.path(), &[]).success();
    run("clean", folder.path(), &[]).success();
    run("feature-engineer", folder.path(), &[]).success();
    let found = findings(&folder);
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found[0]["kind"], "parts_overlap_in_time");
    assert!(found[0]["what"].as_str().unwrap().contains("by a hash"), "{found}");
}

#[test]
fn the_report_words_every_kind() {
    let panel = Panel::new(15);
    let blurred = |row| panel.later(row, 1).map(|y| y + 0.02 * (row % 7) as f64);
    let two_ahead = |row| panel.later(row, 2);
    let data = panel.data().with("near", blurred).with("later", two_ahead);
    let mixed = data.replaced("split", |row, _| ["train", "train", "test"][row * 7 % 3].to_owned());
    let (metrics, report) = reported(&mixed, "");
    let kinds: Vec<&str> =
        metrics["leaks"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["parts_overlap_in_time", "looks_ahead", "predicts_alone"]);
    for part in [
        "come before a row of an earlier part in time (train and test)",
        "*What to do:* split by dates",
        "“later” holds values of the target's column that are not known yet: the row +2 from its own, in 100 %",
        "“near” alone leaves only 0.0",
        "% of the outcomes' variance unexplained, where the last known value leaves",
        "*What to do:* ask when this value is known.",
    ] {
        assert!(report.contains(part), "{part} in {report}");
    }
}
