//! References to figures in what an analyst wrote: `{{ test.mae }}`, `{{ test.r2 | percent }}`, `{{ test.mae | fixed(2) }}`.
//!
//! Only paths into `metrics.json` and the filters of templates: there is nothing to run. References in code and
//! comments are left, and so is `\{{`.

mod prose;

use common::text;
use minijinja::Value as Shown;
use minijinja::value::Serde;
use serde_json::Value;

use crate::{escape, filters, path};

/// A document with its references filled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The document, with as many lines as before.
    pub(crate) text: String,
    /// References that could not be filled, in order.
    pub(crate) unknown: Vec<Unknown>,
    /// How many were filled.
    pub(crate) count: usize,
}

/// A reference that names no figure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// What stands between the braces.
    pub(crate) expression: String,
    /// What is wrong, and the nearest name.
    pub(crate) why: String,
}

/// Fills the references of `document` from `metrics`, the whole of `metrics.json`. What cannot be filled stays
/// visible, as `**⚠ unknown figure: test.mea**`.
pub(crate) fn fill(document: &str, metrics: &Value) -> Filled {
    let mut out = Filled { text: String::with_capacity(document.len()), unknown: Vec::new(), count: 0 };
    for piece in prose::pieces(document) {
        match piece {
            prose::Piece::Text(text) => out.text.push_str(text),
            prose::Piece::Reference { expression, line } => match value(expression, metrics) {
                Ok(shown) => {
                    out.count += 1;
                    out.text.push_str(&shown);
                }
                Err(why) => {
                    let expression = expression.trim().to_owned();
                    out.text.push_str(&format!("**⚠ unknown figure: {}**", escape::text(&expression)));
                    out.unknown.push(Unknown { line, expression, why });
                }
            },
            prose::Piece::Open { text, line } => {
                out.text.push_str(text);
                let why = "`{{` is not closed by `}}` on its line; write `\\{{` where no figure is meant";
                out.unknown.push(Unknown { line, expression: text.trim().to_owned(), why: why.to_owned() });
            }
        }
    }
    out
}

/// The figure that an expression names, as Markdown.
fn value(expression: &str, metrics: &Value) -> Result<String, String> {
    // In a table the bar is escaped.
    let expression = expression.replace("\\|", "|");
    let expected = "expected a path into metrics.json, such as test.mae, and at most one filter";
    let (steps, rest) = path::parse(expression.trim()).ok_or(expected)?;
    let (filter, decimals) = match rest.trim().strip_prefix('|') {
        None if rest.trim().is_empty() => (None, None),
        None => return Err(expected.to_owned()),
        Some(filter) => {
            let (name, decimals) = named(filter.trim()).ok_or(expected)?;
            (Some(name), decimals)
        }
    };
    let Some(value) = path::find(metrics, &steps) else {
        let near =
            path::nearest(metrics, &steps).map(|near| format!(" (did you mean `{}`?)", text::shown(&near)));
        return Err(format!("is not in metrics.json{}", near.unwrap_or_default()));
    };
    if let Some(name) = filter.filter(|name| !filters::NAMES.contains(name)) {
        return Err(format!(
            "{} is no filter{}; filters: {}",
            text::name(name),
            text::did_you_mean(name, filters::NAMES),
            filters::NAMES.join(", ")
        ));
    }
    if value.is_null() {
        let why = path::why_absent(metrics, &steps).map(|why| format!(" ({why})"));
        return Ok(format!("not known{}", why.unwrap_or_default()));
    }
    let shown = Shown::from(Serde(value));
    filter.map_or_else(|| filters::plain(&shown), |name| filters::apply(name, &shown, decimals))
}

/// `fixed(2)` as name and number.
fn named(filter: &str) -> Option<(&str, Option<usize>)> {
    let Some((name, rest)) = filter.split_once('(') else { return Some((filter, None)) };
    let number = rest.strip_suffix(')')?.trim().parse().ok()?;
    Some((name.trim_end(), Some(number)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(document: &str) -> Filled {
        let metrics = json!({
            "test": { "n": 40, "mae": 8_764.613, "r2": 0.916, "gain": -0.0314, "mase": null, "ok": true,
                "absent": { "mase": "too_few_rows" }, "verdict": "cannot_tell" },
            "drift": { "features": { "a |{{b}}": { "psi": 0.25 } } },
            "rows": [{ "city": "<b>{{ 7*7 }}" }],
        });
        fill(document, &metrics)
    }

    #[test]
    fn figures_are_filled_as_the_report_shows_them() {
        for (written, shown) in [
            ("{{ test.mae }}", "8,765"),
            ("{{test.mae|fixed(1)}}", "8,764.6"),
            ("{{ test.r2 | percent }}", "92 %"),
            ("{{ test.gain | percent }}", "−3.1 %"),
            ("{{ test.n }}", "40"),
            ("{{ test.ok }}", "yes"),
            ("{{ test.mase }}", "not known (too few rows)"),
            ("{{ test.verdict | words }}", "cannot tell"),
            ("{{ rows[0].city }}", "&lt;b&gt;\\{\\{ 7\\*7 \\}\\}"),
            ("{{ drift.features[\"a |{{b}}\"].psi | fixed(2) }}", "0.25"),
            ("| {{ test.r2 \\| percent }} |", "| 92 % |"),
        ] {
            let found = filled(written);
            assert_eq!((found.text.as_str(), found.count, found.unknown.len()), (shown, 1, 0), "{written}");
        }
    }

    #[test]
    fn what_names_no_figure_stays_visible() {
        for (written, shown, why) in [
            ("{{ test.mea }}", "**⚠ unknown figure: test.mea**", "did you mean `test.mae`?"),
            ("{{ 7*7 }}", "**⚠ unknown figure: 7\\*7**", "expected a path"),
            ("{{ test.mae() }}", "**⚠ unknown figure: test.mae()**", "expected a path"),
            (
                "{{ test.mae | perzent }}",
                "**⚠ unknown figure: test.mae &#124; perzent**",
                "did you mean `percent`?",
            ),
            ("{{ test.mae | fixed }}", "**⚠ unknown figure: test.mae &#124; fixed**", "number of decimals"),
            ("{{ test }}", "**⚠ unknown figure: test**", "a group of figures"),
            ("{{ }}", "**⚠ unknown figure: (empty)**", "expected a path"),
        ] {
            let found = filled(written);
            assert_eq!((found.text.as_str(), found.count), (shown, 0), "{written}");
            assert!(found.unknown[0].why.contains(why), "{:?}", found.unknown);
        }
        let found = filled("a\n{{ test.mea }} {{ test.mae }}\n\n{{ open\n");
        assert_eq!(found.unknown.iter().map(|u| u.line).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(found.text, "a\n**⚠ unknown figure: test.mea** 8,765\n\n{{ open\n");
    }
}
