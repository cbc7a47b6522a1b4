//! The standard error of a new outcome about its prediction by least squares.

use exact::Dd;
use serde::{Deserialize, Serialize};

/// `sd * sqrt(1 + x' (X'X)^-1 x)`, with the quadratic form as a sum of squares: `base` is what the intercept
/// gives, `1 / n` (0 without one), and the rest is `|W (x - centre)|^2`, where `W` is the inverse of the Cholesky
/// factor of the centred `X'X`. A sum of squares does not cancel, as `x'Cx` would with columns that resemble one another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leverage {
    /// Residual standard deviation of the fit, in units of the target.
    pub residual_sd: f64,
    /// One over the number of training rows; 0 for a fit without intercept.
    pub base: f64,
    /// The columns that take part, by their place among the coefficients, ascending: those not left out.
    pub columns: Vec<usize>,
    /// Their means over the training rows; 0 for a fit without intercept.
    pub centre: Vec<f64>,
    /// Rows of `W`: row j has j + 1 numbers.
    pub factor: Vec<Vec<f64>>,
}

impl Leverage {
    /// Refuses what is not sound for so many coefficients.
    pub(crate) fn check(&self, coefficients: usize) -> Result<(), String> {
        let size = self.columns.len();
        let ascending = self.columns.windows(2).all(|c| c[0] < c[1]);
        if !ascending || self.columns.last().is_some_and(|last| *last >= coefficients) {
            return Err("columns of the leverage are none of the function".to_owned());
        }
        let lower = self.factor.iter().enumerate().all(|(j, row)| row.len() == j + 1);
        if self.centre.len() != size || self.factor.len() != size || !lower {
            return Err("the factor of the leverage has another form than its columns".to_owned());
        }
        let numbers = self.centre.iter().chain(self.factor.iter().flatten());
        if numbers.chain([&self.residual_sd, &self.base]).any(|v| !v.is_finite()) {
            return Err("a number of the leverage is not finite".to_owned());
        }
        if self.residual_sd < 0.0 || self.base < 0.0 {
            return Err("a number of the leverage is below 0".to_owned());
        }
        Ok(())
    }

    /// The scale of `rows` rows, whose columns `row` gives, in the order of the coefficients.
    pub(crate) fn scale(&self, row: impl Fn(usize) -> Vec<Dd>, rows: usize) -> Vec<f64> {
        (0..rows).map(|i| self.residual_sd * (1.0 + self.leverage(&row(i))).sqrt()).collect()
    }

    fn leverage(&self, values: &[Dd]) -> f64 {
        let away: Vec<f64> =
            self.columns.iter().zip(&self.centre).map(|(j, mean)| (values[*j] - *mean).to_f64()).collect();
        let square = |row: &Vec<f64>| {
            let z: f64 = row.iter().zip(&away).map(|(w, x)| w * x).sum();
            z * z
        };
        self.base + self.factor.iter().map(square).sum::<f64>()
    }
}
