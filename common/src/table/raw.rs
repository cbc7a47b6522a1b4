//! Tables of text, made in pieces on several threads and written in order.
//!
//! A CSV table is written as text straight away: quotes only where a cell holds a comma, a quote or a
//! line end, as RFC 4180 has it, and a missing cell is an empty one.

use polars::prelude::{Column, DataFrame, Series};

use super::csv::encode::{header, push_text};
use super::format::Format;
use super::raw_arrow::{Encoded, RawArrow, Texts};
use super::writer::{BATCH_ROWS, TableWriter};
use crate::error::{Error, Result};
use crate::publish::{Output, Target, Written};
use crate::schema::{Field, Kind, Role};

/// Bytes of rows that are collected for a batch of a binary format, each cell counted with its view.
const BATCH_BYTES: usize = 32 << 20;

/// Bytes of rows that make a batch of an Arrow file of their own, made where they were read.
const ENCODED_BYTES: usize = 1 << 18;

/// Bytes that a cell costs beside its text in a binary format.
const CELL_BYTES: usize = 16;

/// Some rows of a table of text.
pub struct RawRows {
    cells: Cells,
    rows: u64,
}

enum Cells {
    Text(Vec<u8>),
    Columns(Vec<Texts>, usize),
    Encoded(Encoded),
}

impl RawRows {
    /// No rows yet of a table with columns `names`; `bytes` is room for text.
    #[must_use]
    pub fn new(format: Format, names: &[String], bytes: usize) -> Self {
        let cells = match format {
            Format::Csv => Cells::Text(Vec::with_capacity(bytes)),
            Format::Parquet | Format::Arrow => {
                // Cells take about as much as their text; the first columns are as long as the others.
                let room = bytes / names.len().max(1);
                Cells::Columns(names.iter().map(|n| Texts::new(n, room / 4, room)).collect(), 0)
            }
        };
        Self { cells, rows: 0 }
    }

    /// Adds a row of as many cells as there are columns. Where the same cells parted by commas, none of
    /// them quoted, are at hand as `plain`, they are taken as they are.
    pub fn push<'a>(&mut self, plain: Option<&str>, row: impl ExactSizeIterator<Item = &'a str>) {
        self.rows += 1;
        match (&mut self.cells, plain) {
            (Cells::Text(text), Some(plain)) => {
                text.extend_from_slice(plain.as_bytes());
                text.push(b'\n');
            }
            (Cells::Text(text), None) => push_record(text, row),
            (Cells::Columns(columns, bytes), _) => {
                for (column, cell) in columns.iter_mut().zip(row) {
                    *bytes += cell.len() + CELL_BYTES;
                    column.push(cell);
                }
            }
            // Nothing is added to rows that are complete.
            (Cells::Encoded(_), _) => self.rows -= 1,
        }
    }

    /// Rows so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The rows as they will stand in the file, as far as that can be made on any thread; none are added after.
    ///
    /// # Errors
    /// [`crate::Class::Write`] where they are too long for a batch.
    pub fn complete(self, format: Format) -> Result<Self> {
        let Self { cells, rows } = self;
        let cells = match cells {
            Cells::Columns(columns, bytes) if format == Format::Arrow && bytes >= ENCODED_BYTES => {
                Cells::Encoded(Encoded::new(columns, length(rows))?)
            }
            cells => cells,
        };
        Ok(Self { cells, rows })
    }

    /// The rows as columns of text, an empty cell missing: those of a binary format.
    ///
    /// # Errors
    /// [`crate::Class::Unexpected`] for rows made as CSV.
    pub fn into_frame(self) -> Result<DataFrame> {
        let Cells::Columns(columns, _) = self.cells else {
            return Err(Error::unexpected("rows of another format"));
        };
        frame(columns, length(self.rows))
    }
}

fn frame(columns: Vec<Texts>, rows: usize) -> Result<DataFrame> {
    let column = |texts: Texts| {
        let name = texts.name().into();
        Series::from_arrow(name, texts.finish()?).map(Column::from).map_err(|e| unexpected(&e))
    };
    let columns = columns.into_iter().map(column).collect::<Result<Vec<_>>>()?;
    DataFrame::new(rows, columns).map_err(|e| unexpected(&e))
}

