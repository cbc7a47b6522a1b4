//! Reading a table batch by batch, checked against the columns its manifest promises.

mod texts;

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;

use super::batches::{ArrowBatches, ParquetBatches};
use super::csv::CsvBatches;
use super::format::Format;
use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::schema::{Field, Kind, Role};
use crate::text;

pub use texts::{TextReader, TextRows, Visit};

/// A table being read.
pub struct TableReader {
    pub(super) path: PathBuf,
    pub(super) fields: Vec<Field>,
    pub(super) batches: Batches,
}

pub(super) enum Batches {
    Csv(CsvBatches),
    Arrow(Box<ArrowBatches>),
    Parquet(ParquetBatches),
}

impl TableReader {
    /// Opens the table of a checkpoint. `columns` picks columns by name (all where it is `None`);
    /// they come in the order of the file.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where the file does not hold the columns of its manifest.
    pub fn open(checkpoint: &Checkpoint, columns: Option<&[String]>) -> Result<Self> {
        let file = checkpoint.file.try_clone().map_err(|e| Error::read(&checkpoint.path, &e))?;
        let format = Format::of(&checkpoint.path)?;
        let (file, fields) = match &checkpoint.manifest {
            Some(manifest) => (file, manifest.fields.clone()),
            None => by_hand(file, format, &checkpoint.path)?,
        };
        Self::of_fields(&checkpoint.path, file, format, &fields, columns)
    }

    /// As [`TableReader::open`], with the cells of a CSV file made by hand as the text they are, not
    /// as the values they look like: for the stage that applies the types itself.
    ///
    /// # Errors
    /// As [`TableReader::open`].
    pub fn open_raw(checkpoint: &Checkpoint, columns: Option<&[String]>) -> Result<Self> {
        let format = Format::of(&checkpoint.path)?;
        if checkpoint.manifest.is_some() || format != Format::Csv {
            return Self::open(checkpoint, columns);
        }
        let file = checkpoint.file.try_clone().map_err(|e| Error::read(&checkpoint.path, &e))?;
        let (file, mut fields) = by_hand(file, format, &checkpoint.path)?;
        fields.iter_mut().for_each(|f| f.kind = Kind::String);
        Self::of_fields(&checkpoint.path, file, format, &fields, columns)
    }

    /// The table in `file`, which holds `fields`.
    pub(super) fn of_fields(
        path: &Path,
        file: File,
        format: Format,
        fields: &[Field],
        columns: Option<&[String]>,
    ) -> Result<Self> {
        let picked: Vec<Field> = match columns {
            None => fields.to_vec(),
            Some(names) => fields.iter().filter(|f| names.contains(&f.name)).cloned().collect(),
        };
        if let Some(missing) =
            columns.and_then(|names| names.iter().find(|n| !picked.iter().any(|f| f.name == **n)))
        {
            return Err(Error::checkpoint(format!("has no column {}", text::name(missing))).at(path));
        }
        let batches = match format {
            Format::Csv => Batches::Csv(CsvBatches::new(path, file, fields, &picked)?),
            Format::Arrow => Batches::Arrow(Box::new(ArrowBatches::new(path, file, &picked)?)),
            Format::Parquet => Batches::Parquet(ParquetBatches::new(path, file, &picked)?),
        };
        Ok(Self { path: path.to_path_buf(), fields: picked, batches })
    }

    /// The columns read, in their order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The next batch, or nothing at the end.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where the file does not hold what its manifest promises.
    pub fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        let batch = match &mut self.batches {
            Batches::Csv(b) => b.next_batch()?,
            Batches::Arrow(b) => b.next_batch()?,
            Batches::Parquet(b) => b.next_batch()?,
        };
        batch.map(|batch| checked(batch, &self.fields, &self.path)).transpose()
    }

    /// The whole table in memory, in one chunk a column.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`].
    pub fn read_all(mut self) -> Result<DataFrame> {
        let mut all: Option<DataFrame> = None;
        while let Some(batch) = self.next_batch()? {
            match &mut all {
                None => all = Some(batch),
                Some(table) => {
                    table.vstack_mut_owned(batch).map_err(|e| super::damaged(&self.path, &e))?;
                }
            }
        }
        let mut table = if let Some(table) = all {
            table
        } else {
            let schema = self
                .fields
                .iter()
                .map(|f| polars::prelude::Field::new(f.name.as_str().into(), f.kind.dtype()));
            DataFrame::empty_with_schema(&schema.collect())
        };
        table.rechunk_mut();
        Ok(table)
    }
}

/// A batch of the table at `path`, which has the columns that are promised.
pub(super) fn checked(batch: DataFrame, promised: &[Field], path: &Path) -> Result<DataFrame> {
    for (field, column) in promised.iter().zip(batch.columns()) {
        if *column.dtype() != field.kind.dtype() || column.name().as_str() != field.name {
            return Err(Error::checkpoint(format!(
                "column {} is {}, its manifest says {}",
                text::name(&field.name),
                column.dtype(),
                field.kind
            ))
            .at(path));
        }
    }
    Ok(batch)
}

/// A table that was made by hand in a form that can be read, and its columns: every one an input,
/// typed by what the file says; a CSV file says nothing, so its columns have the types they look like.
fn by_hand(file: File, format: Format, path: &Path) -> Result<(File, Vec<Field>)> {
    let (file, named) = match format {
        Format::Csv => super::csv::by_hand(path, &file)?,
        Format::Arrow => {
            let named = super::batches::arrow_fields(path, &file)?;
            (file, named)
        }
        Format::Parquet => {
            let named = super::batches::parquet_fields(path, &file)?;
            (file, named)
        }
    };
    let field = |(name, kind): (String, Option<Kind>)| {
        match kind {
        Some(kind) => Ok(Field::new(name, kind, Role::Input)),
        None => Err(Error::checkpoint(format!(
            "column {} has a type that is not read, expected text, integers or numbers of 64 bits, truth values, dates, or datetimes in microseconds without a zone",
            text::name(&name)
        ))
        .at(path)),
    }
    };
    Ok((file, named.into_iter().map(field).collect::<Result<_>>()?))
}
