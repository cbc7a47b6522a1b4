//! Rows collected until they are worth a call of the table writer.

use common::table::BATCH_ROWS;
use common::{Error, Result};
use csv::StringRecord;
use polars::prelude::{DataFrame, IntoColumn as _, StringChunkedBuilder};

/// Bytes of a batch, cells counted with what they cost: wide tables have smaller batches.
const BATCH_BYTES: usize = 32 << 20;

/// Bytes that a cell costs beside its text.
const CELL_BYTES: usize = 16;

/// Rows that a column makes room for at first.
const FIRST_ROWS: usize = 256;

/// Rows of text, a column each.
pub(crate) struct Batch {
    names: Vec<String>,
    cells: Vec<StringChunkedBuilder>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    pub(crate) fn new(names: &[String]) -> Self {
        Self { names: names.to_vec(), cells: builders(names), rows: 0, bytes: 0 }
    }

    /// Adds a row whose columns stand at `positions` of the record. An empty cell is a missing one:
    /// both are the same bytes in the table.
    pub(crate) fn push(&mut self, record: &StringRecord, positions: &[usize]) {
        for (column, position) in self.cells.iter_mut().zip(positions) {
            match &record[*position] {
                "" => column.append_null(),
                text => column.append_value(text),
            }
        }
        self.rows += 1;
        self.bytes += record.as_slice().len() + CELL_BYTES * positions.len();
    }

    /// Whether it is time to write.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    /// The rows so far; the batch begins anew.
    ///
    /// # Errors
    /// None that is expected.
    pub(crate) fn take(&mut self) -> Result<DataFrame> {
        let cells = std::mem::replace(&mut self.cells, builders(&self.names));
        let columns = cells.into_iter().map(|column| column.finish().into_column()).collect();
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        DataFrame::new(rows, columns).map_err(|e| Error::unexpected(format!("cannot make a table: {e}")))
    }
}

fn builders(names: &[String]) -> Vec<StringChunkedBuilder> {
    names.iter().map(|name| StringChunkedBuilder::new(name.as_str().into(), FIRST_ROWS)).collect()
}
