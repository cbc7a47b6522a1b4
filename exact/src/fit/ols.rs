//! Ordinary (and weighted) least squares.

use std::cell::OnceCell;

use super::modular::Zeros;
use super::normal::{Factor, Normal, Solver, remainder};
use super::statistic::finite;
use super::tails::{f_tail, t_quantile, t_tail};
use super::{Aliased, Anova, AnovaRow, Coefficient, Fit, FitError, NearAliased, Reason, Statistic};
use crate::dd::Dd;
use crate::decimal;
use crate::gram::Gram;
use crate::limbs::{Canonical, Limbs};
use crate::sum::Sum;

/// Bits to which each coefficient is right before it is rounded.
const BITS: i32 = 130;

/// What to fit, and what to call too close.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Fit a constant term. Default: yes.
    pub intercept: bool,
    /// The numbers of the predictors to take, from 0, in this order. Default: all.
    pub predictors: Option<Vec<usize>>,
    /// A column is dropped where those before it leave less than this of it (`1 - R^2` about zero).
    /// Default 1e-26: aliased columns are found at 1e-31 and below, the hardest real data at 1e-15.
    pub alias_below: f64,
    /// A column is reported as near to aliased where they leave less than this. Default 1e-12.
    pub warn_below: f64,
    /// The confidence of the limits, between 0 and 1. Default 0.95.
    pub confidence: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { intercept: true, predictors: None, alias_below: 1e-26, warn_below: 1e-12, confidence: 0.95 }
    }
}

impl Options {
    /// No constant term; sums of squares are then about zero.
    #[must_use]
    pub fn without_intercept() -> Self {
        Self { intercept: false, ..Self::default() }
    }

    /// The columns of the Gram matrix to fit, the ones (column 0) first.
    fn columns(&self, gram: &Gram) -> Result<Vec<usize>, FitError> {
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(FitError::Option("the confidence must lie between 0 and 1"));
        }
        if !(self.alias_below >= 1e-28 && self.alias_below < 1.0) {
            return Err(FitError::Option("the alias threshold must lie between 1e-28 and 1"));
        }
        let count = gram.predictors().len();
        let predictors = self.predictors.clone().unwrap_or_else(|| (0..count).collect());
        let mut columns = if self.intercept { vec![0] } else { Vec::new() };
        for predictor in predictors {
            if predictor >= count || columns.contains(&(predictor + 1)) {
                return Err(FitError::UnknownPredictor(predictor));
            }
            columns.push(predictor + 1);
        }
        Ok(columns)
    }
}

/// Fits the target by least squares.
///
/// The normal equations are exact and are solved until each coefficient is right to 2^-130, so the f64 coefficients are
/// those of the exact solution, rounded once, but for columns counted in powers of ten, which are turned back at the end
/// with an error of 1e-31. Weights are taken as those of R's `lm`: variances are `sigma^2 / w`, and a row counts
/// once whatever its weight.
///
/// A coefficient, or the residual sum of squares, that is exactly zero is found to be so, and not merely small.
///
/// # Errors
/// [`FitError::NoRows`], [`FitError::TooFewRows`], [`FitError::NoColumns`], and for options or numbers out of
/// range. Aliased columns are no error: they are dropped and listed.
pub fn fit(gram: &Gram, options: &Options) -> Result<Fit, FitError> {
    let columns = options.columns(gram)?;
    if gram.rows() == 0 {
        return Err(FitError::NoRows);
    }
    let canonical = |i: usize, j: usize| gram.entry(i, j).limbs().canonical();
    let normal = Normal::new(columns.len(), |i, j| canonical(columns[i], columns[j]));
    let factor = normal.factor(options.alias_below)?;
    let rank = factor.kept.len();
    if rank == 0 {
        return Err(FitError::NoColumns);
    }
    if gram.rows() <= rank as u64 && gram.rows() < columns.len() as u64 {
        return Err(FitError::TooFewRows { rows: gram.rows(), columns: columns.len() });
    }
    let solved = Solved::new(
        gram,
        options,
        normal.solver(&factor),
        factor.kept.iter().map(|i| columns[*i]).collect(),
    )?;
    solved.report(&columns, &factor)
}

/// A solution, in the units of the Gram matrix, and what is needed to report on it.
struct Solved<'a> {
    gram: &'a Gram,
    options: &'a Options,
    solver: Solver,
    /// The columns of the Gram matrix that were kept.
    kept: Vec<usize>,
    solution: Vec<Limbs>,
    residual: Sum,
    /// The total sum of squares and that of the regression, both times `weight`.
    total: Sum,
    explained: Sum,
    /// The weight, or 1 without an intercept.
    weight: Sum,
}

