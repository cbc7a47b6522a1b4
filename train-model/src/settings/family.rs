//! The words that `[train]` chooses from.

use serde::{Deserialize, Serialize};

/// A family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Family {
    /// Ordinary least squares.
    Ols,
    /// Least squares with squared coefficients penalised.
    Ridge,
    /// Least squares with absolute coefficients penalised.
    Lasso,
    /// Both.
    ElasticNet,
    /// A generalised linear model with a log link.
    Tweedie,
    /// A sum of regression trees, fitted by gradient boosting.
    Boosted,
    /// The one of several that cross-validation on the training rows speaks for.
    Auto,
}

impl Family {
    /// As `[train] model` names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ols => "ols",
            Self::Ridge => "ridge",
            Self::Lasso => "lasso",
            Self::ElasticNet => "elastic_net",
            Self::Tweedie => "tweedie",
            Self::Boosted => "boosted",
            Self::Auto => "auto",
        }
    }

    /// Whether it has a penalty, which cross-validation chooses.
    pub(crate) fn penalised(self) -> bool {
        matches!(self, Self::Ridge | Self::Lasso | Self::ElasticNet)
    }
}

/// Which way predictions may go with a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// Never down as the feature rises.
    Increasing,
    /// Never up as the feature rises.
    Decreasing,
}

/// What computes least squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Solver {
    /// The exact Gram matrix: every coefficient right to the last bit.
    Exact,
    /// linfa-linear, Householder QR in f64: a second opinion.
    Linfa,
}

/// What keeps rows in one fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FoldBy {
    /// Spans of time of equal length.
    Time,
    /// The entity.
    Entity,
    /// Nothing: each row by a hash of itself.
    Key,
}
