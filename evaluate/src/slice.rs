//! Errors and coverage of some rows that belong together, whatever rows they are.

use model::Model;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::{Absent, Coverage, CoverageMeasures, ErrorSums, Moments, Reason, Value};

use crate::intervals;
use crate::measure::{reasons, standard_error};
use crate::metrics::Reasons;
use crate::picked::Picked;
use crate::score::cover;

/// What rows with prediction and outcome teach, where there are many such groups of rows. The slices of pieces
/// merge to that of the whole.
///
/// Memory: constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Size of the errors.
    pub errors: ErrorSums,
    /// Prediction minus outcome.
    pub residuals: Moments,
    /// Prediction minus outcome, where it is above 0.
    pub over: Moments,
    /// Outcome minus prediction, where it is above 0.
    pub under: Moments,
    /// How the prediction intervals held, level by level.
    pub intervals: Vec<Coverage>,
}

/// The measures of a [`Slice`]; in the unit of the target unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SliceMeasures {
    /// Rows with prediction and outcome.
    pub n: u64,
    /// Rows that lack one of them, in no figure.
    pub missing: u64,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Its standard error, rows taken as independent.
    pub mae_se: Option<f64>,
    /// Root of the mean squared error.
    pub rmse: Option<f64>,
    /// Mean of prediction minus outcome.
    pub bias: Option<f64>,
    /// Its standard error, rows taken as independent.
    pub bias_se: Option<f64>,
    /// Mean outcome.
    pub mean_actual: Option<f64>,
    /// Mean prediction.
    pub mean_predicted: Option<f64>,
    /// Share of the rows whose prediction is above the outcome; no unit.
    pub share_over: Option<f64>,
    /// By how much, on average of these rows.
    pub mean_over: Option<f64>,
    /// Share of the rows whose prediction is below the outcome; no unit.
    pub share_under: Option<f64>,
    /// By how much, on average of these rows.
    pub mean_under: Option<f64>,
    /// How the prediction intervals held, one entry a level, ascending.
    pub intervals: Vec<CoverageMeasures>,
    /// Reasons of what is `null`.
    pub absent: Reasons,
}

impl Slice {
    /// Of no rows.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self {
            errors: ErrorSums::new(),
            residuals: Moments::new(),
            over: Moments::new(),
            under: Moments::new(),
            intervals: vec![Coverage::new(); model.intervals.levels.len()],
        }
    }

    /// Adds rows.
    pub(crate) fn extend(&mut self, rows: &Picked) {
        self.errors.extend(&rows.predicted, &rows.actual);
        self.residuals.extend(&rows.residuals);
        let over: Vec<f64> = rows.residuals.iter().copied().filter(|e| *e > 0.0).collect();
        self.over.extend(&over);
        let under: Vec<f64> = rows.residuals.iter().filter(|e| **e < 0.0).map(|e| -e).collect();
        self.under.extend(&under);
        cover(&mut self.intervals, rows);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.errors.merge(&other.errors);
        self.residuals.merge(&other.residuals);
        self.over.merge(&other.over);
        self.under.merge(&other.under);
        self.intervals.iter_mut().zip(&other.intervals).for_each(|(of, more)| of.merge(more));
    }

    /// The measures of what was added. `unseen` says whether the rows taught neither the model nor its intervals, so
    /// that they judge these.
    #[must_use]
    pub fn measures(&self, model: &Model, unseen: bool) -> SliceMeasures {
        let errors = &self.errors;
        let line = errors.line();
        let mut own = Absent::default();
        let share = |rows: u64| -> Value {
            if line.n() == 0 { Err(Reason::NoRows) } else { Ok(rows as f64 / line.n() as f64) }
        };
        let measures = SliceMeasures {
            n: line.n(),
            missing: line.missing(),
            mae: own.keep("mae", errors.mae()),
            mae_se: own.keep("mae_se", errors.mae_se()),
            rmse: own.keep("rmse", errors.rmse()),
            bias: own.keep("bias", line.bias()),
            bias_se: own.keep("bias_se", standard_error(&self.residuals)),
            mean_actual: own.keep("mean_actual", line.mean_actual()),
            mean_predicted: own.keep("mean_predicted", line.mean_predicted()),
            share_over: own.keep("share_over", share(self.over.n())),
            mean_over: own.keep("mean_over", self.over.mean()),
            share_under: own.keep("share_under", share(self.under.n())),
            mean_under: own.keep("mean_under", self.under.mean()),
            intervals: intervals::of(model, unseen, &self.intervals),
            absent: Reasons::new(),
        };
        SliceMeasures { absent: reasons(&own, |key| Some(key.to_owned())), ..measures }
    }
}
