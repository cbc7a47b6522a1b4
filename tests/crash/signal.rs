//! SIGTERM, SIGINT, SIGHUP, SIGSTOP and the end of a pipe.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::judge::{Judge, State};
use super::kill::{Moments, kills};
use super::project::{Finished, command, conclude, errors, said, stage, succeed, temporaries};
use super::stages::{STAGES, Stage, named};
use super::strace;
use super::support::program;

const SIGNALS: [(Signal, &str); 3] = [(Signal::TERM, "TERM"), (Signal::INT, "INT"), (Signal::HUP, "HUP")];

/// What a run that got `signal` must have ended with: 128+n, or 0 if it was done by then.
fn ended(code: Option<i32>, signal: Signal, state: State) -> Result<(), String> {
    match code {
        Some(0) if state == State::New => Ok(()),
        Some(code) if code == 128 + signal.as_raw() => Ok(()),
        other => Err(format!("{signal:?}: ended with {other:?}, {state:?}")),
    }
}

#[test]
fn a_signal_at_any_call_ends_a_stage_tidily() {
    if !strace::available() {
        return;
    }
    let (mut cases, mut stopped, mut mismatches) = (0, 0, Vec::new());
    let with_words = (named("report"), Finished::edited());
    for (stage, finished) in STAGES.iter().map(|stage| (stage, Finished::small())).chain([with_words]) {
        let calls = strace::changes(finished.before(stage).path(), stage.name);
        for (call, (signal, name)) in calls.iter().zip(SIGNALS.iter().cycle()) {
            let folder = finished.before(stage);
            let judge = Judge::new(finished, stage, folder.path());
            let how = format!("signal={name}");
            let output = strace::disturb(folder.path(), stage.name, call, &how, false);
            let verdict = judge.tidy_verdict(folder.path());
            stopped += usize::from(output.status.code() != Some(0));
            let outcome = verdict.and_then(|state| ended(output.status.code(), *signal, state));
            if let Err(e) = outcome.and_then(|()| judge.rerun(folder.path())) {
                mismatches.push(format!("{name} at {} of {}: {e}", call.name, call.arguments));
            }
            cases += 1;
        }
    }
    conclude(&format!("a signal at every call ({stopped} stopped)"), cases, &mismatches);
    assert!(stopped * 4 >= cases, "most signals came too late");
}

/// A temporary file must never be there without being known as one to remove: the stage is held
/// where it has made the file and not yet gone on, and where it is about to rename it.
#[test]
fn a_signal_between_two_steps_leaves_no_temporary_file() {
    if !strace::available() {
        return;
    }
    let (mut cases, mut mismatches) = (0, Vec::new());
    for stage in &STAGES {
        let finished = Finished::small();
        let calls = strace::changes(finished.before(stage).path(), stage.name);
        let mut files = 0;
        for call in calls.iter().filter(|call| call.arguments.contains(".tmp-")) {
            let held = match call.name.as_str() {
                "openat" => {
                    files += 1;
                    "delay_exit"
                }
                "renameat" | "rename" | "renameat2" => "delay_enter",
                _ => continue,
            };
            let folder = finished.before(stage);
            let judge = Judge::new(finished, stage, folder.path());
            let inject = format!("{}:{held}=400000:when={}", call.name, call.number);
            let code = signal_when(folder.path(), stage, &inject, files);
            files -= usize::from(call.is_rename());
            let outcome =
                judge.tidy_verdict(folder.path()).and_then(|state| ended(code, Signal::TERM, state));
            if let Err(e) = outcome.and_then(|()| judge.rerun(folder.path())) {
                mismatches.push(format!("held at {} of {}: {e}", call.name, call.arguments));
            }
            cases += 1;
        }
    }
    conclude("a signal between two steps", cases, &mismatches);
}

/// Runs a stage under strace and sends it SIGTERM soon after `files` temporary files are there.
fn signal_when(folder: &Path, stage: &Stage, inject: &str, files: usize) -> Option<i32> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let mut strace = command("strace");
    strace.current_dir(folder).args(["-f", "-o"]).arg(trace.path()).args(["-e", &format!("inject={inject}")]);
    let mut child = strace.arg(program(stage.name)).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while temporaries(folder).len() < files {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{}: never had {files} temporary files",
            stage.name
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(100));
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let traced = std::fs::read_to_string(children).unwrap();
    let pid = traced.trim().parse().ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    child.wait().unwrap().code()
}

