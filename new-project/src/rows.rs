//! The rows of the drafted table, one after the other.

use common::{Error, Result};

use crate::draft::Draft;

/// Calls `each` with the number of every row, from 0, and its cells.
///
/// # Errors
/// Where the table cannot be read back.
pub(crate) fn each(draft: &Draft, mut each: impl FnMut(u64, &csv::StringRecord)) -> Result<()> {
    let failed = |e: csv::Error| Error::checkpoint(format!("cannot be read back: {e}")).at(&draft.table);
    let mut reader =
        csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_path(&draft.table).map_err(failed)?;
    let mut record = csv::StringRecord::new();
    let mut row = 0;
    while reader.read_record(&mut record).map_err(failed)? {
        each(row, &record);
        row += 1;
    }
    Ok(())
}
