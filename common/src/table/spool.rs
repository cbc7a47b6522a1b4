//! A table that is read several times.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use polars::io::ipc::IpcWriter;
use polars::prelude::{CompatLevel, PolarsResult, Schema, SchemaExt as _, SerWriter as _};
use polars_arrow::io::ipc::write::default_ipc_fields;

use super::format::Format;
use super::reader::TableReader;
use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::schema::Field;
use crate::text;

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 20;

/// A checkpoint of which some columns are read several times: text is read once, and every pass over the table takes
/// the values from a file without a name, which ends with the process. Memory: that of a batch.
#[derive(Debug)]
pub struct Spool {
    copy: Option<Copy>,
}

#[derive(Debug)]
struct Copy {
    file: File,
    fields: Vec<Field>,
}

impl Spool {
    /// Reads the columns of `checkpoint` that passes will ask for.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`].
    pub fn new(checkpoint: &Checkpoint, columns: Option<&[String]>) -> Result<Self> {
        if Format::of(&checkpoint.path)? == Format::Arrow {
            return Ok(Self { copy: None });
        }
        let reader = TableReader::open(checkpoint, columns)?;
        Ok(Self { copy: Copy::of(checkpoint, reader)? })
    }

    /// Begins a pass over all rows of the `checkpoint` that it is of; `columns` picks among its own.
    ///
    /// # Errors
    /// As [`TableReader::open`].
    pub fn open(&self, checkpoint: &Checkpoint, columns: Option<&[String]>) -> Result<TableReader> {
        let Some(Copy { file, fields }) = &self.copy else {
            return TableReader::open(checkpoint, columns);
        };
        let path = &checkpoint.path;
        let file = file.try_clone().map_err(|e| Error::read(path, &e))?;
        TableReader::of_fields(path, file, Format::Arrow, fields, columns)
    }
}

impl Copy {
    /// A copy of what `reader` gives; nothing where there is no room for one, and then each pass reads the text.
    fn of(checkpoint: &Checkpoint, mut reader: TableReader) -> Result<Option<Self>> {
        let fields = reader.fields().to_vec();
        let schema: Schema = fields
            .iter()
            .map(|f| polars::prelude::Field::new(f.name.as_str().into(), f.kind.dtype()))
            .collect();
        let level = CompatLevel::newest();
        let ipc_fields = default_ipc_fields(schema.to_arrow(level).iter_values());
        let no_room = |why: &dyn std::fmt::Display| {
            log::warn!(
                "{}: no room for a copy ({why}), so it is read anew for each pass",
                text::path(&checkpoint.path)
            );
            Ok(None)
        };
        let folder = checkpoint.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = folder.map_or_else(tempfile::tempfile, |folder| {
            tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())
        });
        let file = match file {
            Ok(file) => file,
            Err(e) => return no_room(&e),
        };
        let mut out = BufWriter::with_capacity(BUFFER, &file);
        let mut writer = match IpcWriter::new(&mut out).with_compat_level(level).batched(&schema, ipc_fields)
        {
            Ok(writer) => writer,
            Err(e) => return no_room(&e),
        };
        let mut written: PolarsResult<()> = Ok(());
        while let Some(batch) = reader.next_batch()? {
            written = writer.write_batch(&batch);
            if written.is_err() {
                break;
            }
        }
        if let Err(e) = written.and_then(|()| writer.finish()) {
            return no_room(&e);
        }
        drop(writer);
        let flushed = out.flush();
        drop(out);
        flushed.map_or_else(|e| no_room(&e), |()| Ok(Some(Self { file, fields })))
    }
}
