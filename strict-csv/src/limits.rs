//! What a source may hold at most.

/// Limits of one source. The defaults hold every file that is meant to be read, and keep memory flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a cell.
    pub field_bytes: usize,
    /// Bytes of a record, its line end included.
    pub record_bytes: usize,
    /// Columns: cells beyond are counted and not kept, so a wider header is for its reader to refuse.
    pub columns: usize,
    /// Bytes of a column's name.
    pub name_bytes: usize,
    /// Bytes of a block, at least: what is read before a block is cut.
    pub block_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            field_bytes: 1 << 20,
            record_bytes: 8 << 20,
            columns: 16_384,
            name_bytes: 1024,
            block_bytes: 1 << 19,
        }
    }
}
