//! States of earlier runs, read and believed only where they can be what they say.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use common::checkpoint::{Checkpoint, Places};
use common::error::{Error, Result};
use common::manifest::FileRecord;
use common::{Task, text};
use model::Model;
use serde::Deserialize;

use crate::sound;
use crate::state::{ENDING, FORMAT, KIND, State};

/// Largest state read, in bytes: some 50 million rows.
const LARGEST: u64 = 2 << 30;

/// What every state begins with, whatever its format.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
    format: Option<u64>,
}

/// The states beside these files of `monitor`, merged, and the files.
///
/// # Errors
/// [`common::Class::Checkpoint`] where one is damaged, of another model than `file`, or counts rows of another.
pub(crate) fn files(
    paths: &[PathBuf],
    places: &Places,
    file: &Checkpoint,
    model: &Model,
) -> Result<(State, Vec<FileRecord>)> {
    let mut merged: Option<State> = None;
    let mut read: Vec<FileRecord> = Vec::new();
    for path in paths {
        let path = owner(path);
        let checkpoint = places.with_inputs(vec![path.clone()]).open(0, Task::Monitor)?;
        let companion = checkpoint.companion_listed(ENDING)?.ok_or_else(|| {
            let beside = text::path(&checkpoint.companion(ENDING));
            Error::checkpoint(format!("has no {beside} beside it, which is what merges")).at(&path)
        })?;
        let (record, state) = open(&companion, places, file, model)?;
        if let Some(twice) = read.iter().find(|r| r.sha256 == record.sha256) {
            let what = format!("is the same as {}: its rows would count twice", text::shown(&twice.name));
            return Err(Error::checkpoint(what).at(&companion));
        }
        read.push(record);
        match &mut merged {
            None => merged = Some(state),
            Some(all) => all.merge(state).map_err(|e| e.at(&companion))?,
        }
    }
    let merged = merged.ok_or_else(|| Error::usage("--merge names no file"))?;
    read.sort_by(|a, b| (&a.sha256, &a.name).cmp(&(&b.sha256, &b.name)));
    Ok((merged, read))
}

/// The `monitor.json` that a state stands beside.
fn owner(path: &Path) -> PathBuf {
    let ending = format!(".{ENDING}");
    let name = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(&ending));
    name.map_or_else(|| path.to_path_buf(), |name| path.with_file_name(name))
}

/// A state of the model `file`.
fn open(path: &Path, places: &Places, file: &Checkpoint, model: &Model) -> Result<(FileRecord, State)> {
    let refused = |why: String| Error::checkpoint(format!("refused as a state: {why}")).at(path);
    let meta = path.metadata().map_err(|e| Error::read(path, &e))?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(refused(format!("expected a regular file of at most {LARGEST} bytes")));
    }
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    opened.map_err(|e| Error::read(path, &e))?;
    let damaged = |e: serde_json::Error| refused(format!("damaged ({e})"));
    let head: Head = serde_json::from_slice(&bytes).map_err(damaged)?;
    if head.kind.as_deref() != Some(KIND) {
        return Err(refused(format!("its `kind` is not `{KIND}`")));
    }
    if head.format != Some(u64::from(FORMAT)) {
        let found = head.format.map_or_else(|| "none".to_owned(), |f| f.to_string());
        return Err(refused(format!("format {found}, this version reads {FORMAT}")));
    }
    let state: State = serde_json::from_slice(&bytes).map_err(damaged)?;
    if state.model != file.record.sha256 {
        let short = |hash: &str| text::shown(hash.get(..12).unwrap_or(hash));
        return Err(refused(format!(
            "its rows were scored by the model of sha256 {}, {} has {}; name that model by --model",
            short(&state.model),
            text::path(&file.path),
            short(&file.record.sha256)
        )));
    }
    sound::state(&state, model).map_err(refused)?;
    let name = places.project.record_name(path);
    Ok((FileRecord::of(name, &bytes), state))
}

/// Where the state of an output stands.
pub(crate) fn state_of(places: &Places) -> Option<PathBuf> {
    places.companion(ENDING)
}
