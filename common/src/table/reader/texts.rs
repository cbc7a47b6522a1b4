//! Reading a table as text: cells borrowed from what was read, for the stage that applies the types itself.

use polars::prelude::{DataFrame, DataType, PolarsResult};
use polars_arrow::array::{Array, Utf8Array};
use polars_arrow::offset::Offset;
use rayon::prelude::*;

use super::{Batches, TableReader, checked};
use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::schema::Kind;
use crate::table::columns::texts;
use crate::table::csv::{CsvTexts, Cut, Share};

/// Bytes of a binary format that are read at a time, unless one batch holds more.
const PIECE: usize = 4 << 20;

/// A raw table being read as text.
pub struct TextReader {
    source: Source,
    names: Vec<String>,
    rows: u64,
}

enum Source {
    Csv(Box<CsvTexts>),
    Batches(Box<TableReader>),
}

/// Rows as they were read.
enum Read {
    Share(Share),
    Arrays(Vec<Utf8Array<i32>>),
    /// As other programs may write them, and we did.
    Large(Vec<Utf8Array<i64>>),
    /// With the columns whose cells were values.
    Frame(DataFrame, Vec<bool>),
}

/// Some rows of a table as text; an empty cell is a missing one.
pub struct TextRows<'a> {
    cells: TextCells<'a>,
    rows: usize,
    /// Columns whose cells were values and are in our own form; none where the list is empty.
    plain: Vec<bool>,
}

