//! A project, a folder of stub stages, and `make` in them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub(crate) const STAGES: [&str; 6] =
    ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"];

const CONFIG: &str = "[project]\ntarget = \"y\"\n[ingest]\na = 1\n[clean]\na = 1\n[features]\na = 1\n\
                      [train]\na = 1\n[evaluate]\na = 1\n[report]\na = 1\n[notify]\na = 1\n";

/// The files of a finished run that Make knows.
pub(crate) const FILES: [&str; 12] = [
    "data/interim/raw_ingested.csv",
    "data/interim/raw_ingested.csv.lines.csv",
    "data/interim/raw_ingested.csv.meta.json",
    "data/processed/clean.csv",
    "data/processed/clean.csv.meta.json",
    "data/processed/features.csv",
    "data/processed/features.csv.meta.json",
    "models/model.pkl",
    "models/model.pkl.meta.json",
    "reports/metrics.json",
    "reports/metrics.json.meta.json",
    "reports/report.md.meta.json",
];

pub(crate) struct Sandbox {
    pub(crate) dir: TempDir,
    pub(crate) project: PathBuf,
    bin: PathBuf,
}

/// What a `make` said.
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Stub stages and the real `millrace` in `bin`, as links.
pub(crate) fn install(bin: &Path) {
    fs::create_dir_all(bin).unwrap();
    for stage in STAGES {
        // Copies, so that one program can be newer than the others.
        fs::copy(repository().join("tests/fixtures/stub_stage.sh"), bin.join(stage)).unwrap();
    }
    symlink(env!("CARGO_BIN_EXE_millrace"), bin.join("millrace")).unwrap();
    // Not run here: they only have to be there.
    for program in ["new-project", "predict", "monitor"] {
        symlink(env!("CARGO_BIN_EXE_millrace"), bin.join(program)).unwrap();
    }
}

/// A command without what an outer make or a user's shell may have set.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MILLRACE_INNER", "MILLRACE_STALE", "MILLRACE_RUN_ID"] {
        command.env_remove(name);
    }
    for name in ["PROJECT", "FORMAT", "FEATURES", "BIN", "CARGO_TARGET_DIR", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self::named("project", "bin")
    }

    /// A project and programs in folders of the given names.
    pub(crate) fn named(project: &str, bin: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (project, bin) = (dir.path().join(project), dir.path().join(bin));
        install(&bin);
        fs::create_dir_all(project.join("data/raw")).unwrap();
        let sandbox = Self { dir, project, bin };
        sandbox.write("pipeline.toml", CONFIG);
        sandbox.write("data/raw/a.csv", "x,y\n1,2\n");
        sandbox
    }

    /// `make` with `goals` (and flags), ready to start.
    pub(crate) fn command(&self, goals: &[&str]) -> Command {
        let mut make = command("make");
        let variable = |name: &str, path: &Path| {
            let mut text = std::ffi::OsString::from(name);
            text.push(path);
            text
        };
        make.current_dir(self.dir.path()).arg("-f").arg(repository().join("Makefile")).args(goals);
        make.arg(variable("PROJECT=", &self.project)).arg(variable("BIN=", &self.bin));
        make
    }

    pub(crate) fn make(&self, goals: &[&str]) -> Said {
        said(&mut self.command(goals))
    }

    /// As [`Sandbox::make`], for a make that must succeed; gives the stages that ran.
    pub(crate) fn runs(&self, goals: &[&str]) -> Vec<String> {
        let before = self.log().len();
        let said = self.make(goals);
        assert!(said.ok, "{}{}", said.out, said.err);
        self.log().split_off(before)
    }

    /// The stages that ran so far.
    pub(crate) fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.project.join("runs.log")).unwrap_or_default();
        log.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    /// The stages that a `make -n` would run.
    pub(crate) fn would_run(&self, goals: &[&str]) -> Vec<String> {
        let said = self.make(&[&["-n"], goals].concat());
        assert!(said.ok, "{}", said.err);
        let ran = |stage: &&&str| said.out.lines().any(|line| line.contains(&format!("/{stage}' -")));
        STAGES.iter().filter(ran).map(|stage| (*stage).to_owned()).collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.project.join(name)
    }

    pub(crate) fn program(&self, stage: &str) -> PathBuf {
        self.bin.join(stage)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn append(&self, name: &str, text: &str) {
        let old = fs::read_to_string(self.path(name)).unwrap();
        self.write(name, &format!("{old}{text}"));
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Gives the value in one section of the configuration.
    pub(crate) fn configure(&self, section: &str, line: &str) {
        let text = fs::read_to_string(self.path("pipeline.toml")).unwrap();
        self.write(
            "pipeline.toml",
            &text.replace(&format!("[{section}]\n"), &format!("[{section}]\n{line}\n")),
        );
    }

    pub(crate) fn is_file(&self, name: &str) -> bool {
        self.path(name).is_file()
    }

    /// Name and bytes of every file of the project but the log of runs.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.project.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if entry.file_name() != "runs.log" {
                    found.push((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        ok: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
