//! `schema.json`: the contract on columns, in the words of Frictionless Table Schema, for people.
//!
//! Source: Table Schema 1.0, <https://specs.frictionlessdata.io/table-schema/>, and of version 2,
//! <https://datapackage.org/standard/table-schema/>, the words that docs/configuration.md names.
//! What this version does not check is refused by name, never ignored.

use std::collections::HashSet;
use std::path::Path;

use super::field::ContractField;
use super::places::{Step, line_of};
use super::words::{Fault, FieldWords, Missing, Names, SchemaWords, explain};
use crate::error::{Error, Result, reason};
use crate::text;

/// Largest contract read, in bytes.
const LARGEST: u64 = 16 << 20;

/// The contract on the columns of a table.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The columns; others in the data are an error.
    pub fields: Vec<ContractField>,
    /// Cells that stand for a missing value, where a column names none of its own.
    pub missing_values: Vec<String>,
    /// Columns that together name a row: none missing, no row twice. Empty where there are none.
    pub primary_key: Vec<String>,
    /// Columns that together are the same in no two rows; rows that miss one are not compared.
    pub unique_keys: Vec<Vec<String>>,
}

impl Contract {
    /// Reads the contract at `path`; nothing where there is none.
    ///
    /// # Errors
    /// [`crate::Class::Usage`] with file and line: not JSON, an unknown word, a column twice, a constraint
    /// that is none.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if path.metadata().is_ok_and(|m| !m.is_file() || m.len() > LARGEST) {
            return Err(Error::usage("a schema is a regular file of at most 16 MiB").at(path));
        }
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::usage(format!("cannot read the schema: {}", reason(&e))).at(path)),
        };
        let words: SchemaWords = serde_json::from_str(&text)
            .map_err(|e| Error::usage(explain(&e)).at_line(path, (e.line() as u64).max(1)))?;
        Self::new(words)
            .map(Some)
            .map_err(|fault| Error::usage(fault.message).at_line(path, line_of(&text, &fault.path)))
    }

    /// The contract that `schema` holds, as a model file keeps it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_json(schema: &serde_json::Value) -> std::result::Result<Self, String> {
        let words: SchemaWords = serde::Deserialize::deserialize(schema).map_err(|e| explain(&e))?;
        Self::new(words).map_err(|fault| fault.message)
    }

    fn new(words: SchemaWords) -> std::result::Result<Self, Fault> {
        if words.foreign_keys.is_some() {
            return Err(Fault::new("is not checked by this version, so it is refused").of("foreignKeys"));
        }
        if words.fields_match.is_some_and(|m| m.into_list() != ["equal"]) {
            return Err(
                Fault::new("only `equal` is checked: the same columns, in any order").of("fieldsMatch")
            );
        }
        let fields = fields(words.fields).map_err(|f| f.below(Step::Key("fields".to_owned())))?;
        let names: HashSet<&str> = fields.iter().map(|f| f.name.as_str()).collect();
        let primary_key = words.primary_key.map(Names::into_list).unwrap_or_default();
        check_key(&primary_key, &names).map_err(|fault| fault.of("primaryKey"))?;
        let unique_keys = words.unique_keys.unwrap_or_default();
        for (key, i) in unique_keys.iter().zip(0..) {
            let checked = match key.as_slice() {
                [] => Err(Fault::new("a key without columns")),
                key => check_key(key, &names),
            };
            checked.map_err(|fault| fault.below(Step::Item(i)).of("uniqueKeys"))?;
        }
        let missing_values = words.missing_values.map_or_else(|| vec![String::new()], Missing::into_cells);
        Ok(Self { fields, missing_values, primary_key, unique_keys })
    }

    /// The contract on the column `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&ContractField> {
        self.fields.iter().find(|f| f.name == name)
    }
}

fn fields(words: Vec<FieldWords>) -> std::result::Result<Vec<ContractField>, Fault> {
    if words.is_empty() {
        return Err(Fault::new("the schema names no column"));
    }
    let mut seen = HashSet::new();
    let mut fields = Vec::with_capacity(words.len());
    for (field, i) in words.into_iter().zip(0..) {
        let name = text::name(&field.name);
        let checked = if field.name.is_empty() {
            Err(Fault::new(format!("column {} has no name", i + 1)).below(Step::Key("name".to_owned())))
        } else if !seen.insert(field.name.clone()) {
            Err(Fault::new(format!("column {name} stands twice")).below(Step::Key("name".to_owned())))
        } else {
            ContractField::new(field)
                .map_err(|f| Fault { message: format!("column {name}: {}", f.message), ..f })
        };
        fields.push(checked.map_err(|fault| fault.below(Step::Item(i)))?);
    }
    Ok(fields)
}

fn check_key(key: &[String], names: &HashSet<&str>) -> std::result::Result<(), Fault> {
    let mut seen = HashSet::new();
    for column in key {
        if !names.contains(column.as_str()) {
            let near = text::did_you_mean(column, names.iter().copied());
            return Err(Fault::new(format!("{} is no column{near}", text::name(column))));
        }
        if !seen.insert(column) {
            return Err(Fault::new(format!("{} stands twice", text::name(column))));
        }
    }
    Ok(())
}
