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
        let which = shown(enough.len(), few.len(), &escape::quoted(&segment.column));
        let others = joined.and_then(|row| row.joined).map_or_else(String::new, |others| {
            format!(
                " Of {} levels these have the most test rows; the other {} are told as one.",
                number::count(others + told.len() as u64),
                number::count(others)
            )
        });
        out.push(format!("{which} All are in `metrics.json`.{others}"));
    }
    out
}

/// Which groups are shown, of those with enough rows and those with too few.
fn shown(enough: usize, few: usize, by: &str) -> String {
    let count = |n: usize| number::count(n as u64);
    let all = count(enough + few);
    let others = match few {
        0 => String::new(),
        few => format!("; {} of the {all} have fewer than {} rows", count(few), slice::ENOUGH_ROWS),
    };
    if enough > MOST {
        let half = count(MOST / 2);
        return format!(
            "Shown are the {half} worst and the {half} best of {} groups by {by}{others}.",
            count(enough)
        );
    }
    let rest = format!("{} with the largest errors", count(MOST - enough));
    match enough {
        0 => format!(
            "Shown are the {rest} of {all} groups by {by}. All have fewer than {} rows, so that chance alone may have put these first.",
            slice::ENOUGH_ROWS
        ),
        MOST => format!(
            "Shown are the {MOST} groups by {by} with at least {} rows, of {all}.",
            slice::ENOUGH_ROWS
        ),
        _ => format!(
            "Shown of {all} groups by {by} are all with at least {} rows, {}, and the {rest} of the other {}.",
            slice::ENOUGH_ROWS,
            count(enough),
            count(few)
        ),
    }
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
