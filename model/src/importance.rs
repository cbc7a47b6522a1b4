//! How much each feature matters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::Reason;

/// How much each feature matters to the model: what is lost without it, and the slope in standard units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Importance {
    /// Coefficients times the standard deviation of their column over that of the target, on the training
    /// rows; no unit. In the order of the columns; empty for a model that is not linear in them.
    pub standardized: Vec<Standardized>,
    /// What permuting a feature costs.
    pub permutation: Permutation,
}

/// A coefficient in standard units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standardized {
    /// The column of the function.
    pub column: String,
    /// `coefficient * sd(column) / sd(target)`.
    pub coefficient: f64,
}

/// The rise of the mean absolute error on calibration rows where one feature's values are shuffled among them
/// (Breiman 2001; Fisher, Rudin, Dominici 2019).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permutation {
    /// Rows it was measured on.
    pub rows: u64,
    /// Shuffles of each feature.
    pub repeats: u32,
    /// Mean absolute error on these rows as they are, in units of the target.
    pub mae: Option<f64>,
    /// The features in the model's order; empty where `absent` says why.
    pub features: Vec<Permuted>,
    /// Features with one value in all of these rows, of which nothing can be told.
    #[serde(default)]
    pub constant: Vec<String>,
    /// Why there is nothing.
    pub absent: Option<Reason>,
}

/// One feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permuted {
    /// The feature.
    pub feature: String,
    /// Rise of the mean absolute error, in units of the target; about 0 for a feature that does not matter.
    pub increase: f64,
    /// Its standard error, rows taken as independent.
    pub standard_error: f64,
}

impl Importance {
    pub(crate) fn check(&self, features: &[String], columns: &[String]) -> Result<(), String> {
        let permuted = &self.permutation;
        let (mut of_columns, mut of_features) = (columns.iter(), features.iter());
        // Both stand in the order of the model, so that one pass finds them.
        let sound = self
            .standardized
            .iter()
            .all(|s| s.coefficient.is_finite() && of_columns.any(|name| *name == s.column))
            && permuted.mae.is_none_or(f64::is_finite)
            && permuted.constant.len() + permuted.features.len() <= features.len()
            && permuted.features.iter().all(|p| {
                let finite = p.increase.is_finite() && p.standard_error.is_finite();
                finite && of_features.any(|name| *name == p.feature)
            });
        if sound { Ok(()) } else { Err("the importance of features is not sound".to_owned()) }
    }
}
