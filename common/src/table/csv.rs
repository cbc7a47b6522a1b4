//! Batches of our own CSV form: cut at ends of records, each piece parsed by polars.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::io::SerReader as _;
use polars::prelude::{Column, CsvReadOptions, DataFrame, DataType, Schema, TimeUnit};

use super::damaged;
use crate::error::{Error, Result};
use crate::schema::{Field, Kind, Value};
use crate::text;

/// Bytes read at a time.
const PIECE: usize = 8 << 20;

/// Whole records of a CSV file, a piece at a time.
struct Pieces {
    path: PathBuf,
    file: File,
    rest: Vec<u8>,
    ended: bool,
}

impl Pieces {
    fn new(path: &Path, mut file: File) -> Result<Self> {
        file.rewind().map_err(|e| Error::read(path, &e))?;
        Ok(Self { path: path.to_path_buf(), file, rest: Vec::new(), ended: false })
    }

    /// The next piece that ends with the end of a record; empty at the end of the file.
    fn next(&mut self) -> Result<Vec<u8>> {
        let mut piece = std::mem::take(&mut self.rest);
        while !self.ended {
            let read = (&mut self.file).take(PIECE as u64).read_to_end(&mut piece);
            let read = read.map_err(|e| Error::read(&self.path, &e))?;
            if read == 0 {
                self.ended = true;
            } else if let Some(end) = last_record_end(&piece) {
                self.rest = piece.split_off(end);
                break;
            }
        }
        Ok(piece)
    }
}

/// The end of the last whole record of `piece`, which begins at the start of one. A line end inside
/// quotes is no end; quotes are balanced in our own form, so parity tells.
fn last_record_end(piece: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut end = None;
    for (i, byte) in piece.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => end = Some(i + 1),
            _ => {}
        }
    }
    end
}

/// Batches of a CSV file with known columns.
pub(super) struct CsvBatches {
    pieces: Pieces,
    options: CsvReadOptions,
    picked: Vec<Field>,
    first: bool,
    header: Vec<String>,
}

impl CsvBatches {
    pub(super) fn new(path: &Path, file: File, fields: &[Field], picked: &[Field]) -> Result<Self> {
        let stored = |f: &Field| if is_dated(f.kind) { DataType::String } else { f.kind.dtype() };
        let schema: Schema =
            fields.iter().map(|f| polars::prelude::Field::new(f.name.as_str().into(), stored(f))).collect();
        let names: Arc<[_]> = picked.iter().map(|f| f.name.as_str().into()).collect();
        let options = CsvReadOptions::default()
            .with_has_header(false)
            .with_schema(Some(Arc::new(schema)))
            .with_columns(Some(names))
            .with_rechunk(true)
            .with_raise_if_empty(false)
            .map_parse_options(|o| o.with_missing_is_null(true));
        Ok(Self {
            pieces: Pieces::new(path, file)?,
            options,
            picked: picked.to_vec(),
            first: true,
            header: fields.iter().map(|f| f.name.clone()).collect(),
        })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        let path = self.pieces.path.clone();
        loop {
            let mut piece = self.pieces.next()?;
            if self.first {
                self.first = false;
                let (names, length) = header(&path, &piece)?;
                if names != self.header {
                    return Err(Error::checkpoint("the header is not what its manifest says").at(&path));
                }
                piece.drain(..length);
                if piece.is_empty() && !self.pieces.ended {
                    continue;
                }
            }
            if piece.is_empty() {
                return Ok(None);
            }
            let reader = self.options.clone().into_reader_with_file_handle(Cursor::new(piece));
            let mut table = reader.finish().map_err(|e| damaged(&path, &e))?;
            for field in self.picked.iter().filter(|f| is_dated(f.kind)) {
                dated(&mut table, field).map_err(|e| e.at(&path))?;
            }
            return Ok(Some(table));
        }
    }
}

fn is_dated(kind: Kind) -> bool {
    matches!(kind, Kind::Date | Kind::Datetime)
}

