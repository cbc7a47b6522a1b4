//! The figure at the end of a path.

use common::text;
use serde_json::Value;

use super::form::{self, Inside, NAMES};
use super::limit::Word;
use super::path::{Path, joined, written};

/// Names that a message lists.
const LISTED: usize = 10;

/// A figure.
pub(super) enum Figure {
    /// It has a value.
    Known(Word),
    /// It has none, for this reason.
    Absent(String),
}

/// Finds the figure in `file`, whose form is `root`.
///
/// # Errors
/// A message that names what these data have not, and the nearest that they have.
pub(super) fn find(root: &Value, file: &Value, path: &Path) -> Result<Figure, String> {
    let (mut node, mut form) = (file, Some(form::place(root, root)));
    // The objects on the way, with the number of names that led to each.
    let mut passed: Vec<(&Value, usize)> = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    for (i, name) in path.0.iter().enumerate() {
        let inside = form.map_or(Inside::Open, |form| form::step(form, name));
        let by_form = matches!(inside, Inside::Known(_));
        form = match inside {
            Inside::Known(next) | Inside::Named(next) => Some(form::place(root, next)),
            Inside::Open | Inside::Nothing => None,
        };
        passed.push((node, i));
        keys.push(name.clone());
        let next = match node {
            Value::Object(all) => all.get(name).ok_or_else(|| all.keys().cloned().collect::<Vec<_>>()),
            Value::Array(all) => entry(all, name)?,
            Value::Null => return Ok(Figure::Absent(reason(&passed, &keys).unwrap_or_else(not_there))),
            _ => Err(Vec::new()),
        };
        node = match next {
            Ok(next) => next,
            Err(_) if by_form => return Ok(Figure::Absent(not_there())),
            // What was never counted stands in no map of counts.
            Err(_) if form.is_some_and(form::is_count) && node.is_object() => {
                return Ok(Figure::Known(Word::Number(0.0)));
            }
            Err(known) => return Err(unknown(path, i, &known)),
        };
    }
    match node {
        Value::Bool(truth) => Ok(Figure::Known(Word::Truth(*truth))),
        Value::Number(x) => {
            Ok(x.as_f64().map_or_else(|| Figure::Absent(not_known()), |x| Figure::Known(Word::Number(x))))
        }
        Value::String(word) => Ok(Figure::Known(Word::Text(word.clone()))),
        Value::Null => Ok(Figure::Absent(reason(&passed, &keys).unwrap_or_else(not_known))),
        Value::Object(all) => {
            Err(form::no_figure(path, &all.keys().take(LISTED).map(String::as_str).collect::<Vec<_>>()))
        }
        Value::Array(_) => Err(form::no_figure(path, &[])),
    }
}

fn not_there() -> String {
    "not_there".to_owned()
}

fn not_known() -> String {
    "not_known".to_owned()
}

/// The one entry of a list with this name, of several the one of the test part; else the names that there are.
fn entry<'a>(all: &'a [Value], name: &str) -> Result<Result<&'a Value, Vec<String>>, String> {
    let names = names(all);
    let found: Vec<&Value> = all.iter().zip(&names).filter(|(_, own)| *own == name).map(|(e, _)| e).collect();
    let is_test = |entry: &&Value| entry.get("part").and_then(Value::as_str) == Some("test");
    match found.as_slice() {
        [] => Ok(Err(names)),
        [one] => Ok(Ok(one)),
        several => several
            .iter()
            .copied()
            .find(is_test)
            .map(Ok)
            .ok_or_else(|| format!("{} is the name of several entries of the list", text::name(name))),
    }
}

/// What the entries of a list are called: by the first key that names them all and not all alike, else by their
/// places from 1.
fn names(all: &[Value]) -> Vec<String> {
    let by = |key: &str| all.iter().map(|entry| named(key, entry.get(key)?)).collect::<Option<Vec<String>>>();
    let differ = |names: &Vec<String>| names.len() < 2 || names.iter().any(|name| *name != names[0]);
    let found = NAMES.iter().find_map(|key| by(key).filter(differ));
    found.unwrap_or_else(|| (1..=all.len()).map(|place| place.to_string()).collect())
}

/// The name that a key gives: a level in percent, a text, a number.
fn named(key: &str, value: &Value) -> Option<String> {
    match (key, value) {
        // Two digits less than an f64 has: 57 and not 56.99999999999999.
        ("level", Value::Number(level)) => Some(((level.as_f64()? * 1e14).round() / 1e12).to_string()),
        (_, Value::String(name)) => Some(name.clone()),
        (_, Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

/// Why a figure is `null`: what `absent` says of it, beside it or in what it is a part of.
fn reason(passed: &[(&Value, usize)], keys: &[String]) -> Option<String> {
    passed.iter().rev().find_map(|(node, from)| {
        // A whole that is absent has its reason under its own key.
        let absent = node.get("absent")?;
        let reason = (*from + 1..=keys.len()).rev().find_map(|to| absent.get(keys[*from..to].join(".")))?;
        Some(reason.as_str()?.to_owned())
    })
}

fn unknown(path: &Path, at: usize, known: &[String]) -> String {
    let asked = text::name(&path.to_string());
    let near = text::nearest(&path.0[at], known.iter().map(String::as_str)).map(|near| {
        let names = path.0[..at].iter().map(String::as_str).chain([near]);
        joined(&names.chain(path.0[at + 1..].iter().map(String::as_str)).collect::<Vec<_>>())
    });
    let hint = near.map(|near| format!(" (did you mean {}?)", text::name(&near))).unwrap_or_default();
    let whole =
        if at == 0 { "there".to_owned() } else { format!("in {}", text::name(&joined(&path.0[..at]))) };
    let listed = text::names(known.iter().take(LISTED).map(|name| written(name)));
    let more = if known.len() > LISTED { " and more" } else { "" };
    let listed = if known.is_empty() { "nothing".to_owned() } else { listed };
    format!("{asked} is not there{hint}; {whole}: {listed}{more}")
}
