//! `millrace make`: one run at a time, the state files, then the inner make in its place.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use common::{Error, Result, error, lock, logging};
use rustix::io::{FdFlags, fcntl_setfd};

use crate::Outcome;
use crate::dag::Dag;
use crate::state::State;
use crate::verdict;

/// Tells the Makefile that it is the inner one.
const INNER: &str = "MILLRACE_INNER";

/// Programs whose stages run whatever the times of their files say.
const STALE: &str = "MILLRACE_STALE";

/// Locks the project, brings its state up to date and becomes `command`.
pub(crate) fn run(dag: &Dag, command: &[OsString]) -> Outcome {
    let folder = hold(dag)?;
    let state = State::probe(dag)?;
    correct_times(dag);
    let verdicts = verdict::all(dag, &state)?;
    state.write()?;
    let stale: Vec<String> =
        verdicts.iter().filter(|v| !v.reasons.is_empty()).map(|v| v.task.program()).collect();
    let [program, arguments @ ..] = command else { return Ok(()) };
    // The lock goes to the inner make and its children, and is free when the last of them ends.
    fcntl_setfd(&folder, FdFlags::empty())
        .map_err(|e| Error::unexpected(format!("cannot pass the lock on: {e}")))?;
    let failed = Command::new(program)
        .args(arguments)
        .current_dir(dag.project.root())
        .env(INNER, "1")
        .env(STALE, stale.join(" "))
        .env(logging::RUN_ID, logging::new_run_id())
        .exec();
    Err(Error::unexpected(format!("cannot run: {}", error::reason(&failed))).at(Path::new(program)).into())
}

/// The project folder, open and locked.
pub(crate) fn hold(dag: &Dag) -> Result<File> {
    let folder = open(dag)?;
    lock::exclusive(&folder, dag.project.root(), "make")?;
    Ok(folder)
}

/// Whether a make holds the project now.
pub(crate) fn is_held(dag: &Dag) -> bool {
    open(dag).is_ok_and(|folder| matches!(folder.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn open(dag: &Dag) -> Result<File> {
    let root = dag.project.root();
    File::open(root).map_err(|e| Error::read(root, &e))
}

/// Gives files dated after now the time of now: a clock that was wrong would make a stage run each
/// time, or hide every change until that time has come.
fn correct_times(dag: &Dag) {
    let now = SystemTime::now();
    for rule in dag.rules() {
        let needs = rule.needs.iter().map(|(_, path)| path);
        for path in rule.targets.iter().chain(needs) {
            let Ok(file) = File::open(path) else { continue };
            if file.metadata().and_then(|m| m.modified()).is_ok_and(|time| time > now) {
                // Another user's file keeps its time; the hashes still decide.
                let _ = file.set_modified(now);
            }
        }
    }
}
