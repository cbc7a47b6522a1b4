//! What the stage remembers of a report from run to run, beside it as `report.md.state.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::error::{Error, Result};
use common::{json, text};
use serde::{Deserialize, Serialize};

use crate::document::hash_of;
use crate::memory::Memory;
use crate::standing::Standing;

/// Version of the form.
const FORMAT: u64 = 1;
/// Ending of its name, after that of the report.
pub(crate) const ENDING: &str = "state.json";
/// Largest state that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) format: u64,
    /// SHA-256 of reports in which nothing is that could be lost: the last one written, and while another is
    /// being put in place that one, and the one it was made of.
    pub(crate) written: BTreeSet<String>,
    /// SHA-256 of whole drafts, as they were before anybody touched them: of the last one, and while another is
    /// being put in place of that one too.
    pub(crate) drafts: BTreeSet<String>,
    /// What was generated for each block that was ever put into the report.
    pub(crate) blocks: BTreeMap<String, Block>,
    /// Passages in which words of the analyst stand beside newer figures.
    pub(crate) joined: Vec<Joined>,
    /// `metrics.json` of the run that wrote it: what words that are new now were written against.
    pub(crate) metrics: String,
    /// Numbers in the analyst's words and what they stood for.
    pub(crate) memory: Memory,
    /// How far the report has come.
    pub(crate) standing: Standing,
}

/// The texts generated for one block, by their hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    pub(crate) texts: BTreeMap<String, String>,
    /// By the hash of the text it was merged with: a merge that left conflicts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) conflicts: BTreeMap<String, Conflict>,
}

/// A merge that left conflicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conflict {
    /// What the analyst had changed.
    pub(crate) base: String,
    /// What they had made of it.
    pub(crate) yours: String,
    /// Hash of the text with both versions, as it was written.
    pub(crate) shown: String,
}

/// A passage merged word by word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joined {
    pub(crate) text: String,
    /// Generated words then and now.
    pub(crate) moved: Vec<(String, String)>,
    /// Whether a note stood under it after the last run.
    pub(crate) noted: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            format: FORMAT,
            written: BTreeSet::new(),
            drafts: BTreeSet::new(),
            blocks: BTreeMap::new(),
            joined: Vec::new(),
            metrics: String::new(),
            memory: Memory::default(),
            standing: Standing::default(),
        }
    }
}

impl State {
    /// Reads the state; nothing where there is none or it cannot be used, which is logged.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = match path.metadata() {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::read(path, &e)),
            Ok(meta) if !meta.is_file() || meta.len() > LARGEST => Vec::new(),
            Ok(_) => std::fs::read(path).map_err(|e| Error::read(path, &e))?,
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(state) if state.format == FORMAT => Ok(Some(state)),
            found => {
                let why = found.err().map_or_else(|| "of another format".to_owned(), |e| e.to_string());
                log::warn!(
                    "{}: cannot be used ({}); edits inside of generated blocks are kept as conflicts",
                    text::path(path),
                    text::shown(&why)
                );
                Ok(None)
            }
        }
    }

    /// # Errors
    /// Where it holds what JSON cannot.
    pub(crate) fn to_json(&self) -> Result<String> {
        json::pretty(self)
    }

    /// This state, and beside it the texts of `before`, so that whichever report is found after a kill can be
    /// read; notes that `before` did not put are not counted as put.
    pub(crate) fn with(mut self, before: &Self) -> Self {
        self.written.extend(before.written.iter().cloned());
        self.drafts.extend(before.drafts.iter().cloned());
        for (name, block) in &before.blocks {
            let own = self.blocks.entry(name.clone()).or_default();
            own.texts.extend(block.texts.clone());
            own.conflicts.extend(block.conflicts.clone());
        }
        for joined in &mut self.joined {
            joined.noted &= before.joined.iter().any(|b| b.text == joined.text && b.noted);
        }
        self.memory = self.memory.noted_as(&before.memory);
        self.metrics.clone_from(&before.metrics);
        self
    }

    /// What was generated for `name`, newest knowledge last.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.blocks.get(name).map(|block| block.texts.values().cloned().collect()).unwrap_or_default()
    }
}

impl Block {
    /// The texts that a report with this one can have.
    pub(crate) fn of(text: &str) -> Self {
        Self { texts: [(hash_of(text), text.to_owned())].into(), conflicts: BTreeMap::new() }
    }
}
