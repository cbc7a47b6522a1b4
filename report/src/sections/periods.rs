//! Errors by period.

use crate::facts::Facts;
use crate::metrics::PeriodRow;
use crate::sections::slice;
use crate::table::Table;
use crate::{escape, number, sections};

/// Periods shown at most, the latest.
const MOST: usize = 24;

/// The section; nothing where the table has no time.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let Some(periods) = &facts.metrics.periods else { return Vec::new() };
    let test: Vec<&PeriodRow> = periods.rows.iter().filter(|row| row.part == "test").collect();
    if test.is_empty() {
        return Vec::new();
    }
    let mut out = vec!["## By period".to_owned()];
    out.push(format!(
        "The test part, cut by the time of the row that a prediction was made from. Errors are {}. The last column counts the features whose values drift from those of the training part.",
        sections::unit(facts)
    ));
    out.extend(["over_time", "by_time"].iter().flat_map(|name| crate::figures::image(facts, name)));
    let level = slice::level(test.iter().map(|row| &row.slice));
    let titles = ["Period".to_owned()].into_iter().chain(slice::titles(level));
    let titles: Vec<String> = titles.chain([">Drift alarms".to_owned()]).collect();
    let mut table = Table::new(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    for row in test.iter().skip(test.len().saturating_sub(MOST)) {
        let drift = facts.metrics.drift.periods.iter().find(|d| d.period == row.period && d.part == row.part);
        let alarms = drift.map_or_else(|| "–".to_owned(), |d| number::count(d.alarms));
        let cells = [escape::text(&row.period)].into_iter().chain(slice::cells(&row.slice, level));
        table.row(cells.chain([alarms]));
    }
    out.push(table.render());
    if test.len() > MOST {
        let more = number::counted((test.len() - MOST) as u64, "earlier period");
        out.push(format!("{more} and those of the calibration part are in `metrics.json`."));
    }
    out
}
