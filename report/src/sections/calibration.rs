//! Whether predictions can be taken at their word.

use crate::facts::Facts;
use crate::metrics::Part;
use crate::table::Table;
use crate::{number, sections, words};

/// Standard errors beyond which a line is off its ideal.
const CLEAR: f64 = 2.0;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let test = &facts.metrics.test;
    let mut out = vec!["## Calibration".to_owned()];
    out.push(
        "A calibrated model can be taken at its word: of all rows for which it predicts some value, the outcomes have that value as their mean. The line of outcomes on predictions then has slope 1 and intercept 0."
            .to_owned(),
    );
    out.extend(line(facts, test));
    out.push(parts(facts));
    out.push(format!(
        "The calibration error is the mean gap between predictions and outcomes over groups of equal size, from low to high predictions, {}. It is above 0 even for a perfect model; “by chance” is what it would then be. “In sd” is the error over the standard deviation of the outcomes.",
        sections::unit(facts)
    ));
    out.extend(groups(test));
    out
}

/// The line on the test part, in words.
fn line(facts: &Facts, test: &Part) -> Option<String> {
    let line = &test.calibration;
    let (slope, intercept) = line.slope.zip(number::beside(line.intercept, test.mae))?;
    let (Some(slope_se), Some(intercept_se)) = (line.slope_se, line.intercept_se) else {
        return Some("There are too few test rows to judge that line.".to_owned());
    };
    let tilt = match slope - 1.0 {
        gap if gap.abs() <= CLEAR * slope_se => "no further from 1 than chance gives",
        gap if gap < 0.0 => "below 1: outcomes differ less than the predictions do",
        _ => "above 1: outcomes differ more than the predictions do",
    };
    let off = if intercept.abs() <= CLEAR * intercept_se {
        "no more than chance gives"
    } else {
        "more than chance gives"
    };
    let joint = line.joint_p.map_or_else(String::new, |p| {
        format!(
            " If both were ideal, chance would give a line this far off with a probability {}.",
            number::chance(p)
        )
    });
    let caution = if facts.metrics.target.time.is_empty() {
        ""
    } else {
        " All of this takes rows as independent; rows close in time are not, so that chance explains more than it says."
    };
    Some(format!(
        "On the test part the slope is {} (standard error {}), {tilt}. The intercept is {} (standard error {}), {off}.{joint}{caution}",
        number::figure(slope),
        number::figure(slope_se),
        number::figure(intercept),
        number::figure(intercept_se)
    ))
}

fn parts(facts: &Facts) -> String {
    let mut table =
        Table::new(&["Part", ">Rows", ">Slope", ">Intercept", ">Calibration error", ">By chance", ">In sd"]);
    for (name, part) in facts.metrics.parts() {
        let cell = |value: Option<f64>, key: &str| number::cell(value, key, &part.absent);
        table.row([
            words::capital(name),
            number::count(part.n),
            cell(part.calibration.slope, "calibration.slope"),
            cell(number::beside(part.calibration.intercept, part.mae), "calibration.intercept"),
            cell(part.calibration_error, "calibration_error"),
            cell(part.calibration_error_floor, "calibration_error_floor"),
            cell(part.calibration_error_sd, "calibration_error_sd"),
        ]);
    }
    table.render()
}

/// The groups of the test part.
fn groups(test: &Part) -> Vec<String> {
    let groups = &test.calibration.deciles;
    if groups.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new(&[
        ">Rows",
        ">Predictions from",
        ">to",
        ">Mean prediction",
        ">Mean outcome",
        ">Spread of the errors (sd)",
    ]);
    for group in groups {
        let figures = [
            group.min_predicted,
            group.max_predicted,
            group.mean_predicted,
            group.mean_actual,
            group.sd_residual,
        ];
        table.row([number::count(group.n)].into_iter().chain(figures.map(number::figure)));
    }
    vec![
        format!("The test part in {} groups, from the lowest predictions to the highest:", groups.len()),
        table.render(),
    ]
}
