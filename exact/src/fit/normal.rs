//! The normal equations `G b = g` of exact sums, and their solution to as many bits as are asked for.
//!
//! Cholesky in double-double, then refinement: the residuals `g - G b` are exact, so each step gains the digits that
//! double-double has beyond the condition of the matrix (Wilkinson 1963; Björck 1967 for least squares).

use super::FitError;
use crate::dd::Dd;
use crate::limbs::{Canonical, Limbs};

/// What is left of a column is trusted from this many times its possible error on.
const DOUBT: f64 = 1e6;
/// More steps than any matrix needs whose pivots are above the threshold.
const MOST_STEPS: usize = 60;

/// A symmetric matrix of exact numbers, with powers of two that bring its diagonal into `[1, 4)`.
pub(super) struct Normal {
    size: usize,
    matrix: Vec<Canonical>,
    /// Entry `(i, j)` is taken times `2^(scale[i] + scale[j])`.
    scale: Vec<i32>,
}

/// A column that those before it determine.
pub(super) struct Dropped {
    pub(super) index: usize,
    pub(super) pivot: f64,
    /// The columns it is made of, and how much of each.
    pub(super) made_of: Vec<(usize, Dd)>,
}

/// The rows of the Cholesky factor of the columns that were kept, and what was found on the way.
pub(super) struct Factor {
    pub(super) kept: Vec<usize>,
    pub(super) dropped: Vec<Dropped>,
    /// For each kept column, what the kept ones before it leave of it: `1 - R^2`, about zero.
    pub(super) pivots: Vec<f64>,
    rows: Vec<Vec<Dd>>,
}

/// The kept part of a matrix with its factor.
pub(super) struct Solver {
    pub(super) normal: Normal,
    rows: Vec<Vec<Dd>>,
}

impl Normal {
    pub(super) fn new(size: usize, entry: impl Fn(usize, usize) -> Canonical) -> Self {
        let matrix: Vec<Canonical> = (0..size)
            .flat_map(|i| (0..size).map(move |j| (i.min(j), i.max(j))))
            .map(|(i, j)| entry(i, j))
            .collect();
        let scale = (0..size)
            .map(|i| matrix[i * size + i].height().map_or(0, |height| -height.div_euclid(2)))
            .collect();
        Self { size, matrix, scale }
    }

    pub(super) fn entry(&self, i: usize, j: usize) -> &Canonical {
        &self.matrix[i * self.size + j]
    }

    pub(super) fn scale(&self, i: usize) -> i32 {
        self.scale[i]
    }

    fn scaled(&self, i: usize, j: usize) -> Dd {
        self.entry(i, j).to_dd(self.scale[i] + self.scale[j])
    }

    fn subset(&self, kept: &[usize]) -> Self {
        Self {
            size: kept.len(),
            matrix: kept.iter().flat_map(|i| kept.iter().map(|j| self.entry(*i, *j).clone())).collect(),
            scale: kept.iter().map(|i| self.scale[*i]).collect(),
        }
    }

    /// Cholesky by rows. A column of which those before it leave less than `threshold` is dropped.
    ///
    /// What they leave is a difference, in which the rounding of double-double stands out where they nearly determine
    /// each other; there it is taken from a refined solution instead, so that the decision is never one of rounding.
    pub(super) fn factor(&self, threshold: f64) -> Result<Factor, FitError> {
        let mut factor =
            Factor { kept: Vec::new(), dropped: Vec::new(), pivots: Vec::new(), rows: Vec::new() };
        for j in 0..self.size {
            let column: Vec<Dd> = factor.kept.iter().map(|i| self.scaled(*i, j)).collect();
            let mut row = forward(&factor.rows, &column);
            let whole = self.scaled(j, j);
            let mut left = row.iter().fold(whole, |left, x| left - *x * *x);
            let mut refined = None;
            if left.hi() < DOUBT * noise(&factor.rows, &row).max(threshold) {
                let (rest, solution) = self.refined(j, &factor)?;
                left = rest;
                refined = Some(solution);
            }
            let pivot = if whole.is_zero() { 0.0 } else { (left / whole).to_f64() };
            if pivot > threshold {
                row.push(left.sqrt());
                factor.rows.push(row);
                factor.kept.push(j);
                factor.pivots.push(pivot);
            } else {
                let shares = refined.unwrap_or_default();
                let made_of = factor
                    .kept
                    .iter()
                    .zip(shares)
                    // A share below this is the rounding of the column, not a part of it.
                    .filter(|(i, share)| share.scaled(self.scale[j] - self.scale[**i]).hi().abs() > 1e-10)
                    .map(|(i, share)| (*i, share))
                    .collect();
                factor.dropped.push(Dropped { index: j, pivot, made_of });
            }
        }
        Ok(factor)
    }

