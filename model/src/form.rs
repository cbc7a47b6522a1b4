//! What a model file holds, checked on write and on read.

use std::collections::BTreeMap;
use std::path::Path;

use common::error::{Error, Result};
use common::schema::Field;
use common::text;
use serde::{Deserialize, Serialize};

use crate::pickle;

/// Version of the model file's form.
pub const FORMAT: u32 = 1;

/// Marks the file as ours.
pub const KIND: &str = "millrace regression model";

/// A fitted model with everything that scoring new rows needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// [`KIND`].
    pub kind: String,
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program that fitted it.
    pub version: String,
    /// The column whose value is predicted, as the raw data name it.
    pub target: String,
    /// The column of the features table that holds it, at its horizon.
    pub target_column: String,
    /// Rows ahead, within the entity.
    pub horizon: u32,
    /// Names of the features, in the order of the coefficients.
    pub features: Vec<String>,
    /// The fit.
    pub linear: Linear,
    /// Settings of the fit, by name.
    pub hyperparameters: BTreeMap<String, serde_json::Value>,
    /// The training part and the error on it.
    pub training: Training,
    /// Columns of the table it was trained on.
    pub fields: Vec<Field>,
    /// What the stages before learned, by task name: fills, recipe, categories. Empty for a table
    /// made by hand: such a model knows only feature columns.
    pub preparation: serde_json::Map<String, serde_json::Value>,
    /// The training profile that drift is measured against.
    pub reference: Profile,
    /// The data it was trained on.
    pub trained_on: Identity,
}

/// A linear model: `prediction = intercept + sum of coefficient times feature`, summed in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// In units of the target.
    pub intercept: f64,
    /// In units of the target per unit of the feature, one for each of `features`.
    pub coefficients: Vec<f64>,
    /// Features that the ones before them determine: left out, coefficient 0.
    pub aliased: Vec<String>,
}

/// The training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Rows.
    pub rows: u64,
    /// Median of the target: the simplest baseline.
    pub target_median: f64,
    /// Mean absolute error on the training rows.
    pub mae: f64,
    /// Root mean squared error on the training rows.
    pub rmse: f64,
    /// Coefficient of determination on the training rows; absent for a constant target.
    pub r2: Option<f64>,
}

/// The training distribution of every feature, the target and the predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// By feature.
    pub features: BTreeMap<String, stats::Reference>,
    /// Of the target.
    pub target: stats::Reference,
    /// Of the predictions.
    pub prediction: stats::Reference,
}

/// Which data a model was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// SHA-256 of the features table.
    pub features_sha256: String,
    /// Rows of the features table, all parts.
    pub rows: u64,
}

impl Model {
    /// The model as the bytes of a pickle.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where a number is not finite or a length is wrong.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.check().map_err(|m| Error::unexpected(format!("the model is not sound: {m}")))?;
        let value = common::json::value(self)?;
        pickle::write(&value).map_err(|e| Error::unexpected(format!("cannot write the model: {e}")))
    }

    /// Reads a model and checks all of it.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] with `path` and the reason.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self> {
        let refused = |reason: String| Error::checkpoint(format!("refused as a model: {reason}")).at(path);
        let value = pickle::read(bytes).map_err(|e| refused(e.to_string()))?;
        let word = |key: &str| value.get(key);
        if word("kind").and_then(|k| k.as_str()) != Some(KIND) {
            return Err(refused(format!("its `kind` is not `{KIND}`")));
        }
        let format = word("format").and_then(serde_json::Value::as_u64);
        if format != Some(u64::from(FORMAT)) {
            let found = format.map_or_else(|| "none".to_owned(), |f| f.to_string());
            return Err(refused(format!("format {found}, this version reads {FORMAT}")));
        }
        let model: Self = serde_json::from_value(value).map_err(|e| refused(e.to_string()))?;
        model.check().map_err(refused)?;
        Ok(model)
    }

    fn check(&self) -> std::result::Result<(), String> {
        let (features, coefficients) = (self.features.len(), self.linear.coefficients.len());
        if features == 0 || features != coefficients {
            return Err(format!("{features} features, {coefficients} coefficients"));
        }
        if let Some((i, name)) = self.features.iter().enumerate().find(|(i, f)| self.features[..*i].contains(f)) {
            return Err(format!("feature {} stands twice (position {})", text::name(name), i + 1));
        }
        let numbers = self.linear.coefficients.iter().chain([&self.linear.intercept, &self.training.target_median]);
        if numbers.into_iter().any(|v| !v.is_finite()) {
            return Err("a coefficient is not finite".to_owned());
        }
        if let Some(name) = self.linear.aliased.iter().find(|a| !self.features.contains(a)) {
            return Err(format!("left out {}, which is no feature", text::name(name)));
        }
        let unknown = self.features.iter().find(|f| !self.reference.features.contains_key(*f));
        unknown.map_or(Ok(()), |f| Err(format!("no reference profile of feature {}", text::name(f))))
    }

    /// Predictions for rows given by column, matched by position to `features`.
    ///
    /// `columns` holds one slice a feature, all of one length n, without missing values; the result
    /// has length n, in units of the target. The sum runs in the order of `features`, so that plain
    /// code in any language gives the same bits.
    #[must_use]
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(0, |c| c.len());
        let mut out = vec![self.linear.intercept; rows];
        for (column, coefficient) in columns.iter().zip(&self.linear.coefficients) {
            for (sum, x) in out.iter_mut().zip(*column) {
                *sum += coefficient * x;
            }
        }
        out
    }
}
