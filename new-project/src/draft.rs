//! The raw files as one table of texts, read by the library of `ingest` into a folder that does not stay.

use std::path::{Path, PathBuf};

use clap::Parser as _;
use common::manifest::Manifest;
use common::project::names;
use common::{Class, Error, Project, Result, publish};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tempfile::TempDir;

use crate::raw::Entry;
use crate::{quoted, types};

/// What was read.
pub(crate) struct Draft {
    /// Holds the table until nothing reads it any more.
    _folder: TempDir,
    pub(crate) table: PathBuf,
    pub(crate) names: Vec<String>,
    pub(crate) rows: u64,
    /// Number of sources.
    pub(crate) sources: u64,
    /// What parts cells, where all sources have the same.
    pub(crate) delimiters: Vec<String>,
}

impl Draft {
    /// Reads all sources.
    ///
    /// # Errors
    /// What `ingest` says of them; without waiting.
    pub(crate) fn read(project: &Project, entries: &[Entry], keys: &toml::Table) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("millrace-new-").tempdir();
        let folder = folder.map_err(|e| Error::write(&std::env::temp_dir(), &e))?;
        remove_at_signals(folder.path().to_path_buf())?;
        let (config, table) = (folder.path().join(names::CONFIG), folder.path().join("raw.csv"));
        let sources: Vec<&str> = entries.iter().map(|e| e.source.as_str()).collect();
        let mut text = format!("[ingest]\nsources = {}\n", quoted::list(&sources));
        if !keys.contains_key("retries") {
            text.push_str("retries = 0\n");
        }
        // Words for a missing value that one file has and another has not are no difference in type.
        let words: Vec<&str> = types::words(keys).collect();
        text.push_str(&format!("null_tokens = {}\n", quoted::list(&words)));
        for (key, value) in keys.iter().filter(|(key, _)| *key != "null_tokens") {
            text.push_str(&format!("{} = {}\n", quoted::key(key), value_text(value)));
        }
        text.push_str("[project]\ntarget = \"-\"\n");
        publish::write_if_changed(&config, text.as_bytes())?;
        let words = ["ingest", "--project"].map(PathBuf::from).into_iter();
        let words = words.chain([project.root().to_path_buf(), "--config".into(), config]);
        let arguments = ingest::Args::try_parse_from(words.chain(["-o".into(), table.clone()]))
            .map_err(|e| Error::unexpected(e.to_string()))?;
        ingest::run(&arguments).map_err(|e| hinted(e, keys))?;
        let manifest = Manifest::read(&Manifest::path_of(&table))?
            .ok_or_else(|| Error::unexpected("ingest wrote no manifest"))?;
        let list =
            |key: &str| manifest.found.get(key).and_then(|v| v.as_array()).cloned().unwrap_or_default();
        let delimiter =
            |d: &serde_json::Value| d.get("delimiter").and_then(|v| v.as_str()).map(str::to_owned);
        let mut delimiters: Vec<String> = list("dialects").iter().filter_map(delimiter).collect();
        delimiters.dedup();
        Ok(Self {
            names: manifest.fields.iter().map(|f| f.name.clone()).collect(),
            rows: manifest.ledger.0.last().map_or(0, |step| step.rows_out),
            sources: list("sources").len() as u64,
            delimiters,
            table,
            _folder: folder,
        })
    }
}

/// A value of TOML as text.
pub(crate) fn value_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => quoted::string(text),
        toml::Value::Integer(n) => n.to_string(),
        toml::Value::Float(x) => format!("{x:?}"),
        toml::Value::Boolean(b) => b.to_string(),
        toml::Value::Datetime(t) => t.to_string(),
        toml::Value::Array(all) => {
            format!("[{}]", all.iter().map(value_text).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(all) => {
            let pairs: Vec<String> =
                all.iter().map(|(k, v)| format!("{} = {}", quoted::key(k), value_text(v))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// What to add to the command where a key of `[ingest]` is what lacks.
fn hinted(error: Error, keys: &toml::Table) -> Error {
    let said = error.to_string();
    let hint = if said.contains("UTF-8") && !keys.contains_key("encoding") {
        "where the files are of another encoding, say to `make new` which: INGEST='encoding = \"windows-1252\"'"
    } else if error.class() == Class::Refused {
        "keys of [ingest] are given to `make new` so: INGEST='delimiter = \";\", skip_lines = 1'"
    } else {
        return error;
    };
    let details = error.details().iter().cloned().chain([hint.to_owned()]).collect();
    error.with_details(details)
}

/// A table of this size does not stay behind where the run is stopped.
fn remove_at_signals(folder: PathBuf) -> Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])
        .map_err(|e| Error::unexpected(format!("cannot watch signals: {e}")))?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            publish::remove_temporary_files();
            let _ = std::fs::remove_dir_all(&folder);
            end(signal);
        }
    });
    Ok(())
}

#[expect(clippy::exit, reason = "a signal ends the whole process from its watching thread")]
fn end(signal: i32) {
    std::process::exit(128 + signal);
}

/// The project folder; folders made for a run that fails are removed again.
pub(crate) struct Folder {
    made: Vec<PathBuf>,
}

impl Folder {
    /// Makes the folder where it is not there.
    ///
    /// # Errors
    /// [`Class::Write`] where it cannot be made.
    pub(crate) fn make(path: &Path) -> Result<Self> {
        let missing = |p: &&Path| !p.as_os_str().is_empty() && !p.exists();
        let made = path.ancestors().take_while(missing).map(Path::to_path_buf).collect();
        std::fs::create_dir_all(path).map_err(|e| Error::write(path, &e))?;
        Ok(Self { made })
    }

    /// Lets the folder stay.
    pub(crate) fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Only where it is empty: what somebody put there meanwhile stays.
        self.made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}
