use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::absent::finite;
use crate::quantiles::blend;
use crate::resample::{Measure, RESAMPLES, resample};
use crate::units::Cells;
use crate::{Dependence, Errors, Interval, OrderStatistics, Quantiles, Reason, Sample, Value};

/// Units of dependence below which there is no interval.
pub(crate) const LEAST_UNITS: usize = 8;

/// Resamples of a sample, in the blocks that each measure asks for, and the limits that follow.
pub(crate) struct Bootstrap {
    cells: Cells,
    errors: Errors,
    /// Tail below the lower limit, before it is made longer for few blocks.
    tail: f64,
    found: Vec<Found>,
}

struct Found {
    measure: Measure,
    /// Cells in a block.
    length: usize,
    /// The measure in each resample, ascending.
    values: Vec<f64>,
}

impl Bootstrap {
    pub(crate) fn new(sample: &mut Sample, dependence: Dependence, level: f64) -> Self {
        sample.sort();
        let mut errors = Errors::new();
        sample.rows().for_each(|row| errors.add(row.predicted, row.actual));
        // Without rows there is nothing to centre.
        let median = errors.magnitude(Quantiles::median).unwrap_or(0.0);
        let mean = errors.mean_actual().unwrap_or(0.0);
        let cells = Cells::new(sample, dependence, median, mean);
        let found = resamples(&cells, dependence, sample.rivals());
        Self { cells, errors, tail: (1.0 - level) / 2.0, found }
    }

    pub(crate) fn units(&self) -> u64 {
        self.cells.units as u64
    }

    /// Units in a block of a measure; 0 if there is no interval.
    pub(crate) fn block_length(&self, measure: Measure) -> u64 {
        let length = self.found(measure).map_or(0, |found| found.length);
        (length * self.cells.units / self.cells.count().max(1)) as u64
    }

    pub(crate) fn interval(&self, measure: Measure) -> Value<Interval> {
        if measure == Measure::Mape {
            self.errors.mape()?;
        }
        let found = self.found(measure)?;
        let tail = expanded(self.tail, self.cells.count() as f64 / found.length as f64)?;
        let limit = |p: f64| finite(rank(&found.values, p)).map_err(|_| Reason::NoVariance);
        Ok(Interval { lower: limit(tail)?, upper: limit(1.0 - tail)? })
    }

    /// Limits of the share of rows up to the median, turned into absolute errors by their ranks (Woodruff 1952).
    pub(crate) fn median(&mut self) -> Value<Interval> {
        let shares = self.interval(Measure::UpToMedian)?;
        let share = Measure::UpToMedian.of(&self.cells.total());
        let mut limit = |p: f64| {
            self.errors.magnitude(|magnitudes| magnitudes.quantile((0.5 + p - share).clamp(0.0, 1.0)))
        };
        Ok(Interval { lower: limit(shares.lower)?, upper: limit(shares.upper)? })
    }

    pub(crate) fn mase(&self, scale: Value) -> Value<Interval> {
        let mae = self.interval(Measure::Mae)?;
        Ok(Interval { lower: crate::mase(Ok(mae.lower), scale)?, upper: crate::mase(Ok(mae.upper), scale)? })
    }

    fn found(&self, measure: Measure) -> Value<&Found> {
        let absent = if self.cells.units == 0 { Reason::NoRows } else { Reason::TooFewRows };
        self.found.iter().find(|found| found.measure == measure).ok_or(absent)
    }
}

/// The resamples of every measure; those with blocks of one length come from the same draws.
fn resamples(cells: &Cells, dependence: Dependence, rivals: usize) -> Vec<Found> {
    if cells.units < LEAST_UNITS {
        return Vec::new();
    }
    let length = |measure: &Measure| match dependence {
        Dependence::Time => measure.block_length(cells),
        Dependence::Entity | Dependence::Rows => 1,
    };
    let mut asked: Vec<(usize, Measure)> =
        Measure::all(rivals).map(|measure| (length(&measure), measure)).collect();
    asked.sort_by_key(|&(length, _)| length);
    let of_length = |group: &[(usize, Measure)]| {
        let measures: Vec<Measure> = group.iter().map(|&(_, measure)| measure).collect();
        let length = group.first().map_or(1, |&(length, _)| length);
        let values = resample(cells, length, &measures);
        measures.into_iter().zip(values).map(move |(measure, values)| Found { measure, length, values })
    };
    asked.chunk_by(|a, b| a.0 == b.0).flat_map(|group| of_length(group).collect::<Vec<_>>()).collect()
}

/// The tail of the expanded percentile interval: that of Student's t with the degrees of freedom of `blocks` blocks,
/// times `sqrt(blocks / (blocks - 1))`, on the scale of the normal (Hesterberg 2015). A bootstrap distribution is too
/// narrow by these factors.
fn expanded(tail: f64, blocks: f64) -> Value {
    let t = StudentsT::new(0.0, 1.0, blocks - 1.0).map_err(|_| Reason::TooFewRows)?;
    let normal = Normal::new(0.0, 1.0).map_err(|_| Reason::TooFewRows)?;
    if !(tail > 0.0 && tail < 0.5) {
        return Err(Reason::OutOfRange);
    }
    Ok(normal.cdf(t.inverse_cdf(tail) * (blocks / (blocks - 1.0)).sqrt()))
}

/// The value at level `p` of resamples in ascending order, between those at the ranks around `p (B + 1)`, from 1.
fn rank(values: &[f64], p: f64) -> f64 {
    let h = (p * (RESAMPLES + 1) as f64).clamp(1.0, RESAMPLES as f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank, from 1")]
    let k = h as usize;
    let at = |k: usize| values.get(k - 1).copied().unwrap_or(f64::NAN);
    let share = h - k as f64;
    if share == 0.0 { at(k) } else { blend(at(k), at(k + 1), share) }
}
