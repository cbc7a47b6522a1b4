//! Errors by entity, and by the columns of `[evaluate] segments`.

use crate::facts::Facts;
use crate::metrics::{Segment, SegmentRow};
use crate::sections::slice;
use crate::table::Table;
use crate::{escape, number, sections};

/// Levels shown at most of each segment.
const MOST: usize = 10;

/// The section; nothing where there is no segment of several levels.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let told: Vec<&Segment> = facts.metrics.segments.iter().filter(|s| s.rows.len() > 1).collect();
    if told.is_empty() {
        return Vec::new();
    }
    let mut out = vec!["## By segment".to_owned()];
    out.push(format!(
        "The test part, the largest errors first. Errors are {}. A group with fewer than {} rows says little, and comes last.",
        sections::unit(facts),
        slice::ENOUGH_ROWS
    ));
    told.into_iter().for_each(|segment| out.extend(of(segment)));
    out
}

fn of(segment: &Segment) -> Vec<String> {
    let joined = segment.rows.iter().find(|row| row.joined.is_some());
    let told: Vec<&SegmentRow> = segment.rows.iter().filter(|row| row.joined.is_none()).collect();
    let (enough, few): (Vec<&SegmentRow>, Vec<&SegmentRow>) =
        told.iter().copied().partition(|row| row.slice.n >= slice::ENOUGH_ROWS);
    let mut all = [by_error(enough.clone()), by_error(few.clone())].concat();
    let left = all.len().saturating_sub(MOST);
    if enough.len() > MOST {
        // The worst and the best, of which something can be said.
        all.truncate(enough.len());
        all.drain(MOST / 2..enough.len() - MOST / 2);
    }
    all.truncate(MOST);
    let level = slice::level(segment.rows.iter().map(|row| &row.slice));
    let titles: Vec<String> =
        [escape::text(&segment.column)].into_iter().chain(slice::titles(level)).collect();
    let mut table = Table::new(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    for row in all.into_iter().chain(joined) {
        table.row([name(row)].into_iter().chain(slice::cells(&row.slice, level)));
    }
    let mut out = vec![table.render()];
    if left > 0 {
        let which = if enough.len() > MOST { "The worst and the best of " } else { "" };
        let which = format!(
            "{which}{} groups by {}",
            number::count(told.len() as u64),
            escape::quoted(&segment.column)
        );
        let few = match few.len() {
            0 => String::new(),
            few => format!(", {} of them with too few rows", number::count(few as u64)),
        };
        let others = joined.and_then(|row| row.joined).map_or_else(String::new, |others| {
            format!(
                " Of {} levels these have the most test rows; the other {} are told as one.",
                number::count(others + told.len() as u64),
                number::count(others)
            )
        });
        out.push(format!("{which}{few}; all are in `metrics.json`.{others}"));
    }
    out
}

fn by_error(mut rows: Vec<&SegmentRow>) -> Vec<&SegmentRow> {
    let size = |row: &SegmentRow| row.slice.mae.unwrap_or(-1.0);
    rows.sort_by(|a, b| size(b).total_cmp(&size(a)));
    rows
}

fn name(row: &SegmentRow) -> String {
    match (&row.level, row.joined) {
        (_, Some(joined)) => format!("*{} others*", number::count(joined)),
        (Some(level), None) => escape::text(level),
        (None, None) => "*missing*".to_owned(),
    }
}
