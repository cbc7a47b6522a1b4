//! The clock that waits, time-outs and deadlines of sources go by.
//!
//! Tests make it run faster: under `MILLRACE_TEST_CLOCK=100` a second of it takes a hundredth of a real
//! one, so that a wait of 10 s is still asked for, told and kept, and a test is done in 0.1 s.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use common::{Error, Result};

/// How many seconds of the clock a real second has; for tests.
const RATE: &str = "MILLRACE_TEST_CLOCK";

/// Fastest clock.
const FASTEST: f64 = 1e6;

/// A clock: the real one, or one that runs faster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    rate: f64,
    begun: Instant,
    date: SystemTime,
}

impl Clock {
    fn new(rate: f64) -> Self {
        Self { rate, begun: Instant::now(), date: SystemTime::now() }
    }

    /// The real clock, unless the environment asks for a faster one.
    ///
    /// # Errors
    /// [`common::Class::Usage`] where what it asks for is no rate.
    pub(crate) fn of_environment() -> Result<Self> {
        let Some(rate) = std::env::var_os(RATE) else { return Ok(Self::new(1.0)) };
        let rate = rate.to_str().and_then(|text| text.parse::<f64>().ok());
        let rate = rate.filter(|rate| (1.0..=FASTEST).contains(rate));
        rate.map(Self::new)
            .ok_or_else(|| Error::usage(format!("{RATE}: how many times faster, from 1 to {FASTEST}")))
    }

    /// Time since the clock was made.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed().mul_f64(self.rate)
    }

    /// The date it shows.
    pub(crate) fn date(&self) -> SystemTime {
        self.date + self.elapsed()
    }

    /// How long `time` really takes.
    pub(crate) fn real(&self, time: Duration) -> Duration {
        time.div_f64(self.rate)
    }

    /// Waits for `time`.
    pub(crate) fn sleep(&self, time: Duration) {
        thread::sleep(self.real(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faster_clock_waits_as_long_by_its_own_time() {
        let clock = Clock::new(1000.0);
        let (begun, before) = (Instant::now(), clock.date());
        clock.sleep(Duration::from_secs(20));
        assert!(begun.elapsed() >= Duration::from_millis(20));
        assert!(clock.elapsed() >= Duration::from_secs(20));
        assert!(clock.date().duration_since(before).unwrap() >= Duration::from_secs(20));
        assert_eq!(clock.real(Duration::from_secs(5)), Duration::from_millis(5));
        assert_eq!(Clock::new(1.0).real(Duration::from_secs(5)), Duration::from_secs(5));
    }
}
