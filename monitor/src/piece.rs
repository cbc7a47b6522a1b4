//! What the rows of one period teach.

use evaluate::{Score, Scored, Shift};
use model::Model;
use serde::{Deserialize, Serialize};
use stats::{Coverage, Reason};

/// Counts of rows, what drift is measured by, and predictions beside outcomes. Pieces merge to that of the whole.
///
/// Memory: 16 bytes a row with outcome.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Piece {
    /// Rows.
    pub(crate) rows: u64,
    /// Rows whose outcome is not known.
    pub(crate) without_outcome: u64,
    /// Rows that have no prediction, since a feature is missing or it is beyond the range of f64.
    pub(crate) without_prediction: u64,
    /// Rows in the bins of the model's references; of the target those with an outcome.
    pub(crate) shift: Shift,
    /// Prediction and outcome of the rows that have both; ascending in a file.
    pub(crate) pairs: Vec<(f64, f64)>,
    /// How the intervals of these rows held, level by level.
    pub(crate) intervals: Vec<Coverage>,
}

impl Piece {
    /// Of no rows.
    pub(crate) fn new(model: &Model) -> Self {
        Self {
            rows: 0,
            without_outcome: 0,
            without_prediction: 0,
            shift: Shift::new(model),
            pairs: Vec::new(),
            intervals: vec![Coverage::new(); model.intervals.levels.len()],
        }
    }

    /// Adds all but the features of one of the rows.
    pub(crate) fn add(&mut self, model: &Model, rows: &Scored, row: usize) {
        let (predicted, actual) = (rows.predicted[row], rows.actual[row]);
        self.rows += 1;
        self.without_outcome += u64::from(!actual.is_finite());
        self.without_prediction += u64::from(!predicted.is_finite());
        if actual.is_finite() {
            self.shift.add(model, rows, row);
        } else {
            // An outcome that is not known yet is no missing one.
            model.reference.prediction.add(&mut self.shift.prediction, predicted);
        }
        if predicted.is_finite() && actual.is_finite() {
            self.pairs.push((predicted, actual));
            for (level, lower, upper) in rows.bounds(row) {
                self.intervals[level].add(lower, upper, actual);
            }
        }
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// [`Reason::BinsDiffer`] where it was counted in the bins of another model.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Reason> {
        self.shift.merge(&other.shift)?;
        self.rows += other.rows;
        self.without_outcome += other.without_outcome;
        self.without_prediction += other.without_prediction;
        self.pairs.extend_from_slice(&other.pairs);
        self.intervals.iter_mut().zip(&other.intervals).for_each(|(of, more)| of.merge(more));
        Ok(())
    }

    /// Puts the rows into an order of their own, so that the order in which they came leaves no trace.
    pub(crate) fn sort(&mut self) {
        self.pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    }

    /// Predictions beside outcomes, as `evaluate` measures them.
    pub(crate) fn score(&self, model: &Model) -> Score {
        let mut score = Score { intervals: self.intervals.clone(), ..Score::new(model) };
        self.pairs.iter().for_each(|(predicted, actual)| score.add_pair(*predicted, *actual));
        score
    }
}
