//! Columns of typed values as they grow, each in one piece of memory.

use common::error::Result;
use common::table::Growing;
use polars::prelude::{Column, DataFrame};
use rayon::prelude::*;

use crate::columns::Rules;

/// Columns as they grow, one for each of the rules.
pub(crate) struct Building(pub(super) Vec<Growing>);

impl Building {
    /// Columns with room for so many rows.
    pub(crate) fn new(rules: &Rules, rows: usize) -> Self {
        Self(rules.columns.iter().map(|rule| Growing::new(rule.field.kind, rows)).collect())
    }

    /// Adds the rows of others.
    pub(crate) fn append(&mut self, more: Self) {
        self.0.par_iter_mut().zip(more.0).for_each(|(column, more)| column.append(more));
    }

    /// The table of all columns, which have so many rows.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where they have not.
    pub(crate) fn table(self, rules: &Rules, rows: usize) -> Result<DataFrame> {
        let columns = rules.columns.iter().zip(self.0);
        let columns = columns.map(|(rule, column)| column.finish(&rule.field.name));
        Ok(DataFrame::new(rows, columns.collect::<Result<Vec<Column>>>()?)?)
    }
}
