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
/// Columns of which those before them leave less than this are dropped.
const ALIAS: f64 = 1e-26;

/// `weight^2` times the variances and covariances (divided by the weight, not by one less) of the predictors and the
/// target, in the units of the Gram matrix: about the means, or about zero for a model without intercept.
pub(super) struct Centred<'a> {
    pub(super) gram: &'a Gram,
    pub(super) intercept: bool,
    matrix: Vec<Vec<Canonical>>,
    /// With the target.
    pub(super) right: Vec<Sum>,
    total: Sum,
}

/// What multiplies the squared coefficients.
#[derive(Clone, Copy)]
pub(super) struct Shrinkage {
    pub(super) lambda: f64,
    pub(super) standardise: bool,
}

impl<'a> Centred<'a> {
    pub(super) fn new(gram: &'a Gram, intercept: bool) -> Self {
        let count = gram.predictors().len();
        let moment = |i: usize, j: usize| -> Sum {
            if intercept { gram.centred(i + 1, j + 1) } else { gram.weight().product(gram.product(i, j)) }
        };
        let mut matrix: Vec<Vec<Canonical>> = Vec::with_capacity(count);
        for i in 0..count {
            // The matrix is symmetric: what lies left of the diagonal is known from above.
            let known = matrix.iter().map(|row| row[i].clone());
            let row = known.chain((i..count).map(|j| moment(i, j).limbs().canonical())).collect();
            matrix.push(row);
        }
        let right = (0..count).map(|i| moment(i, count)).collect();
        Self { gram, intercept, matrix, right, total: moment(count, count) }
    }

    pub(super) fn moment(&self, i: usize, j: usize) -> &Canonical {
        &self.matrix[i][j]
    }

    /// The predictors that vary.
    pub(super) fn live(&self) -> Vec<usize> {
        (0..self.right.len()).filter(|i| !self.matrix[*i][*i].is_zero()).collect()
    }

    /// What [`Shrinkage`] adds to the diagonal.
    fn addition(&self, i: usize, shrinkage: Shrinkage) -> Sum {
        if shrinkage.standardise {
            let mut addition = Limbs::new();
            addition.add_scaled(&self.matrix[i][i], shrinkage.lambda);
            return addition.into();
        }
        let weight = self.gram.weight();
        times_power_of_ten(&weight.product(weight), 2 * self.gram.predictors()[i].places)
            .times(shrinkage.lambda)
    }

    /// Solves for the coefficients of some predictors, in the units of the Gram matrix; those that the ones before them
    /// determine are 0.
    pub(super) fn solve(
        &self,
        chosen: &[usize],
        right: &[Sum],
        shrinkage: Shrinkage,
    ) -> Result<Vec<Sum>, FitError> {
        let entry = |i: usize, j: usize| {
            let entry = &self.matrix[chosen[i]][chosen[j]];
            if i != j {
                return entry.clone();
            }
            let mut sum = Limbs::from_canonical(entry);
            sum.merge(self.addition(chosen[i], shrinkage).limbs());
            sum.canonical()
        };
        let normal = Normal::new(chosen.len(), entry);
        let factor = normal.factor(ALIAS)?;
        let solver = normal.solver(&factor);
        let right: Vec<Limbs> = factor.kept.iter().map(|i| right[*i].limbs().clone()).collect();
        let mut zeros = None;
        let mut exact_zero = |i: usize| {
            let found: &Option<Zeros> = zeros.get_or_insert_with(|| {
                let right: Vec<Canonical> = right.iter().map(Limbs::canonical).collect();
                Zeros::find(|i, j| solver.normal.entry(i, j).clone(), &right, &Canonical::default())
            });
            found.as_ref().is_none_or(|zeros| zeros.coefficients[i])
        };
        let solution = solver.solve(&right, BITS, &mut exact_zero)?;
        let mut all = vec![Sum::new(); chosen.len()];
        for (i, number) in factor.kept.iter().zip(solution) {
            all[*i] = Sum::from(number);
        }
        Ok(all)
    }

    /// `right - matrix * coefficients` for one predictor, exactly.
    pub(super) fn gradient(&self, i: usize, chosen: &[usize], coefficients: &[Canonical]) -> Sum {
        let mut rest = self.right[i].limbs().clone();
        for (j, b) in chosen.iter().zip(coefficients) {
            rest.subtract_product(&self.matrix[i][*j], b);
        }
        rest.into()
    }

    /// Whether least squares on some predictors leaves residuals of exactly zero.
    fn is_perfect(&self, chosen: &[usize]) -> Result<bool, FitError> {
        let entry = |i: usize, j: usize| self.matrix[i][j].clone();
        let factor = Normal::new(chosen.len(), |i, j| entry(chosen[i], chosen[j])).factor(ALIAS)?;
        let kept: Vec<usize> = factor.kept.iter().map(|i| chosen[*i]).collect();
        let right: Vec<Canonical> = kept.iter().map(|i| self.right[*i].limbs().canonical()).collect();
        let zeros = Zeros::find(|i, j| entry(kept[i], kept[j]), &right, &self.total.limbs().canonical());
        Ok(zeros.is_none_or(|zeros| zeros.residual))
    }

    /// The mean squared error over the rows, and R-squared where the target varies. `free` are the predictors of a model
    /// without penalty, whose error may be exactly zero.
    pub(super) fn errors(
        &self,
        coefficients: &[Sum],
        free: Option<&[usize]>,
    ) -> Result<(Dd, Option<Dd>), FitError> {
        let all: Vec<usize> = (0..coefficients.len()).collect();
        let numbers: Vec<Canonical> = coefficients.iter().map(|b| b.limbs().canonical()).collect();
        // M_yy - b'M_y - b'(M_y - M b)
        let mut rest = self.total.clone();
        for (i, b) in coefficients.iter().enumerate().filter(|(_, b)| !b.is_zero()) {
            rest.subtract(&b.product(&self.right[i]));
            rest.subtract(&b.product(&self.gradient(i, &all, &numbers)));
        }
        let (low, high) = (rest.limbs().canonical().height(), self.total.limbs().canonical().height());
        let tiny = low.zip(high).is_some_and(|(low, high)| low < high - 100);
        if let Some(free) = free.filter(|_| tiny)
            && self.is_perfect(free)?
        {
            rest = Sum::new();
        }
        let weight = self.gram.weight();
        let unit = Dd::power_of_ten(self.gram.target().exponent());
        let mut explained = self.total.clone();
        explained.subtract(&rest);
        let r_squared = (!self.total.is_zero()).then(|| explained.ratio(&self.total));
        Ok((rest.ratio(&weight.product(weight)) / unit / unit, r_squared))
    }

    /// The intercept in real units: `mean(y) - sum of b mean(x)`, exactly until the last step.
    pub(super) fn constant(&self, coefficients: &[Sum]) -> Dd {
        if !self.intercept {
            return Dd::ZERO;
        }
        let mut sum = self.gram.sum(coefficients.len()).clone();
        for (i, b) in coefficients.iter().enumerate() {
            sum.subtract(&self.gram.sum(i).product(b));
        }
        sum.ratio(self.gram.weight()) / Dd::power_of_ten(self.gram.target().exponent())
    }

    /// A coefficient in real units.
    pub(super) fn real(&self, i: usize, coefficient: &Sum) -> Dd {
        let places = self.gram.predictors()[i].exponent() - self.gram.target().exponent();
        let unit = Dd::power_of_ten(places.abs());
        if places < 0 { coefficient.to_dd() / unit } else { coefficient.to_dd() * unit }
    }
}
