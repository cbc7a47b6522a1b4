//! What the model says of rows whose outcome is not known yet.

use std::collections::BTreeMap;

use stats::CoverageVerdict;

use crate::facts::Facts;
use crate::forecast::{Row, Rows, State};
use crate::table::Table;
use crate::{escape, number, sections, words};

/// Names told of one flag.
const NAMED: usize = 3;

/// The section; nothing where there is no forecast.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let Some(forecast) = &facts.forecast else { return Vec::new() };
    let mut out = vec!["## Forecast".to_owned()];
    match &forecast.state {
        State::Current(rows) if rows.all == 0 => out.push("`reports/forecast.csv` holds no prediction.".to_owned()),
        State::Current(rows) => {
            out.push(what(facts, rows));
            out.push(table(facts, rows));
            match rows.all.saturating_sub(rows.first.len() as u64) {
                0 => {}
                1 => out.push("1 more prediction is in `reports/forecast.csv`.".to_owned()),
                more => out.push(format!("{} more predictions are in `reports/forecast.csv`.", number::count(more))),
            }
            out.push(caution(facts, rows));
        }
        State::OfAnother => out.push(
            "`reports/forecast.csv` is of another model than this report, so it is not shown: `make predict` makes it anew."
                .to_owned(),
        ),
        State::Unknown => out.push(
            "`reports/forecast.csv` has no manifest that says which model it is of, so it is not shown: `make predict` makes it anew."
                .to_owned(),
        ),
    }
    out
}

fn what(facts: &Facts, rows: &Rows) -> String {
    let made = match &rows.times {
        Some((first, last)) if first == last => {
            format!(" Each is made from a row of {}.", escape::text(first))
        }
        Some((first, last)) => {
            format!(" They are made from rows of {} to {}.", escape::text(first), escape::text(last))
        }
        None => String::new(),
    };
    format!(
        "{} of {}, {}.{made}",
        words::capital(&number::counted(rows.all, "prediction")),
        sections::predicted(facts),
        sections::unit(facts)
    )
}

fn table(facts: &Facts, rows: &Rows) -> String {
    let noted = rows.first.iter().any(|row| !row.flags.is_empty());
    let placed = rows.first.iter().any(|row| row.place.is_some());
    let mut titles = Vec::new();
    titles.extend(rows.entity.as_ref().map(|name| escape::text(name)));
    if rows.timed {
        titles.push(if facts.metrics.target.horizon > 0 { "Made from" } else { "Time" }.to_owned());
    }
    titles.extend(placed.then(|| "Source and line".to_owned()));
    titles.push(">Prediction".to_owned());
    titles.extend(rows.level.map(|level| format!("{} interval", number::level(level))));
    titles.extend(noted.then(|| "Note".to_owned()));
    let mut table = Table::new(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    for row in &rows.first {
        let mut cells = Vec::new();
        if rows.entity.is_some() {
            cells.push(row.entity.as_ref().map_or_else(|| number::or_dash(None), |e| escape::text(e)));
        }
        cells.extend(rows.timed.then(|| time(&row.time)));
        if placed {
            let place = row.place.as_ref();
            cells.push(place.map_or_else(String::new, |(source, line)| {
                format!("{}, line {}", escape::text(source), escape::text(line))
            }));
        }
        cells.push(number::or_dash(row.prediction));
        cells.extend(rows.level.map(|_| interval(row)));
        cells.extend(noted.then(|| note(row)));
        table.row(cells);
    }
    table.render()
}

/// Year and month as 2015-07, one column as it is.
fn time(cells: &[String]) -> String {
    let padded = |(i, cell): (usize, &String)| match cell.parse::<u8>() {
        Ok(part) if i > 0 => format!("{part:02}"),
        _ => cell.clone(),
    };
    escape::text(&cells.iter().enumerate().map(padded).collect::<Vec<_>>().join("-"))
}

fn interval(row: &Row) -> String {
    row.bounds.map_or_else(
        || number::or_dash(None),
        |(lower, upper)| format!("{} to {}", number::figure(lower), number::figure(upper)),
    )
}

fn note(row: &Row) -> String {
    let one = |(flag, names): &(&'static str, Vec<String>)| {
        let few = match names.len().saturating_sub(NAMED) {
            0 => escape::list(names),
            more => {
                let few: Vec<String> = names.iter().take(NAMED).map(|name| escape::quoted(name)).collect();
                format!("{} and {more} more", few.join(", "))
            }
        };
        match *flag {
            "absent" => format!("none: {}", escape::text(&names.join(", ").replace('_', " "))),
            "outside" => format!("outside the training range: {few}"),
            "unseen" => format!("a value that training did not have: {few}"),
            "filled" => format!("missing and filled: {few}"),
            "limited" => format!("moved to its limit: {few}"),
            other => format!("{other}: {few}"),
        }
    };
    row.flags.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// How far to trust them.
fn caution(facts: &Facts, rows: &Rows) -> String {
    let mut out = vec![intervals(facts, rows)];
    let flagged: BTreeMap<_, _> = rows.flagged.iter().map(|(flag, n)| (*flag, *n)).collect();
    for (flag, says) in [
        ("outside", "have a feature outside the range of the training rows, where the model is untried"),
        ("unseen", "have a value that no training row had"),
        ("filled", "had missing values, which were filled"),
        ("limited", "had a value beyond the learned limits, which was moved to the limit"),
        ("absent", "have no prediction"),
    ] {
        if let Some(n) = flagged.get(flag) {
            out.push(format!("{} of {} {says}.", number::count(*n), number::count(rows.all)));
        }
    }
    if rows.ended > 0 {
        let (which, verb) = if rows.ended == 1 { ("entity", "ends") } else { ("entities", "end") };
        out.push(format!(
            "{} {which} {verb} before the others: the forecast there is for a time that has passed.",
            number::count(rows.ended)
        ));
    }
    out.join(" ")
}

fn intervals(facts: &Facts, rows: &Rows) -> String {
    let Some(level) = rows.level else {
        return "The model has no prediction intervals, so how far off each may be is not said.".to_owned();
    };
    let test = facts.metrics.test.intervals.iter().find(|of| of.level.total_cmp(&level).is_eq());
    let shown = number::level(level);
    let held = test
        .and_then(|of| of.coverage)
        .map_or_else(String::new, |share| format!(" {}", number::fixed(Some(100.0 * share), 1) + " %"));
    match test.map(|of| of.verdict) {
        Some(CoverageVerdict::Holds) => {
            format!("On the test part {shown} intervals held{held} of the outcomes, as promised.")
        }
        Some(CoverageVerdict::TooNarrow) => format!(
            "**Take the {shown} intervals as too narrow**: on the test part they held only{held} of the outcomes."
        ),
        Some(CoverageVerdict::TooWide) => format!(
            "The {shown} intervals are rather too wide: on the test part they held{held} of the outcomes."
        ),
        _ => format!("Whether the {shown} intervals hold **cannot be told** from the test part."),
    }
}
