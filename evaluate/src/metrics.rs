//! The form of `metrics.json`. Keys are stable; each is documented in `docs/formats.md`.
//!
//! A figure that has no finite value is `null`, and `absent` beside it says why, by key.

mod breakdown;

use std::collections::BTreeMap;

use common::config::TargetStatistic;
use common::ledger::Ledger;
use common::manifest::FileRecord;
use model::{Choice, Importance, Method, ResidualPart};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stats::{CoverageMeasures, Decile, ErrorIntervals, Paired, Psi, Reason, RobustLine};

use crate::found::{ColumnNulls, FeatureStatistics, Leak, PartTimes};
use crate::gates::Gate;

pub use breakdown::{BinRow, DriftPeriod, PeriodRow, Periods, PsiBrief, Segment, SegmentRow, WorstRow};

/// Version of the form.
pub const FORMAT: u32 = 1;

/// The parts of the split, as the split column names them.
pub const PARTS: [&str; 3] = ["train", "calibration", "test"];

/// Reasons of the figures that are `null`, by their key.
pub type Reasons = BTreeMap<String, Reason>;

/// What stands in `metrics.json`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// What the gates say.
    pub status: Status,
    /// The limits of `[gates]`: first those of `fail`, each list by path.
    pub gates: Vec<Gate>,
    /// What is predicted.
    pub target: Target,
    /// What predicts it.
    pub model: ModelFacts,
    /// The part the model was fitted to.
    pub train: Part,
    /// The part kept for calibration.
    pub calibration: Part,
    /// The part that results are reported on.
    pub test: Part,
    /// The simplest predictions of the same rows.
    pub baselines: Baselines,
    /// The model beside each baseline, on the test part.
    pub improvement: Improvements,
    /// How the prediction intervals are made; how they held stands with each part.
    pub intervals: Intervals,
    /// Later parts beside the training part.
    pub drift: Drift,
    /// Errors by period; `null` where the table has no time.
    #[serde(default)]
    pub periods: Option<Periods>,
    /// Errors on the test part by entity and by the columns of `[evaluate] segments`.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// Errors on the test part by prediction, in the bins of the training predictions.
    #[serde(default)]
    pub bins: Vec<BinRow>,
    /// The test rows with the largest absolute errors, the worst first.
    #[serde(default)]
    pub worst: Vec<WorstRow>,
    /// Coefficients, the largest effect first.
    pub coefficients: Vec<Coefficient>,
    /// How the model was chosen among candidates; `null` where the settings named it.
    #[serde(default)]
    pub choice: Option<Choice>,
    /// How much each feature matters.
    #[serde(default)]
    pub importance: Importance,
    /// Statistics of each feature by part, as `feature_engineer` found them.
    #[schemars(with = "Option<BTreeMap<String, FeatureStatistics>>")]
    pub features: Value,
    /// How the split was made.
    pub split: Value,
    /// First and last time of each part.
    #[schemars(with = "Option<PartTimes>")]
    pub clock: Value,
    /// Where the raw rows came from, as far as the stages before say.
    pub sources: Value,
    /// Rows through all stages.
    pub ledger: Ledger,
    /// What the leak guard of `feature_engineer` found; null where it did not look.
    #[schemars(with = "Option<Vec<Leak>>")]
    pub leaks: Value,
    /// Missing cells of the columns before and after `clean` filled them, as its manifest has them.
    #[schemars(with = "Option<BTreeMap<String, ColumnNulls>>")]
    pub nulls: Value,
    /// The features table and the model.
    pub inputs: Vec<FileRecord>,
}

/// What the gates say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No gate is broken.
    Pass,
    /// A gate that only warns is broken.
    Warn,
    /// A gate is broken.
    Fail,
}

/// What is predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Column of the features table.
    pub column: String,
    /// Column of the raw data, or expression, whose value it is.
    pub source: String,
    /// Rows ahead, within the entity.
    pub horizon: u32,
    /// The value at the horizon, or the mean of the rows up to it.
    pub statistic: TargetStatistic,
    /// The formula of the source, where it is no column of the raw data.
    pub expression: Option<String>,
    /// Column of the group that rows belong to.
    pub entity: Option<String>,
    /// Columns of the time.
    pub time: Vec<String>,
    /// The unit of every error.
    pub unit_note: String,
}

