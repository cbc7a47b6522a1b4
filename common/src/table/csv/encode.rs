//! Tables as text in our own CSV form, RFC 4180: quotes only where a cell holds a comma, a quote or a line end, numbers
//! as the shortest text that gives the same number back, an empty cell where a value is missing.

use std::io::Write as _;

use chrono::{DateTime, NaiveDate};
use polars::prelude::{DataFrame, PolarsError, PolarsResult, Series};
use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use rayon::prelude::*;

use crate::schema::Kind;

/// Rows that are made text at a time.
const ROWS: usize = 4096;

/// Text that a cell takes about, with its comma.
const CELL_BYTES: usize = 14;

/// The header of a table with columns `names`.
pub(in crate::table) fn header<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, i) in names.zip(0u64..) {
        if i > 0 {
            text.push(b',');
        }
        push_text(&mut text, name);
    }
    text.push(b'\n');
    text
}

/// The rows of a batch as text, in pieces.
pub(in crate::table) fn rows(batch: &DataFrame) -> PolarsResult<Vec<Vec<u8>>> {
    let columns: Vec<Series> = batch
        .columns()
        .iter()
        .map(|column| {
            let series = column.as_materialized_series();
            if series.n_chunks() == 1 { series.clone() } else { series.rechunk() }
        })
        .collect();
    let physical: Vec<Series> = columns.iter().map(|c| c.to_physical_repr().into_owned()).collect();
    let cells: Vec<Cells<'_>> =
        columns.iter().zip(&physical).map(|(c, p)| Cells::new(c, p)).collect::<PolarsResult<_>>()?;
    let starts: Vec<usize> = (0..batch.height()).step_by(ROWS).collect();
    let piece = |start: &usize| {
        let end = (start + ROWS).min(batch.height());
        let mut text = Vec::with_capacity((end - start) * cells.len() * CELL_BYTES);
        let mut writers: Vec<Writer<'_>> = cells.iter().map(Writer::new).collect();
        for row in *start..end {
            for (writer, i) in writers.iter_mut().zip(0u64..) {
                if i > 0 {
                    text.push(b',');
                }
                writer.push(&mut text, row);
            }
            text.push(b'\n');
        }
        text
    };
    Ok(starts.par_iter().map(piece).collect())
}

