//! Features that alone predict the outcome almost perfectly.

use std::collections::BTreeMap;

use common::text;
use stats::{Monotone, Pairs};

use super::agreement::MIN_ROWS;
use super::around::Around;
use super::sample::{Sample, pick};
use super::{Evidence, Finding, PARTS};

/// Largest share of the outcome's variance that such a feature leaves.
const LEFT: f64 = 0.01;
/// It leaves less than one part in so many of what the past leaves.
const BETTER: f64 = 10.0;
/// Rows of a first look, and of a look at the past.
const FIRST: usize = 1_000;
/// What a feature may leave at the first look to be looked at again.
const PROMISING: f64 = 0.05;

/// Names features of which a line or a monotone function explains nearly all of the outcome, far more than any
/// value of the past does: a slow or a seasonal series is predicted well by honest features.
pub(super) fn predicts(
    evidence: &Evidence<'_>,
    sample: &Sample,
    around: Option<&Around<'_>>,
    named: &[bool],
) -> Vec<Finding> {
    let target = pick(evidence.target, &sample.train);
    let persistence = evidence.persistence.map(|values| pick(values, &sample.train));
    let mut found = Vec::new();
    for (feature, _) in evidence.features.iter().zip(named).filter(|(_, named)| !**named) {
        let values = pick(feature.values, &sample.train);
        let rows = values.len().min(FIRST);
        let first = left(&values[..rows], &target, MIN_ROWS).or_else(|| left(&values, &target, MIN_ROWS));
        let Some(first) = first.filter(|left| *left <= PROMISING) else { continue };
        let Some(left_by_it) = left(&values, &target, MIN_ROWS).filter(|left| *left <= LEFT) else {
            continue;
        };
        let repeating = persistence.as_ref().and_then(|known| left(known, &target, MIN_ROWS));
        if repeating.is_some_and(|repeating| left_by_it * BETTER >= repeating) {
            continue;
        }
        // A value that few rows have is no rival: its fit would be that of other rows.
        let as_well = |past: &[f64]| left(past, &target, rows / 2).is_some_and(|past| first * BETTER >= past);
        if around.is_some_and(|around| around.any_back(rows, as_well)) {
            continue;
        }
        found.push(finding(feature.name, &values, &target, left_by_it, repeating));
    }
    found
}

/// What the feature leaves of the outcomes' variance, where at least `least` and enough rows have it.
fn left(values: &[f64], target: &[f64], least: usize) -> Option<f64> {
    let mut pairs = Pairs::new();
    values.iter().zip(target).for_each(|(x, y)| pairs.add(*x, *y));
    if pairs.n() < least.max(MIN_ROWS) as u64 {
        return None;
    }
    Monotone::fit(&mut pairs).ok().map(|fit| fit.unexplained)
}

fn finding(name: &str, values: &[f64], target: &[f64], left: f64, repeating: Option<f64>) -> Finding {
    let rows = values.iter().zip(target).filter(|(x, y)| !x.is_nan() && !y.is_nan()).count();
    let mut figures = BTreeMap::from([("rows", rows as f64), ("explained", 1.0 - left)]);
    let beside = repeating.map_or_else(String::new, |repeating| {
        figures.insert("explained_by_persistence", 1.0 - repeating);
        format!("; the last known value explains {:.2} %", 100.0 * (1.0 - repeating))
    });
    Finding {
        kind: "predicts_alone",
        columns: vec![name.to_owned()],
        parts: vec![PARTS[0]],
        figures,
        what: format!(
            "{} alone explains {:.2} % of the target's variance in {rows} rows looked at{beside}",
            text::name(name),
            100.0 * (1.0 - left)
        ),
    }
}
