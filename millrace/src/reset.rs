//! `millrace reset`: removes what the stages wrote and nobody edited, and says so file by file.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use common::manifest::{FileRecord, Manifest};
use common::project::{lexical, names};
use common::{Error, Result, Task, hash, publish, text};

use crate::dag::{Dag, FORMATS};
use crate::verdict::hash_of;
use crate::{make, print};

/// Removes the checkpoints of all formats, the forecast and what was monitored, then the state files.
pub(crate) fn run(dag: &Dag) -> Result<()> {
    let _held = make::hold(dag)?;
    let rules = FORMATS.map(|format| Dag::new(dag.project.root(), format, dag.bin.clone()).rules());
    let mut seen = BTreeSet::new();
    for rule in rules.iter().flatten() {
        // The model, the metrics and the report are the same in every format.
        if seen.insert(&rule.data) {
            checkpoint(dag, &rule.data, &rule.manifest)?;
        }
    }
    for task in [Task::Predict, Task::Monitor] {
        let data = dag.data_of(task);
        checkpoint(dag, &data, &Manifest::path_of(&data))?;
    }
    state(dag)
}

/// Removes what the manifest lists; it stays itself while it vouches for a file that was kept.
fn checkpoint(dag: &Dag, data: &Path, manifest_path: &Path) -> Result<()> {
    let manifest = match Manifest::read(manifest_path) {
        Ok(Some(manifest)) => manifest,
        Ok(None) if data.exists() => return kept(data, "it has no manifest"),
        Ok(None) => return Ok(()),
        Err(error) => return kept(manifest_path, &error.to_string()),
    };
    if let Some(why) = theirs(data, &manifest)? {
        kept(data, why)?;
        return kept(manifest_path, "it belongs to a file that was kept");
    }
    let mut all_gone = true;
    for record in manifest.companions.iter().chain([&manifest.output]) {
        let path = dag.project.path(&record.name);
        if !path.exists() {
            continue;
        }
        if let Some(reason) = reason_to_keep(data, &path, record)? {
            kept(&path, reason)?;
            all_gone = false;
        } else {
            remove(&path)?;
        }
    }
    if all_gone { remove(manifest_path) } else { kept(manifest_path, "it lists a file that was kept") }
}

/// Why the report, with all that stands beside it, is the analyst's: what is remembered of it tells their words
/// from ours.
fn theirs(data: &Path, manifest: &Manifest) -> Result<Option<&'static str>> {
    let found = |key: &str| manifest.found.get(key);
    if manifest.stage != Task::Report.name() {
        return Ok(None);
    }
    if data.is_file() && hash_of(data)? != manifest.output.sha256 {
        return Ok(Some("it was edited since it was written"));
    }
    if found("edited").and_then(serde_json::Value::as_bool) == Some(true) {
        return Ok(Some("it holds words of an analyst"));
    }
    let draft = found("standing").and_then(serde_json::Value::as_str).is_none_or(|word| word == "draft");
    Ok((!draft).then_some("somebody vouches for it"))
}

/// Why the file is not ours to remove. A manifest is a file like any other: what it says does not
/// reach beyond the folder of its checkpoint.
fn reason_to_keep(data: &Path, path: &Path, record: &FileRecord) -> Result<Option<&'static str>> {
    let folder = data.parent().map(lexical).unwrap_or_default();
    if !lexical(path).starts_with(&folder) || !real_parent(path).starts_with(real_parent(data)) {
        return Ok(Some("it lies outside the folder of its checkpoint"));
    }
    let meta = path.symlink_metadata().map_err(|e| Error::read(path, &e))?;
    if !meta.is_file() {
        return Ok(Some("it is no regular file"));
    }
    let mut file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let (sha256, _) = hash::of_reader(&mut file).map_err(|e| Error::read(path, &e))?;
    Ok((sha256 != record.sha256).then_some("it was edited since it was written"))
}

/// The folder of `path` with links followed.
fn real_parent(path: &Path) -> PathBuf {
    path.parent().and_then(|p| p.canonicalize().ok()).unwrap_or_default()
}

fn state(dag: &Dag) -> Result<()> {
    let configs = Task::CHAIN.iter().map(|task| dag.config_of(*task));
    for path in configs.chain([dag.state("sources.list"), dag.state("format")]).filter(|p| p.exists()) {
        remove(&path)?;
    }
    // What somebody else put there keeps the folder.
    let _ = std::fs::remove_dir(dag.project.path(names::STATE));
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    publish::remove(path)?;
    print(&[format!("removed {}", text::path(path))])
}

fn kept(path: &Path, why: &str) -> Result<()> {
    print(&[format!("kept {}: {}", text::path(path), text::one_line(why))])
}