impl<'a> Solved<'a> {
    fn new(gram: &'a Gram, options: &'a Options, solver: Solver, kept: Vec<usize>) -> Result<Self, FitError> {
        let target = gram.size() - 1;
        let square = gram.entry(target, target);
        let right: Vec<Limbs> = kept.iter().map(|i| gram.entry(*i, target).limbs().clone()).collect();
        let (solution, residual) = solve(&solver, &right, square)?;
        let mut explained = square.clone();
        explained.subtract(&residual);
        let (mut total, mut weight) = (square.clone(), Sum::from(1.0));
        if options.intercept {
            weight = gram.weight().clone();
            total = gram.centred(target, target);
            explained = explained.product(&weight);
            explained.subtract(&gram.sum(target - 1).product(gram.sum(target - 1)));
            // The mean is a fraction, known to some hundred bits: what they leave is not an explanation.
            let slopes = kept.iter().zip(&solution).filter(|(column, _)| **column != 0);
            if slopes.into_iter().all(|(_, slope)| slope.canonical().is_zero()) {
                explained = Sum::new();
            }
        }
        Ok(Self { gram, options, solver, kept, solution, residual, total, explained, weight })
    }

    /// `10^-places` of a column of the Gram matrix.
    fn places(&self, column: usize) -> i32 {
        match column {
            0 => 0,
            column if column == self.gram.size() - 1 => self.gram.target().exponent(),
            column => self.gram.predictors()[column - 1].exponent(),
        }
    }

    fn name(&self, column: usize) -> String {
        if column == 0 { "(Intercept)".to_owned() } else { self.gram.predictors()[column - 1].name.clone() }
    }

    /// A sum of squares of the target over a divisor, in real units.
    fn squares(&self, sum: &Sum, divisor: &Sum) -> Dd {
        let unit = Dd::power_of_ten(self.places(self.gram.size() - 1));
        sum.ratio(divisor) / unit / unit
    }

    fn degrees(&self) -> u64 {
        self.gram.rows() - self.kept.len() as u64
    }

    /// Why there is no error estimate.
    fn no_error(&self) -> Option<Reason> {
        (self.degrees() == 0).then_some(Reason::NoDegreesOfFreedom)
    }

    /// Why there are no tests.
    fn no_test(&self) -> Option<Reason> {
        self.no_error().or_else(|| self.residual.is_zero().then_some(Reason::PerfectFit))
    }

    fn report(&self, columns: &[usize], factor: &Factor) -> Result<Fit, FitError> {
        let inverse = self.solver.inverse()?;
        let degrees = Dd::from(self.degrees());
        let one = Sum::from(1.0);
        let variance = self.squares(&self.residual, &one) / degrees;
        // From the scaled columns of the solver to real units.
        let units: Vec<Dd> = self
            .kept
            .iter()
            .enumerate()
            .map(|(i, column)| {
                Dd::ONE.scaled(self.solver.normal.scale(i)) * Dd::power_of_ten(self.places(*column))
            })
            .collect();
        let coefficients = self.coefficients(factor, &inverse, &units, variance)?;
        let near_aliased = coefficients
            .iter()
            .filter_map(|coefficient| {
                let predictor = coefficient.predictor?;
                (coefficient.pivot < self.options.warn_below).then(|| NearAliased {
                    name: coefficient.name.clone(),
                    predictor,
                    pivot: coefficient.pivot,
                    vif: coefficient.vif,
                })
            })
            .collect();
        let covariance = match self.no_error() {
            Some(_) => None,
            None => Some(covariance(&inverse, &units, variance)?),
        };
        let log_likelihood = Statistic::unless(self.no_likelihood(), || self.log_likelihood())?;
        let parameters = (self.kept.len() + 1) as f64;
        let criterion = |price: Dd| {
            Statistic::unless(self.no_likelihood(), || price * parameters - self.log_likelihood() * 2.0)
        };
        let (r_squared, adjusted_r_squared) = self.r_squared()?;
        Ok(Fit {
            coefficients,
            aliased: self.aliased(columns, factor)?,
            near_aliased,
            rows: self.gram.rows(),
            rank: self.kept.len(),
            degrees_of_freedom: self.degrees(),
            residual_sd: Statistic::unless(self.no_error(), || variance.sqrt())?,
            r_squared,
            adjusted_r_squared,
            anova: self.anova()?,
            covariance,
            log_likelihood,
            aic: criterion(Dd::from(2.0))?,
            bic: criterion(Dd::from(self.gram.rows()).ln())?,
            confidence: self.options.confidence,
            predictors: self.gram.predictors().len(),
        })
    }

