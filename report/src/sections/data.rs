//! What was predicted from what.

use serde_json::Value;

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number, sections, words};

/// Sources that are listed one by one.
const MOST: usize = 6;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let target = &facts.metrics.target;
    let mut out = vec!["## What was predicted from what".to_owned()];
    let column = if target.column == target.source {
        String::new()
    } else {
        format!(" (column {} of the features table)", escape::quoted(&target.column))
    };
    let order = if target.time.is_empty() {
        String::new()
    } else {
        format!(" Rows are ordered in time by {}.", escape::list(&target.time))
    };
    out.push(format!(
        "The target is {}{column}.{order} {}",
        sections::predicted(facts),
        split(&facts.metrics.split)
    ));
    out.push(parts(facts));
    out.extend(sources(&facts.metrics.sources));
    out
}

/// How rows came to their part, in words.
fn split(split: &Value) -> String {
    let word = |key: &str| split.get(key).and_then(Value::as_str).map(escape::text);
    match (
        split.get("by").and_then(Value::as_str),
        word("calibration_from"),
        word("test_from"),
        word("column"),
    ) {
        (Some("dates"), calibration, Some(test), _) => {
            let calibration =
                calibration.map_or_else(String::new, |c| format!(" rows from {c} on are for calibration,"));
            let gap = word("gap").map_or_else(String::new, |gap| {
                format!(" Rows within {gap} before either belong to no part and are history only.")
            });
            format!("The split is by time:{calibration} rows from {test} on are for the test.{gap}")
        }
        (Some("hash"), ..) => {
            format!("The split is by a hash of {}, so that new rows never move old ones.", key(split))
        }
        (Some("column"), _, _, Some(column)) => format!("The split was given in column “{column}”."),
        _ => "How the split was made is not on record.".to_owned(),
    }
}

fn key(split: &Value) -> String {
    let names: Vec<&str> =
        split.get("key").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if names.is_empty() { "the row".to_owned() } else { escape::list(names) }
}

fn parts(facts: &Facts) -> String {
    let metrics = &facts.metrics;
    let timed = metrics.parts().iter().any(|(name, _)| metrics.period(name).is_some());
    let mut titles = vec!["Part", ">Rows"];
    if timed {
        titles.extend(["From", "To"]);
    }
    titles.extend([">Mean outcome", ">Mean prediction"]);
    let mut table = Table::new(&titles);
    for (name, part) in metrics.parts() {
        let mut cells = vec![words::capital(name), number::count(part.n)];
        if timed {
            let (first, last) = metrics
                .period(name)
                .map_or(("–".to_owned(), "–".to_owned()), |(a, b)| (escape::text(a), escape::text(b)));
            cells.extend([first, last]);
        }
        cells.extend(
            [("mean_actual", part.mean_actual), ("mean_predicted", part.mean_predicted)]
                .map(|(key, value)| number::cell(value, key, &part.absent)),
        );
        table.row(cells);
    }
    table.render()
}

/// Where the raw rows came from, where that is on record.
fn sources(sources: &Value) -> Option<String> {
    let all = sources.as_array().filter(|all| !all.is_empty())?;
    let name = |source: &Value| {
        let name = ["uri", "name", "source"].iter().find_map(|key| source.get(key)?.as_str());
        escape::text(name.or(source.as_str()).unwrap_or_default())
    };
    let rows = |source: &Value| source.get("rows").and_then(Value::as_u64);
    if let [first, .., last] = all.as_slice()
        && all.len() > MOST
    {
        let counts: Vec<u64> = all.iter().filter_map(rows).collect();
        let between =
            counts.iter().min().zip(counts.iter().max()).map_or_else(String::new, |(least, most)| {
                let total = number::counted(counts.iter().sum(), "row");
                let each = number::count(*least);
                if least == most {
                    format!(": {total}, {each} each")
                } else {
                    format!(": {total}, {each} to {} each", number::count(*most))
                }
            });
        return Some(format!(
            "The rows came from {}, “{}” to “{}”{between}. All are in `metrics.json`.",
            number::counted(all.len() as u64, "source"),
            name(first),
            name(last)
        ));
    }
    let mut table = Table::new(&["Source", ">Rows"]);
    for source in all {
        table.row([name(source), rows(source).map_or_else(|| "–".to_owned(), number::count)]);
    }
    Some(table.render())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn many_sources_are_told_by_their_sizes() {
        let of = |rows: [u64; 7]| {
            let all: Vec<Value> = rows.iter().map(|n| json!({ "uri": "a.csv", "rows": n })).collect();
            sources(&json!(all)).unwrap()
        };
        assert!(of([9, 9, 9, 9, 9, 9, 9]).contains("”: 63 rows, 9 each. All"));
        assert!(of([9, 9, 8, 9, 9, 9, 9]).contains("”: 62 rows, 8 to 9 each. All"));
    }
}
