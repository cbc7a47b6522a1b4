//! What the report takes of periods, segments and the worst rows.

use std::collections::BTreeMap;

use serde::Deserialize;
use stats::{CoverageMeasures, Reason};

#[derive(Debug, Deserialize)]
pub(crate) struct Periods {
    pub(crate) rows: Vec<PeriodRow>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PeriodRow {
    pub(crate) period: String,
    pub(crate) part: String,
    #[serde(flatten)]
    pub(crate) slice: Slice,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Segment {
    pub(crate) column: String,
    pub(crate) rows: Vec<SegmentRow>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SegmentRow {
    /// `None` where the value is missing.
    pub(crate) level: Option<String>,
    /// How many values were joined to one.
    #[serde(default)]
    pub(crate) joined: Option<u64>,
    #[serde(flatten)]
    pub(crate) slice: Slice,
}

/// Errors of some rows.
#[derive(Debug, Deserialize)]
pub(crate) struct Slice {
    pub(crate) n: u64,
    pub(crate) mae: Option<f64>,
    pub(crate) rmse: Option<f64>,
    pub(crate) bias: Option<f64>,
    pub(crate) mean_actual: Option<f64>,
    pub(crate) intervals: Vec<CoverageMeasures>,
    pub(crate) absent: BTreeMap<String, Reason>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct WorstRow {
    pub(crate) row: u64,
    pub(crate) entity: Option<String>,
    pub(crate) time: Option<String>,
    pub(crate) predicted: f64,
    pub(crate) actual: f64,
    pub(crate) error: Option<f64>,
    pub(crate) level: Option<f64>,
    pub(crate) lower: Option<f64>,
    pub(crate) upper: Option<f64>,
    pub(crate) source: Option<String>,
    pub(crate) line: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DriftPeriod {
    pub(crate) period: String,
    pub(crate) part: String,
    pub(crate) alarms: u64,
}