/// The cells of [`TextRows`].
enum TextCells<'a> {
    Cut(Cut<'a>),
    Arrays(&'a [Utf8Array<i32>]),
    Large(&'a [Utf8Array<i64>]),
    Texts(Vec<Vec<Option<&'a str>>>),
}

/// What is done with each cell of a column, by the place of its text: one body for each, without a choice a cell.
pub trait Visit<'a> {
    /// What comes of it.
    type Out;

    /// Visits a column of so many rows, whose text in a row (from 0) is `cell`.
    fn visit(self, rows: usize, cell: impl Fn(usize) -> &'a str) -> Self::Out;
}

impl TextReader {
    /// Opens the table of a checkpoint; the columns `names` come in the order of the file. Cells of a CSV file made by
    /// hand are the text they are.
    ///
    /// # Errors
    /// As [`TableReader::open`].
    pub fn open(checkpoint: &Checkpoint, names: &[String]) -> Result<Self> {
        let reader = TableReader::open_raw(checkpoint, Some(names))?;
        let names = reader.fields().iter().map(|f| f.name.clone()).collect::<Vec<_>>();
        let all_text = reader.fields().iter().all(|f| f.kind == Kind::String);
        let TableReader { path, fields, batches } = reader;
        let source = match batches {
            Batches::Csv(batches) if all_text => {
                let texts = batches.into_texts(&names);
                Source::Csv(Box::new(texts.ok_or_else(|| Error::unexpected("the table is being read"))?))
            }
            batches => Source::Batches(Box::new(TableReader { path, fields, batches })),
        };
        Ok(Self { source, names, rows: 0 })
    }

    /// The columns, in their order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Calls `visit` with the next rows, in several batches that may be worked on at once, and the number of the first
    /// of them (from 0), while those after them are read.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`], the first in the order of the rows.
    pub fn each(&mut self, mut visit: impl FnMut(u64, &[TextRows<'_>]) -> Result<()> + Send) -> Result<()> {
        rayon::scope(|_| {
            let mut next = self.next()?;
            while !next.is_empty() {
                let first = self.rows;
                let path = self.path().to_path_buf();
                let work = || -> Result<u64> {
                    let cut = next.par_iter().map(Read::cells).collect::<Vec<_>>();
                    let (mut rows, mut before) = (Vec::with_capacity(cut.len()), first);
                    for one in cut {
                        let one = one.map_err(|wrong| wrong.error(before).at(&path))?;
                        before += one.rows as u64;
                        rows.push(one);
                    }
                    visit(first, &rows)?;
                    Ok(before)
                };
                let (read, done) = rayon::join(|| self.next(), work);
                let rows = done?;
                (next, self.rows) = (read?, rows);
            }
            Ok(())
        })
    }

    fn path(&self) -> &std::path::Path {
        match &self.source {
            Source::Csv(texts) => texts.path(),
            Source::Batches(reader) => &reader.path,
        }
    }

    /// The next rows; none at the end.
    fn next(&mut self) -> Result<Vec<Read>> {
        match &mut self.source {
            Source::Csv(texts) => Ok(texts
                .next()?
                .map_or_else(Vec::new, |shares| shares.into_iter().map(Read::Share).collect())),
            Source::Batches(reader) => {
                let (mut all, mut bytes) = (Vec::new(), 0);
                while bytes < PIECE {
                    let Some(read) = Read::next(reader)? else { break };
                    bytes += read.bytes();
                    all.push(read);
                }
                Ok(all)
            }
        }
    }
}

/// Why rows cannot be read: in which of them, from 0, or of which table.
enum Wrong {
    Row(u64, String),
    Table(Error),
}

impl Wrong {
    fn error(self, before: u64) -> Error {
        match self {
            Self::Row(row, what) => Error::checkpoint(format!("data row {}: {what}", before + row + 1)),
            Self::Table(error) => error,
        }
    }
}

impl Read {
    fn next(reader: &mut TableReader) -> Result<Option<Self>> {
        if let Batches::Arrow(batches) = &mut reader.batches
            && reader.fields.iter().all(|f| f.kind == Kind::String)
        {
            let Some(arrays) = batches.next_arrays()? else { return Ok(None) };
            if let Some(arrays) = of_offsets(&arrays) {
                return Ok(Some(Self::Arrays(arrays)));
            }
            if let Some(arrays) = of_offsets(&arrays) {
                return Ok(Some(Self::Large(arrays)));
            }
            let frame = checked(batches.columns().frame(arrays)?, &reader.fields, &reader.path)?;
            return Ok(Some(Self::Frame(frame, Vec::new())));
        }
        let Some(batch) = reader.next_batch()? else { return Ok(None) };
        let plain = batch.columns().iter().map(|c| *c.dtype() != DataType::String).collect();
        Ok(Some(Self::Frame(as_text(batch)?, plain)))
    }

    /// Bytes of text, as far as several of these may be read at a time.
    fn bytes(&self) -> usize {
        match self {
            Self::Share(_) | Self::Frame(..) => PIECE,
            Self::Arrays(arrays) => arrays.iter().map(|array| array.values().len() + 4 * array.len()).sum(),
            Self::Large(arrays) => arrays.iter().map(|array| array.values().len() + 8 * array.len()).sum(),
        }
    }

    fn cells(&self) -> std::result::Result<TextRows<'_>, Wrong> {
        Ok(match self {
            Self::Share(share) => {
                let cut = share.cut().map_err(|fault| Wrong::Row(fault.row, fault.what))?;
                TextRows { rows: cut.rows(), cells: TextCells::Cut(cut), plain: Vec::new() }
            }
            Self::Arrays(arrays) => TextRows {
                rows: arrays.first().map_or(0, Array::len),
                cells: TextCells::Arrays(arrays),
                plain: Vec::new(),
            },
            Self::Large(arrays) => TextRows {
                rows: arrays.first().map_or(0, Array::len),
                cells: TextCells::Large(arrays),
                plain: Vec::new(),
            },
            Self::Frame(frame, plain) => {
                let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
                let rows = TextRows::of(frame, &names).map_err(Wrong::Table)?;
                TextRows { plain: plain.clone(), ..rows }
            }
        })
    }
}

impl<'a> TextRows<'a> {
    /// The columns `names` of a batch of text, in this order.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where a column is not there or is no text.
    pub fn of(batch: &'a DataFrame, names: &[impl AsRef<str> + Sync]) -> Result<Self> {
        let columns = names.par_iter().map(|name| texts(batch, name.as_ref())).collect::<Vec<_>>();
        let columns = columns.into_iter().collect::<Result<_>>()?;
        Ok(Self { cells: TextCells::Texts(columns), rows: batch.height(), plain: Vec::new() })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether the cells of a column (from 0) were values, and are in our own form.
    #[must_use]
    pub fn is_plain(&self, column: usize) -> bool {
        self.plain.get(column) == Some(&true)
    }

    /// The cell in `row` of `column`, both from 0.
    #[must_use]
    #[inline]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        match &self.cells {
            TextCells::Cut(cut) => cut.cell(row, column),
            TextCells::Arrays(arrays) => arrays[column].get(row).unwrap_or_default(),
            TextCells::Large(arrays) => arrays[column].get(row).unwrap_or_default(),
            TextCells::Texts(columns) => columns[column][row].unwrap_or_default(),
        }
    }

    /// Has all cells of `column` (from 0) visited.
    pub fn visit<V: Visit<'a>>(&'a self, column: usize, visit: V) -> V::Out {
        match &self.cells {
            TextCells::Cut(cut) => visit.visit(self.rows, |row| cut.cell(row, column)),
            TextCells::Arrays(arrays) => {
                let array = &arrays[column];
                visit.visit(self.rows, |row| array.get(row).unwrap_or_default())
            }
            TextCells::Large(arrays) => {
                let array = &arrays[column];
                visit.visit(self.rows, |row| array.get(row).unwrap_or_default())
            }
            TextCells::Texts(columns) => {
                let cells = &columns[column];
                visit.visit(self.rows, |row| cells[row].unwrap_or_default())
            }
        }
    }
}

/// Columns of text with offsets of one kind, where all are.
fn of_offsets<O: Offset>(arrays: &[Box<dyn Array>]) -> Option<Vec<Utf8Array<O>>> {
    arrays.iter().map(|array| array.as_any().downcast_ref::<Utf8Array<O>>().cloned()).collect()
}

fn as_text(batch: DataFrame) -> PolarsResult<DataFrame> {
    let rows = batch.height();
    let columns = batch.into_columns().into_iter().map(|c| match c.dtype() {
        DataType::String => Ok(c),
        _ => c.cast(&DataType::String),
    });
    DataFrame::new(rows, columns.collect::<PolarsResult<Vec<_>>>()?)
}
