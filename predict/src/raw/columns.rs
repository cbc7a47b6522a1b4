//! Which columns of the files are read, and for what.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use clean::Preparation;
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::text;
use feature_engineer::Steps;
use ingest::Files;

use crate::input::pending_of;

/// Columns by what they are read for.
pub(crate) struct Columns {
    /// Every column that is read.
    pub(crate) read: Vec<String>,
    /// Those that are typed: what features are made of, and keys.
    pub(crate) typed: Vec<String>,
    /// Those that tell whether two rows are the same: all known columns that every file has.
    pub(crate) identity: Vec<String>,
    /// Whether features or fills are made of earlier rows.
    pub(crate) looks_back: bool,
    /// Whether outcomes are asked for, and the files have what they are made of.
    pub(crate) outcomes: bool,
}

impl Columns {
    /// The columns that it takes, found in `files`. One that the target is made of may be missing from some files.
    ///
    /// # Errors
    /// [`Class::Schema`] naming file and column.
    pub(crate) fn new(
        preparation: &Preparation,
        steps: &Steps,
        files: &Files,
        outcomes: bool,
    ) -> Result<Self> {
        let keys = preparation.keys();
        let mut needed: BTreeSet<String> = preparation.raw_of(&steps.columns());
        needed.extend(keys.iter().cloned().chain(steps.keys()));
        if let Some(unknown) = needed.iter().find(|name| !preparation.columns().any(|c| c == *name)) {
            let what =
                format!("its recipe needs a column {}, which its raw rows had not", text::name(unknown));
            return Err(Error::checkpoint(what));
        }
        let has = |file: usize, name: &str| files.columns(file).iter().any(|c| c == name);
        let (all, some) = (
            |name: &str| (0..files.len()).all(|file| has(file, name)),
            |name: &str| (0..files.len()).any(|file| has(file, name)),
        );
        let told = preparation.raw_of(&steps.outcome_columns());
        let outcomes = outcomes && told.iter().all(|name| some(name));
        if outcomes {
            needed.extend(told);
        }
        let looks_back = steps.looks_back()
            || (outcomes && steps.looks_ahead())
            || preparation.looks_back(&needed.iter().cloned().collect::<Vec<_>>());
        if looks_back {
            let key = preparation.key_of_duplicates();
            needed.extend(key.iter().filter(|name| all(name)).cloned());
        }
        for name in &needed {
            // New rows have no target yet, but something must be known of it.
            if preparation.is_of_target(name) && !keys.contains(name) && some(name) {
                if let Some(file) = (files.history()..files.len()).find(|file| !has(*file, name)) {
                    let (file, name) = (files.shown(file), text::name(name));
                    log::warn!(
                        "{}: no column {name}: features that are made of it in the same row are missing, and filled",
                        text::path(&file)
                    );
                }
                continue;
            }
            if let Some(file) = (0..files.len()).find(|file| !has(*file, name)) {
                return Err(missing(name, files, file, steps.names()));
            }
        }
        let typed: Vec<String> = needed.into_iter().collect();
        let identity: Vec<String> = if looks_back {
            preparation.columns().filter(|name| all(name)).map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        let read: BTreeSet<String> = typed.iter().chain(&identity).cloned().collect();
        tell_of_others(preparation, files, &typed);
        Ok(Self { read: read.into_iter().collect(), typed, identity, looks_back, outcomes })
    }

    /// Where the typed columns stand in the first file of new rows, for messages.
    pub(crate) fn positions(&self, files: &Files) -> Vec<usize> {
        let columns = files.columns(files.history());
        self.typed.iter().map(|name| columns.iter().position(|c| c == name).unwrap_or(0)).collect()
    }
}

fn missing(name: &str, files: &Files, file: usize, features: &[String]) -> Error {
    let there = files.columns(file);
    let near = text::did_you_mean(name, there.iter().map(String::as_str));
    let mut what = format!("has no column {}, which the model needs{near}", text::name(name));
    if let [one] = there {
        what.push_str(&format!(
            "; it has one column, {}: is that how its cells are parted?",
            text::name(one)
        ));
    }
    if features.iter().all(|feature| there.contains(feature)) {
        let what_to_do = of_features(&files.shown(file));
        what.push_str(&format!(
            "; it has the features of the model, but a features table is known by its manifest: {what_to_do} to score it as one"
        ));
    }
    Error::new(Class::Schema, what).at(&files.shown(file))
}

/// What makes a table known as one of features.
fn of_features(path: &Path) -> String {
    let name = text::lossless(path.file_name().unwrap_or_default());
    if name == "-" {
        return "name the file by -i, with the manifest beside it,".to_owned();
    }
    let manifest = Manifest::path_of(Path::new(pending_of(&name).unwrap_or(&name)));
    format!("copy its {} beside it", text::path(&manifest))
}

/// Columns that the model does not know, and those it does not need, in the log.
fn tell_of_others(preparation: &Preparation, files: &Files, typed: &[String]) {
    let known: HashSet<&str> = preparation.columns().collect();
    let mut told = HashSet::new();
    for file in 0..files.len() {
        let new =
            files.columns(file).iter().filter(|c| !known.contains(c.as_str()) && told.insert(c.as_str()));
        let new: Vec<String> = new.cloned().collect();
        if !new.is_empty() {
            let shown = text::path(&files.shown(file));
            log::warn!("{shown}: ignored, since the model does not know them: {}", super::named(&new));
        }
    }
    let spare: Vec<String> =
        known.iter().filter(|c| !typed.iter().any(|t| t == *c)).map(|c| (*c).to_owned()).collect();
    log::debug!("columns that nothing is made of: {}", super::named(&spare));
}
