//! The times of the rows.

use common::time::Clock;

/// The clock of the project, and the time of each row on it.
pub(crate) struct Timeline {
    pub(crate) clock: Clock,
    pub(crate) times: Vec<i64>,
}

impl Timeline {
    /// The times of the rows that `stays` marks.
    pub(crate) fn of(self, stays: &[bool]) -> Self {
        let times = self.times.into_iter().zip(stays).filter(|(_, stays)| **stays);
        Self { times: times.map(|(time, _)| time).collect(), clock: self.clock }
    }
}
