//! A piece of a CSV file as a table.

use memchr::{memchr, memchr_iter, memchr2};
use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;

use super::columns::{Builder, end_of_cell};
use super::pieces::cut;
use crate::error::{Error, Result};
use crate::schema::Field;
use crate::text;

/// Pieces below so many bytes are not shared among processors.
const SHARED: usize = 1 << 18;

/// Which columns of a file are read.
pub(super) struct Plan {
    /// All columns; those that are not read have no field.
    columns: Vec<Option<Field>>,
    /// Columns up to the last that is read.
    needed: usize,
}

/// What is wrong with a row of a piece.
struct Fault {
    /// From 0.
    row: u64,
    what: String,
}

impl Plan {
    pub(super) fn new(fields: &[Field], picked: &[Field]) -> Self {
        let is_picked = |field: &&Field| picked.iter().any(|p| p.name == field.name);
        let columns: Vec<Option<Field>> =
            fields.iter().map(|field| Some(field).filter(is_picked).cloned()).collect();
        let needed = columns.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        Self { columns, needed }
    }

    /// A piece of whole records, of which `before` came before it, as one table.
    pub(super) fn parse(&self, piece: &[u8], before: u64) -> Result<DataFrame> {
        let shares = if piece.len() < SHARED { 1 } else { rayon::current_num_threads() };
        let cuts = cut(piece, shares);
        let parts: Vec<std::result::Result<DataFrame, Fault>> = if let [one] = cuts.as_slice() {
            vec![self.parse_part(&piece[one.clone()])]
        } else {
            cuts.par_iter().map(|range| self.parse_part(&piece[range.clone()])).collect()
        };
        let mut all: Option<DataFrame> = None;
        for part in parts {
            let before = before + all.as_ref().map_or(0, |table| table.height() as u64);
            let part = part.map_err(|fault| {
                Error::checkpoint(format!("data row {}: {}", before + fault.row + 1, fault.what))
            })?;
            match &mut all {
                None => all = Some(part),
                Some(table) => table.vstack_mut_owned(part).map(drop).map_err(|e| unreadable(&e))?,
            }
        }
        let mut table = all.unwrap_or_else(DataFrame::empty);
        table.rechunk_mut();
        Ok(table)
    }

    fn parse_part(&self, part: &[u8]) -> std::result::Result<DataFrame, Fault> {
        let text = std::str::from_utf8(part).map_err(|e| {
            let row = memchr_iter(b'\n', &part[..e.valid_up_to()]).count();
            Fault { row: row as u64, what: "is not UTF-8".to_owned() }
        })?;
        let first = memchr(b'\n', part).map_or(part.len(), |end| end + 1).max(1);
        // Rows are about as long as the first; what is too much is never touched.
        let rows = part.len() / first + part.len() / first / 8 + 1;
        let mut builders: Vec<Option<Builder<'_>>> = self.columns[..self.needed]
            .iter()
            .map(|field| field.as_ref().map(|field| Builder::new(field, rows)))
            .collect();
        let (mut at, mut row) = (0, 0);
        while at < part.len() {
            at = self.read_record(text, at, &mut builders).map_err(|what| Fault { row, what })?;
            row += 1;
        }
        let height = usize::try_from(row).unwrap_or(usize::MAX);
        let columns = builders.into_iter().flatten().map(Builder::finish).collect::<PolarsResult<Vec<_>>>();
        let table = columns.and_then(|columns| DataFrame::new(height, columns));
        table.map_err(|e| Fault { row: 0, what: unreadable(&e).to_string() })
    }

    /// Reads the record that begins at `at`; returns where the next one does.
    #[inline]
    fn read_record(
        &self,
        text: &str,
        mut at: usize,
        builders: &mut [Option<Builder<'_>>],
    ) -> std::result::Result<usize, String> {
        let bytes = text.as_bytes();
        for (number, builder) in builders.iter_mut().enumerate() {
            at = match builder {
                Some(builder) => builder.read(text, at)?,
                None => end_of_cell(bytes, at).ok_or("a quote is not closed")?,
            };
            let is_last = number + 1 == self.columns.len();
            match bytes.get(at) {
                Some(b',') if !is_last => at += 1,
                Some(b'\n') if is_last => return Ok(at + 1),
                None if is_last => return Ok(at),
                _ => {
                    let expected = text::count(self.columns.len() as u64, "cell");
                    let found = if is_last { "more".to_owned() } else { (number + 1).to_string() };
                    return Err(format!("has {found}, expected {expected}"));
                }
            }
        }
        skip_rest(bytes, at)
    }
}

/// Skips the columns after the last that is read.
fn skip_rest(bytes: &[u8], mut at: usize) -> std::result::Result<usize, String> {
    loop {
        match memchr2(b'"', b'\n', &bytes[at..]) {
            None => return Ok(bytes.len()),
            Some(length) if bytes[at + length] == b'\n' => return Ok(at + length + 1),
            Some(length) => at = end_of_cell(bytes, at + length).ok_or("a quote is not closed")?,
        }
    }
}

fn unreadable(error: &polars::prelude::PolarsError) -> Error {
    Error::checkpoint(format!("cannot be read as the table its manifest describes: {error}"))
}
