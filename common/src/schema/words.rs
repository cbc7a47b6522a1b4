//! The words of `schema.json` as they stand in the file. A word that is not here is refused.

use serde::Deserialize;
use serde_json::Value;

use super::places::Step;
use crate::text;

/// The words of a schema.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SchemaWords {
    pub(super) fields: Vec<FieldWords>,
    pub(super) missing_values: Option<Vec<Missing>>,
    pub(super) primary_key: Option<Names>,
    pub(super) unique_keys: Option<Vec<Vec<String>>>,
    pub(super) fields_match: Option<Names>,
    pub(super) foreign_keys: Option<Value>,
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    #[serde(rename = "name")]
    _name: Option<String>,
    #[serde(rename = "title")]
    _title: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
}

/// The words of a field.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FieldWords {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) format: Option<String>,
    pub(super) example: Option<Value>,
    pub(super) decimal_char: Option<String>,
    pub(super) group_char: Option<String>,
    pub(super) bare_number: Option<bool>,
    pub(super) true_values: Option<Vec<String>>,
    pub(super) false_values: Option<Vec<String>>,
    pub(super) missing_values: Option<Vec<Missing>>,
    pub(super) categories: Option<Value>,
    pub(super) categories_ordered: Option<Value>,
    pub(super) decimal_places: Option<u32>,
    #[serde(default)]
    pub(super) constraints: ConstraintWords,
    #[serde(rename = "title")]
    _title: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "rdfType")]
    _rdf_type: Option<String>,
}

/// The words under `constraints`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct ConstraintWords {
    pub(super) required: bool,
    pub(super) unique: bool,
    pub(super) minimum: Option<Value>,
    pub(super) maximum: Option<Value>,
    pub(super) exclusive_minimum: Option<Value>,
    pub(super) exclusive_maximum: Option<Value>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) pattern: Option<String>,
    #[serde(rename = "enum")]
    pub(super) one_of: Option<Vec<Value>>,
    pub(super) json_schema: Option<Value>,
}

/// What stands under `constraints` and is often put beside it.
const CONSTRAINTS: [&str; 10] = [
    "required",
    "unique",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "enum",
];

/// A cell that stands for a missing value; since version 2 it may have a label.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, or an object with `value` and `label`")]
pub(super) enum Missing {
    /// The cell.
    Plain(String),
    /// The cell with its label.
    Labelled(Labelled),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labelled {
    value: String,
    #[serde(rename = "label")]
    _label: Option<String>,
}

impl Missing {
    /// The cells alone.
    pub(super) fn into_cells(all: Vec<Self>) -> Vec<String> {
        let cell = |one| match one {
            Self::Plain(cell) => cell,
            Self::Labelled(labelled) => labelled.value,
        };
        all.into_iter().map(cell).collect()
    }
}

/// One name or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name or a list of names")]
pub(super) enum Names {
    /// One.
    One(String),
    /// Several.
    List(Vec<String>),
}

impl Names {
    /// All of them.
    pub(super) fn into_list(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::List(names) => names,
        }
    }
}

/// What is wrong in a contract, and where.
pub(super) struct Fault {
    pub(super) path: Vec<Step>,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into() }
    }

    /// The same below `step`.
    pub(super) fn below(mut self, step: Step) -> Self {
        self.path.insert(0, step);
        self
    }

    /// The same at or below the word `word`, which begins the message.
    pub(super) fn of(self, word: &str) -> Self {
        let message = format!("{word}: {}", self.message);
        Self { message, ..self }.below(Step::Key(word.to_owned()))
    }
}

/// What serde says of a text that is no contract, in our words.
pub(super) fn explain(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(m, _)| m);
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.as_slice() {
        [wrong, known @ ..] if message.starts_with("unknown field") => {
            let word = format!("unknown word {}", text::name(wrong));
            if known.contains(&"constraints") && CONSTRAINTS.contains(wrong) {
                format!("{word} of a column: it belongs under `constraints`")
            } else {
                format!("{word}{}", text::did_you_mean(wrong, known.iter().copied()))
            }
        }
        [word] if message.starts_with("missing field") => format!("the word {} is missing", text::name(word)),
        [word] if message.starts_with("duplicate field") => format!("{} stands twice", text::name(word)),
        _ => text::shown(message),
    }
}
