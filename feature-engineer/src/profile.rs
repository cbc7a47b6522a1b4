//! Statistics of features by part, drift against the training part, and the profile kept for later.

use common::ledger::Parts;
use common::text;
use polars::prelude::IdxSize;
use rayon::prelude::*;
use serde::Serialize;
use stats::{Centre, Column, Counts, Moments, OrderStatistics, Psi, Reference, Summary, Value, Verdict};

use crate::make::Feature;
use crate::part::Part;
use crate::values::Values;

/// One value for each part of the split.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ByPart<T> {
    pub(crate) train: T,
    pub(crate) calibration: T,
    pub(crate) test: T,
}

impl<T> ByPart<T> {
    /// Computes a value for each part.
    pub(crate) fn of(mut value: impl FnMut(Part) -> T) -> Self {
        Self { train: value(Part::Train), calibration: value(Part::Calibration), test: value(Part::Test) }
    }

    /// The same for each part.
    pub(crate) fn map<U>(&self, value: impl Fn(&T) -> U) -> ByPart<U> {
        ByPart { train: value(&self.train), calibration: value(&self.calibration), test: value(&self.test) }
    }
}

impl ByPart<u64> {
    /// As the ledger has it.
    pub(crate) fn counts(&self) -> Parts {
        Parts { train: self.train, calibration: self.calibration, test: self.test, gap: 0 }
    }
}

/// What is known of one column of the features table, before its missing cells are filled.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Statistics {
    #[serde(flatten)]
    pub(crate) parts: ByPart<Summary>,
    /// Cells that were missing and filled; absent for the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filled: Option<ByPart<u64>>,
    /// Drift of the test part against the training part.
    pub(crate) psi: Psi,
}

/// The profile of one column: its statistics, the reference that drift is measured against, and the rows
/// of each part counted in its bins.
pub(crate) struct Profile {
    pub(crate) statistics: Statistics,
    pub(crate) reference: Reference,
    pub(crate) counts: ByPart<Counts>,
    /// The centre of the training part, that missing cells are filled with; nothing where it has none.
    pub(crate) fill: Option<f64>,
}

/// The profiles of `features` before filling; `rows` are those of each part.
pub(crate) fn of_features(features: &[Feature], rows: &ByPart<Vec<IdxSize>>, fill: Centre) -> Vec<Profile> {
    features.par_iter().map(|feature| of(&feature.values, rows, Some(fill))).collect()
}

/// The profile of a column before filling; that of a feature has a fill.
pub(crate) fn of(values: &Values, rows: &ByPart<Vec<IdxSize>>, fill: Option<Centre>) -> Profile {
    let mut known = Known::of(&values.pick(&rows.train));
    let reference = Reference::from_order(&mut known);
    let part = |known: &mut Known| {
        let moments = known.0.moments.clone();
        (reference.count_sorted(&known.0.quantiles), Summary::new(&moments, known))
    };
    let of_train = part(&mut known);
    let fill_value = fill.and_then(|fill| fill.of(&mut known.0).ok());
    drop(known);
    let later = |rows: &[IdxSize]| part(&mut Known::of(&values.pick(rows)));
    let (of_calibration, of_test) = (later(&rows.calibration), later(&rows.test));
    let counts = ByPart { train: of_train.0, calibration: of_calibration.0, test: of_test.0 };
    let parts = ByPart { train: of_train.1, calibration: of_calibration.1, test: of_test.1 };
    let psi = reference.compare(&counts.test);
    let filled = fill.map(|_| parts.map(|s| s.nulls));
    Profile { statistics: Statistics { parts, filled, psi }, reference, counts, fill: fill_value }
}

/// A column in ascending order, with the moments taken once: what is asked of it more than once.
struct Known(Column);

impl Known {
    fn of(values: &[f64]) -> Self {
        let mut column = Column::new();
        column.extend(values);
        column.quantiles.sort();
        Self(column)
    }
}

impl OrderStatistics for Known {
    fn n(&self) -> u64 {
        self.0.quantiles.n()
    }

    fn missing(&self) -> u64 {
        self.0.quantiles.missing()
    }

    fn moments(&self) -> Moments {
        self.0.moments.clone()
    }

    fn order_statistic(&mut self, k: u64) -> Value {
        self.0.quantiles.order_statistic(k)
    }

    fn count_at_most(&mut self, x: f64) -> u64 {
        self.0.quantiles.count_at_most(x)
    }

    fn largest_below(&mut self, x: f64) -> Option<f64> {
        self.0.quantiles.largest_below(x)
    }

    fn mean_between(&mut self, low: f64, high: f64) -> Value {
        self.0.quantiles.mean_between(low, high)
    }
}

/// One log line a feature.
pub(crate) fn log(name: &str, s: &Statistics) {
    let shown = |v: Option<f64>| v.map_or("-".to_owned(), |v| format!("{v:.6e}"));
    let index = |v: Option<f64>| v.map_or("-".to_owned(), |v| format!("{v:.3}"));
    let nulls = s.parts.train.nulls + s.parts.calibration.nulls + s.parts.test.nulls;
    log::info!(
        "{}: train mean {} sd {}, test mean {} sd {}, missing {nulls}; PSI {} (without drift {} on average, {} in 1 % of cases): {}",
        text::name(name),
        shown(s.parts.train.mean),
        shown(s.parts.train.sd),
        shown(s.parts.test.mean),
        shown(s.parts.test.sd),
        index(s.psi.psi),
        index(s.psi.expected),
        index(s.psi.threshold_99),
        verdict(s.psi.verdict)
    );
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Stable => "stable",
        Verdict::Moderate => "moderate drift",
        Verdict::Large => "large drift",
        Verdict::NotEnoughRows => "not enough rows to tell",
    }
}
