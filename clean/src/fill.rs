//! Filling missing cells: planned from the configuration, learned from training rows only, applied from
//! what was learned alone.

mod apply;
mod last;
mod learn;
mod plan;

use common::schema::{Form, Kind, Value};
use serde::{Deserialize, Serialize};

pub(crate) use apply::apply;
pub(crate) use learn::learn;
pub(crate) use plan::{Planned, plan, refuse_category};

use crate::settings::Method;

/// The category of missing cells of a text column.
pub(crate) const MISSING: &str = "(missing)";

/// What one column's missing cells are filled with: learned once, stored, applied as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ColumnFill {
    pub(crate) column: String,
    pub(crate) method: Method,
    /// What a missing cell becomes; under `last` one without past. None where it stays missing.
    pub(crate) value: Option<FillValue>,
    /// Whether a column says where cells were missing.
    pub(crate) indicator: bool,
}

/// A learned value; a day or a moment as ISO 8601.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum FillValue {
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

impl FillValue {
    /// The value that `cell` is in a column of this kind.
    fn parse(kind: Kind, cell: &str) -> Option<Self> {
        Some(match kind.parse(cell, &Form::PLAIN)? {
            Value::String(text) => Self::Text(text),
            Value::Integer(n) => Self::Integer(n),
            // Negative zero is zero.
            Value::Number(x) => Self::Number(x + 0.0),
            Value::Boolean(truth) => Self::Boolean(truth),
            Value::Date(day) => Self::Text(format!("{day:?}")),
            Value::Datetime(moment) => Self::Text(format!("{moment:?}")),
        })
    }
}

/// The name of the column that says where cells of `column` were missing.
pub(crate) fn indicator_of(column: &str) -> String {
    format!("{column}_missing")
}
