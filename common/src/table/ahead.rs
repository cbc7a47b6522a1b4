//! Reading a table while what was read before is worked on.

use polars::prelude::DataFrame;

use super::TableReader;
use super::reader::{Batches, checked};
use crate::error::Result;

impl TableReader {
    /// Calls `visit` with each batch in turn, while the next one is read; at most two are in memory.
    ///
    /// # Errors
    /// The first in the order of the rows.
    pub fn each(&mut self, mut visit: impl FnMut(DataFrame) -> Result<()> + Send) -> Result<()> {
        let Self { path, fields, batches } = self;
        match batches {
            // Waiting for a batch must not take a thread from those that read it.
            Batches::Csv(csv) => {
                while let Some(batch) = csv.next_batch()? {
                    visit(checked(batch, fields, path)?)?;
                }
                Ok(())
            }
            Batches::Arrow(arrow) => {
                // Reading may take longer than the work, so that arrays become columns with the work.
                let columns = arrow.columns().clone();
                let work = |arrays| visit(checked(columns.frame(arrays)?, fields, path)?);
                ahead(|| arrow.next_arrays(), work)
            }
            Batches::Parquet(parquet) => {
                ahead(|| parquet.next_batch(), |batch| visit(checked(batch, fields, path)?))
            }
        }
    }
}

/// Works on what was read while more is read.
fn ahead<T: Send>(
    mut read: impl FnMut() -> Result<Option<T>> + Send,
    mut work: impl FnMut(T) -> Result<()> + Send,
) -> Result<()> {
    // All of it on one thread of the pool: batches that come from many would leave their memory with each.
    rayon::scope(|_| {
        let mut next = read()?;
        while let Some(batch) = next {
            let (more, done) = rayon::join(&mut read, || work(batch));
            done?;
            next = more?;
        }
        Ok(())
    })
}