/// Appends a cell of text.
pub(in crate::table) fn push_text(out: &mut Vec<u8>, cell: &str) {
    let cell = cell.as_bytes();
    // An empty cell without quotes is a missing one.
    let needs_quotes = cell.is_empty() || cell.iter().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r'));
    if !needs_quotes {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    for byte in cell {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// The cells of a column.
enum Cells<'a> {
    Texts(&'a Utf8ViewArray),
    Numbers(Values<'a, f64>),
    Integers(Values<'a, i64>),
    Truths(&'a BooleanArray),
    Days(Values<'a, i32>),
    Moments(Values<'a, i64>),
}

/// Values and which of them are known.
#[derive(Clone, Copy)]
struct Values<'a, T> {
    values: &'a [T],
    known: Option<&'a Bitmap>,
}

impl<'a, T: NativeType> Values<'a, T> {
    fn of(array: &'a dyn Array) -> Option<Self> {
        let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
        Some(Self { values: array.values().as_slice(), known: array.validity() })
    }

    #[inline]
    fn get(&self, row: usize) -> Option<T> {
        if self.known.is_none_or(|known| known.get_bit(row)) { Some(self.values[row]) } else { None }
    }
}

impl<'a> Cells<'a> {
    fn new(column: &Series, physical: &'a Series) -> PolarsResult<Self> {
        let unknown = || PolarsError::ComputeError(format!("a table does not hold {}", column.dtype()).into());
        let array: &dyn Array = physical.chunks().first().ok_or_else(unknown)?.as_ref();
        let cells = match Kind::of_dtype(column.dtype()).ok_or_else(unknown)? {
            Kind::String => array.as_any().downcast_ref().map(Self::Texts),
            Kind::Boolean => array.as_any().downcast_ref().map(Self::Truths),
            Kind::Number => Values::of(array).map(Self::Numbers),
            Kind::Integer => Values::of(array).map(Self::Integers),
            Kind::Date => Values::of(array).map(Self::Days),
            Kind::Datetime if *column.dtype() == Kind::Datetime.dtype() => {
                Values::of(array).map(Self::Moments)
            }
            Kind::Datetime => None,
        };
        cells.ok_or_else(unknown)
    }
}

/// Writes the cells of a column, one after the other.
struct Writer<'a> {
    cells: &'a Cells<'a>,
    /// The last day or moment and its text: neighbours often share one.
    last: Option<i64>,
    text: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(cells: &'a Cells<'a>) -> Self {
        Self { cells, last: None, text: Vec::new() }
    }

    #[inline]
    fn push(&mut self, out: &mut Vec<u8>, row: usize) {
        match self.cells {
            Cells::Numbers(values) => {
                if let Some(value) = values.get(row) {
                    push_number(out, value);
                }
            }
            Cells::Texts(texts) => {
                if let Some(text) = texts.get(row) {
                    push_text(out, text);
                }
            }
            Cells::Integers(values) => {
                if let Some(value) = values.get(row) {
                    let _ = write!(out, "{value}");
                }
            }
            Cells::Truths(truths) => {
                if let Some(truth) = truths.get(row) {
                    out.extend_from_slice(if truth { b"true" } else { b"false" });
                }
            }
            Cells::Days(days) => {
                if let Some(day) = days.get(row) {
                    self.push_ordinal(out, day.into(), |text, _| {
                        if let Some(day) = NaiveDate::from_epoch_days(day) {
                            let _ = write!(text, "{day}");
                        }
                    });
                }
            }
            Cells::Moments(moments) => {
                if let Some(moment) = moments.get(row) {
                    self.push_ordinal(out, moment, |text, moment| {
                        if let Some(moment) = DateTime::from_timestamp_micros(moment) {
                            let _ = write!(text, "{}", moment.naive_utc().format("%Y-%m-%dT%H:%M:%S%.f"));
                        }
                    });
                }
            }
        }
    }

    #[inline]
    fn push_ordinal(&mut self, out: &mut Vec<u8>, value: i64, show: impl Fn(&mut Vec<u8>, i64)) {
        if self.last != Some(value) {
            self.text.clear();
            show(&mut self.text, value);
            self.last = Some(value);
        }
        out.extend_from_slice(&self.text);
    }
}

/// The shortest text that gives the same number back.
#[inline]
fn push_number(out: &mut Vec<u8>, value: f64) {
    // What indicators hold.
    match value.to_bits() {
        ZERO => out.extend_from_slice(b"0.0"),
        ONE => out.extend_from_slice(b"1.0"),
        _ => out.extend_from_slice(zmij::Buffer::new().format(value).as_bytes()),
    }
}

const ZERO: u64 = 0.0_f64.to_bits();
const ONE: u64 = 1.0_f64.to_bits();

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, DataType, TimeUnit};

    use super::*;

    #[test]
    fn every_kind_of_cell_by_hand() {
        let days = Column::new("day".into(), [Some(0_i32), None, Some(-1), Some(19_782)]);
        let moments = [Some(0_i64), Some(1_500_000), None, Some(-1)];
        let columns = vec![
            Column::new("a,b".into(), [Some("x"), Some(""), None, Some("say \"a\", \n b")]),
            Column::new("n".into(), [Some(1_i64), None, Some(-7), Some(i64::MIN)]),
            Column::new("x".into(), [Some(0.1), Some(-0.0), None, Some(1e300)]),
            Column::new("t".into(), [Some(true), Some(false), None, None]),
            days.cast(&DataType::Date).unwrap(),
            Column::new("moment".into(), moments)
                .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
                .unwrap(),
        ];
        let table = DataFrame::new(4, columns).unwrap();
        let names = ["a,b", "n", "x", "t", "day", "moment"];
        assert_eq!(header(names.into_iter()), b"\"a,b\",n,x,t,day,moment\n");
        let text = String::from_utf8(rows(&table).unwrap().concat()).unwrap();
        let expected = "x,1,0.1,true,1970-01-01,1970-01-01T00:00:00\n\
            \"\",,-0.0,false,,1970-01-01T00:00:01.500\n\
            ,-7,,,1969-12-31,\n\
            \"say \"\"a\"\", \n b\",-9223372036854775808,1e+300,,2024-02-29,1969-12-31T23:59:59.999999\n";
        assert_eq!(text, expected);
        assert_eq!(rows(&table.slice(1, 2)).unwrap().concat(), expected.as_bytes()[44..102]);
    }
}
