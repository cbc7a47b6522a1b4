//! The clock that dates files.

/// Waits until a file written from now on gets a later time than those written so far.
///
/// Linux dates files by a clock that moves every 1 to 10 ms, and Make runs a rule again only where a
/// prerequisite is newer than its target: an edit within the same tick as the manifest would be missed.
#[cfg(target_os = "linux")]
pub fn wait_for_next_tick() {
    use std::time::{Duration, Instant};

    use rustix::time::{ClockId, clock_gettime};

    let now = || clock_gettime(ClockId::RealtimeCoarse);
    let (tick, begun) = (now(), Instant::now());
    // A clock that somebody holds must not hold the stage.
    while now() == tick && begun.elapsed() < Duration::from_millis(20) {
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// Elsewhere files are dated to the nanosecond, or too coarsely to wait for.
#[cfg(not(target_os = "linux"))]
pub const fn wait_for_next_tick() {}
