//! `clean.lock`: columns, levels and rows as a person accepted them. Where there is one, a later run finds
//! what fits it, or says what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use common::error::reason;
use common::project::names;
use common::schema::{Kind, Role};
use common::{Class, Error, Project, Result, json, publish, text};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use crate::columns::{Rule, Rules};
use crate::settings::{OnChange, Settings};
use crate::violations::Sources;

/// Most levels of a column that is taken for categorical, and how often each is seen at least, on average.
const MOST_LEVELS: usize = 100;
const SEEN_EACH: usize = 10;

/// New levels of one column that are named one by one.
const LEVELS_NAMED: usize = 10;

/// Changes shown with the message.
const SHOWN: usize = 50;

/// Largest lock read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    /// Columns in the order of the table, under the contract.
    columns: Vec<Column>,
    /// Rows of the raw table.
    rows: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// All its texts, where it is categorical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    levels: Option<BTreeSet<String>>,
    /// Whether it had no value in any row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    empty: bool,
}

/// How a table stands to what was accepted.
pub(crate) struct Held {
    /// What a person accepts with this run.
    anew: Option<Accepted>,
    /// What changed since, where that only warns.
    pub(crate) changes: Vec<String>,
}

impl Held {
    /// Holds the typed raw table against the lock; with `anew` it becomes the lock.
    ///
    /// # Errors
    /// [`Class::Schema`] with all that changed, unless `[clean] accepted` only warns; [`Class::Usage`] with the
    /// line of a lock that is none.
    pub(crate) fn new(
        project: &Project,
        settings: &Settings,
        rules: &Rules,
        table: &DataFrame,
        sources: &Sources,
        anew: bool,
    ) -> Result<Self> {
        if anew {
            return Ok(Self { anew: Some(Accepted::found(rules, table)?), changes: Vec::new() });
        }
        let Some(accepted) = Accepted::read(project)? else {
            return Ok(Self { anew: None, changes: Vec::new() });
        };
        let mut changes = accepted.columns_changed(rules, table)?;
        for column in &accepted.columns {
            changes.extend(column.new_levels(rules, table, sources)?);
        }
        changes.extend(accepted.rows_changed(table.height() as u64, settings.accepted_rows_factor));
        if settings.accepted == OnChange::Error {
            refuse(&changes, project)?;
        }
        changes
            .iter()
            .take(SHOWN)
            .for_each(|c| log::warn!("{}: not what was accepted: {c}", names::CLEAN_LOCK));
        Ok(Self { anew: None, changes })
    }

    /// Writes the lock, where a person accepts one.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(crate) fn write(&self, project: &Project) -> Result<()> {
        let Some(anew) = &self.anew else { return Ok(()) };
        publish::write_if_changed(&project.path(names::CLEAN_LOCK), json::pretty(anew)?.as_bytes()).map(drop)
    }
}

fn refuse(changes: &[String], project: &Project) -> Result<()> {
    let Some(first) = changes.first() else { return Ok(()) };
    let more = match changes.len() {
        1 => String::new(),
        n => format!("; {n} changes in all"),
    };
    let message = format!(
        "not what was accepted: {first}{more}; `make accept` (`clean --accept`) takes what is found now"
    );
    let others = changes.iter().skip(1).take(SHOWN).cloned().collect();
    Err(Error::new(Class::Schema, message).at(&project.path(names::CLEAN_LOCK)).with_details(others))
}

