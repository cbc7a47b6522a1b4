//! Section `[ingest]` of `pipeline.toml`, and its checked meaning.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::config::Config;
use common::project::names;
use common::schema::{Contract, Kind};
use common::{Error, Project, Result, json, text};
use serde::{Deserialize, Serialize};
use strict_csv::Limits;
use strict_csv::inflate::Caps;

use crate::Args;
use crate::clock::Clock;
use crate::dialects::{DialectKeys, Given, Spelling};
use crate::fetch::Bounds;
use crate::retry::Patience;
use crate::sources::Entry;
use crate::wanted::{Wanted, WantedList};

/// Most retries that can be asked for: the wait doubles each time.
const MOST_RETRIES: u32 = 12;

/// Longest first wait and time-out, in seconds.
const LONGEST_SECONDS: f64 = 86_400.0;

/// What happens to a record that breaks the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejects {
    /// Its source is refused.
    #[default]
    Refuse,
    /// It is set aside in a file, under a limit.
    File,
}

/// What happens where sources have different columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Union {
    /// They are refused.
    #[default]
    Strict,
    /// The table has the columns of all; cells that a source does not have are empty.
    Fill,
}

/// The section as it is written. The keys of a dialect stand here once more: flattened in, they would lose
/// the line of a mistyped one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Paths below the project folder, patterns, http and https addresses; each may have a dialect.
    pub sources: WantedList,
    /// What parts cells; found where it is not given, as the rest of the dialect.
    pub delimiter: Option<String>,
    /// What quotes cells.
    pub quote: Option<String>,
    /// What takes away the meaning of the next character in a quoted cell.
    pub escape: Option<String>,
    /// How lines begin that are no records.
    pub comment: Option<String>,
    /// Whether the first record holds names.
    pub header: Option<bool>,
    /// Lines before the header.
    pub skip_lines: Option<u64>,
    /// Lines after the last record.
    pub footer_lines: Option<u64>,
    /// Character encoding.
    pub encoding: Option<String>,
    /// Names of the columns, in place of those of the header.
    pub names: Option<Vec<String>>,
    /// Cells that stand for a missing value when types are found, beside the empty cell.
    pub null_tokens: Option<Vec<String>>,
    /// Decimal mark of numbers.
    pub decimal: Option<char>,
    /// What groups the digits of numbers.
    pub thousands: Option<char>,
    /// Types of columns that are not to be found.
    pub types: BTreeMap<String, Kind>,
    /// What happens to a record that breaks the form.
    pub rejects: Rejects,
    /// Largest share of records set aside.
    pub rejects_limit: f64,
    /// What happens where sources have different columns.
    pub union: Union,
    /// How often a source that is not available is tried again.
    pub retries: u32,
    /// Wait before the first retry; it doubles each time.
    pub first_wait_seconds: f64,
    /// Longest wait for a connection, for an answer, and for the next bytes of one.
    pub timeout_seconds: f64,
    /// Longest time a download may take, all in all.
    pub deadline_seconds: f64,
    /// Slowest download that is waited for.
    pub least_bytes_per_second: u64,
    /// Largest source read.
    pub max_source_bytes: u64,
    /// Largest source once inflated.
    pub max_inflated_bytes: u64,
    /// Most bytes once inflated for each compressed byte.
    pub max_inflate_ratio: u64,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            sources: WantedList::default(),
            delimiter: None,
            quote: None,
            escape: None,
            comment: None,
            header: None,
            skip_lines: None,
            footer_lines: None,
            encoding: None,
            names: None,
            null_tokens: None,
            decimal: None,
            thousands: None,
            types: BTreeMap::new(),
            rejects: Rejects::Refuse,
            rejects_limit: 0.01,
            union: Union::Strict,
            retries: 3,
            first_wait_seconds: 10.0,
            timeout_seconds: 60.0,
            deadline_seconds: 3600.0,
            least_bytes_per_second: 1024,
            max_source_bytes: 1 << 36,
            max_inflated_bytes: 1 << 32,
            max_inflate_ratio: 100,
        }
    }
}

impl Section {
    fn dialect(&self) -> DialectKeys {
        DialectKeys {
            delimiter: self.delimiter.clone(),
            quote: self.quote.clone(),
            escape: self.escape.clone(),
            comment: self.comment.clone(),
            header: self.header,
            skip_lines: self.skip_lines,
            footer_lines: self.footer_lines,
            encoding: self.encoding.clone(),
            names: self.names.clone(),
            null_tokens: self.null_tokens.clone(),
            decimal: self.decimal,
            thousands: self.thousands,
            types: self.types.clone(),
        }
    }
}

