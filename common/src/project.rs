//! Where the files of a project lie.

use std::path::{Component, Path, PathBuf};

use crate::task::Task;
use crate::text;

/// A project folder and the standard names in it.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

/// File names below the project folder.
pub mod names {
    /// Configuration, for people.
    pub const CONFIG: &str = "pipeline.toml";
    /// The contract on columns, for people.
    pub const SCHEMA: &str = "schema.json";
    /// What is known of remote sources.
    pub const SOURCES_LOCK: &str = "sources.lock";
    /// What `ingest` found and a person accepted.
    pub const INGEST_LOCK: &str = "ingest.lock";
    /// What `clean` found and a person accepted.
    pub const CLEAN_LOCK: &str = "clean.lock";
    /// Snapshots of remote sources.
    pub const SNAPSHOTS: &str = "data/snapshots";
    /// Effective configuration of each stage and the list of sources, rewritten only on change.
    pub const STATE: &str = ".millrace";
    /// Logs.
    pub const LOGS: &str = "logs";
}

impl Project {
    /// The project in folder `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The project folder as it was given.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `relative` below the project folder (an absolute path stays as it is).
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        let joined = self.root.join(relative);
        joined.strip_prefix(".").map(Path::to_path_buf).unwrap_or(joined)
    }

    /// The name under which files record `path`: relative to the project where it lies below it,
    /// else the bare file name, so that no folder of one machine gets into a checkpoint.
    #[must_use]
    pub fn record_name(&self, path: &Path) -> String {
        let absolute = |p: &Path| std::path::absolute(p).map_or_else(|_| p.to_path_buf(), |p| lexical(&p));
        let (root, file) = (absolute(&self.root), absolute(path));
        match file.strip_prefix(&root) {
            Ok(below) => text::lossless(below.as_os_str()),
            Err(_) => file.file_name().map(text::lossless).unwrap_or_default(),
        }
    }

    /// The checkpoint that `task` writes where `-o` is not given.
    #[must_use]
    pub fn output_of(&self, task: Task) -> PathBuf {
        self.path(match task {
            Task::Ingest => "data/interim/raw_ingested.csv",
            Task::Clean => "data/processed/clean.csv",
            Task::FeatureEngineer => "data/processed/features.csv",
            Task::TrainModel => "models/model.pkl",
            Task::Evaluate => "reports/metrics.json",
            Task::Report => "reports/report.md",
            Task::Predict => "reports/forecast.csv",
            Task::Monitor => "reports/monitor.json",
        })
    }

    /// The checkpoints that `task` reads where `-i` is not given.
    #[must_use]
    pub fn inputs_of(&self, task: Task) -> Vec<PathBuf> {
        task.before().iter().map(|t| self.output_of(*t)).collect()
    }

    /// The log file of a task.
    #[must_use]
    pub fn log_of(&self, task: Task) -> PathBuf {
        self.path(names::LOGS).join(format!("{}.log", task.name()))
    }
}

/// `path` without `.` and `..`, decided on the text alone.
#[must_use]
pub fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// `file` with `.ending` appended: `clean.csv` and `meta.json` give `clean.csv.meta.json`.
#[must_use]
pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
