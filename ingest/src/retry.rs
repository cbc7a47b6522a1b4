//! Waiting for what is not there yet: a few tries, each wait twice the one before.

use std::path::Path;
use std::time::Duration;

use common::{Class, Error, Result, text};

use crate::clock::Clock;

/// How often to try again, and how long to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Tries after the first.
    pub(crate) retries: u32,
    /// Wait after the first try; it doubles each time.
    pub(crate) first_wait: Duration,
    /// What the waits go by.
    pub(crate) clock: Clock,
}

/// Why a source could not be had.
pub(crate) enum Failure {
    /// Not there now, for this reason; it may be later.
    Unavailable(String),
    /// The same, and whoever has it asks for this wait at least.
    Busy(String, Duration),
    /// Not to be had, whatever the wait.
    Final(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

/// Tries `attempt` on each of `items` until all have succeeded; those that are not available share
/// their waits. The results come in the order of the items.
///
/// # Errors
/// A final failure at once; [`Class::Unavailable`] naming what was not there after the last try.
pub(crate) fn all<T, R>(
    items: &[T],
    patience: Patience,
    name: impl Fn(&T) -> String,
    attempt: impl Fn(&T) -> std::result::Result<R, Failure>,
) -> Result<Vec<R>> {
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let mut wait = patience.first_wait;
    for tries in 1..=patience.retries + 1 {
        let mut missing = Vec::new();
        let mut asked = Duration::ZERO;
        for (item, result) in items.iter().zip(&mut results).filter(|(_, result)| result.is_none()) {
            match attempt(item) {
                Ok(value) => *result = Some(value),
                Err(Failure::Unavailable(reason)) => missing.push((name(item), reason)),
                Err(Failure::Busy(reason, least)) => {
                    asked = asked.max(least);
                    missing.push((name(item), reason));
                }
                Err(Failure::Final(error)) => return Err(error),
            }
        }
        if missing.is_empty() {
            break;
        }
        if tries > patience.retries {
            return Err(given_up(&missing, tries));
        }
        let now = wait.max(asked);
        let seconds = (now.as_secs_f64() * 1000.0).round() / 1000.0;
        for (name, reason) in &missing {
            log::warn!("{name}: {reason}; retry {tries} of {} in {seconds} s", patience.retries);
        }
        patience.clock.sleep(now);
        wait *= 2;
    }
    Ok(results.into_iter().flatten().collect())
}

fn given_up(missing: &[(String, String)], tries: u32) -> Error {
    let (name, reason) = &missing[0];
    let others = missing.iter().skip(1).map(|(name, reason)| format!("{name}: {reason}")).collect::<Vec<_>>();
    let more = match others.len() as u64 {
        0 => String::new(),
        n => format!("; {} not available", text::count(n, "more source")),
    };
    let tries = if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") };
    Error::new(Class::Unavailable, format!("{reason}; given up after {tries}{more}"))
        .at(Path::new(name))
        .with_details(others)
}
