//! Failures, kills, and two makes at once.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::sandbox::{FILES, STAGES, Sandbox};

/// Starts a make in a process group of its own and waits until `stage` runs.
fn start(sandbox: &Sandbox, stage: &str) -> Child {
    let mut make = sandbox.command(&["-j2"]);
    let child = make.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !sandbox.log().iter().any(|ran| ran == stage) {
        assert!(begun.elapsed() < Duration::from_mins(1), "{stage} never ran");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

#[test]
fn a_failing_stage_stops_the_chain_and_keeps_what_was_made() {
    for flags in [&["-j1"][..], &["-k", "-j4"]] {
        let sandbox = Sandbox::new();
        sandbox.runs(&[]);
        let report = std::fs::read(sandbox.path("reports/report.md")).unwrap();
        sandbox.configure("clean", "c = 3");
        sandbox.write("fail-feature-engineer", "");
        let said = sandbox.make(flags);
        assert!(!said.ok && said.err.contains("Error 11"), "{}", said.err);
        assert_eq!(sandbox.log()[6..], STAGES[1..3]);
        assert!(FILES.iter().all(|file| sandbox.is_file(file)));
        assert_eq!(std::fs::read(sandbox.path("reports/report.md")).unwrap(), report);
        assert!(
            sandbox.make(&["status"]).out.contains("report            stale: evaluate before it is stale")
        );
        sandbox.remove("fail-feature-engineer");
        assert_eq!(sandbox.runs(flags), STAGES[2..]);
    }
}

#[test]
fn two_makes_at_once_run_each_stage_once() {
    let sandbox = Sandbox::new();
    sandbox.write("slow-ingest", "0.5");
    let mut first = start(&sandbox, "ingest");
    let said = sandbox.make(&["-j2"]);
    assert!(said.ok && said.err.contains("waiting: another run of make"), "{}", said.err);
    assert!(first.wait().unwrap().success());
    assert_eq!(sandbox.log(), STAGES);
}

#[test]
fn a_make_killed_with_its_group_leaves_no_lock_and_the_next_one_finishes() {
    for (at, stage) in STAGES.iter().enumerate() {
        let sandbox = Sandbox::new();
        sandbox.write(&format!("slow-{stage}"), "5");
        let mut make = start(&sandbox, stage);
        kill_process_group(pid(&make), Signal::KILL).unwrap();
        make.wait().unwrap();
        sandbox.remove(&format!("slow-{stage}"));
        let begun = Instant::now();
        assert_eq!(sandbox.runs(&[]), STAGES[at..]);
        assert!(begun.elapsed() < Duration::from_secs(4), "waited for a lock");
        assert!(sandbox.runs(&[]).is_empty());
    }
}

#[test]
fn an_interrupted_make_ends_and_the_next_one_finishes() {
    let sandbox = Sandbox::new();
    sandbox.write("slow-clean", "5");
    let mut make = start(&sandbox, "clean");
    kill_process_group(pid(&make), Signal::INT).unwrap();
    assert!(!make.wait().unwrap().success());
    sandbox.remove("slow-clean");
    assert_eq!(sandbox.runs(&[]), STAGES[1..]);
}

#[test]
fn a_stage_that_outlives_its_make_still_holds_the_project() {
    let sandbox = Sandbox::new();
    sandbox.write("slow-ingest", "1");
    let mut make = start(&sandbox, "ingest");
    kill_process(pid(&make), Signal::KILL).unwrap();
    make.wait().unwrap();
    let said = sandbox.make(&[]);
    assert!(said.ok && said.err.contains("waiting: another run of make"), "{}", said.err);
    assert_eq!(sandbox.log(), STAGES);
}

#[test]
fn status_says_that_a_make_is_running() {
    let sandbox = Sandbox::new();
    sandbox.write("slow-ingest", "1");
    let mut make = start(&sandbox, "ingest");
    assert!(sandbox.make(&["status"]).err.contains("a make is running"));
    make.wait().unwrap();
}
