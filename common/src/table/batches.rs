//! Batches of Arrow and Parquet files.

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::io::SerReader as _;
use polars::io::parquet::read::ParquetReader;
use polars::prelude::{Column, DataFrame, DataType, Series};
use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowDataType as Arrow, TimeUnit as Unit};
use polars_arrow::io::ipc::read::{FileReader, read_file_metadata};
use polars_arrow::record_batch::RecordBatchT;

use super::damaged;
use super::writer::BATCH_ROWS;
use crate::error::{Error, Result};
use crate::schema::{Field, Kind};
use crate::text;

/// Columns by name, with the kind where it is one of ours.
pub(super) type Named = Vec<(String, Option<Kind>)>;

fn position(path: &Path, have: &[String], field: &Field) -> Result<usize> {
    have.iter().position(|n| *n == field.name).ok_or_else(|| {
        Error::checkpoint(format!("has no column {}, which its manifest names", text::name(&field.name)))
            .at(path)
    })
}

/// Record batches of an Arrow IPC file.
pub(super) struct ArrowBatches {
    reader: FileReader<File>,
    columns: ArrowColumns,
}

/// The columns that are read of an Arrow file, by name.
#[derive(Clone)]
pub(super) struct ArrowColumns {
    path: PathBuf,
    names: Vec<String>,
}

impl ArrowBatches {
    pub(super) fn new(path: &Path, mut file: File, picked: &[Field]) -> Result<Self> {
        let metadata = read_file_metadata(&mut file).map_err(|e| damaged(path, &e))?;
        let have: Vec<String> = metadata.schema.iter_names().map(ToString::to_string).collect();
        let mut wanted = picked.iter().map(|f| position(path, &have, f)).collect::<Result<Vec<_>>>()?;
        wanted.sort_unstable();
        let names = wanted.iter().map(|i| have[*i].clone()).collect();
        let reader = FileReader::new(file, metadata, Some(wanted), None);
        Ok(Self { reader, columns: ArrowColumns { path: path.to_path_buf(), names } })
    }

    /// The columns that are read.
    pub(super) fn columns(&self) -> &ArrowColumns {
        &self.columns
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        let Some(arrays) = self.next_arrays()? else { return Ok(None) };
        self.columns.frame(arrays).map(Some)
    }

    /// The next batch as it stands in the file.
    pub(super) fn next_arrays(&mut self) -> Result<Option<Vec<Box<dyn Array>>>> {
        let batch = self.reader.next().transpose().map_err(|e| damaged(&self.columns.path, &e))?;
        Ok(batch.map(RecordBatchT::into_arrays))
    }
}

impl ArrowColumns {
    /// A batch as a table.
    pub(super) fn frame(&self, arrays: Vec<Box<dyn Array>>) -> Result<DataFrame> {
        let columns = self
            .names
            .iter()
            .zip(arrays)
            .map(|(name, array)| Series::from_arrow(name.as_str().into(), array).map(Column::from));
        let columns = columns.collect::<polars::prelude::PolarsResult<Vec<_>>>();
        columns.and_then(DataFrame::new_infer_height).map_err(|e| damaged(&self.path, &e))
    }
}

pub(super) fn arrow_fields(path: &Path, file: &File) -> Result<Named> {
    let mut file = file.try_clone().map_err(|e| Error::read(path, &e))?;
    let metadata = read_file_metadata(&mut file).map_err(|e| damaged(path, &e))?;
    Ok(named(&metadata.schema))
}

/// Slices of a Parquet file.
pub(super) struct ParquetBatches {
    path: PathBuf,
    file: File,
    names: Vec<String>,
    row: usize,
    rows: usize,
}

impl ParquetBatches {
    pub(super) fn new(path: &Path, file: File, picked: &[Field]) -> Result<Self> {
        let mut reader = ParquetReader::new(clone(path, &file)?);
        let have: Vec<String> =
            reader.schema().map_err(|e| damaged(path, &e))?.iter_names().map(ToString::to_string).collect();
        let rows = reader.num_rows().map_err(|e| damaged(path, &e))?;
        let mut wanted = picked.iter().map(|f| position(path, &have, f)).collect::<Result<Vec<_>>>()?;
        wanted.sort_unstable();
        let names = wanted.iter().map(|i| have[*i].clone()).collect();
        Ok(Self { path: path.to_path_buf(), file, names, row: 0, rows })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        if self.row >= self.rows {
            return Ok(None);
        }
        let n = BATCH_ROWS.min(self.rows - self.row);
        let batch = ParquetReader::new(clone(&self.path, &self.file)?)
            .with_columns(Some(self.names.clone()))
            .with_slice(Some((self.row, n)))
            .finish()
            .map_err(|e| damaged(&self.path, &e))?;
        self.row += n;
        Ok(Some(batch))
    }
}

pub(super) fn parquet_fields(path: &Path, file: &File) -> Result<Named> {
    let mut reader = ParquetReader::new(clone(path, file)?);
    Ok(named(reader.schema().map_err(|e| damaged(path, &e))?.as_ref()))
}

fn clone(path: &Path, file: &File) -> Result<File> {
    file.try_clone().map_err(|e| Error::read(path, &e))
}

fn named(schema: &polars_arrow::datatypes::ArrowSchema) -> Named {
    // Others Polars may not know as it is built here, and then panics.
    let is_known = |kind: &Arrow| {
        matches!(
            kind,
            Arrow::Boolean
                | Arrow::Int64
                | Arrow::Float64
                | Arrow::Date32
                | Arrow::Timestamp(Unit::Microsecond, None)
                | Arrow::Utf8
                | Arrow::LargeUtf8
                | Arrow::Utf8View
        )
    };
    let kind = |f: &polars_arrow::datatypes::Field| {
        is_known(&f.dtype).then(|| Kind::of_dtype(&DataType::from_arrow_field(f))).flatten()
    };
    schema.iter_values().map(|f| (f.name.to_string(), kind(f))).collect()
}

#[cfg(test)]
mod tests {
    use polars_arrow::datatypes::{ArrowSchema, Field};

    use super::*;

    #[test]
    fn a_type_that_polars_does_not_know_here_is_none() {
        let types = [
            (Arrow::Decimal(10, 2), None),
            (Arrow::Struct(vec![Field::new("a".into(), Arrow::Int64, true)]), None),
            (Arrow::Int128, None),
            (Arrow::Timestamp(Unit::Millisecond, None), None),
            (Arrow::Int64, Some(Kind::Integer)),
            (Arrow::Utf8View, Some(Kind::String)),
            (Arrow::Timestamp(Unit::Microsecond, None), Some(Kind::Datetime)),
        ];
        let fields = types
            .iter()
            .zip('a'..)
            .map(|((kind, _), name)| Field::new(name.to_string().into(), kind.clone(), true));
        let found = named(&ArrowSchema::from_iter_check_duplicates(fields).unwrap());
        let kinds: Vec<Option<Kind>> = found.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, types.map(|(_, kind)| kind));
    }
}
