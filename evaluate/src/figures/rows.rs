//! Rows of the test part: a sample of them, and their means by time.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use common::config::TimeColumns;
use common::error::{Error, Result};
use common::hash;
use common::text;
use common::time::Clock;
use polars::prelude::{DataFrame, DataType, StringChunked};
use stats::Moments;

use super::sheet::{Sheet, number};
use crate::batch::Batch;
use crate::columns::Columns;
use crate::pair::Pair;

/// Rows that the sample holds at most.
const ROWS: usize = 10_000;
/// Moments that there are means of at most: each takes some hundred bytes.
const TIMES: usize = 20_000;

/// Rows of the test part with prediction and outcome; the result does not depend on their order.
#[derive(Clone)]
pub(crate) struct TestRows<'a> {
    entity: Option<&'a str>,
    clock: Option<Clock>,
    points: Vec<Point>,
    /// Where rows were left out, the largest hash of those that stayed: none with a larger one is in the sample.
    limit: Option<[u8; 16]>,
    /// By time; none where there is no time, or too many.
    times: Option<BTreeMap<i64, Means>>,
}

#[derive(Clone, Default)]
struct Means {
    actual: Moments,
    predicted: Moments,
}

/// One row.
#[derive(Clone)]
struct Point {
    time: Option<i64>,
    entity: String,
    predicted: f64,
    actual: f64,
    /// Of the row as it is written, once rows must be left out.
    hash: Option<[u8; 16]>,
}

impl<'a> TestRows<'a> {
    /// No rows of the table.
    pub(crate) fn new(pair: &'a Pair) -> Self {
        let clock = clock(pair);
        Self {
            entity: pair.columns.entity.as_deref(),
            times: clock.is_some().then(BTreeMap::new),
            clock,
            points: Vec::new(),
            limit: None,
        }
    }

    /// Adds those rows of a batch that are of the test part.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where entity or time cannot be read.
    pub(crate) fn add(&mut self, batch: &Batch<'_>) -> Result<()> {
        let scored = &batch.scored;
        let known = |row: &usize| scored.predicted[*row].is_finite() && scored.actual[*row].is_finite();
        let rows: Vec<usize> = batch.rows_of(2).into_iter().filter(known).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let entities = self.entity.map(|name| texts(&batch.frame, name)).transpose()?;
        let times = self.times_of(&batch.frame)?;
        for row in rows {
            let (predicted, actual) = (scored.predicted[row], scored.actual[row]);
            let time = times.as_ref().map(|all| all[row]);
            if let (Some(time), Some(means)) = (time, &mut self.times) {
                let means = means.entry(time).or_default();
                means.actual.add(actual);
                means.predicted.add(predicted);
            }
            let entity = entities.as_ref().and_then(|all| all.get(row)).unwrap_or_default().to_owned();
            let mut point = Point { time, entity, predicted, actual, hash: None };
            let near = self.limit.is_none_or(|limit| point.hash(self.clock.as_ref()) <= limit);
            self.points.extend(near.then_some(point));
        }
        self.few_times();
        // Sampling now and then keeps memory small without sorting at every batch.
        if self.points.len() > 4 * ROWS {
            self.sample();
        }
        Ok(())
    }

    /// Adds all that `other` holds.
    pub(crate) fn merge(&mut self, other: Self) {
        if other.clock.is_none() {
            self.without_time();
        }
        self.points.extend(other.points);
        if self.clock.is_none() {
            self.without_time();
        }
        self.limit = self.limit.into_iter().chain(other.limit).min();
        let both = self.times.take().zip(other.times);
        self.times = both.map(|(mut times, more)| {
            for (time, means) in more {
                let of = times.entry(time).or_default();
                of.actual.merge(&means.actual);
                of.predicted.merge(&means.predicted);
            }
            times
        });
        self.few_times();
        self.sample();
    }

    /// Means by time are kept only where they are few.
    fn few_times(&mut self) {
        if self.times.as_ref().is_some_and(|times| times.len() > TIMES) {
            self.times = None;
        }
    }

