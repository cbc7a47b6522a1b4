//! `report`: the draft of a report that a person reads, and an analyst edits before it is published.
//!
//! Reads `metrics.json` and the model and computes nothing: it rounds for display and lets words
//! follow the numbers. What an analyst wrote is never overwritten; then the new draft goes beside.
#![forbid(unsafe_code)]

mod draft;
mod escape;
mod facts;
mod html;
mod keep;
mod metrics;
mod number;
mod page;
mod sections;
mod settings;
mod table;
mod words;

use common::checkpoint::Places;
use common::error::Result;
use common::manifest::Manifest;
use common::{CommonArgs, Task, json, stage};

use facts::Facts;
use settings::Settings;

/// Command line of `report`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "report",
    version,
    about = "Writes a draft report for an analyst to edit; never overwrites their edits"
)]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Runs the stage.
///
/// # Errors
/// [`common::Class::Checkpoint`] where metrics and model do not belong together,
/// [`common::Class::Write`] where the draft cannot be written twice in a row; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.common)?;
    let config = json::pretty(&settings)?;
    if args.common.print_config {
        return stage::print(&config);
    }
    let places = Places::new(Task::Report, &args.common)?;
    let facts = Facts::open(&places, settings)?;
    let draft = draft::compose(&facts);
    let mut manifest = Manifest::new(Task::Report, &config, facts.inputs());
    manifest.ledger = facts.metrics.ledger.clone();
    keep::publish(&places, &draft, &manifest, &facts.settings.title)
}
