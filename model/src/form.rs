//! What a model file holds, checked on write and on read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use common::config::TargetStatistic;
use common::error::{Error, Result};
use common::identity::Identity;
use common::schema::Field;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blame::blame;
use crate::choice::Choice;
use crate::function::Function;
use crate::importance::Importance;
use crate::intervals::Intervals;
use crate::pickle;
use crate::sound;
use crate::terms::Term;

/// Version of the model file's form.
pub const FORMAT: u32 = 3;

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
    /// The value at the horizon, or the mean of the rows up to it.
    #[serde(default)]
    pub target_statistic: TargetStatistic,
    /// Names of the features, in the order in which the function takes them.
    pub features: Vec<String>,
    /// Places after the point of features that were declared decimals.
    pub decimals: BTreeMap<String, u32>,
    /// What makes a prediction of the features.
    pub function: Function,
    /// Prediction intervals.
    pub intervals: Intervals,
    /// Statistics of the fit: errors of coefficients, analysis of variance, cross-validation.
    pub statistics: serde_json::Value,
    /// Settings of the fit, by name.
    pub hyperparameters: BTreeMap<String, serde_json::Value>,
    /// How it was chosen among candidates; absent where the settings named it.
    #[serde(default)]
    pub choice: Option<Choice>,
    /// How much each feature matters.
    #[serde(default)]
    pub importance: Importance,
    /// The training part and the error on it.
    pub training: Training,
    /// Columns of the table it was trained on.
    pub fields: Vec<Field>,
    /// What the stages before learned, by task name: fills, recipe, categories. Empty for a table
    /// made by hand: such a model knows only feature columns.
    pub preparation: serde_json::Map<String, serde_json::Value>,
    /// The training profile that drift is measured against.
    pub reference: Profile,
    /// The rows of the features table it was trained on, all parts, whatever their order.
    pub trained_on: Identity,
}

/// The training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Rows.
    pub rows: u64,
    /// Median of the target: the simplest baseline. Absent where the fit came from summaries, not rows.
    pub target_median: Option<f64>,
    /// Mean absolute error on the training rows; absent as above.
    pub mae: Option<f64>,
    /// Root mean squared error on the training rows; absent for a Tweedie model.
    pub rmse: Option<f64>,
    /// Coefficient of determination on the training rows; absent as above and for a constant target.
    pub r2: Option<f64>,
}

/// The training distribution of every feature, the target and the predictions, and the distribution of the errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// By feature.
    pub features: BTreeMap<String, stats::Reference>,
    /// Of the target.
    pub target: stats::Reference,
    /// Of the predictions.
    pub prediction: stats::Reference,
    /// Of the residuals.
    pub residual: Residual,
}

/// Distribution of the residuals, prediction minus outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// The part whose rows it was learned from.
    pub of: ResidualPart,
    /// Their residuals, in units of the target.
    pub reference: stats::Reference,
}

/// Where residuals are learned: on calibration rows where there are any, since a flexible model misses its own
/// training rows by less than any others, and all later rows would seem to drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResidualPart {
    /// The training rows.
    Train,
    /// The calibration rows.
    Calibration,
}

impl Model {
    /// The model as the bytes of a pickle.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where a number is not finite or a length is wrong.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        sound::check(self).map_err(|m| Error::unexpected(format!("the model is not sound: {m}")))?;
        let value = common::json::value(self)?;
        pickle::write(&value).map_err(|e| Error::unexpected(format!("cannot write the model: {e}")))
    }

    /// Reads a model file and checks all of it. One that is too long is refused by its length alone.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] with `path` and the reason.
    pub fn open(file: &mut File, path: &Path) -> Result<Self> {
        let failed = |e| Error::read(path, &e);
        let length = file.metadata().map_err(failed)?.len();
        if length > pickle::MAX_BYTES as u64 {
            let limit = pickle::MAX_BYTES;
            let message = format!("refused as a model: the file has {length} bytes, the limit is {limit}");
            return Err(Error::checkpoint(message).at(path));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        Self::from_bytes(&bytes, path)
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
        let model = Self::deserialize(&value).map_err(|e| refused(blame(&value, &e)))?;
        sound::check(&model).map_err(refused)?;
        Ok(model)
    }

    /// Names of the columns of the function: features, and terms made of them.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let terms: &[Term] = self.function.linear().map_or(&[], |l| &l.terms);
        self.features.iter().cloned().chain(terms.iter().map(Term::name)).collect()
    }

    /// Predictions for rows given by column, matched by position to `features`.
    ///
    /// `columns` holds one slice a feature, all of one length n, without missing values; the result
    /// has length n, in units of the target.
    #[must_use]
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        self.function.predict(&self.features, &self.decimals, columns)
    }
}
