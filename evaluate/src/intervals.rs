//! How the prediction intervals held, part by part.

use model::{Method, Model};
use stats::{Coverage, CoverageMeasures};

use crate::metrics::{Intervals, PARTS};

/// How they are made.
pub(crate) fn facts(model: &Model) -> Intervals {
    let of = model.intervals.clone();
    Intervals {
        method: of.method,
        rows: of.rows,
        levels: of.levels,
        quantiles: of.quantiles,
        absent: of.absent,
    }
}

/// The measures of each level on the rows of `part`, or on some of them.
pub(crate) fn measures(model: &Model, part: &str, learned: &[Coverage]) -> Vec<CoverageMeasures> {
    of(model, judges(model.intervals.method, part), learned)
}

/// The measures of each level on rows that are `unseen`, or that taught the model or its intervals.
pub(crate) fn of(model: &Model, unseen: bool, learned: &[Coverage]) -> Vec<CoverageMeasures> {
    let of = &model.intervals;
    let calibrated = unseen.then_some(of.rows);
    let levels = of.levels.iter().zip(&of.absent).zip(learned);
    levels.map(|((level, absent), coverage)| coverage.measures(*level, calibrated, *absent)).collect()
}

/// Whether the rows of a part taught neither the model nor its intervals.
pub(crate) fn judges(method: Method, part: &str) -> bool {
    let [train, calibration, _] = PARTS;
    part != train && (part != calibration || method == Method::T)
}
