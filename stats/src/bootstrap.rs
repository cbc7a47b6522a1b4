use exact::Sum;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::absent::{finite, ratio};
use crate::block_length::block_length;
use crate::errors::Outcomes;
use crate::measure::Measure;
use crate::quantiles::blend;
use crate::resample::{RESAMPLES, studentised};
use crate::units::Cells;
use crate::{Dependence, Interval, OrderStatistics, Quantiles, Reason, Sample, Value};

/// Units of dependence below which there is no interval.
pub(crate) const LEAST_UNITS: usize = 8;
/// Blocks that a sample has at least.
const LEAST_BLOCKS: usize = 4;

/// Resamples of a sample, in the blocks that each measure asks for, and the limits that follow.
pub(crate) struct Bootstrap {
    cells: Cells,
    magnitudes: Quantiles,
    /// Whether errors as shares of outcomes mean something.
    shares: Value<()>,
    /// Share of the resamples beyond either limit.
    tail: f64,
    found: Vec<Found>,
}

struct Found {
    measure: Measure,
    /// Cells in a block.
    length: usize,
    /// Place in the sample on the scale of errors, and its standard error.
    place: f64,
    error: f64,
    /// Places of the cell where the measure is least and of that where it is largest: it is a weighted mean over cells.
    range: (f64, f64),
    /// Places in the resamples less that, in standard errors, ascending.
    studentised: Vec<f64>,
}

impl Bootstrap {
    pub(crate) fn new(sample: &mut Sample, dependence: Dependence, level: f64) -> Self {
        sample.sort();
        let (mut magnitudes, mut outcomes, mut sum) = (Quantiles::new(), Outcomes::default(), Sum::new());
        for row in sample.rows() {
            let error = (row.predicted - row.actual).abs();
            magnitudes.add(error);
            outcomes.add(row.actual, error / row.actual);
            sum.add(row.actual);
        }
        // Without rows there is nothing to centre.
        let median = magnitudes.median().unwrap_or(0.0);
        let mean = ratio(&sum, &Sum::from(sample.n() as f64)).unwrap_or(0.0);
        let cells = Cells::new(sample, dependence, median, mean);
        let found = resamples(&cells, dependence, sample.rivals());
        let shares = outcomes.allow_shares(mean);
        Self { cells, magnitudes, shares, tail: (1.0 - level) / 2.0, found }
    }

    pub(crate) fn units(&self) -> u64 {
        self.cells.units as u64
    }

    /// Units in a block of a measure; 0 if there is no interval.
    pub(crate) fn block_length(&self, measure: Measure) -> u64 {
        let length = self.found(measure).map_or(0, |found| found.length);
        (length * self.cells.units / self.cells.count().max(1)) as u64
    }

    /// Limits by the studentised bootstrap: `place - q error`, with q the upper and the lower rank of the resamples. They
    /// never leave the range of the cells: else a few blocks of a trend would say less than that all cells agree.
    pub(crate) fn interval(&self, measure: Measure) -> Value<Interval> {
        if !(self.tail > 0.0 && self.tail < 0.5) {
            return Err(Reason::OutOfRange);
        }
        if measure == Measure::Mape {
            self.shares?;
        }
        let found = self.found(measure)?;
        if !(found.place.is_finite() || found.error == 0.0) || found.error.is_nan() {
            return Err(Reason::NoVariance);
        }
        let limit = |p: f64| {
            let away = if found.error == 0.0 { 0.0 } else { rank(&found.studentised, p) * found.error };
            let place = (found.place - away).max(found.range.0).min(found.range.1);
            finite(measure.value(place)).map_err(|_| Reason::TooFewRows)
        };
        let (one, other) = (limit(1.0 - self.tail)?, limit(self.tail)?);
        Ok(if measure.falls() {
            Interval { lower: other, upper: one }
        } else {
            Interval { lower: one, upper: other }
        })
    }

    /// Limits of the share of rows up to the median, turned into absolute errors by their ranks (Woodruff 1952). The
    /// share's limits are by Student's t with the blocks' degrees of freedom: in few blocks the share is the same in
    /// too many resamples to studentise it.
    pub(crate) fn median(&mut self) -> Value<Interval> {
        if !(self.tail > 0.0 && self.tail < 0.5) {
            return Err(Reason::OutOfRange);
        }
        let share = self.found(Measure::UpToMedian)?;
        let blocks = self.cells.count() as f64 / share.length as f64;
        let t = StudentsT::new(0.0, 1.0, blocks - 1.0).map_err(|_| Reason::TooFewRows)?;
        let away = t.inverse_cdf(1.0 - self.tail) * share.error;
        if self.magnitudes.missing() > 0 {
            return Err(Reason::Overflow);
        }
        let mut limit = |p: f64| self.magnitudes.quantile(p.clamp(0.0, 1.0));
        Ok(Interval { lower: limit(0.5 - away)?, upper: limit(0.5 + away)? })
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
    let length = |measure: Measure| match dependence {
        Dependence::Time => length(cells, measure),
        Dependence::Entity | Dependence::Rows => 1,
    };
    let mut asked: Vec<(usize, Measure)> =
        Measure::all(rivals).map(|measure| (length(measure), measure)).collect();
    asked.sort_by_key(|&(length, _)| length);
    asked.chunk_by(|a, b| a.0 == b.0).flat_map(|group| of_length(cells, group)).collect()
}

/// Cells in a block: twice the best length for the variance of the series of what cells add to the error of the
/// measure, to which it is alike; at least `1.5 n^(1/3)`. Longer than what is best for the variance, since intervals
/// suffer from too short blocks (bias), while studentising makes up for few; calibrated in `bench/measures`.
fn length(cells: &Cells, measure: Measure) -> usize {
    let point = measure.at(&cells.total());
    let series: Vec<f64> = cells.iter().map(|cell| point.influence(cell)).collect();
    let length = (2.0 * block_length(&series)).max(1.5 * (series.len() as f64).cbrt());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to the cells")]
    let length = length.ceil() as usize;
    length.clamp(1, cells.count() / LEAST_BLOCKS)
}

fn of_length(cells: &Cells, group: &[(usize, Measure)]) -> Vec<Found> {
    let measures: Vec<Measure> = group.iter().map(|&(_, measure)| measure).collect();
    let length = group.first().map_or(1, |&(length, _)| length);
    let (total, blocks) = (cells.total(), cells.blocks(length));
    let found = |(measure, studentised): (Measure, Vec<f64>)| {
        let point = measure.at(&total);
        // Each cell is in as many blocks as there are cells in a block.
        let squares: f64 =
            blocks.chunks_exact(cells.columns).map(|block| point.influence(block).powi(2)).sum();
        Found {
            measure,
            length,
            place: point.place,
            error: point.error(squares / length as f64),
            range: range(cells.iter().map(|cell| point.place_of(cell))),
            studentised,
        }
    };
    measures.iter().copied().zip(studentised(cells, length, &measures)).map(found).collect()
}

/// Least and largest of the places that are numbers; a cell without a denominator tells nothing.
fn range(places: impl Iterator<Item = f64>) -> (f64, f64) {
    let known = places.filter(|place| !place.is_nan());
    known.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), place| (least.min(place), most.max(place)))
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