/// What the stage is to do, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project.
    pub project: Project,
    /// What to read, in order, and what is known of how it is written.
    pub(crate) entries: Vec<(Entry, Arc<Given>)>,
    /// How values are written where a source does not say otherwise.
    pub(crate) spelling: Spelling,
    /// Types of columns that are not to be found.
    pub types: BTreeMap<String, Kind>,
    /// Columns whose types a contract gives: what is found of them is for people only.
    pub(crate) contracted: BTreeSet<String>,
    /// What happens to a record that breaks the form.
    pub rejects: Rejects,
    /// Largest share of records set aside.
    pub rejects_limit: f64,
    /// What happens where sources have different columns.
    pub union: Union,
    /// What a source may hold at most.
    pub(crate) limits: Limits,
    /// How far a compressed source may inflate.
    pub(crate) caps: Caps,
    /// How long to wait for what is not available.
    pub(crate) patience: Patience,
    /// What a download must keep.
    pub(crate) bounds: Bounds,
    /// Largest source read.
    pub max_source_bytes: u64,
    /// Whether nothing but failures is told on standard error.
    pub(crate) quiet: bool,
    /// Whether servers are asked if snapshots are still what they have.
    pub refresh: bool,
}

impl Settings {
    /// Settings of a run without a configuration: its defaults, and no waiting.
    ///
    /// # Errors
    /// [`common::Class::Usage`] for a clock of the environment that is none.
    pub(crate) fn plain(project: Project, quiet: bool) -> Result<Self> {
        let section = Section::default();
        let clock = Clock::of_environment()?;
        let time = |given: f64| seconds(given).unwrap_or_default();
        Ok(Self {
            project,
            entries: Vec::new(),
            spelling: Spelling::default(),
            types: BTreeMap::new(),
            contracted: BTreeSet::new(),
            rejects: section.rejects,
            rejects_limit: section.rejects_limit,
            union: section.union,
            limits: Limits::default(),
            caps: Caps { bytes: section.max_inflated_bytes, ratio: section.max_inflate_ratio },
            patience: Patience { retries: 0, first_wait: Duration::ZERO, clock },
            bounds: Bounds {
                timeout: time(section.timeout_seconds),
                deadline: time(section.deadline_seconds),
                least_rate: section.least_bytes_per_second,
                bytes: section.max_source_bytes,
                clock,
            },
            max_source_bytes: section.max_source_bytes,
            quiet,
            refresh: false,
        })
    }

    /// Reads and checks the section.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line; [`common::Class::Refused`] for an address that
    /// is none.
    pub fn new(config: &Config, args: &Args) -> Result<Self> {
        let section: Section = config.section("ingest")?;
        let project = args.common.project();
        let invalid = |key: &str, message: &str| config.invalid("ingest", key, message);
        let contract = Contract::read(&project.path(Path::new(names::SCHEMA)))?;
        // Before the entries, so that what is wrong for all sources is told with its own line.
        let for_all = check(section.dialect(), String::new(), contract.as_ref(), &invalid)?;
        let entries = entries(&section, args, contract.as_ref(), config)?;
        if !(0.0..=1.0).contains(&section.rejects_limit) {
            return Err(invalid("rejects_limit", "a share from 0 to 1"));
        }
        if section.max_inflate_ratio == 0 {
            return Err(invalid("max_inflate_ratio", "at least 1"));
        }
        if section.retries > MOST_RETRIES {
            return Err(invalid("retries", &format!("at most {MOST_RETRIES}")));
        }
        let first_wait = seconds(section.first_wait_seconds)
            .ok_or_else(|| invalid("first_wait_seconds", "a number of seconds from 0 to 86400"))?;
        let above_zero = |key, value| {
            let time = seconds(value).filter(|t| !t.is_zero());
            time.ok_or_else(|| invalid(key, "a number of seconds above 0, at most 86400"))
        };
        let clock = Clock::of_environment()?;
        let bounds = Bounds {
            timeout: above_zero("timeout_seconds", section.timeout_seconds)?,
            deadline: above_zero("deadline_seconds", section.deadline_seconds)?,
            least_rate: section.least_bytes_per_second,
            bytes: section.max_source_bytes,
            clock,
        };
        Ok(Self {
            types: types(&section, &invalid)?,
            entries,
            spelling: for_all.spelling,
            contracted: contract.into_iter().flat_map(|c| c.fields).map(|f| f.name).collect(),
            rejects: section.rejects,
            rejects_limit: section.rejects_limit,
            union: section.union,
            limits: Limits::default(),
            caps: Caps { bytes: section.max_inflated_bytes, ratio: section.max_inflate_ratio },
            patience: Patience { retries: section.retries, first_wait, clock },
            bounds,
            max_source_bytes: section.max_source_bytes,
            quiet: args.common.quiet,
            refresh: args.refresh,
            project,
        })
    }

