//! Why rows or another Gram matrix were refused.

#![expect(missing_docs, reason = "the fields are what their names say, and each variant explains itself")]

use std::fmt;

/// Why rows, or another Gram matrix, were refused. Whatever was refused has left no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GramError {
    /// The block has another number of predictors than the matrix.
    PredictorCount { expected: usize, found: usize },
    /// A column, a part of one or the weights have another length than the target, or a column has no parts.
    Length { column: String, expected: usize, found: usize },
    /// A number is NaN or infinite.
    NotFinite { column: String, row: usize },
    /// A weight is negative, NaN or infinite.
    Weight { row: usize },
    /// The two matrices have columns of other names, or in another order.
    Variables { expected: Vec<String>, found: Vec<String> },
    /// More rows were to be taken out than there are.
    NotAPart { rows: u64, removed: u64 },
    /// The bytes are not those of a Gram matrix.
    Damaged(&'static str),
}

impl fmt::Display for GramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PredictorCount { expected, found } => {
                write!(f, "expected {expected} predictors, found {found}")
            }
            Self::Length { column, expected, found } => {
                write!(f, "column `{column}` has {found} rows where the target has {expected}")
            }
            Self::NotFinite { column, row } => {
                write!(f, "column `{column}`, row {row} (from 0): NaN or infinity")
            }
            Self::Weight { row } => write!(f, "row {row} (from 0): a weight must be finite and not negative"),
            Self::Variables { expected, found } => {
                write!(f, "columns {found:?} do not belong to a matrix of {expected:?}")
            }
            Self::NotAPart { rows, removed } => write!(f, "cannot take {removed} rows out of {rows}"),
            Self::Damaged(what) => write!(f, "not a Gram matrix: {what}"),
        }
    }
}

impl std::error::Error for GramError {}
