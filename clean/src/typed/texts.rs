//! The identities of rows, from their text.

use common::hash;
use common::table::TextRows;
use rayon::prelude::*;

use super::Digest;

/// Rows that one thread takes at least.
const PIECE_ROWS: usize = 4096;

/// How the cells of a row are put together before they are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What the parts of a split by a hash of the whole row rest on: it never changes.
    Lasting,
    /// As short as can be, for rows that are only compared with one another in this run.
    Short,
}

/// The order of columns in an identity, which does not depend on theirs in the table.
pub(crate) struct Identity {
    columns: Vec<usize>,
    form: Form,
}

impl Identity {
    /// Of rows with columns `names`.
    pub(crate) fn new(names: &[impl AsRef<str>], form: Form) -> Self {
        let mut columns: Vec<usize> = (0..names.len()).collect();
        columns.sort_by_key(|column| names[*column].as_ref());
        Self { columns, form }
    }

    /// The identity of each row.
    pub(crate) fn of(&self, rows: &TextRows<'_>) -> Vec<Digest> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let identity = |bytes: &mut Vec<u8>, row: usize| {
            bytes.clear();
            for column in &self.columns {
                self.push(bytes, rows.cell(row, *column));
            }
            hash::digest128(bytes)
        };
        (0..rows.rows()).into_par_iter().with_min_len(PIECE_ROWS).map_init(Vec::new, identity).collect()
    }

    /// Adds a cell with its length before it, so that no other cells give the same bytes.
    #[inline]
    fn push(&self, bytes: &mut Vec<u8>, cell: &str) {
        match u8::try_from(cell.len()) {
            Ok(length) if self.form == Form::Short && length < u8::MAX => bytes.push(length),
            _ => {
                if self.form == Form::Short {
                    bytes.push(u8::MAX);
                }
                bytes.extend_from_slice(&(cell.len() as u64).to_le_bytes());
            }
        }
        bytes.extend_from_slice(cell.as_bytes());
    }
}
