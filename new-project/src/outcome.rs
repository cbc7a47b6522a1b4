//! The target: the column named, or the list of those that could be.

use common::schema::Kind;
use common::{Class, Error, Result, text};

use crate::column::Column;
use crate::draft::Draft;
use crate::{moment, words};

/// Most columns listed.
const MOST_LISTED: usize = 60;

/// Fewest known values from which anything can be learned.
const FEWEST: u64 = 10;

/// The target's column.
///
/// # Errors
/// [`Class::Usage`] where none is named, none has that name, or it cannot be predicted; [`Class::Rows`]
/// where too few of its values are known.
pub(crate) fn choose(named: Option<&str>, columns: &[Column], draft: &Draft) -> Result<usize> {
    let rows = words::counted(draft.rows, "row");
    let Some(name) = named.filter(|name| !name.is_empty()) else {
        let message = format!(
            "TARGET names the column to predict, as in TARGET={}; the candidates of {rows} follow, no project was written",
            best(columns).map_or_else(|| "price".to_owned(), |c| text::shown(&c.name))
        );
        return Err(Error::usage(message).with_details(candidates(columns)));
    };
    let Some(at) = columns.iter().position(|c| c.name == name) else {
        let mut order: Vec<&Column> = columns.iter().collect();
        let near = text::did_you_mean(name, columns.iter().map(|c| c.name.as_str()));
        order.sort_by_key(|c| distance(name, &c.name));
        let numbers = columns.iter().all(|c| c.name.trim().parse::<f64>().is_ok());
        let header = if numbers {
            "; every name is a number: is there no header? then INGEST='header = false'"
        } else {
            ""
        };
        let message = format!(
            "TARGET: no column {}{near}; the columns follow, the nearest first{header}",
            text::name(name)
        );
        let lines = order.into_iter().take(MOST_LISTED).map(line).collect();
        return Err(Error::usage(message).with_details(lines));
    };
    let column = &columns[at];
    let wrong = |why: String| {
        Error::usage(format!("TARGET: column {} {why}; the candidates follow", text::name(name)))
            .with_details(candidates(columns))
    };
    if !column.is_number() && column.kind != Kind::Boolean {
        let note = column.note.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
        return Err(wrong(format!("is {} and no number{note}", described(column.kind))));
    }
    if column.known() > 1 && column.is_constant() {
        return Err(wrong("has one value in all rows: there is nothing to predict".to_owned()));
    }
    if column.known() < FEWEST {
        let known = words::counted(column.known(), "known value");
        let message = format!(
            "TARGET: column {} has {known} in {rows}, too few to learn anything from",
            text::name(name)
        );
        return Err(Error::new(Class::Rows, message));
    }
    Ok(at)
}

/// How far a name is from another, whatever their case; a name that holds the other is nearer.
fn distance(wanted: &str, name: &str) -> (bool, usize, usize) {
    let (wanted, name) = (wanted.to_lowercase(), name.to_lowercase());
    let near = text::nearest(&wanted, [name.as_str()]).is_some();
    let holds = name.contains(&wanted) || wanted.contains(&name);
    let common = wanted.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    (!(near || holds), usize::MAX - common, name.len().abs_diff(wanted.len()))
}

fn is_candidate(column: &Column) -> bool {
    column.is_number() && !column.is_constant() && column.known() >= FEWEST
}

/// The last number that is no id and no part of a date: tables mostly have their outcome there.
fn best(columns: &[Column]) -> Option<&Column> {
    let plain =
        |c: &&Column| !crate::alternates::is_named_date(&c.name) && !crate::roles::is_named_id(&c.name);
    let mut candidates = columns.iter().filter(|c| is_candidate(c)).filter(plain);
    let last = candidates.clone().rfind(|c| c.kind == Kind::Number);
    last.or_else(|| candidates.next_back())
}

fn candidates(columns: &[Column]) -> Vec<String> {
    let all: Vec<&Column> = columns.iter().filter(|c| is_candidate(c)).collect();
    if all.is_empty() {
        return std::iter::once("no column is one of numbers that differ; the columns:".to_owned())
            .chain(columns.iter().take(MOST_LISTED).map(line))
            .collect();
    }
    let more = all.len().saturating_sub(MOST_LISTED);
    let mut lines: Vec<String> = all.into_iter().take(MOST_LISTED).map(line).collect();
    lines.extend((more > 0).then(|| format!("and {more} more")));
    lines
}

fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "text",
        Kind::Integer => "whole numbers",
        Kind::Number => "numbers",
        Kind::Boolean => "truth values",
        Kind::Date => "dates",
        Kind::Datetime => "datetimes",
    }
}

/// A column in one line: name, type, range or levels, missing cells.
pub(crate) fn line(column: &Column) -> String {
    format!("{}: {}", text::name(&column.name), facts(column))
}

/// The facts of a column in a few words.
pub(crate) fn facts(column: &Column) -> String {
    let mut out = described(column.kind).to_owned();
    match column.range {
        Some((low, high)) if column.is_date() => {
            let show = |x| moment::shown(x, true, 1);
            out.push_str(&format!(" from {} to {}", show(low), show(high)));
        }
        Some((low, high)) if column.kind != Kind::Boolean => {
            out.push_str(&format!(" from {} to {}", words::number(low), words::number(high)));
        }
        _ => {}
    }
    if column.kind == Kind::String && column.distinct > 0 {
        out.push_str(&format!(", {}", words::counted(column.distinct, "level")));
    }
    match column.nulls {
        0 => out.push_str(", none missing"),
        n if n == column.rows => out.push_str(", all missing"),
        n => out.push_str(&format!(", {} missing ({})", words::count(n), words::share(n, column.rows))),
    }
    out
}
