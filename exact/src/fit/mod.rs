//! Linear models from an exact Gram matrix: nothing here sees a row.

mod centred;
mod descent;
mod error;
mod folds;
mod linear;
mod modular;
mod normal;
mod ols;
mod penalty;
mod result;
mod statistic;
mod tails;

pub use error::FitError;
pub use folds::{Scores, Validation, cross_validate};
pub use linear::Linear;
pub use ols::{Options, fit};
pub use penalty::{Penalised, Penalty, lambdas, largest_lambda, penalised};
pub use result::{Aliased, Anova, AnovaRow, Coefficient, Fit, NearAliased};
pub use statistic::{Reason, Statistic};
pub use tails::t_quantile;
