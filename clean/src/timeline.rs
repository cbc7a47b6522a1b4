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
        let (mut times, mut stays) = (self.times, stays.iter());
        times.retain(|_| stays.next() == Some(&true));
        Self { times, ..self }
    }
}
