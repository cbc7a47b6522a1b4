//! The steps that make features of a history: windows, lags, parts of the calendar.

use crate::check::Check;
use crate::column::Column;
use crate::roles::{Roles, Time, Unit};

/// Most columns beside the target that get a window.
const MOST_COLUMNS: usize = 3;

/// Steps for one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// Windows over the target, in rows.
    pub(crate) windows: Vec<u64>,
    /// Further columns with a window of the first of these.
    pub(crate) columns: Vec<usize>,
    /// Lag of the target in rows, and of what season it is.
    pub(crate) lag: Option<(u64, &'static str)>,
    /// Parts of the calendar of the time.
    pub(crate) calendar: Vec<&'static str>,
}

impl Steps {
    /// Steps of the time, where there is one.
    pub(crate) fn new(
        columns: &[Column],
        used: &[usize],
        target: usize,
        roles: &Roles,
        check: &Check,
    ) -> Self {
        let Some(time) = &roles.time else { return Self::default() };
        let mut steps = Self { calendar: calendar(time), ..Self::default() };
        if time.is_history {
            let entities = roles.entity.map_or(1, |at| columns[at].distinct.max(1));
            let length = columns[target].rows / entities;
            // A window that most of a history is too short for is mostly missing.
            let fits = |window: &u64| window * 4 <= length;
            steps.windows = time.unit.windows().into_iter().filter(fits).collect();
            // The row to predict, a season before: one row less from the row it is predicted from.
            steps.lag =
                time.unit.season().filter(|(rows, _)| fits(rows)).map(|(rows, what)| (rows - 1, what));
            if !steps.windows.is_empty() {
                steps.columns = nearest(columns, used, target, check);
            }
        }
        let taken = |name: String| columns.iter().any(|c| c.name == name);
        let name = &columns[target].name;
        steps.windows.retain(|w| !taken(format!("{name}_mean_{w}")) && !taken(format!("{name}_std_{w}")));
        steps.lag = steps.lag.filter(|(rows, _)| !taken(format!("{name}_lag_{rows}")));
        let first = steps.windows.first().copied().unwrap_or(0);
        steps.columns.retain(|at| !taken(format!("{}_mean_{first}", columns[*at].name)));
        steps.calendar.retain(|part| !taken(format!("{part}_sin")) && !taken(format!("{part}_cos")));
        steps
    }

    /// How many features they make.
    pub(crate) fn count(&self) -> u64 {
        let windows = self.windows.len() + usize::from(!self.windows.is_empty()) + self.columns.len();
        (windows + usize::from(self.lag.is_some()) + 2 * self.calendar.len()) as u64
    }
}

/// The numeric columns of which a line explains most of the target.
fn nearest(columns: &[Column], used: &[usize], target: usize, check: &Check) -> Vec<usize> {
    let mut near: Vec<(f64, usize)> = used
        .iter()
        .filter(|at| **at != target && columns[**at].is_number())
        .filter_map(|at| Some((check.beside_target[*at].filter(|left| *left < 0.99)?, *at)))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut near: Vec<usize> = near.into_iter().take(MOST_COLUMNS).map(|(_, at)| at).collect();
    near.sort_unstable();
    near
}

/// Parts of the calendar that come round at least twice.
fn calendar(time: &Time) -> Vec<&'static str> {
    let span = time.times.last().zip(time.times.first()).map_or(0.0, |(last, first)| last - first);
    let days = span / crate::moment::DAY;
    if !time.is_calendar {
        return Vec::new();
    }
    let parts: &[(&str, f64)] = match (time.unit, time.is_history) {
        (Unit::Minute | Unit::Hour, _) => &[("hour", 2.0), ("weekday", 14.0), ("month", 730.0)],
        (Unit::Day | Unit::Workday, _) | (_, false) => &[("weekday", 14.0), ("month", 730.0)],
        (Unit::Week | Unit::Month, _) => &[("month", 730.0)],
        (Unit::Quarter, _) => &[("quarter", 730.0)],
        _ => &[],
    };
    parts.iter().filter(|(_, least)| days >= *least * 0.99).map(|(part, _)| *part).collect()
}
