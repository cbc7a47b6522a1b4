//! What a fit gives.

use serde::{Deserialize, Serialize};

use super::Statistic;
use super::linear::Linear;
use crate::dd::Dd;

/// A linear model by least squares, with everything that is usually asked of one. All numbers are in real units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The intercept first, if there is one, then the predictors in their order, without the aliased ones.
    pub coefficients: Vec<Coefficient>,
    /// Predictors that were dropped, since those before them determine them.
    pub aliased: Vec<Aliased>,
    /// Predictors that were kept, but nearly are such; their coefficients are uncertain in fact, not in arithmetic.
    pub near_aliased: Vec<NearAliased>,
    /// Rows whose weight is not zero.
    pub rows: u64,
    /// The number of coefficients.
    pub rank: usize,
    /// `rows - rank`.
    pub degrees_of_freedom: u64,
    /// The residual standard deviation, `sqrt(residual mean square)`.
    pub residual_sd: Statistic,
    /// About the mean with an intercept, about zero without (Kvålseth 1985; as NIST and R do).
    pub r_squared: Statistic,
    /// `1 - (1 - R^2) (n - 1) / (n - rank)`; without an intercept `n` instead of `n - 1`.
    pub adjusted_r_squared: Statistic,
    /// The sums of squares, and the test of the whole model.
    pub anova: Anova,
    /// Row and column `i` belong to `coefficients[i]`. `None` where the residual sd is missing.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// Normal errors, as R's `logLik`: `-n/2 (ln(2 pi RSS / n) + 1) + 1/2 sum ln w`.
    pub log_likelihood: Statistic,
    /// `-2 logLik + 2 (rank + 1)`: the variance counts as a parameter, as in R.
    pub aic: Statistic,
    /// `-2 logLik + ln(rows) (rank + 1)`.
    pub bic: Statistic,
    /// The confidence of the limits, such as 0.95.
    pub confidence: f64,
    /// Model and predictors it was fitted with, for [`Fit::linear`].
    pub(super) predictors: usize,
}

/// One coefficient and its tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// The predictor's name, or `(Intercept)`.
    pub name: String,
    /// The predictor's number in the Gram matrix, from 0; `None` for the intercept.
    pub predictor: Option<usize>,
    /// The exact solution, rounded once.
    pub estimate: f64,
    /// The same to 31 digits, for models whose terms cancel.
    pub precise: Dd,
    /// The root of the diagonal entry of the covariance matrix.
    pub standard_error: Statistic,
    /// `estimate / standard_error`.
    pub t: Statistic,
    /// Two-sided, by Student's t.
    pub p: Statistic,
    /// The lower limit of the confidence interval.
    pub lower: Statistic,
    /// The upper one.
    pub upper: Statistic,
    /// The variance inflation factor, `1 / (1 - R^2)` of this column on all others: about the mean with an intercept,
    /// about zero without. Missing for the intercept itself.
    pub vif: Statistic,
    /// `1 - R^2` about zero of this column on those before it, intercept included.
    pub pivot: f64,
}

/// A predictor that the ones before it determine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aliased {
    /// The predictor's name.
    pub name: String,
    /// Its number in the Gram matrix, from 0.
    pub predictor: usize,
    /// The columns it is made of and the factor of each: `(name, factor)`. Empty for a column of zeros.
    pub made_of: Vec<(String, f64)>,
    /// What they leave of it, `1 - R^2` about zero: rounding, below 1e-26.
    pub pivot: f64,
}

/// A predictor that the ones before it all but determine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearAliased {
    /// The predictor's name.
    pub name: String,
    /// Its number in the Gram matrix, from 0.
    pub predictor: usize,
    /// What those before it leave of it, `1 - R^2` about zero.
    pub pivot: f64,
    /// As in [`Coefficient::vif`].
    pub vif: Statistic,
}

/// The analysis of variance of the whole model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anova {
    /// What the predictors explain.
    pub regression: AnovaRow,
    /// What they leave.
    pub residual: AnovaRow,
    /// Both together: about the mean with an intercept, about zero without.
    pub total: AnovaRow,
    /// Regression mean square over residual mean square.
    pub f: Statistic,
    /// The chance of a larger F if no predictor had an effect.
    pub f_p: Statistic,
}

/// A line of the analysis of variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnovaRow {
    /// Of the sum.
    pub degrees_of_freedom: u64,
    /// In squared units of the target.
    pub sum_of_squares: f64,
    /// Missing where there are no degrees of freedom.
    pub mean_square: Statistic,
}

impl Fit {
    /// The intercept and one slope for every predictor of the Gram matrix; 0 for those left out.
    #[must_use]
    pub fn linear(&self) -> Linear {
        let mut linear = Linear { intercept: Dd::ZERO, slopes: vec![Dd::ZERO; self.predictors] };
        for coefficient in &self.coefficients {
            match coefficient.predictor {
                Some(predictor) => linear.slopes[predictor] = coefficient.precise,
                None => linear.intercept = coefficient.precise,
            }
        }
        linear
    }
}
