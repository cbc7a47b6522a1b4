//! Fits by linfa-linear: least squares as a second opinion, and Tweedie models.

use common::error::{Class, Error, Result};
use common::text;
use exact::fit::Options;
use exact::gram::{Block, Column, Gram, Variable};
use linfa::Dataset;
use linfa::traits::Fit as _;
use linfa_linear::{LinearRegression, TweedieRegressor};
use model::{Function, Linear, Link};
use ndarray::{Array1, Array2};
use serde_json::Value;

use crate::alias;
use crate::design::Numbers;
use crate::learner::Fitted;

/// Steps after which an iterative fit is given up.
const MOST_STEPS: usize = 1000;

/// Steps and gradient at which the gradient method hands over to Fisher scoring: near the end its line search may
/// go on for ever.
const FIRST_STEPS: usize = 100;
const NEAR: f64 = 1e-4;

/// The columns that take part, and those left out.
struct Kept {
    columns: Vec<usize>,
    aliased: Vec<String>,
    all: usize,
}

impl Kept {
    fn new(names: &[String], rows: &Numbers) -> Self {
        let aliased = alias::find(&rows.features);
        let left_out: Vec<String> =
            names.iter().zip(&aliased).filter(|(_, a)| **a).map(|(n, _)| n.clone()).collect();
        if !left_out.is_empty() {
            log::warn!(
                "left out, since constant or determined by the features before: {}",
                text::names(&left_out)
            );
        }
        let columns = (0..names.len()).filter(|j| !aliased[*j]).collect();
        Self { columns, aliased: left_out, all: names.len() }
    }

    fn matrix(&self, value: impl Fn(usize, usize) -> f64, rows: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, self.columns.len()), |(i, j)| value(self.columns[j], i))
    }

    fn fitted(self, link: Link, intercept: f64, coefficients: impl IntoIterator<Item = f64>) -> Fitted {
        let mut all = vec![0.0; self.all];
        for (j, coefficient) in self.columns.iter().zip(coefficients) {
            all[*j] = coefficient;
        }
        let linear =
            Linear { link, intercept, coefficients: all, aliased: self.aliased, ..Linear::default() };
        Fitted { function: Function::Linear(linear), statistics: Value::Null, notes: Vec::new() }
    }
}

/// Least squares by Householder QR in f64.
pub(crate) fn ols(names: &[String], rows: &Numbers) -> Result<Fitted> {
    let kept = Kept::new(names, rows);
    let n = rows.target.len();
    if kept.columns.is_empty() {
        let mean = rows.target.iter().sum::<f64>() / n as f64;
        return Ok(kept.fitted(Link::Identity, mean, []));
    }
    let matrix = kept.matrix(|j, i| rows.features[j][i], n);
    let fitted = LinearRegression::new()
        .fit(&Dataset::new(matrix, Array1::from_vec(rows.target.clone())))
        .map_err(|e| Error::unexpected(format!("the fit failed: {e}")))?;
    let coefficients = fitted.params().to_vec();
    Ok(kept.fitted(Link::Identity, fitted.intercept(), coefficients))
}

