//! What makes a prediction of the features.

mod linear;
mod trees;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use linear::{Linear, Link};
pub use trees::{Tree, Trees};

/// What makes a prediction of the features: plain data, whatever fitted it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Function {
    /// A linear function of features and terms.
    Linear(Linear),
    /// A sum of trees.
    Trees(Trees),
}

impl Function {
    /// The linear function, where it is one.
    #[must_use]
    pub fn linear(&self) -> Option<&Linear> {
        match self {
            Self::Linear(linear) => Some(linear),
            Self::Trees(_) => None,
        }
    }

    /// Columns that were left out, since the ones before them determine them.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        self.linear().map_or(&[], |l| &l.aliased)
    }

    /// Refuses one that is not sound over `features`.
    pub(crate) fn check(&self, features: &[String]) -> Result<(), String> {
        match self {
            Self::Linear(linear) => linear.check(features),
            Self::Trees(trees) => trees.check(features.len()),
        }
    }

    /// As [`crate::Model::predict`], over features of these names and declared decimals.
    #[must_use]
    pub fn predict(
        &self,
        features: &[String],
        decimals: &BTreeMap<String, u32>,
        columns: &[&[f64]],
    ) -> Vec<f64> {
        match self {
            Self::Linear(linear) => linear.predict(features, decimals, columns),
            Self::Trees(trees) => trees.predict(columns),
        }
    }
}
