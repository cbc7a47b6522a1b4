//! All sources into one table, a record at a time: memory does not grow with the input.

use std::collections::BTreeSet;
use std::path::Path;

use common::checkpoint::Places;
use common::lines::{self, LineIndexWriter};
use common::publish::{Target, Written};
use common::schema::{Field, Kind, Role};
use common::table::TableWriter;
use common::{Class, Error, Result, text};
use csv::StringRecord;

use crate::batch::Batch;
use crate::columns;
use crate::profile::Profile;
use crate::records::Records;
use crate::sources::Source;
use crate::strict::Facts;

/// Most rows of a wrong length that are listed.
const MOST_LISTED: usize = 10;

/// The table, complete under its temporary name, and what was found on the way.
pub(crate) struct Combined {
    pub(crate) table: Written,
    /// The line index; none in a pipe without a manifest.
    pub(crate) lines: Option<Written>,
    pub(crate) fields: Vec<Field>,
    pub(crate) profiles: Vec<Profile>,
    /// What each source held.
    pub(crate) read: Vec<ReadSource>,
    pub(crate) rows: u64,
}

/// What one source held.
pub(crate) struct ReadSource {
    pub(crate) facts: Facts,
    pub(crate) rows: u64,
    /// The line of its first row.
    pub(crate) first_line: Option<u64>,
    /// Whether its columns stand in the order of the table.
    pub(crate) same_order: bool,
}

/// Reads every source and writes its rows, cells as they stood.
///
/// # Errors
/// [`Class::Refused`] for a broken source, by file and line; [`Class::Rows`] where there is no row.
pub(crate) fn combine(
    sources: &[Source],
    names: &[String],
    null_tokens: &BTreeSet<String>,
    places: &Places,
) -> Result<Combined> {
    let mut table = Table::create(names, null_tokens, places)?;
    let mut read = Vec::with_capacity(sources.len());
    for (source, number) in sources.iter().zip(0..) {
        // A file that somebody writes to looks broken in many ways; that it changed says more.
        let one = table.read(source, number).map_err(|e| source.unchanged().err().unwrap_or(e))?;
        source.unchanged()?;
        log::info!("read {} from {}", text::count(one.rows, "row"), text::path(&source.shown));
        if one.rows == 0 {
            log::warn!("{} holds a header and no row", text::path(&source.shown));
        }
        if one.facts.blank_lines > 0 {
            log::info!(
                "skipped {} in {}",
                text::count(one.facts.blank_lines, "blank line"),
                text::path(&source.shown)
            );
        }
        read.push(one);
    }
    table.finish(read)
}

/// The table being written.
struct Table<'a> {
    names: &'a [String],
    null_tokens: &'a BTreeSet<String>,
    fields: Vec<Field>,
    profiles: Vec<Profile>,
    batch: Batch,
    writer: TableWriter,
    lines: Option<LineIndexWriter>,
}

impl<'a> Table<'a> {
    fn create(names: &'a [String], null_tokens: &'a BTreeSet<String>, places: &Places) -> Result<Self> {
        let fields: Vec<Field> = names.iter().map(|n| Field::new(n, Kind::String, Role::Input)).collect();
        let lines = places.companion(lines::ENDING);
        Ok(Self {
            writer: TableWriter::create(&places.output, &fields)?,
            lines: lines.map(|path| LineIndexWriter::create(&Target::File(path))).transpose()?,
            profiles: vec![Profile::default(); names.len()],
            batch: Batch::new(names),
            names,
            null_tokens,
            fields,
        })
    }

    fn read(&mut self, source: &Source, number: usize) -> Result<ReadSource> {
        let mut records = Records::open(source)?;
        let header = columns::header(&mut records, &source.shown)?;
        let positions = columns::positions(self.names, &header).map_err(|difference| {
            Error::new(Class::Refused, format!("columns changed: {difference}")).at(&source.shown)
        })?;
        let mut ragged = Ragged::new(header.len());
        let mut record = StringRecord::new();
        let (mut rows, mut first_line) = (0, None);
        while let Some(line) = records.next(&mut record)? {
            if record.len() != header.len() {
                ragged.add(line, record.len());
            } else if ragged.count == 0 {
                rows += 1;
                first_line = first_line.or(Some(line));
                self.push(&record, &positions, number, line)?;
            }
        }
        ragged.refuse(&source.shown)?;
        let same_order = positions.is_sorted();
        Ok(ReadSource { facts: records.finish(), rows, first_line, same_order })
    }

    fn push(&mut self, record: &StringRecord, positions: &[usize], source: usize, line: u64) -> Result<()> {
        for (profile, position) in self.profiles.iter_mut().zip(positions) {
            profile.add(&record[*position], self.null_tokens);
        }
        self.batch.push(record, positions);
        if let Some(lines) = &mut self.lines {
            lines.add(source, line)?;
        }
        if self.batch.is_full() {
            self.writer.write(&self.batch.take()?)?;
        }
        Ok(())
    }

    fn finish(mut self, read: Vec<ReadSource>) -> Result<Combined> {
        self.writer.write(&self.batch.take()?)?;
        let rows = self.writer.rows();
        if rows == 0 {
            let sources = text::count(read.len() as u64, "source");
            return Err(Error::new(
                Class::Rows,
                format!("no rows: {sources} with a header and nothing else"),
            ));
        }
        Ok(Combined {
            table: self.writer.finish()?,
            lines: self.lines.map(LineIndexWriter::finish).transpose()?,
            fields: self.fields,
            profiles: self.profiles,
            read,
            rows,
        })
    }
}

/// Rows with another number of cells than the header.
struct Ragged {
    expected: usize,
    count: u64,
    first: Vec<(u64, usize)>,
}

impl Ragged {
    fn new(expected: usize) -> Self {
        Self { expected, count: 0, first: Vec::new() }
    }

    fn add(&mut self, line: u64, found: usize) {
        self.count += 1;
        if self.first.len() < MOST_LISTED {
            self.first.push((line, found));
        }
    }

    fn refuse(&self, shown: &Path) -> Result<()> {
        let Some((line, found)) = self.first.first() else { return Ok(()) };
        let cells = |found: usize| text::count(found as u64, "cell");
        let total =
            if self.count == 1 { String::new() } else { format!("; {} rows like it in all", self.count) };
        let others = self.first.iter().skip(1);
        let others =
            others.map(|(line, found)| format!("{}:{line}: {}", text::path(shown), cells(*found))).collect();
        Err(Error::new(
            Class::Refused,
            format!("{}, expected {} as in the header{total}", cells(*found), self.expected),
        )
        .at_line(shown, *line)
        .with_details(others))
    }
}