/// A generalised linear model of the Tweedie family with a log link: Poisson (power 1), gamma (2),
/// inverse Gaussian (3).
///
/// Columns are brought to mean 0 and deviation 1 and the target to mean 1, since the solver is a gradient
/// method with an absolute tolerance, and the coefficients turned back.
pub(crate) fn tweedie(names: &[String], rows: &Numbers, power: f64) -> Result<Fitted> {
    let least = if power < 2.0 { "not negative" } else { "above 0" };
    let outside = |y: &&f64| if power < 2.0 { **y < 0.0 } else { **y <= 0.0 };
    if let Some(y) = rows.target.iter().find(outside) {
        return Err(Error::new(
            Class::Schema,
            format!("[train] power = {power} needs a target {least}, found {y}"),
        ));
    }
    if rows.target.iter().all(|y| *y == 0.0) {
        return Err(Error::new(Class::Rows, "the target is 0 in every training row"));
    }
    let kept = Kept::new(names, rows);
    let n = rows.target.len();
    let scales: Vec<(f64, f64)> = rows.features.iter().map(|c| scale(c)).collect();
    let matrix = kept.matrix(|j, i| (rows.features[j][i] - scales[j].0) / scales[j].1, n);
    let mean = rows.target.iter().sum::<f64>() / n as f64;
    let target = rows.target.iter().map(|y| y / mean).collect();
    let fitted = TweedieRegressor::params()
        .power(power)
        .alpha(0.0)
        .max_iter(FIRST_STEPS)
        .tol(NEAR)
        .fit(&Dataset::new(matrix, Array1::from_vec(target)))
        .map_err(|e| Error::unexpected(format!("the fit failed: {e}")))?;
    let coefficients: Vec<f64> =
        fitted.coef.iter().zip(&kept.columns).map(|(b, j)| b / scales[*j].1).collect();
    let shift: f64 = coefficients.iter().zip(&kept.columns).map(|(b, j)| b * scales[*j].0).sum();
    if coefficients.iter().any(|b| !b.is_finite()) || !fitted.intercept.is_finite() {
        return Err(Error::unexpected("the fit did not converge: a coefficient is not finite"));
    }
    let start = (fitted.intercept - shift + mean.ln(), coefficients);
    let (intercept, coefficients) = scoring(rows, &kept.columns, power, start)?;
    Ok(kept.fitted(Link::Log, intercept, coefficients))
}

/// Fisher scoring from where linfa's gradient method stopped, which can be far from the optimum: each
/// step is a weighted least-squares fit (`McCullagh`, Nelder 1989, Generalized Linear Models, section 2.5).
/// With a log link the weights are `mu^(2 - power)` and the response `eta + (y - mu) / mu`.
fn scoring(rows: &Numbers, columns: &[usize], power: f64, start: (f64, Vec<f64>)) -> Result<(f64, Vec<f64>)> {
    let n = rows.target.len();
    let (mut intercept, mut slopes) = start;
    let mut change = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        let eta: Vec<f64> = (0..n)
            .map(|i| {
                columns.iter().zip(&slopes).fold(intercept, |sum, (j, b)| sum + b * rows.features[*j][i])
            })
            .collect();
        let weights: Vec<f64> = eta.iter().map(|e| ((2.0 - power) * e).exp()).collect();
        let response: Vec<f64> =
            eta.iter().zip(&rows.target).map(|(e, y)| e + (y - e.exp()) / e.exp()).collect();
        let variables = columns.iter().map(|j| Variable::float(j.to_string())).collect();
        let mut gram = Gram::new(variables, Variable::float("response"));
        let predictors = columns.iter().map(|j| Column::from(&rows.features[*j])).collect();
        let diverged = || Error::unexpected("the fit diverged: predictions leave the range of f64");
        gram.add(&Block::weighted(predictors, Column::from(&response), &weights)).map_err(|_| diverged())?;
        let step = exact::fit::fit(&gram, &Options::default()).map_err(|_| diverged())?.linear();
        let (old, old_slopes) = (intercept, slopes);
        intercept = step.intercept.to_f64();
        slopes = step.slopes.iter().map(|b| b.to_f64()).collect();
        let moved =
            slopes.iter().zip(&old_slopes).map(|(a, b)| (a - b).abs() / (a.abs() + f64::MIN_POSITIVE));
        let before = change;
        change = moved.fold((intercept - old).abs() / (intercept.abs() + 1.0), f64::max);
        // Down to rounding, where a step is no smaller than the one before it.
        if change < 1e-15 || (change < 1e-9 && change >= before) {
            return Ok((intercept, slopes));
        }
    }
    Err(Error::unexpected("the fit did not converge; the model may not suit the target"))
}

/// Mean and standard deviation of a column; deviation 1 for a constant one.
fn scale(column: &[f64]) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let sd = (column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, if sd > 0.0 { sd } else { 1.0 })
}
