//! Columns that number or name the rows.

use std::collections::{BTreeMap, HashSet};

use common::schema::Kind;
use common::text;

use super::agreement::MIN_ROWS;
use super::sample::{Sample, pick};
use super::{Category, Evidence, Finding, Suspect};

/// Least levels for each row of a text column that names its rows.
const LEVELS: f64 = 0.9;
/// Numbers from least to largest for each row, at most, of a column that numbers the rows: some rows may
/// have been dropped.
const DENSE: f64 = 1.25;
/// Names of columns that number rows, and last words of such names.
const NAMES: [&str; 8] = ["id", "uuid", "guid", "key", "index", "row", "rowid", "row_number"];
const LAST_WORDS: [&str; 5] = ["id", "uuid", "guid", "key", "rowid"];

/// Names text columns with nearly as many levels as rows, and whole numbers that number the rows.
pub(super) fn used(evidence: &Evidence<'_>, sample: &Sample) -> Vec<Finding> {
    let texts = evidence.categories.iter().filter_map(|column| names_rows(evidence, column));
    let numbers = evidence.features.iter().filter_map(|column| numbers_rows(evidence, sample, column));
    texts.chain(numbers).collect()
}

fn names_rows(evidence: &Evidence<'_>, column: &Category<'_>) -> Option<Finding> {
    let train = evidence.kept[0].iter();
    let mut levels: HashSet<&str> = HashSet::new();
    let mut known = 0_usize;
    for cell in train.filter_map(|row| column.cells.get(*row as usize)) {
        known += 1;
        levels.insert(cell);
    }
    let levels = levels.len();
    if known < MIN_ROWS || (levels as f64) < LEVELS * known as f64 {
        return None;
    }
    let what =
        format!("text column {} has {levels} values in {known} training rows", text::name(column.name));
    Some(finding(column.name, levels, known, what))
}

fn numbers_rows(evidence: &Evidence<'_>, sample: &Sample, column: &Suspect<'_>) -> Option<Finding> {
    if !matches!(column.kind, Some(Kind::Integer | Kind::Number)) {
        return None;
    }
    let whole = |values: &[f64]| values.iter().all(|v| v.is_nan() || v.fract().abs() <= 0.0);
    // Most columns are told by a few rows.
    let values = column.values.numbers()?;
    let few = pick(values, &sample.train);
    if !whole(&few) || distinct(&few).is_none() || !whole(values) {
        return None;
    }
    let (least, largest, rows) = distinct(values)?;
    if rows < MIN_ROWS {
        return None;
    }
    let dense = largest - least < DENSE * rows as f64;
    let named = is_id(column.name);
    if !named && (!dense || rises_in_time(evidence, values)) {
        return None;
    }
    let how = if dense { ", without large gaps" } else { "" };
    let what =
        format!("column {} has another whole number in each of {rows} rows{how}", text::name(column.name));
    Some(finding(column.name, rows, rows, what))
}

/// Least and largest value and their number, where no two are equal.
fn distinct(values: &[f64]) -> Option<(f64, f64, usize)> {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let (least, largest) = (*known.first()?, *known.last()?);
    known.is_sorted_by(|a, b| a < b).then_some((least, largest, known.len()))
}

/// A column that only rises with time is a trend: it says when, not which row.
fn rises_in_time(evidence: &Evidence<'_>, values: &[f64]) -> bool {
    let rises = |group: &Vec<usize>| {
        let known: Vec<f64> = group.iter().map(|row| values[*row]).filter(|v| !v.is_nan()).collect();
        known.is_sorted()
    };
    evidence.groups.is_some_and(|groups| groups.len() == 1 && groups.iter().all(rises))
}

/// Whether a name is one that ids have: `id`, `customer_id`, `orderId`.
fn is_id(name: &str) -> bool {
    let mut words = String::new();
    let mut lower = false;
    for c in name.chars() {
        if lower && c.is_uppercase() {
            words.push('_');
        }
        lower = c.is_lowercase();
        words.extend(if c.is_alphanumeric() { c } else { '_' }.to_lowercase());
    }
    let words = words.trim_matches('_');
    NAMES.contains(&words) || LAST_WORDS.iter().any(|last| words.rsplit('_').next() == Some(last))
}

fn finding(name: &str, levels: usize, rows: usize, what: String) -> Finding {
    Finding {
        kind: "identifier",
        columns: vec![name.to_owned()],
        parts: Vec::new(),
        figures: BTreeMap::from([("values", levels as f64), ("rows", rows as f64)]),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ids_are_told_from_names_that_hold_one() {
        for name in ["id", "ID", "customer_id", "orderId", "Row", "index", "uuid", "primary key", "_id"] {
            assert!(is_id(name), "{name}");
        }
        for name in ["width", "paid", "price_index", "heat index", "identity", "rows", "monkey", ""] {
            assert!(!is_id(name), "{name}");
        }
    }
}
