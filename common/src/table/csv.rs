//! Batches of our own CSV form: cut at ends of records, each piece parsed by polars.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::io::SerReader as _;
use polars::prelude::{Column, CsvReadOptions, DataFrame, DataType, Schema, StringChunked};

use super::damaged;
use crate::error::{Error, Result};
use crate::schema::{Field, Form, Kind, Numerals, Value};
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
    fields: Vec<Field>,
    picked: Vec<Field>,
    first: bool,
}

impl CsvBatches {
    pub(super) fn new(path: &Path, file: File, fields: &[Field], picked: &[Field]) -> Result<Self> {
        let names: Arc<[_]> = picked.iter().map(|f| f.name.as_str().into()).collect();
        let options = CsvReadOptions::default()
            .with_has_header(false)
            .with_columns(Some(names))
            .with_rechunk(true)
            .with_raise_if_empty(false)
            .map_parse_options(|o| o.with_missing_is_null(true));
        Ok(Self {
            pieces: Pieces::new(path, file)?,
            options,
            fields: fields.to_vec(),
            picked: picked.to_vec(),
            first: true,
        })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<DataFrame>> {
        let path = self.pieces.path.clone();
        loop {
            let mut piece = self.pieces.next()?;
            if self.first {
                self.first = false;
                let (names, length) = header(&path, &piece)?;
                if !names.iter().eq(self.fields.iter().map(|f| &f.name)) {
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
            // Dates have a grammar of our own. So have numbers; but polars is faster, and refuses the few
            // that only a table made by hand has: those with blanks after them.
            return match self.parse(&piece, is_dated) {
                Err(_) if self.picked.iter().any(|f| is_number(f.kind)) => {
                    self.parse(&piece, |kind| is_dated(kind) || is_number(kind))
                }
                parsed => parsed,
            }
            .map(Some)
            .map_err(|e| e.at(&path));
        }
    }

    /// A piece as a table, the columns of some kinds by our own grammar and the others by polars'.
    fn parse(&self, piece: &[u8], ours: fn(Kind) -> bool) -> Result<DataFrame> {
        let stored = |f: &Field| if ours(f.kind) { DataType::String } else { f.kind.dtype() };
        let schema =
            self.fields.iter().map(|f| polars::prelude::Field::new(f.name.as_str().into(), stored(f)));
        let options = self.options.clone().with_schema(Some(Arc::new(schema.collect::<Schema>())));
        let reader = options.into_reader_with_file_handle(Cursor::new(piece));
        let mut table = reader.finish().map_err(|e| damaged(&self.pieces.path, &e))?;
        for field in self.picked.iter().filter(|f| ours(f.kind)) {
            typed(&mut table, field)?;
        }
        Ok(table)
    }
}

fn is_dated(kind: Kind) -> bool {
    matches!(kind, Kind::Date | Kind::Datetime)
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Number)
}

/// Turns a text column into the numbers or dates it holds.
fn typed(table: &mut DataFrame, field: &Field) -> Result<()> {
    let broken = |e: polars::prelude::PolarsError| Error::checkpoint(e.to_string());
    let texts = table.column(&field.name).and_then(|c| c.str().cloned()).map_err(broken)?;
    let name = field.name.as_str().into();
    let column = if field.kind == Kind::Number {
        let number = |value: &Value| if let Value::Number(x) = value { Some(*x) } else { None };
        Column::new(name, values(&texts, field, number)?)
    } else {
        Column::new(name, values(&texts, field, ordinal)?)
    };
    let column = match field.kind {
        // Days are 32 bits wide, and a number of 64 would be taken for milliseconds.
        Kind::Date => column.cast(&DataType::Int32).and_then(|c| c.cast(&DataType::Date)),
        kind => column.cast(&kind.dtype()),
    };
    column.and_then(|c| table.with_column(c).map(drop)).map_err(broken)
}

/// The values of a column as what polars keeps of them.
fn values<T>(texts: &StringChunked, field: &Field, kept: fn(&Value) -> Option<T>) -> Result<Vec<Option<T>>> {
    let read = |text: &str| {
        field.kind.parse(text, &Form::PLAIN).and_then(|v| kept(&v)).ok_or_else(|| {
            Error::checkpoint(format!(
                "`{}` in column {} is no {}",
                text::shown(text),
                text::name(&field.name),
                field.kind
            ))
        })
    };
    // Of all kinds only text has a word for the empty cell.
    texts.iter().map(|text| text.filter(|t| !t.is_empty()).map(read).transpose()).collect()
}

/// A whole number, days since 1970 of a date, microseconds of a datetime.
fn ordinal(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(n) => Some(*n),
        Value::Date(day) => Some(i64::from(days_since_1970(*day))),
        Value::Datetime(time) => Some(time.and_utc().timestamp_micros()),
        _ => None,
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
                let own = Kind::narrowest(cell, &Numerals::PLAIN);
                *kind = Some(kind.map_or(own, |k| k.join(own)));
            }
        }
        copy.write_record(&record).map_err(failed)?;
    }
    let copy = copy.into_inner().map_err(|e| Error::write(path, e.error()))?;
    let columns = header.iter().map(str::to_owned).zip(kinds.into_iter().map(|k| k.or(Some(Kind::String))));
    Ok((copy, columns.collect()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::schema::Role;

    #[test]
    fn a_table_made_by_hand_is_read_as_the_kinds_it_was_found_to_hold() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"n,x,d,t\n5 ,+0.5\t,2024-02-29, a \n 7,,,\"\"\n+8,\" .5 \",1999-12-31,007\n")
            .unwrap();
        let path = Path::new("by_hand.csv");
        let (copy, columns) = by_hand(path, &file).unwrap();
        let fields: Vec<Field> =
            columns.into_iter().map(|(name, kind)| Field::new(name, kind.unwrap(), Role::Input)).collect();
        let kinds: Vec<Kind> = fields.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [Kind::Integer, Kind::Number, Kind::Date, Kind::String]);
        let mut batches = CsvBatches::new(path, copy, &fields, &fields).unwrap();
        let table = batches.next_batch().unwrap().unwrap();
        let numbers: Vec<_> = table.column("n").unwrap().i64().unwrap().iter().collect();
        assert_eq!(numbers, [Some(5), Some(7), Some(8)]);
        let numbers: Vec<_> = table.column("x").unwrap().f64().unwrap().iter().collect();
        assert_eq!(numbers, [Some(0.5), None, Some(0.5)]);
        assert_eq!(table.column("d").unwrap().null_count(), 1);
        assert_eq!(table.column("t").unwrap().str().unwrap().get(0), Some(" a "));
    }
}