/// What predicts it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelFacts {
    /// Family.
    pub kind: String,
    /// How it was fitted, where its file says so.
    pub solver: Option<String>,
    /// Number of features.
    pub features: usize,
    /// Features that the ones before them determine, with coefficient 0.
    pub left_out: Vec<String>,
    /// Training rows.
    pub rows: u64,
    /// Version of the program that fitted it.
    pub version: String,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// Errors and calibration on one part; in the unit of the target unless said otherwise.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Part {
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
    /// `1 - SSE / SST`; no unit.
    pub r2: Option<f64>,
    /// Mean of prediction minus outcome.
    pub bias: Option<f64>,
    /// Its standard error, rows taken as independent.
    pub bias_se: Option<f64>,
    /// Median absolute error.
    pub median_absolute_error: Option<f64>,
    /// Largest absolute error.
    pub max_absolute_error: Option<f64>,
    /// Mean absolute percentage error, as a share of 1; no unit. Only where no outcome is near zero.
    #[serde(default)]
    pub mape: Option<f64>,
    /// Mean absolute error over that of persistence on the training part; no unit.
    #[serde(default)]
    pub mase: Option<f64>,
    /// Limits of the errors in other samples like this one; `null` for the part the model was fitted to.
    #[serde(default)]
    pub confidence: Option<ErrorIntervals>,
    /// Mean outcome.
    pub mean_actual: Option<f64>,
    /// Mean prediction.
    pub mean_predicted: Option<f64>,
    /// Mean absolute gap between prediction and outcome over bins of equal count.
    pub calibration_error: Option<f64>,
    /// The same over the standard deviation of the outcomes; no unit.
    pub calibration_error_sd: Option<f64>,
    /// What chance alone gives a calibrated model.
    pub calibration_error_floor: Option<f64>,
    /// The rest of calibration.
    pub calibration: Calibration,
    /// How the prediction intervals held, one entry a level, ascending.
    pub intervals: Vec<CoverageMeasures>,
    /// Reasons of what is `null`; those of `calibration` as `calibration.<key>`.
    pub absent: Reasons,
}

/// How outcomes follow predictions along their range.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// Mean of outcome minus prediction over the standard deviation of the outcomes; no unit.
    pub in_the_large: Option<f64>,
    /// Slope of the line of outcomes on predictions; no unit, 1 is ideal.
    pub slope: Option<f64>,
    /// Its standard error, rows taken as independent.
    pub slope_se: Option<f64>,
    /// Intercept of that line, in the unit of the target; 0 is ideal.
    pub intercept: Option<f64>,
    /// Its standard error, rows taken as independent.
    pub intercept_se: Option<f64>,
    /// F of the joint hypothesis intercept 0 and slope 1.
    pub joint_f: Option<f64>,
    /// Its second degrees of freedom; the first are 2.
    pub joint_df: u64,
    /// Chance of such an F under the hypothesis, rows taken as independent.
    pub joint_p: Option<f64>,
    /// Mean squared error, `mcb - dsc + unc`; this and the next three in the unit squared.
    pub mse: Option<f64>,
    /// Miscalibration.
    pub mcb: Option<f64>,
    /// Discrimination.
    pub dsc: Option<f64>,
    /// Uncertainty.
    pub unc: Option<f64>,
    /// The line with errors that allow for rows that depend on each other; `null` for the part the model was fitted to.
    #[serde(default)]
    pub robust: Option<RobustLine>,
    /// Bins of equal count by prediction, ascending.
    pub deciles: Vec<Decile>,
}

/// How the prediction intervals are made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Intervals {
    /// By what method.
    pub method: Method,
    /// Calibration rows that their widths were taken from; under `t` the degrees of freedom of the fit.
    pub rows: u64,
    /// Shares of outcomes that they promise to hold, ascending; no unit.
    pub levels: Vec<f64>,
    /// By level: half the width over the scale of the row, which under `conformal` is 1.
    pub quantiles: Vec<Option<f64>>,
    /// By level: why there are no intervals; `null` where there are.
    pub absent: Vec<Option<Reason>>,
}

