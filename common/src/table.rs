//! Tables between stages: read and written in batches, in the format their name asks for.
//!
//! Our own checkpoints have a known form (one header, known types, quotes only where needed): CSV is read and written by
//! our own code, Arrow and Parquet by polars. A raw file of somebody else's never comes here.

mod ahead;
mod batches;
mod columns;
mod csv;
mod format;
mod growing;
mod raw;
mod raw_arrow;
mod reader;
mod writer;

pub use columns::{number_column, numbers, numbers_of, texts};
pub use format::Format;
pub use growing::{Growing, GrowingTexts, GrowingValues};
pub use raw::{RawRows, RawTable};
pub use reader::{TableReader, TextReader, TextRows, Visit};
pub use writer::{BATCH_ROWS, TableWriter};

use polars::prelude::PolarsError;

use crate::error::Error;

/// A polars failure on one of our own tables, as a damaged checkpoint.
fn damaged(path: &std::path::Path, error: &PolarsError) -> Error {
    Error::checkpoint(format!("cannot be read as the table its manifest describes: {error}")).at(path)
}
