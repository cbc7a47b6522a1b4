//! Whether predictions can be taken at their word.

use stats::{Dependence, Interval};

use crate::facts::Facts;
use crate::metrics::Part;
use crate::table::Table;
use crate::{number, sections, words};

/// The mean of m absolute values of equally spread normals exceeds its expectation by the share
/// `STRAY / sqrt(m)` once in a hundred times: `2.33 sqrt(pi / 2 - 1)`.
const STRAY: f64 = 1.76;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let test = &facts.metrics.test;
    let mut out = vec!["## Calibration".to_owned()];
    out.push(
        "A calibrated model can be taken at its word: where it predicts some value, the outcomes have that value as their mean. The line of outcomes on predictions then has slope 1 and intercept 0."
            .to_owned(),
    );
    out.extend(line(test));
    out.push(gaps(test));
    out.extend(crate::figures::image(facts, "reliability"));
    out.extend(groups(test));
    out.push(parts(facts));
    out.push(format!(
        "The calibration error is the mean gap between predictions and outcomes over such groups, {}; “by chance” is what it would be for a perfect model, rows taken as independent{}, “in sd” the error over the standard deviation of the outcomes.",
        sections::unit(facts),
        if dependence(test) == Dependence::Rows { "" } else { " (they are not: the chance figure is too low)" }
    ));
    out
}

/// The line on the test part, in words.
fn line(test: &Part) -> Option<String> {
    let line = &test.calibration;
    let (slope, intercept) = line.slope.zip(number::beside(line.intercept, test.mae))?;
    let robust = line.robust.as_ref();
    let limits = robust.and_then(|r| r.slope_limits.zip(r.intercept_limits));
    let Some((of_slope, of_intercept)) = limits else {
        let units = robust.map_or("rows", |r| words::units(r.dependence));
        return Some(format!("There are too few test {units} to judge that line."));
    };
    let tilt = match slope - 1.0 {
        _ if of_slope.lower <= 1.0 && 1.0 <= of_slope.upper => "no further from 1 than chance gives",
        gap if gap < 0.0 => "below 1: predictions are more spread out than what they know of the outcomes",
        _ => "above 1: predictions are too timid, and outcomes differ more than they say",
    };
    let off = if of_intercept.lower <= 0.0 && 0.0 <= of_intercept.upper {
        "no more than chance gives"
    } else {
        "more than chance gives"
    };
    let joint = robust.and_then(|r| r.p_value).map_or_else(String::new, |p| {
        format!(
            " If both were ideal, chance would give a line this far off with a probability {}.",
            number::chance(p)
        )
    });
    let allowing = robust.map_or("", |r| words::allowing(r.dependence));
    let range =
        |limits: Interval| format!("{} to {}", number::figure(limits.lower), number::figure(limits.upper));
    Some(format!(
        "On the test part the slope is {} (with 95 % confidence {}{allowing}), {tilt}. The intercept is {} ({}), {off}.{joint}",
        number::figure(slope),
        range(of_slope),
        number::figure(intercept),
        range(of_intercept)
    ))
}

/// The calibration error beside what chance gives.
fn gaps(test: &Part) -> String {
    let (Some(error), Some(floor)) = (test.calibration_error, test.calibration_error_floor) else {
        return "There are too few test rows to see whether high and low predictions are equally right."
            .to_owned();
    };
    let apart = format!(
        "Taken in groups from low to high, predictions and outcomes differ by {} on average",
        number::figure(error)
    );
    let floor_said = number::figure(floor);
    // The floor takes rows as independent: where they are not, it is no measure of chance.
    let allowing = words::allowing(dependence(test));
    if !allowing.is_empty() {
        return format!(
            "{apart}. Chance would give {floor_said} if rows were independent. It gives more here{allowing}, and how much more is not known: whether the gap is more than chance gives **cannot be told** from this figure."
        );
    }
    let most = floor * (1.0 + STRAY / (test.calibration.deciles.len() as f64).sqrt());
    let beside = if error > most { "more than" } else { "which is about" };
    format!("{apart}, {beside} the {floor_said} that chance alone would give.")
}

/// How the rows of a part hang together.
fn dependence(part: &Part) -> Dependence {
    let limits = part.confidence.as_ref().map(|limits| limits.dependence);
    limits.or(part.calibration.robust.as_ref().map(|line| line.dependence)).unwrap_or(Dependence::Rows)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn chance_is_a_measure_only_for_independent_rows() {
        let of = |dependence: &str, error: f64| {
            let group = json!({ "n": 40, "min_predicted": 0, "max_predicted": 1, "mean_predicted": 0, "mean_actual": 0, "sd_residual": 1 });
            let part = json!({
                "n": 40, "missing": 0, "calibration_error": error, "calibration_error_floor": 812.3,
                "confidence": { "dependence": dependence, "level": 0.95, "n": 40, "units": 40, "block_length": 1, "resamples": 0 },
                "calibration": { "deciles": [group] }, "absent": {},
            });
            gaps(&serde_json::from_value(part).unwrap())
        };
        for dependence in ["time", "entity"] {
            let said = of(dependence, 2_916.0);
            assert!(said.contains("by 2,916 on average. Chance would give 812.3 if rows were independent."));
            assert!(
                said.contains("It gives more here, since rows of one") && said.contains("**cannot be told**")
            );
            assert!(!said.contains("more than the"), "{said}");
        }
        assert!(of("rows", 1e12).contains("more than the 812.3 that chance alone would give."));
    }
}
