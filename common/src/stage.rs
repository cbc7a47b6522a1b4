//! Running a stage: signals, logging, the lock, the exit code. What every `main` calls.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::checkpoint;
use crate::cli::CommonArgs;
use crate::error::{Class, Error, Result};
use crate::task::Task;
use crate::{config, critical, lock, logging, notify, publish, text};

/// Runs `work` as `task`, under the task's lock, and turns its result into an exit code.
///
/// One line on standard error and in the log says what failed; its details follow; whoever
/// `[notify]` names is told.
pub fn execute(task: Task, args: &CommonArgs, work: impl FnOnce() -> Result<()>) -> ExitCode {
    if args.print_config {
        return answer(task, args, work);
    }
    publish::remember_umask();
    code(watch_signals().and_then(|()| logged(task, args, work)))
}

/// Runs `work` that only answers a question on standard output, such as `--print-config`: no lock,
/// no log file, nobody is told.
pub fn answer(task: Task, args: &CommonArgs, work: impl FnOnce() -> Result<()>) -> ExitCode {
    let outcome = watch_signals().and_then(|()| work());
    if let Err(error) = &outcome
        && error.class() != Class::Pipe
    {
        logging::start(task, args, None);
        log::error!("{error}");
    }
    code(outcome)
}

/// Prints the text that answers a question.
///
/// # Errors
/// [`Class::Write`], or [`Class::Pipe`] where nobody reads.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| Error::write(Path::new("-"), &e))
}

fn code(outcome: Result<()>) -> ExitCode {
    outcome.map_or_else(|error| ExitCode::from(error.class().exit_code()), |()| ExitCode::SUCCESS)
}

fn logged(task: Task, args: &CommonArgs, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let path = args.project().log_of(task);
    // A folder that is no project gets no log either.
    let opened = if !args.project.is_dir() {
        Err(Error::usage("no such project folder").at(&args.project))
    } else if args.config_path().exists() {
        logging::open(&path).map(Some)
    } else if task.needs_project() {
        Err(Error::usage("no such file: a project folder holds a pipeline.toml").at(&args.config_path()))
    } else {
        Ok(None)
    };
    let file = match opened {
        Ok(file) => file,
        Err(error) => {
            logging::start(task, args, None);
            log::error!("{error}");
            return Err(error);
        }
    };
    let held =
        file.as_ref().map(std::fs::File::try_clone).transpose().map_err(|e| Error::write(&path, &e))?;
    logging::start(task, args, file);
    // What only reads the project may run many times at once.
    let locked = match held.as_ref().filter(|_| task.needs_project()) {
        Some(held) => lock::exclusive(held, &path, task.name()),
        None => Ok(()),
    };
    let outcome = locked.and_then(|()| {
        log::info!("start: version {}", env!("CARGO_PKG_VERSION"));
        let begun = std::time::Instant::now();
        let ended = work();
        // What follows from a damaged input is not what to tell.
        checkpoint::settle().and(ended)?;
        if task.needs_project() {
            publish::wait_for_next_tick();
        }
        log::info!("done in {:.3} s", begun.elapsed().as_secs_f64());
        logging::check(&path)
    });
    if let Err(error) = &outcome {
        report(task, args, error);
    }
    outcome
}

fn report(task: Task, args: &CommonArgs, error: &Error) {
    match error.class() {
        Class::Pipe => return,
        Class::Rows => critical!("{error}"),
        _ => log::error!("{error}"),
    }
    for line in error.details() {
        log::error!("{line}");
    }
    // A configuration that cannot be read names nobody to tell; that failure is the message then.
    if let Ok(settings) = config::load(args).and_then(|c| c.section::<notify::Settings>("notify")) {
        notify::failure(&settings, task, args, error);
    }
}

/// Ends the run within moments of SIGTERM, SIGINT or SIGHUP: temporary files removed, exit 128+n.
/// SIGXFSZ is only noted, so that a write past the limit gives an error that names the file.
fn watch_signals() -> Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGXFSZ])
        .map_err(|e| Error::unexpected(format!("cannot watch signals: {e}")))?;
    std::thread::spawn(move || {
        for signal in signals.forever().filter(|s| *s != SIGXFSZ) {
            let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
            log::error!("stopped by {name}; no output was changed by this run unless the log says so");
            end(signal);
        }
    });
    Ok(())
}

#[expect(clippy::exit, reason = "a signal ends the whole process from its watching thread")]
fn end(signal: i32) {
    publish::remove_temporary_files();
    std::process::exit(128 + signal);
}

/// One line for the log: rows and a noun, used by every stage for what it wrote.
pub fn log_written(path: &Path, rows: u64) {
    log::info!("wrote {} to {}", text::count(rows, "row"), text::path(path));
}
