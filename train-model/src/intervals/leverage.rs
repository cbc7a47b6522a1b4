//! The classical interval of least squares, from the Gram matrix alone:
//! `f +- t_{n-p, (1+level)/2} s sqrt(1 + x' (X'X)^-1 x)` (Draper, Smith 1998, section 3.1; Seber, Lee 2003, section 5.3).

use common::error::Result;
use exact::fit::t_quantile;
use exact::gram::Gram;
use exact::{Dd, Sum};
use model::{Intervals, Leverage, Method, Model, Scale};
use serde_json::Value as Json;
use stats::{Reason, Value};

use super::broken;
use crate::learn::Learned;

/// The intervals of an exact least-squares fit.
pub(super) fn intervals(model: &Model, levels: &[f64], learned: &Learned) -> Result<Intervals> {
    let statistics = &model.statistics;
    let degrees = statistics.get("degrees_of_freedom").and_then(Json::as_u64);
    let degrees = degrees.ok_or_else(|| broken("the fit has no degrees of freedom"))?;
    let sd = statistics.get("residual_sd").and_then(|s| s.get("value")).and_then(Json::as_f64);
    let found = match sd {
        None => Err(Reason::TooFewRows),
        Some(sd) if sd > 0.0 => leverage(model, &learned.whole()?, sd),
        Some(_) => Err(Reason::PerfectFit),
    };
    let leverage = match found {
        Ok(leverage) => leverage,
        Err(reason) => return Ok(Intervals::without(Method::T, levels, reason)),
    };
    let quantile = |level: &f64| {
        let t = t_quantile(Dd::ONE - *level, degrees as f64);
        if t.is_finite() { Ok(t) } else { Err(Reason::Overflow) }
    };
    let quantiles: Vec<Value> = levels.iter().map(quantile).collect();
    Ok(Intervals::new(Method::T, Scale::Leverage(leverage), degrees, levels, &quantiles))
}

/// The leverage of the columns that were not left out.
fn leverage(model: &Model, gram: &Gram, residual_sd: f64) -> Value<Leverage> {
    let left_out = model.function.left_out();
    let columns: Vec<usize> =
        (0..).zip(model.columns()).filter(|(_, n)| !left_out.contains(n)).map(|c| c.0).collect();
    let intercept = model.hyperparameters.get("intercept").and_then(Json::as_bool).unwrap_or(true);
    let squares = |a: usize, b: usize| squares(gram, intercept, a, b);
    let factor = inverse_factor(&columns, squares).ok_or(Reason::Overflow)?;
    let mean = |j: &usize| gram.mean(*j).filter(|_| intercept).map_or(0.0, Dd::to_f64);
    Ok(Leverage {
        residual_sd,
        base: if intercept { 1.0 / gram.rows() as f64 } else { 0.0 },
        centre: columns.iter().map(mean).collect(),
        factor,
        columns,
    })
}

/// Sum of products of two columns in real units, about their means where there is an intercept.
fn squares(gram: &Gram, intercept: bool, a: usize, b: usize) -> Dd {
    if intercept {
        return gram.covariance(a, b).unwrap_or(Dd::ZERO) * (gram.rows() as f64 - 1.0);
    }
    let places = |j: usize| gram.predictors()[j].places.cast_signed();
    gram.product(a, b).ratio(&Sum::from(1.0)) * Dd::power_of_ten(-places(a) - places(b))
}

/// The inverse of the lower Cholesky factor, row by row, in double-double: 31 digits stand against columns that all
/// but determine one another. Nothing where a pivot is not above 0.
fn inverse_factor(columns: &[usize], squares: impl Fn(usize, usize) -> Dd) -> Option<Vec<Vec<f64>>> {
    let mut factor: Vec<Vec<Dd>> = Vec::new();
    let mut inverse: Vec<Vec<Dd>> = Vec::new();
    for (i, a) in columns.iter().enumerate() {
        let mut row: Vec<Dd> = Vec::new();
        for (j, b) in columns[..i].iter().enumerate() {
            let known = (0..j).fold(Dd::ZERO, |sum, k| sum + row[k] * factor[j][k]);
            row.push((squares(*a, *b) - known) / factor[j][j]);
        }
        let left = row.iter().fold(squares(*a, *a), |rest, l| rest - *l * *l);
        if !(left > Dd::ZERO && left.is_finite()) {
            return None;
        }
        let pivot = left.sqrt();
        let below = |j: usize| (j..i).fold(Dd::ZERO, |sum, k| sum + row[k] * inverse[k][j]);
        let mut of_inverse: Vec<Dd> = (0..i).map(|j| -below(j) / pivot).collect();
        of_inverse.push(Dd::ONE / pivot);
        row.push(pivot);
        factor.push(row);
        inverse.push(of_inverse);
    }
    let all: Vec<Vec<f64>> = inverse.iter().map(|row| row.iter().map(|w| w.to_f64()).collect()).collect();
    all.iter().flatten().all(|w| w.is_finite()).then_some(all)
}
