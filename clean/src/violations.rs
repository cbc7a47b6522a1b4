//! Breaches of the contract: where each is, what was found, what was expected.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use common::checkpoint::Checkpoint;
use common::error::{Class, Error, Result};
use common::lines::{self, LineIndex};
use common::publish::{self, Target};
use common::table::Format;
use common::text;

/// Breaches kept one by one; beyond, they are only counted.
const KEPT: usize = 1_000_000;
/// Lines shown with the message; the file holds all that are kept.
const SHOWN: usize = 50;
/// Columns named in the message.
const NAMED: usize = 20;

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
    /// Whether there is none so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_column.is_empty()
    }

    /// Whether further breaches are only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= KEPT
    }

    /// A column as a whole breaks the contract.
    pub(crate) fn add_column(&mut self, column: &str, what: &str) {
        self.push(Violation { row: None, position: 0, column: column.to_owned(), what: what.to_owned() });
    }

    /// The cell in `row` (from 0) of the column at `position` (from 0) breaks it.
    pub(crate) fn add_cell(&mut self, row: u64, position: usize, column: &str, what: String) {
        self.push(Violation { row: Some(row), position, column: column.to_owned(), what });
    }

    /// ` (did you mean x?)` in a message about a column; nothing where there are more messages than are shown.
    pub(crate) fn near<'a>(&self, wrong: &str, candidates: impl Iterator<Item = &'a str>) -> String {
        if self.kept.len() < SHOWN { text::did_you_mean(wrong, candidates) } else { String::new() }
    }

    fn push(&mut self, violation: Violation) {
        *self.by_column.entry(violation.column.clone()).or_default() += 1;
        if !self.is_full() {
            self.kept.push(violation);
        }
    }

    /// Ends the stage if there is any breach, after writing them all, row by row, to `file`; removes
    /// a file of an earlier run otherwise.
    ///
    /// # Errors
    /// [`Class::Schema`] with the places.
    pub(crate) fn stop(&mut self, places: &Sources, file: Option<&Path>) -> Result<()> {
        let total: u64 = self.by_column.values().sum();
        if total == 0 {
            return file.map_or(Ok(()), publish::remove);
        }
        self.kept.sort_by_key(|v| (v.row, v.position));
        let lines: Vec<String> = self.kept.iter().take(SHOWN).map(|v| places.line(v)).collect();
        let named = self.by_column.iter().take(NAMED);
        let columns: Vec<String> = named.map(|(c, n)| format!("{} {n}", text::name(c))).collect();
        let mut message = format!(
            "{} of the contract: {}",
            text::count(total, "breach").replace("breachs", "breaches"),
            columns.join(", ")
        );
        if let Some(more @ 1..) = self.by_column.len().checked_sub(NAMED) {
            message.push_str(&format!(" and {} more", text::count(more as u64, "column")));
        }
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
    names: Vec<String>,
    raw: String,
    index: Index,
}

/// The line of each row.
enum Index {
    /// As `ingest` wrote it.
    Ingested(LineIndex),
    /// Of a CSV file made by hand: its own lines.
    ByHand(Vec<u64>),
    /// Not known.
    None,
}

impl Sources {
    /// Sources whose rows come one after another.
    pub(crate) fn of_files(names: Vec<String>) -> Self {
        Self {
            raw: names.first().cloned().unwrap_or_default(),
            names,
            index: Index::Ingested(LineIndex::default()),
        }
    }

    /// Adds the next rows, which stand on consecutive lines from `line` of source number `source`.
    pub(crate) fn add_run(&mut self, source: usize, line: u64, rows: u64) {
        if let Index::Ingested(index) = &mut self.index {
            index.add_run(source, line, rows);
        }
    }

    /// The sources of `raw`.
    pub(crate) fn new(raw: &Checkpoint) -> Result<Self> {
        let names = raw.manifest.iter().flat_map(|m| m.inputs.iter().map(|i| i.name.clone())).collect();
        let index = match &raw.manifest {
            Some(_) => match raw.companion_listed(lines::ENDING)? {
                Some(path) => LineIndex::read(&path)?.map_or(Index::None, Index::Ingested),
                None => Index::None,
            },
            None if Format::of(&raw.path)? == Format::Csv => Index::ByHand(own_lines(raw)?),
            None => Index::None,
        };
        Ok(Self { names, raw: raw.record.name.clone(), index })
    }

    /// Source and line of a row; of the raw table as a whole, its first source and its header. Where
    /// no lines are known a row has the line it would have in CSV.
    pub(crate) fn of(&self, row: Option<u64>) -> (&str, u64) {
        let name = |source: usize| self.names.get(source).map_or(self.raw.as_str(), String::as_str);
        let Some(row) = row else { return (name(0), 1) };
        match &self.index {
            Index::Ingested(index) => {
                let (source, line) = index.place(row);
                (name(source), line)
            }
            Index::ByHand(lines) => {
                let line = usize::try_from(row).ok().and_then(|row| lines.get(row).copied());
                (self.raw.as_str(), line.unwrap_or(row + 2))
            }
            Index::None => (self.raw.as_str(), row + 2),
        }
    }

    /// Source and line of a row in a message.
    pub(crate) fn place(&self, row: u64) -> String {
        let (source, line) = self.of(Some(row));
        format!("{}:{line}", text::shown(source))
    }

    fn line(&self, v: &Violation) -> String {
        let (source, line) = self.of(v.row);
        let position = if v.row.is_some() { format!(" ({})", v.position + 1) } else { String::new() };
        format!("{}:{line}: column {}{position}: {}", text::shown(source), text::name(&v.column), v.what)
    }
}

/// The line on which each row of a CSV file made by hand begins.
fn own_lines(raw: &Checkpoint) -> Result<Vec<u64>> {
    let mut file = raw.file.try_clone().map_err(|e| Error::read(&raw.path, &e))?;
    file.rewind().map_err(|e| Error::read(&raw.path, &e))?;
    let broken = |e: csv::Error| Error::checkpoint(format!("cannot be read as CSV: {e}")).at(&raw.path);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| Error::read(&raw.path, &e))?;
    // A record is said to begin where the one before it ended: blank lines come in between.
    let begins = |at: &csv::Position| {
        let rest = usize::try_from(at.byte()).ok().and_then(|byte| bytes.get(byte..)).unwrap_or_default();
        let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
        at.line() + ends.filter(|b| **b == b'\n').count() as u64
    };
    let mut lines = Vec::new();
    for record in csv::Reader::from_reader(bytes.as_slice()).byte_records() {
        lines.extend(record.map_err(broken)?.position().map(begins));
    }
    Ok(lines)
}
