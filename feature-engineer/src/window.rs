//! Statistics of windows that look back only, within the entity, in time order.

use common::time::Clock;
use rayon::prelude::*;
use stats::{Window as Held, WindowStatistic};

use crate::settings::{Statistic, Window};
use crate::timeline::Timeline;

/// Which rows a window holds, and when it has a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    /// How far it reaches back; all rows where there is no limit.
    pub(crate) reach: Option<Window>,
    /// Least number of known values; without it the entity's history must fill the span.
    pub(crate) min_rows: Option<u32>,
    /// Whether the row itself is left out.
    pub(crate) before: bool,
}

/// Rows of entities that are taken together; one that has more stands alone.
const BLOCK_ROWS: usize = 1 << 15;

/// The statistics `wanted` of the windows that end at each row, one column each; NaN where there is none.
///
/// A value depends on the values in its window alone, to the bit (see [`stats::Window`]), so that a row
/// with a short history and one with a long history get the same.
pub(crate) fn over(
    values: &[f64],
    timeline: &Timeline,
    shape: &Shape,
    wanted: &[Statistic],
) -> Vec<Vec<f64>> {
    let mut out = vec![vec![f64::NAN; values.len()]; wanted.len()];
    let held = Held::new(&wanted.iter().map(|s| s.held()).collect::<Vec<_>>());
    let blocks = blocks(timeline.order.groups());
    // Not all at once: what a round makes stands beside the columns until it is in them.
    for round in blocks.chunks(rayon::current_num_threads()) {
        let make = |groups: &&[Vec<usize>]| of_block(values, timeline, shape, wanted, groups, held.clone());
        let made: Vec<Vec<Vec<f64>>> = round.par_iter().map(make).collect();
        for (groups, columns) in round.iter().zip(made) {
            for (out, column) in out.iter_mut().zip(columns) {
                groups.iter().flatten().zip(column).for_each(|(row, value)| out[*row] = value);
            }
        }
    }
    out
}

/// Neighbouring groups in blocks of some rows.
fn blocks(groups: &[Vec<usize>]) -> Vec<&[Vec<usize>]> {
    let mut blocks = Vec::new();
    let (mut first, mut rows) = (0, 0);
    for (last, group) in groups.iter().enumerate() {
        rows += group.len();
        if rows >= BLOCK_ROWS || last + 1 == groups.len() {
            blocks.push(&groups[first..=last]);
            (first, rows) = (last + 1, 0);
        }
    }
    blocks
}

/// The statistics of some groups, in the order of their rows.
fn of_block(
    values: &[f64],
    timeline: &Timeline,
    shape: &Shape,
    wanted: &[Statistic],
    groups: &[Vec<usize>],
    mut held: Held,
) -> Vec<Vec<f64>> {
    let rows = groups.iter().map(Vec::len).sum();
    let mut out = vec![Vec::with_capacity(rows); wanted.len()];
    let statistics: Vec<WindowStatistic> = wanted.iter().map(|s| s.held()).collect();
    let (mut own, mut times) = (Vec::new(), Vec::new());
    for group in groups {
        // Side by side, since the rows of an entity may lie far apart in the table.
        own.clear();
        own.extend(group.iter().map(|row| values[*row]));
        times.clear();
        if matches!(shape.reach, Some(Window::Span(_))) {
            times.extend(group.iter().map(|row| timeline.times[*row]));
        }
        held.clear();
        let (mut first, mut end) = (0, 0);
        for position in 0..own.len() {
            let last = if shape.before { position } else { position + 1 };
            while end < last {
                held.push(own[end]);
                end += 1;
            }
            let least = shape.least_time(&timeline.clock, &times, position);
            while first < end && shape.is_past(&times, first, last, least) {
                held.drop_oldest();
                first += 1;
            }
            let full = shape.is_full(&held, &times, least);
            for (column, statistic) in out.iter_mut().zip(&statistics) {
                // The deviation of a single value is missing.
                let value = if full { held.value(*statistic).ok() } else { None };
                column.push(value.unwrap_or(f64::NAN));
            }
        }
    }
    out
}

impl Shape {
    /// The last time that is before the window of the row at `position`; nothing where rows are counted.
    fn least_time(&self, clock: &Clock, times: &[i64], position: usize) -> Option<i64> {
        match &self.reach {
            Some(Window::Span(span)) => Some(clock.before(times[position], span)),
            _ => None,
        }
    }

    /// Whether the row at `first` lies before the window, which ends at `last`.
    fn is_past(&self, times: &[i64], first: usize, last: usize, before: Option<i64>) -> bool {
        match (&self.reach, before) {
            (Some(Window::Rows(rows)), _) => last - first > *rows as usize,
            (_, Some(before)) => times[first] <= before,
            _ => false,
        }
    }

    fn is_full(&self, held: &Held, times: &[i64], before: Option<i64>) -> bool {
        match (&self.reach, self.min_rows) {
            (_, Some(least)) => held.known() >= least as usize,
            (Some(Window::Span(_)), None) => {
                held.known() > 0 && before.is_some_and(|before| times[0] <= before)
            }
            (Some(Window::Rows(rows)), None) => held.known() >= *rows as usize,
            (None, None) => held.known() > 0,
        }
    }
}

impl Statistic {
    fn held(self) -> WindowStatistic {
        match self {
            Self::Mean => WindowStatistic::Mean,
            Self::Std => WindowStatistic::Sd,
            Self::Min => WindowStatistic::Min,
            Self::Max => WindowStatistic::Max,
            Self::Sum => WindowStatistic::Sum,
            Self::Median => WindowStatistic::Median,
        }
    }
}