    /// The times of a batch; where a row has none, there is no time at all from here on.
    fn times_of(&mut self, batch: &DataFrame) -> Result<Option<Vec<i64>>> {
        let Some(clock) = &self.clock else { return Ok(None) };
        if let Ok(times) = clock.ordinals(batch)? {
            return Ok(Some(times));
        }
        log::warn!("rows without a time: figure data have no times");
        self.without_time();
        Ok(None)
    }

    fn without_time(&mut self) {
        (self.clock, self.times) = (None, None);
        self.points.iter_mut().for_each(|point| point.time = None);
    }

    /// Leaves those rows whose hash is among the least.
    fn sample(&mut self) {
        if self.points.len() <= ROWS {
            return;
        }
        let clock = self.clock.as_ref();
        for point in &mut self.points {
            point.hash(clock);
        }
        self.limit = self.points.select_nth_unstable_by_key(ROWS - 1, |point| point.hash).1.hash;
        self.points.truncate(ROWS);
    }

    /// Predictions against outcomes, and the means by time.
    ///
    /// # Errors
    /// Where a sheet cannot be written.
    pub(super) fn sheets(mut self) -> Result<(Sheet, Sheet)> {
        self.sample();
        if self.clock.is_some() && self.times.is_none() {
            log::warn!("more than {TIMES} times in the test part: no means by time are written");
        }
        if self.limit.is_some() {
            log::info!("figure data: {} test rows in the sample", self.points.len());
        }
        self.points.sort_unstable_by(Point::order);
        let mut rows = Sheet::new(&["time", "entity", "predicted", "actual"])?;
        for point in &self.points {
            rows.row(point.cells(self.clock.as_ref()))?;
        }
        let mut by_time = Sheet::new(&["time", "mean_predicted", "mean_actual", "n"])?;
        for (time, means) in self.times.iter().flatten() {
            let mean = |of: &Moments| of.mean().map(number).unwrap_or_default();
            let time = self.clock.as_ref().map(|clock| clock.show(*time)).unwrap_or_default();
            by_time.row([time, mean(&means.predicted), mean(&means.actual), means.actual.n().to_string()])?;
        }
        Ok((rows, by_time))
    }
}

impl Point {
    /// The hash of the row as it is written.
    fn hash(&mut self, clock: Option<&Clock>) -> [u8; 16] {
        if let Some(hash) = self.hash {
            return hash;
        }
        let hash = hash::digest128(self.cells(clock).join("\t").as_bytes());
        *self.hash.insert(hash)
    }

    fn cells(&self, clock: Option<&Clock>) -> [String; 4] {
        let time = self.time.zip(clock).map(|(time, clock)| clock.show(time)).unwrap_or_default();
        [time, self.entity.clone(), number(self.predicted), number(self.actual)]
    }

    fn order(&self, other: &Self) -> Ordering {
        let keys = (self.time, &self.entity).cmp(&(other.time, &other.entity));
        keys.then(self.predicted.total_cmp(&other.predicted)).then(self.actual.total_cmp(&other.actual))
    }
}

/// How times are read; none where there are none, or their columns cannot order rows.
fn clock(pair: &Pair) -> Option<Clock> {
    let Columns { time, .. } = &pair.columns;
    let fields = pair.table.manifest.as_ref().map_or(&pair.model.fields, |manifest| &manifest.fields);
    if time.is_empty() {
        return None;
    }
    Clock::new(&TimeColumns(time.clone()), fields)
        .map_err(|error| log::warn!("figure data have no times: {error}"))
        .ok()
}

/// The column `name` as text, whatever its type.
fn texts(batch: &DataFrame, name: &str) -> Result<StringChunked> {
    let failed = |e| Error::checkpoint(format!("column {}: {e}", text::name(name)));
    let column = batch.column(name).and_then(|c| c.cast(&DataType::String)).map_err(failed)?;
    Ok(column.str().map_err(failed)?.clone())
}
