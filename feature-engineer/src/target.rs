//! The target at its horizon, what persistence would say, and what becomes of rows without one.

use common::error::{Error, Result};
use common::manifest::Manifest;
use common::time::Clock;
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

/// First times of the later parts, where the split is by dates.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    calibration: Option<i64>,
    test: Option<i64>,
}

/// How `clean` says it split.
#[derive(Default, Deserialize)]
struct Learned {
    #[serde(default)]
    split: Split,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Split {
    by: String,
    calibration_from: Option<String>,
    test_from: Option<String>,
}

impl Limits {
    /// The limits that `clean` recorded.
    pub(crate) fn of(manifest: Option<&Manifest>, clock: Option<&Clock>) -> Result<Self> {
        let (Some(manifest), Some(clock)) = (manifest, clock) else { return Ok(Self::default()) };
        let damaged = |m: String| Error::checkpoint(format!("the manifest of clean does not say how it split: {m}"));
        let learned = Learned::deserialize(&manifest.learned).map_err(|e| damaged(e.to_string()))?;
        if learned.split.by != "dates" {
            return Ok(Self::default());
        }
        let parse = |limit: Option<String>| limit.map(|l| clock.parse(&l)).transpose().map_err(damaged);
        Ok(Self { calibration: parse(learned.split.calibration_from)?, test: parse(learned.split.test_from)? })
    }

    /// Whether a row of `part` may not have a target at `time`: nothing that is learned from a part
    /// may know a later one.
    fn forbid(self, part: &str, time: i64) -> bool {
        let from = |limit: Option<i64>| limit.is_some_and(|l| time >= l);
        match part {
            "train" => from(self.calibration) || from(self.test),
            "calibration" => from(self.test),
            _ => false,
        }
    }
}

/// Targets without time: the row's own value.
pub(crate) fn own(source: &[f64]) -> Targets {
    let fate = |v: &f64| if v.is_nan() { Fate::WithoutTarget } else { Fate::Kept };
    Targets { values: source.to_vec(), persistence: Vec::new(), fates: source.iter().map(fate).collect() }
}

/// Targets `horizon` rows ahead within the entity; rows are never removed before the shift.
pub(crate) fn ahead(source: &[f64], order: &Order, times: &[i64], parts: &[&str], limits: Limits, horizon: usize) -> Targets {
    let target_row = order.map(None, |group, position| group.get(position + horizon).copied());
    let fate = |(row, target): (usize, &Option<usize>)| match target {
        None => Fate::Pending,
        Some(t) if source[*t].is_nan() => Fate::WithoutTarget,
        Some(t) if limits.forbid(parts[row], times[*t]) => Fate::Purged,
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
