//! Statistics of features by part, drift against the training part, and the profile kept for later.

use common::ledger::Parts;
use common::text;
use serde::Serialize;
use stats::{Counts, Psi, Reference, Summary, Verdict};

/// One value for each part of the split.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ByPart<T> {
    pub(crate) train: T,
    pub(crate) calibration: T,
    pub(crate) test: T,
}

impl<T> ByPart<T> {
    /// Computes a value for each part, by its name.
    pub(crate) fn of(mut value: impl FnMut(&str) -> T) -> Self {
        Self { train: value("train"), calibration: value("calibration"), test: value("test") }
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
}

/// The profile of a column before filling; `parts` says which part each row belongs to.
pub(crate) fn of(values: &[f64], parts: &[&str], is_feature: bool) -> Profile {
    let within = |part: &str| -> Vec<f64> {
        values.iter().zip(parts).filter(|(_, p)| **p == part).map(|(v, _)| *v).collect()
    };
    let columns = ByPart::of(within);
    let reference = Reference::learn(&columns.train);
    let counts = columns.map(|values| reference.count(values));
    let psi = reference.compare(&counts.test);
    let summaries = columns.map(|values| Summary::of(values));
    let filled = is_feature.then(|| summaries.map(|s| s.nulls));
    Profile { statistics: Statistics { parts: summaries, filled, psi }, reference, counts }
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
