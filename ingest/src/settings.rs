//! Section `[ingest]` of `pipeline.toml`, and its checked meaning.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use common::config::Config;
use common::project::names;
use common::schema::Contract;
use common::{Project, Result, json};
use serde::Deserialize;

use crate::Args;
use crate::retry::Patience;
use crate::scan::limits;
use crate::sources::Entry;

/// Most retries that can be asked for: the wait doubles each time.
const MOST_RETRIES: u32 = 12;

/// Longest first wait and time-out, in seconds.
const LONGEST_SECONDS: f64 = 86_400.0;

/// The section as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Paths below the project folder, patterns, http and https addresses.
    pub sources: OneOrMore,
    /// Cells that stand for a missing value when types are found, beside the empty cell.
    pub null_tokens: Vec<String>,
    /// How often a source that is not available is tried again.
    pub retries: u32,
    /// Wait before the first retry; it doubles each time.
    pub first_wait_seconds: f64,
    /// Longest time a download may take, all in all.
    pub timeout_seconds: f64,
    /// Largest source read.
    pub max_source_bytes: u64,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            sources: OneOrMore::More(Vec::new()),
            null_tokens: vec![String::new()],
            retries: 3,
            first_wait_seconds: 10.0,
            timeout_seconds: 60.0,
            max_source_bytes: 1 << 36,
        }
    }
}

/// A text or a list of texts. Its failure to parse never shows the text, which may hold a password.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a list of texts")]
pub enum OneOrMore {
    /// A single source.
    One(String),
    /// A list of sources.
    More(Vec<String>),
}

/// What the stage is to do, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project.
    pub project: Project,
    /// What to read, in order.
    pub(crate) entries: Vec<Entry>,
    /// Cells that stand for a missing value; always with the empty cell, which a table cannot tell
    /// from a missing value.
    pub null_tokens: BTreeSet<String>,
    /// How long to wait for what is not available.
    pub(crate) patience: Patience,
    /// Longest time a download may take.
    pub timeout: Duration,
    /// Largest source read.
    pub max_source_bytes: u64,
    /// Whether snapshots are downloaded again.
    pub refresh: bool,
}

impl Settings {
    /// Reads and checks the section.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line; [`common::Class::Refused`] for an address that
    /// is none.
    pub fn new(config: &Config, args: &Args) -> Result<Self> {
        let section: Section = config.section("ingest")?;
        let project = args.common.project();
        let invalid = |key, message: &str| config.invalid("ingest", key, message);
        let listed = match &section.sources {
            OneOrMore::One(one) => std::slice::from_ref(one),
            OneOrMore::More(more) => more,
        };
        let entries = if args.common.input.is_empty() {
            let entries = listed.iter().map(|text| Entry::of_configuration(text));
            entries.collect::<Result<Option<Vec<_>>>>()?.ok_or_else(|| {
                invalid("sources", "an empty text and `-` are no source; standard input is given as `-i -`")
            })?
        } else {
            args.common.input.iter().map(|path| Entry::of_argument(path)).collect::<Result<_>>()?
        };
        if entries.is_empty() {
            return Err(invalid("sources", "name the raw files, as in `sources = [\"data/raw/*.csv\"]`"));
        }
        if section.retries > MOST_RETRIES {
            return Err(invalid("retries", &format!("at most {MOST_RETRIES}")));
        }
        let first_wait = seconds(section.first_wait_seconds)
            .ok_or_else(|| invalid("first_wait_seconds", "a number of seconds from 0 to 86400"))?;
        let timeout = seconds(section.timeout_seconds)
            .filter(|t| !t.is_zero())
            .ok_or_else(|| invalid("timeout_seconds", "a number of seconds above 0, at most 86400"))?;
        Ok(Self {
            entries,
            null_tokens: null_tokens(&project, section.null_tokens)?,
            patience: Patience { retries: section.retries, first_wait },
            timeout,
            max_source_bytes: section.max_source_bytes,
            refresh: args.refresh,
            project,
        })
    }

    /// The part that affects the output's bytes, as JSON: no waits, no secrets.
    ///
    /// # Errors
    /// None that is expected.
    pub fn effective(&self) -> Result<String> {
        let sources: Vec<String> = self.entries.iter().map(|e| e.name(&self.project)).collect();
        json::pretty(&serde_json::json!({
            "sources": sources,
            "null_tokens": self.null_tokens,
            "limits": {
                "source_bytes": self.max_source_bytes,
                "record_bytes": limits::RECORD_BYTES,
                "field_bytes": limits::FIELD_BYTES,
                "columns": limits::COLUMNS,
                "name_bytes": limits::NAME_BYTES,
            },
        }))
    }
}

/// The tokens of the contract where there is one, else those configured.
fn null_tokens(project: &Project, configured: Vec<String>) -> Result<BTreeSet<String>> {
    let contract = Contract::read(&project.path(Path::new(names::SCHEMA)))?;
    let tokens = contract.map_or(configured, |c| c.missing_values);
    Ok(tokens.into_iter().chain([String::new()]).collect())
}

fn seconds(value: f64) -> Option<Duration> {
    if (0.0..=LONGEST_SECONDS).contains(&value) { Duration::try_from_secs_f64(value).ok() } else { None }
}
