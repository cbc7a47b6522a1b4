use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bootstrap::Bootstrap;
use crate::measure::Measure;
use crate::resample::RESAMPLES;
use crate::{Absent, Dependence, Sample, Value};

/// Limits that hold the true value of a measure with the confidence asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Interval {
    /// The least interval that holds this one and 0.
    fn with_zero(self) -> Self {
        Self { lower: self.lower.min(0.0), upper: self.upper.max(0.0) }
    }
}

/// A model beside a rival, by the interval of their difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paired {
    /// The whole interval is on the model's side.
    Better,
    /// The whole interval is on the rival's side.
    Worse,
    /// Zero is in the interval.
    CannotTell,
    /// There is no interval.
    TooFewRows,
}

impl Paired {
    /// The verdict on an interval of the rival's error less the model's.
    #[must_use]
    pub fn of(difference: Option<Interval>) -> Self {
        match difference {
            None => Self::TooFewRows,
            Some(interval) if interval.lower > 0.0 => Self::Better,
            Some(interval) if interval.upper < 0.0 => Self::Worse,
            Some(_) => Self::CannotTell,
        }
    }
}

/// Intervals of the measures of [`Errors`], and of the comparison with each rival, by the bootstrap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorIntervals {
    /// What depends on what.
    pub dependence: Dependence,
    /// Confidence of each interval.
    pub level: f64,
    /// Complete rows.
    pub n: u64,
    /// Units of dependence: times, entities or rows.
    pub units: u64,
    /// Units in a block, of the mean absolute error; 1 where units are independent.
    pub block_length: u64,
    /// Resamples.
    pub resamples: u64,
    /// Of the mean absolute error.
    pub mae: Option<Interval>,
    /// Of the root mean squared error.
    pub rmse: Option<Interval>,
    /// Of the mean of prediction minus outcome.
    pub bias: Option<Interval>,
    /// Of the median absolute error.
    pub median_absolute_error: Option<Interval>,
    /// Of R2; no unit.
    pub r2: Option<Interval>,
    /// Of the mean absolute percentage error, as a share; no unit.
    pub mape: Option<Interval>,
    /// Of the mean absolute scaled error; no unit, the scale taken as known.
    pub mase: Option<Interval>,
    /// Reasons of the intervals that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

/// Intervals of a comparison with a rival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RivalIntervals {
    /// Mean absolute error of the rival less the model's, in the unit of the target; above 0: the model is better.
    pub difference: Option<Interval>,
    /// `1 - MAE / MAE of the rival`; no unit.
    pub skill: Option<Interval>,
    /// What the interval of the difference says.
    pub verdict: Paired,
    /// Reasons of the intervals that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Sample {
    /// Intervals at `level`, such as 0.95, by the bootstrap; `scale` is that of [`crate::mase`]. Beside them those of the
    /// comparison with each rival, in the order of [`Sample::add`], from the same resamples.
    pub fn intervals(
        &mut self,
        dependence: Dependence,
        level: f64,
        scale: Value,
    ) -> (ErrorIntervals, Vec<RivalIntervals>) {
        let rivals = self.rivals();
        let mut bootstrap = Bootstrap::new(self, dependence, level);
        let mut absent = Absent::default();
        let errors = ErrorIntervals {
            dependence,
            level,
            n: self.n(),
            units: bootstrap.units(),
            block_length: bootstrap.block_length(Measure::Mae),
            resamples: RESAMPLES as u64,
            mae: absent.note("mae", bootstrap.interval(Measure::Mae)),
            rmse: absent.note("rmse", bootstrap.interval(Measure::Rmse)),
            bias: absent.note("bias", bootstrap.interval(Measure::Bias)),
            median_absolute_error: absent.note("median_absolute_error", bootstrap.median()),
            r2: absent.note("r2", bootstrap.interval(Measure::R2)),
            mape: absent.note("mape", bootstrap.interval(Measure::Mape)),
            mase: absent.note("mase", bootstrap.mase(scale)),
            absent,
        };
        (errors, (0..rivals).map(|rival| beside(&bootstrap, rival)).collect())
    }
}

fn beside(bootstrap: &Bootstrap, rival: usize) -> RivalIntervals {
    let mut absent = Absent::default();
    let mut difference = absent.note("difference", bootstrap.interval(Measure::Difference(rival)));
    let mut skill = absent.note("skill", bootstrap.interval(Measure::Skill(rival)));
    // Two roads to one question: where either cannot tell, neither does.
    let same_side =
        |a: Interval, b: Interval| (a.lower > 0.0 && b.lower > 0.0) || (a.upper < 0.0 && b.upper < 0.0);
    if difference.zip(skill).is_some_and(|(a, b)| !same_side(a, b)) {
        difference = difference.map(Interval::with_zero);
        skill = skill.map(Interval::with_zero);
    }
    RivalIntervals { difference, skill, verdict: Paired::of(difference), absent }
}
