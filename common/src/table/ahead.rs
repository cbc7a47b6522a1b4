//! Reading a table while what was read before is worked on.

use polars::prelude::DataFrame;

use super::TableReader;
use crate::error::Result;

impl TableReader {
    /// Calls `visit` with each batch in turn, while the next one is read; at most two are in memory.
    ///
    /// # Errors
    /// The first in the order of the rows.
    pub fn each(&mut self, mut visit: impl FnMut(DataFrame) -> Result<()> + Send) -> Result<()> {
        if self.reads_ahead() {
            // Waiting for a batch must not take a thread from those that read it.
            while let Some(batch) = self.next_batch()? {
                visit(batch)?;
            }
            return Ok(());
        }
        // All of it on one thread of the pool: batches that come from many would leave their memory with each.
        rayon::scope(|_| {
            let mut next = self.next_batch()?;
            while let Some(batch) = next {
                let (read, done) = rayon::join(|| self.next_batch(), || visit(batch));
                done?;
                next = read?;
            }
            Ok(())
        })
    }
}
