//! `schema.json`: what was found, as a contract that the data keep.

use common::schema::{Kind, Numerals};
use common::{Result, json, text};
use serde_json::{Map, Value, json};

use crate::check::Check;
use crate::column::Column;
use crate::roles::Roles;
use crate::types::Types;
use crate::{outcome, words};

/// Most levels of a text that are listed as those allowed, each with so many rows on average.
const MOST_ALLOWED: usize = 20;
const ROWS_OF_LEVEL: u64 = 10;

/// The contract as JSON.
///
/// # Errors
/// None that is expected.
pub(crate) fn text(columns: &[Column], types: &Types, roles: &Roles, check: &Check) -> Result<String> {
    let mut schema = Map::new();
    schema.insert("missingValues".to_owned(), json!(types.missing));
    if let Some(key) = &check.key {
        schema.insert(
            "primaryKey".to_owned(),
            json!(key.iter().map(|at| &columns[*at].name).collect::<Vec<_>>()),
        );
    }
    let fields = columns.iter().zip(&types.columns).map(|(c, t)| field(c, t.format.as_deref(), roles));
    schema.insert("fields".to_owned(), fields.collect());
    json::pretty(&Value::Object(schema))
}

fn field(column: &Column, format: Option<&str>, roles: &Roles) -> Value {
    let mut field = Map::new();
    let mut put = |key: &str, value: Value| drop(field.insert(key.to_owned(), value));
    put("name", json!(column.name));
    put("type", json!(column.kind));
    if let Some(format) = format.filter(|_| column.is_date()) {
        put("format", json!(format));
    }
    if column.is_number() && column.numerals != Numerals::PLAIN {
        put("decimalChar", json!(column.numerals.decimal()));
        if let Some(mark) = column.numerals.thousands() {
            put("groupChar", json!(mark));
        }
    }
    let note = column.note.as_ref().map(|n| format!("; {n}")).unwrap_or_default();
    put("description", json!(text::one_line(&format!("{}{note}", outcome::facts(column)))));
    let mut constraints = Map::new();
    if column.nulls == 0 && column.rows > 0 {
        constraints.insert("required".to_owned(), json!(true));
    }
    // A number that is nowhere below zero mostly cannot be; other limits are for people to set.
    if column.is_number() && column.range.is_some_and(|(low, _)| low >= 0.0) {
        constraints.insert("minimum".to_owned(), json!(0));
    }
    let own = roles.entity == Some(column.at);
    if let Some(levels) = column.levels.as_ref().filter(|l| !own && is_closed(l.len(), column.known())) {
        constraints.insert("enum".to_owned(), json!(levels.keys().collect::<Vec<_>>()));
    }
    if !constraints.is_empty() {
        put("constraints", Value::Object(constraints));
    }
    Value::Object(field)
}

/// Whether levels seem to be all there are; new entities are no breach.
fn is_closed(levels: usize, known: u64) -> bool {
    (2..=MOST_ALLOWED).contains(&levels) && known >= levels as u64 * ROWS_OF_LEVEL
}

/// What the contract says in a line, for the summary.
pub(crate) fn summary(columns: &[Column], check: &Check) -> String {
    let of = |kinds: &[Kind]| columns.iter().filter(|c| kinds.contains(&c.kind)).count() as u64;
    let key = match &check.key {
        Some(key) => format!(", key {}", crate::roles::names(key, columns)),
        None => String::new(),
    };
    format!(
        "{}: {} of numbers, {} of text, {} of dates{key}",
        words::counted(columns.len() as u64, "column"),
        of(&[Kind::Integer, Kind::Number, Kind::Boolean]),
        of(&[Kind::String]),
        of(&[Kind::Date, Kind::Datetime])
    )
}
