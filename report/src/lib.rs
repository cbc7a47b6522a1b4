//! `report`: the draft of a report that a person reads, and an analyst edits before it is published.
//!
//! Reads `metrics.json` and the model and computes nothing: it rounds for display and lets words
//! follow the numbers. What an analyst wrote is never overwritten; then the new draft goes beside.
#![forbid(unsafe_code)]

mod draft;
mod escape;
mod facts;
mod filters;
mod forecast;
mod keep;
mod metrics;
mod number;
mod path;
mod reference;
mod sections;
mod settings;
mod table;
mod template;
mod words;

use common::checkpoint::Places;
use common::error::{Error, Result};
use common::manifest::Manifest;
use common::{CommonArgs, Task, json, stage, text};

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

    /// Print the template that is built in, to copy and change, and stop; `[report] template` names the copy.
    #[arg(long)]
    pub print_template: bool,

    /// Print the report with the references in its prose filled, as Markdown, and stop.
    #[arg(long, conflicts_with = "print_template")]
    pub print_filled: bool,
}

impl Args {
    /// Whether the run only prints something and needs no project.
    #[must_use]
    pub fn only_answers(&self) -> bool {
        self.print_template
    }
}

/// Runs the stage.
///
/// # Errors
/// [`common::Class::Checkpoint`] where metrics and model do not belong together,
/// [`common::Class::Write`] where the draft cannot be written twice in a row; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    if args.print_template {
        return stage::print(template::BUILT_IN);
    }
    let settings = Settings::load(&args.common)?;
    let config = json::pretty(&settings)?;
    if args.common.print_config {
        return stage::print(&config);
    }
    let places = Places::new(Task::Report, &args.common)?;
    let facts = Facts::open(&places, settings)?;
    if args.print_filled {
        return print_filled(&places, &facts);
    }
    let draft = draft::compose(&facts)?;
    let mut manifest = Manifest::new(Task::Report, &config, facts.inputs());
    manifest.ledger = facts.metrics.ledger.clone();
    keep::publish(&places, &draft, &manifest)
}

/// Prints the report as it stands, with the references in it filled; what names no figure is told by line.
fn print_filled(places: &Places, facts: &Facts) -> Result<()> {
    let path = places.output.shown();
    let report = std::fs::read_to_string(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::checkpoint("not there; run `report` first").at(path),
        _ => Error::read(path, &e),
    })?;
    let filled = reference::fill(&report, &facts.raw);
    for one in &filled.unknown {
        let expression = text::name(&one.expression);
        log::warn!("{}:{}: {expression}: {}", text::path(path), one.line, one.why);
    }
    log::info!("filled {}", text::count(filled.count as u64, "reference"));
    stage::print(&filled.text)
}
