//! Scores of the calibration line, and the covariance of its coefficients that follows from them.

use std::f64::consts::PI;

use crate::bootstrap::LEAST_UNITS;
use crate::units::{MOST_CELLS, cell};
use crate::{Dependence, Line, Reason, Sample, Value};

/// Sums over the rows of a unit, with `g = f - mean f` and residual `u` of the line.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    n: f64,
    g: f64,
    gg: f64,
    u: f64,
    ug: f64,
}

/// Scores by unit, and where the line is.
pub(crate) struct Scores {
    dependence: Dependence,
    units: Vec<Score>,
    mean_predicted: f64,
    /// Of the line at the mean prediction, and the slope: less their values where predictions are calibrated.
    level_off: f64,
    slope_off: f64,
}

/// Covariance of level (the line at the mean prediction) and slope, and degrees of freedom.
pub(crate) struct Spread {
    level: f64,
    both: f64,
    /// Variance of the slope.
    pub(crate) slope: f64,
    /// Variance of the intercept.
    pub(crate) intercept: f64,
    pub(crate) df: u64,
    level_off: f64,
    slope_off: f64,
}

impl Scores {
    /// `sample` must be sorted, `line` be its sums.
    pub(crate) fn new(sample: &Sample, line: &Line, slope: f64, dependence: Dependence) -> Value<Self> {
        let (mean_predicted, mean_actual) = (line.mean_predicted()?, line.mean_actual()?);
        let (numbers, count) = sample.units(dependence);
        // Only neighbours in time may be joined: the slow part of their scores is what counts.
        let cells = if dependence == Dependence::Time { count.min(MOST_CELLS) } else { count };
        let mut units = vec![Score::default(); cells];
        for (row, &number) in sample.rows().zip(&numbers) {
            let g = row.predicted - mean_predicted;
            let u = row.actual - mean_actual - slope * g;
            let score = &mut units[cell(number as usize, count, cells)];
            score.n += 1.0;
            score.g += g;
            score.gg += g * g;
            score.u += u;
            score.ug += u * g;
        }
        let (level_off, slope_off) = (mean_actual - mean_predicted, slope - 1.0);
        Ok(Self { dependence, units, mean_predicted, level_off, slope_off })
    }

    pub(crate) fn spread(&self) -> Value<Spread> {
        if self.units.len() < LEAST_UNITS {
            return Err(Reason::TooFewRows);
        }
        let all = self.units.iter().fold(Score::default(), |sum, part| sum.with(part, 1.0));
        let count = self.units.len() as u64;
        match self.dependence {
            Dependence::Time => self.long_run(&all),
            // One entity left out at a time, CV3 (MacKinnon, Nielsen, Webb 2023).
            Dependence::Entity => self.left_out(&all, 1.0 - 1.0 / count as f64, count - 1),
            // One row left out at a time, HC3 (Davidson, MacKinnon 1993; Long, Ervin 2000).
            Dependence::Rows => self.left_out(&all, 1.0, count - 2),
        }
    }

    /// Scores by time (Driscoll, Kraay 1998), their long-run covariance from the first cosines with equal weights,
    /// as many of them as degrees of freedom (Lazarus, Lewis, Stock, Watson 2018).
    fn long_run(&self, all: &Score) -> Value<Spread> {
        let times = self.units.len() as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "below the number of times"
        )]
        let cosines = (0.4 * (times * times).cbrt()) as u64;
        if cosines < 2 {
            return Err(Reason::TooFewRows);
        }
        let mut sums = [0.0; 3];
        for j in 1..=cosines {
            let (mut level, mut slope) = (0.0, 0.0);
            for (t, score) in self.units.iter().enumerate() {
                let weight = (PI * j as f64 * (t as f64 + 0.5) / times).cos();
                level += weight * score.u;
                slope += weight * score.ug;
            }
            add_outer(&mut sums, level, slope);
        }
        // Of the sum of all scores: 2 / times from the cosines, times from the sum.
        let factor = 2.0 / cosines as f64;
        let [level, both, slope] = sums.map(|sum| sum * factor);
        self.spread_of([level / (all.n * all.n), both / (all.n * all.gg), slope / (all.gg * all.gg)], cosines)
    }

    /// `factor` times the sum of squared changes of the coefficients as each unit is left out.
    fn left_out(&self, all: &Score, factor: f64, df: u64) -> Value<Spread> {
        let mut sums = [0.0; 3];
        for unit in &self.units {
            let rest = all.with(unit, -1.0);
            let determinant = rest.n * rest.gg - rest.g * rest.g;
            let level = (rest.gg * unit.u - rest.g * unit.ug) / determinant;
            let slope = (rest.n * unit.ug - rest.g * unit.u) / determinant;
            add_outer(&mut sums, level, slope);
        }
        self.spread_of(sums.map(|sum| sum * factor), df)
    }

    fn spread_of(&self, [level, both, slope]: [f64; 3], df: u64) -> Value<Spread> {
        let f = self.mean_predicted;
        let intercept = (level - 2.0 * f * both + f * f * slope).max(0.0);
        if ![level, both, slope, intercept].iter().all(|value| value.is_finite()) {
            return Err(Reason::TooFewRows);
        }
        let (level_off, slope_off) = (self.level_off, self.slope_off);
        Ok(Spread { level, both, slope, intercept, df, level_off, slope_off })
    }
}

impl Spread {
    /// `W (df - 1) / (2 df)`, with W the Wald statistic of level and slope: F with 2 and `df - 1` degrees of freedom
    /// where the covariance is the mean of `df` independent normal products (Hotelling 1931).
    pub(crate) fn f_statistic(&self) -> Value {
        let determinant = self.level * self.slope - self.both * self.both;
        if determinant <= 0.0 {
            return Err(Reason::PerfectFit);
        }
        let (c, b) = (self.level_off, self.slope_off);
        let wald = (self.slope * c * c - 2.0 * self.both * c * b + self.level * b * b) / determinant;
        let df = self.df as f64;
        crate::absent::finite(wald * (df - 1.0) / (2.0 * df))
    }
}

impl Score {
    fn with(&self, other: &Self, sign: f64) -> Self {
        Self {
            n: self.n + sign * other.n,
            g: self.g + sign * other.g,
            gg: self.gg + sign * other.gg,
            u: self.u + sign * other.u,
            ug: self.ug + sign * other.ug,
        }
    }
}

fn add_outer(sums: &mut [f64; 3], level: f64, slope: f64) {
    sums[0] += level * level;
    sums[1] += level * slope;
    sums[2] += slope * slope;
}
