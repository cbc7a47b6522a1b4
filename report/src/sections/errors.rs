//! Errors of the model beside those of the baselines.

use std::collections::BTreeMap;

use stats::{Dependence, ErrorIntervals, Interval, Reason};

use crate::facts::Facts;
use crate::metrics::{Baseline, BaselinePart, Part};
use crate::table::Table;
use crate::{number, sections, words};

/// A figure of a part.
type Figure = fn(&Part) -> Option<f64>;

/// A figure that model and baselines share.
struct Measure {
    name: &'static str,
    key: &'static str,
    model: fn(&Part) -> Option<f64>,
    baseline: fn(&BaselinePart) -> Option<f64>,
}

impl Measure {
    /// R² is close to 1 or far below: it has four decimals, not four digits that count.
    fn cell(&self, value: Option<f64>, absent: &BTreeMap<String, Reason>) -> String {
        match value {
            Some(value) if self.key == "r2" => number::fixed(Some(value), 4),
            value => number::cell(value, self.key, absent),
        }
    }
}

const MEASURES: [Measure; 4] = [
    Measure { name: "Mean absolute error", key: "mae", model: |p| p.mae, baseline: |b| b.mae },
    Measure { name: "Root mean squared error", key: "rmse", model: |p| p.rmse, baseline: |b| b.rmse },
    Measure { name: "R²", key: "r2", model: |p| p.r2, baseline: |b| b.r2 },
    Measure {
        name: "Bias",
        key: "bias",
        model: |p| number::beside(p.bias, p.rmse),
        baseline: |b| number::beside(b.bias, b.rmse),
    },
];

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let mut out = vec!["## Errors beside the baselines".to_owned()];
    out.push(format!(
        "Errors are {}; R² has no unit. Bias is prediction minus outcome: above 0, predictions are too high. R² is 1 for perfect predictions and 0 for the mean of the outcomes.",
        sections::unit(facts)
    ));
    out.push(table(facts));
    out.extend(notes(facts));
    out.extend(["predicted", "residuals"].iter().flat_map(|name| crate::figures::image(facts, name)));
    out
}

fn table(facts: &Facts) -> String {
    let metrics = &facts.metrics;
    let mut table = Table::new(&["", "Predicted by", ">Train", ">Calibration", ">Test"]);
    let parts = metrics.parts().map(|(_, part)| part);
    let rows = ["Rows".to_owned(), String::new()];
    table.row(rows.into_iter().chain(parts.map(|p| number::count(p.n))));
    for measure in MEASURES {
        let name = [measure.name.to_owned(), "**the model**".to_owned()];
        let cells = parts.map(|p| format!("**{}**", measure.cell((measure.model)(p), &p.absent)));
        table.row(name.into_iter().chain(cells));
        let rivals = [
            ("persistence", metrics.baselines.persistence.as_ref()),
            ("training median", Some(&metrics.baselines.train_median)),
        ];
        for (rival, baseline) in rivals {
            let Some(baseline) = baseline else { continue };
            table.row([String::new(), rival.to_owned()].into_iter().chain(of_rival(&measure, baseline)));
        }
    }
    let own: [(&str, &str, Figure); 3] = [
        ("Median absolute error", "median_absolute_error", |p| p.median_absolute_error),
        ("Mean absolute percentage error", "mape", |p| p.mape),
        ("Error over that of persistence in training (MASE)", "mase", |p| p.mase),
    ];
    for (title, key, figure) in own {
        // A figure that no part has is left out: outcomes near zero, or no time.
        if key != "median_absolute_error" && parts.iter().all(|p| figure(p).is_none()) {
            continue;
        }
        let shown = |part: &Part| match (key, figure(part)) {
            ("mape", Some(share)) => number::percent(share),
            (_, value) => number::cell(value, key, &part.absent),
        };
        let name = [title.to_owned(), "**the model**".to_owned()];
        table.row(name.into_iter().chain(parts.map(|p| format!("**{}**", shown(p)))));
    }
    table.render()
}

fn of_rival(measure: &Measure, baseline: &Baseline) -> [String; 3] {
    baseline.parts().map(|b| measure.cell((measure.baseline)(b), &b.absent))
}

fn notes(facts: &Facts) -> Vec<String> {
    let metrics = &facts.metrics;
    let mut out = Vec::new();
    match metrics.only_outcome() {
        Some(_) => out.push(
            "All outcomes are equal, so none of these errors says how well anything predicts.".to_owned(),
        ),
        None => out.extend(metrics.test.confidence.as_ref().and_then(limits)),
    }
    if let Some(value) = metrics.baselines.train_median.value {
        out.push(format!("The training median is {}.", number::figure(value)));
    }
    let stood_in: u64 =
        metrics.baselines.persistence.iter().flat_map(Baseline::parts).filter_map(|b| b.fallback).sum();
    if stood_in > 0 {
        out.push(format!(
            "In {} of all parts no last value was known, and the training median stood in for persistence.",
            number::counted(stood_in, "row")
        ));
    }
    let missing: u64 = metrics.parts().iter().map(|(_, part)| part.missing).sum();
    if missing > 0 {
        out.push(format!(
            "{} without prediction or outcome count in no figure.",
            number::counted(missing, "row")
        ));
    }
    out
}

/// How limits were found, and those of the other errors.
fn limits(found: &ErrorIntervals) -> Option<String> {
    let rmse = found.rmse.zip(found.r2)?;
    let range = |i: Interval, shown: fn(f64) -> String| format!("{} and {}", shown(i.lower), shown(i.upper));
    let of = format!("{} test {}", number::count(found.units), words::units(found.dependence));
    let drawn = match found.dependence {
        Dependence::Time => format!("{of}, drawn in blocks{}", words::allowing(found.dependence)),
        Dependence::Entity => format!("{of}, each with all its rows{}", words::allowing(found.dependence)),
        Dependence::Rows => of,
    };
    Some(format!(
        "With 95 % confidence the root mean squared error on the test part lies between {}, R² between {}. These limits, like all limits of errors here, come from {} resamples of the {drawn}.",
        range(rmse.0, number::figure),
        range(rmse.1, |r2| number::fixed(Some(r2), 4)),
        number::count(found.resamples),
    ))
}