fn length(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// Writes one record in our own form.
fn push_record<'a>(text: &mut Vec<u8>, row: impl ExactSizeIterator<Item = &'a str>) {
    // A row of one empty cell would be a blank line, which is no row.
    let alone = row.len() == 1;
    for (cell, i) in row.zip(0u64..) {
        if i > 0 {
            text.push(b',');
        }
        // Of a row of text nothing says which empty cells are missing: all are.
        if alone || !cell.is_empty() {
            push_text(text, cell);
        }
    }
    text.push(b'\n');
}

/// A table of text being written.
pub struct RawTable {
    sink: Sink,
    rows: u64,
}

enum Sink {
    Text(Output),
    Arrow(Box<RawArrow>),
    Batches { writer: TableWriter, pending: Option<DataFrame>, bytes: usize },
}

impl RawTable {
    /// Opens a table with columns `names`, all text, for writing.
    ///
    /// # Errors
    /// As [`TableWriter::create`].
    pub fn create(target: &Target, names: &[String]) -> Result<Self> {
        let sink = match Format::of(target.shown())? {
            Format::Csv => {
                let mut output = Output::create(target)?;
                output.write_bytes(&header(names.iter().map(String::as_str)))?;
                Sink::Text(output)
            }
            Format::Arrow => Sink::Arrow(Box::new(RawArrow::create(target, names)?)),
            Format::Parquet => {
                let fields: Vec<Field> =
                    names.iter().map(|n| Field::new(n, Kind::String, Role::Input)).collect();
                Sink::Batches { writer: TableWriter::create(target, &fields)?, pending: None, bytes: 0 }
            }
        };
        Ok(Self { sink, rows: 0 })
    }

    /// Appends rows of the same columns and format.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn write(&mut self, rows: RawRows) -> Result<()> {
        self.rows += rows.rows;
        match (&mut self.sink, rows.cells) {
            (Sink::Text(output), Cells::Text(text)) => output.write_block(text),
            (Sink::Arrow(writer), Cells::Encoded(batch)) => writer.write(&batch),
            (Sink::Arrow(writer), Cells::Columns(columns, _)) => writer.collect(columns, length(rows.rows)),
            (Sink::Batches { writer, pending, bytes }, Cells::Columns(columns, more)) => {
                *bytes += more;
                let frame = frame(columns, length(rows.rows))?;
                match pending {
                    None => *pending = Some(frame),
                    Some(all) => all.vstack_mut_owned(frame).map(drop).map_err(|e| unexpected(&e))?,
                }
                if *bytes >= BATCH_BYTES || pending.as_ref().is_some_and(|p| p.height() >= BATCH_ROWS) {
                    *bytes = 0;
                    flush(writer, pending)?;
                }
                Ok(())
            }
            _ => Err(Error::unexpected("rows of another format")),
        }
    }

    /// Rows written so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the table: every byte is on disk under its temporary name.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn finish(self) -> Result<Written> {
        match self.sink {
            Sink::Text(output) => output.finish(),
            Sink::Arrow(writer) => writer.finish(),
            Sink::Batches { mut writer, mut pending, .. } => {
                flush(&mut writer, &mut pending)?;
                writer.finish()
            }
        }
    }
}

fn flush(writer: &mut TableWriter, pending: &mut Option<DataFrame>) -> Result<()> {
    let Some(mut frame) = pending.take() else { return Ok(()) };
    frame.rechunk_mut();
    writer.write(&frame)
}

fn unexpected(error: &polars::prelude::PolarsError) -> Error {
    Error::unexpected(format!("cannot make a table: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_needed() {
        let mut text = Vec::new();
        push_record(&mut text, ["a", "", "b,c", "d\"e", "f\ng", "h\r", " i "].into_iter());
        push_record(&mut text, [""].into_iter());
        assert_eq!(String::from_utf8(text).unwrap(), "a,,\"b,c\",\"d\"\"e\",\"f\ng\",\"h\r\", i \n\"\"\n");
    }
}
