//! What a file can hold, by its JSON Schema.

use common::text;
use serde_json::Value;

use super::limit::Word;
use super::path::{Path, joined};

/// Keys by which an entry of a list is known in a path, the first that it has; without one, by its place from 1.
pub(super) const NAMES: [&str; 9] =
    ["level", "label", "period", "segment", "feature", "column", "model", "stage", "metric"];

/// What kind of figure stands at the end of a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// A text, one of these unless there are none.
    Text(Vec<String>),
    /// The form does not say; the data will.
    Unknown,
}

impl Kind {
    /// Of a value.
    pub(super) fn of(value: &Word) -> Self {
        match value {
            Word::Truth(_) => Self::Truth,
            Word::Number(_) => Self::Number,
            Word::Text(_) => Self::Text(Vec::new()),
        }
    }
}

/// What a step into a form leads to.
pub(super) enum Inside<'a> {
    /// What the form says of the place.
    Known(&'a Value),
    /// A place that the data name, such as a feature, and the form of all such places.
    Named(&'a Value),
    /// The form does not say.
    Open,
    /// There is no such place.
    Nothing,
}

/// Whether a place holds a count, which is 0 where nothing was counted.
pub(super) fn is_count(form: &Value) -> bool {
    form.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint"))
}

/// One place of a form, with references followed and `null` left out.
pub(super) fn place<'a>(root: &'a Value, mut node: &'a Value) -> &'a Value {
    // A form that refers to itself in a circle ends here, too.
    for _ in 0..32 {
        let target = node.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        let either = node.get("anyOf").and_then(Value::as_array).and_then(|all| match all.as_slice() {
            [one, null] if is_null(null) => Some(one),
            _ => None,
        });
        match (target.and_then(|pointer| root.pointer(pointer)), either) {
            (Some(next), _) | (None, Some(next)) => node = next,
            _ => break,
        }
    }
    node
}

fn is_null(node: &Value) -> bool {
    node.get("type").and_then(Value::as_str) == Some("null")
}

/// One step from a place that [`place`] gave.
pub(super) fn step<'a>(node: &'a Value, name: &str) -> Inside<'a> {
    if let Some(known) = node.get("properties").and_then(|all| all.get(name)) {
        return Inside::Known(known);
    }
    match (node.get("additionalProperties"), node.get("items")) {
        (Some(Value::Bool(false)), _) => Inside::Nothing,
        (Some(inner), _) | (None, Some(inner)) => Inside::Named(inner),
        _ if figure(node).is_some() => Inside::Nothing,
        _ => Inside::Open,
    }
}

/// The kind of figure at a place; none where it holds others.
fn figure(node: &Value) -> Option<Kind> {
    if let Some(all) = node.get("oneOf").and_then(Value::as_array) {
        let words = all.iter().map(|one| one.get("const").and_then(Value::as_str).map(str::to_owned));
        return words.collect::<Option<Vec<_>>>().map(Kind::Text);
    }
    if let Some(all) = node.get("enum").and_then(Value::as_array) {
        return Some(Kind::Text(all.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
    }
    let kinds = match node.get("type")? {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect::<Vec<_>>(),
    };
    match *kinds.iter().find(|kind| **kind != "null")? {
        "number" | "integer" => Some(Kind::Number),
        "boolean" => Some(Kind::Truth),
        "string" => Some(Kind::Text(Vec::new())),
        _ => None,
    }
}

/// The kind of figure at the end of a path.
///
/// # Errors
/// A message that names what the form cannot hold, and the nearest that it can.
pub(super) fn kind(root: &Value, path: &Path) -> Result<Kind, String> {
    let (mut node, mut named) = (place(root, root), false);
    for (i, name) in path.0.iter().enumerate() {
        let inside = step(node, name);
        named |= matches!(inside, Inside::Named(_));
        node = match inside {
            Inside::Known(next) | Inside::Named(next) => place(root, next),
            Inside::Open => return Ok(Kind::Unknown),
            Inside::Nothing => {
                let advice = if named { "; a name with a dot in it stands in backquotes" } else { "" };
                return Err(unknown(root, node, path, i) + advice);
            }
        };
        if node.as_bool() == Some(true) {
            return Ok(Kind::Unknown);
        }
    }
    match figure(node) {
        Some(kind) => Ok(kind),
        None if node
            .get("properties")
            .or(node.get("additionalProperties"))
            .or(node.get("items"))
            .is_some() =>
        {
            Err(no_figure(path, &keys(node)))
        }
        None => Ok(Kind::Unknown),
    }
}

/// The message of a path that ends at what holds figures.
pub(super) fn no_figure(path: &Path, inside: &[&str]) -> String {
    let path = text::name(&path.to_string());
    if inside.is_empty() {
        return format!("{path} is no single figure");
    }
    format!("{path} is no single figure; in it: {}", text::names(inside))
}

fn keys(node: &Value) -> Vec<&str> {
    let all = node.get("properties").and_then(Value::as_object);
    all.map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn unknown(root: &Value, node: &Value, path: &Path, at: usize) -> String {
    let asked = text::name(&path.to_string());
    if figure(node).is_some() {
        let figure = text::name(&joined(&path.0[..at]));
        return format!("{asked}: there is nothing in {figure}, which is a single figure");
    }
    let rest = |name: &str| {
        let names = path.0[..at].iter().map(String::as_str).chain([name]);
        joined(&names.chain(path.0[at + 1..].iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let inside = keys(node);
    let near = text::nearest(&path.0[at], inside.iter().copied()).map(rest);
    let near = near.or_else(|| elsewhere(root, path));
    let hint = near.map(|near| format!(" (did you mean {}?)", text::name(&near))).unwrap_or_default();
    let whole =
        if at == 0 { "known".to_owned() } else { format!("in {}", text::name(&joined(&path.0[..at]))) };
    format!("{asked} is no figure{hint}; {whole}: {}", text::names(inside))
}

/// The first figure of the form with the same last name, those of the test part before all others.
fn elsewhere(root: &Value, path: &Path) -> Option<String> {
    let last = path.0.last()?;
    let top = place(root, root).get("properties")?.as_object()?;
    let test = top.get_key_value("test").into_iter();
    let parts = test.chain(top.iter());
    for (part, node) in parts {
        if step(place(root, node), last).is_known() {
            return Some(joined(&[part, last]));
        }
    }
    None
}

impl Inside<'_> {
    fn is_known(&self) -> bool {
        matches!(self, Inside::Known(_))
    }
}
