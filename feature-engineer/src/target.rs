//! The target at its horizon, what persistence would say, and what becomes of rows without one.

use std::sync::Arc;

use common::config::TargetStatistic;
use common::error::{Error, Result};
use common::manifest::Manifest;
use common::order::Order;
use serde::Deserialize;
use stats::Moments;

use crate::part::Part;
use crate::recipe::TargetSpec;

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
    /// It lies between the parts of the split: history for windows only.
    Gap,
}

/// The target of every row.
pub(crate) struct Targets {
    /// The row's own value of what is predicted.
    pub(crate) source: Arc<Vec<f64>>,
    /// Value at the horizon; missing unless the fate is `Kept` or `Purged`.
    pub(crate) values: Arc<Vec<f64>>,
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

/// Place of a part among the parts; nothing that is learned from one may know a later one. Rows between
/// two parts are known to both.
fn rank(part: Part) -> usize {
    part.place().unwrap_or(0)
}

/// Targets without time: the row's own value.
pub(crate) fn own(source: Arc<Vec<f64>>, parts: &[Part]) -> Targets {
    let fate = |(value, part): (&f64, &Part)| {
        if *part == Part::Gap {
            Fate::Gap
        } else if value.is_nan() {
            Fate::WithoutTarget
        } else {
            Fate::Kept
        }
    };
    let fates = source.iter().zip(parts).map(fate).collect();
    Targets { values: Arc::clone(&source), source, persistence: Vec::new(), fates }
}

/// Targets `horizon` rows ahead within the entity: the value there, or the mean of all from the next row
/// up to it; rows are never removed before the shift. With `purge` a row goes whose target takes a row
/// of a later part.
pub(crate) fn ahead(
    source: Arc<Vec<f64>>,
    order: &Order,
    parts: &[Part],
    purge: bool,
    spec: &TargetSpec,
) -> Targets {
    let horizon = spec.horizon as usize;
    let mean = spec.statistic == TargetStatistic::Mean;
    let one = |group: &[usize], position: usize| {
        let row = group[position];
        let Some(&last) = group.get(position + horizon) else { return (Fate::Pending, f64::NAN) };
        let rows = if mean { &group[position + 1..=position + horizon] } else { std::slice::from_ref(&last) };
        let value = if mean { mean_of(rows.iter().map(|r| source[*r])) } else { source[last] };
        let later = rows.iter().any(|r| rank(parts[*r]) > rank(parts[row]));
        let fate = match () {
            () if value.is_nan() => Fate::WithoutTarget,
            () if purge && later => Fate::Purged,
            () => Fate::Kept,
        };
        (fate, value)
    };
    let fates_and_values = || {
        let mut fates = vec![Fate::Pending; parts.len()];
        let values = order.map(f64::NAN, |group, position| {
            let (fate, value) = one(group, position);
            fates[group[position]] = fate;
            value
        });
        for (fate, _) in fates.iter_mut().zip(parts).filter(|(_, part)| **part == Part::Gap) {
            *fate = Fate::Gap;
        }
        (fates, values)
    };
    let persistence =
        || if mean { last_mean(&source, order, horizon) } else { last_known(&source, order, horizon == 0) };
    let ((fates, values), persistence) = rayon::join(fates_and_values, persistence);
    Targets { source, values: Arc::new(values), persistence, fates }
}

/// The exact mean, rounded once; missing where any value is.
fn mean_of(values: impl Iterator<Item = f64>) -> f64 {
    let mut moments = Moments::new();
    values.for_each(|v| moments.add(v));
    if moments.missing() > 0 { f64::NAN } else { moments.mean().unwrap_or(f64::NAN) }
}

/// The mean of the last `rows` rows at each row; missing until there are so many, all known.
fn last_mean(source: &[f64], order: &Order, rows: usize) -> Vec<f64> {
    order.map(f64::NAN, |group, position| {
        let first = (position + 1).checked_sub(rows);
        first.map_or(f64::NAN, |first| mean_of(group[first..=position].iter().map(|r| source[*r])))
    })
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
