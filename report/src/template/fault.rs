//! What is wrong with a template, in one line.

use std::error::Error as _;
use std::path::Path;

use common::error::Error;
use common::text;
use minijinja::ErrorKind;

use serde_json::Value;

use crate::path::{self, Step};
use crate::template::{STEPS, tags};
use crate::{filters, number};

/// An error of the engine as one of ours: file, line, what was found, what may have been meant of `names`, which a
/// template can use.
pub(super) fn explain(
    file: &Path,
    template: &str,
    names: impl FnOnce() -> Value,
    error: &minijinja::Error,
) -> Error {
    // The engine tells where it noticed that a statement is open, not which.
    let notices =
        |detail: &str| detail.starts_with("unexpected end") || detail.starts_with("unknown statement end");
    if error.kind() == ErrorKind::SyntaxError
        && error.detail().is_some_and(notices)
        && let Some((line, what)) = tags::unclosed(template)
    {
        return Error::usage(what).at_line(file, line);
    }
    let part = error.range().and_then(|range| template.get(range)).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::UndefinedError => {
            undefined(tag(template, error.range().map_or(0, |range| range.start)), part, &names())
        }
        ErrorKind::OutOfFuel => format!(
            "takes too long: more than {} steps, or 64 bytes of text for each; is a loop inside a loop?",
            number::count(STEPS)
        ),
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

/// Words of the template language that are no names.
const WORDS: [&str; 20] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "in",
    "endfor",
    "set",
    "endset",
    "not",
    "and",
    "or",
    "is",
    "defined",
    "undefined",
    "none",
    "true",
    "false",
    "loop",
    "number",
];

/// Filters beside those that show values.
const OTHERS: [&str; 8] = ["length", "first", "last", "items", "reverse", "abs", "sort", "default"];

/// The path that leads nowhere, and the nearest one that leads somewhere. `tag` is the tag at fault, `part` what the
/// engine says of it, which may begin after the path's own beginning.
fn undefined(tag: &str, part: &str, names: &Value) -> String {
    let missing: Vec<Vec<Step>> =
        paths(tag).into_iter().filter(|steps| path::find(names, steps).is_none()).collect();
    let near = |steps: &[Step]| path::nearest(names, steps);
    // A name that the template itself made, by `for` or `set`, is not known here.
    let is_ours = |steps: &&Vec<Step>| path::find(names, &steps[..1]).is_some();
    let likely = missing.iter().find(is_ours).or_else(|| missing.iter().find(|steps| near(steps).is_some()));
    let named = paths(part).into_iter().find(|steps| missing.contains(steps));
    let Some(steps) = likely.cloned().or(named).or_else(|| missing.into_iter().next()) else {
        return format!("there is no such figure in {}", text::name(tag.trim()));
    };
    let near = near(&steps).map_or_else(String::new, |n| format!(" (did you mean {}?)", text::name(&n)));
    format!(
        "{} is not in metrics.json, nor a name that templates have{near}",
        text::name(&path::shown(&steps))
    )
}

/// What stands between the marks of the tag that holds the byte `at`.
fn tag(template: &str, at: usize) -> &str {
    let (before, after) = template.split_at_checked(at).unwrap_or((template, ""));
    let from = ["{{", "{%"].iter().filter_map(|mark| before.rfind(mark)).max().map_or(0, |begin| begin + 2);
    let length = ["}}", "%}"].iter().filter_map(|mark| after.find(mark)).min().unwrap_or(after.len());
    template.get(from..at + length).unwrap_or_default()
}

/// The paths in an expression; what follows a bar is a filter, and what stands in quotation marks is text.
fn paths(mut text: &str) -> Vec<Vec<Step>> {
    let mut out = Vec::new();
    let mut filter = false;
    while let Some(c) = text.chars().next() {
        if let Some((steps, rest)) = path::parse(text) {
            let is_word = matches!(steps.as_slice(), [Step::Key(word)] if WORDS.contains(&word.as_str()));
            if !filter && !is_word {
                out.push(steps);
            }
            (filter, text) = (false, rest);
        } else if matches!(c, '"' | '\'') {
            text = text[1..].split_once(c).map_or("", |(_, rest)| rest);
        } else {
            filter = c == '|' || (filter && c.is_whitespace());
            text = &text[c.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_path_at_fault_is_found_in_its_tag() {
        let names = json!({ "test": { "mae": 1, "r2": 1 }, "worst": [] });
        for (template, at, path, near) in [
            ("a {{ test.mea | figure }} b", "figure", "test.mea", "test.mae"),
            ("{% if test.mae > tset.r2 and x %}", "r2", "tset.r2", "test.r2"),
            ("{% if test.mea == \"worst.x\" %}", "mea", "test.mea", "test.mae"),
            ("{% for row in wurst %}", "wurst", "wurst", "worst"),
        ] {
            let said = undefined(tag(template, template.find(at).unwrap()), at, &names);
            assert!(
                said.starts_with(&format!("`{path}` is not")) && said.contains(&format!("`{near}`?")),
                "{said}"
            );
        }
        let said = undefined(" row.perriod ", "row.perriod", &names);
        assert!(said.starts_with("`row.perriod` is not") && !said.contains("did you mean"), "{said}");
    }
}