impl Accepted {
    fn read(project: &Project) -> Result<Option<Self>> {
        let path = project.path(names::CLEAN_LOCK);
        if path.metadata().is_ok_and(|m| !m.is_file() || m.len() > LARGEST) {
            return Err(Error::usage("a lock is a regular file of at most 256 MiB").at(&path));
        }
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::usage(format!("cannot read: {}", reason(&e))).at(&path)),
        };
        serde_json::from_str(&text).map(Some).map_err(|e| {
            Error::usage("is not what `make accept` writes; restore it, or run `make accept`")
                .at_line(&path, (e.line() as u64).max(1))
        })
    }

    fn found(rules: &Rules, table: &DataFrame) -> Result<Self> {
        let mut columns = Vec::with_capacity(rules.columns.len());
        for Rule { field, .. } in &rules.columns {
            // The parts of the split are known beforehand.
            let textual = field.kind == Kind::String && field.role != Role::Split;
            let levels = if textual { levels(table.column(&field.name)?.str()?.iter()) } else { None };
            let empty = table.column(&field.name)?.null_count() == table.height();
            columns.push(Column { name: field.name.clone(), kind: field.kind, levels, empty });
        }
        Ok(Self { columns, rows: table.height() as u64 })
    }

    fn columns_changed(&self, rules: &Rules, table: &DataFrame) -> Result<Vec<String>> {
        let now: HashMap<&str, Kind> =
            rules.columns.iter().map(|r| (r.field.name.as_str(), r.field.kind)).collect();
        let before: HashSet<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        let gone = self.columns.iter().filter(|c| !now.contains_key(c.name.as_str()));
        let mut changes: Vec<String> =
            gone.map(|c| format!("column {} is gone", text::name(&c.name))).collect();
        let new = rules.columns.iter().filter(|r| !before.contains(r.field.name.as_str()));
        changes.extend(new.map(|r| format!("column {} is new", text::name(&r.field.name))));
        for column in &self.columns {
            let Some(kind) = now.get(column.name.as_str()) else { continue };
            // A column without a value is of any type.
            let empty = table.column(&column.name)?.null_count() == table.height();
            if empty && !column.empty {
                changes.push(format!(
                    "column {} has no value, was {}",
                    text::name(&column.name),
                    column.kind
                ));
            } else if !empty && !column.holds(*kind) {
                changes.push(format!("column {} is {kind}, was {}", text::name(&column.name), column.kind));
            }
        }
        Ok(changes)
    }

    fn rows_changed(&self, rows: u64, factor: f64) -> Option<String> {
        let (now, before) = (rows as f64, self.rows as f64);
        let how = if now > before * factor {
            "as many"
        } else if now * factor < before {
            "fewer"
        } else {
            return None;
        };
        Some(format!("{}, was {}: more than {factor} times {how}", text::count(rows, "row"), self.rows))
    }
}

impl Column {
    /// Whether values of `kind` are values of this column.
    fn holds(&self, kind: Kind) -> bool {
        self.empty || self.kind == kind || self.kind == Kind::Number && kind == Kind::Integer
    }

    /// Levels that were not accepted, with the first row of each.
    fn new_levels(&self, rules: &Rules, table: &DataFrame, sources: &Sources) -> Result<Vec<String>> {
        let Some(levels) = &self.levels else { return Ok(Vec::new()) };
        let rule = rules.columns.iter().find(|r| r.field.name == self.name);
        if rule.is_none_or(|r| r.field.kind != Kind::String) {
            return Ok(Vec::new());
        }
        let known: HashSet<&str> = levels.iter().map(String::as_str).collect();
        let mut new: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (cell, row) in table.column(&self.name)?.str()?.iter().zip(0..) {
            if let Some(cell) = cell.filter(|cell| !known.contains(cell)) {
                new.entry(cell).or_insert((row, 0)).1 += 1;
            }
        }
        let mut new: Vec<_> = new.into_iter().map(|(level, (first, count))| (first, level, count)).collect();
        new.sort_unstable();
        let column = text::name(&self.name);
        let mut changes: Vec<String> = new
            .iter()
            .take(LEVELS_NAMED)
            .map(|(first, level, count)| {
                let (rows, place) = (text::count(*count, "row"), sources.place(*first));
                format!(
                    "column {column} has the new level {} in {rows}, the first {place}",
                    text::name(level)
                )
            })
            .collect();
        if let Some(more) = new.len().checked_sub(LEVELS_NAMED).filter(|more| *more > 0) {
            changes.push(format!("column {column} has {more} more new levels"));
        }
        Ok(changes)
    }
}

/// The levels of a categorical column: few, and each seen often.
fn levels<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> Option<BTreeSet<String>> {
    let mut levels = HashSet::new();
    let mut present = 0;
    for cell in cells.flatten() {
        present += 1;
        if levels.insert(cell) && levels.len() > MOST_LEVELS {
            return None;
        }
    }
    let often = present >= SEEN_EACH * levels.len() && !levels.is_empty();
    often.then(|| levels.into_iter().map(str::to_owned).collect())
}
