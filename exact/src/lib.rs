//! Numbers that do not depend on the order they came in, and the linear models made of them.
//!
//! - [`Sum`]: an exact sum of f64 numbers and products; merging and removing are exact too.
//! - [`Sums`]: number, sum and squares of values that come and go; [`moments`]: mean and deviation, rounded once.
//! - [`Dd`]: double-double arithmetic, 32 decimal digits.
//! - [`gram`]: the exact Gram matrix of some columns, from one pass over the rows, in any order and any pieces.
//! - [`fit`]: least squares with its tests, ridge, lasso, elastic net and cross-validation, all from Gram matrices.
//! - [`decimal`]: decimals got back from f64 as integers; [`Parts`]: columns that no f64 holds.
//!
//! Nothing here calls the system's mathematical functions, so that results have the same bits on every machine.
//!
//! ```
//! use exact::fit::{Options, fit};
//! use exact::gram::{Block, Gram, Variable};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Tenths, counted as integers: 0.1, 0.2, 0.4, 0.7 and 1.2, 1.4, 1.8, 2.4.
//! let (x, y) = ([1.0, 2.0, 4.0, 7.0], [12.0, 14.0, 18.0, 24.0]);
//! let mut gram = Gram::new(vec![Variable::decimal("x", 1)], Variable::decimal("y", 1));
//! gram.add(&Block::new(vec![x[..2].into()], y[..2].into()))?;
//! gram.add(&Block::new(vec![x[2..].into()], y[2..].into()))?;
//!
//! let fit = fit(&gram, &Options::default())?;
//! assert_eq!(fit.coefficients[0].estimate, 1.0);
//! assert_eq!(fit.coefficients[1].estimate, 2.0);
//! assert_eq!(fit.anova.residual.sum_of_squares, 0.0);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod bulk;
mod dd;
pub mod decimal;
pub mod fit;
pub mod gram;
mod limbs;
mod ln;
pub mod moments;
mod round;
mod sum;
mod sums;
mod terms;
mod wide;

pub use dd::{Dd, fast_two_sum, two_product, two_sum};
pub use sum::{NotFinite, Sum};
pub use sums::Sums;
pub use terms::Parts;
