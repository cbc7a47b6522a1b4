//! Features that alone predict the outcome almost perfectly.

use std::collections::BTreeMap;

use common::text;
use rayon::prelude::*;
use stats::{Monotone, Pairs};

use super::agreement::MIN_ROWS;
use super::around::Around;
use super::sample::{Sample, pick};
use super::{Evidence, Finding, PARTS, Suspect};

/// Largest share of the outcome's variance that such a feature leaves, and of that of its ranks.
const LEFT: f64 = 0.01;
const LEFT_OF_RANKS: f64 = 0.2;
/// It leaves less than one part in so many of what the past leaves, and of its ranks.
const BETTER: f64 = 10.0;
const BETTER_RANKS: f64 = 2.0;
/// Rows of a first look.
const FIRST: usize = 1_000;
/// What a feature may leave at the first look to be looked at again.
const PROMISING: f64 = 0.05;

/// Shares of the outcome's variance that a column leaves.
#[derive(Clone, Copy)]
struct Left {
    values: f64,
    /// Of ranks on ranks: where a few rows have nearly all of the variance, a column may hit them by chance.
    ranks: f64,
}

/// Names features of which a line or a monotone function explains nearly all of the outcome, far more
/// than any value of the past does: a slow or a seasonal series is predicted well by honest features.
pub(super) fn predicts(
    evidence: &Evidence<'_>,
    sample: &Sample,
    around: Option<&Around<'_>>,
    named: &[bool],
) -> Vec<Finding> {
    let target = pick(evidence.target, &sample.train);
    let persistence = evidence.persistence.map(|values| pick(values, &sample.train));
    let look = |feature: &Suspect<'_>| {
        let values = feature.values.pick(&sample.train);
        let rows = values.len().min(FIRST);
        let first =
            Left::of(&values[..rows], &target, MIN_ROWS).or_else(|| Left::of(&values, &target, MIN_ROWS));
        let first = first.filter(|left| left.values <= PROMISING)?;
        let left = Left::of(&values, &target, MIN_ROWS).filter(Left::hardly_any)?;
        let repeating = persistence.as_ref().and_then(|known| Left::of(known, &target, MIN_ROWS));
        if repeating.is_some_and(|repeating| !left.beats(repeating)) {
            return None;
        }
        // Values of the past that rival it in some rows are looked at in all. One that few rows have is
        // no rival: its fit would be that of other rows.
        let rivals = |past: &[f64], it: Left| {
            Left::of(past, &target, past.len() / 2).is_some_and(|past| !it.beats(past))
        };
        let honest = |around: &Around<'_>| {
            around.any_back(rows, |past, back| {
                rivals(past, first) && rivals(&around.at(back, values.len()), left)
            })
        };
        if around.is_some_and(honest) {
            return None;
        }
        Some(finding(feature.name, &values, &target, left.values, repeating.map(|r| r.values)))
    };
    let open = evidence.features.par_iter().zip(named).filter(|(_, named)| !**named);
    open.filter_map(|(feature, _)| look(feature)).collect()
}

impl Left {
    /// Where at least `least` and enough rows have a value.
    fn of(values: &[f64], target: &[f64], least: usize) -> Option<Self> {
        let mut pairs = Pairs::new();
        values.iter().zip(target).for_each(|(x, y)| pairs.add(*x, *y));
        if pairs.n() < least.max(MIN_ROWS) as u64 {
            return None;
        }
        let ranks = Monotone::fit(&mut pairs.ranked()).ok()?.unexplained;
        Some(Self { values: Monotone::fit(&mut pairs).ok()?.unexplained, ranks })
    }

    fn hardly_any(&self) -> bool {
        self.values <= LEFT && self.ranks <= LEFT_OF_RANKS
    }

    fn beats(self, other: Self) -> bool {
        self.values * BETTER < other.values && self.ranks * BETTER_RANKS < other.ranks
    }
}

fn finding(name: &str, values: &[f64], target: &[f64], left: f64, repeating: Option<f64>) -> Finding {
    let rows = values.iter().zip(target).filter(|(x, y)| !x.is_nan() && !y.is_nan()).count();
    let mut figures = BTreeMap::from([("rows", rows as f64), ("unexplained", left)]);
    let beside = repeating.map_or_else(String::new, |repeating| {
        figures.insert("unexplained_by_persistence", repeating);
        format!("; the last known value leaves {}", percent(repeating))
    });
    Finding {
        kind: "predicts_alone",
        columns: vec![name.to_owned()],
        parts: vec![PARTS[0]],
        figures,
        what: format!(
            "{} alone leaves {} of the target's variance unexplained in {rows} rows looked at{beside}",
            text::name(name),
            percent(left)
        ),
    }
}

/// A share in percent with two digits that count.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let decimals = (0..12).find(|d| percent * 10_f64.powi(*d) >= 10.0).unwrap_or(12);
    format!("{percent:.*} %", usize::try_from(decimals).unwrap_or(0))
}
