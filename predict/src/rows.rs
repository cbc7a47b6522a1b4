//! Rows on their way to the model.

use std::collections::BTreeMap;

use common::error::Result;
use common::manifest::FileRecord;
use common::schema::{Field, Kind, Role};
use polars::prelude::Column;
use serde_json::Value;

/// Some rows: what says which they are, their features, and what is to be said of each.
pub struct Rows {
    /// Key columns, or source and line; as many, and of the same types, for all rows of a run.
    pub keys: Vec<Column>,
    /// By feature, in the order of the model; NaN where a value is missing.
    pub features: Vec<Vec<f64>>,
    /// What the model predicts, in the unit of the target, NaN where it is not known; empty where nobody asked for it.
    pub outcomes: Vec<f64>,
    /// What their preparation says of them; a features table does not tell.
    pub notes: Option<Notes>,
}

/// What the preparation says of rows.
#[derive(Default)]
pub struct Notes {
    /// Text columns with a value that no training row had.
    pub unseen: Vec<Mark>,
    /// Columns that were missing and were filled.
    pub filled: Vec<Mark>,
    /// Features that were missing and were filled.
    pub made: Vec<Mark>,
    /// Columns with a value beyond the learned limits, which was moved to the limit.
    pub limited: Vec<Mark>,
}

/// The rows of which something is true of one column.
pub struct Mark {
    /// The column's name.
    pub column: String,
    /// Row by row.
    pub rows: Vec<bool>,
}

impl Mark {
    /// A mark; nothing where it holds of no row.
    pub(crate) fn new(column: &str, rows: Vec<bool>) -> Option<Self> {
        rows.contains(&true).then(|| Self { column: column.to_owned(), rows })
    }
}

/// What takes the rows, batch by batch.
pub trait Sink {
    /// Says which columns the keys of all rows have, and whether rows come with notes; before any row.
    ///
    /// # Errors
    /// Where such rows cannot be taken.
    fn begin(&mut self, keys: &[Field], has_notes: bool) -> Result<()>;

    /// Names a file that was read: of `earlier` rows, or of those handed over.
    fn read(&mut self, record: FileRecord, earlier: bool);

    /// Counts rows that were read and are not handed over.
    fn drop_rows(&mut self, reason: &'static str, rows: u64);

    /// Counts rows that were read for those that are handed over.
    fn keep_apart(&mut self, reason: &'static str, rows: u64);

    /// Takes what else was found of the rows, by key; not all have a place for it.
    fn found(&mut self, _found: BTreeMap<&'static str, Value>) {}

    /// Takes rows.
    ///
    /// # Errors
    /// As what becomes of them has it.
    fn write(&mut self, rows: Rows) -> Result<()>;
}

/// Names of marked columns by row, parted by `;`; a `;` in a name has a backslash before it.
pub(crate) fn marked<'a>(height: usize, marks: impl IntoIterator<Item = &'a Mark>) -> Vec<Option<String>> {
    let mut cells: Vec<Option<String>> = vec![None; height];
    for mark in marks {
        let name = mark.column.replace(';', "\\;");
        for (cell, _) in cells.iter_mut().zip(&mark.rows).filter(|(_, marked)| **marked) {
            match cell {
                Some(names) => {
                    names.push(';');
                    names.push_str(&name);
                }
                None => *cell = Some(name.clone()),
            }
        }
    }
    cells
}

/// The columns that say where a row stands, for rows without a key.
pub(crate) fn place_fields() -> Vec<Field> {
    vec![Field::new("source", Kind::String, Role::Input), Field::new("line", Kind::Integer, Role::Input)]
}

/// Source and line of rows as columns.
pub(crate) fn places(sources: &[&str], lines: &[u64]) -> Vec<Column> {
    let lines: Vec<i64> = lines.iter().map(|line| line.cast_signed()).collect();
    vec![Column::new("source".into(), sources), Column::new("line".into(), lines)]
}
