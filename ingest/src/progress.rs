//! A bar for people who wait; nothing where standard error is no terminal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(200);

/// The bar of a run.
pub(crate) struct Progress<'a> {
    bar: ProgressBar,
    read: &'a AtomicU64,
    began: Instant,
    looked: Instant,
    quiet: bool,
}

impl<'a> Progress<'a> {
    /// A bar over `bytes`, of which `read` counts those that were read; none where the run is `quiet`.
    pub(crate) fn new(bytes: u64, read: &'a AtomicU64, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:24} {bytes} of {total_bytes}, {bytes_per_sec}, {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self { bar, read, began: now, looked: now, quiet }
    }

    /// Shows how far the run is, with `rows` so far.
    pub(crate) fn look(&mut self, rows: u64) {
        let now = Instant::now();
        if self.quiet || now - self.looked < INTERVAL || now - self.began < PATIENCE {
            return;
        }
        self.looked = now;
        self.bar.set_position(self.read.load(Ordering::Relaxed));
        self.bar.set_message(format!("{rows} rows"));
        if self.bar.is_hidden() {
            // Draws on standard error, and only where that is a terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Does `work`, which writes to standard error, beside the bar.
    pub(crate) fn beside<R>(&self, work: impl FnOnce() -> R) -> R {
        self.bar.suspend(work)
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
