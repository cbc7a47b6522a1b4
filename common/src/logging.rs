//! Logging: to standard error for the person at the terminal, and to `logs/<task>.log` for later.
//!
//! Standard error gets `LEVEL task: message`; the file gets the same with the time (UTC) and the run
//! id in front. `-v` and `-q` set what standard error shows, `RUST_LOG` overrides both.
//! Every record is one line, whatever the data in it hold.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use env_logger::{Builder, Logger, Target};
use log::{LevelFilter, Log, Metadata, Record};

use crate::cli::CommonArgs;
use crate::error::{Error, Result};
use crate::publish;
use crate::task::Task;
use crate::text;

/// Log target that marks a record as critical: the pipeline cannot go on and a person must act.
pub const CRITICAL: &str = "critical";

/// Environment variable with the run id that one `make` call gives all its stages.
pub const RUN_ID: &str = "MILLRACE_RUN_ID";

static FILE_FAILED: AtomicBool = AtomicBool::new(false);

/// Logs at level CRITICAL.
#[macro_export]
macro_rules! critical {
    ($($arg:tt)+) => { ::log::error!(target: $crate::logging::CRITICAL, $($arg)+) };
}

struct Tee {
    terminal: Logger,
    file: Option<Logger>,
}

impl Log for Tee {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !unwanted(metadata)
            && (self.terminal.enabled(metadata) || self.file.as_ref().is_some_and(|f| f.enabled(metadata)))
    }

    fn log(&self, record: &Record<'_>) {
        if unwanted(record.metadata()) {
            return;
        }
        self.terminal.log(record);
        if let Some(file) = &self.file {
            file.log(record);
        }
    }

    fn flush(&self) {
        self.terminal.flush();
    }
}

/// The HTTP client logs addresses and headers whole, tokens included; the booster says when each fit stopped.
fn unwanted(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target.starts_with("ureq") || (target.starts_with("perpetual") && metadata.level() > log::Level::Warn)
}

/// The log file as a sink that remembers a failed write: a run that could not log has failed.
struct Sink(File);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(|e| {
            // An interrupted write is made again.
            if e.kind() != io::ErrorKind::Interrupted {
                FILE_FAILED.store(true, Ordering::Relaxed);
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Standard error as a sink that cannot fail: a closed terminal never changes what a stage writes.
struct Terminal;

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The id of this run: the one `make` gave, else the time and the process id.
#[must_use]
pub fn run_id() -> String {
    let given = std::env::var(RUN_ID).unwrap_or_default();
    if !given.is_empty() && given.len() <= 64 && given.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    {
        return given;
    }
    new_run_id()
}

/// A new run id: the time in UTC and the process id.
#[must_use]
pub fn new_run_id() -> String {
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    format!("{}-{}", now.format("%Y%m%dT%H%M%SZ"), std::process::id())
}

/// The time in UTC, to the millisecond, as RFC 3339 writes it.
fn now() -> String {
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn level_name(record: &Record<'_>) -> &'static str {
    if record.target() == CRITICAL { "CRITICAL" } else { record.level().as_str() }
}

/// Starts logging of `task`, to standard error and, if given, to the open log file.
pub fn start(task: Task, args: &CommonArgs, file: Option<File>) {
    let default = match (args.quiet, args.verbose) {
        (true, _) => LevelFilter::Error,
        (_, 0) => LevelFilter::Info,
        (_, 1) => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    let terminal = Builder::new()
        .filter_level(default)
        .parse_default_env()
        .format(move |out, record| {
            let message = text::one_line(&record.args().to_string());
            writeln!(out, "{} {task}: {message}", level_name(record))
        })
        .target(Target::Pipe(Box::new(Terminal)))
        .build();
    let run = run_id();
    let file = file.map(|file| {
        Builder::new()
            .filter_level(default.max(LevelFilter::Info))
            .format(move |out, record| {
                let message = text::one_line(&record.args().to_string());
                writeln!(out, "{} {run} {} {task}: {message}", now(), level_name(record))
            })
            .target(Target::Pipe(Box::new(Sink(file))))
            .build()
    });
    let most = file.as_ref().map_or(LevelFilter::Off, Logger::filter).max(terminal.filter());
    log::set_max_level(most);
    // A second start in one process (tests of the library) keeps the first.
    let _ = log::set_boxed_logger(Box::new(Tee { terminal, file }));
}

/// Opens the log file of a task.
///
/// # Errors
/// Where it cannot be opened for appending.
pub fn open(path: &Path) -> Result<File> {
    publish::append_to(path)
}

/// Fails if a line could not be written to the log file.
///
/// # Errors
/// [`crate::Class::Write`] naming the log.
pub fn check(path: &Path) -> Result<()> {
    if FILE_FAILED.load(Ordering::Relaxed) {
        return Err(Error::new(crate::Class::Write, "the log could not be written").at(path));
    }
    Ok(())
}

/// The last `lines` lines of a log that belong to `run`.
#[must_use]
pub fn tail(path: &Path, run: &str, lines: usize) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mine: Vec<&str> = text.lines().filter(|l| l.contains(run)).collect();
    mine.iter().skip(mine.len().saturating_sub(lines)).map(|l| (*l).to_owned()).collect()
}
