//! A number of a report, or why there is none.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FitError;
use crate::dd::Dd;

/// A finite number, or the reason why there is none. Never NaN, never infinite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// A finite number.
    Value(f64),
    /// No finite number.
    Missing(Reason),
}

/// Why a statistic has no finite value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The residuals are exactly zero: F and t are infinite, and so is the likelihood.
    PerfectFit,
    /// As many coefficients as rows: nothing is left to estimate an error from.
    NoDegreesOfFreedom,
    /// The target does not vary, so there is nothing to explain.
    ZeroVarianceTarget,
    /// The model has an intercept and nothing else, or the question does not apply to the intercept.
    NoPredictors,
}

impl Statistic {
    /// The number, if there is one.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing(_) => None,
        }
    }

    /// The reason, if there is no number.
    #[must_use]
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Value(_) => None,
            Self::Missing(reason) => Some(reason),
        }
    }

    /// `compute()` unless there is a reason against it.
    pub(super) fn unless(reason: Option<Reason>, compute: impl FnOnce() -> Dd) -> Result<Self, FitError> {
        match reason {
            Some(reason) => Ok(Self::Missing(reason)),
            None => Ok(Self::Value(finite(compute())?)),
        }
    }
}

/// A result in f64, or the error that it has none.
pub(super) fn finite(value: Dd) -> Result<f64, FitError> {
    if value.is_finite() { Ok(value.to_f64()) } else { Err(FitError::OutOfRange) }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => fmt::Display::fmt(value, f),
            Self::Missing(reason) => fmt::Display::fmt(reason, f),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PerfectFit => "missing (perfect fit)",
            Self::NoDegreesOfFreedom => "missing (no degrees of freedom)",
            Self::ZeroVarianceTarget => "missing (the target does not vary)",
            Self::NoPredictors => "missing (no predictors)",
        })
    }
}
