//! The form of `monitor.json`. Keys are stable; each is documented in `docs/formats.md`.

use common::config::TargetStatistic;
use evaluate::Shifted;
use evaluate::gates::Gate;
use evaluate::metrics::{Part, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::period::Period;
use crate::state::{Cells, Input};

/// Version of the form.
pub const FORMAT: u32 = 1;

/// What stands in `monitor.json`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Monitor {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program that wrote it.
    pub version: String,
    /// `warn` where `warnings` has any; gates may make it `fail`.
    pub status: Status,
    /// What stands out in all rows together: drift first, then the error, then intervals.
    pub warnings: Vec<Warning>,
    /// The limits of `[monitor.gates]` beside the figures.
    pub gates: Vec<Gate>,
    /// What predicts.
    pub model: ModelFacts,
    /// The error to expect.
    pub expected: Expected,
    /// All rows.
    #[serde(flatten)]
    pub all: Findings,
    /// Numbers of cells that stand out, by column.
    pub cells: Cells,
    /// How long a period is; `null` where rows have no calendar time.
    pub period: Option<Period>,
    /// The same of each period, ascending.
    pub periods: Vec<InPeriod>,
    /// Files of rows.
    pub inputs: Vec<Input>,
}

/// What predicts, and what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelFacts {
    /// SHA-256 of its file.
    pub sha256: String,
    /// Version of the program that fitted it.
    pub version: String,
    /// Training rows.
    pub rows: u64,
    /// Column of the raw data, or expression, whose value is predicted.
    pub target: String,
    /// Rows ahead, within the entity.
    pub horizon: u32,
    /// The value at the horizon, or the mean of the rows up to it.
    pub target_statistic: TargetStatistic,
}

/// The error to expect, as far as the model file tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// Mean absolute error, in the unit of the target.
    pub mae: Option<f64>,
    /// What rows it was found on.
    pub from: ExpectedFrom,
}

/// Rows that an error was found on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedFrom {
    /// Rows of the calibration part, which the model was not fitted to.
    Calibration,
    /// Training rows, each predicted by a model that was not fitted to it.
    CrossValidation,
    /// Training rows, so that it is rather too small.
    Training,
    /// None: the model file tells no error.
    Nothing,
}

/// What some rows say.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// How many there are.
    pub rows: Rows,
    /// Beside the rows that the model was trained on.
    pub drift: Shifted,
    /// Errors and calibration of rows with prediction and outcome; as in `metrics.json`.
    pub error: Part,
    /// The error beside the one to expect.
    pub verdict: Verdict,
}

/// Numbers of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rows {
    /// All.
    pub n: u64,
    /// Those whose outcome is not known, or not yet.
    pub without_outcome: u64,
    /// Those without a prediction: a feature is missing, or the prediction is beyond the range of f64.
    pub without_prediction: u64,
}

/// The error beside the one to expect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What it says.
    pub error: ErrorVerdict,
    /// Mean absolute error over the one to expect; no unit.
    pub ratio: Option<f64>,
}

/// Whether the error is what was to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorVerdict {
    /// Neither of the next two.
    AsExpected,
    /// More than a quarter above, and by more than two standard errors.
    Larger,
    /// More than a fifth below, and by more than two standard errors.
    Smaller,
    /// Fewer than 20 rows with prediction and outcome.
    NotEnoughRows,
    /// The model file tells no error to compare with.
    NothingToCompare,
}

/// One period.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InPeriod {
    /// Its label; empty for rows without calendar time.
    pub label: String,
    /// What its rows say.
    #[serde(flatten)]
    pub findings: Findings,
}

/// Something that stands out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// What kind of thing.
    pub kind: Kind,
    /// Of which feature; `null` for all others.
    pub feature: Option<String>,
    /// Of which level of intervals; `null` for all others.
    pub level: Option<f64>,
    /// PSI, mean absolute error over the one to expect, or coverage.
    pub value: f64,
    /// First period of the unbroken run of periods up to the last that show the same; periods without rows enough do
    /// not break it. `null` where the last period that tells does not show it.
    pub since: Option<String>,
}

/// Kinds of what stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A feature drifts.
    FeatureDrift,
    /// The target drifts.
    TargetDrift,
    /// The predictions drift.
    PredictionDrift,
    /// The residuals drift from those that the model file holds.
    ResidualDrift,
    /// The error is larger than was to be expected.
    Error,
    /// Intervals cover less than they promise.
    Coverage,
}
