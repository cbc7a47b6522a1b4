//! Features that are the outcome itself.

use std::collections::BTreeMap;

use common::text;
use polars::prelude::IdxSize;
use rayon::prelude::*;
use stats::Pairs;

use super::agreement::{Agreement, Scale};
use super::around::{Around, FEW};
use super::sample::{Sample, pick};
use super::{Evidence, Finding, PARTS, Suspect};
use crate::values::Values;

/// Rows, as shares of all in ascending order of the feature, through which a line is tried.
const THROUGH: [(usize, usize); 3] = [(25, 75), (20, 80), (35, 65)];

/// Names features that equal the outcome in nearly all rows of a part, or of which the outcome is one
/// line (a copy in another unit); unless the past says the same as well.
pub(super) fn of_target(
    evidence: &Evidence<'_>,
    sample: &Sample,
    around: Option<&[Around<'_>; 3]>,
    named: &mut [bool],
) -> Vec<Finding> {
    let parts = sample.parts().map(|(name, rows)| {
        let target = pick(evidence.target, rows);
        Part { name, rows, scale: Scale::of(&target), target }
    });
    let find = |feature: &Suspect<'_>| {
        let look = |part: usize| parts[part].equal(feature.values, around.map(|around| &around[part]));
        match look(0) {
            // What the past explains in the training rows is honest in others, too.
            Look::Explained => None,
            Look::No if look(1).is_no() && look(2).is_no() => {
                let agreed = parts[0].line(feature.values, around.map(|around| &around[0]));
                agreed.map(|agreed| of(feature.name, "is the target in another unit", &[(PARTS[0], agreed)]))
            }
            train => {
                let looks = [train, look(1), look(2)];
                let equal = looks.iter().zip(&parts).filter_map(|(look, part)| look.equal(part.name));
                let equal: Vec<(&str, Agreement)> = equal.collect();
                (!equal.is_empty()).then(|| of(feature.name, "equals the target", &equal))
            }
        }
    };
    let found: Vec<Option<Finding>> = evidence.features.par_iter().map(find).collect();
    named.iter_mut().zip(&found).for_each(|(named, finding)| *named = finding.is_some());
    found.into_iter().flatten().collect()
}

/// The sampled rows of a part and their outcomes.
struct Part<'a> {
    name: &'static str,
    rows: &'a [IdxSize],
    target: Vec<f64>,
    /// Of the outcomes; `None` where they do not vary.
    scale: Option<Scale>,
}

/// How a feature compares with the outcomes of a part.
enum Look {
    No,
    /// Equal, and so are values of the past.
    Explained,
    Equal(Agreement),
}

impl Look {
    fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }

    fn equal(&self, part: &'static str) -> Option<(&'static str, Agreement)> {
        if let Self::Equal(agreed) = self { Some((part, *agreed)) } else { None }
    }
}

impl Part<'_> {
    fn equal(&self, feature: &Values, around: Option<&Around<'_>>) -> Look {
        let values = feature.pick(self.rows);
        let pairs = values.iter().copied().zip(self.target.iter().copied());
        let Some((scale, agreed)) = self.scale.and_then(|s| Some((s, s.agree(pairs)?))) else {
            return Look::No;
        };
        let few = &values[..values.len().min(FEW)];
        if around.is_some_and(|around| around.explains(few, scale, agreed)) {
            return Look::Explained;
        }
        Look::Equal(agreed)
    }

    /// Whether the outcome is a line of the feature, and not of a value of the past as well.
    fn line(&self, feature: &Values, around: Option<&Around<'_>>) -> Option<Agreement> {
        let (scale, rows) = (self.scale?, self.rows.len().min(FEW));
        let agreed = line(&feature.pick(self.rows), &self.target, scale)?;
        let lined = |past: &[f64], _| line(past, &self.target[..rows], scale).is_some();
        (!around.is_some_and(|around| around.any_back(rows, lined))).then_some(agreed)
    }
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

/// Whether the outcome is a line of `values`: through two rows, so that a few odd ones do not matter.
fn line(values: &[f64], target: &[f64], scale: Scale) -> Option<Agreement> {
    let mut kept = Pairs::new();
    values.iter().zip(target).for_each(|(x, y)| kept.add(*x, *y));
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
