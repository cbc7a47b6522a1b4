//! The test rows with the largest errors.

use common::config::TargetStatistic;

use crate::facts::Facts;
use crate::metrics::WorstRow;
use crate::table::Table;
use crate::{escape, number, sections};

/// Rows shown at most.
const MOST: usize = 10;

/// The section; nothing where there is no test row.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let worst = &facts.metrics.worst;
    if worst.is_empty() || facts.metrics.only_outcome().is_some() {
        return Vec::new();
    }
    let shown = &worst[..worst.len().min(MOST)];
    let target = &facts.metrics.target;
    let has_entity = worst.iter().any(|row| row.entity.is_some());
    let has_time = worst.iter().any(|row| row.time.is_some());
    let level = worst.iter().filter_map(|row| row.level).reduce(f64::max);
    let is_traced = worst.iter().any(|row| row.line.is_some());
    let mut titles = Vec::new();
    titles.extend(target.entity.as_ref().filter(|_| has_entity).map(|name| escape::text(name)));
    let ahead = target.horizon > 0;
    titles.extend(has_time.then(|| if ahead { "Made from" } else { "Time" }.to_owned()));
    titles.extend([">Predicted", ">Outcome", ">Error"].map(str::to_owned));
    titles.extend(level.map(|level| format!("{} interval", number::level(level))));
    titles.push(if is_traced {
        "Source and line".to_owned()
    } else {
        ">Row of the features table".to_owned()
    });
    let mut table = Table::new(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    for row in shown {
        let mut cells = Vec::new();
        let text = |text: &Option<String>| text.as_ref().map_or_else(|| "–".to_owned(), |t| escape::text(t));
        cells.extend(has_entity.then(|| text(&row.entity)));
        cells.extend(has_time.then(|| text(&row.time)));
        cells.extend([Some(row.predicted), Some(row.actual), row.error].map(number::or_dash));
        cells.extend(level.map(|_| interval(row)));
        cells.push(if is_traced { place(row) } else { number::count(row.row) });
        table.row(cells);
    }
    let later = match (ahead && has_time, target.statistic) {
        (false, _) => String::new(),
        (true, TargetStatistic::Value) => {
            let rows = number::counted(u64::from(target.horizon), "row");
            format!(
                " “Made from” is the time of the row that a prediction was made from; the outcome is that of {rows} later."
            )
        }
        (true, TargetStatistic::Mean) => {
            let rows = number::counted(u64::from(target.horizon), "row");
            format!(
                " “Made from” is the time of the row that a prediction was made from; the outcome is the mean of the next {rows}."
            )
        }
    };
    let from = if ahead { "that a prediction was made from" } else { "of the prediction" };
    let place = if is_traced {
        format!(" Source and line are those of the row {from}, in the raw files.")
    } else {
        String::new()
    };
    vec![
        "## Worst rows".to_owned(),
        format!(
            "The {} with the largest absolute errors, {}: the first places to look for what the model does not know, or for wrong data.{later}{place}",
            number::counted(shown.len() as u64, "test row"),
            sections::unit(facts)
        ),
        table.render(),
    ]
}

fn interval(row: &WorstRow) -> String {
    let bounds = row.lower.zip(row.upper);
    bounds.map_or_else(
        || "–".to_owned(),
        |(lower, upper)| format!("{} to {}", number::figure(lower), number::figure(upper)),
    )
}

fn place(row: &WorstRow) -> String {
    let place = row.source.as_ref().zip(row.line);
    place.map_or_else(|| "–".to_owned(), |(source, line)| format!("{}, line {line}", escape::text(source)))
}
