//! How a value of `metrics.json` is shown in prose: one implementation for templates and for references.

use minijinja::Value;
use minijinja::value::ValueKind;

use crate::{escape, number};

/// Most decimals of `fixed`.
const MOST_DECIMALS: usize = 12;

/// The filters that show a value, in the order of their explanation.
pub(crate) const NAMES: [&str; 7] = ["figure", "percent", "count", "fixed", "level", "words", "text"];

/// `value` as Markdown, as the filter `name` shows it; `decimals` is the argument of `fixed`.
///
/// # Errors
/// What the value is and what was expected.
pub(crate) fn apply(
    name: &str,
    value: &Value,
    decimals: Option<usize>,
) -> std::result::Result<String, String> {
    if decimals.is_some() && name != "fixed" {
        return Err(format!("{name} takes no number"));
    }
    if value.is_none() {
        return Ok(number::or_dash(None));
    }
    match name {
        "figure" => number(value).map(number::figure),
        "percent" => number(value).map(number::signed_percent),
        "level" => number(value).map(number::level),
        "count" => i128::try_from(value.clone())
            .map(number::whole)
            .map_err(|_| format!("count shows whole numbers, this is {}", kind(value))),
        "fixed" => match decimals {
            Some(decimals) if decimals <= MOST_DECIMALS => {
                number(value).map(|x| number::fixed(Some(x), decimals))
            }
            _ => Err(format!("fixed needs the number of decimals, 0 to {MOST_DECIMALS}: fixed(2)")),
        },
        "words" => scalar(value).map(|text| escape::text(&text.replace('_', " "))),
        "text" if value.is_safe() => Ok(value.to_string()),
        "text" => scalar(value).map(|text| escape::text(&text)),
        other => Err(format!("{other} is no filter")),
    }
}

/// `value` as it is shown without a filter: a measure by `figure`, a whole number by `count`, text as text.
///
/// # Errors
/// Where it is no single value.
pub(crate) fn plain(value: &Value) -> std::result::Result<String, String> {
    match value.kind() {
        ValueKind::Number if value.is_integer() => apply("count", value, None),
        ValueKind::Number => apply("figure", value, None),
        ValueKind::Bool => Ok(if value.is_true() { "yes" } else { "no" }.to_owned()),
        _ => apply("text", value, None),
    }
}

fn number(value: &Value) -> std::result::Result<f64, String> {
    match f64::try_from(value.clone()) {
        Ok(x) if x.is_finite() && value.is_number() => Ok(x),
        _ => Err(format!("expected a number, this is {}", kind(value))),
    }
}

fn scalar(value: &Value) -> std::result::Result<String, String> {
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => Ok(value.to_string()),
        _ => Err(format!("expected a single value, this is {}", kind(value))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Number if value.is_integer() => "a whole number",
        ValueKind::Number => "a number with a fraction",
        ValueKind::String => "text",
        ValueKind::Bool => "true or false",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a group of figures",
        _ => "nothing that can be shown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_in_the_report() {
        for (value, name, shown) in [
            (Value::from(8_764.613), "figure", "8,765"),
            (Value::from(-0.0314), "percent", "−3.1 %"),
            (Value::from(12_345), "count", "12,345"),
            (Value::from(0.995), "level", "99.5 %"),
            (Value::from("cannot_tell"), "words", "cannot tell"),
            (Value::from("{{ 7*7 }}"), "text", "\\{\\{ 7\\*7 \\}\\}"),
            (Value::from(()), "figure", "–"),
        ] {
            assert_eq!(apply(name, &value, None).as_deref(), Ok(shown));
        }
        assert_eq!(apply("fixed", &Value::from(1234.567), Some(1)).as_deref(), Ok("1,234.6"));
        for (value, shown) in [
            (Value::from(40), "40"),
            (Value::from(1.0), "1.000"),
            (Value::from(true), "yes"),
            (Value::from("a|b"), "a&#124;b"),
        ] {
            assert_eq!(plain(&value).as_deref(), Ok(shown));
        }
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        for (name, value, decimals) in [
            ("figure", Value::from("text"), None),
            ("figure", Value::from(true), None),
            ("count", Value::from(1.5), None),
            ("fixed", Value::from(1.5), None),
            ("fixed", Value::from(1.5), Some(13)),
            ("percent", Value::from(1.5), Some(1)),
            ("text", Value::from(vec![1]), None),
            ("tezt", Value::from(1), None),
        ] {
            assert!(apply(name, &value, decimals).is_err(), "{name}");
        }
    }
}
