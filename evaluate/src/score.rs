//! How predictions compare with outcomes, whatever rows they are of.

use model::Model;
use serde::{Deserialize, Serialize};
use stats::{Calibration, Coverage, Errors, Moments};

use crate::picked::Picked;

/// What rows with prediction and outcome teach about a model. The scores of pieces merge to that of the whole.
///
/// Memory: 24 bytes a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Size of the errors.
    pub errors: Errors,
    /// Predictions beside outcomes.
    pub calibration: Calibration,
    /// Prediction minus outcome.
    pub residuals: Moments,
    /// How the prediction intervals held, level by level.
    pub intervals: Vec<Coverage>,
}

impl Score {
    /// Of no rows.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self {
            errors: Errors::new(),
            calibration: Calibration::new(),
            residuals: Moments::new(),
            intervals: vec![Coverage::new(); model.intervals.levels.len()],
        }
    }

    /// Adds rows.
    pub(crate) fn extend(&mut self, rows: &Picked) {
        let line = rows.line();
        self.errors.extend_with(&line, &rows.predicted, &rows.actual);
        self.calibration.extend_with(&line, &rows.predicted, &rows.actual);
        self.residuals.extend(&rows.residuals);
        cover(&mut self.intervals, rows);
    }

    /// Adds prediction and outcome of a row, and nothing of its intervals.
    pub fn add_pair(&mut self, predicted: f64, actual: f64) {
        self.errors.add(predicted, actual);
        self.calibration.add(predicted, actual);
        self.residuals.add(predicted - actual);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.errors.merge(&other.errors);
        self.calibration.merge(&other.calibration);
        self.residuals.merge(&other.residuals);
        self.intervals.iter_mut().zip(&other.intervals).for_each(|(of, more)| of.merge(more));
    }
}

/// Adds the intervals of rows, level by level.
pub(crate) fn cover(levels: &mut [Coverage], rows: &Picked) {
    for (coverage, bounds) in levels.iter_mut().zip(&rows.bounds) {
        if let Some(bounds) = bounds {
            coverage.extend(&bounds.lower, &bounds.upper, &rows.actual);
        }
    }
}
