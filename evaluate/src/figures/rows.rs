//! Rows of the test part: a sample of them, and their means by time.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use common::config::TimeColumns;
use common::error::{Error, Result};
use common::hash;
use common::text;
use common::time::Clock;
use polars::prelude::{DataFrame, DataType};
use stats::Moments;

use super::sheet::{Sheet, number};
use crate::columns::Columns;
use crate::pair::Pair;
use crate::scored::Scored;

/// Rows that the sample holds at most.
const ROWS: usize = 10_000;
/// Moments that there are means of at most: each takes some hundred bytes.
const TIMES: usize = 20_000;

/// Rows of the test part with prediction and outcome, learned batch by batch; the result does not depend on their order.
pub(crate) struct TestRows {
    entity: Option<String>,
    clock: Option<Clock>,
    points: Vec<Point>,
    /// Whether any row was left out of the points.
    sampled: bool,
    /// By time; none where there is no time, or too many.
    times: Option<BTreeMap<i64, Means>>,
}

#[derive(Default)]
struct Means {
    actual: Moments,
    predicted: Moments,
}

/// One row.
struct Point {
    time: Option<i64>,
    entity: String,
    predicted: f64,
    actual: f64,
    /// Of the row as it is written; empty until rows must be left out.
    hash: [u8; 16],
}

impl TestRows {
    /// No rows of the table.
    pub(crate) fn new(pair: &Pair) -> Self {
        let clock = clock(pair);
        Self {
            entity: pair.columns.entity.clone(),
            times: clock.is_some().then(BTreeMap::new),
            clock,
            points: Vec::new(),
            sampled: false,
        }
    }

    /// Adds those rows of a batch whose place in `parts` is that of the test part.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where entity or time cannot be read.
    pub(crate) fn add(&mut self, batch: &DataFrame, scored: &Scored, parts: &[usize]) -> Result<()> {
        let entities = self.entity.as_ref().map(|name| texts(batch, name)).transpose()?;
        let times = self.times_of(batch)?;
        for (row, _) in parts.iter().enumerate().filter(|(_, part)| **part == 2) {
            let (predicted, actual) = (scored.predicted[row], scored.actual[row]);
            if !predicted.is_finite() || !actual.is_finite() {
                continue;
            }
            let time = times.as_ref().map(|all| all[row]);
            if let (Some(time), Some(means)) = (time, &mut self.times) {
                let means = means.entry(time).or_default();
                means.actual.add(actual);
                means.predicted.add(predicted);
            }
            let entity = entities.as_ref().and_then(|all| all[row].clone()).unwrap_or_default();
            self.points.push(Point { time, entity, predicted, actual, hash: [0; 16] });
        }
        if self.times.as_ref().is_some_and(|times| times.len() > TIMES) {
            log::warn!("more than {TIMES} times in the test part: no means by time are written");
            self.times = None;
        }
        // Sampling now and then keeps memory small without sorting at every batch.
        if self.points.len() > 4 * ROWS {
            self.sample();
        }
        Ok(())
    }

    /// The times of a batch; where a row has none, there is no time at all from here on.
    fn times_of(&mut self, batch: &DataFrame) -> Result<Option<Vec<i64>>> {
        let Some(clock) = &self.clock else { return Ok(None) };
        if let Ok(times) = clock.ordinals(batch)? {
            return Ok(Some(times));
        }
        log::warn!("rows without a time: figure data have no times");
        (self.clock, self.times) = (None, None);
        self.points.iter_mut().for_each(|point| point.time = None);
        Ok(None)
    }

    /// Leaves those rows whose hash is among the least.
    fn sample(&mut self) {
        if self.points.len() <= ROWS {
            return;
        }
        self.sampled = true;
        let clock = self.clock.as_ref();
        for point in &mut self.points {
            point.hash = hash::digest128(point.cells(clock).join("\t").as_bytes());
        }
        self.points.sort_unstable_by_key(|point| point.hash);
        self.points.truncate(ROWS);
    }

    /// Predictions against outcomes, and the means by time.
    ///
    /// # Errors
    /// Where a sheet cannot be written.
    pub(super) fn sheets(mut self) -> Result<(Sheet, Sheet)> {
        self.sample();
        if self.sampled {
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
fn texts(batch: &DataFrame, name: &str) -> Result<Vec<Option<String>>> {
    let failed = |e| Error::checkpoint(format!("column {}: {e}", text::name(name)));
    let column = batch.column(name).and_then(|c| c.cast(&DataType::String)).map_err(failed)?;
    let cells = column.str().map_err(failed)?;
    Ok(cells.iter().map(|cell| cell.map(str::to_owned)).collect())
}
