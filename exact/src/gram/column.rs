//! The rows handed to a Gram matrix, as columns.

use crate::terms::Parts;

/// One column of a block: the sum, row by row, of one or more f64 parts of the same length.
///
/// One part is the usual case. More of them carry numbers that no f64 holds: 64-bit integers, powers and products in
/// double-double (see [`Parts`]).
#[derive(Clone, Debug)]
pub struct Column<'a> {
    pub(crate) parts: Vec<&'a [f64]>,
}

impl<'a> Column<'a> {
    /// The sum of several parts. All are to have the same length, the number of rows.
    #[must_use]
    pub fn of_parts(parts: Vec<&'a [f64]>) -> Self {
        Self { parts }
    }
}

impl<'a> From<&'a [f64]> for Column<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self { parts: vec![values] }
    }
}

impl<'a> From<&'a Vec<f64>> for Column<'a> {
    fn from(values: &'a Vec<f64>) -> Self {
        Self { parts: vec![values] }
    }
}

impl<'a> From<&'a Parts> for Column<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { parts: parts.parts.iter().map(Vec::as_slice).collect() }
    }
}

/// Some rows: the predictors in the order of the Gram matrix, the target, and a weight for each row or none.
///
/// All columns have one length. A decimal column holds its integers, see [`crate::gram::Variable`].
/// Weights are not negative; rows of weight zero count for nothing, not even as rows.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// One column for each predictor.
    pub predictors: Vec<Column<'a>>,
    /// The target.
    pub target: Column<'a>,
    /// One weight for each row; without, each row counts once.
    pub weights: Option<&'a [f64]>,
}

impl<'a> Block<'a> {
    /// Rows without weights: every row counts once.
    #[must_use]
    pub fn new(predictors: Vec<Column<'a>>, target: Column<'a>) -> Self {
        Self { predictors, target, weights: None }
    }

    /// Rows with a weight each.
    #[must_use]
    pub fn weighted(predictors: Vec<Column<'a>>, target: Column<'a>, weights: &'a [f64]) -> Self {
        Self { predictors, target, weights: Some(weights) }
    }

    /// Predictors, then the target.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column<'a>> {
        self.predictors.iter().chain([&self.target])
    }

    /// The number of rows, that of the target's first part.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.target.parts.first().map_or(0, |part| part.len())
    }
}
