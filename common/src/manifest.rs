//! The manifest beside every checkpoint: what it holds, from what it was made, by what.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, reason};
use crate::ledger::Ledger;
use crate::project::beside;
use crate::schema::Field;
use crate::task::Task;
use crate::{hash, json, text};

/// Version of the manifest's form.
pub const FORMAT: u32 = 1;

/// Ending of a manifest's name.
pub const ENDING: &str = "meta.json";

/// Largest manifest read, in bytes.
const LARGEST: u64 = 256 << 20;

/// A file by name, content and size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileRecord {
    /// Path below the project folder, or the bare name of a file outside.
    pub name: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Number of bytes.
    pub bytes: u64,
}

impl FileRecord {
    /// A file of these bytes.
    #[must_use]
    pub fn of(name: String, bytes: &[u8]) -> Self {
        Self { name, sha256: hash::hex(bytes), bytes: bytes.len() as u64 }
    }
}

/// What stands beside a checkpoint as `<file>.meta.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub format: u32,
    /// The task that wrote the checkpoint.
    pub stage: String,
    /// Version of its program.
    pub version: String,
    /// SHA-256 of the effective configuration that affects the bytes (`--print-config`).
    pub config_sha256: String,
    /// What it read.
    pub inputs: Vec<FileRecord>,
    /// What it wrote.
    pub output: FileRecord,
    /// Further files written with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<FileRecord>,
    /// Columns, where the checkpoint is a table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Rows through all stages so far.
    #[serde(default)]
    pub ledger: Ledger,
    /// What this stage found (statistics, null rates, sources), for people and later stages.
    #[serde(default)]
    pub found: serde_json::Value,
    /// What this stage learned and `predict` must apply again.
    #[serde(default)]
    pub learned: serde_json::Value,
    /// What the stages before it learned, by task name.
    #[serde(default)]
    pub learned_before: serde_json::Map<String, serde_json::Value>,
}

impl Manifest {
    /// A manifest of `task` with everything but its identity left empty.
    #[must_use]
    pub fn new(task: Task, config: &str, inputs: Vec<FileRecord>) -> Self {
        Self {
            format: FORMAT,
            stage: task.name().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_sha256: hash::hex(config.as_bytes()),
            inputs,
            output: FileRecord { name: String::new(), sha256: String::new(), bytes: 0 },
            companions: Vec::new(),
            fields: Vec::new(),
            ledger: Ledger::default(),
            found: serde_json::Value::Null,
            learned: serde_json::Value::Null,
            learned_before: serde_json::Map::new(),
        }
    }

    /// Where the manifest of `file` stands.
    #[must_use]
    pub fn path_of(file: &Path) -> PathBuf {
        beside(file, ENDING)
    }

    /// Reads a manifest; nothing where there is none.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where it cannot be read, is damaged, or of another format.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        match path.metadata() {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::read(path, &e)),
            Ok(meta) if !meta.is_file() || meta.len() > LARGEST => {
                return Err(Error::checkpoint("a manifest is a regular file of at most 256 MiB").at(path));
            }
            Ok(_) => {}
        }
        let bytes = std::fs::read(path)
            .map_err(|e| Error::checkpoint(format!("cannot read: {}", reason(&e))).at(path))?;
        let damaged = |e: serde_json::Error| {
            Error::checkpoint(format!("the manifest is damaged ({e}); run the stage that wrote it again"))
                .at(path)
        };
        // The format first: a newer form may lack what this one needs.
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
        let format = value.get("format").and_then(serde_json::Value::as_u64);
        if format != Some(u64::from(FORMAT)) {
            let found = format.map_or_else(|| "none".to_owned(), |f| f.to_string());
            return Err(Error::checkpoint(format!(
                "manifest format {found}, this version reads {FORMAT}; run the stage that wrote it again"
            ))
            .at(path));
        }
        serde_json::from_value(value).map(Some).map_err(damaged)
    }

    /// Whether the row ledger balances: step by step, with this stage the last, and with the sources.
    ///
    /// # Errors
    /// The numbers that do not add up.
    pub fn check_ledger(&self) -> std::result::Result<(), String> {
        self.ledger.check()?;
        let Some(last) = self.ledger.0.last() else { return Ok(()) };
        let writes_rows = [Task::Ingest, Task::Clean, Task::FeatureEngineer].map(Task::name);
        if writes_rows.contains(&self.stage.as_str()) && last.stage != self.stage {
            let last = text::shown(&last.stage);
            return Err(format!("the row ledger ends with {last}, expected {}", self.stage));
        }
        // Each manifest after it carries the sources that the first one found.
        let own = self.stage == Task::Ingest.name();
        let carried = || self.learned_before.get(Task::Ingest.name());
        let found = if own { Some(&self.found) } else { carried() };
        let sources = found.and_then(|found| found.get("sources")).and_then(serde_json::Value::as_array);
        let counted = sources.filter(|all| own || all.iter().any(|one| one.get("lines").is_some()));
        match counted {
            Some(sources) => self.ledger.check_sources(sources),
            None if own => self.ledger.check_sources(&[]),
            None => Ok(()),
        }
    }

    /// The manifest as it is written.
    ///
    /// # Errors
    /// If something in it has no JSON form.
    pub fn to_json(&self) -> Result<String> {
        json::pretty(self)
    }
}
