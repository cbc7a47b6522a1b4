//! What was learned from the training rows, applied as it is to raw rows of any file: what `predict` calls.
//!
//! A cell breaks the contract here as it does in the stage, and is told by file, line and column. What is asked
//! of rows together (keys, what was accepted, the split) is not asked of new rows.

mod same;

use std::collections::BTreeSet;

use common::error::{Error, Result};
use common::order::Order;
use common::schema::{Contract, Field, Kind, Numerals};
use common::time::Clock;
use polars::prelude::DataFrame;
use serde::Deserialize;
use serde_json::Value;

use crate::columns::{Rules, by_contract, plain};
use crate::fill::{self, ColumnFill, indicator_of};
use crate::raw_form::RawForm;
use crate::settings::Method;
use crate::spelling::Spellings;
use crate::split::Part;
use crate::typing::Typing;
use crate::violations::{Sources, Violations};
use crate::winsorise::{self, Bounds};

pub use same::{Clash, Same};

/// How raw rows become rows of the clean table: what a model holds of it.
#[derive(Clone, Debug)]
pub struct Preparation {
    raw: RawForm,
    limits: Vec<Bounds>,
    fills: Vec<ColumnFill>,
}

#[derive(Deserialize)]
struct Stored {
    raw: Option<RawForm>,
    winsorised: Vec<Bounds>,
    fills: Vec<ColumnFill>,
}

/// What is read of the files.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Columns that are typed.
    pub columns: Vec<String>,
    /// Their places in the file, from 0, for messages.
    pub positions: Vec<usize>,
    /// Columns that tell whether two rows are the same.
    pub identity: Vec<String>,
    /// How values are written, where neither the contract says so nor it is as in most sources.
    pub spelling: Option<(Vec<String>, Numerals)>,
}

/// A table within its limits and filled.
pub struct Filled {
    /// The table.
    pub table: DataFrame,
    /// Its columns.
    pub fields: Vec<Field>,
    /// For columns that were filled, the rows.
    pub filled: Vec<(String, Vec<bool>)>,
    /// For columns of which values were moved to a limit, the rows.
    pub limited: Vec<(String, Vec<bool>)>,
}

impl Preparation {
    /// What `learned` (of a manifest or a model) holds.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where it holds none, or one of an earlier version.
    pub fn of(learned: &Value) -> Result<Self> {
        let stored = Stored::deserialize(learned)
            .map_err(|e| Error::checkpoint(format!("it does not say how its rows were cleaned: {e}")))?;
        let raw = stored.raw.ok_or_else(|| {
            Error::checkpoint(
                "it was made by a version that did not record how raw rows are read; make it again",
            )
        })?;
        Ok(Self { raw, limits: stored.winsorised, fills: stored.fills })
    }

