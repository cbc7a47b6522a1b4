//! Statistics of windows that look back only, within the entity, in time order.

use common::time::Clock;
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
    let mut held = Held::new(&wanted.iter().map(|s| s.held()).collect::<Vec<_>>());
    for group in timeline.order.groups() {
        held.clear();
        let (mut first, mut end) = (0, 0);
        for (position, row) in group.iter().enumerate() {
            let last = if shape.before { position } else { position + 1 };
            while end < last {
                held.push(values[group[end]]);
                end += 1;
            }
            while first < end && shape.is_past(timeline, group, first, position, last) {
                held.drop_oldest();
                first += 1;
            }
            if shape.is_full(&held, timeline, group, position) {
                for (column, statistic) in out.iter_mut().zip(wanted) {
                    // The deviation of a single value is missing.
                    column[*row] = held.value(statistic.held()).unwrap_or(f64::NAN);
                }
            }
        }
    }
    out
}

impl Shape {
    /// Whether the row at `first` lies before the window of the row at `position`, which ends at `last`.
    fn is_past(
        &self,
        timeline: &Timeline,
        group: &[usize],
        first: usize,
        position: usize,
        last: usize,
    ) -> bool {
        match &self.reach {
            None => false,
            Some(Window::Rows(rows)) => last - first > *rows as usize,
            Some(Window::Span(span)) => {
                let (times, clock): (&[i64], &Clock) = (&timeline.times, &timeline.clock);
                times[group[first]] <= clock.before(times[group[position]], span)
            }
        }
    }

    fn is_full(&self, held: &Held, timeline: &Timeline, group: &[usize], position: usize) -> bool {
        match (&self.reach, self.min_rows) {
            (_, Some(least)) => held.known() >= least as usize,
            (Some(Window::Span(span)), None) => {
                let times = &timeline.times;
                held.known() > 0 && times[group[0]] <= timeline.clock.before(times[group[position]], span)
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
