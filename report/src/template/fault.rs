//! What is wrong with a template, in one line.

use std::error::Error as _;
use std::path::Path;

use common::error::Error;
use common::text;
use minijinja::ErrorKind;

use serde_json::Value;

use crate::filters;
use crate::path::{self, Step};
use crate::template::STEPS;

/// An error of the engine as one of ours: file, line, what was found, what may have been meant of `names`, which a
/// template can use.
pub(super) fn explain(
    file: &Path,
    template: &str,
    names: impl FnOnce() -> Value,
    error: &minijinja::Error,
) -> Error {
    let part = error.range().and_then(|range| template.get(range)).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UndefinedError => undefined(part, &names()),
        ErrorKind::OutOfFuel => {
            format!(
                "takes more than {} steps: is a loop inside a loop?",
                text::count(STEPS, "step").replace(" steps", "")
            )
        }
        ErrorKind::UnknownFilter => {
            let known = filters::NAMES.iter().copied().chain(OTHERS);
            let detail = error.detail().unwrap_or_default();
            // The engine's own words: filter x is unknown.
            let name = detail.split_whitespace().nth(1).unwrap_or_default();
            format!("{} is no filter{}", text::name(name), text::did_you_mean(name, known))
        }
        kind => {
            let detail = error.detail().map_or_else(|| kind.to_string(), text::one_line);
            let cause =
                error.source().map_or_else(String::new, |e| format!(": {}", text::one_line(&e.to_string())));
            let place = if part.is_empty() || part.len() > 80 {
                String::new()
            } else {
                format!(" in {}", text::name(part))
            };
            format!("{detail}{cause}{place}")
        }
    };
    match error.line() {
        Some(line) => Error::usage(what).at_line(file, line as u64),
        None => Error::usage(what).at(file),
    }
}

/// Filters beside those that show values.
const OTHERS: [&str; 8] = ["length", "first", "last", "items", "reverse", "abs", "sort", "default"];

/// The path in `part` that leads nowhere, and the nearest one that leads somewhere.
fn undefined(part: &str, names: &Value) -> String {
    let missing = paths(part).into_iter().find(|steps| path::find(names, steps).is_none());
    let Some(steps) = missing else {
        return format!(
            "there is no such figure{}",
            if part.is_empty() { String::new() } else { format!(": {}", text::name(part)) }
        );
    };
    let near = path::nearest(names, &steps)
        .map_or_else(String::new, |n| format!(" (did you mean {}?)", text::name(&n)));
    format!(
        "{} is not in metrics.json, nor a name that templates have{near}",
        text::name(&path::shown(&steps))
    )
}

/// The paths in an expression; what follows a bar is a filter.
fn paths(mut text: &str) -> Vec<Vec<Step>> {
    let mut out = Vec::new();
    let mut filter = false;
    while let Some(c) = text.chars().next() {
        match path::parse(text) {
            Some((steps, rest)) => {
                if !filter {
                    out.push(steps);
                }
                (filter, text) = (false, rest);
            }
            None => {
                filter = c == '|' || (filter && c.is_whitespace());
                text = &text[c.len_utf8()..];
            }
        }
    }
    out
}
