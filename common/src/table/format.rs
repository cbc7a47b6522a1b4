//! The format of a table, picked by the ending of its name.

use std::path::Path;

use crate::error::{Error, Result};

/// How a table is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text, RFC 4180.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC file.
    Arrow,
}

impl Format {
    /// The format of `path`; `-` and names without an ending are CSV.
    ///
    /// # Errors
    /// [`crate::Class::Usage`] for another ending.
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|e| e.to_str()) {
            None | Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            Some("arrow") => Ok(Self::Arrow),
            Some(_) => Err(Error::usage("the ending of a table's name is .csv, .parquet or .arrow").at(path)),
        }
    }
}
