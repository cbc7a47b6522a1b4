//! Parts that follow one another in time, with or without a gap between them.

use common::config::Span;
use common::error::{Class, Error, Result};
use common::text;
use common::time::Clock;

use super::Part;
use crate::settings::Settings;

/// First times of the calibration and the test part, and where the gap before each begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    calibration: Option<Limit>,
    test: Limit,
}

/// Where a part begins; rows of the part before it from `gap` on belong to none.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    from: i64,
    gap: i64,
}

impl Limit {
    fn at(from: i64) -> Self {
        Self { from, gap: from }
    }
}

impl Limits {
    /// The limits that the configuration names, without gap.
    ///
    /// # Errors
    /// [`Class::Usage`] with the line.
    pub(super) fn parse(
        settings: &Settings,
        clock: &Clock,
        calibration: Option<&str>,
        test: &str,
    ) -> Result<Self> {
        let wrong = |key: &str, message: String| {
            settings.wrong(&["split", key], &format!("[clean] split: {message}"))
        };
        let test = clock.parse(test).map_err(|message| wrong("test_from", message))?;
        let calibration = calibration
            .map(|limit| clock.parse(limit).map_err(|message| wrong("calibration_from", message)))
            .transpose()?;
        if calibration.is_some_and(|c| c > test) {
            return Err(wrong("calibration_from", "calibration_from is after test_from".to_owned()));
        }
        Ok(Self { calibration: calibration.map(Limit::at), test: Limit::at(test) })
    }

    /// The limits as shares of the distinct times, without gap.
    ///
    /// # Errors
    /// [`Class::Rows`] where there are too few times.
    pub(super) fn of_shares(times: &[i64], calibration: f64, test: f64) -> Result<Self> {
        let mut distinct = times.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let n = distinct.len() as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank between 0 and n")]
        let at = |share: f64| distinct.get((n * (1.0 - share)).ceil() as usize).copied();
        match (at(calibration + test), at(test)) {
            (Some(c), Some(t)) if c > distinct[0] => {
                Ok(Self { calibration: Some(Limit::at(c)), test: Limit::at(t) })
            }
            _ => Err(Error::new(
                Class::Rows,
                format!(
                    "{} is too few to split by shares of time; give dates",
                    text::count(distinct.len() as u64, "distinct time")
                ),
            )),
        }
    }

    /// The same limits with a gap before each.
    pub(super) fn with_gap(self, clock: &Clock, gap: Option<&Span>) -> Self {
        let Some(gap) = gap else { return self };
        let before = |limit: Limit| Limit { gap: clock.before(limit.from, gap), ..limit };
        Self { calibration: self.calibration.map(before), test: before(self.test) }
    }

    /// Both limits as text.
    pub(super) fn shown(&self, clock: &Clock) -> (Option<String>, String) {
        (self.calibration.map(|limit| clock.show(limit.from)), clock.show(self.test.from))
    }

    /// The part of each row by its time.
    pub(super) fn parts(&self, times: &[i64]) -> Vec<Part> {
        times.iter().map(|time| self.part(*time)).collect()
    }

    fn part(&self, time: i64) -> Part {
        if time >= self.test.from {
            return Part::Test;
        }
        let (part, next) = match &self.calibration {
            Some(calibration) if time >= calibration.from => (Part::Calibration, &self.test),
            Some(calibration) => (Part::Train, calibration),
            None => (Part::Train, &self.test),
        };
        if time >= next.gap { Part::Gap } else { part }
    }
}

/// Checks that the clock has the unit of the gap.
///
/// # Errors
/// [`Class::Usage`] with the line.
pub(super) fn check_gap(settings: &Settings, clock: &Clock, gap: Option<&Span>) -> Result<()> {
    let Some(gap) = gap else { return Ok(()) };
    clock
        .check_span(gap)
        .map_err(|message| settings.wrong(&["split", "gap"], &format!("[clean] split: gap: {message}")))
}
