//! The form of what stages before found and `metrics.json` passes on, as their manifests have it; only for its schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stats::{Nulls, Psi, Summary};

/// Something of each part of the split.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "By{T}")]
pub struct ByPart<T> {
    /// Of the training part.
    pub train: T,
    /// Of the calibration part.
    pub calibration: T,
    /// Of the test part.
    pub test: T,
}

/// Statistics of a feature before its missing cells were filled.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FeatureStatistics {
    /// On the training part.
    pub train: Summary,
    /// On the calibration part.
    pub calibration: Summary,
    /// On the test part.
    pub test: Summary,
    /// Cells filled, by part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<ByPart<u64>>,
    /// The test part against the training part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psi: Option<Psi>,
}

/// Times of the parts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartTimes {
    /// The first of each part; `null` where it has no row.
    pub first: ByPart<Option<String>>,
    /// The last of each part.
    pub last: ByPart<Option<String>>,
}

/// Missing cells of a column before and after `clean` filled them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnNulls {
    /// Cells missing before.
    pub before: u64,
    /// Cells missing after.
    pub after: u64,
    /// `before` as a share of all cells.
    pub rate_before: f64,
    /// `after` as a share of all cells.
    pub rate_after: f64,
    /// Cells missing before, by part.
    pub parts: ByPart<Nulls>,
    /// Missing against known cells, the test part against the training part; only where either misses any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psi: Option<Psi>,
}

/// A sign that the features give the outcome away.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Leak {
    /// Which check found it.
    pub kind: String,
    /// Features or columns concerned.
    pub columns: Vec<String>,
    /// Parts of the split concerned.
    pub parts: Vec<String>,
    /// What was counted.
    pub figures: BTreeMap<String, f64>,
    /// One sentence.
    pub what: String,
}
