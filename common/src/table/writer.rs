//! Writing a table batch by batch.

use polars::io::ipc::{BatchedWriter as IpcBatches, IpcWriter};
use polars::io::parquet::write::{BatchedWriter as ParquetBatches, ParquetCompression, ParquetWriter};
use polars::prelude::{
    CompatLevel, DataFrame, Field as PolarsField, PolarsError, Schema, SchemaExt as _, SerWriter as _,
};

use polars_arrow::io::ipc::write::default_ipc_fields;

use super::csv::encode;
use super::format::Format;
use crate::error::{Error, Result};
use crate::publish::{Output, Target, Written};
use crate::schema::Field;

/// Rows of a batch that stages aim for: small enough for the cache, large enough to amortise calls.
pub const BATCH_ROWS: usize = 1 << 14;

/// A table being written; dropped unfinished, it is gone.
pub struct TableWriter {
    target: Target,
    batches: Batches,
    rows: u64,
}

enum Batches {
    Csv(Box<Output>),
    Arrow(Box<IpcBatches<SharedOutput>>, SharedOutput),
    Parquet(Box<ParquetBatches<SharedOutput>>, SharedOutput),
}

/// The output, shared with the polars writer, which does not give it back.
#[derive(Clone)]
struct SharedOutput(std::sync::Arc<std::sync::Mutex<Option<Output>>>);

impl std::io::Write for SharedOutput {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.lock() {
            Ok(mut output) => match output.as_mut() {
                Some(output) => output.write(bytes),
                None => Err(std::io::Error::other("the table is finished")),
            },
            Err(_) => Err(std::io::Error::other("an earlier write failed")),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl TableWriter {
    /// Opens a table with columns `fields` for writing.
    ///
    /// # Errors
    /// [`crate::Class::Usage`] for an unknown format, [`crate::Class::Write`] where it cannot be
    /// opened.
    pub fn create(target: &Target, fields: &[Field]) -> Result<Self> {
        let format = Format::of(target.shown())?;
        let mut output = Output::create(target)?;
        if format == Format::Csv {
            output.write_bytes(&encode::header(fields.iter().map(|f| f.name.as_str())))?;
            return Ok(Self { target: target.clone(), batches: Batches::Csv(Box::new(output)), rows: 0 });
        }
        let shared = SharedOutput(std::sync::Arc::new(std::sync::Mutex::new(Some(output))));
        let schema: Schema =
            fields.iter().map(|f| PolarsField::new(f.name.as_str().into(), f.kind.dtype())).collect();
        let out = shared.clone();
        let batches = if format == Format::Arrow {
            IpcWriter::new(out)
                .with_compat_level(CompatLevel::oldest())
                .batched(&schema, default_ipc_fields(schema.to_arrow(CompatLevel::oldest()).iter_values()))
                .map(|b| Batches::Arrow(Box::new(b), shared))
        } else {
            ParquetWriter::new(out)
                .with_compression(ParquetCompression::Zstd(None))
                .batched(&schema)
                .map(|b| Batches::Parquet(Box::new(b), shared))
        };
        let batches = batches.map_err(|e| failed(target, &e))?;
        Ok(Self { target: target.clone(), batches, rows: 0 })
    }

    /// Appends a batch with the columns of the table, in their order.
    ///
    /// # Errors
    /// [`crate::Class::Write`].
    pub fn write(&mut self, batch: &DataFrame) -> Result<()> {
        if batch.height() == 0 {
            return Ok(());
        }
        let failed = |e: PolarsError| failed(&self.target, &e);
        match &mut self.batches {
            Batches::Csv(output) => {
                encode::rows(batch)
                    .map_err(failed)?
                    .into_iter()
                    .try_for_each(|text| output.write_block(text))?;
            }
            Batches::Arrow(b, _) => b.write_batch(batch).map_err(failed)?,
            Batches::Parquet(b, _) => b.write_batch(batch).map_err(failed)?,
        }
        self.rows += batch.height() as u64;
        Ok(())
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
        let target = self.target;
        let (ended, shared) = match self.batches {
            Batches::Csv(output) => return output.finish(),
            Batches::Arrow(mut b, out) => (b.finish(), out),
            Batches::Parquet(b, out) => (b.finish().map(drop), out),
        };
        ended.map_err(|e| failed(&target, &e))?;
        let output = shared.0.lock().ok().and_then(|mut o| o.take());
        output.ok_or_else(|| Error::unexpected("the table was finished twice").at(target.shown()))?.finish()
    }
}

fn failed(target: &Target, error: &PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => Error::write(target.shown(), error),
        other => Error::unexpected(format!("cannot encode the table: {other}")).at(target.shown()),
    }
}
