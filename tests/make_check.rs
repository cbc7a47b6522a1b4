//! `make check` with the real programs: from a fresh state, when all is up to date, and after a change of limits.
#![allow(
    clippy::allow_attributes,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::path::Path;
use std::process::Command;

use support::{files, json, program, read, repository, write};

/// Whether make succeeded, and what it said.
fn make(project: &Path, goals: &[&str]) -> (bool, String) {
    let programs = program("ingest").parent().unwrap().display().to_string();
    let mut make = Command::new("make");
    make.arg("-C")
        .arg(repository())
        .arg(format!("PROJECT={}", project.display()))
        .arg(format!("BIN={programs}"));
    let output = make.args(goals).env_remove("MAKEFLAGS").env_remove("MAKELEVEL").output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.success(), said)
}

#[test]
fn check_fails_exactly_where_a_gate_is_broken_and_the_report_is_there_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path();
    let from = repository().join("examples/mpg");
    for file in files(&from.join("data/raw")) {
        write(project.join("data/raw").join(file.file_name().unwrap()), std::fs::read(&file).unwrap());
    }
    let configure =
        |gates: &str| write(project.join("pipeline.toml"), read(from.join("pipeline.toml")) + gates);
    let broken = "\n[gates.fail]\n\"test.r2\" = { min = 1.1 }\n\"test.n\" = { min = 1 }\n";
    configure(broken);
    // A fresh state.
    let (ok, said) = make(project, &["check"]);
    assert!(
        !ok && said.contains("a gate failed: `test.r2`; see the report") && said.contains("Error 12"),
        "{said}"
    );
    assert!(said.contains("gate broken: `test.r2` is 0."), "{said}");
    assert!(!project.join("reports/report.md").exists());
    // The chain goes on.
    let (ok, said) = make(project, &["report"]);
    assert!(ok, "{said}");
    assert!(read(project.join("reports/report.md")).contains("“test.r2” fails"));
    assert_eq!(json(project.join("reports/metrics.json"))["status"], "fail");
    // All is up to date: nothing runs, and the check still fails.
    let (ok, said) = make(project, &["check"]);
    assert!(!ok && said.contains("a gate failed: `test.r2`") && !said.contains("evaluate'"), "{said}");
    // Another limit reruns what depends on it, and nothing else.
    configure("\n[gates.warn]\n\"test.r2\" = { min = 1.1 }\n");
    let (ok, said) = make(project, &["check"]);
    assert!(ok && said.contains("check: no gate failed, with warnings"), "{said}");
    assert!(said.contains("/evaluate'") && !said.contains("/train-model'"), "{said}");
    configure("");
    let (ok, said) = make(project, &["check", "report"]);
    assert!(ok && said.contains("check: no gate failed\n"), "{said}");
    // A limit that no file can have stops before any stage.
    configure("\n[gates.fail]\n\"test.mea\" = { max = 1 }\n");
    let (ok, said) = make(project, &["ingested"]);
    assert!(
        !ok && said.contains("`test.mea` is no figure (did you mean `test.mae`?)")
            && said.contains("Error 2"),
        "{said}"
    );
}
