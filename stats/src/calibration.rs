use serde::{Deserialize, Serialize};

use crate::deciles::{BINS, Decile, table};
use crate::{Absent, Decomposition, Isotonic, Line, LineFit, Pairs, Reason, Value};

/// How predictions compare with outcomes on average and along their range, learned row by row.
///
/// Memory: 16 bytes a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    line: Line,
    pairs: Pairs,
}

/// Measures of calibration, for rows that the model was not fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationMeasures {
    /// Rows with both prediction and outcome.
    pub n: u64,
    /// Rows that lack one or both, and are in no measure.
    pub missing: u64,
    /// Mean prediction, in the unit of the target.
    pub mean_predicted: Option<f64>,
    /// Mean outcome, in the unit of the target.
    pub mean_actual: Option<f64>,
    /// Mean of outcome minus prediction over the standard deviation of the outcomes; no unit.
    pub in_the_large: Option<f64>,
    /// The line of outcomes on predictions.
    pub line: LineFit,
    /// Miscalibration, discrimination, uncertainty.
    pub decomposition: Decomposition,
    /// Bins of predictions, ten unless asked otherwise, ascending; fewer where many predictions are equal.
    pub deciles: Option<Vec<Decile>>,
    /// Binned calibration error, in the unit of the target.
    pub calibration_error: Option<f64>,
    /// The same over the standard deviation of the outcomes; no unit.
    pub calibration_error_relative: Option<f64>,
    /// Calibration error to expect from chance alone, in the unit of the target.
    pub noise_floor: Option<f64>,
    /// The same over the standard deviation of the outcomes; no unit.
    pub noise_floor_relative: Option<f64>,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Calibration {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; it counts as missing unless both are finite.
    pub fn add(&mut self, predicted: f64, actual: f64) {
        self.line.add(predicted, actual);
        self.pairs.add(predicted, actual);
    }

    /// Adds rows given as columns of the same length, with the same result as one by one.
    pub fn extend(&mut self, predicted: &[f64], actual: &[f64]) {
        let mut line = Line::new();
        line.extend(predicted, actual);
        self.extend_with(&line, predicted, actual);
    }

    /// The same where `line` already has the sums over these rows and no others.
    pub fn extend_with(&mut self, line: &Line, predicted: &[f64], actual: &[f64]) {
        self.line.merge(line);
        self.pairs.extend(predicted, actual);
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.line.merge(&other.line);
        self.pairs.merge(&other.pairs);
    }

    /// The rows `(predicted, actual)` that have both, ascending.
    pub fn rows(&mut self) -> &[(f64, f64)] {
        self.pairs.sorted()
    }

    /// The isotonic regression of outcomes on predictions.
    ///
    /// # Errors
    /// As [`Isotonic::fit`].
    pub fn isotonic(&mut self) -> Value<Isotonic> {
        Isotonic::fit_with(&self.line, &mut self.pairs)
    }

    /// The measures of what was added, with ten bins in the table.
    pub fn measures(&mut self) -> CalibrationMeasures {
        self.measures_in(BINS)
    }

    /// The measures of what was added, with a table of `bins` bins of equal count; at least one.
    pub fn measures_in(&mut self, bins: usize) -> CalibrationMeasures {
        let fit = self.isotonic();
        self.measures_beside(&fit, bins)
    }

    /// The same where [`Calibration::isotonic`] of these rows is at hand.
    pub fn measures_beside(&mut self, fit: &Value<Isotonic>, bins: usize) -> CalibrationMeasures {
        let n = self.line.n();
        let decomposition = match fit {
            Ok(fit) => fit.decomposition.clone(),
            Err(reason) => Decomposition::absent(n, *reason),
        };
        let mut absent = Absent::default();
        let spread = self.line.sd_actual();
        let relative = |value: Value| over(value, spread);
        let table = table(self.pairs.sorted(), bins.max(1));
        let (error, floor) = match &table {
            Ok(table) => (table.error, table.floor),
            Err(reason) => (Err(*reason), Err(*reason)),
        };
        CalibrationMeasures {
            n,
            missing: self.line.missing(),
            mean_predicted: absent.keep("mean_predicted", self.line.mean_predicted()),
            mean_actual: absent.keep("mean_actual", self.line.mean_actual()),
            in_the_large: absent.keep("in_the_large", relative(self.line.bias().map(|bias| 0.0 - bias))),
            line: self.line.fit(),
            decomposition,
            deciles: absent.note("deciles", table.map(|table| table.deciles)),
            calibration_error: absent.keep("calibration_error", error),
            calibration_error_relative: absent.keep("calibration_error_relative", relative(error)),
            noise_floor: absent.keep("noise_floor", floor),
            noise_floor_relative: absent.keep("noise_floor_relative", relative(floor)),
            absent,
        }
    }
}

/// `value / spread`, absent where there is no spread.
fn over(value: Value, spread: Value) -> Value {
    let (value, spread) = (value?, spread?);
    if spread > 0.0 { Ok(value / spread) } else { Err(Reason::NoVariance) }
}
