//! Prediction intervals: their form, and applying them to rows.

mod leverage;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::{Reason, Value};

use crate::form::Model;
use crate::function::{Function, Linear, Link};
pub use leverage::Leverage;

/// How intervals are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// There are none.
    #[default]
    None,
    /// Split conformal: equally wide for all rows.
    Conformal,
    /// Split conformal on errors divided by a model of their scale.
    Normalised,
    /// The classical interval of least squares, by Student's t.
    T,
}

/// Prediction intervals at some levels: a row's interval is its prediction plus and minus its scale times the
/// quantile of the level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervals {
    /// How they are made.
    pub method: Method,
    /// The shares of outcomes that they promise to hold, ascending, between 0 and 1.
    pub levels: Vec<f64>,
    /// By level: times the row's scale the half width. Null where there is none.
    pub quantiles: Vec<Option<f64>>,
    /// By level: why there is no quantile; null where there is one.
    pub absent: Vec<Option<Reason>>,
    /// Rows that the quantiles were taken from: of the calibration part, or degrees of freedom under `t`.
    pub rows: u64,
    /// The scale of a row.
    pub scale: Scale,
}

/// The scale of a row's error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// 1 for every row; quantiles are in units of the target.
    #[default]
    Constant,
    /// The larger of a linear function of the features and a floor.
    Linear(LinearScale),
    /// The standard error of a new outcome about its prediction by least squares.
    Leverage(Leverage),
}

/// A model of the absolute error, in units of the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearScale {
    /// Of the features, without terms.
    pub function: Linear,
    /// The least scale of any row, above 0.
    pub floor: f64,
}

/// The intervals of one level for some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// The share of outcomes that they promise to hold.
    pub level: f64,
    /// The bounds, or why no row has any.
    pub bounds: Value<Bounds>,
}

/// Bounds row by row, in units of the target; both NaN where a row has no prediction or its bounds leave the
/// range of `f64`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Lower bounds.
    pub lower: Vec<f64>,
    /// Upper bounds.
    pub upper: Vec<f64>,
}

impl Intervals {
    /// Intervals with the quantile of each level, or the reason why there is none.
    #[must_use]
    pub fn new(method: Method, scale: Scale, rows: u64, levels: &[f64], quantiles: &[Value]) -> Self {
        Self {
            method,
            levels: levels.to_vec(),
            quantiles: quantiles.iter().map(|q| q.ok()).collect(),
            absent: quantiles.iter().map(|q| q.err()).collect(),
            rows,
            scale,
        }
    }

    /// Levels without intervals, all for one reason.
    #[must_use]
    pub fn without(method: Method, levels: &[f64], reason: Reason) -> Self {
        Self::new(method, Scale::Constant, 0, levels, &vec![Err(reason); levels.len()])
    }

    /// The levels that no row has an interval at, and why.
    #[must_use]
    pub fn without_quantile(&self) -> Vec<(f64, Reason)> {
        self.levels.iter().zip(&self.absent).filter_map(|(level, why)| Some((*level, (*why)?))).collect()
    }

    /// Refuses what is not sound for a function of `features`.
    pub(crate) fn check(&self, features: &[String], function: &Function) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("its intervals: {what}"));
        let lengths = [self.quantiles.len(), self.absent.len()];
        if lengths.iter().any(|l| *l != self.levels.len()) {
            return wrong("levels, quantiles and reasons are not of one number");
        }
        if self.levels.iter().any(|l| !(*l > 0.0 && *l < 1.0)) || self.levels.windows(2).any(|l| l[0] >= l[1])
        {
            return wrong("levels do not ascend between 0 and 1");
        }
        if self.quantiles.iter().zip(&self.absent).any(|(q, a)| q.is_some() == a.is_some()) {
            return wrong("a level has either a quantile or a reason");
        }
        let known: Vec<f64> = self.quantiles.iter().flatten().copied().collect();
        if known.iter().any(|q| !(q.is_finite() && *q >= 0.0)) || known.windows(2).any(|q| q[0] > q[1]) {
            return wrong("quantiles do not ascend from 0");
        }
        if self.method == Method::None && !self.levels.is_empty() {
            return wrong("levels without a method");
        }
        match (self.method, &self.scale) {
            (_, Scale::Constant) if known.is_empty() => Ok(()),
            (Method::Conformal, Scale::Constant) => Ok(()),
            (Method::Normalised, Scale::Linear(scale)) => scale.check(features),
            (Method::T, Scale::Leverage(leverage)) => match function.linear() {
                Some(linear) if linear.link == Link::Identity => leverage.check(linear.coefficients.len()),
                _ => wrong("t is for linear functions"),
            },
            _ => wrong("the scale is not that of the method"),
        }
        .or_else(|what| if what.starts_with("its") { Err(what) } else { wrong(&what) })
    }
}

impl LinearScale {
    fn check(&self, features: &[String]) -> Result<(), String> {
        if !(self.floor.is_finite() && self.floor > 0.0) {
            return Err("the least scale is not above 0".to_owned());
        }
        if !self.function.terms.is_empty() || self.function.link != Link::Identity {
            return Err("the scale is no plain linear function".to_owned());
        }
        self.function.check(features)
    }

    /// The scale of each row, in units of the target; NaN where a feature is missing.
    #[must_use]
    pub fn of(&self, columns: &[&[f64]]) -> Vec<f64> {
        // Not `max`, which would take the floor for NaN.
        let bounded = |value: f64| if value < self.floor { self.floor } else { value };
        self.function.in_f64(columns).into_iter().map(bounded).collect()
    }
}

impl Model {
    /// Prediction intervals of rows, level by level, ascending.
    ///
    /// `columns` as for [`Model::predict`], whose result for the same rows is `predictions`.
    #[must_use]
    pub fn intervals(&self, columns: &[&[f64]], predictions: &[f64]) -> Vec<Level> {
        let all = &self.intervals;
        let scale = if all.quantiles.iter().any(Option::is_some) {
            self.scale(columns, predictions.len())
        } else {
            Vec::new()
        };
        let of = |((level, quantile), absent): ((&f64, &Option<f64>), &Option<Reason>)| Level {
            level: *level,
            bounds: quantile.map_or_else(
                || Err(absent.unwrap_or(Reason::NoRows)),
                |quantile| Ok(Bounds::new(predictions, &scale, quantile)),
            ),
        };
        all.levels.iter().zip(&all.quantiles).zip(&all.absent).map(of).collect()
    }

    fn scale(&self, columns: &[&[f64]], rows: usize) -> Vec<f64> {
        match (&self.intervals.scale, &self.function) {
            (Scale::Linear(scale), _) => scale.of(columns),
            (Scale::Leverage(leverage), Function::Linear(linear)) => {
                leverage.scale(linear.design(&self.features, &self.decimals, columns), rows)
            }
            _ => vec![1.0; rows],
        }
    }
}

impl Bounds {
    fn new(predictions: &[f64], scale: &[f64], quantile: f64) -> Self {
        let one = |(f, s): (&f64, &f64)| {
            let half = quantile * s;
            let (lower, upper) = (f - half, f + half);
            if lower.is_finite() && upper.is_finite() { (lower, upper) } else { (f64::NAN, f64::NAN) }
        };
        let (lower, upper) = predictions.iter().zip(scale).map(one).unzip();
        Self { lower, upper }
    }
}

#[cfg(test)]
mod tests;
