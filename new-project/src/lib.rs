//! `make new`: looks at raw files and writes a project for them: `pipeline.toml`, commented, and
//! `schema.json`.
//!
//! The way of the data: `raw` says which files, `draft` has the library of `ingest` read them (one
//! implementation of reading) into a temporary table of texts; over that table `types` finds what each
//! column holds, `column` its range and levels, `roles` time and entity, `check` what only the roles
//! tell. `plan` decides, `pipeline` and `contract` write. Every row is looked at; memory is bounded by
//! counting hashes (`distinct`). Every guess stands in a comment with its figures.
#![forbid(unsafe_code)]

mod alternates;
mod check;
mod column;
mod contract;
mod distinct;
mod draft;
mod moment;
mod outcome;
mod pipeline;
mod plan;
mod quoted;
mod raw;
mod roles;
mod rows;
mod steps;
mod terminal;
mod types;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use common::project::names;
use common::{Class, Error, Project, Result, publish, text};

use draft::Draft;
use plan::Plan;

/// Looks at raw files and writes a project for them.
#[derive(Clone, Debug, clap::Parser)]
#[command(version)]
pub struct Args {
    /// The folder of the new project; made where it is not there.
    #[arg(long, value_name = "DIR")]
    pub project: PathBuf,

    /// The raw files: paths, patterns and folders, parted by blanks; names with blanks in quotes.
    #[arg(long, value_name = "FILES", default_value = "")]
    pub raw: String,

    /// The column to predict; without it the candidates are listed and nothing is written.
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,

    /// Keys of [ingest] that the files need, as in `encoding = "windows-1252", delimiter = ";"`.
    #[arg(long, value_name = "KEYS", default_value = "")]
    pub ingest: String,
}

/// Runs the program; the exit code says what kind of failure it was.
#[must_use]
pub fn execute(args: &Args) -> ExitCode {
    terminal::start();
    publish::remember_umask();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error}");
            // A list to choose from is no fault by itself.
            let level = if error.class() == Class::Usage { log::Level::Info } else { log::Level::Error };
            error.details().iter().for_each(|line| log::log!(level, "{line}"));
            ExitCode::from(error.class().exit_code())
        }
    }
}

/// Writes the project.
///
/// # Errors
/// A project that is there, no target or a wrong one (2); what `ingest` says of the files (2, 20, 21);
/// too few rows (11); a file that cannot be written (22).
pub fn run(args: &Args) -> Result<()> {
    let project = Project::new(&args.project);
    refuse_existing(&project)?;
    let keys = raw::keys(&args.ingest)?;
    let folder = draft::Folder::make(&args.project)?;
    let entries = raw::entries(&args.raw, &args.project)?;
    let draft = Draft::read(&project, &entries, &keys)?;
    let types = types::find(&draft, &keys)?;
    let columns = column::facts(&draft, &types)?;
    let target = outcome::choose(args.target.as_deref(), &columns, &draft)?;
    let roles = roles::find(&draft, &columns, target)?;
    let check = check::check(&draft, &columns, &roles, target)?;
    let plan = Plan::new(&args.project, &columns, target, &roles, &check);
    plan.refuse_without_features(&columns)?;
    let schema = contract::text(&columns, &types, &roles, &check)?;
    let pipeline = pipeline::text(&plan, &columns, &draft, &entries, &keys, &types, &check);
    publish::write_if_changed(&project.path(names::SCHEMA), schema.as_bytes())?;
    publish::write_if_changed(&project.path(names::CONFIG), pipeline.as_bytes())?;
    folder.keep();
    plan.log(&columns, &draft, &project);
    Ok(())
}

/// A project that is there is somebody's work.
fn refuse_existing(project: &Project) -> Result<()> {
    let there = |name: &&str| std::fs::symlink_metadata(project.path(*name)).is_ok();
    let found: Vec<&str> = [names::CONFIG, names::SCHEMA].into_iter().filter(there).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(Error::usage(format!(
        "holds {} already, which `make new` never overwrites; name another folder, or move it away",
        text::names(found)
    ))
    .at(project.root()))
}
