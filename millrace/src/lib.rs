//! The work around the stages that Make cannot do: one run at a time, the state files that rules
//! depend on, why a stage is stale, what `make reset` may remove, whether a gate failed.
//!
//! `millrace` runs no stage. `millrace make` locks the project, asks every stage for its
//! configuration, and becomes the inner `make`; the Makefile is the map of the stages.
#![forbid(unsafe_code)]

mod check;
mod dag;
mod forecast;
mod make;
mod reset;
mod state;
mod status;
mod terminal;
mod verdict;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::{Error, Result, publish};

use dag::Dag;

/// What the Makefile needs beside the stages: the lock, the state files, status, reset, the gates.
#[derive(Debug, clap::Parser)]
#[command(name = "millrace", version)]
pub struct Args {
    #[command(subcommand)]
    goal: Goal,
}

#[derive(Debug, clap::Subcommand)]
enum Goal {
    /// Lock the project, bring its state files up to date, and become the make given after `--`.
    Make {
        #[command(flatten)]
        place: Place,
        /// The make to become, with its goals.
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Say of each stage whether it is fresh, or stale and why.
    Status {
        #[command(flatten)]
        place: Place,
    },
    /// Remove what the stages wrote and nobody edited.
    Reset {
        #[command(flatten)]
        place: Place,
    },
    /// Fail with exit code 12 where `reports/metrics.json` says that a gate failed.
    Check {
        #[command(flatten)]
        place: Place,
    },
}

/// Which project, in which format, made by which programs.
#[derive(Debug, clap::Args)]
struct Place {
    /// The project folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// The format of the tables between the stages.
    #[arg(long, default_value = "csv", value_parser = dag::FORMATS)]
    format: String,
    /// The folder of the stage programs; by default the one this program lies in.
    #[arg(long, value_name = "DIR")]
    bin: Option<PathBuf>,
}

/// Why a goal was not reached.
enum Failure {
    /// An error of this program, not yet shown.
    Own(Error),
    /// A stage failed with this exit code and has said why.
    Stage(u8),
}

/// A goal reached, or why not.
type Outcome<T = ()> = std::result::Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}

/// Reaches the goal, or says in one line why not.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    terminal::start();
    publish::remember_umask();
    match reach(&args.goal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Stage(code)) => ExitCode::from(code),
        Err(Failure::Own(error)) => {
            log::error!("{error}");
            ExitCode::from(error.class().exit_code())
        }
    }
}

fn reach(goal: &Goal) -> Outcome {
    match goal {
        Goal::Make { place, command } => make::run(&place.dag()?, command),
        Goal::Status { place } => status::run(&place.dag()?),
        Goal::Reset { place } => Ok(reset::run(&place.dag()?)?),
        Goal::Check { place } => Ok(check::run(&place.dag()?)?),
    }
}

impl Place {
    fn dag(&self) -> Result<Dag> {
        if !self.project.is_dir() {
            return Err(Error::usage("no such project folder").at(&self.project));
        }
        let bin = match &self.bin {
            Some(bin) => std::path::absolute(bin).map_err(|e| Error::read(bin, &e))?,
            None => std::env::current_exe()
                .map(|program| program.parent().map(Path::to_path_buf).unwrap_or_default())
                .map_err(|e| Error::unexpected(format!("cannot find the stage programs: {e}; give --bin")))?,
        };
        Ok(Dag::new(&self.project, &self.format, bin))
    }
}

/// Prints lines on standard output.
fn print(lines: &[String]) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = lines.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush());
    written.map_err(|e| Error::write(Path::new("-"), &e))
}
