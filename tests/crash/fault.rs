//! One call refused by the disk, or every call from one on: the stage says which file (22), keeps
//! what was there, leaves nothing, and writes the right bytes when the disk is well again.

use std::path::Path;
use std::process::Output;

use super::judge::{Judge, State};
use super::project::{Finished, conclude, errors};
use super::stages::{Stage, named};
use super::strace::{self, Call, disturb};

/// What is done to a call.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It fails.
    Once(&'static str),
    /// It fails, as do all of its name after it.
    FromHere(&'static str),
    /// A signal interrupts it before it has done anything.
    Interrupted,
}

impl Fault {
    /// The faults that a call can meet.
    fn of(call: &Call) -> Vec<Self> {
        use Fault::{FromHere, Interrupted, Once};
        match call.name.as_str() {
            _ if call.is_terminal() => vec![Once("EIO"), Once("EPIPE"), Interrupted],
            // Reading opens files too, so only this one may fail.
            "openat" => vec![Once("ENOSPC"), Once("EIO"), Interrupted],
            "write" if call.is_log() => vec![Once("EIO"), FromHere("ENOSPC"), Interrupted],
            "write" => vec![Once("ENOSPC"), Once("EIO"), FromHere("ENOSPC"), Interrupted],
            "fsync" => vec![Once("EIO"), Once("ENOSPC"), FromHere("EIO"), Interrupted],
            "fchmod" => vec![Once("EIO"), FromHere("EPERM"), Interrupted],
            _ => vec![Once("ENOSPC"), Once("EIO"), FromHere("EROFS")],
        }
    }

    fn inject(self) -> String {
        match self {
            Self::Once(error) | Self::FromHere(error) => format!("error={error}"),
            Self::Interrupted => "error=EINTR".to_owned(),
        }
    }
}

/// The name of the file that a call is about, as a message shows it.
fn name_of(call: &Call) -> String {
    let name = call.file().rsplit('/').next().unwrap_or_default();
    assert!(!name.is_empty(), "{call:?}");
    match name.split_once(".tmp-").or_else(|| name.split_once(".aside-")) {
        Some((hidden, _)) => hidden.trim_start_matches('.').to_owned(),
        None if name == strace::FOLDER => ": .: ".to_owned(),
        None => name.to_owned(),
    }
}

/// Runs a stage with a fault and compares the outcome with what must be.
fn meet(
    finished: &'static Finished,
    stage: &'static Stage,
    calls: &[Call],
    at: usize,
    fault: Fault,
    first: bool,
) -> Result<(), String> {
    let call = &calls[at];
    let folder = if first { finished.first(stage) } else { finished.before(stage) };
    let judge = Judge::new(finished, stage, folder.path());
    let from_here = matches!(fault, Fault::FromHere(_));
    let output = disturb(folder.path(), stage.name, call, &fault.inject(), from_here);
    // Where nothing can be removed, something stays.
    let stays = call.name.starts_with("unlink") && from_here;
    let from = if stays { judge.verdict(folder.path())? } else { judge.tidy_verdict(folder.path())? };
    let code = output.status.code();
    // The log comes first, with its folder.
    let is_log = call.is_log() || !calls[..at].iter().any(|call| call.is_log() && call.name == "openat");
    let is_report = stage.name == "report" && !from_here && !is_log;
    if call.is_terminal() || matches!(fault, Fault::Interrupted) || is_report {
        // Nothing is lost: a terminal does not matter, a call that was interrupted is made again, and
        // `report` writes a second time.
        if (code, from) != (Some(0), State::New) {
            return Err(format!("exit {code:?}, {from:?}, expected success: {}", errors(&output)));
        }
    } else {
        // What `report` says is about its second try, which may come as far as another file.
        let any = stage.writes.iter().filter_map(|name| name.rsplit('/').next()).chain(["reports"]);
        let names = match stage.name {
            "report" if !is_log => any.map(str::to_owned).collect(),
            _ => vec![name_of(call)],
        };
        refused(&output, &names, from_here && call.name == "write")?;
        let renamed = calls[..at].iter().any(Call::is_rename);
        if !renamed && !is_log && from != State::Old {
            return Err("the old output is gone".to_owned());
        }
    }
    logged(folder.path(), stage, &output)?;
    judge.rerun(folder.path())
}

/// The stage ended with 22 and, where the terminal was not refused too, a line that names the file.
fn refused(output: &Output, names: &[String], mute: bool) -> Result<(), String> {
    let said = errors(output);
    let error = said.lines().find(|line| line.starts_with("ERROR")).unwrap_or_default();
    if output.status.code() != Some(22) || !(mute || names.iter().any(|name| error.contains(name))) {
        return Err(format!("exit {:?}, expected 22 and a name of {names:?}: {said}", output.status.code()));
    }
    Ok(())
}

/// A run that ended well has a complete log.
fn logged(folder: &Path, stage: &Stage, output: &Output) -> Result<(), String> {
    let log = format!("logs/{}.log", stage.name.replace('-', "_"));
    let log = std::fs::read_to_string(folder.join(log)).unwrap_or_default();
    if output.status.success() && !log.contains("done in") {
        return Err("the log does not say that the stage ended".to_owned());
    }
    Ok(())
}

/// Every fault at every call of `name`.
fn meet_all(name: &str) {
    meet_all_of(Finished::small, name, &[false, true]);
}

fn meet_all_of(finished: fn() -> &'static Finished, name: &str, runs: &[bool]) {
    if !strace::available() {
        return;
    }
    let (stage, finished) = (named(name), finished());
    let (mut cases, mut mismatches) = (0, Vec::new());
    for &first in runs {
        let folder = if first { finished.first(stage) } else { finished.before(stage) };
        let calls = strace::changes(folder.path(), name);
        for (at, call) in calls.iter().enumerate() {
            // A folder is made only where there is none; all else is the same in a first run.
            let folder_call = call.name == "mkdir";
            if folder_call && !call.succeeded() || first != folder_call {
                continue;
            }
            for fault in Fault::of(call) {
                cases += 1;
                if let Err(e) = meet(finished, stage, &calls, at, fault, first) {
                    mismatches.push(format!("{fault:?} at {} {}: {e}", call.name, call.arguments));
                }
            }
        }
    }
    conclude(&format!("{name}, every call refused"), cases, &mismatches);
}

#[test]
fn ingest_survives_a_disk_that_refuses_any_call() {
    meet_all("ingest");
}

#[test]
fn clean_survives_a_disk_that_refuses_any_call() {
    meet_all("clean");
}

#[test]
fn feature_engineer_survives_a_disk_that_refuses_any_call() {
    meet_all("feature-engineer");
}

#[test]
fn train_model_survives_a_disk_that_refuses_any_call() {
    meet_all("train-model");
}

#[test]
fn evaluate_survives_a_disk_that_refuses_any_call() {
    meet_all("evaluate");
}

#[test]
fn report_survives_a_disk_that_refuses_any_call() {
    meet_all("report");
}

#[test]
fn a_report_with_words_survives_a_disk_that_refuses_any_call() {
    meet_all_of(Finished::edited, "report", &[false]);
}

#[test]
fn the_file_of_a_call_is_the_one_that_messages_name() {
    let name = |arguments: &str| {
        name_of(&Call {
            name: String::new(),
            number: 1,
            arguments: arguments.to_owned(),
            result: String::new(),
        })
    };
    assert_eq!(name("8<PROJECT/data/.clean.csv.tmp->, \"\"..., 40"), "clean.csv");
    assert_eq!(name("AT_FDCWD<PROJECT>, \"PROJECT/a/.x.tmp-\", AT_FDCWD<PROJECT>, \"a/x\""), "x");
    assert_eq!(name("8<PROJECT/models>"), "models");
    assert_eq!(name("\"logs\", 0777"), "logs");
}
