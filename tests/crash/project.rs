//! Projects in memory and on disk: finished ones, and one that waits for a single stage.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use super::stages::{STAGES, Stage};
use super::support::panel::Panel;
use super::support::{files, program, write};

/// Bytes of files by their path below the project folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A finished run over one input, and one over another.
pub(crate) struct Finished {
    pub(crate) old: Files,
    pub(crate) new: Files,
}

const REPORT: &str = "reports/report.md";
const REPORTED: &Stage = &STAGES[STAGES.len() - 1];

/// What an analyst wrote.
pub(crate) const WORDS: [&str; 3] =
    ["Spring was dear.", "none at all, says the analyst", "about nothing on average"];

impl Finished {
    fn of(panel: fn(u64) -> Panel) -> Self {
        let finished = Self { old: run_all(panel(1)), new: run_all(panel(2)) };
        for name in STAGES.iter().flat_map(|stage| stage.writes) {
            assert_ne!(finished.old[*name], finished.new[*name], "{name}: old and new must differ");
        }
        finished
    }

    /// Small projects, made once.
    pub(crate) fn small() -> &'static Self {
        static SMALL: OnceLock<Finished> = OnceLock::new();
        SMALL.get_or_init(|| Self::of(Panel::small))
    }

    /// Large projects, made once.
    pub(crate) fn large() -> &'static Self {
        static LARGE: OnceLock<Finished> = OnceLock::new();
        LARGE.get_or_init(|| Self::of(Panel::large))
    }

    /// A project whose report an analyst changed: between blocks, inside of them, with a conflict and a note. What
    /// comes next is a report of other numbers.
    pub(crate) fn edited() -> &'static Self {
        static EDITED: OnceLock<Finished> = OnceLock::new();
        EDITED.get_or_init(|| {
            let finished = Self::small();
            let folder = on_disk(&finished.old);
            let report = folder.path().join(REPORT);
            let text = String::from_utf8(finished.old[REPORT].clone()).unwrap();
            let mae = text.split("misses by **").nth(1).unwrap().split("**").next().unwrap();
            let text = text
                .replace("[TO\u{44}O", &format!("{} Prices rose by {mae}. [TO\u{44}O", WORDS[0]))
                .replace("R² has no unit", &format!("R² has no unit ({})", WORDS[1]))
                .replace(&format!("**{mae}** on average"), WORDS[2]);
            write(&report, text);
            succeed(folder.path(), "report");
            let change = |files: &Files| {
                let inputs = files.iter().filter(|(name, _)| !REPORTED.writes.contains(&name.as_str()));
                inputs.for_each(|(name, bytes)| write(folder.path().join(name), bytes));
                succeed(folder.path(), "report");
                read_all(folder.path())
            };
            let (old, new) = (change(&finished.new), change(&run_all(Panel::small(3))));
            let old_report = String::from_utf8(old[REPORT].clone()).unwrap();
            let new_report = String::from_utf8(new[REPORT].clone()).unwrap();
            for text in [&old_report, &new_report] {
                assert!(WORDS.iter().all(|words| text.contains(words)), "{text}");
                assert!(text.contains("begin conflict"), "{text}");
            }
            assert!(old_report.contains("begin stale:") && old_report != new_report, "{old_report}");
            Self { old, new }
        })
    }

    /// A project in which `stage` is next: its inputs are new, its outputs and all after it old.
    pub(crate) fn before(&self, stage: &Stage) -> TempDir {
        let mut files = self.new.clone();
        for name in written_from(stage) {
            files.insert(name.to_owned(), self.old[name].clone());
        }
        on_disk(&files)
    }

    /// As [`Finished::before`], but nothing was there before.
    pub(crate) fn first(&self, stage: &Stage) -> TempDir {
        let mut files = self.new.clone();
        written_from(stage).for_each(|name| drop(files.remove(name)));
        on_disk(&files)
    }
}

/// What `stage` and the stages after it write.
fn written_from(stage: &Stage) -> impl Iterator<Item = &'static str> {
    let at = STAGES.iter().position(|s| s.name == stage.name).unwrap();
    STAGES[at..].iter().flat_map(|s| s.writes.iter().copied())
}

/// All stages over a made panel, undisturbed.
fn run_all(panel: Panel) -> Files {
    let folder = tempfile::tempdir().unwrap();
    panel.write(folder.path());
    for stage in &STAGES {
        succeed(folder.path(), stage.name);
    }
    read_all(folder.path())
}

fn on_disk(files: &Files) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        write(folder.path().join(name), bytes);
    }
    folder
}

/// Every file of a project but its logs and Make's state.
pub(crate) fn read_all(folder: &Path) -> Files {
    let mut all = Files::new();
    for path in files(folder) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("logs/") && !name.starts_with(".millrace/") {
            all.insert(name, std::fs::read(path).unwrap());
        }
    }
    all
}

/// The temporary files in a project.
pub(crate) fn temporaries(folder: &Path) -> Vec<String> {
    let names = files(folder).into_iter().map(|path| path.to_str().unwrap().to_owned());
    names.filter(|name| is_temporary(name)).collect()
}

/// Whether a file of this name is on its way, or was just replaced.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.contains(".tmp-") || name.contains(".aside-")
}

/// A program without what the caller's environment could change.
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    for name in ["RUST_LOG", "MILLRACE_RUN_ID", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MILLRACE_INNER"] {
        command.env_remove(name);
    }
    for name in ["MILLRACE_STALE", "PROJECT", "FORMAT", "BIN", "CARGO_TARGET_DIR", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
}

/// A stage in its project folder.
pub(crate) fn stage(folder: &Path, name: &str) -> Command {
    let mut command = command(program(name));
    command.current_dir(folder);
    command
}

/// Runs a stage that must succeed.
pub(crate) fn succeed(folder: &Path, name: &str) {
    let output = stage(folder, name).output().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(output.status.success(), "{name}: {}", said(&output));
}

/// What a program said on standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The errors among it.
pub(crate) fn errors(output: &Output) -> String {
    let said = said(output);
    let errors: Vec<&str> =
        said.lines().filter(|line| !line.starts_with("INFO") && !line.starts_with("WARN")).collect();
    errors.join("\n")
}

/// Shows a line even where the test passes, which `eprintln!` does not.
pub(crate) fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Ends a test with its counts: fails with the first mismatches, if any.
pub(crate) fn conclude(what: &str, cases: usize, mismatches: &[String]) {
    say(&format!("{what}: {cases} cases, {} mismatches", mismatches.len()));
    assert!(cases > 0, "{what}: nothing was tried");
    let shown: Vec<&str> = mismatches.iter().take(10).map(String::as_str).collect();
    assert!(mismatches.is_empty(), "{what}: {} of {cases}:\n{}", mismatches.len(), shown.join("\n"));
}
