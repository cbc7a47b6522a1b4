//! The text of a batch of rows, and the identities of its rows.

use common::error::Result;
use common::hash;
use common::table::texts;
use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::Digest;

/// Rows that one thread takes at least.
const PIECE_ROWS: usize = 4096;

/// The text of a batch by column; a missing cell is `None`.
pub(crate) struct Texts<'a> {
    pub(crate) columns: Vec<Vec<Option<&'a str>>>,
    pub(crate) rows: usize,
}

impl<'a> Texts<'a> {
    /// The columns `names` of a batch of text, in this order.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a column is not there or is no text.
    pub(crate) fn of(batch: &'a DataFrame, names: &[impl AsRef<str> + Sync]) -> Result<Self> {
        let columns = names.par_iter().map(|name| texts(batch, name.as_ref())).collect::<Vec<_>>();
        Ok(Self { columns: columns.into_iter().collect::<Result<_>>()?, rows: batch.height() })
    }

    /// The identity of each row over its columns, whose names are `names`: independent of the order of the
    /// columns, and of rows.
    pub(crate) fn identities(&self, names: &[String]) -> Vec<Digest> {
        let mut columns: Vec<_> = names.iter().zip(&self.columns).collect();
        columns.sort_by_key(|(name, _)| *name);
        let rows = if columns.is_empty() { 0 } else { self.rows };
        let identity = |bytes: &mut Vec<u8>, row: usize| {
            bytes.clear();
            for (_, cells) in &columns {
                let cell = cells[row].unwrap_or_default();
                bytes.extend_from_slice(&(cell.len() as u64).to_le_bytes());
                bytes.extend_from_slice(cell.as_bytes());
            }
            hash::digest128(bytes)
        };
        (0..rows).into_par_iter().with_min_len(PIECE_ROWS).map_init(Vec::new, identity).collect()
    }
}
