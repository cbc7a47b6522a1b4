//! Mergeable summaries and measures of numeric columns, categories and predictions.
//!
//! A numeric column is `&[f64]` in which NaN marks a missing value; infinities never are values and
//! count as missing too. Negative zero is read as zero. There is no I/O here, and nothing panics.
//!
//! Everything that is learned is a value with `add` and `merge`; the result is the same, to the bit,
//! for any order of the rows and any number of pieces, because sums are exact ([`exact::Sum`]) and
//! quantiles are order statistics. A learned value that is serialised has one form only, too.
//!
//! A measure is a [`Value`]: a finite number, or the [`Reason`] why there is none. In the structs that
//! are written to files an absent measure is `null`, and its reason stands under the same key in
//! `absent`. Formulas, units, sources and limits: `docs/metrics.md`.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::pedantic)]
// Counts become f64 at the end of every formula: exact below 2^53 rows.
#![allow(clippy::cast_precision_loss)]

mod absent;
mod beta_binomial;
mod block_length;
mod bootstrap;
mod calibration;
mod categories;
mod centre;
mod conformal;
mod counts;
mod coverage;
mod deciles;
mod distances;
mod drift;
mod error_intervals;
mod error_sums;
mod errors;
mod extreme;
mod grid;
mod grouped;
mod halves;
mod histogram;
mod isotonic;
mod line;
mod measure;
mod moments;
mod monotone;
mod nulls;
mod order;
mod pairs;
mod psi;
mod psi_categories;
mod quantiles;
mod random;
mod resample;
mod robust_line;
mod rows;
mod sample;
mod score;
mod summary;
mod tally;
mod units;
mod window;

pub use absent::{Absent, Reason, Value};
pub use calibration::{Calibration, CalibrationMeasures};
pub use categories::Categories;
pub use centre::Centre;
pub use conformal::{conformal_quantile, conformal_rank, conformal_rows};
pub use counts::Counts;
pub use coverage::{Coverage, CoverageMeasures, CoverageVerdict, coverage_band};
pub use deciles::Decile;
pub use distances::Distances;
pub use drift::{Psi, Verdict};
pub use error_intervals::{ErrorIntervals, Interval, Paired, RivalIntervals};
pub use error_sums::ErrorSums;
pub use errors::{ErrorMeasures, Errors, mase};
pub use grouped::Grouped;
pub use histogram::{Bin, histogram};
pub use isotonic::{Decomposition, Isotonic, Step};
pub use line::{Line, LineFit};
pub use moments::Moments;
pub use monotone::Monotone;
pub use nulls::Nulls;
pub use pairs::Pairs;
pub use psi::Reference;
pub use psi_categories::{CategoryCounts, CategoryReference};
pub use quantiles::{OrderStatistics, Quantiles};
pub use random::Random;
pub use robust_line::RobustLine;
pub use sample::{Dependence, Sample};
pub use summary::{Column, Summary};
pub use window::{Window, WindowStatistic};

/// The value as it is learned: `None` for NaN and infinities, and zero without its sign, so that the
/// least and the largest value do not depend on which of two zeros came first.
fn present(value: f64) -> Option<f64> {
    value.is_finite().then_some(value + 0.0)
}
