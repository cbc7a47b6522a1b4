//! Why there is no fit.

use std::fmt;

use crate::gram::GramError;

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FitError {
    /// No rows, or none whose weight is not zero.
    NoRows,
    /// Fewer rows than columns: the coefficients are not determined.
    TooFewRows {
        /// Those whose weight is not zero.
        rows: u64,
        /// Those asked for, the intercept among them.
        columns: usize,
    },
    /// No column to fit: neither an intercept nor a predictor other than zero.
    NoColumns,
    /// A predictor was asked for, by its number, that the Gram matrix does not have, or twice.
    UnknownPredictor(usize),
    /// An option is outside its range.
    Option(&'static str),
    /// Refinement did not settle; the columns are too near to an exact relation for double-double.
    NotConverged,
    /// A result is too large for f64.
    OutOfRange,
    /// The folds do not belong together.
    Folds(GramError),
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRows => f.write_str("no rows to fit"),
            Self::TooFewRows { rows, columns } => {
                write!(f, "{rows} rows do not determine {columns} coefficients")
            }
            Self::NoColumns => {
                f.write_str("no column to fit: neither an intercept nor a predictor other than zero")
            }
            Self::UnknownPredictor(index) => write!(f, "predictor {index} does not exist or was named twice"),
            Self::Option(what) => write!(f, "option out of range: {what}"),
            Self::NotConverged => {
                f.write_str("the columns are too near to an exact relation to be solved for")
            }
            Self::OutOfRange => f.write_str("a result is too large for a 64-bit number; rescale the columns"),
            Self::Folds(error) => write!(f, "the folds do not belong together: {error}"),
        }
    }
}

impl std::error::Error for FitError {}

impl From<GramError> for FitError {
    fn from(error: GramError) -> Self {
        Self::Folds(error)
    }
}
