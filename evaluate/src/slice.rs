//! Errors and coverage of some rows that belong together, whatever rows they are.

use model::Model;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::{Absent, Coverage, CoverageMeasures, Errors, Moments, Reason, Value};

use crate::intervals;
use crate::measure::{reasons, standard_error};
use crate::metrics::Reasons;
use crate::scored::Scored;

/// What rows with prediction and outcome teach, where there are many such groups of rows. The slices of pieces
/// merge to that of the whole.
///
/// Memory: 8 bytes a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Size of the errors.
    pub errors: Errors,
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
            errors: Errors::new(),
            residuals: Moments::new(),
            over: Moments::new(),
            under: Moments::new(),
            intervals: vec![Coverage::new(); model.intervals.levels.len()],
        }
    }

    /// Adds one of the rows.
    pub fn add(&mut self, rows: &Scored, row: usize) {
        let (predicted, actual) = (rows.predicted[row], rows.actual[row]);
        self.errors.add(predicted, actual);
        let residual = predicted - actual;
        self.residuals.add(residual);
        if residual > 0.0 {
            self.over.add(residual);
        } else if residual < 0.0 {
            self.under.add(-residual);
        }
        for (level, lower, upper) in rows.bounds(row) {
            self.intervals[level].add(lower, upper, actual);
        }
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
    pub fn measures(&mut self, model: &Model, unseen: bool) -> SliceMeasures {
        let errors = self.errors.measures();
        let line = self.errors.line();
        let mut own = Absent::default();
        let share = |rows: u64| -> Value {
            if errors.n == 0 { Err(Reason::NoRows) } else { Ok(rows as f64 / errors.n as f64) }
        };
        let shown = |key: &str| ["mae", "mae_se", "rmse", "bias"].contains(&key).then(|| key.to_owned());
        let mut absent = reasons(&errors.absent, shown);
        let measures = SliceMeasures {
            n: errors.n,
            missing: errors.missing,
            mae: errors.mae,
            mae_se: errors.mae_se,
            rmse: errors.rmse,
            bias: errors.bias,
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
        absent.extend(reasons(&own, |key| Some(key.to_owned())));
        SliceMeasures { absent, ..measures }
    }
}
