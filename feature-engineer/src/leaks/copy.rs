//! Features that are the outcome itself.

use std::collections::BTreeMap;

use common::text;
use stats::Pairs;

use super::agreement::{Agreement, Scale};
use super::around::{Around, FEW};
use super::sample::{Sample, pick};
use super::{Evidence, Finding, PARTS};

/// Rows, as shares of all in ascending order of the feature, through which a line is tried.
const THROUGH: [(usize, usize); 3] = [(25, 75), (20, 80), (35, 65)];

/// Names features that equal the outcome in nearly all rows of a part, or of which the outcome is one
/// line (a copy in another unit); unless the past says the same as well.
pub(super) fn of_target(
    evidence: &Evidence<'_>,
    sample: &Sample,
    around: Option<&Around<'_>>,
    named: &mut [bool],
) -> Vec<Finding> {
    let parts = sample.parts().map(|(part, rows)| (part, rows, pick(evidence.target, rows)));
    let mut found = Vec::new();
    for (feature, named) in evidence.features.iter().zip(named) {
        let equal: Vec<(&'static str, Agreement)> = parts
            .iter()
            .filter_map(|(part, rows, target)| {
                let values = pick(feature.values, rows);
                Some((*part, Scale::of(target)?.agree(pairs(&values, target))?))
            })
            .collect();
        let (train, target) = (pick(feature.values, &sample.train), &parts[0].2);
        let rows = train.len().min(FEW);
        let finding = match equal.first() {
            Some((part, agreed)) => {
                let past = |around: &Around<'_>| {
                    let scale = Scale::of(target);
                    scale.is_some_and(|scale| around.explains(&train[..rows], scale, *agreed))
                };
                let honest = *part == PARTS[0] && around.is_some_and(past);
                (!honest).then(|| of(feature.name, "equals the target", &equal))
            }
            None => line(&train, target).and_then(|agreed| {
                let lined = |past: &[f64]| line(past, &target[..rows]).is_some();
                let honest = around.is_some_and(|around| around.any_back(rows, lined));
                (!honest).then(|| of(feature.name, "is the target in another unit", &[(PARTS[0], agreed)]))
            }),
        };
        *named = finding.is_some();
        found.extend(finding);
    }
    found
}

fn of(name: &str, how: &str, parts: &[(&'static str, Agreement)]) -> Finding {
    let (rows, agreed) = parts.iter().fold((0, 0), |(r, a), (_, of)| (r + of.rows, a + of.agreed));
    let names: Vec<&str> = parts.iter().map(|(part, _)| *part).collect();
    Finding {
        kind: "copy_of_target",
        columns: vec![name.to_owned()],
        figures: BTreeMap::from([("rows", rows as f64), ("share", agreed as f64 / rows as f64)]),
        what: format!(
            "{} {how} in {agreed} of {rows} rows looked at ({})",
            text::name(name),
            names.join(", ")
        ),
        parts: names,
    }
}

fn pairs<'a>(values: &'a [f64], target: &'a [f64]) -> impl ExactSizeIterator<Item = (f64, f64)> + 'a {
    values.iter().copied().zip(target.iter().copied())
}

/// Whether the outcome is a line of `values`: through two rows, so that a few odd ones do not matter.
fn line(values: &[f64], target: &[f64]) -> Option<Agreement> {
    let mut kept = Pairs::new();
    values.iter().zip(target).for_each(|(x, y)| kept.add(*x, *y));
    let scale = Scale::of(target)?;
    let sorted = kept.sorted();
    THROUGH.iter().find_map(|(low, high)| {
        let (a, b) = (sorted.get(sorted.len() * low / 100)?, sorted.get(sorted.len() * high / 100)?);
        let slope = (b.1 - a.1) / (b.0 - a.0);
        if !slope.is_finite() || slope.abs() <= 0.0 {
            return None;
        }
        let fitted = |x: &f64| {
            if (x - a.0).abs() < (x - b.0).abs() { a.1 + slope * (x - a.0) } else { b.1 + slope * (x - b.0) }
        };
        scale.agree(sorted.iter().map(|(x, y)| (fitted(x), *y)).collect::<Vec<_>>().into_iter())
    })
}
