//! A published version: a folder that is written once and never again.

mod history;
mod version;

use std::path::{Path, PathBuf};

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::FileRecord;
use common::{hash, json, publish, text, time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document;
use crate::facts::Facts;
use crate::page::Image;
use crate::standing::{Standing, Vouched};

/// Version of the form of its manifest.
const FORMAT: u64 = 1;
/// Name of its manifest.
const MANIFEST: &str = "manifest.json";
/// Name of the metrics in it.
const METRICS: &str = "metrics.json";

/// A version on its way out.
pub(crate) struct Release {
    pub(crate) version: String,
    /// All versions.
    folder: PathBuf,
    vouched: Vouched,
    /// The version before it.
    before: Option<String>,
    /// Whether it is out already.
    out: bool,
}

/// What a published version holds, and of what it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) format: u64,
    pub(crate) version: String,
    /// The day, in UTC.
    pub(crate) published: String,
    /// The version before it.
    pub(crate) before: Option<String>,
    pub(crate) project: String,
    pub(crate) title: String,
    pub(crate) metrics_sha256: String,
    pub(crate) model_sha256: String,
    /// SHA-256 of the analyst's words.
    pub(crate) words_sha256: String,
    pub(crate) program_version: String,
    /// Features, model and all that the metrics name as their inputs.
    pub(crate) inputs: Vec<FileRecord>,
    /// The files of the folder.
    pub(crate) files: Vec<FileRecord>,
}

/// The folder of all versions of the report at `report`.
pub(crate) fn folder_of(report: &Path) -> PathBuf {
    report.with_file_name("published")
}

/// The versions that are out, oldest first, with their folders.
///
/// # Errors
/// [`Class::Checkpoint`] where one has no manifest that can be read.
pub(crate) fn all(folder: &Path) -> Result<Vec<(PathBuf, Card)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::read(folder, &e)),
    };
    let mut out = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| Error::read(folder, &e))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            let card = card(&path)?;
            out.push((path, card));
        }
    }
    version::in_order(&mut out);
    Ok(out)
}

fn card(folder: &Path) -> Result<Card> {
    let path = folder.join(MANIFEST);
    let bytes = std::fs::read(&path).map_err(|_| {
        Error::checkpoint("is no published version: it has no manifest.json; move it elsewhere").at(folder)
    })?;
    let damaged =
        |why: String| Error::checkpoint(format!("damaged ({why}); restore it from a copy")).at(&path);
    let card: Card = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if card.format != FORMAT {
        return Err(damaged(format!("format {}, this version reads {FORMAT}", card.format)));
    }
    Ok(card)
}

/// Finds the files of a version as they were published.
///
/// # Errors
/// [`Class::Checkpoint`] naming the first that is not.
pub(crate) fn verify(folder: &Path, card: &Card) -> Result<()> {
    for file in &card.files {
        let path = folder.join(&file.name);
        let found = std::fs::read(&path).map(|bytes| hash::hex(&bytes)).unwrap_or_default();
        if found != file.sha256 {
            let why =
                format!("is not the file that version {} was published with", text::shown(&card.version));
            return Err(Error::checkpoint(why).at(&path));
        }
    }
    Ok(())
}

/// The metrics of the newest version that was made of others than `metrics`, with its name.
///
/// # Errors
/// As [`all`], and where its metrics were changed.
pub(crate) fn last(folder: &Path, metrics: &str) -> Result<Option<(String, Value)>> {
    let Some((path, card)) = all(folder)?.into_iter().rev().find(|(_, card)| card.metrics_sha256 != metrics)
    else {
        return Ok(None);
    };
    let file = path.join(METRICS);
    let bytes = std::fs::read(&file).map_err(|e| Error::read(&file, &e))?;
    if hash::hex(&bytes) != card.metrics_sha256 {
        return Err(Error::checkpoint("is not the file that was published; restore it from a copy").at(&file));
    }
    let value = serde_json::from_slice(&bytes).map_err(|e| Error::checkpoint(e.to_string()).at(&file))?;
    Ok(Some((card.version, value)))
}

