//! What the report takes from `metrics.json`; the rest of the file is not its business.
//!
//! The form is `evaluate`'s and documented in `docs/formats.md`; a test reads what `evaluate` writes.

mod breakdown;

use std::collections::BTreeMap;

use common::config::TargetStatistic;
use common::ledger::Ledger;
use common::manifest::FileRecord;
use model::Method;
use serde::Deserialize;
use serde_json::Value;
use stats::{CoverageMeasures, Decile, ErrorIntervals, Nulls, Paired, Psi, Reason, RobustLine};

/// Version of the form that is read.
pub(crate) const FORMAT: u64 = 1;

pub(crate) use breakdown::{DriftPeriod, PeriodRow, Periods, Segment, SegmentRow, Slice, WorstRow};

#[derive(Debug, Deserialize)]
pub(crate) struct Metrics {
    pub(crate) version: String,
    /// The limits that were set, those that fail first.
    #[serde(default)]
    pub(crate) gates: Vec<Gate>,
    pub(crate) target: Target,
    pub(crate) model: ModelFacts,
    pub(crate) train: Part,
    pub(crate) calibration: Part,
    pub(crate) test: Part,
    pub(crate) baselines: Baselines,
    pub(crate) improvement: Improvements,
    /// How the prediction intervals are made.
    #[serde(default)]
    pub(crate) intervals: Option<Intervals>,
    pub(crate) drift: Drift,
    #[serde(default)]
    pub(crate) periods: Option<Periods>,
    #[serde(default)]
    pub(crate) segments: Vec<Segment>,
    #[serde(default)]
    pub(crate) worst: Vec<WorstRow>,
    pub(crate) coefficients: Vec<Coefficient>,
    pub(crate) split: Value,
    pub(crate) clock: Option<Clock>,
    pub(crate) sources: Value,
    pub(crate) ledger: Ledger,
    /// What the leak guard found; `None` where it did not look.
    pub(crate) leaks: Option<Vec<Leak>>,
    /// Missing cells by column, before they were filled.
    #[serde(default)]
    pub(crate) nulls: Option<BTreeMap<String, Missing>>,
    pub(crate) inputs: Vec<FileRecord>,
}

/// A limit and the figure that it is set on.
#[derive(Debug, Deserialize)]
pub(crate) struct Gate {
    pub(crate) metric: String,
    pub(crate) level: Level,
    pub(crate) limit: Limit,
    pub(crate) value: Option<Word>,
    pub(crate) kept: bool,
    /// Why there is no value.
    pub(crate) reason: Option<String>,
}

/// What follows where a limit is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Fail,
    Warn,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Limit {
    pub(crate) max: Option<f64>,
    pub(crate) min: Option<f64>,
    pub(crate) is: Option<Word>,
    pub(crate) not: Option<Word>,
}

/// A figure of any kind.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Word {
    Truth(bool),
    Number(f64),
    Text(String),
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) column: String,
    pub(crate) source: String,
    pub(crate) horizon: u32,
    #[serde(default)]
    pub(crate) statistic: TargetStatistic,
    #[serde(default)]
    pub(crate) expression: Option<String>,
    pub(crate) entity: Option<String>,
    pub(crate) time: Vec<String>,
}

