//! Coordinate descent for the lasso and the elastic net, on moments instead of rows, and the exact solution on the
//! active set that it finds.
//!
//! Source: J. Friedman, T. Hastie, R. Tibshirani (2010), "Regularization paths for generalized linear models via
//! coordinate descent", J. Stat. Softw. 33(1), "covariance updates".

use super::FitError;
use super::centred::{Centred, Shrinkage};
use crate::dd::Dd;
use crate::limbs::Canonical;
use crate::sum::Sum;

/// Sweeps over the columns before the result is taken as it is.
const MOST_SWEEPS: usize = 100_000;
/// An inactive column may exceed its bound by this share: the rounding of the bound itself.
const SLACK: f64 = 1.0 + 1e-13;

/// Active sets tried around one that coordinate descent found: rounding misplaces columns at the edge of their bounds.
const MOST_CORRECTIONS: usize = 8;

/// What came of an active set.
enum Attempt {
    /// It is the right one: the coefficients of the live columns, in the units of the Gram matrix.
    Optimum(Vec<Sum>),
    /// It breaks the conditions of the optimum; these signs may not.
    Instead(Vec<f64>),
    /// Its columns determine each other.
    Singular,
}

/// The problem in columns of unit variance, `1/2 v'Rv - c'v + penalties`, and where the last solution stood.
pub(super) struct Descent<'a> {
    centred: &'a Centred<'a>,
    live: Vec<usize>,
    standardise: bool,
    /// Correlations of the columns.
    correlations: Vec<Vec<f64>>,
    /// Covariances with the target, in its real units.
    covariances: Vec<f64>,
    /// For each column what turns its coefficient here into the one that is penalised.
    factors: Vec<f64>,
    /// Roots of the second moments, in the units of the Gram matrix, times its weight.
    roots: Vec<Dd>,
    position: Vec<f64>,
    gradient: Vec<f64>,
}

impl<'a> Descent<'a> {
    /// [`FitError::OutOfRange`] where second moments do not fit into f64.
    pub(super) fn new(centred: &'a Centred<'a>, live: &[usize], standardise: bool) -> Result<Self, FitError> {
        let gram = centred.gram;
        let weight = gram.weight().to_dd();
        let unit = Dd::power_of_ten(gram.target().exponent());
        let roots: Vec<Dd> = live.iter().map(|i| centred.moment(*i, *i).to_dd(0).sqrt()).collect();
        let correlations: Vec<Vec<f64>> = live
            .iter()
            .zip(&roots)
            .map(|(i, root)| {
                let entry = |(j, other): (&usize, &Dd)| {
                    if i == j { 1.0 } else { (centred.moment(*i, *j).to_dd(0) / *root / *other).to_f64() }
                };
                live.iter().zip(&roots).map(entry).collect()
            })
            .collect();
        let covariances: Vec<f64> = live
            .iter()
            .zip(&roots)
            .map(|(i, root)| (centred.right[*i].to_dd() / *root / weight / unit).to_f64())
            .collect();
        let factors: Vec<f64> = live
            .iter()
            .zip(&roots)
            .map(|(i, root)| {
                let places = gram.predictors()[*i].exponent();
                if standardise { 1.0 } else { (Dd::power_of_ten(places) * weight / *root).to_f64() }
            })
            .collect();
        let numbers = covariances.iter().chain(&factors).chain(correlations.iter().flatten());
        if !numbers.copied().all(f64::is_finite) {
            return Err(FitError::OutOfRange);
        }
        Ok(Self {
            centred,
            live: live.to_vec(),
            standardise,
            correlations,
            position: vec![0.0; covariances.len()],
            gradient: covariances.clone(),
            covariances,
            factors,
            roots,
        })
    }

    /// The least absolute penalty that leaves every coefficient at zero.
    pub(super) fn largest(&self) -> f64 {
        self.covariances.iter().zip(&self.factors).fold(0.0, |largest: f64, (c, v)| largest.max(c.abs() / v))
    }

    /// The coefficients of the live columns in the units of the Gram matrix, and whether they are exact.
    pub(super) fn solve(
        &mut self,
        absolute: f64,
        shrinkage: Shrinkage,
    ) -> Result<(Vec<Sum>, bool), FitError> {
        let scale = self.covariances.iter().fold(0.0, |largest: f64, c| largest.max(c.abs()));
        let (mut sweeps, mut until) = (0, 1);
        let mut tried: Option<Vec<f64>> = None;
        loop {
            let change = self.sweep(absolute, shrinkage.lambda);
            sweeps += 1;
            let still = change <= 1e-15 * scale;
            if still || sweeps >= until {
                let signs: Vec<f64> =
                    self.position.iter().map(|v| if *v == 0.0 { 0.0 } else { v.signum() }).collect();
                // The same active set would fail the same way.
                if tried.as_ref() != Some(&signs) {
                    if let Some(slopes) = self.polish(&signs, absolute, shrinkage)? {
                        return Ok((slopes, true));
                    }
                    tried = Some(signs);
                }
                until = sweeps * 3 / 2 + 1;
            }
            if still || sweeps >= MOST_SWEEPS {
                return Ok((self.as_found(), false));
            }
        }
    }