/// A stage in its folder, its words kept to itself.
fn start(folder: &Path, name: &str) -> Child {
    stage(folder, name).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn signals_at_random_moments_end_a_stage_at_once() {
    let (mut cases, mut caught, mut mismatches) = (0, 0, Vec::new());
    for stage in &STAGES {
        let finished = Finished::large();
        let folder = finished.before(stage);
        let begun = Instant::now();
        succeed(folder.path(), stage.name);
        let mut moments = Moments::new(begun.elapsed(), 3);
        let mut signals = SIGNALS.iter().cycle();
        while !moments.are(kills().div_ceil(3)) {
            let (signal, _) = signals.next().unwrap();
            let folder = finished.before(stage);
            let judge = Judge::new(finished, stage, folder.path());
            let mut child = start(folder.path(), stage.name);
            std::thread::sleep(moments.next());
            kill_process(Pid::from_child(&child), *signal).unwrap();
            let sent = Instant::now();
            let code = child.wait().unwrap().code();
            let late = sent.elapsed() > Duration::from_secs(2);
            moments.count(code != Some(0));
            caught += usize::from(code == Some(128 + signal.as_raw()));
            let outcome = match judge.tidy_verdict(folder.path()) {
                Ok(_) if late => Err("took more than 2 s to end".to_owned()),
                // Before the stage has begun to watch for signals they end it, and there is nothing to tidy.
                Ok(State::Old) if code.is_none() => Ok(()),
                verdict => verdict.and_then(|state| ended(code, *signal, state)),
            };
            if let Err(e) = outcome.and_then(|()| judge.rerun(folder.path())) {
                mismatches.push(format!("{}: {e}", stage.name));
            }
            cases += 1;
        }
    }
    conclude(&format!("signals at random moments ({caught} caught)"), cases, &mismatches);
    assert!(caught * 2 >= cases, "most signals came before a stage had begun");
}

#[test]
fn a_stage_that_was_stopped_goes_on() {
    let mut mismatches = Vec::new();
    for stage in &STAGES {
        let finished = Finished::large();
        let mut wait = Duration::from_millis(16);
        // Some stages take only a few milliseconds.
        loop {
            let folder = finished.before(stage);
            let judge = Judge::new(finished, stage, folder.path());
            let mut child = start(folder.path(), stage.name);
            std::thread::sleep(wait);
            kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
            std::thread::sleep(Duration::from_millis(300));
            let state = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
            kill_process(Pid::from_child(&child), Signal::CONT).unwrap();
            assert!(child.wait().unwrap().success());
            if judge.tidy_verdict(folder.path()) != Ok(State::New) {
                mismatches.push(stage.name.to_owned());
            }
            if state.contains(") T ") {
                break;
            }
            wait /= 2;
            assert!(wait > Duration::from_micros(100), "{}: never stopped in time", stage.name);
        }
    }
    conclude("stopped and continued", STAGES.len(), &mismatches);
}

/// `STAGE -o - | head -n 1` and `STAGE -o - | true`: more than a pipe holds, and a reader that left.
#[test]
fn a_reader_that_leaves_is_no_failure() {
    let (mut cases, mut mismatches) = (0, Vec::new());
    for stage in &STAGES {
        for reader in ["head -n 1", "true"] {
            let finished = Finished::large();
            let folder = finished.before(stage);
            let judge = Judge::new(finished, stage, folder.path());
            let script = format!("{{ \"$0\" -o -; echo $? >code; }} | {reader}");
            let mut shell = command("sh");
            let output = shell.current_dir(folder.path()).args(["-c", &script]).arg(program(stage.name));
            let output = output.output().unwrap();
            let code = std::fs::read_to_string(folder.path().join("code")).unwrap();
            std::fs::remove_file(folder.path().join("code")).unwrap();
            let quiet = errors(&output).is_empty() && !said(&output).contains("panicked");
            let first_line = reader == "true" || output.stdout.contains(&b'\n');
            let verdict = judge.tidy_verdict(folder.path());
            if !["0", "141"].contains(&code.trim()) || !quiet || !first_line || verdict != Ok(State::Old) {
                mismatches.push(format!("{} | {reader}: {code}{verdict:?} {}", stage.name, said(&output)));
            }
            cases += 1;
        }
    }
    conclude("a reader that leaves", cases, &mismatches);
}
