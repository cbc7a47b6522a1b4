//! What each column holds: type, form, and the cells that stand for a missing value.
//!
//! Types are those of `ingest` (`common::schema::Inference`), over all cells that are no word for a missing
//! value. Columns that stay text are read once more (`alternates`): numbers with other marks, dates in forms
//! that `ingest` does not look for.

use std::collections::{BTreeMap, BTreeSet};

use common::schema::{Inference, Kind, Numerals};
use common::{Error, Result};

use crate::alternates::Alternates;
use crate::draft::Draft;
use crate::{rows, words};

/// Words for a missing value, where a column is one of numbers or dates without them.
const WORDS: [&str; 20] = [
    "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "none", "NaT", "#N/A",
    "<NA>", "-", "--", "?", ".", "..",
];

/// Those that mean it in a column of text too.
const ALWAYS: [&str; 9] = ["NA", "N/A", "NaN", "nan", "null", "NULL", "NaT", "#N/A", "<NA>"];

/// What a column holds.
#[derive(Clone, Debug)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) numerals: Numerals,
    /// The strptime pattern of dates, where they are not in ISO 8601.
    pub(crate) format: Option<String>,
    /// What a person should know of the guess.
    pub(crate) note: Option<String>,
}

/// The types of all columns, and what is missing in all of them.
pub(crate) struct Types {
    pub(crate) columns: Vec<Type>,
    /// With the empty cell.
    pub(crate) missing: Vec<String>,
    /// The marks of numbers, where they are not the plain ones in any column that shows them.
    pub(crate) numerals: Numerals,
}

/// Finds the types, over all rows.
///
/// # Errors
/// A mark among the keys given that is none, or a table that cannot be read.
pub(crate) fn find(draft: &Draft, keys: &toml::Table) -> Result<Types> {
    let told = told(keys)?;
    let known: Vec<&str> = words(keys).collect();
    let width = draft.names.len();
    let mut found = vec![Inference::new(); width];
    let mut seen: Vec<BTreeMap<usize, u64>> = vec![BTreeMap::new(); width];
    rows::each(draft, |row, record| {
        for (at, cell) in record.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            match known.iter().position(|word| *word == cell) {
                Some(word) => *seen[at].entry(word).or_default() += 1,
                None => found[at].add(cell, &told, row),
            }
        }
    })?;
    let forced = |at: usize| forced(keys, &draft.names[at]);
    let mut types: Vec<Type> = found.iter().enumerate().map(|(at, f)| plain(f, told, forced(at))).collect();
    let mut missing: BTreeSet<usize> = (WORDS.len()..known.len()).collect();
    for (at, column) in types.iter().enumerate() {
        missing
            .extend(seen[at].keys().filter(|w| column.kind != Kind::String || ALWAYS.contains(&known[**w])));
    }
    let mut tried: Vec<Option<Alternates>> = (0..width)
        .map(|at| {
            (forced(at).is_none() && found[at].count_all() > 0)
                .then(|| Alternates::of(types[at].kind, &draft.names[at], told))?
        })
        .collect();
    if tried.iter().any(Option::is_some) {
        rows::each(draft, |row, record| {
            for (alternates, cell) in tried.iter_mut().zip(record).filter(|(_, cell)| !cell.is_empty()) {
                if let Some(alternates) = alternates.as_mut().filter(|_| !known.contains(&cell)) {
                    alternates.add(cell, row);
                }
            }
        })?;
    }
    let semicolons = draft.delimiters.iter().any(|d| d == ";");
    let comma = semicolons || tried.iter().flatten().any(Alternates::needs_decimal_comma);
    let mut marks = BTreeSet::new();
    for (at, alternates) in tried.iter().enumerate() {
        if let Some(better) = alternates.as_ref().and_then(|a| a.best(&types[at], comma)) {
            types[at] = better;
            // Words that keep a column from being numbers count only now that it is one.
            missing.extend(seen[at].keys());
        } else if let (Kind::String, Some((count, _))) = (types[at].kind, found[at].misfit()) {
            types[at].note = Some(format!(
                "text only because of {} of {}: a code for missing values, a total, a repeated header?",
                words::counted(count, "cell"),
                words::count(found[at].count_all())
            ));
        }
        if types[at].numerals != told {
            marks.insert((types[at].numerals.decimal(), types[at].numerals.thousands()));
        }
    }
    let one = marks.iter().next().filter(|_| marks.len() == 1);
    let numerals = one.and_then(|(d, t)| Numerals::new(*d, *t).ok()).unwrap_or(told);
    unify(&mut types, numerals, told);
    let texts = [String::new()].into_iter().chain(missing.into_iter().map(|w| known[w].to_owned())).collect();
    Ok(Types { columns: types, missing: texts, numerals })
}

/// Whole numbers have no mark to show: they are written as the others are.
fn unify(types: &mut [Type], numerals: Numerals, told: Numerals) {
    let others = types.iter().any(|t| t.kind == Kind::Number && t.numerals == told);
    if !others {
        types.iter_mut().filter(|t| t.kind == Kind::Integer).for_each(|t| t.numerals = numerals);
    }
}

fn plain(found: &Inference, told: Numerals, forced: Option<Kind>) -> Type {
    let kind = forced.unwrap_or_else(|| found.kind());
    let format = if forced.is_none() { found.format().map(str::to_owned) } else { None };
    Type { kind, numerals: told, format, note: None }
}

fn forced(keys: &toml::Table, name: &str) -> Option<Kind> {
    let kind = keys.get("types")?.get(name)?.as_str()?;
    Kind::ALL.into_iter().find(|k| k.to_string() == kind)
}

/// All words for a missing value: those known and those given.
pub(crate) fn words(keys: &toml::Table) -> impl Iterator<Item = &str> {
    let given = keys.get("null_tokens").and_then(toml::Value::as_array);
    let texts = given.into_iter().flatten().filter_map(toml::Value::as_str);
    WORDS.into_iter().chain(texts.filter(|t| !t.is_empty() && !WORDS.contains(t)))
}

fn told(keys: &toml::Table) -> Result<Numerals> {
    let mark = |key: &str| keys.get(key).and_then(toml::Value::as_str).and_then(|t| t.chars().next());
    Numerals::new(mark("decimal").unwrap_or('.'), mark("thousands")).map_err(Error::usage)
}

/// Whether a pattern has a time of day.
pub(crate) fn is_timed(pattern: &str) -> bool {
    pattern.contains("%H") || pattern.contains("%I") || pattern.contains("%T")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_with_a_time_of_day_are_datetimes() {
        let timed = crate::alternates::PATTERNS.iter().filter(|p| is_timed(p)).count();
        assert!(timed > 0 && timed < crate::alternates::PATTERNS.len());
    }
}