/// Turns a text column into the dates it holds.
fn dated(table: &mut DataFrame, field: &Field) -> Result<()> {
    let broken = |e: polars::prelude::PolarsError| Error::checkpoint(e.to_string());
    let texts = table.column(&field.name).and_then(|c| c.str().cloned()).map_err(broken)?;
    let numbers =
        texts.iter().map(|text| text.map(|t| ordinal(t, field)).transpose()).collect::<Result<Vec<_>>>()?;
    let column = Column::new(field.name.as_str().into(), numbers);
    let column = match field.kind {
        Kind::Date => column.cast(&DataType::Int32).and_then(|c| c.cast(&DataType::Date)),
        _ => column.cast(&DataType::Datetime(TimeUnit::Microseconds, None)),
    };
    column.and_then(|c| table.with_column(c).map(drop)).map_err(broken)
}

/// Days since 1970 of a date, microseconds of a datetime.
fn ordinal(text: &str, field: &Field) -> Result<i64> {
    match field.kind.parse(text, None) {
        Some(Value::Date(day)) => Ok(i64::from(days_since_1970(day))),
        Some(Value::Datetime(time)) => Ok(time.and_utc().timestamp_micros()),
        _ => Err(Error::checkpoint(format!(
            "`{}` in column {} is no {}",
            text::shown(text),
            text::name(&field.name),
            field.kind
        ))),
    }
}

/// Days from 1970-01-01 to `day`.
pub(crate) fn days_since_1970(day: NaiveDate) -> i32 {
    day.to_epoch_days()
}

/// Names in the header of `piece`, and the header's length in bytes.
fn header(path: &Path, piece: &[u8]) -> Result<(Vec<String>, usize)> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(piece);
    let mut record = ::csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => {}
        Ok(false) => return Err(Error::checkpoint("is empty, not even a header").at(path)),
        Err(e) => return Err(Error::checkpoint(format!("the header cannot be read: {e}")).at(path)),
    }
    let length = usize::try_from(reader.position().byte()).unwrap_or(piece.len());
    Ok((record.iter().map(str::to_owned).collect(), length))
}

/// A CSV file made by hand, rewritten in our own form, with its columns, each with the narrowest kind
/// that fits all its cells. Blank lines, a byte-order mark, other line ends and quotes inside a cell
/// mean other things to polars, or shift its rows.
pub(super) fn by_hand(path: &Path, file: &File) -> Result<(File, super::batches::Named)> {
    let mut file = file.try_clone().map_err(|e| Error::read(path, &e))?;
    file.rewind().map_err(|e| Error::read(path, &e))?;
    let broken = |e: ::csv::Error| Error::checkpoint(format!("cannot be read as CSV: {e}")).at(path);
    let failed = |e: ::csv::Error| Error::write(path, &e.into());
    let mut reader = ::csv::ReaderBuilder::new().from_reader(&mut file);
    let header = reader.headers().map_err(broken)?.clone();
    if header.is_empty() {
        return Err(Error::checkpoint("is empty, not even a header").at(path));
    }
    let mut copy = ::csv::Writer::from_writer(tempfile::tempfile().map_err(|e| Error::write(path, &e))?);
    copy.write_record(&header).map_err(failed)?;
    let mut kinds: Vec<Option<Kind>> = vec![None; header.len()];
    for record in reader.records() {
        let record = record.map_err(broken)?;
        for (kind, cell) in kinds.iter_mut().zip(&record) {
            if !cell.is_empty() {
                let own = Kind::narrowest(cell);
                *kind = Some(kind.map_or(own, |k| k.join(own)));
            }
        }
        copy.write_record(&record).map_err(failed)?;
    }
    let copy = copy.into_inner().map_err(|e| Error::write(path, e.error()))?;
    let columns = header.iter().map(str::to_owned).zip(kinds.into_iter().map(|k| k.or(Some(Kind::String))));
    Ok((copy, columns.collect()))
}
