//! `schema.json`: the contract on columns, in the words of Frictionless Table Schema, for people.
//!
//! Source: Table Schema, <https://specs.frictionlessdata.io/table-schema/>, `decimalChar` and `groupChar`
//! from its types `number` and `integer`. What this version does
//! not check is refused by name, never ignored.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::form::Form;
use super::kind::Kind;
use super::numerals::Numerals;
use crate::error::{Error, Result, reason};
use crate::text;

/// Largest contract read, in bytes.
const LARGEST: u64 = 16 << 20;

/// The contract on the columns of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The columns; others in the data are an error.
    pub fields: Vec<ContractField>,
    /// Cells that stand for a missing value.
    #[serde(rename = "missingValues", default = "empty_cell")]
    pub missing_values: Vec<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Address of the standard's own schema; not used.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
}

fn empty_cell() -> Vec<String> {
    vec![String::new()]
}

/// The contract on one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractField {
    /// Name in the header.
    pub name: String,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// strptime pattern of a date or datetime; absent or `default` is ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// What parts the decimals of a number, `.` where it is not given: Table Schema's own word.
    #[serde(rename = "decimalChar", default, skip_serializing_if = "Option::is_none")]
    pub decimal_char: Option<char>,
    /// What groups the whole part of a number by threes: Table Schema's own word. The standard lets
    /// groups have any length; here they have three digits, so that `1,5` is never 15.
    #[serde(rename = "groupChar", default, skip_serializing_if = "Option::is_none")]
    pub group_char: Option<char>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Places after the point, where the column is declared to hold decimals: the exact fit then takes
    /// these and not the f64 nearest to them. Our own word, beside those of the standard.
    #[serde(rename = "decimalPlaces", default, skip_serializing_if = "Option::is_none")]
    pub decimal_places: Option<u32>,
    /// What values must keep.
    #[serde(default)]
    pub constraints: Constraints,
}

/// What the values of a column must keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraints {
    /// No missing value.
    #[serde(default)]
    pub required: bool,
    /// Least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// Greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The texts allowed.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<String>>,
}

impl ContractField {
    /// The strptime pattern, where one is declared.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.format.as_deref().filter(|f| *f != "default")
    }

    /// How the column's values are written.
    #[must_use]
    pub fn form(&self) -> Form {
        // Marks that are none were refused when the contract was read.
        Form::new(self.pattern(), self.numerals().unwrap_or_default())
    }

    fn numerals(&self) -> std::result::Result<Numerals, String> {
        Numerals::new(self.decimal_char.unwrap_or(Numerals::PLAIN.decimal()), self.group_char)
    }
}

impl Contract {
    /// Reads the contract at `path`; nothing where there is none.
    ///
    /// # Errors
    /// [`crate::Class::Usage`] with file and line: not JSON, an unknown word, a column twice.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if path.metadata().is_ok_and(|m| !m.is_file() || m.len() > LARGEST) {
            return Err(Error::usage("a schema is a regular file of at most 16 MiB").at(path));
        }
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::usage(format!("cannot read the schema: {}", reason(&e))).at(path)),
        };
        let contract: Self = serde_json::from_str(&text).map_err(|e| explain(path, &e))?;
        contract.check().map_err(|message| Error::usage(message).at(path))?;
        Ok(Some(contract))
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.fields.is_empty() {
            return Err("the schema names no column".to_owned());
        }
        for (i, field) in self.fields.iter().enumerate() {
            let name = text::name(&field.name);
            if field.name.is_empty() {
                return Err(format!("column {} has no name", i + 1));
            }
            if self.fields[..i].iter().any(|f| f.name == field.name) {
                return Err(format!("column {name} stands twice"));
            }
            let dated = matches!(field.kind, Kind::Date | Kind::Datetime);
            if field.pattern().is_some_and(|p| !dated || !p.contains('%')) {
                return Err(format!("column {name}: a format is a strptime pattern of a date or datetime"));
            }
            let marked = field.decimal_char.is_some() || field.group_char.is_some();
            if marked && !matches!(field.kind, Kind::Integer | Kind::Number) {
                return Err(format!("column {name}: decimalChar and groupChar are for numbers"));
            }
            if let Err(wrong) = field.numerals() {
                return Err(format!("column {name}: decimalChar, groupChar: {wrong}"));
            }
            if field.decimal_places.is_some_and(|k| k > 15 || field.kind != Kind::Number) {
                return Err(format!("column {name}: decimalPlaces is for numbers, and at most 15"));
            }
            let limits = field.constraints.minimum.is_some() || field.constraints.maximum.is_some();
            if limits && !matches!(field.kind, Kind::Integer | Kind::Number) {
                return Err(format!("column {name}: minimum and maximum are for numbers"));
            }
        }
        Ok(())
    }

    /// The contract on the column `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&ContractField> {
        self.fields.iter().find(|f| f.name == name)
    }
}

fn explain(path: &Path, error: &serde_json::Error) -> Error {
    let full = error.to_string();
    let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(m, _)| m);
    Error::usage(message).at_line(path, error.line() as u64)
}