    /// What the kept columns leave of column `j` (scaled), and how much of each of them it is, by refinement.
    fn refined(&self, j: usize, factor: &Factor) -> Result<(Dd, Vec<Dd>), FitError> {
        let solver = self.solver(factor);
        let right: Vec<Limbs> =
            factor.kept.iter().map(|i| Limbs::from_canonical(self.entry(*i, j))).collect();
        let solution = solver.solve(&right, 110, &mut |_| true)?;
        let rest = remainder(&Limbs::from_canonical(self.entry(j, j)), &solver.normal, &right, &solution);
        let shares = solution.iter().map(|share| share.canonical().to_dd(0)).collect();
        Ok((rest.canonical().to_dd(2 * self.scale[j]), shares))
    }

    pub(super) fn solver(&self, factor: &Factor) -> Solver {
        Solver { normal: self.subset(&factor.kept), rows: factor.rows.clone() }
    }

    /// `right - G x`, exactly.
    pub(super) fn residual(&self, right: &[Limbs], x: &[Limbs]) -> Vec<Limbs> {
        let x: Vec<Canonical> = x.iter().map(Limbs::canonical).collect();
        right
            .iter()
            .enumerate()
            .map(|(i, right)| {
                let mut rest = right.clone();
                x.iter().enumerate().for_each(|(j, x)| rest.subtract_product(self.entry(i, j), x));
                rest
            })
            .collect()
    }
}

/// `square - x'(right + (right - G x))`: the residual sum of squares, in which the error of `x` counts by its square.
pub(super) fn remainder(square: &Limbs, normal: &Normal, right: &[Limbs], x: &[Limbs]) -> Limbs {
    let rest = normal.residual(right, x);
    let mut remainder = square.clone();
    for ((x, right), rest) in x.iter().zip(right).zip(&rest) {
        let x = x.canonical();
        remainder.subtract_product(&x, &right.canonical());
        remainder.subtract_product(&x, &rest.canonical());
    }
    remainder
}

/// How far rounding may have moved what is left of a column: the factor is that of a matrix a few units in the last
/// place away (Higham 2002, theorem 10.3), which the column's shares of the others, squared, carry over.
fn noise(rows: &[Vec<Dd>], row: &[Dd]) -> f64 {
    let mut shares: Vec<f64> = row.iter().map(|x| x.hi()).collect();
    for i in (0..rows.len()).rev() {
        shares[i] /= rows[i][i].hi();
        let share = shares[i];
        for k in 0..i {
            shares[k] -= rows[i][k].hi() * share;
        }
    }
    let sum = shares.iter().fold(1.0, |sum, share| sum + share.abs());
    1e-31 * sum * sum
}

/// Solves `L x = right`.
fn forward(rows: &[Vec<Dd>], right: &[Dd]) -> Vec<Dd> {
    let mut solution: Vec<Dd> = Vec::with_capacity(rows.len() + 1);
    for (row, right) in rows.iter().zip(right) {
        let rest = row.iter().zip(&solution).fold(*right, |rest, (l, x)| rest - *l * *x);
        solution.push(rest / row[solution.len()]);
    }
    solution
}

/// Solves `L' x = right`.
fn backward(rows: &[Vec<Dd>], right: &[Dd]) -> Vec<Dd> {
    let mut solution = right.to_vec();
    for i in (0..rows.len()).rev() {
        solution[i] /= rows[i][i];
        let x = solution[i];
        for k in 0..i {
            solution[k] -= rows[i][k] * x;
        }
    }
    solution
}

impl Solver {
    fn apply(&self, right: &[Dd]) -> Vec<Dd> {
        backward(&self.rows, &forward(&self.rows, right))
    }

