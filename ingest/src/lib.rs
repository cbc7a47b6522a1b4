//! Stage `ingest`: finds the raw CSV files, reads them strictly, combines them by column name.
//!
//! What is written holds every cell's text as it stood. A file that is broken, or whose columns
//! differ from the first one's, is refused by name and line; nothing is repaired or guessed.
//!
//! The way of the data: [`settings`] says what to read, `sources` finds it (`pattern` and `folder` for files,
//! `snapshots`, `fetch`, `http` and `s3` for addresses, `retry` for what is not there yet), `survey` finds
//! dialects and columns, `combine` has it all read (`feed` by blocks, `piece` each block) and writes it. What a record
//! is, and what breaks one, is the crate `strict-csv`'s to say.

mod accepted;
mod address;
mod body;
mod clock;
mod combine;
mod dialects;
mod excess;
mod feed;
mod fetch;
mod files;
mod folder;
mod http;
mod listing;
mod open;
mod pattern;
mod piece;
mod place;
mod profile;
mod progress;
mod reach;
mod recorded;
mod rejects;
mod retry;
mod retry_after;
mod retyped;
mod s3;
pub mod settings;
mod snapshots;
mod sources;
mod summary;
mod survey;
mod wanted;

use common::checkpoint::Places;
use common::table::Format;
use common::{CommonArgs, Result, Task, config, publish, stage};

pub use files::{Batch, Files, Manner};

use accepted::Accepted;
use combine::Combined;
use settings::Settings;
use sources::Source;
use survey::Survey;

/// Pulls the raw data, checks its form, and combines it into one table.
#[derive(Clone, Debug, clap::Parser)]
#[command(version)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Args {
    /// Flags of every stage.
    #[command(flatten)]
    pub common: CommonArgs,

    /// Print one line for each source (name, size and time), for Make, and stop.
    #[arg(long)]
    pub list_sources: bool,

    /// Take the dialects, columns and types found now as those that every later run must find, in
    /// ingest.lock.
    #[arg(long)]
    pub accept: bool,

    /// Ask the servers of remote sources for changes, and take these up into sources.lock. Without this,
    /// a snapshot at hand is used and nothing is downloaded.
    #[arg(long)]
    pub refresh: bool,

    /// Stop once the snapshots of remote sources are there: with --refresh what `make refresh` runs.
    #[arg(long)]
    pub fetch_only: bool,
}

/// Runs the stage.
///
/// # Errors
/// A source that is not there (20), broken or refused (21), without any row (11); a wrong
/// configuration (2); an output that cannot be written (22).
pub fn run(args: &Args) -> Result<()> {
    let config = config::load(&args.common)?;
    config.project()?;
    let settings = Settings::new(&config, args)?;
    if args.common.print_config {
        return stage::print(&settings.effective()?);
    }
    if args.list_sources {
        return stage::print(&listing::list(&settings)?);
    }
    if args.fetch_only {
        return sources::fetch(&settings);
    }
    let places = Places::new(Task::Ingest, &args.common)?;
    Format::of(places.output.shown())?;
    let sources = sources::find(&settings, &places.output)?;
    let survey = survey::survey(&sources, &settings)?;
    let combined = combine::combine(&sources, &survey, &settings, &places)?;
    let rows = combined.rows;
    let accepted = accept(&settings, &sources, &survey, &combined, args.accept)?;
    let manifest = summary::manifest(&settings, &sources, &survey, &combined, accepted.as_ref())?;
    places.publish(combined.table, combined.companions, manifest)?;
    combined.stale.as_deref().map_or(Ok(()), publish::remove)?;
    stage::log_written(places.output.shown(), rows);
    Ok(())
}

/// Holds what was found against the lock, or makes it the lock.
fn accept(
    settings: &Settings,
    sources: &[Source],
    survey: &Survey,
    combined: &Combined,
    anew: bool,
) -> Result<Option<Accepted>> {
    let found = Accepted::found(settings, sources, survey, combined);
    if anew {
        found.write(&settings.project)?;
        return Ok(Some(found));
    }
    let accepted = Accepted::read(&settings.project)?;
    if let Some(accepted) = &accepted {
        accepted.check(&found, combined, &settings.project)?;
    }
    Ok(accepted)
}