/// Missing cells of one column before they were filled.
#[derive(Debug, Deserialize)]
pub(crate) struct Missing {
    pub(crate) parts: MissingParts,
    pub(crate) psi: Option<Psi>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MissingParts {
    pub(crate) train: Nulls,
    pub(crate) calibration: Nulls,
    pub(crate) test: Nulls,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ModelFacts {
    pub(crate) kind: String,
    pub(crate) solver: Option<String>,
    pub(crate) sha256: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    pub(crate) n: u64,
    pub(crate) missing: u64,
    pub(crate) mae: Option<f64>,
    pub(crate) rmse: Option<f64>,
    pub(crate) r2: Option<f64>,
    pub(crate) bias: Option<f64>,
    pub(crate) median_absolute_error: Option<f64>,
    pub(crate) mean_actual: Option<f64>,
    pub(crate) mean_predicted: Option<f64>,
    pub(crate) calibration_error: Option<f64>,
    pub(crate) calibration_error_sd: Option<f64>,
    pub(crate) calibration_error_floor: Option<f64>,
    #[serde(default)]
    pub(crate) mape: Option<f64>,
    #[serde(default)]
    pub(crate) mase: Option<f64>,
    /// Limits of the errors in other samples.
    #[serde(default)]
    pub(crate) confidence: Option<ErrorIntervals>,
    pub(crate) calibration: Calibration,
    /// How the prediction intervals held, by level.
    #[serde(default)]
    pub(crate) intervals: Vec<CoverageMeasures>,
    pub(crate) absent: BTreeMap<String, Reason>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Calibration {
    pub(crate) slope: Option<f64>,
    pub(crate) intercept: Option<f64>,
    /// The line with errors that allow for rows that depend on each other.
    #[serde(default)]
    pub(crate) robust: Option<RobustLine>,
    pub(crate) deciles: Vec<Decile>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Intervals {
    pub(crate) method: Method,
    pub(crate) rows: u64,
    pub(crate) levels: Vec<f64>,
    pub(crate) quantiles: Vec<Option<f64>>,
    pub(crate) absent: Vec<Option<Reason>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Baselines {
    pub(crate) train_median: Baseline,
    pub(crate) persistence: Option<Baseline>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) value: Option<f64>,
    pub(crate) train: BaselinePart,
    pub(crate) calibration: BaselinePart,
    pub(crate) test: BaselinePart,
}

#[derive(Debug, Deserialize)]
pub(crate) struct BaselinePart {
    pub(crate) mae: Option<f64>,
    pub(crate) rmse: Option<f64>,
    pub(crate) r2: Option<f64>,
    pub(crate) bias: Option<f64>,
    pub(crate) fallback: Option<u64>,
    pub(crate) absent: BTreeMap<String, Reason>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Improvements {
    pub(crate) train_median: Improvement,
    pub(crate) persistence: Option<Improvement>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Improvement {
    pub(crate) mae: Option<f64>,
    #[serde(default)]
    pub(crate) mae_lower: Option<f64>,
    #[serde(default)]
    pub(crate) mae_upper: Option<f64>,
    /// The rival's mean absolute error less the model's, and its limits.
    #[serde(default)]
    pub(crate) difference: Option<f64>,
    #[serde(default)]
    pub(crate) difference_lower: Option<f64>,
    #[serde(default)]
    pub(crate) difference_upper: Option<f64>,
    pub(crate) verdict: Paired,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Drift {
    pub(crate) features: BTreeMap<String, DriftParts>,
    pub(crate) target: DriftParts,
    pub(crate) prediction: DriftParts,
    #[serde(default)]
    pub(crate) residual: Option<ResidualDrift>,
    #[serde(default)]
    pub(crate) periods: Vec<DriftPeriod>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ResidualDrift {
    pub(crate) calibration: Option<Psi>,
    pub(crate) test: Psi,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DriftParts {
    pub(crate) calibration: Psi,
    pub(crate) test: Psi,
}

#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the keys of metrics.json")]
pub(crate) struct Coefficient {
    pub(crate) feature: String,
    pub(crate) coefficient: f64,
    #[serde(default)]
    pub(crate) standard_error: Option<f64>,
    #[serde(default)]
    pub(crate) lower: Option<f64>,
    #[serde(default)]
    pub(crate) upper: Option<f64>,
    pub(crate) sd: Option<f64>,
    pub(crate) effect: Option<f64>,
}

/// A finding of the leak guard.
#[derive(Debug, Deserialize)]
pub(crate) struct Leak {
    pub(crate) kind: String,
    pub(crate) columns: Vec<String>,
    pub(crate) parts: Vec<String>,
    pub(crate) figures: BTreeMap<String, f64>,
    pub(crate) what: String,
}

/// First and last time of each part, by its name.
#[derive(Debug, Deserialize)]
pub(crate) struct Clock {
    pub(crate) first: BTreeMap<String, Option<String>>,
    pub(crate) last: BTreeMap<String, Option<String>>,
}

impl Metrics {
    /// The parts of the split with their names, in order.
    pub(crate) fn parts(&self) -> [(&'static str, &Part); 3] {
        [("train", &self.train), ("calibration", &self.calibration), ("test", &self.test)]
    }

    /// The outcome, where it is one and the same in every row of every part.
    pub(crate) fn only_outcome(&self) -> Option<f64> {
        let known = || self.parts().into_iter().map(|(_, part)| part).filter(|part| part.n > 0);
        let first = known().next()?.mean_actual?;
        // Exact sums: equal outcomes have just their value as mean.
        let same = |part: &Part| part.mean_actual.is_some_and(|mean| mean.total_cmp(&first).is_eq());
        let still = |part: &Part| part.n == 1 || part.absent.get("r2") == Some(&Reason::NoVariance);
        let rows: u64 = known().map(|part| part.n).sum();
        (rows > 1 && known().all(|part| still(part) && same(part))).then_some(first)
    }

    /// First and last time of a part, where there is time.
    pub(crate) fn period(&self, part: &str) -> Option<(&str, &str)> {
        let clock = self.clock.as_ref()?;
        Some((clock.first.get(part)?.as_deref()?, clock.last.get(part)?.as_deref()?))
    }
}

impl Baseline {
    /// The parts of the split, in order.
    pub(crate) fn parts(&self) -> [&BaselinePart; 3] {
        [&self.train, &self.calibration, &self.test]
    }
}
