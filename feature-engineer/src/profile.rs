//! Statistics of features by part, drift against the training part, and the profile kept for later.

use std::collections::BTreeMap;

use common::ledger::Parts;
use common::text;
use serde::Serialize;
use stats::{Psi, Reference, Summary, Verdict};

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
}

impl ByPart<u64> {
    /// As the ledger has it.
    pub(crate) fn counts(&self) -> Parts {
        Parts { train: self.train, calibration: self.calibration, test: self.test, gap: 0 }
    }
}

/// What is known of one column of the features table.
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

/// Statistics of a column and the reference that drift is measured against.
pub(crate) fn of(values: &[f64], parts: &[&str], missing: Option<&[bool]>) -> (Statistics, Reference) {
    let within = |part: &str| -> Vec<f64> {
        values.iter().zip(parts).filter(|(_, p)| **p == part).map(|(v, _)| *v).collect()
    };
    let columns = ByPart::of(within);
    let reference = Reference::learn(&columns.train);
    let psi = reference.compare(&reference.count(&columns.test));
    let filled = missing.map(|m| {
        ByPart::of(|part| m.iter().zip(parts).filter(|(missing, p)| **missing && **p == part).count() as u64)
    });
    let summaries = ByPart {
        train: Summary::of(&columns.train),
        calibration: Summary::of(&columns.calibration),
        test: Summary::of(&columns.test),
    };
    (Statistics { parts: summaries, filled, psi }, reference)
}

/// One log line a feature.
pub(crate) fn log(statistics: &BTreeMap<String, Statistics>) {
    let shown = |v: Option<f64>| v.map_or("-".to_owned(), |v| format!("{v:.6e}"));
    for (name, s) in statistics {
        let filled = s.filled.as_ref().map_or(0, |f| f.train + f.calibration + f.test);
        log::info!(
            "{}: train mean {} sd {}, test mean {} sd {}, filled {filled}; PSI {} (99 % point without drift {}): {}",
            text::name(name),
            shown(s.parts.train.mean),
            shown(s.parts.train.sd),
            shown(s.parts.test.mean),
            shown(s.parts.test.sd),
            s.psi.psi.map_or("-".to_owned(), |v| format!("{v:.3}")),
            s.psi.threshold_99.map_or("-".to_owned(), |v| format!("{v:.3}")),
            verdict(s.psi.verdict)
        );
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Stable => "stable",
        Verdict::Moderate => "moderate drift",
        Verdict::Large => "large drift",
        Verdict::NotEnoughRows => "not enough rows to tell",
    }
}
