//! Tables of text as Arrow files: batches made on any thread, written in order.

use std::sync::Arc;

use polars::prelude::PolarsError;
use polars_arrow::array::{Array, Utf8Array};
use polars_arrow::bitmap::BitmapBuilder;
use polars_arrow::compute::concatenate::concatenate;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::io::ipc::write::{EncodedData, FileWriter, WriteOptions, encode_record_batch};
use polars_arrow::offset::Offsets;
use polars_arrow::record_batch::RecordBatchT;

use super::writer::BATCH_ROWS;
use crate::error::{Class, Error, Result};
use crate::publish::{Output, Target, Written};

/// Offsets of 32 bits: half of what the others cost, and any reader knows them.
const TEXT: ArrowDataType = ArrowDataType::Utf8;

/// A column of text as it grows; an empty cell is missing.
pub(super) struct Texts {
    name: String,
    ends: Offsets<i32>,
    text: String,
    /// Which are there; nothing as long as all are.
    known: Option<BitmapBuilder>,
    /// Whether there was more text than offsets of 32 bits reach.
    is_too_long: bool,
}

impl Texts {
    /// Without rows yet, with room for so many and their text.
    pub(super) fn new(name: &str, rows: usize, bytes: usize) -> Self {
        Self {
            name: name.to_owned(),
            ends: Offsets::with_capacity(rows),
            text: String::with_capacity(bytes),
            known: None,
            is_too_long: false,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Adds a cell.
    #[inline]
    pub(super) fn push(&mut self, cell: &str) {
        if cell.is_empty() {
            return self.push_missing();
        }
        if self.ends.try_push(cell.len()).is_err() {
            self.is_too_long = true;
            return;
        }
        self.text.push_str(cell);
        if let Some(known) = &mut self.known {
            known.push(true);
        }
    }

    fn push_missing(&mut self) {
        let rows = self.ends.len_proxy();
        let known = self.known.get_or_insert_with(|| {
            let mut all = BitmapBuilder::with_capacity(rows + 1);
            all.extend_constant(rows, true);
            all
        });
        known.push(false);
        self.ends.extend_constant(1);
    }

    /// The column.
    ///
    /// # Errors
    /// [`Class::Write`] where it is too long for a batch.
    pub(super) fn finish(self) -> Result<Box<dyn Array>> {
        if self.is_too_long {
            return Err(Error::new(
                Class::Write,
                "a batch of rows holds 2 GiB of text, more than one of an Arrow file: write .csv, or fewer bytes a record",
            ));
        }
        let known = self.known.map(BitmapBuilder::freeze);
        let array = Utf8Array::try_new(TEXT, self.ends.into(), self.text.into_bytes().into(), known);
        Ok(array.map_err(|e| unexpected(&e))?.boxed())
    }
}

/// A batch as it stands in a file.
pub(super) struct Encoded(EncodedData);

impl Encoded {
    /// The batch of `columns`, which have so many rows.
    ///
    /// # Errors
    /// As [`Texts::finish`].
    pub(super) fn new(columns: Vec<Texts>, rows: usize) -> Result<Self> {
        let arrays = columns.into_iter().map(Texts::finish).collect::<Result<Vec<_>>>()?;
        Self::of(arrays, rows)
    }

    fn of(arrays: Vec<Box<dyn Array>>, rows: usize) -> Result<Self> {
        let schema = Arc::new(schema((0..arrays.len()).map(|i| i.to_string())));
        let batch = RecordBatchT::try_new(rows, schema, arrays).map_err(|e| unexpected(&e))?;
        let mut encoded = EncodedData::default();
        encode_record_batch(&batch, &WriteOptions { compression: None }, &mut encoded);
        Ok(Self(encoded))
    }
}

/// An Arrow file of text being written.
pub(super) struct RawArrow {
    writer: FileWriter<Output>,
    target: Target,
    /// Batches too small for one of their own, and their rows.
    pending: Vec<(Vec<Box<dyn Array>>, usize)>,
}

impl RawArrow {
    /// Opens a file with columns `names`.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(super) fn create(target: &Target, names: &[String]) -> Result<Self> {
        let output = Output::create(target)?;
        let schema = Arc::new(schema(names.iter().cloned()));
        let writer = FileWriter::try_new(output, schema, None, WriteOptions { compression: None });
        let writer = writer.map_err(|e| failed(target, &e))?;
        Ok(Self { writer, target: target.clone(), pending: Vec::new() })
    }

    /// Appends a batch.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(super) fn write(&mut self, batch: &Encoded) -> Result<()> {
        self.flush()?;
        self.write_encoded(batch)
    }

    /// Appends a few rows, which are written with others.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(super) fn collect(&mut self, columns: Vec<Texts>, rows: usize) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        self.pending.push((columns.into_iter().map(Texts::finish).collect::<Result<_>>()?, rows));
        let waiting: usize = self.pending.iter().map(|(_, rows)| rows).sum();
        // Rows of few bytes each, or of many that were just too few.
        if waiting >= BATCH_ROWS || self.pending.len() >= MOST_PENDING { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let rows = pending.iter().map(|(_, rows)| rows).sum();
        let Some((first, _)) = pending.first() else { return Ok(()) };
        let column = |number: usize| {
            let parts: Vec<&dyn Array> = pending.iter().map(|(arrays, _)| arrays[number].as_ref()).collect();
            concatenate(&parts).map_err(|e| unexpected(&e))
        };
        let arrays = (0..first.len()).map(column).collect::<Result<Vec<_>>>()?;
        self.write_encoded(&Encoded::of(arrays, rows)?)
    }

    fn write_encoded(&mut self, batch: &Encoded) -> Result<()> {
        self.writer.write_encoded(&[], &batch.0).map_err(|e| failed(&self.target, &e))
    }

    /// Ends the file: every byte is on disk under its temporary name.
    ///
    /// # Errors
    /// [`Class::Write`].
    pub(super) fn finish(mut self) -> Result<Written> {
        self.flush()?;
        self.writer.finish().map_err(|e| failed(&self.target, &e))?;
        self.writer.into_inner().finish()
    }
}

/// Batches that wait for others at most.
const MOST_PENDING: usize = 64;

fn schema(names: impl Iterator<Item = String>) -> ArrowSchema {
    names.map(|name| (name.as_str().into(), Field::new(name.as_str().into(), TEXT, true))).collect()
}

fn failed(target: &Target, error: &PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => Error::write(target.shown(), error),
        other => unexpected(other).at(target.shown()),
    }
}

fn unexpected(error: &PolarsError) -> Error {
    Error::unexpected(format!("cannot encode the table: {error}"))
}