    /// The solution with each component right to about `bits` bits, or an `exact_zero` far below the others.
    /// `exact_zero` is asked only of those.
    pub(super) fn solve(
        &self,
        right: &[Limbs],
        bits: i32,
        exact_zero: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Vec<Limbs>, FitError> {
        let size = self.normal.size;
        let mut solution = vec![Limbs::new(); size];
        for _ in 0..MOST_STEPS {
            let rest: Vec<Canonical> =
                self.normal.residual(right, &solution).iter().map(Limbs::canonical).collect();
            // The residual is brought near 1: later ones would leave the range of f64.
            let top = (0..size).filter_map(|i| Some(rest[i].height()? + self.normal.scale[i])).max();
            let Some(top) = top else {
                return Ok(solution);
            };
            let scaled: Vec<Dd> =
                rest.iter().zip(&self.normal.scale).map(|(rest, scale)| rest.to_dd(scale - top)).collect();
            let step = self.apply(&scaled);
            let mut settled = true;
            // Heights in the scaled unknowns, which say how much a column moves the fit.
            let height = |number: &Limbs, i: usize| Some(number.canonical().height()? - self.normal.scale[i]);
            let highest = (0..size).filter_map(|i| height(&solution[i], i)).max();
            for i in 0..size {
                if !step[i].is_finite() {
                    return Err(FitError::NotConverged);
                }
                let mut change = Limbs::new();
                change.add_dd(step[i], top + self.normal.scale[i]);
                let (moved, stands) = (height(&change, i), height(&solution[i], i));
                solution[i].merge(&change);
                let Some(moved) = moved else { continue };
                if stands.is_some_and(|stands| moved < stands - bits) {
                    continue;
                }
                let size = stands.map_or(moved, |stands| stands.max(moved));
                let negligible = highest.is_some_and(|highest| size < highest - bits.max(100));
                if negligible && exact_zero(i) {
                    solution[i] = Limbs::new();
                } else {
                    settled = false;
                }
            }
            if settled {
                return Ok(solution);
            }
        }
        Err(FitError::NotConverged)
    }

    /// The inverse of the scaled matrix, each entry right to about 20 digits of the root of the two diagonal ones.
    pub(super) fn inverse(&self) -> Result<Vec<Vec<Dd>>, FitError> {
        let size = self.normal.size;
        let unit = |j: usize| (0..size).map(|i| if i == j { Dd::ONE } else { Dd::ZERO }).collect::<Vec<_>>();
        let mut columns: Vec<Vec<Dd>> = (0..size).map(|j| self.apply(&unit(j))).collect();
        // The condition is at most trace times trace of the inverse; double-double has 1e-32 to lose.
        let trace: f64 = (0..size).map(|i| self.normal.scaled(i, i).hi()).sum();
        let inverse_trace: f64 = (0..size).map(|i| columns[i][i].hi()).sum();
        if trace * inverse_trace * size as f64 <= 1e10 {
            return Ok(columns);
        }
        let diagonal: Vec<f64> = (0..size).map(|i| columns[i][i].hi().abs().sqrt()).collect();
        for (j, column) in columns.iter_mut().enumerate() {
            self.refine_inverse(j, &diagonal, column)?;
        }
        Ok(columns)
    }

    fn refine_inverse(&self, j: usize, diagonal: &[f64], column: &mut [Dd]) -> Result<(), FitError> {
        let scale = &self.normal.scale;
        let mut right = vec![Limbs::new(); scale.len()];
        right[j].add_integer(1, 0);
        for _ in 0..MOST_STEPS {
            let exact: Vec<Limbs> = column
                .iter()
                .zip(scale)
                .map(|(x, own)| {
                    let mut number = Limbs::new();
                    number.add_dd(*x, own + scale[j]);
                    number
                })
                .collect();
            let rest = self.normal.residual(&right, &exact);
            let scaled: Vec<Dd> =
                rest.iter().zip(scale).map(|(rest, own)| rest.canonical().to_dd(own - scale[j])).collect();
            let step = self.apply(&scaled);
            let mut settled = true;
            for (i, (x, step)) in column.iter_mut().zip(step).enumerate() {
                *x += step;
                settled &= step.hi().abs() <= 1e-20 * diagonal[i] * diagonal[j];
            }
            if settled {
                return Ok(());
            }
        }
        Err(FitError::NotConverged)
    }
}
