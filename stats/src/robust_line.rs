use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::absent::finite;
use crate::line::p_value;
use crate::score::{Scores, Spread};
use crate::{Absent, Dependence, Interval, Reason, Sample, Value};

/// Errors of the line of outcomes on predictions ([`crate::Line`]) that allow for rows that depend on each other and
/// for noise that is not the same everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RobustLine {
    /// What depends on what.
    pub dependence: Dependence,
    /// Confidence of the limits.
    pub level: f64,
    /// Units of dependence: times, entities or rows.
    pub units: u64,
    /// Slope, as that of [`crate::LineFit`]; no unit.
    pub slope: Option<f64>,
    /// Standard error of the slope.
    pub slope_se: Option<f64>,
    /// Limits of the slope.
    pub slope_limits: Option<Interval>,
    /// Intercept, in the unit of the target.
    pub intercept: Option<f64>,
    /// Standard error of the intercept.
    pub intercept_se: Option<f64>,
    /// Limits of the intercept.
    pub intercept_limits: Option<Interval>,
    /// Degrees of freedom of Student's t for the limits.
    pub df: u64,
    /// F of the joint hypothesis intercept 0 and slope 1.
    pub f_statistic: Option<f64>,
    /// Its degrees of freedom above: 2.
    pub df_above: u64,
    /// Its degrees of freedom below.
    pub df_below: u64,
    /// Chance of such an F or a larger one if the hypothesis holds.
    pub p_value: Option<f64>,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Sample {
    /// The line with robust errors and limits at `level`, such as 0.95.
    pub fn line(&mut self, dependence: Dependence, level: f64) -> RobustLine {
        self.sort();
        let line = self.sums();
        let fit = line.fit();
        let mut absent = Absent::default();
        let known =
            |key: &str, value: Option<f64>| value.ok_or(fit.absent.reason(key).unwrap_or(Reason::Overflow));
        let slope = known("slope", fit.slope);
        let intercept = known("intercept", fit.intercept);
        let scores = slope.and_then(|slope| Scores::new(self, &line, slope, dependence));
        let spread = scores.as_ref().map_err(|reason| *reason).and_then(Scores::spread);
        let slope_se =
            spread.as_ref().map_err(|reason| *reason).and_then(|spread| finite(spread.slope.sqrt()));
        let intercept_se =
            spread.as_ref().map_err(|reason| *reason).and_then(|spread| finite(spread.intercept.sqrt()));
        let df = spread.as_ref().map_or(0, |spread| spread.df);
        let f = spread.as_ref().map_err(|reason| *reason).and_then(Spread::f_statistic);
        RobustLine {
            dependence,
            level,
            units: self.units(dependence).1 as u64,
            slope: absent.keep("slope", slope),
            slope_limits: absent.note("slope_limits", limits(slope, slope_se, df, level)),
            slope_se: absent.keep("slope_se", slope_se),
            intercept: absent.keep("intercept", intercept),
            intercept_limits: absent.note("intercept_limits", limits(intercept, intercept_se, df, level)),
            intercept_se: absent.keep("intercept_se", intercept_se),
            df,
            f_statistic: absent.keep("f_statistic", f),
            df_above: 2,
            df_below: df.saturating_sub(1),
            p_value: absent.keep("p_value", f.map(|f| p_value(f, df.saturating_sub(1)))),
            absent,
        }
    }
}

fn limits(value: Value, error: Value, df: u64, level: f64) -> Value<Interval> {
    let (value, error) = (value?, error?);
    if !(level > 0.0 && level < 1.0) {
        return Err(Reason::OutOfRange);
    }
    let t = StudentsT::new(0.0, 1.0, df as f64).map_err(|_| Reason::TooFewRows)?;
    let away = t.inverse_cdf(0.5 + level / 2.0) * error;
    Ok(Interval { lower: finite(value - away)?, upper: finite(value + away)? })
}
