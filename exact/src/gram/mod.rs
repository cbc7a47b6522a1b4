//! The exact Gram matrix: everything a linear model needs to know of its rows.
//!
//! Sources: Ozaki, Ogita, Oishi, Rump (2012) for the slices (`slices.rs`), Neal (2015) for the sums ([`crate::Sum`]).

mod bytes;
mod column;
mod error;
mod kernel;
mod slices;
mod variable;

use serde::{Deserialize, Serialize};

pub use column::{Block, Column};
pub use error::GramError;
pub use variable::{MOST_PLACES, Variable};

use crate::dd::Dd;
use crate::decimal;
use crate::ln::ln;
use crate::sum::Sum;
use kernel::Kernel;

/// The sums of products of all pairs of the columns `1, x1..xp, y` over some rows, exactly.
///
/// One pass over the rows, then p x p numbers. The value is exact, so it is the same, to the byte, for any order of the
/// rows, any split into pieces, any number of threads and any processor. Pieces are put together by [`Gram::merge`]
/// and taken out again by [`Gram::subtract`]: late rows, deleted rows, cross-validation and moving windows cost no
/// second pass.
///
/// Exactness is about the numbers handed over; what was rounded before is the data.
///
/// ```
/// use exact::gram::{Block, Gram, Variable};
/// # fn main() -> Result<(), exact::gram::GramError> {
/// let (x, y) = (vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 6.5]);
/// let mut gram = Gram::new(vec![Variable::float("x")], Variable::float("y"));
/// gram.add(&Block::new(vec![(&x).into()], (&y).into()))?;
/// assert_eq!(gram.rows(), 3);
/// assert_eq!(gram.product(0, 1).to_f64(), 29.5);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "bytes::Stored", into = "bytes::Stored")]
pub struct Gram {
    /// Predictors, then the target.
    variables: Vec<Variable>,
    /// Rows whose weight is not zero.
    rows: u64,
    /// The upper triangle over `1, x1..xp, y`, row by row.
    entries: Vec<Sum>,
    /// The sum of the logarithms of the weights, which the likelihood asks for.
    log_weights: Sum,
}

/// The place of entry `(i, j)`, `i <= j`, in the upper triangle of a matrix of `size`.
fn triangle(size: usize, i: usize, j: usize) -> usize {
    i * (2 * size - i - 1) / 2 + j
}

impl Gram {
    /// A matrix of no rows yet.
    #[must_use]
    pub fn new(predictors: Vec<Variable>, target: Variable) -> Self {
        let mut variables = predictors;
        variables.push(target);
        let size = variables.len() + 1;
        Self { variables, rows: 0, entries: vec![Sum::new(); size * (size + 1) / 2], log_weights: Sum::new() }
    }

