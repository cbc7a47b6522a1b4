//! The form of what `metrics.json` says of some of the rows: periods, segments, bins, the worst rows.

use std::collections::BTreeMap;

use common::config::PeriodLength;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::{Psi, Verdict};

use crate::slice::SliceMeasures;

/// Errors by period.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Periods {
    /// How long a period is.
    #[schemars(with = "Unit")]
    pub unit: PeriodLength,
    /// In the order of time; within a period by part. Periods without rows are not there.
    pub rows: Vec<PeriodRow>,
}

/// How a [`PeriodLength`] is written.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its form is used")]
enum Unit {
    /// Of a calendar.
    Name(String),
    /// So many units of a time that is a plain number.
    Steps(f64),
}

/// The rows of one part in one period.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PeriodRow {
    /// Such as `2014-Q1`.
    pub period: String,
    /// `calibration` or `test`.
    pub part: String,
    /// Errors and coverage.
    #[serde(flatten)]
    pub measures: SliceMeasures,
}

/// Errors on the test part by the values of one column.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// The column.
    pub column: String,
    /// How many values it has in the test part; a missing one counts as one.
    pub levels: u64,
    /// By value, those with the most rows first, then by name; the joined ones last.
    pub rows: Vec<SegmentRow>,
}

/// The test rows with one value of a column.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SegmentRow {
    /// The value as text; `null` where it is missing.
    pub level: Option<String>,
    /// How many values these are, where they are the rest, joined; `level` is then `(other)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<u64>,
    /// Errors and coverage.
    #[serde(flatten)]
    pub measures: SliceMeasures,
}

/// The test rows in one bin of prediction.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BinRow {
    /// Predictions above this, in the unit of the target; `null` for the first bin.
    pub above: Option<f64>,
    /// Predictions up to this; `null` for the last bin.
    pub up_to: Option<f64>,
    /// Errors and coverage.
    #[serde(flatten)]
    pub measures: SliceMeasures,
}

/// A test row with one of the largest errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorstRow {
    /// Number in the features table, from 1.
    pub row: u64,
    /// Its group.
    pub entity: Option<String>,
    /// Its time, as `clock` shows times.
    pub time: Option<String>,
    /// Prediction.
    pub predicted: f64,
    /// Outcome.
    pub actual: f64,
    /// Prediction minus outcome; `null` where it is beyond the range of a number.
    pub error: Option<f64>,
    /// Level of the interval: the highest that has one.
    pub level: Option<f64>,
    /// Lower bound.
    pub lower: Option<f64>,
    /// Upper bound.
    pub upper: Option<f64>,
    /// Raw source of the row that the prediction was made from; `null` where it cannot be traced.
    pub source: Option<String>,
    /// Line in it, from 1.
    pub line: Option<u64>,
}

/// Drift of one part in one period, rows as the table holds them: filled.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DriftPeriod {
    /// Such as `2014-Q1`.
    pub period: String,
    /// `calibration` or `test`.
    pub part: String,
    /// Rows.
    pub n: u64,
    /// Number of features with an alarm.
    pub alarms: u64,
    /// Of the target.
    pub target: PsiBrief,
    /// Of the predictions.
    pub prediction: PsiBrief,
    /// Of the residuals; `null` for rows of the part whose residuals are the reference.
    pub residual: Option<PsiBrief>,
    /// By feature.
    pub features: BTreeMap<String, PsiBrief>,
}

/// What a PSI says, without how it says it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PsiBrief {
    /// The index.
    pub psi: Option<f64>,
    /// What it says.
    pub verdict: Verdict,
    /// Whether to look at the feature.
    pub alarm: bool,
    /// Kolmogorov-Smirnov distance, without unit.
    pub ks: Option<f64>,
    /// Wasserstein-1 over the standard deviation of the reference, without unit.
    pub wasserstein: Option<f64>,
}

impl From<&Psi> for PsiBrief {
    fn from(psi: &Psi) -> Self {
        let distances = psi.distances.as_ref();
        Self {
            psi: psi.psi,
            verdict: psi.verdict,
            alarm: psi.alarm,
            ks: distances.and_then(|d| d.ks),
            wasserstein: distances.and_then(|d| d.wasserstein),
        }
    }
}