    fn coefficients(
        &self,
        factor: &Factor,
        inverse: &[Vec<Dd>],
        units: &[Dd],
        variance: Dd,
    ) -> Result<Vec<Coefficient>, FitError> {
        let degrees = self.degrees() as f64;
        let quantile = match self.no_error() {
            Some(_) => Dd::ZERO,
            None => Dd::from(t_quantile(chance(self.options.confidence), degrees)),
        };
        let one = |i: usize| -> Result<Coefficient, FitError> {
            let column = self.kept[i];
            let precise = self.estimate(i);
            let error = variance.sqrt() * inverse[i][i].sqrt() * units[i];
            let t = precise / error;
            Ok(Coefficient {
                name: self.name(column),
                predictor: column.checked_sub(1),
                estimate: finite(precise)?,
                precise,
                standard_error: Statistic::unless(self.no_error(), || error)?,
                t: Statistic::unless(self.no_test(), || t)?,
                p: Statistic::unless(self.no_test(), || Dd::from(t_tail(t, degrees)))?,
                lower: Statistic::unless(self.no_error(), || precise - quantile * error)?,
                upper: Statistic::unless(self.no_error(), || precise + quantile * error)?,
                vif: self.vif(i, inverse[i][i])?,
                pivot: factor.pivots[i],
            })
        };
        (0..self.kept.len()).map(one).collect()
    }

    /// A coefficient in real units, rounded to 106 bits.
    fn estimate(&self, i: usize) -> Dd {
        // Half-way cases are settled first: the solution is a few units off in its 130th bit.
        let number = self.solution[i].canonical().rounded(BITS - 10);
        let places = self.places(self.kept[i]) - self.places(self.gram.size() - 1);
        let height = number.height().unwrap_or(0);
        let (value, unit) = (number.to_dd(-height), Dd::power_of_ten(places.abs()));
        // A division by a power of ten keeps what is exact, which a product with its inverse would not.
        let value = if places < 0 { value / unit } else { value * unit };
        value.scaled(height)
    }

    /// `sum of squares * inverse`, both scaled alike: about the mean with an intercept.
    fn vif(&self, i: usize, inverse: Dd) -> Result<Statistic, FitError> {
        let column = self.kept[i];
        let squares = |shift: i32| {
            if self.options.intercept {
                let centred = self.gram.centred(column, column).limbs().canonical();
                centred.to_dd(shift) / self.weight.to_dd()
            } else {
                self.gram.entry(column, column).limbs().canonical().to_dd(shift)
            }
        };
        let reason = (column == 0).then_some(Reason::NoPredictors);
        Statistic::unless(reason, || squares(2 * self.solver.normal.scale(i)) * inverse)
    }

    fn aliased(&self, columns: &[usize], factor: &Factor) -> Result<Vec<Aliased>, FitError> {
        let one = |dropped: &super::normal::Dropped| -> Result<Aliased, FitError> {
            let column = columns[dropped.index];
            let made_of = dropped
                .made_of
                .iter()
                .map(|(index, share)| {
                    let places = self.places(columns[*index]) - self.places(column);
                    Ok((self.name(columns[*index]), finite(*share * Dd::power_of_ten(places))?))
                })
                .collect::<Result<_, FitError>>()?;
            Ok(Aliased {
                name: self.name(column),
                predictor: column.saturating_sub(1),
                made_of,
                pivot: dropped.pivot,
            })
        };
        factor.dropped.iter().map(one).collect()
    }

    fn r_squared(&self) -> Result<(Statistic, Statistic), FitError> {
        let flat = self.total.is_zero().then_some(Reason::ZeroVarianceTarget);
        let free = Dd::from(self.gram.rows() - u64::from(self.options.intercept));
        Ok((
            Statistic::unless(flat, || self.explained.ratio(&self.total))?,
            Statistic::unless(flat.or(self.no_error()), || {
                let rest = self.residual.product(&self.weight).ratio(&self.total);
                Dd::ONE - rest * (free / Dd::from(self.degrees()))
            })?,
        ))
    }