    /// The columns of the raw table.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.raw.columns.iter().map(|c| c.name.as_str())
    }

    /// What was given of the dialects of the sources, as `ingest` recorded it.
    #[must_use]
    pub fn dialects(&self) -> &Value {
        &self.raw.dialects
    }

    /// Columns of entity and time, in the order of the raw table's names.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let time = self.raw.time.iter().flat_map(|t| t.iter().map(str::to_owned));
        self.raw.entity.iter().cloned().chain(time).collect()
    }

    /// The column of the group that rows belong to.
    #[must_use]
    pub fn entity(&self) -> Option<&str> {
        self.raw.entity.as_deref()
    }

    /// Whether the target is made of this column, so that new rows may lack it.
    #[must_use]
    pub fn is_of_target(&self, column: &str) -> bool {
        self.raw.target.iter().any(|c| c == column)
    }

    /// The columns of a key by which rows repeat one another.
    #[must_use]
    pub fn key_of_duplicates(&self) -> &[String] {
        self.raw.duplicates.key()
    }

    /// The raw columns that these columns of the clean table are made of; indicators are of their column.
    #[must_use]
    pub fn raw_of(&self, clean: &BTreeSet<String>) -> BTreeSet<String> {
        let raw = |name: &String| {
            let of = self.fills.iter().find(|f| f.indicator && indicator_of(&f.column) == *name);
            of.filter(|_| !self.columns().any(|c| c == name))
                .map_or_else(|| name.clone(), |f| f.column.clone())
        };
        clean.iter().map(raw).collect()
    }

    /// Whether one of these raw columns is filled from earlier rows.
    #[must_use]
    pub fn looks_back(&self, columns: &[String]) -> bool {
        self.fills.iter().any(|f| f.method == Method::Last && columns.contains(&f.column))
    }

    /// Begins to read files of these names.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where the contract it holds is none.
    pub fn read(&self, wanted: Wanted, files: Vec<String>) -> Result<Typing> {
        let mut violations = Violations::default();
        let mut rules = self.rules(&wanted, &mut violations)?;
        let keys = self.keys();
        for rule in &mut rules.columns {
            let name = &rule.field.name;
            rule.constraints.required |= keys.contains(name);
            if self.is_of_target(name) {
                rule.constraints.required = false;
                let own = rule.missing.take().unwrap_or_else(|| rules.spellings.missing().to_vec());
                rule.missing = Some(own.into_iter().chain([String::new()]).collect());
            }
        }
        let fields = rules.fields();
        let clock = self.raw.time.as_ref().map(|time| Clock::new(time, &fields)).transpose()?;
        let names = rules.columns.iter().map(|r| r.field.name.as_str());
        let positions = names.map(|name| {
            let number = wanted.columns.iter().position(|c| c == name);
            number.and_then(|n| wanted.positions.get(n).copied()).unwrap_or(0)
        });
        let is_category = |f: &&ColumnFill| f.method == Method::Missing && wanted.columns.contains(&f.column);
        Ok(Typing {
            positions: positions.collect(),
            categories: self.fills.iter().filter(is_category).map(|f| f.column.clone()).collect(),
            identity: wanted.identity,
            rules,
            clock,
            violations,
            sources: Sources::of_files(files),
            rows: 0,
        })
    }

    fn rules(&self, wanted: &Wanted, violations: &mut Violations) -> Result<Rules> {
        if let Some(schema) = &self.raw.schema {
            let wrong = |e: String| Error::checkpoint(format!("the schema it holds is none: {e}"));
            let mut contract = Contract::of_json(schema).map_err(wrong)?;
            contract.fields.retain(|f| wanted.columns.contains(&f.name));
            let mut rules = by_contract(&contract, &wanted.columns, violations);
            rules.keys.clear();
            return Ok(rules);
        }
        let (missing, numerals) =
            wanted.spelling.clone().unwrap_or_else(|| (self.raw.null_tokens.clone(), self.raw.numerals));
        let spellings = Spellings::one(missing, numerals);
        let keys = self.keys();
        let columns = self.raw.columns.iter().filter(|c| wanted.columns.contains(&c.name));
        let columns = columns.map(|column| {
            // That all training rows had whole numbers says nothing against others.
            let is_number = column.kind == Kind::Integer && !keys.contains(&column.name);
            let kind = if is_number { Kind::Number } else { column.kind };
            plain(&column.name, kind, common::schema::Form::new(column.format.as_deref(), numerals))
        });
        Ok(Rules { columns: columns.collect(), spellings, keys: Vec::new() })
    }

    /// A typed table within the learned limits and with the learned fills. Where a column is filled from earlier
    /// rows, the table holds these.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where a fill is none of its column's type.
    pub fn fill(&self, table: &DataFrame, fields: &[Field]) -> Result<Filled> {
        let parts = vec![Part::Test; table.height()];
        let limited = winsorise::rows(table, fields, &self.limits)?;
        let within = winsorise::apply(table, fields, &self.limits, &parts)?;
        let names: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
        let past = match &self.raw.time {
            Some(time) if self.looks_back(&names) => {
                let times = Clock::new(time, fields)?.ordinals(table)?;
                let times = times.map_err(|_| Error::unexpected("a row without a valid time"))?;
                Some(Order::new(&within.table, self.raw.entity.as_deref(), &times)?)
            }
            _ => None,
        };
        let (table, fields) = fill::apply(within.table.clone(), &within.fields, &self.fills, past.as_ref())?;
        let mut filled = Vec::new();
        for fill in self.fills.iter().filter(|f| names.contains(&f.column)) {
            let before = within.table.column(&fill.column)?;
            if before.null_count() == 0 {
                continue;
            }
            let (before, after) = (before.is_null(), table.column(&fill.column)?.is_not_null());
            let rows = before.iter().zip(after.iter());
            filled.push((
                fill.column.clone(),
                rows.map(|(was, is)| was == Some(true) && is == Some(true)).collect(),
            ));
        }
        Ok(Filled { table, fields, filled, limited })
    }
}
