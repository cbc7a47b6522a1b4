//! Log lines of this program on standard error, in the form the stages use.

use std::io::{self, Write as _};

use common::text;
use log::{LevelFilter, Log, Metadata, Record};

struct Terminal;

impl Log for Terminal {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let message = text::one_line(&record.args().to_string());
        // A closed terminal is no reason to stop.
        let _ = writeln!(io::stderr(), "{} millrace: {message}", record.level());
    }

    fn flush(&self) {}
}

/// Starts logging; a second start keeps the first.
pub(crate) fn start() {
    if log::set_logger(&Terminal).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}
