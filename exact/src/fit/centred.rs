//! Moments about the means, as exact sums: what penalised models are solved from.

use super::FitError;
use super::modular::Zeros;
use super::normal::Normal;
use crate::dd::Dd;
use crate::gram::{Gram, times_power_of_ten};
use crate::limbs::{Canonical, Limbs};
use crate::sum::Sum;

/// Bits to which a coefficient is right before it is rounded.
const BITS: i32 = 110;

/// `weight^2` times the variances and covariances (divided by the weight, not by one less) of the predictors and the
/// target, in the units of the Gram matrix: about the means, or about zero for a model without intercept.
pub(super) struct Centred<'a> {
    pub gram: &'a Gram,
    pub intercept: bool,
    matrix: Vec<Vec<Sum>>,
    /// With the target.
    pub right: Vec<Sum>,
    total: Sum,
}

/// What multiplies the squared coefficients.
#[derive(Clone, Copy)]
pub(super) struct Shrinkage {
    pub lambda: f64,
    pub standardise: bool,
}

impl<'a> Centred<'a> {
    pub fn new(gram: &'a Gram, intercept: bool) -> Self {
        let count = gram.predictors().len();
        let moment = |i: usize, j: usize| {
            if intercept { gram.centred(i + 1, j + 1) } else { gram.weight().product(gram.product(i, j)) }
        };
        let mut matrix = vec![vec![Sum::new(); count]; count];
        for i in 0..count {
            for j in i..count {
                matrix[i][j] = moment(i, j);
                matrix[j][i] = matrix[i][j].clone();
            }
        }
        let right = (0..count).map(|i| moment(i, count)).collect();
        Self { gram, intercept, matrix, right, total: moment(count, count) }
    }

    pub fn moment(&self, i: usize, j: usize) -> &Sum {
        &self.matrix[i][j]
    }

    /// The predictors that vary.
    pub fn live(&self) -> Vec<usize> {
        (0..self.right.len()).filter(|i| !self.matrix[*i][*i].is_zero()).collect()
    }

    /// What [`Shrinkage`] adds to the diagonal.
    fn addition(&self, i: usize, shrinkage: Shrinkage) -> Sum {
        if shrinkage.standardise {
            return self.matrix[i][i].times(shrinkage.lambda);
        }
        let weight = self.gram.weight();
        times_power_of_ten(&weight.product(weight), 2 * self.gram.predictors()[i].places).times(shrinkage.lambda)
    }

    /// Solves for the coefficients of some predictors, in the units of the Gram matrix; those that the ones before them
    /// determine are 0.
    pub fn solve(&self, chosen: &[usize], right: &[Sum], shrinkage: Shrinkage) -> Result<Vec<Sum>, FitError> {
        let entry = |i: usize, j: usize| {
            let mut entry = self.matrix[chosen[i]][chosen[j]].clone();
            if i == j {
                entry.merge(&self.addition(chosen[i], shrinkage));
            }
            entry.limbs().canonical()
        };
        let normal = Normal::new(chosen.len(), entry);
        let factor = normal.factor(1e-26);
        let solver = normal.solver(&factor);
        let right: Vec<Limbs> = factor.kept.iter().map(|i| right[*i].limbs().clone()).collect();
        let mut zeros = None;
        let mut exact_zero = |i: usize| {
            let found: &Option<Zeros> = zeros.get_or_insert_with(|| {
                let right: Vec<Canonical> = right.iter().map(Limbs::canonical).collect();
                Zeros::find(|i, j| solver.normal.entry(i, j).clone(), &right, &Canonical::default())
            });
            found.as_ref().is_some_and(|zeros| zeros.coefficients[i])
        };
        let solution = solver.solve(&right, BITS, &mut exact_zero)?;
        let mut all = vec![Sum::new(); chosen.len()];
        for (i, number) in factor.kept.iter().zip(solution) {
            all[*i] = Sum::from(number);
        }
        Ok(all)
    }

    /// `right - matrix * coefficients` for one predictor, exactly.
    pub fn gradient(&self, i: usize, chosen: &[usize], coefficients: &[Sum]) -> Sum {
        let mut rest = self.right[i].clone();
        for (j, b) in chosen.iter().zip(coefficients) {
            rest.subtract(&self.matrix[i][*j].product(b));
        }
        rest
    }

    /// The mean squared error over the rows, and R-squared where the target varies.
    pub fn errors(&self, coefficients: &[Sum]) -> (Dd, Option<Dd>) {
        let all: Vec<usize> = (0..coefficients.len()).collect();
        // M_yy - b'M_y - b'(M_y - M b)
        let mut rest = self.total.clone();
        for (i, b) in coefficients.iter().enumerate().filter(|(_, b)| !b.is_zero()) {
            rest.subtract(&b.product(&self.right[i]));
            rest.subtract(&b.product(&self.gradient(i, &all, coefficients)));
        }
        let weight = self.gram.weight();
        let unit = Dd::power_of_ten(self.gram.target().places as i32);
        let mut explained = self.total.clone();
        explained.subtract(&rest);
        let r_squared = (!self.total.is_zero()).then(|| explained.ratio(&self.total));
        (rest.ratio(&weight.product(weight)) / unit / unit, r_squared)
    }

    /// The intercept in real units: `mean(y) - sum of b mean(x)`, exactly until the last step.
    pub fn constant(&self, coefficients: &[Sum]) -> Dd {
        if !self.intercept {
            return Dd::ZERO;
        }
        let mut sum = self.gram.sum(coefficients.len()).clone();
        for (i, b) in coefficients.iter().enumerate() {
            sum.subtract(&self.gram.sum(i).product(b));
        }
        sum.ratio(self.gram.weight()) / Dd::power_of_ten(self.gram.target().places as i32)
    }

    /// A coefficient in real units.
    pub fn real(&self, i: usize, coefficient: &Sum) -> Dd {
        let places = self.gram.predictors()[i].places as i32 - self.gram.target().places as i32;
        let unit = Dd::power_of_ten(places.abs());
        if places < 0 { coefficient.to_dd() / unit } else { coefficient.to_dd() * unit }
    }
}
