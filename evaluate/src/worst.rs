//! The rows with the largest errors, and where they came from.

use common::error::Result;
use common::lines::LineIndex;
use serde_json::Value;

use crate::metrics::WorstRow;
use crate::pair::Pair;

/// How many are kept.
const MOST: usize = 20;

/// The rows with the largest absolute errors, the worst first; of equal ones the first in the table. What pieces
/// hold merges to what the whole holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worst(Vec<WorstRow>);

impl Worst {
    /// Whether an error of this size in row number `row` is among the worst.
    pub(crate) fn admits(&self, error: f64, row: u64) -> bool {
        let worse =
            |last: &WorstRow| error.abs() > size(last) || (error.abs() >= size(last) && row < last.row);
        !error.is_nan() && (self.0.len() < MOST || self.0.last().is_some_and(worse))
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: WorstRow) {
        let place = self
            .0
            .partition_point(|of| size(of) > size(&row) || (size(of) >= size(&row) && of.row < row.row));
        self.0.insert(place, row);
        self.0.truncate(MOST);
    }

    /// Adds all that `other` holds.
    pub(crate) fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|row| self.add(row.clone()));
    }

    /// The rows with the places in the raw files that the table's manifest tells of.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where the line index is damaged.
    pub(crate) fn traced(mut self, pair: &Pair) -> Result<Vec<WorstRow>> {
        let Some(index) = LineIndex::of(&pair.table)? else { return Ok(self.0) };
        let sources = pair.sources();
        for row in &mut self.0 {
            let (source, line) = index.place(row.row - 1);
            let uri = sources.get(source).and_then(|s| s.get("uri")).and_then(Value::as_str);
            row.source = uri.map(str::to_owned);
            row.line = uri.map(|_| line);
        }
        Ok(self.0)
    }
}

/// The absolute error; one beyond the range of `f64` is the largest.
fn size(row: &WorstRow) -> f64 {
    row.error.map_or(f64::INFINITY, f64::abs)
}
