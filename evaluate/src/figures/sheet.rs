//! A small CSV file: UTF-8, RFC 4180, quotes only where needed.

use common::error::{Error, Result};

/// A CSV file in memory.
pub(super) struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// With these titles.
    pub(super) fn new(titles: &[&str]) -> Result<Self> {
        let mut sheet = Self(csv::Writer::from_writer(Vec::new()));
        sheet.row(titles.iter().map(|title| (*title).to_owned()))?;
        Ok(sheet)
    }

    /// Adds a row, one cell a column.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<()> {
        self.0.write_record(cells).map_err(|e| Error::unexpected(format!("cannot write figure data: {e}")))
    }

    /// Its bytes.
    pub(super) fn bytes(self) -> Result<Vec<u8>> {
        self.0.into_inner().map_err(|e| Error::unexpected(format!("cannot write figure data: {e}")))
    }
}

/// The shortest text that gives the same f64 back; an empty cell for what is not finite.
pub(super) fn number(value: f64) -> String {
    if value.is_finite() { format!("{:?}", value + 0.0) } else { String::new() }
}