    fn anova(&self) -> Result<Anova, FitError> {
        let one = Sum::from(1.0);
        let row = |degrees: u64, sum: &Sum, divisor: &Sum| -> Result<AnovaRow, FitError> {
            let squares = self.squares(sum, divisor);
            let none = (degrees == 0).then_some(Reason::NoDegreesOfFreedom);
            Ok(AnovaRow {
                degrees_of_freedom: degrees,
                sum_of_squares: finite(squares)?,
                mean_square: Statistic::unless(none, || squares / Dd::from(degrees))?,
            })
        };
        let constant = u64::from(self.options.intercept);
        let explaining = self.kept.len() as u64 - constant;
        let none = (explaining == 0)
            .then_some(Reason::NoPredictors)
            .or_else(|| self.total.is_zero().then_some(Reason::ZeroVarianceTarget))
            .or_else(|| self.no_test());
        let f = || {
            let ratio = self.explained.ratio(&self.residual.product(&self.weight));
            ratio * Dd::from(self.degrees()) / Dd::from(explaining)
        };
        Ok(Anova {
            regression: row(explaining, &self.explained, &self.weight)?,
            residual: row(self.degrees(), &self.residual, &one)?,
            total: row(self.gram.rows() - constant, &self.total, &self.weight)?,
            f: Statistic::unless(none, f)?,
            f_p: Statistic::unless(none, || Dd::from(f_tail(f(), explaining as f64, self.degrees() as f64)))?,
        })
    }

    fn no_likelihood(&self) -> Option<Reason> {
        self.residual.is_zero().then_some(Reason::PerfectFit)
    }

    fn log_likelihood(&self) -> Dd {
        let rows = Dd::from(self.gram.rows());
        let two_pi = Dd::from_sum(std::f64::consts::TAU, 2.449_293_598_294_706_4e-16);
        let mean = self.squares(&self.residual, &Sum::from(1.0)) / rows;
        (self.gram.log_weights().to_dd() - rows * ((two_pi * mean).ln() + 1.0)) * 0.5
    }
}

/// One less the confidence; that of 0.95 is a twentieth, not what the f64 next to it leaves.
fn chance(confidence: f64) -> Dd {
    match decimal::recover(&[confidence]) {
        Some(decimals) => {
            let unit = decimal::power_of_ten(decimals.places);
            Dd::from(unit - decimals.integers[0] as f64) / unit
        }
        None => Dd::ONE - confidence,
    }
}

/// The coefficients and the residual sum of squares.
fn solve(solver: &Solver, right: &[Limbs], square: &Sum) -> Result<(Vec<Limbs>, Sum), FitError> {
    let zeros = OnceCell::new();
    let known = |what: &dyn Fn(&Zeros) -> bool| {
        let found: &Option<Zeros> = zeros.get_or_init(|| {
            let right: Vec<Canonical> = right.iter().map(Limbs::canonical).collect();
            let matrix = |i: usize, j: usize| solver.normal.entry(i, j).clone();
            Zeros::find(matrix, &right, &square.limbs().canonical())
        });
        // Where the prime says nothing, what is so far below its neighbours is taken for zero.
        found.as_ref().is_none_or(what)
    };
    let top = square.limbs().canonical().height();
    // More bits only where the residuals are so small that the first solution's error shows in them.
    for bits in [BITS, 4 * BITS, 16 * BITS] {
        let solution = solver.solve(right, bits, &mut |i| known(&|zeros| zeros.coefficients[i]))?;
        let residual = remainder(square.limbs(), &solver.normal, right, &solution);
        let height = residual.canonical().height();
        let depth = |bits: i32| height.is_none_or(|height| top.is_some_and(|top| height < top - bits));
        if !depth(100) {
            return Ok((solution, residual.into()));
        }
        if known(&|zeros| zeros.residual) {
            return Ok((solution, Sum::new()));
        }
        if !depth(bits) {
            return Ok((solution, residual.into()));
        }
    }
    Err(FitError::NotConverged)
}

/// `variance * inverse`, in real units.
fn covariance(inverse: &[Vec<Dd>], units: &[Dd], variance: Dd) -> Result<Vec<Vec<f64>>, FitError> {
    let size = units.len();
    let entry = |i: usize, j: usize| {
        // The same one of the two halves either way, so that the matrix is symmetric to the bit.
        let (i, j) = (i.min(j), i.max(j));
        finite(inverse[j][i] * units[i] * units[j] * variance)
    };
    (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect()
}