    /// The part that affects the output's bytes, as JSON: no waits, no secrets.
    ///
    /// # Errors
    /// None that is expected.
    pub fn effective(&self) -> Result<String> {
        let sources: Vec<_> = self.entries.iter().map(|(_, given)| given.effective(&self.spelling)).collect();
        let limits = self.limits;
        json::pretty(&serde_json::json!({
            "sources": sources,
            "null_tokens": self.spelling.null_tokens,
            "numerals": self.spelling.numerals,
            "types": self.types,
            "contracted": self.contracted,
            "rejects": self.rejects,
            "rejects_limit": self.rejects_limit,
            "union": self.union,
            "limits": {
                "source_bytes": self.max_source_bytes,
                "inflated_bytes": self.caps.bytes,
                "inflate_ratio": self.caps.ratio,
                "record_bytes": limits.record_bytes,
                "field_bytes": limits.field_bytes,
                "columns": limits.columns,
                "name_bytes": limits.name_bytes,
            },
        }))
    }
}

/// What is to be read, in order: what the command line names, else what the configuration lists.
fn entries(
    section: &Section,
    args: &Args,
    contract: Option<&Contract>,
    config: &Config,
) -> Result<Vec<(Entry, Arc<Given>)>> {
    let project = args.common.project();
    let for_all = section.dialect();
    let invalid = |key: &str, message: &str| config.invalid("ingest", key, message);
    if !args.common.input.is_empty() {
        let given = |path| {
            let entry = Entry::of_argument(path)?;
            let given = check(for_all.clone(), entry.name(&project), contract, &invalid)?;
            Ok((entry, Arc::new(given)))
        };
        return args.common.input.iter().map(|path| given(path)).collect();
    }
    if section.sources.0.is_empty() {
        return Err(invalid("sources", "name the raw files, as in `sources = [\"data/raw/*.csv\"]`"));
    }
    let given = |wanted: &Wanted| {
        let entry = Entry::of_configuration(&wanted.path)?.ok_or_else(|| {
            invalid("sources", "an empty text and `-` are no source; standard input is given as `-i -`")
        })?;
        let invalid_here = |key: &str, message: &str| {
            config.invalid_near("ingest", "sources", &wanted.path, &format!("{key}: {message}"))
        };
        let keys = wanted.keys.clone().over(&for_all);
        let given = check(keys, entry.name(&project), contract, &invalid_here)?;
        Ok((entry, Arc::new(given)))
    };
    section.sources.0.iter().map(given).collect()
}

/// Checks what is given of one source; the missing values of a contract go before those configured.
fn check(
    keys: DialectKeys,
    entry: String,
    contract: Option<&Contract>,
    invalid: &dyn Fn(&str, &str) -> Error,
) -> Result<Given> {
    let mut given = keys.check(entry).map_err(|(key, message)| invalid(key, &message))?;
    if let Some(contract) = contract {
        let tokens = contract.missing_values.iter().cloned();
        given.spelling.null_tokens = tokens.chain([String::new()]).collect();
    }
    Ok(given)
}

/// The types given for all sources and for single ones, which are of the same columns.
fn types(section: &Section, invalid: &dyn Fn(&str, &str) -> Error) -> Result<BTreeMap<String, Kind>> {
    let mut types = section.types.clone();
    for (name, kind) in section.sources.0.iter().flat_map(|wanted| &wanted.keys.types) {
        if *types.entry(name.clone()).or_insert(*kind) != *kind {
            return Err(invalid("types", &format!("column {} is given two types", text::name(name))));
        }
    }
    Ok(types)
}

fn seconds(value: f64) -> Option<Duration> {
    if (0.0..=LONGEST_SECONDS).contains(&value) { Duration::try_from_secs_f64(value).ok() } else { None }
}
