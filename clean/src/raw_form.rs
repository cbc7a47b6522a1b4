//! How the raw rows were written that a model was made from: what reading others of their form needs.

use common::checkpoint::Checkpoint;
use common::config::TimeColumns;
use common::schema::{Kind, Numerals};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::columns::{Rule, Rules};
use crate::settings::{Duplicates, Settings};

/// `learned.raw` in the manifest of the clean table, and in the model file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RawForm {
    /// By name, so that the order of the sources leaves no trace.
    pub(crate) columns: Vec<RawColumn>,
    /// The contract, where there is one.
    pub(crate) schema: Option<Value>,
    /// Cells that stand for a missing value, and how numbers are written, where there is no contract.
    pub(crate) null_tokens: Vec<String>,
    pub(crate) numerals: Numerals,
    /// The keys of `[ingest]` that were given for the sources, as `ingest` recorded them.
    pub(crate) dialects: Value,
    pub(crate) entity: Option<String>,
    pub(crate) time: Option<TimeColumns>,
    /// Columns that the target is made of.
    pub(crate) target: Vec<String>,
    pub(crate) duplicates: Duplicates,
}

/// A column of the raw table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RawColumn {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// strptime pattern of dates that are not in ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
}

impl RawForm {
    /// The form of `raw`, read by `rules`.
    pub(crate) fn new(settings: &Settings, rules: &Rules, raw: &Checkpoint) -> Self {
        let column = |rule: &Rule| RawColumn {
            name: rule.field.name.clone(),
            kind: rule.field.kind,
            format: rule.form.pattern().map(str::to_owned),
        };
        let mut columns: Vec<RawColumn> = rules.columns.iter().map(column).collect();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let ingest = raw.manifest.as_ref().and_then(|m| m.learned.get("dialects"));
        Self {
            columns,
            schema: settings.schema.clone(),
            null_tokens: rules.spellings.missing().to_vec(),
            numerals: rules.spellings.base(),
            dialects: ingest.cloned().unwrap_or_else(|| Value::Array(Vec::new())),
            entity: settings.entity.clone(),
            time: settings.time.clone(),
            target: settings.target_columns.clone(),
            duplicates: settings.duplicates.clone(),
        }
    }
}
