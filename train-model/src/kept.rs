//! A table that is read more than once, kept in memory where that is little.

use std::sync::{Mutex, PoisonError};

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::table::{Format, TableReader};
use polars::prelude::DataFrame;

/// Bytes of tables that are kept at most. Longer ones are read again: memory does not grow with them.
pub(crate) const MOST_BYTES: usize = 320 << 20;

/// What was read of a table, if it was kept.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<Batches>>);

#[derive(Debug)]
struct Batches {
    /// The columns that were asked for.
    columns: Vec<String>,
    batches: Vec<DataFrame>,
}

impl Kept {
    /// Calls `visit` with each batch of some columns of `table` in turn (all of them where there are none named), read
    /// from the file or as it was kept. Of one that will be read again, up to `most` bytes are kept.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`], and those of `visit`.
    pub(crate) fn each(
        &self,
        table: &Checkpoint,
        columns: Option<&[String]>,
        most: usize,
        mut visit: impl FnMut(DataFrame) -> Result<()> + Send,
    ) -> Result<()> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(kept), Some(columns)) = (&*kept, columns)
            && columns.iter().all(|name| kept.columns.contains(name))
        {
            return kept.batches.iter().try_for_each(|batch| visit(batch.clone()));
        }
        let mut reader = TableReader::open(table, columns)?;
        // Arrow is read again nearly as fast as it is found in memory.
        let is_slow = || Format::of(&table.path).is_ok_and(|format| format != Format::Arrow);
        let mut keep = columns.filter(|_| most > 0 && is_slow());
        let (mut batches, mut bytes) = (Vec::new(), 0);
        reader.each(|batch| {
            if keep.is_some() {
                bytes += batch.estimated_size();
                batches.push(batch.clone());
                if bytes > most {
                    (keep, batches) = (None, Vec::new());
                }
            }
            visit(batch)
        })?;
        if let Some(columns) = keep {
            *kept = Some(Batches { columns: columns.to_vec(), batches });
        }
        Ok(())
    }
}
