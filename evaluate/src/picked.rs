//! Some rows of a batch, gathered column by column.

use model::Bounds;
use stats::Line;

use crate::scored::Scored;

/// Rows that belong together, with what the model says of them; all lists of one length.
pub(crate) struct Picked {
    pub(crate) predicted: Vec<f64>,
    pub(crate) actual: Vec<f64>,
    /// Prediction minus outcome.
    pub(crate) residuals: Vec<f64>,
    /// Level by level, where there are intervals.
    pub(crate) bounds: Vec<Option<Bounds>>,
}

impl Picked {
    /// These rows of a batch.
    pub(crate) fn of(scored: &Scored, rows: &[usize]) -> Self {
        let (predicted, actual) = (column(&scored.predicted, rows), column(&scored.actual, rows));
        let residuals = predicted.iter().zip(&actual).map(|(f, y)| f - y).collect();
        let bounds = |of: &Bounds| Bounds { lower: column(&of.lower, rows), upper: column(&of.upper, rows) };
        let bounds = scored.levels.iter().map(|level| level.bounds.as_ref().ok().map(bounds)).collect();
        Self { predicted, actual, residuals, bounds }
    }

    /// The sums over them.
    pub(crate) fn line(&self) -> Line {
        let mut line = Line::new();
        line.extend(&self.predicted, &self.actual);
        line
    }
}

/// These rows of a column.
pub(crate) fn column(values: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|row| values[*row]).collect()
}

/// Rows by what they are told apart by; those of each group in their order.
pub(crate) fn grouped<K: Ord + Copy>(keyed: impl Iterator<Item = (K, usize)>) -> Vec<(K, Vec<usize>)> {
    let mut keyed: Vec<(K, usize)> = keyed.collect();
    keyed.sort_unstable();
    let group = |of: &[(K, usize)]| (of[0].0, of.iter().map(|(_, row)| *row).collect());
    keyed.chunk_by(|a, b| a.0 == b.0).map(group).collect()
}
