//! Breaches of the contract: where each is, what was found, what was expected.

use std::collections::BTreeMap;
use std::path::Path;

use common::error::{Class, Error, Result};
use common::lines::LineIndex;
use common::publish::{self, Target};
use common::text;

/// Breaches kept one by one; beyond, they are only counted.
const KEPT: usize = 1_000_000;
/// Lines shown with the message; the file holds all that are kept.
const SHOWN: usize = 50;

/// Breaches found so far.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    kept: Vec<Violation>,
    by_column: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Violation {
    row: Option<u64>,
    position: usize,
    column: String,
    what: String,
}

impl Violations {
    /// A column as a whole breaks the contract.
    pub(crate) fn add_column(&mut self, column: &str, what: &str) {
        self.push(Violation { row: None, position: 0, column: column.to_owned(), what: what.to_owned() });
    }

    /// The cell in `row` (from 0) of the column at `position` (from 0) breaks it.
    pub(crate) fn add_cell(&mut self, row: u64, position: usize, column: &str, what: String) {
        self.push(Violation { row: Some(row), position, column: column.to_owned(), what });
    }

    fn push(&mut self, violation: Violation) {
        *self.by_column.entry(violation.column.clone()).or_default() += 1;
        if self.kept.len() < KEPT {
            self.kept.push(violation);
        }
    }

    /// Ends the stage if there is any breach, after writing them all to `file`; removes a file of
    /// an earlier run otherwise.
    ///
    /// # Errors
    /// [`Class::Schema`] with the places.
    pub(crate) fn stop(&self, places: &Sources, file: Option<&Path>) -> Result<()> {
        let total: u64 = self.by_column.values().sum();
        if total == 0 {
            return file.map_or(Ok(()), publish::remove);
        }
        let lines: Vec<String> = self.kept.iter().take(SHOWN).map(|v| places.line(v)).collect();
        let columns: Vec<String> =
            self.by_column.iter().map(|(c, n)| format!("{} {n}", text::name(c))).collect();
        let mut message = format!("{} of the contract: {}", text::count(total, "breach").replace("breachs", "breaches"), columns.join(", "));
        if let Some(path) = file {
            publish::publish(vec![publish::of_bytes(&Target::file(path), &self.csv(places)?)?])?;
            message.push_str(&format!("; all of them in {}", text::path(path)));
        }
        Err(Error::new(Class::Schema, message).with_details(lines))
    }

    fn csv(&self, places: &Sources) -> Result<Vec<u8>> {
        let failed = |e: csv::Error| Error::unexpected(format!("cannot list the breaches: {e}"));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["source", "line", "column", "what"]).map_err(failed)?;
        for v in &self.kept {
            let (source, line) = places.of(v.row);
            writer.write_record([source, &line.to_string(), &v.column, &v.what]).map_err(failed)?;
        }
        writer.into_inner().map_err(|e| Error::unexpected(e.to_string()))
    }
}

/// Where the rows of the raw table came from.
pub(crate) struct Sources {
    pub(crate) names: Vec<String>,
    pub(crate) raw: String,
    pub(crate) index: Option<LineIndex>,
}

impl Sources {
    /// Source and line of a row; the raw table's own lines where no index is beside it.
    pub(crate) fn of(&self, row: Option<u64>) -> (&str, u64) {
        let Some(row) = row else { return (self.names.first().map_or(self.raw.as_str(), String::as_str), 1) };
        match self.index.as_ref().map(|i| i.place(row)) {
            Some((source, line)) => (self.names.get(source).map_or(self.raw.as_str(), String::as_str), line),
            None => (self.raw.as_str(), row + 2),
        }
    }

    fn line(&self, v: &Violation) -> String {
        let (source, line) = self.of(v.row);
        let position = if v.row.is_some() { format!(" ({})", v.position + 1) } else { String::new() };
        format!("{}:{line}: column {}{position}: {}", text::shown(source), text::name(&v.column), v.what)
    }
}