    /// One pass over all columns; the largest change.
    fn sweep(&mut self, absolute: f64, squared: f64) -> f64 {
        let mut largest: f64 = 0.0;
        for j in 0..self.position.len() {
            let (bound, ridge) = (absolute * self.factors[j], squared * self.factors[j] * self.factors[j]);
            let free = self.gradient[j] + self.position[j];
            let shrunk = (free.abs() - bound).max(0.0).copysign(free);
            let moved = shrunk / (1.0 + ridge) - self.position[j];
            if moved != 0.0 {
                self.position[j] += moved;
                self.gradient.iter_mut().zip(&self.correlations[j]).for_each(|(g, r)| *g -= r * moved);
                largest = largest.max(moved.abs());
            }
        }
        largest
    }

    /// The exact solution on the active set with these signs, or on one a few columns from it, if that is the optimum.
    fn polish(
        &mut self,
        signs: &[f64],
        absolute: f64,
        shrinkage: Shrinkage,
    ) -> Result<Option<Vec<Sum>>, FitError> {
        let bounds: Vec<Dd> = (0..signs.len()).map(|i| self.bound(i, absolute)).collect();
        if !bounds.iter().all(|bound| bound.is_finite()) {
            return Err(FitError::OutOfRange);
        }
        let mut signs = signs.to_vec();
        for _ in 0..MOST_CORRECTIONS {
            match self.attempt(&signs, &bounds, shrinkage)? {
                Attempt::Optimum(slopes) => {
                    self.stand_at(&slopes);
                    return Ok(Some(slopes));
                }
                Attempt::Instead(better) => signs = better,
                Attempt::Singular => return Ok(None),
            }
        }
        Ok(None)
    }

    fn attempt(&self, signs: &[f64], bounds: &[Dd], shrinkage: Shrinkage) -> Result<Attempt, FitError> {
        let (active, resting): (Vec<usize>, Vec<usize>) = (0..signs.len()).partition(|i| signs[*i] != 0.0);
        let columns: Vec<usize> = active.iter().map(|i| self.live[*i]).collect();
        let right: Vec<Sum> = active
            .iter()
            .map(|i| {
                let mut right = self.centred.right[self.live[*i]].clone();
                right.add_dd(bounds[*i] * -signs[*i]);
                right
            })
            .collect();
        let slopes = match self.centred.solve(&columns, &right, shrinkage) {
            Ok(slopes) => slopes,
            Err(FitError::NotConverged) => return Ok(Attempt::Singular),
            Err(error) => return Err(error),
        };
        let numbers: Vec<Canonical> = slopes.iter().map(|slope| slope.limbs().canonical()).collect();
        let mut better = signs.to_vec();
        for (i, slope) in active.iter().zip(&numbers) {
            // A column that would cross zero stays there.
            if slope.is_zero() || slope.negative != (signs[*i] < 0.0) {
                better[*i] = 0.0;
            }
        }
        if better != signs {
            return Ok(Attempt::Instead(better));
        }
        for i in resting {
            let pull = self.centred.gradient(self.live[i], &columns, &numbers).to_dd();
            if pull.abs() > bounds[i] * SLACK {
                better[i] = pull.hi().signum();
            }
        }
        if better != signs {
            return Ok(Attempt::Instead(better));
        }
        let mut all = vec![Sum::new(); signs.len()];
        for (i, slope) in active.into_iter().zip(slopes) {
            all[i] = slope;
        }
        Ok(Attempt::Optimum(all))
    }

    /// The pull that a column at zero withstands, in the units of the exact moments.
    fn bound(&self, i: usize, absolute: f64) -> Dd {
        let gram = self.centred.gram;
        let weight = gram.weight().to_dd();
        let scale = if self.standardise {
            weight * self.roots[i]
        } else {
            weight * weight * Dd::power_of_ten(gram.predictors()[self.live[i]].exponent())
        };
        scale * Dd::power_of_ten(gram.target().exponent()) * absolute
    }

    /// Starts the next descent from an exact solution.
    fn stand_at(&mut self, slopes: &[Sum]) {
        for (i, slope) in slopes.iter().enumerate() {
            self.position[i] = (slope.to_dd() / self.unit(i)).to_f64();
        }
        for (i, gradient) in self.gradient.iter_mut().enumerate() {
            let pull: f64 = self.correlations[i].iter().zip(&self.position).map(|(r, v)| r * v).sum();
            *gradient = self.covariances[i] - pull;
        }
    }

    /// What turns a coefficient of the scaled problem into one of the Gram matrix.
    fn unit(&self, i: usize) -> Dd {
        let gram = self.centred.gram;
        Dd::power_of_ten(gram.target().exponent()) * gram.weight().to_dd() / self.roots[i]
    }

    fn as_found(&self) -> Vec<Sum> {
        (0..self.position.len())
            .map(|i| {
                let mut sum = Sum::new();
                sum.add_dd(self.unit(i) * self.position[i]);
                sum
            })
            .collect()
    }
}
