//! The target at its horizon, what persistence would say, and what becomes of rows without one.

use common::error::{Error, Result};
use common::manifest::Manifest;
use serde::Deserialize;

use crate::order::Order;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// In the features table.
    Kept,
    /// Its target does not exist yet: kept apart for a forecast.
    Pending,
    /// Its target's cell is empty.
    WithoutTarget,
    /// Its target lies in a later part of the split.
    Purged,
}

/// The target of every row.
pub(crate) struct Targets {
    /// Value at the horizon; missing unless the fate is `Kept` or `Purged`.
    pub(crate) values: Vec<f64>,
    /// Last value known at the row's time.
    pub(crate) persistence: Vec<f64>,
    pub(crate) fates: Vec<Fate>,
}

/// How `clean` says it split.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Learned {
    split: Split,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Split {
    by: String,
}

/// Whether the parts of the split follow one another: all but a split by hash, which mixes their times
/// on purpose. A table made by hand does not say, so its parts are taken to.
pub(crate) fn splits_by_order(manifest: Option<&Manifest>) -> Result<bool> {
    let Some(manifest) = manifest else { return Ok(true) };
    let learned = Learned::deserialize(&manifest.learned)
        .map_err(|e| Error::checkpoint(format!("the manifest of clean does not say how it split: {e}")))?;
    Ok(learned.split.by != "hash")
}

/// Place of a part among the parts; nothing that is learned from one may know a later one.
fn rank(part: &str) -> u8 {
    match part {
        "train" => 0,
        "calibration" => 1,
        _ => 2,
    }
}

/// Targets without time: the row's own value.
pub(crate) fn own(source: &[f64]) -> Targets {
    let fate = |v: &f64| if v.is_nan() { Fate::WithoutTarget } else { Fate::Kept };
    Targets { values: source.to_vec(), persistence: Vec::new(), fates: source.iter().map(fate).collect() }
}

/// Targets `horizon` rows ahead within the entity; rows are never removed before the shift. With
/// `purge` a row goes whose target lies in a row of a later part.
pub(crate) fn ahead(source: &[f64], order: &Order, parts: &[&str], purge: bool, horizon: usize) -> Targets {
    let target_row = order.map(None, |group, position| group.get(position + horizon).copied());
    let fate = |(row, target): (usize, &Option<usize>)| match target {
        None => Fate::Pending,
        Some(t) if source[*t].is_nan() => Fate::WithoutTarget,
        Some(t) if purge && rank(parts[*t]) > rank(parts[row]) => Fate::Purged,
        Some(_) => Fate::Kept,
    };
    let fates = target_row.iter().enumerate().map(fate).collect();
    let values = target_row.iter().map(|t| t.map_or(f64::NAN, |t| source[t])).collect();
    Targets { values, persistence: last_known(source, order, horizon == 0), fates }
}

/// The last known value of the source at each row; `before` leaves the row's own value out.
fn last_known(source: &[f64], order: &Order, before: bool) -> Vec<f64> {
    let mut out = vec![f64::NAN; source.len()];
    for group in order.groups() {
        let mut last = f64::NAN;
        for row in group {
            let own = source[*row];
            if before {
                out[*row] = last;
            }
            if !own.is_nan() {
                last = own;
            }
            if !before {
                out[*row] = last;
            }
        }
    }
    out
}
