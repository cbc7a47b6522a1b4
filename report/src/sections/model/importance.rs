//! How much each feature matters.

use std::collections::HashMap;

use model::Permuted;

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number, sections, words};

/// Features shown at most, the largest rise first.
const MOST: usize = 20;

/// A sentence and the table of features.
pub(super) fn write(facts: &Facts) -> Vec<String> {
    let (importance, title) = (&facts.model.importance, "### What matters");
    let permutation = &importance.permutation;
    let Some(mae) = permutation.mae.filter(|_| permutation.absent.is_none()) else {
        let why = permutation.absent.map_or("not measured", words::reason);
        return vec![format!(
            "{title}\n\nWhat the features are worth is measured on the calibration part, which tells nothing here: {why}."
        )];
    };
    let slopes: HashMap<&str, f64> =
        importance.standardized.iter().map(|s| (s.column.as_str(), s.coefficient)).collect();
    let mut titles = vec!["Feature", ">Rise of the MAE", ">Standard error", ">Rise, % of the MAE"];
    if !slopes.is_empty() {
        titles.push(">Standardised coefficient");
    }
    let mut table = Table::new(&titles);
    let mut sorted: Vec<&Permuted> = permutation.features.iter().collect();
    sorted.sort_by(|a, b| b.increase.total_cmp(&a.increase));
    for feature in sorted.iter().take(MOST) {
        let share = feature.increase / mae;
        let sign = if share < 0.0 { "-" } else { "" };
        let mut row = vec![
            escape::text(&feature.feature),
            number::figure(feature.increase),
            number::figure(feature.standard_error),
            if share.is_finite() {
                format!("{sign}{}", number::percent(share))
            } else {
                number::or_dash(None)
            },
        ];
        if !slopes.is_empty() {
            row.push(number::or_dash(slopes.get(feature.feature.as_str()).copied()));
        }
        table.row(row);
    }
    let unknown = sorted.iter().filter(|f| f.increase <= 2.0 * f.standard_error).count() as u64;
    let mut text = format!(
        "{title}\n\nEach feature's values were shuffled among the {}, {} times: the mean absolute error there, {} {}, rises by what the feature is worth to this model. {} Features that move together stand in for each other, so each of them seems worth less than all.",
        number::counted(permutation.rows, "calibration row"),
        permutation.repeats,
        number::figure(mae),
        sections::unit(facts),
        clear(unknown, sorted.len() as u64),
    );
    if !permutation.constant.is_empty() {
        text.push_str(&format!(
            " Nothing can be told of what has one value in all of these rows: {}.",
            escape::list(&permutation.constant)
        ));
    }
    if !slopes.is_empty() {
        text.push_str(" A standardised coefficient is the change of the prediction, in standard deviations of the target, per standard deviation of the feature.");
    }
    let mut out = vec![text, table.render()];
    if sorted.len() > MOST {
        let more = number::counted((sorted.len() - MOST) as u64, "feature");
        out.push(format!("{more} more, worth less, are in `metrics.json`."));
    }
    out
}

/// How many rises may be nothing.
fn clear(unknown: u64, all: u64) -> String {
    match (unknown, all) {
        (_, 0) => String::new(),
        (0, _) => "Every rise is more than twice its standard error.".to_owned(),
        _ => format!(
            "For {} of {} the rise is at most twice its standard error, which may be nothing.",
            number::count(unknown),
            number::counted(all, "feature")
        ),
    }
}
