//! What a model file holds, checked on write and on read.

use std::collections::BTreeMap;
use std::path::Path;

use common::config::TargetStatistic;
use common::error::{Error, Result};
use common::identity::Identity;
use common::schema::Field;
use common::text;
use serde::{Deserialize, Serialize};

use crate::pickle;
use crate::terms::Term;

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
    /// The value at the horizon, or the mean of the rows up to it.
    #[serde(default)]
    pub target_statistic: TargetStatistic,
    /// Names of the features, in the order of the coefficients.
    pub features: Vec<String>,
    /// Places after the point of features that were declared decimals.
    pub decimals: BTreeMap<String, u32>,
    /// Terms made of features, whose coefficients follow those of the features.
    pub terms: Vec<Term>,
    /// The function.
    pub linear: Linear,
    /// What turns the function's value into the prediction.
    pub link: Link,
    /// Statistics of the fit: errors of coefficients, analysis of variance, cross-validation.
    pub statistics: serde_json::Value,
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
    /// The rows of the features table it was trained on, all parts, whatever their order.
    pub trained_on: Identity,
}

/// A linear function: `intercept + sum of coefficient times column`, over features and then terms, summed
/// in this order.
///
/// Without terms it is evaluated in f64. With terms, which may cancel, it is evaluated in double-double,
/// and the `_low` parts are what the f64 coefficients leave of the exact ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// In units of the target; 0 for a fit without intercept.
    pub intercept: f64,
    /// In units of the target per unit of the column, one for each feature and term.
    pub coefficients: Vec<f64>,
    /// What f64 leaves of the intercept.
    pub intercept_low: f64,
    /// What f64 leaves of the coefficients; empty where it is not known.
    pub coefficients_low: Vec<f64>,
    /// Columns that the ones before them determine: left out, coefficient 0.
    pub aliased: Vec<String>,
}

/// What turns the value of the linear function into the prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Nothing.
    #[default]
    Identity,
    /// The prediction is `exp(value)`.
    Log,
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
        let (columns, coefficients) =
            (self.features.len() + self.terms.len(), self.linear.coefficients.len());
        if self.features.is_empty() || columns != coefficients {
            return Err(format!("{columns} features and terms, {coefficients} coefficients"));
        }
        if ![0, coefficients].contains(&self.linear.coefficients_low.len()) {
            return Err("the second halves of the coefficients are of another number".to_owned());
        }
        if let Some((i, name)) =
            self.features.iter().enumerate().find(|(i, f)| self.features[..*i].contains(f))
        {
            return Err(format!("feature {} stands twice (position {})", text::name(name), i + 1));
        }
        self.terms.iter().try_for_each(|term| term.check(&self.features))?;
        let linear = &self.linear;
        let numbers = linear
            .coefficients
            .iter()
            .chain(&linear.coefficients_low)
            .chain([&linear.intercept, &linear.intercept_low]);
        if numbers.chain(&self.training.target_median).any(|v| !v.is_finite()) {
            return Err("a coefficient is not finite".to_owned());
        }
        let names = self.columns();
        if let Some(name) = linear.aliased.iter().find(|a| !names.contains(a)) {
            return Err(format!("left out {}, which is no column", text::name(name)));
        }
        if let Some((name, _)) =
            self.decimals.iter().find(|(f, places)| !self.features.contains(f) || **places > 22)
        {
            return Err(format!("decimal places of {} are out of range", text::name(name)));
        }
        let unknown = self.features.iter().find(|f| !self.reference.features.contains_key(*f));
        unknown.map_or(Ok(()), |f| Err(format!("no reference profile of feature {}", text::name(f))))
    }

    /// Names of features and terms, in the order of the coefficients.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.features.iter().cloned().chain(self.terms.iter().map(Term::name)).collect()
    }
}