/// The simplest predictions.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Baselines {
    /// The median of the training target, for every row.
    pub train_median: Baseline,
    /// The last value known at the row's time; only where the table has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistence: Option<Baseline>,
}

/// Errors of a baseline.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// The one value that it predicts, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// On the training part.
    pub train: BaselinePart,
    /// On the calibration part.
    pub calibration: BaselinePart,
    /// On the test part.
    pub test: BaselinePart,
}

/// Errors of a baseline on one part; see [`Part`] for the keys.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BaselinePart {
    /// Rows with prediction and outcome.
    pub n: u64,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Root of the mean squared error.
    pub rmse: Option<f64>,
    /// `1 - SSE / SST`; no unit.
    pub r2: Option<f64>,
    /// Mean of prediction minus outcome.
    pub bias: Option<f64>,
    /// Rows where it knew nothing and the training median stood in; only for persistence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<u64>,
    /// Reasons of what is `null`.
    pub absent: Reasons,
}

/// The model beside each baseline.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Improvements {
    /// Beside the training median.
    pub train_median: Improvement,
    /// Beside persistence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistence: Option<Improvement>,
}

/// The model beside one baseline, on the same test rows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Improvement {
    /// `1 - MAE of the model / MAE of the baseline`; above 0, the model is better; no unit.
    pub mae: Option<f64>,
    /// Mean over rows of the baseline's absolute error less the model's.
    pub difference: Option<f64>,
    /// Its standard error, rows taken as independent.
    pub difference_se: Option<f64>,
    /// Limits of the difference and of `mae`, which allow for rows that depend on each other; the confidence is that of
    /// [`Part::confidence`].
    #[serde(default)]
    pub difference_lower: Option<f64>,
    /// As above.
    #[serde(default)]
    pub difference_upper: Option<f64>,
    /// As above.
    #[serde(default)]
    pub mae_lower: Option<f64>,
    /// As above.
    #[serde(default)]
    pub mae_upper: Option<f64>,
    /// What the limits of the difference say.
    pub verdict: Paired,
    /// Reasons of what is `null`.
    pub absent: Reasons,
}

/// Later parts beside the training part.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// Number of features with an alarm.
    pub alarms: DriftAlarms,
    /// By feature.
    pub features: BTreeMap<String, DriftParts>,
    /// Of the target.
    pub target: DriftParts,
    /// Of the predictions.
    pub prediction: DriftParts,
    /// Of the residuals, prediction minus outcome.
    pub residual: ResidualDrift,
    /// By period, in the order of time; within a period by part.
    #[serde(default)]
    pub periods: Vec<DriftPeriod>,
}

/// Drift of the residuals.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResidualDrift {
    /// The part whose residuals are the reference.
    pub of: ResidualPart,
    /// Of the calibration part; `null` where it is the reference.
    pub calibration: Option<Psi>,
    /// Of the test part.
    pub test: Psi,
    /// Why there is none of the calibration part.
    #[serde(default, skip_serializing_if = "Reasons::is_empty")]
    pub absent: Reasons,
}

/// Number of features with an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftAlarms {
    /// In the calibration part.
    pub calibration: u64,
    /// In the test part.
    pub test: u64,
}

/// PSI of each later part.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DriftParts {
    /// Of the calibration part.
    pub calibration: Psi,
    /// Of the test part.
    pub test: Psi,
}

/// A coefficient of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coefficient {
    /// The feature.
    pub feature: String,
    /// Unit of the target per unit of the feature.
    pub coefficient: f64,
    /// Its standard error; `null` where the fit gives none.
    pub standard_error: Option<f64>,
    /// Lower limit of its confidence interval.
    pub lower: Option<f64>,
    /// Upper limit of its confidence interval.
    pub upper: Option<f64>,
    /// Two-sided p of the hypothesis that it is 0.
    pub p: Option<f64>,
    /// Standard deviation of the feature on the training part; `null` where it is not known.
    pub sd: Option<f64>,
    /// `coefficient * sd`: the effect of one standard deviation, in the unit of the target.
    pub effect: Option<f64>,
}
