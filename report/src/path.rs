//! Paths into `metrics.json`: `test.mae`, `segments[0].rows[2].mae`, `drift.features["a b"].test.psi`.

use common::text;
use serde_json::Value;
use stats::Reason;

use crate::words;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The path that `text` begins with, and what comes after it; nothing where it begins with none.
pub(crate) fn parse(text: &str) -> Option<(Vec<Step>, &str)> {
    let (first, mut rest) = word(text)?;
    let mut steps = vec![Step::Key(first.to_owned())];
    loop {
        if let Some((name, after)) = rest.strip_prefix('.').and_then(word) {
            steps.push(Step::Key(name.to_owned()));
            rest = after;
        } else if let Some((step, after)) = rest.strip_prefix('[').and_then(bracket) {
            steps.push(step);
            rest = after;
        } else {
            return Some((steps, rest));
        }
    }
}

/// A name: letters, digits and underscores, not beginning with a digit.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    (end > 0 && !text.starts_with(|c: char| c.is_ascii_digit())).then(|| text.split_at(end))
}

/// What stands between brackets: a number, or a name in quotation marks.
fn bracket(text: &str) -> Option<(Step, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let mut name = String::new();
        let mut chars = text[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => name.push(chars.next()?.1),
                c if c == quote => {
                    return Some((Step::Key(name), text[1 + at + c.len_utf8()..].strip_prefix(']')?));
                }
                c => name.push(c),
            }
        }
        return None;
    }
    let (number, rest) = text.split_once(']')?;
    Some((Step::Index(number.trim().parse().ok()?), rest))
}

/// A path as a person writes it.
pub(crate) fn shown(steps: &[Step]) -> String {
    let mut out = String::new();
    for (i, step) in steps.iter().enumerate() {
        match step {
            Step::Key(name) if word(name).is_some_and(|(_, rest)| rest.is_empty()) => {
                out.push_str(if i > 0 { "." } else { "" });
                out.push_str(name);
            }
            Step::Key(name) => out.push_str(&format!("[{name:?}]")),
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

/// The value at a path.
pub(crate) fn find<'a>(metrics: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(metrics, step)
}

fn step<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Key(name) => value.as_object()?.get(name),
        Step::Index(index) => value.as_array()?.get(*index),
    }
}

/// The known path that is nearest to one that is not known.
pub(crate) fn nearest(metrics: &Value, steps: &[Step]) -> Option<String> {
    // A figure by its bare name is most often that of the test part.
    if let [Step::Key(name)] = steps
        && metrics["test"].get(name).is_some()
    {
        return Some(shown(&[Step::Key("test".to_owned()), Step::Key(name.clone())]));
    }
    let mut at = metrics;
    let mut found = Vec::new();
    for one in steps {
        let (next, value) = match (step(at, one), one, at) {
            (Some(value), ..) => (one.clone(), value),
            (None, Step::Key(name), Value::Object(keys)) => {
                let near = text::nearest(name, keys.keys().map(String::as_str))?;
                (Step::Key(near.to_owned()), &keys[near])
            }
            (None, Step::Index(_), Value::Array(all)) => {
                (Step::Index(all.len().checked_sub(1)?), all.last()?)
            }
            _ => break,
        };
        found.push(next);
        at = value;
    }
    (!found.is_empty()).then(|| shown(&found))
}

/// Why the value at a path is missing, where the metrics say: `absent` of what holds it.
pub(crate) fn why_absent(metrics: &Value, steps: &[Step]) -> Option<&'static str> {
    (1..steps.len()).rev().find_map(|depth| {
        let absent = find(metrics, &steps[..depth])?.get("absent")?;
        let key = shown(&steps[depth..]);
        let reason: Reason = serde_json::from_value(absent.get(key.trim_matches('.'))?.clone()).ok()?;
        Some(words::reason(reason))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_read_and_shown() {
        for (text, rest) in [
            ("test.mae", ""),
            ("a[0].b", ""),
            ("a[\"x y\"].b", ""),
            ("a.b | figure", " | figure"),
            ("a..b", "..b"),
            ("a[-1]", "[-1]"),
        ] {
            let (steps, left) = parse(text).unwrap();
            assert_eq!((left, shown(&steps)), (rest, text[..text.len() - rest.len()].to_owned()));
        }
        for text in ["", "7", ".a", "\"a\"", "[0]"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("a['b\\'c']").unwrap().0, [Step::Key("a".to_owned()), Step::Key("b'c".to_owned())]);
    }

    #[test]
    fn the_nearest_path_is_found_step_by_step() {
        let metrics = json!({ "test": { "mae": 1, "calibration": { "slope": 1 } }, "list": [{ "x": 1 }] });
        for (wrong, near) in [
            ("tset.mea", Some("test.mae")),
            ("mae", Some("test.mae")),
            ("test.calibration.slop", Some("test.calibration.slope")),
            ("list[7].x", Some("list[0].x")),
            ("unlike.anything", None),
        ] {
            assert_eq!(nearest(&metrics, &parse(wrong).unwrap().0).as_deref(), near, "{wrong}");
        }
    }

    #[test]
    fn a_reason_is_found_beside_or_above() {
        let metrics = json!({ "test": { "r2": null, "absent": { "r2": "no_variance", "calibration.slope": "too_few_rows" },
            "calibration": { "slope": null } } });
        let why = |path: &str| why_absent(&metrics, &parse(path).unwrap().0);
        assert_eq!(why("test.r2"), Some("all values equal"));
        assert_eq!(why("test.calibration.slope"), Some("too few rows"));
        assert_eq!(why("test.mae"), None);
    }
}
