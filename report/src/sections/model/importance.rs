//! How much each feature matters.

use model::Permuted;

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number, sections, words};

/// Features shown at most, the largest rise first.
const MOST: usize = 20;
/// The same where a table of coefficients stands beside it.
const MOST_BESIDE: usize = 10;

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
    let titles = ["Feature", ">Rise of the MAE", ">Standard error", ">Rise, % of the MAE"];
    let most = if importance.standardized.is_empty() { MOST } else { MOST_BESIDE };
    let mut table = Table::new(&titles);
    let mut sorted: Vec<&Permuted> = permutation.features.iter().collect();
    sorted.sort_by(|a, b| b.increase.total_cmp(&a.increase));
    for feature in sorted.iter().take(most) {
        let share = feature.increase / mae;
        table.row([
            escape::text(&feature.feature),
            number::figure(feature.increase),
            number::figure(feature.standard_error),
            if share.is_finite() { number::signed_percent(share) } else { number::or_dash(None) },
        ]);
    }
    let unknown = sorted.iter().filter(|f| f.increase <= 2.0 * f.standard_error).count() as u64;
    let mut text = format!(
        "{title}\n\nEach feature's values were shuffled among the {}, {} times: the mean absolute error (MAE) there, {} {}, rises by what the feature is worth to this model. {} Features that move together stand in for each other, so each seems worth less than all.",
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
    let mut out = vec![text, table.render()];
    if sorted.len() > most {
        let more = number::counted((sorted.len() - most) as u64, "more feature");
        out.push(format!("{more}, worth less, are in `metrics.json`."));
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
