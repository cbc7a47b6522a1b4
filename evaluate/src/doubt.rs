//! How sure the figures of a part are, as far as rows depend on each other.

use stats::{Dependence, Reason, RivalIntervals, Sample, Value, mase};

use crate::learn;
use crate::metrics::Part;

/// Confidence of all limits.
const LEVEL: f64 = 0.95;

/// Adds the error beside that of persistence on the training part, `scale`.
pub(crate) fn scaled(part: &mut Part, learned: &learn::Part, scale: Value) {
    match mase(learned.score.errors.mae(), scale) {
        Ok(value) => part.mase = Some(value),
        Err(reason) => drop(part.absent.insert("mase".to_owned(), reason)),
    }
}

/// Says that the part the model was fitted to tells nothing of other samples.
pub(crate) fn of_training(part: &mut Part) {
    let reasons = ["confidence", "calibration.robust"].map(|key| (key.to_owned(), Reason::InSample));
    part.absent.extend(reasons);
}

/// Adds limits of the errors and of the line, and gives those of the comparison with each rival.
pub(crate) fn add(
    part: &mut Part,
    sample: &mut Sample,
    dependence: Dependence,
    scale: Value,
) -> Vec<RivalIntervals> {
    let (confidence, rivals) = sample.intervals(dependence, LEVEL, scale);
    part.confidence = Some(confidence);
    part.calibration.robust = Some(sample.line(dependence, LEVEL));
    rivals
}
