//! Raw rows of any file, typed by the contract that a model holds.

use std::path::Path;

use common::error::Result;
use common::schema::Field;
use common::table::TextRows;
use common::time::Clock;
use polars::prelude::DataFrame;

use crate::columns::Rules;
use crate::typed::{Building, Digest, Form, Identity, Reading};
use crate::violations::{Sources, Violations};
use crate::{fill, rows};

/// Raw rows being read by the contract.
pub struct Typing {
    pub(crate) rules: Rules,
    /// Places of the columns in the files.
    pub(crate) positions: Vec<usize>,
    pub(crate) identity: Vec<String>,
    /// Columns whose missing cells become a category of their own.
    pub(crate) categories: Vec<String>,
    pub(crate) clock: Option<Clock>,
    pub(crate) violations: Violations,
    pub(crate) sources: Sources,
    /// Rows so far.
    pub(crate) rows: u64,
}

impl Typing {
    /// The columns that come out.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        self.rules.fields()
    }

    /// Types the next rows, text of source number `source`, in runs of rows on consecutive lines (the first
    /// line, and how many). Nothing once a cell has broken the contract, though all others are still checked.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a column is not there.
    pub fn add(
        &mut self,
        source: usize,
        runs: &[(u64, u64)],
        batch: &DataFrame,
    ) -> Result<Option<DataFrame>> {
        runs.iter().for_each(|(line, rows)| self.sources.add_run(source, *line, *rows));
        let first = self.rows;
        self.rows += batch.height() as u64;
        let names: Vec<&str> = self.rules.columns.iter().map(|r| r.field.name.as_str()).collect();
        let places: Vec<usize> = (0..names.len()).collect();
        let texts = TextRows::of(batch, &names)?;
        let reading = Reading::new(&self.rules, Some(&self.positions));
        let mut building = Building::new(&self.rules, texts.rows());
        let breaches = reading.read_into(&mut building, &texts, &places, first);
        reading.note(&breaches, &texts, &places, first, &mut self.violations);
        let table = building.table(&self.rules, texts.rows())?;
        let fields = self.rules.fields();
        let categories = self.categories.iter().map(String::as_str);
        fill::refuse_category(categories, &table, &fields, first, &mut self.violations)?;
        if self.violations.is_empty() {
            rows::timeline(self.clock.clone(), &table, first, &self.rules, &mut self.violations)?;
        }
        Ok(self.violations.is_empty().then_some(table))
    }

    /// The identities of the rows of a batch.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a column is not there.
    pub fn digests(&self, batch: &DataFrame) -> Result<Vec<Digest>> {
        let identity = Identity::new(&self.identity, Form::Lasting);
        Ok(identity.of(&TextRows::of(batch, &self.identity)?))
    }

    /// The name of the source and the line of a row, from 0.
    #[must_use]
    pub fn place(&self, row: u64) -> (&str, u64) {
        self.sources.of(Some(row))
    }

    /// Ends the run where any cell broke the contract, after writing all breaches to `file`.
    ///
    /// # Errors
    /// [`common::Class::Schema`] with the places.
    pub fn stop(&mut self, file: Option<&Path>) -> Result<()> {
        self.violations.stop(&self.sources, file)
    }
}
