//! Log lines of this program on standard error, in the form the stages use.

use std::io::{self, Write as _};

use common::text;
use log::{Level, LevelFilter, Log, Metadata, Record};

struct Terminal;

impl Log for Terminal {
    /// What `ingest` says of its run is for its own log; what it warns of is for whoever asked.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let own = metadata.target().starts_with("new_project");
        !metadata.target().starts_with("ureq") && (own || metadata.level() <= Level::Warn)
    }

    fn log(&self, record: &Record<'_>) {
        let message = text::one_line(&record.args().to_string());
        // Of columns this program has more to say itself.
        let of_column = record.target().starts_with("ingest") && message.starts_with("column ");
        if self.enabled(record.metadata()) && !of_column {
            // A closed terminal is no reason to stop.
            let _ = writeln!(io::stderr(), "{} new: {message}", record.level());
        }
    }

    fn flush(&self) {}
}

/// Starts logging; a second start keeps the first.
pub(crate) fn start() {
    if log::set_logger(&Terminal).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}
