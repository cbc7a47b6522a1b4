//! Ridge, lasso and elastic net along a path of penalties.

use serde::{Deserialize, Serialize};

use super::centred::{Centred, Shrinkage};
use super::descent::Descent;
use super::linear::Linear;
use super::statistic::finite;
use super::{FitError, Reason, Statistic};
use crate::dd::Dd;
use crate::gram::Gram;
use crate::sum::Sum;

/// What is penalised. The objective, with `W` the sum of the weights (the number of rows without weights), is
///
/// `1/(2W) sum w (y - b0 - x'b)^2 + lambda (l1_ratio |u|_1 + (1 - l1_ratio)/2 |u|_2^2)`
///
/// where `u_j = b_j` or, with `standardise`, `u_j = b_j sd_j`, with `sd_j` the standard deviation of the predictor
/// divided by `W` and not by one less (about zero in a model without intercept). The intercept is not penalised.
///
/// That is the objective of scikit-learn's `ElasticNet(alpha = lambda, l1_ratio)` and `Lasso(alpha = lambda)`; of its
/// `Ridge(alpha = W lambda)` for `l1_ratio = 0`; with `standardise` that of the same behind a `StandardScaler`, with the
/// coefficients turned back to real units. It is also the one in glmnet's manual (its `alpha` is `l1_ratio`); but
/// glmnet scales the target to unit variance first, so that for it the squared part weighs `lambda / sd(y)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    /// 0: ridge. 1: lasso. Between: elastic net.
    pub l1_ratio: f64,
    /// Penalise coefficients of columns scaled to unit variance. Default: yes.
    pub standardise: bool,
    /// Fit a constant term. Default: yes.
    pub intercept: bool,
}

impl Penalty {
    /// Squared coefficients only.
    #[must_use]
    pub fn ridge() -> Self {
        Self { l1_ratio: 0.0, standardise: true, intercept: true }
    }

    /// Absolute coefficients only.
    #[must_use]
    pub fn lasso() -> Self {
        Self { l1_ratio: 1.0, ..Self::ridge() }
    }

    /// Both.
    #[must_use]
    pub fn elastic_net(l1_ratio: f64) -> Self {
        Self { l1_ratio, ..Self::ridge() }
    }

    fn check(&self, gram: &Gram) -> Result<(), FitError> {
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            return Err(FitError::Option("the l1 ratio must lie between 0 and 1"));
        }
        if gram.rows() == 0 {
            return Err(FitError::NoRows);
        }
        Ok(())
    }
}

/// A penalised model, in real units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Penalised {
    /// The penalty.
    pub lambda: f64,
    /// The function; predictors that do not vary, or that others determine where nothing is penalised, have slope 0.
    pub linear: Linear,
    /// The predictors whose slope is not zero.
    pub active: Vec<usize>,
    /// `sum w (y - fitted)^2 / W` over the rows it was fitted to.
    pub mean_squared_error: f64,
    /// Of those rows, about the mean with an intercept.
    pub r_squared: Statistic,
    /// The active set was confirmed and solved for in double-double. Otherwise the slopes are those of coordinate descent,
    /// right to about 1e-12; that is so where columns determine each other and the lasso has no single solution.
    pub exact: bool,
}

/// Fits the model for each `lambda`, in the order given (descending is fastest).
///
/// Ridge, and any model with `lambda = 0`, solves exact normal equations. With an absolute part, coordinate descent
/// (Friedman, Hastie, Tibshirani 2010, J. Stat. Softw. 33) finds the active set and its signs; the equations of that set
/// are then solved exactly and the conditions of the optimum (Karush, Kuhn, Tucker) checked, so that the result
/// does not depend on tolerances or on the path.
///
/// # Errors
/// [`FitError::NoRows`]; options or penalties out of range; results too large for f64.
pub fn penalised(gram: &Gram, penalty: &Penalty, lambdas: &[f64]) -> Result<Vec<Penalised>, FitError> {
    penalty.check(gram)?;
    if lambdas.iter().any(|lambda| !(lambda.is_finite() && *lambda >= 0.0)) {
        return Err(FitError::Option("a penalty must be finite and not negative"));
    }
    let centred = Centred::new(gram, penalty.intercept);
    let live = centred.live();
    let mut descent = None;
    lambdas
        .iter()
        .map(|lambda| {
            let shrinkage =
                Shrinkage { lambda: lambda * (1.0 - penalty.l1_ratio), standardise: penalty.standardise };
            let absolute = lambda * penalty.l1_ratio;
            if absolute == 0.0 {
                let right: Vec<Sum> = live.iter().map(|i| centred.right[*i].clone()).collect();
                let slopes = centred.solve(&live, &right, shrinkage)?;
                return finish(&centred, *lambda, &live, &slopes, true);
            }
            if descent.is_none() {
                descent = Some(Descent::new(&centred, &live, penalty.standardise)?);
            }
            let Some(descent) = &mut descent else { unreachable!("made just now") };
            let (slopes, exact) = descent.solve(absolute, shrinkage)?;
            finish(&centred, *lambda, &live, &slopes, exact)
        })
        .collect()
}

fn finish(
    centred: &Centred<'_>,
    lambda: f64,
    live: &[usize],
    slopes: &[Sum],
    exact: bool,
) -> Result<Penalised, FitError> {
    let mut all = vec![Sum::new(); centred.right.len()];
    for (i, slope) in live.iter().zip(slopes) {
        all[*i] = slope.clone();
    }
    let linear = Linear {
        intercept: centred.constant(&all),
        slopes: all.iter().enumerate().map(|(i, slope)| centred.real(i, slope)).collect(),
    };
    finite(linear.intercept)?;
    for slope in &linear.slopes {
        finite(*slope)?;
    }
    let (error, r_squared) = centred.errors(&all, (lambda == 0.0).then_some(live))?;
    let flat = r_squared.is_none().then_some(Reason::ZeroVarianceTarget);
    Ok(Penalised {
        lambda,
        active: (0..all.len()).filter(|i| !all[*i].is_zero()).collect(),
        linear,
        mean_squared_error: finite(error)?,
        r_squared: Statistic::unless(flat, || r_squared.unwrap_or(Dd::ZERO))?,
        exact,
    })
}

/// The least penalty for which every slope is zero. For ridge there is none; that of `l1_ratio = 0.001` stands in, as in
/// glmnet.
///
/// # Errors
/// As [`penalised`].
pub fn largest_lambda(gram: &Gram, penalty: &Penalty) -> Result<f64, FitError> {
    penalty.check(gram)?;
    let centred = Centred::new(gram, penalty.intercept);
    let descent = Descent::new(&centred, &centred.live(), penalty.standardise)?;
    let largest = descent.largest() / penalty.l1_ratio.max(0.001);
    finite(Dd::from(largest))
}

/// `count` penalties from [`largest_lambda`] down to `least` times that, in equal ratios. Usual: 100, and 1e-4 (1e-2 where
/// there are fewer rows than predictors).
///
/// # Errors
/// As [`penalised`].
pub fn lambdas(gram: &Gram, penalty: &Penalty, count: usize, least: f64) -> Result<Vec<f64>, FitError> {
    if !(least > 0.0 && least < 1.0) {
        return Err(FitError::Option("the least penalty must lie between 0 and 1 of the largest"));
    }
    let largest = Dd::from(largest_lambda(gram, penalty)?);
    let step = Dd::from(least).ln() / (count.max(2) - 1) as f64;
    Ok((0..count).map(|k| (largest * (step * k as f64).exp()).to_f64()).collect())
}