    /// The same columns, no rows.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let mut variables = self.variables.clone();
        let target = variables.pop().unwrap_or_else(|| Variable::float("y"));
        Self::new(variables, target)
    }

    /// Adds rows. About 0.3 microseconds a row for 20 columns of full doubles, a third of that for integers; blocks
    /// of some thousand rows or more are best.
    ///
    /// # Errors
    /// A block whose columns do not fit, or that holds a number that is not finite or a bad weight, is refused
    /// as a whole.
    pub fn add(&mut self, block: &Block<'_>) -> Result<(), GramError> {
        let (rows, log_weights) = self.check(block)?;
        self.rows += rows;
        self.log_weights.merge(&log_weights);
        Kernel::new(self.size(), false).add(block, &mut self.entries);
        Ok(())
    }

    /// Takes rows out again: the inverse of [`Gram::add`].
    ///
    /// # Errors
    /// As [`Gram::add`], and where there are not so many rows.
    pub fn remove(&mut self, block: &Block<'_>) -> Result<(), GramError> {
        let (rows, log_weights) = self.check(block)?;
        self.rows =
            self.rows.checked_sub(rows).ok_or(GramError::NotAPart { rows: self.rows, removed: rows })?;
        self.log_weights.subtract(&log_weights);
        Kernel::new(self.size(), true).add(block, &mut self.entries);
        Ok(())
    }

    /// Adds the rows of another matrix. Where the two count a column in different powers of ten, the result counts it
    /// in the finer one.
    ///
    /// # Errors
    /// [`GramError::Variables`] where names or order differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), GramError> {
        let other = self.align(other)?;
        self.rows += other.rows;
        self.log_weights.merge(&other.log_weights);
        self.entries.iter_mut().zip(&other.entries).for_each(|(mine, theirs)| mine.merge(theirs));
        Ok(())
    }

    /// Takes the rows of another matrix out: the inverse of [`Gram::merge`]. That they had been in is up to the caller;
    /// only the number of rows is checked.
    ///
    /// # Errors
    /// [`GramError::Variables`] where names or order differ, [`GramError::NotAPart`] where there are not so many rows.
    pub fn subtract(&mut self, other: &Self) -> Result<(), GramError> {
        if other.rows > self.rows {
            return Err(GramError::NotAPart { rows: self.rows, removed: other.rows });
        }
        let other = self.align(other)?;
        self.rows -= other.rows;
        self.log_weights.subtract(&other.log_weights);
        self.entries.iter_mut().zip(&other.entries).for_each(|(mine, theirs)| mine.subtract(theirs));
        Ok(())
    }

    /// The number of rows whose weight is not zero.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The predictors, in their order.
    #[must_use]
    pub fn predictors(&self) -> &[Variable] {
        &self.variables[..self.variables.len() - 1]
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &Variable {
        &self.variables[self.variables.len() - 1]
    }

    /// The sum of the weights; without weights the number of rows.
    #[must_use]
    pub fn weight(&self) -> &Sum {
        &self.entries[0]
    }

    /// The (weighted) sum of a column as the rows gave it, that is in units of `10^-places`. Columns are numbered from
    /// 0, the target last.
    #[must_use]
    pub fn sum(&self, column: usize) -> &Sum {
        self.entry(0, column + 1)
    }

    /// The (weighted) sum of products of two columns, in their units.
    #[must_use]
    pub fn product(&self, a: usize, b: usize) -> &Sum {
        self.entry(a + 1, b + 1)
    }

    /// The mean of a column, in real units; `None` without rows.
    #[must_use]
    pub fn mean(&self, column: usize) -> Option<Dd> {
        let unit = Dd::power_of_ten(-self.places(column));
        (!self.weight().is_zero()).then(|| self.sum(column).ratio(self.weight()) * unit)
    }

    /// The covariance of two columns about their means, divided by `weight - 1` (by the number of rows less one, without
    /// weights), in real units; `None` below two rows. Of a column with itself: its variance.
    #[must_use]
    pub fn covariance(&self, a: usize, b: usize) -> Option<Dd> {
        let mut degrees = self.weight().clone();
        degrees.remove(1.0);
        if degrees <= Sum::new() {
            return None;
        }
        let unit = Dd::power_of_ten(-self.places(a) - self.places(b));
        Some(self.centred(a + 1, b + 1).ratio(&degrees.product(self.weight())) * unit)
    }

    /// Pearson's correlation of two columns; `None` where one of them does not vary.
    #[must_use]
    pub fn correlation(&self, a: usize, b: usize) -> Option<Dd> {
        let (over, x, y) =
            (self.centred(a + 1, b + 1), self.centred(a + 1, a + 1), self.centred(b + 1, b + 1));
        (!x.is_zero() && !y.is_zero()).then(|| {
            // Square roots of the two apart: their product may leave the range of f64.
            let square = over.product(&over).ratio(&x.product(&y)).sqrt();
            if over < Sum::new() { -square } else { square }
        })
    }

    /// The number of columns with the ones and the target.
    pub(crate) fn size(&self) -> usize {
        self.variables.len() + 1
    }

    /// Entry `(i, j)` over the columns `1, x1..xp, y`, in any order of `i` and `j`.
    pub(crate) fn entry(&self, i: usize, j: usize) -> &Sum {
        &self.entries[triangle(self.size(), i.min(j), i.max(j))]
    }

    /// `weight * sum of products about the means`, exactly.
    pub(crate) fn centred(&self, i: usize, j: usize) -> Sum {
        let mut result = self.weight().product(self.entry(i, j));
        result.subtract(&self.entry(0, i).product(self.entry(0, j)));
        result
    }

    pub(crate) fn log_weights(&self) -> &Sum {
        &self.log_weights
    }

    fn places(&self, column: usize) -> i32 {
        self.variables[column].exponent()
    }

    /// Refuses a block that does not fit; else its rows of some weight, and the sum of their weights' logarithms.
    fn check(&self, block: &Block<'_>) -> Result<(u64, Sum), GramError> {
        let expected = self.variables.len() - 1;
        if block.predictors.len() != expected {
            return Err(GramError::PredictorCount { expected, found: block.predictors.len() });
        }
        let rows = block.rows();
        for (column, variable) in block.columns().zip(&self.variables) {
            if column.parts.is_empty() {
                return Err(GramError::Length { column: variable.name.clone(), expected: rows, found: 0 });
            }
            for part in &column.parts {
                check_length(&variable.name, rows, part)?;
                if let Some(row) = first_not_finite(part) {
                    return Err(GramError::NotFinite { column: variable.name.clone(), row });
                }
            }
        }
        let Some(weights) = block.weights else {
            return Ok((rows as u64, Sum::new()));
        };
        check_length("weights", rows, weights)?;
        let mut count = 0;
        let mut logarithms = Sum::new();
        // Weights come in runs: the logarithm of the last one is kept.
        let (mut last, mut logarithm) = (1.0_f64, 0.0);
        for (row, weight) in weights.iter().enumerate() {
            if !weight.is_finite() || *weight < 0.0 {
                return Err(GramError::Weight { row });
            }
            if *weight > 0.0 {
                count += 1;
                if weight.to_bits() != last.to_bits() {
                    (last, logarithm) = (*weight, ln(*weight));
                }
                logarithms.add(logarithm);
            }
        }
        Ok((count, logarithms))
    }

    /// Brings this and a copy of the other matrix to the same units.
    fn align(&mut self, other: &Self) -> Result<Self, GramError> {
        let names =
            |gram: &Self| gram.variables.iter().map(|variable| variable.name.clone()).collect::<Vec<_>>();
        if names(self) != names(other) {
            return Err(GramError::Variables { expected: names(self), found: names(other) });
        }
        let mut other = other.clone();
        let finer: Vec<u32> =
            self.variables.iter().zip(&other.variables).map(|(a, b)| a.places.max(b.places)).collect();
        self.rescale(&finer);
        other.rescale(&finer);
        Ok(other)
    }

    /// Counts the columns in finer powers of ten. Exact: the sums are multiplied by whole powers.
    fn rescale(&mut self, places: &[u32]) {
        if self.variables.iter().zip(places).all(|(variable, places)| variable.places == *places) {
            return;
        }
        let mut more = vec![0];
        more.extend(self.variables.iter().zip(places).map(|(variable, places)| places - variable.places));
        for (variable, places) in self.variables.iter_mut().zip(places) {
            variable.places = *places;
        }
        let size = self.size();
        for i in 0..size {
            for j in i..size {
                let entry = &mut self.entries[triangle(size, i, j)];
                *entry = times_power_of_ten(entry, more[i] + more[j]);
            }
        }
    }
}

/// Exact, a step of `10^22` (the largest power that is an f64) at a time.
pub(crate) fn times_power_of_ten(sum: &Sum, places: u32) -> Sum {
    let mut result = sum.clone();
    let mut left = places;
    while left > 0 {
        let step = left.min(22);
        result = result.times(decimal::power_of_ten(step));
        left -= step;
    }
    result
}

fn check_length(column: &str, expected: usize, part: &[f64]) -> Result<(), GramError> {
    if part.len() == expected {
        return Ok(());
    }
    Err(GramError::Length { column: column.to_owned(), expected, found: part.len() })
}

fn first_not_finite(part: &[f64]) -> Option<usize> {
    // A first look without a branch in it: zero times a finite number is zero.
    let clean = part.iter().fold(0, |all, value| all | (value * 0.0).to_bits() << 1) == 0;
    if clean { None } else { part.iter().position(|value| !value.is_finite()) }
}
