//! A full device, and a limit on the size of files.

use std::path::{Path, PathBuf};

use super::judge::{Judge, State};
use super::project::{Finished, command, conclude, errors, say};
use super::stages::{STAGES, Stage, named};
use super::support::{program, read};

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/crash/full_device.sh")
        .canonicalize()
        .unwrap()
}

/// Whether a device can be mounted here, for one process only; says loudly if not.
fn can_mount() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mount = ["-rm", "mount", "-t", "tmpfs", "-o", "size=4m", "millrace"];
    let works = command("unshare").args(mount).arg(folder.path()).output().is_ok_and(|o| o.status.success());
    if !works {
        say("SKIPPED: no device can be mounted here; a full device is NOT tested");
    }
    works
}

/// Runs `stage` with `blocks` of 4 KiB free; true if that was enough.
fn run_with(finished: &'static Finished, stage: &'static Stage, blocks: usize) -> Result<bool, String> {
    let (project, out) = (finished.before(stage), tempfile::tempdir().unwrap());
    let judge = Judge::new(finished, stage, project.path());
    let mut unshare = command("unshare");
    unshare.arg("-rm").arg(script()).arg(project.path()).arg(blocks.to_string());
    let output = unshare.arg(program(stage.name)).arg(out.path()).output().unwrap();
    let said = std::fs::read_to_string(out.path().join("said")).unwrap_or_default();
    if !output.status.success() {
        return Err(format!("not well when there is space again: {}{said}", errors(&output)));
    }
    let from = judge.tidy_verdict(&out.path().join("full"))?;
    if judge.tidy_verdict(&out.path().join("well"))? != State::New {
        return Err("other bytes when there is space again".to_owned());
    }
    let names = stage.writes.iter().any(|name| said.contains(name)) || said.contains("logs/");
    let explained = said.contains("no space left on the device") || said.contains("log could not be written");
    match (read(out.path().join("code")).trim(), from) {
        ("0", State::New) => Ok(true),
        // The last thing written is the log: without space for it the stage has failed, its outputs not.
        ("22", State::Old) if names && explained => Ok(false),
        // Figures are put in place one by one, before the report.
        ("22", State::Between) if stage.name == "report" && names && explained => Ok(false),
        ("22", State::New) if said.contains("the log could not be written") => Ok(false),
        (code, from) => Err(format!("exit {code}, {from:?}: {said}")),
    }
}

#[test]
fn a_full_device_keeps_what_was_there() {
    if !can_mount() {
        return;
    }
    let (mut cases, mut mismatches) = (0, Vec::new());
    let with_words = (named("report"), Finished::edited());
    for (stage, finished) in STAGES.iter().map(|stage| (stage, Finished::small())).chain([with_words]) {
        let (mut refused, mut blocks, mut enough) = (0, 0, 0);
        // Until there is space enough, and a little more.
        while enough < 3 {
            assert!(blocks < 500, "{}: never enough", stage.name);
            match run_with(finished, stage, blocks) {
                Ok(true) => enough += 1,
                Ok(false) if enough == 0 => refused += 1,
                Ok(false) => {
                    mismatches.push(format!("{}: {blocks} blocks do not suffice, fewer did", stage.name));
                }
                Err(e) => mismatches.push(format!("{}, {blocks} blocks free: {e}", stage.name)),
            }
            (blocks, cases) = (blocks + 1, cases + 1);
        }
        assert!(refused >= 3, "{}: refused {refused} times only", stage.name);
    }
    conclude("full device", cases, &mismatches);
}

/// `ulimit -f`: SIGXFSZ must not kill; half of the checkpoint fits.
#[test]
fn a_limit_on_file_sizes_keeps_what_was_there() {
    let finished = Finished::small();
    let mut mismatches = Vec::new();
    for stage in &STAGES {
        let folder = finished.before(stage);
        let judge = Judge::new(finished, stage, folder.path());
        // In blocks of 512 bytes.
        let limit = finished.new[stage.checkpoint()].len() / 1024;
        let mut shell = command("sh");
        shell.current_dir(folder.path()).args(["-c", "ulimit -f $1 && exec \"$2\"", "sh"]);
        let output = shell.arg(limit.to_string()).arg(program(stage.name)).output().unwrap();
        let (code, said) = (output.status.code(), errors(&output));
        let verdict = judge.tidy_verdict(folder.path());
        let named = stage.writes.iter().any(|name| said.contains(name))
            && said.contains("the file would exceed the size limit");
        let kept = verdict == Ok(State::Old) || stage.name == "report" && verdict == Ok(State::Between);
        if code != Some(22) || !named || !kept {
            mismatches.push(format!("{}: exit {code:?}, {verdict:?}: {said}", stage.name));
        }
        mismatches.extend(judge.rerun(folder.path()).err());
    }
    conclude("a limit on file sizes", STAGES.len(), &mismatches);
}
