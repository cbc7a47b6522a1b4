//! `make status` and `make -n` tell the same story; `make check`, `make clean`.

use std::fs;

use super::sandbox::{STAGES, Sandbox};

/// The stages that `make status` calls stale, and why.
fn stale(sandbox: &Sandbox) -> Vec<(String, String)> {
    let said = sandbox.make(&["status"]);
    assert!(said.ok, "{}", said.err);
    let line = |(line, stage): (&str, &str)| {
        let (task, text) = line.split_once(' ').unwrap();
        assert_eq!(task, stage.replace('-', "_"));
        let reason = text.trim_start().strip_prefix("stale: ");
        assert!(reason.is_some() || text.trim_start().starts_with("fresh"), "{line}");
        reason.map(|why| (stage.to_owned(), why.to_owned()))
    };
    assert_eq!(said.out.lines().count(), 6, "{}", said.out);
    said.out.lines().zip(STAGES).filter_map(line).collect()
}

/// What `status` is to say, how many stages stay fresh before it, and what is changed.
type Change<'a> = (&'a str, usize, &'a dyn Fn());

#[test]
fn status_names_the_reason_and_agrees_with_what_make_would_run() {
    let sandbox = Sandbox::new();
    let touch = |name: &str| {
        fs::File::open(sandbox.path(name)).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    };
    let changes: [Change<'_>; 16] = [
        ("never run", 0, &|| ()),
        ("configuration changed", 2, &|| sandbox.configure("features", "c = 3")),
        ("the list of sources changed", 0, &|| sandbox.write("data/raw/b.csv", "x,y\n3,4\n")),
        ("output missing: data/processed/clean.csv", 1, &|| sandbox.remove("data/processed/clean.csv")),
        ("output missing: data/interim/raw_ingested.csv.lines.csv", 0, &|| {
            sandbox.remove("data/interim/raw_ingested.csv.lines.csv");
        }),
        ("output changed since it was written: models/model.pkl", 3, &|| {
            sandbox.append("models/model.pkl", "x");
        }),
        ("its manifest is damaged", 1, &|| sandbox.write("data/processed/clean.csv.meta.json", "{}")),
        ("input written again: data/interim/raw_ingested.csv", 1, &|| touch("data/interim/raw_ingested.csv")),
        ("schema.json changed", 1, &|| sandbox.write("schema.json", "{}")),
        ("clean.lock changed", 1, &|| sandbox.write("clean.lock", "{}")),
        ("ingest.lock changed", 0, &|| sandbox.write("ingest.lock", "{}")),
        ("its program is newer", 4, &|| {
            fs::copy(sandbox.program("ingest"), sandbox.program("evaluate")).unwrap();
        }),
        ("reports/report.md was edited", 5, &|| sandbox.append("reports/report.md", "A remark.\n")),
        ("reports/report.md is newer than its manifest", 5, &|| {
            sandbox.remove("reports/report.md");
            sandbox.runs(&[]);
            touch("reports/report.md");
        }),
        ("output missing: reports/report.md", 5, &|| sandbox.remove("reports/report.md")),
        ("the format of the tables changed", 0, &|| {
            sandbox.runs(&["FORMAT=arrow"]);
        }),
    ];
    for (reason, first, change) in changes {
        change();
        let before = sandbox.contents();
        let found = stale(&sandbox);
        assert_eq!(sandbox.contents(), before, "status changed something: {reason}");
        assert!(found.first().is_some_and(|(_, why)| why.contains(reason)), "{reason}: {found:?}");
        let names: Vec<String> = found.into_iter().map(|(stage, _)| stage).collect();
        assert_eq!(names, STAGES[first..], "{reason}");
        assert_eq!(sandbox.would_run(&["report"]), names, "{reason}");
        assert_eq!(sandbox.runs(&["report"]), names, "{reason}");
        assert_eq!(stale(&sandbox), [], "{reason}");
        assert!(sandbox.would_run(&["report"]).is_empty(), "{reason}");
    }
}

#[test]
fn a_dry_run_changes_nothing_but_state_files() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    sandbox.configure("clean", "c = 3");
    let outside_state = || {
        let mut all = sandbox.contents();
        all.retain(|(path, _)| !path.starts_with(sandbox.path(".millrace")));
        all
    };
    let before = outside_state();
    assert_eq!(sandbox.would_run(&[]), STAGES[1..]);
    assert_eq!(outside_state(), before);
    assert_eq!(sandbox.log().len(), 6);
}

#[test]
fn a_mistake_anywhere_in_the_configuration_stops_before_any_work() {
    let sandbox = Sandbox::new();
    sandbox.configure("report", "bad = 1");
    for goal in ["ingested", "status"] {
        let said = sandbox.make(&[goal]);
        assert!(!said.ok);
        assert!(said.err.contains("ERROR report: pipeline.toml: unknown key `bad`"), "{}", said.err);
        assert!(said.err.contains("Error 2"), "{}", said.err);
    }
    assert!(sandbox.log().is_empty());
}

#[test]
fn check_fails_where_a_gate_failed_and_report_does_not() {
    let sandbox = Sandbox::new();
    assert!(sandbox.make(&["check"]).out.contains("no gate failed"));
    sandbox.write("gate", "fail");
    sandbox.configure("evaluate", "gate = 1");
    assert!(sandbox.make(&["report"]).ok);
    let said = sandbox.make(&["check"]);
    assert!(!said.ok);
    assert!(said.err.contains("a gate failed") && said.err.contains("Error 12"), "{}", said.err);
}

#[test]
fn clean_says_what_was_meant_and_removes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    let before = sandbox.contents();
    let said = sandbox.make(&["clean"]);
    assert!(said.out.contains("make cleaned") && said.out.contains("make reset"), "{}", said.out);
    assert_eq!(sandbox.contents(), before);
}

#[test]
fn help_lists_goals_and_variables() {
    let said = Sandbox::new().make(&["help"]);
    for word in ["report", "status", "reset", "check", "test", "ingested", "PROJECT=", "FORMAT="] {
        assert!(said.out.lines().any(|line| line.trim_start().starts_with(word)), "{word}: {}", said.out);
    }
}