impl Release {
    /// The next version, or the newest where just this is out already.
    ///
    /// # Errors
    /// [`Class::Usage`] for a name that cannot be one, or is taken.
    pub(crate) fn plan(
        places: &Places,
        asked: Option<&str>,
        standing: &Standing,
        vouched: &Vouched,
    ) -> Result<Self> {
        let folder = folder_of(places.output.shown());
        // Before a folder appears that can never be taken back.
        history::read(&history::path_of(places.output.shown()))?;
        let all = all(&folder)?;
        let same = |card: &Card| {
            card.metrics_sha256 == vouched.metrics
                && (card.words_sha256 == vouched.words || standing.is_version(&card.version, vouched))
        };
        let newest = all.last().map(|(_, card)| card).filter(|card| same(card));
        let newest = newest.filter(|card| asked.is_none_or(|asked| asked == card.version));
        if let Some(card) = newest {
            let (version, before) = (card.version.clone(), card.before.clone());
            return Ok(Self { version, before, folder, vouched: vouched.clone(), out: true });
        }
        let names = all.iter().map(|(_, card)| card.version.as_str());
        let version = version::next(asked, &names.collect::<Vec<_>>())?;
        let before = all.last().map(|(_, card)| card.version.clone());
        Ok(Self { version, before, folder, vouched: vouched.clone(), out: false })
    }

    /// Writes the folder, and its row of the history.
    ///
    /// # Errors
    /// [`Class::Write`]; [`Class::Checkpoint`] where an earlier version is damaged.
    pub(crate) fn write(
        &self,
        facts: &Facts,
        report: &str,
        companions: &[(PathBuf, String)],
        images: &[Image],
    ) -> Result<()> {
        let folder = self.folder.join(&self.version);
        if self.out {
            log::info!("{} is out already, with these numbers and words", text::path(&folder));
        } else {
            let files = self.files(facts, report, companions, images)?;
            publish::folder(&folder, &files)?;
            log::info!("published {}", text::path(&folder));
        }
        history::bring(&facts.report, &all(&self.folder)?)
    }

    fn files(
        &self,
        facts: &Facts,
        report: &str,
        companions: &[(PathBuf, String)],
        images: &[Image],
    ) -> Result<Vec<(String, Vec<u8>)>> {
        let name =
            |path: &Path, from: &Path| path.strip_prefix(from).unwrap_or(path).to_string_lossy().into_owned();
        let path = &facts.report;
        let home = path.parent().unwrap_or(Path::new(""));
        let mut files = vec![
            (name(path, home), document::without_markers(report).into_bytes()),
            (METRICS.to_owned(), facts.metrics_bytes.clone()),
        ];
        files.extend(companions.iter().map(|(path, text)| (name(path, home), text.clone().into_bytes())));
        files.extend(images.iter().cloned());
        let record = |(name, bytes): &(String, Vec<u8>)| FileRecord::of(name.clone(), bytes);
        let (metrics, model) = (facts.metrics_record(), facts.model_record());
        let card = Card {
            format: FORMAT,
            version: self.version.clone(),
            published: time::today(),
            before: self.before.clone(),
            project: facts.settings.project.clone(),
            title: facts.settings.title.clone(),
            metrics_sha256: metrics.sha256.clone(),
            model_sha256: model.sha256.clone(),
            words_sha256: self.vouched.words.clone(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            inputs: facts.metrics.inputs.clone(),
            files: files.iter().map(record).collect(),
        };
        files.push((MANIFEST.to_owned(), json::pretty(&card)?.into_bytes()));
        Ok(files)
    }
}

/// An error of `Class::Gate` where a published version is not what `metrics` say.
///
/// # Errors
/// [`Class::Gate`], or [`Class::Checkpoint`] where a version was changed.
pub(crate) fn check(folder: &Path, metrics: &str) -> Result<Option<String>> {
    let all = all(folder)?;
    for (path, card) in &all {
        verify(path, card)?;
    }
    let Some((path, newest)) = all.last() else { return Ok(None) };
    if newest.metrics_sha256 != metrics {
        let why = "is of other numbers than metrics.json; `make publish` publishes what it says now";
        return Err(Error::new(Class::Gate, why).at(path));
    }
    Ok(Some(newest.version.clone()))
}
