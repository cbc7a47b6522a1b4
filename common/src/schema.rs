//! Columns: their types, their roles, and the contract on them.

mod constraints;
mod contract;
mod date;
mod field;
mod form;
mod inference;
mod kind;
mod number;
mod numerals;
mod pattern;
mod places;
mod strptime;
mod truths;
mod words;

use serde::{Deserialize, Serialize};

pub use constraints::Constraints;
pub use contract::Contract;
pub use field::ContractField;
pub use form::Form;
pub use inference::Inference;
pub use kind::{Kind, Value};
pub use numerals::Numerals;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A column of the data.
    Input,
    /// The group a row belongs to.
    Entity,
    /// The time of a row, or a part of it.
    Time,
    /// `train`, `calibration` or `test`.
    Split,
    /// What errors are told apart by, and nothing is predicted from.
    Segment,
    /// A number the model may use.
    Feature,
    /// The number the model predicts.
    Target,
    /// The target's last value known at the row's time: what persistence predicts.
    Persistence,
    /// What a model predicts of a row, and the limits of it.
    Prediction,
    /// What is to be said of a row beside its prediction.
    Flag,
}

/// A column of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Name in the header.
    pub name: String,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// Places after the point, where every value is declared to be a decimal of so many: the exact
    /// fit then takes the decimals and not the f64 nearest to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Field {
    /// A field.
    pub fn new(name: impl Into<String>, kind: Kind, role: Role) -> Self {
        Self { name: name.into(), kind, role, decimals: None }
    }

    /// The same field as a decimal of so many places.
    #[must_use]
    pub fn with_decimals(mut self, decimals: Option<u32>) -> Self {
        self.decimals = decimals;
        self
    }
}

/// Name in the features table of the column `name` that errors are told apart by: a feature may have the
/// column's own.
#[must_use]
pub fn segment_name(name: &str) -> String {
    format!("segment:{name}")
}

/// The first field with `role`.
#[must_use]
pub fn with_role(fields: &[Field], role: Role) -> Option<&Field> {
    fields.iter().find(|f| f.role == role)
}

/// Names of all fields with `role`, in order.
#[must_use]
pub fn names_with_role(fields: &[Field], role: Role) -> Vec<String> {
    fields.iter().filter(|f| f.role == role).map(|f| f.name.clone()).collect()
}
