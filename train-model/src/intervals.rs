//! Prediction intervals: what the calibration rows, or the fit itself, say of the model's errors.

mod calibrated;
mod leverage;
mod scale;

use common::error::{Error, Result};
use model::{Intervals, Method, Model, Scale};
use serde::{Deserialize, Serialize};
use stats::{OrderStatistics as _, Reason};

pub(crate) use calibrated::Calibrated;

use crate::learn::Learned;
use crate::piece::Piece;

/// More levels than this are a mistake.
const MOST_LEVELS: usize = 20;

/// How far apart levels are at least.
const LEAST_APART: f64 = 1e-6;

/// Key `intervals` of section `[train]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    /// How they are made.
    pub(crate) method: Method,
    /// The shares of outcomes that they are to hold.
    pub(crate) levels: Vec<f64>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { method: Method::Conformal, levels: vec![0.8, 0.9] }
    }
}

impl Keys {
    /// Says what is wrong, if anything; `exact_ols` is whether the model is least squares by the exact solver.
    pub(crate) fn check(&self, exact_ols: bool) -> std::result::Result<(), String> {
        // Columns are named by the level: closer ones would have one name.
        let ascending = self.levels.windows(2).all(|l| l[1] - l[0] > LEAST_APART);
        if !ascending || self.levels.iter().any(|l| !(*l > 0.0 && *l < 1.0)) {
            return Err(format!(
                "levels are shares between 0 and 1, ascending by more than {LEAST_APART}, such as [0.8, 0.9]"
            ));
        }
        if self.levels.is_empty() || self.levels.len() > MOST_LEVELS {
            return Err(format!("takes 1 to {MOST_LEVELS} levels; for no intervals, method = \"none\""));
        }
        if self.method == Method::T && !exact_ols {
            return Err(
                "method \"t\" is for model = \"ols\" with the exact solver; use \"conformal\"".to_owned()
            );
        }
        Ok(())
    }
}

/// Makes the intervals of a fitted model and the reference of its residuals from what the calibration rows say with
/// a scale of 1; for another scale reads the training rows, and these again.
pub(crate) fn learn(
    model: &mut Model,
    keys: &Keys,
    pieces: &[Piece],
    learned: &Learned,
    calibrated: Calibrated,
) -> Result<()> {
    let scale = match keys.method {
        Method::Normalised => scale::learn(model, pieces)?,
        _ => Err(Reason::NotRead),
    };
    let mut rows = match &scale {
        Ok(scale) => Calibrated::read(model, pieces, scale)?,
        Err(_) => calibrated,
    };
    if rows.residuals.n() > 0 {
        model.reference.residual = rows.residual();
    }
    model.intervals = match (keys.method, scale) {
        (Method::None, _) => Intervals::default(),
        (Method::T, _) => leverage::intervals(model, &keys.levels, learned)?,
        (Method::Conformal, _) => rows.conformal(keys, Scale::Constant),
        (Method::Normalised, Ok(scale)) => rows.conformal(keys, Scale::Linear(scale)),
        (Method::Normalised, Err(reason)) => Intervals::without(keys.method, &keys.levels, reason),
    };
    log(&model.intervals);
    Ok(())
}

/// The same where rows cannot be read: only what the fit itself says.
pub(crate) fn learn_without_rows(model: &mut Model, keys: &Keys, learned: &Learned) -> Result<()> {
    model.intervals = match keys.method {
        Method::None => Intervals::default(),
        Method::T => leverage::intervals(model, &keys.levels, learned)?,
        _ => Intervals::without(keys.method, &keys.levels, Reason::NotRead),
    };
    log(&model.intervals);
    Ok(())
}

fn log(intervals: &Intervals) {
    let what = match intervals.method {
        Method::None => return log::info!("no prediction intervals: [train] intervals asks for none"),
        Method::Conformal => "half width",
        Method::Normalised => "half width over the row's scale",
        Method::T => "half width over the row's standard error",
    };
    let of = if intervals.method == Method::T { "degrees of freedom" } else { "calibration rows" };
    for ((level, quantile), absent) in
        intervals.levels.iter().zip(&intervals.quantiles).zip(&intervals.absent)
    {
        let percent = percent(*level);
        match (quantile, absent) {
            (Some(quantile), _) => {
                log::info!("{percent} interval: {what} {quantile}, from {} {of}", intervals.rows);
            }
            (None, Some(Reason::NotRead)) => {
                log::warn!("no {percent} interval: the calibration rows were not read (--from-summaries)");
            }
            (None, Some(Reason::NoRows)) => log::warn!("no {percent} interval: there are no {of}"),
            (None, reason) => log::warn!(
                "no {percent} interval: {}, from {} {of}",
                reason.map_or("no_rows", Reason::code),
                intervals.rows
            ),
        }
    }
}

/// A level as people write it: `90 %`, `99.5 %`.
fn percent(level: f64) -> String {
    // Ten digits, so that 0.07 is not shown as 7.000000000000001 %.
    format!("{} %", (level * 1e12).round() / 1e10)
}

/// A failure that only a defect of this program can cause.
fn broken(what: &str) -> Error {
    Error::unexpected(format!("cannot make the intervals: {what}"))
}
