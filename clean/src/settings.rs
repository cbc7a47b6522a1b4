//! Section `[clean]`, checked.

mod duplicates;
mod fill;
mod split;

use std::collections::BTreeMap;
use std::fmt;

use common::config::{Config, TimeColumns};
use common::error::{Error, Result};
use common::project::names;
use common::schema::Contract;
use common::{CommonArgs, config, hash, json, text};
use serde::{Deserialize, Serialize};

pub(crate) use duplicates::{Duplicates, Equal, Keep, KeyRule};
pub(crate) use fill::{Fill, FillRule, Method};
pub(crate) use split::Split;

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    /// What is predicted.
    pub(crate) target: String,
    /// Columns that the target is made of: never filled or winsorised.
    pub(crate) target_columns: Vec<String>,
    /// Column of the group.
    pub(crate) entity: Option<String>,
    /// Columns of the time.
    pub(crate) time: Option<TimeColumns>,
    /// How rows are split.
    pub(crate) split: Split,
    /// What happens to rows that repeat another.
    pub(crate) duplicates: Duplicates,
    /// What missing cells are filled with.
    pub(crate) fill: Fill,
    /// What happens where the data are not what `clean.lock` accepted.
    pub(crate) accepted: OnChange,
    /// How many times more rows, or fewer, are a change.
    pub(crate) accepted_rows_factor: f64,
    /// Levels of the quantiles that bound a column's values, by name.
    pub(crate) winsorise: BTreeMap<String, [f64; 2]>,
    /// SHA-256 of `schema.json`, where there is one.
    pub(crate) schema_sha256: Option<String>,
    /// What it holds, as it stands.
    #[serde(skip)]
    pub(crate) schema: Option<serde_json::Value>,
    /// The contract it holds.
    #[serde(skip)]
    pub(crate) contract: Option<Contract>,
    /// The file itself, for the lines of what only the data show to be wrong.
    #[serde(skip)]
    written: Written,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    split: Option<split::SplitKeys>,
    duplicates: Duplicates,
    fill: Fill,
    // No array: one that is too long would be cut without a word.
    winsorise: BTreeMap<String, Vec<f64>>,
    accepted: OnChange,
    accepted_rows_factor: Option<f64>,
}

/// How many times more rows, or fewer, are a change where nothing else is asked for.
const ROWS_FACTOR: f64 = 2.0;

/// What happens where the data are not what was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnChange {
    /// The stage ends.
    #[default]
    Error,
    /// It is logged and stands in the manifest.
    Warn,
}

/// The configuration as it was read.
struct Written(Config);

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written")
    }
}

impl Settings {
    /// Reads and checks the configuration and the contract.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?;
        let section: Section = config.section("clean")?;
        let expressions = config.expressions()?;
        let accepted_rows_factor = section.accepted_rows_factor.unwrap_or(ROWS_FACTOR);
        if !accepted_rows_factor.is_finite() || accepted_rows_factor < 1.0 {
            return Err(config.invalid("clean", "accepted_rows_factor", "a number of at least 1"));
        }
        section.duplicates.check().map_err(|message| config.invalid("clean", "duplicates", message))?;
        let schema = args.project().path(names::SCHEMA);
        let contract = Contract::read(&schema)?;
        let timed = project.time.is_some();
        let split = section.split.unwrap_or_default().check(&config, timed, project.entity.as_ref())?;
        let bytes = std::fs::read(&schema).ok();
        let schema_sha256 = bytes.as_ref().map(|bytes| hash::hex(bytes));
        let settings = Self {
            target_columns: expressions.sources(&project.target),
            target: project.target,
            entity: project.entity,
            time: project.time,
            split,
            duplicates: section.duplicates,
            fill: section.fill,
            accepted: section.accepted,
            accepted_rows_factor,
            winsorise: levels(&config, &section.winsorise)?,
            schema_sha256,
            schema: bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()),
            contract,
            written: Written(config),
        };
        settings.check()?;
        Ok(settings)
    }

    /// What can be checked without knowing the columns' types.
    fn check(&self) -> Result<()> {
        for (column, rule) in &self.fill.columns {
            let wrong = |what: &str| {
                let message = format!("[clean] fill: {} {what}", text::name(column));
                self.wrong(&["fill", "columns", column], &message)
            };
            if self.is_kept(column) {
                return Err(wrong("is the target or a key, which is never filled"));
            }
            if rule.method == Method::Last && self.time.is_none() {
                return Err(wrong("has no last known value without [project] time"));
            }
        }
        for (key, rule) in [("number", &self.fill.number), ("text", &self.fill.text)] {
            if rule.method == Method::Last && self.time.is_none() {
                let message = format!("[clean] fill: {key}: no last known value without [project] time");
                return Err(self.wrong(&["fill", key], &message));
            }
        }
        if let Some(column) = self.winsorise.keys().find(|column| self.is_kept(column)) {
            let what = "is the target or a key, whose values are never changed";
            let message = format!("[clean] winsorise: {} {what}", text::name(column));
            return Err(self.wrong(&["winsorise", column], &message));
        }
        Ok(())
    }

    /// Whether a column keeps its values as they are: those of the target, of the entity, of time, of the
    /// split and of keys.
    pub(crate) fn is_kept(&self, column: &str) -> bool {
        let split = match &self.split {
            Split::Column { column } => std::slice::from_ref(column),
            Split::Hash { key, .. } => key,
            Split::Dates { .. } | Split::TimeShare { .. } => &[],
        };
        let lists = [self.target_columns.as_slice(), split, self.duplicates.key()];
        lists.iter().any(|names| names.iter().any(|name| name == column))
            || self.entity.as_deref() == Some(column)
            || self.time.iter().any(|time| time.iter().any(|name| name == column))
    }

    /// Columns that `[clean]` names, beside those of the split, with the key that names them.
    pub(crate) fn named(&self) -> Vec<(&'static str, String)> {
        let filled = self.fill.columns.keys().map(|c| ("[clean.fill.columns]", c));
        let winsorised = self.winsorise.keys().map(|c| ("[clean] winsorise", c));
        let key = self.duplicates.key().iter().map(|c| ("[clean] duplicates", c));
        filled.chain(winsorised).chain(key).map(|(key, column)| (key, column.clone())).collect()
    }

    /// A value of `[clean]` that is wrong, with the line of the key at `path` in it.
    pub(crate) fn wrong(&self, path: &[&str], message: &str) -> Error {
        self.written.0.invalid_at(&[&["clean"], path].concat(), message)
    }

    /// The effective configuration, as `--print-config` shows it.
    ///
    /// # Errors
    /// If it has no JSON form.
    pub(crate) fn print(&self) -> Result<String> {
        json::pretty(self)
    }
}

/// Two levels of quantiles for each column.
fn levels(config: &Config, given: &BTreeMap<String, Vec<f64>>) -> Result<BTreeMap<String, [f64; 2]>> {
    let mut all = BTreeMap::new();
    for (column, levels) in given {
        let share = |level: &f64| (0.0..=1.0).contains(level);
        match levels.as_slice() {
            [low, high] if share(low) && share(high) && low < high => {
                all.insert(column.clone(), [*low, *high]);
            }
            _ => {
                let message = format!(
                    "[clean] winsorise: {} is between quantiles of levels {levels:?}; expected two levels from 0 to 1, the lower first, such as [0.01, 0.99]",
                    text::name(column)
                );
                return Err(config.invalid_at(&["clean", "winsorise", column], &message));
            }
        }
    }
    Ok(all)
}
