//! Rows on their way to the model.

use common::schema::{Field, Kind, Role};
use polars::prelude::Column;

/// Some rows: what says which they are, their features, and what is to be said of each.
pub(crate) struct Rows {
    /// Key columns, or source and line; as many, and of the same types, for all rows of a run.
    pub(crate) keys: Vec<Column>,
    /// By feature, in the order of the model; NaN where a value is missing.
    pub(crate) features: Vec<Vec<f64>>,
    /// What their preparation says of them; a features table does not tell.
    pub(crate) notes: Option<Notes>,
}

/// What the preparation says of rows.
#[derive(Default)]
pub(crate) struct Notes {
    /// Text columns with a value that no training row had.
    pub(crate) unseen: Vec<Mark>,
    /// Columns and features that were missing and were filled.
    pub(crate) filled: Vec<Mark>,
    /// Columns with a value beyond the learned limits, which was moved to the limit.
    pub(crate) limited: Vec<Mark>,
}

/// The rows of which something is true of one column.
pub(crate) struct Mark {
    pub(crate) column: String,
    pub(crate) rows: Vec<bool>,
}

impl Mark {
    /// A mark; nothing where it holds of no row.
    pub(crate) fn new(column: &str, rows: Vec<bool>) -> Option<Self> {
        rows.contains(&true).then(|| Self { column: column.to_owned(), rows })
    }
}

/// Names of marked columns by row, parted by `;`; a `;` in a name has a backslash before it.
pub(crate) fn marked(height: usize, marks: &[Mark]) -> Vec<Option<String>> {
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
