//! Stage `ingest`: finds the raw CSV files, reads them strictly, combines them by column name.
//!
//! What is written holds every cell's text as it stood. A file that is broken, or whose columns
//! differ from the first one's, is refused by name and line; nothing is repaired or guessed.
//!
//! The way of the data: [`settings`] says what to read, `sources` finds it (`pattern` for globs,
//! `snapshots` and `fetch` for addresses, `retry` for what is not there yet), `columns` compares the
//! headers, `combine` reads it all through `records`, which stands on `strict` and `scan`.

mod address;
mod batch;
mod columns;
mod combine;
mod fetch;
mod listing;
mod pattern;
mod profile;
mod records;
mod retry;
mod scan;
pub mod settings;
mod snapshots;
mod sources;
mod strict;
mod summary;

use common::checkpoint::Places;
use common::table::Format;
use common::{CommonArgs, Result, Task, config, stage};

use settings::Settings;

/// Pulls the raw data, checks its form, and combines it into one table.
#[derive(Clone, Debug, clap::Parser)]
#[command(version)]
pub struct Args {
    /// Flags of every stage.
    #[command(flatten)]
    pub common: CommonArgs,

    /// Print one line for each source (name, size and time, or hash), for Make, and stop.
    #[arg(long)]
    pub list_sources: bool,

    /// Download remote sources again, even where a snapshot is at hand.
    #[arg(long)]
    pub refresh: bool,
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
    let places = Places::new(Task::Ingest, &args.common)?;
    Format::of(places.output.shown())?;
    let sources = sources::find(&settings, &places.output)?;
    let columns = columns::agree(&sources)?;
    let combined = combine::combine(&sources, &columns, &settings.null_tokens, &places)?;
    let rows = combined.rows;
    let manifest = summary::manifest(&settings, &sources, &combined)?;
    places.publish(combined.table, combined.lines.into_iter().collect(), manifest)?;
    stage::log_written(places.output.shown(), rows);
    Ok(())
}
