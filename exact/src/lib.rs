//! Numbers that do not depend on the order they came in.
//!
//! - [`Sum`]: an exact sum of f64 numbers and products; merging and removing are exact too.
//! - [`Dd`]: double-double arithmetic, 32 decimal digits.

#![forbid(unsafe_code)]

mod dd;
pub mod decimal;
pub mod fit;
pub mod gram;
mod limbs;
mod ln;
mod sum;
mod terms;

pub use dd::{Dd, fast_two_sum, two_product, two_sum};
pub use sum::{NotFinite, Sum};
pub use terms::Parts;
