//! What runs, and in which order; what a change makes run again.

use std::fs;

use super::sandbox::{FILES, STAGES, Sandbox, said};

const NONE: [&str; 0] = [];

#[test]
fn the_first_run_runs_every_stage_once_in_order_and_a_second_none() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.runs(&[]), STAGES);
    assert!(FILES.iter().all(|file| sandbox.is_file(file)));
    assert_eq!(sandbox.runs(&["report"]), NONE);
    assert_eq!(sandbox.runs(&["-j4", "report", "metrics", "check"]), NONE);
}

#[test]
fn a_feature_of_the_build_is_no_table_of_the_map() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.runs(&["FEATURES=s3"]), STAGES);
    assert!(FILES.iter().all(|file| sandbox.is_file(file)));
    assert_eq!(sandbox.runs(&[]), NONE);
    let from_environment = said(sandbox.command(&[]).env("FEATURES", "s3"));
    assert!(from_environment.ok && sandbox.log().len() == STAGES.len(), "{}", from_environment.err);
}

#[test]
fn one_make_gives_all_stages_one_run_id() {
    let sandbox = Sandbox::new();
    sandbox.runs(&["-j4"]);
    let log = fs::read_to_string(sandbox.path("runs.log")).unwrap();
    let mut ids: Vec<&str> = log.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    ids.dedup();
    assert!(matches!(ids.as_slice(), [id] if id.contains('Z')), "{log}");
}

#[test]
fn parallel_makes_run_in_order_too() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.runs(&["-j4", "report", "model", "metrics"]), STAGES);
}

#[test]
fn a_goal_in_the_middle_runs_what_it_needs() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.runs(&["features"]), STAGES[..3]);
    assert_eq!(sandbox.runs(&["ingested", "cleaned"]), NONE);
    assert_eq!(sandbox.runs(&["model"]), STAGES[3..4]);
}

#[test]
fn a_section_reruns_its_stage_and_the_stages_after_it() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    for (section, first) in
        [("report", 5), ("evaluate", 4), ("train", 3), ("features", 2), ("clean", 1), ("ingest", 0)]
    {
        sandbox.configure(section, "b = 2");
        assert_eq!(sandbox.runs(&[]), STAGES[first..], "[{section}]");
        assert_eq!(sandbox.runs(&[]), NONE, "[{section}]");
    }
    sandbox.configure("notify", "b = 2");
    assert_eq!(sandbox.runs(&[]), NONE);
}

#[test]
fn what_is_accepted_is_found_anew_and_a_lock_that_changes_reruns_from_its_stage_on() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    assert_eq!(sandbox.runs(&["accept"]), STAGES[..2]);
    assert!(sandbox.is_file("ingest.lock") && sandbox.is_file("clean.lock"));
    assert_eq!(sandbox.runs(&[]), STAGES[2..]);
    assert_eq!(sandbox.runs(&[]), NONE);
    sandbox.write("clean.lock", "changed by hand");
    assert_eq!(sandbox.runs(&[]), STAGES[1..]);
    sandbox.write("ingest.lock", "changed by hand");
    assert_eq!(sandbox.runs(&[]), STAGES);
    assert_eq!(sandbox.runs(&[]), NONE);
}

#[test]
fn remote_sources_are_asked_for_changes_by_refresh_alone() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    assert!(!sandbox.is_file("sources.lock"));
    assert_eq!(sandbox.runs(&["refresh"]), NONE, "it fetches, and reads nothing");
    assert!(sandbox.is_file("sources.lock"));
    assert_eq!(sandbox.runs(&[]), STAGES, "what it took up goes through all stages");
    assert_eq!(sandbox.runs(&[]), NONE);
    sandbox.write("sources.lock", "another, as from a colleague");
    assert_eq!(sandbox.runs(&[]), STAGES);
    assert_eq!(sandbox.runs(&[]), NONE);
}

#[test]
fn a_raw_file_that_comes_or_goes_reruns_all() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    sandbox.write("data/raw/b.csv", "x,y\n3,4\n");
    assert_eq!(sandbox.runs(&[]), STAGES);
    sandbox.remove("data/raw/b.csv");
    assert_eq!(sandbox.runs(&[]), STAGES);
    assert_eq!(sandbox.runs(&[]), NONE);
}

#[test]
fn the_contract_reruns_from_clean_on_when_it_comes_and_when_it_goes() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    sandbox.write("schema.json", "{}\n");
    assert_eq!(sandbox.runs(&[]), STAGES[1..]);
    sandbox.remove("schema.json");
    assert_eq!(sandbox.runs(&[]), STAGES[1..]);
    assert_eq!(sandbox.runs(&[]), NONE);
}

#[test]
fn every_missing_file_is_made_again() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    for file in FILES.iter().chain(&["reports/report.md"]) {
        let before = fs::read(sandbox.path(file)).unwrap();
        sandbox.remove(file);
        assert!(!sandbox.runs(&[]).is_empty(), "{file}");
        assert_eq!(fs::read(sandbox.path(file)).unwrap(), before, "{file}");
        assert_eq!(sandbox.runs(&[]), NONE, "{file}");
    }
}

#[test]
fn a_newer_program_reruns_from_its_stage_on() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    fs::copy(sandbox.program("ingest"), sandbox.program("train-model")).unwrap();
    assert_eq!(sandbox.runs(&[]), STAGES[3..]);
}

#[test]
fn another_format_makes_tables_of_it_and_the_old_ones_are_not_trusted_later() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    assert_eq!(sandbox.runs(&["FORMAT=parquet"]), STAGES);
    assert!(sandbox.is_file("data/processed/features.parquet.meta.json"));
    assert_eq!(sandbox.runs(&["FORMAT=parquet"]), NONE);
    assert_eq!(sandbox.runs(&["FORMAT=csv"]), STAGES);
    let said = sandbox.make(&["FORMAT=tsv"]);
    assert!(!said.ok && said.err.contains("FORMAT is csv, parquet or arrow, not `tsv`"), "{}", said.err);
}

#[test]
fn the_analysts_report_stays_and_is_looked_at_once() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    sandbox.append("reports/report.md", "What it means.\n");
    assert_eq!(sandbox.runs(&[]), STAGES[5..]);
    assert_eq!(sandbox.runs(&[]), NONE);
    assert!(fs::read_to_string(sandbox.path("reports/report.md")).unwrap().ends_with("What it means.\n"));
}

#[test]
fn a_checkpoint_edited_under_an_old_time_is_made_again() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    let path = sandbox.path("data/processed/clean.csv");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let good = fs::read(&path).unwrap();
    sandbox.append("data/processed/clean.csv", "x");
    fs::File::open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(sandbox.runs(&[]), STAGES[1..]);
    assert_eq!(fs::read(&path).unwrap(), good);
}

#[test]
fn files_from_tomorrow_cost_one_rerun_and_hide_no_change() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    let tomorrow = std::time::SystemTime::now() + std::time::Duration::from_hours(24);
    for file in FILES {
        fs::File::open(sandbox.path(file)).unwrap().set_modified(tomorrow).unwrap();
    }
    sandbox.write("data/raw/b.csv", "x,y\n3,4\n");
    assert_eq!(sandbox.runs(&[]), STAGES);
    fs::File::open(sandbox.path("models/model.pkl")).unwrap().set_modified(tomorrow).unwrap();
    assert_eq!(sandbox.runs(&[]), STAGES[4..]);
    assert_eq!(sandbox.runs(&[]), NONE);
}
