//! `report`: the draft of a report that a person reads, and an analyst edits before it is published.
//!
//! Reads `metrics.json` and the model and computes nothing: it rounds for display and lets words
//! follow the numbers. The new draft is merged with what an analyst wrote, which is never lost.
#![forbid(unsafe_code)]

mod aim;
mod check;
mod desk;
mod document;
mod draft;
mod edition;
mod escape;
mod facts;
mod figures;
mod filters;
mod forecast;
mod html;
mod keep;
mod memory;
mod merge;
mod metrics;
mod number;
mod page;
mod path;
mod programs;
mod reference;
mod release;
mod revise;
mod sections;
mod settings;
mod standing;
mod state;
mod table;
mod template;
mod todo;
mod words;

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::publish::{Replaced, Target};
use common::{CommonArgs, Task, json, stage, text};

use aim::Aim;
use desk::Desk;
use edition::Edition;
use facts::Facts;
use settings::Settings;

/// Times the work is begun again because the report was saved meanwhile.
const TRIES: u32 = 10;

/// Command line of `report`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "report",
    version,
    about = "Writes the report: a draft for an analyst to edit, merged with their edits, with figures and an HTML page"
)]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,

    /// Vouch for the report: nothing may be left to fill or to resolve. Other numbers or words make it a draft again.
    #[arg(long, conflicts_with_all = ["publish", "check"])]
    pub review: bool,

    /// Publish the report as it is: an immutable folder in `published/`, and a row of `history.csv`, beside it.
    /// VERSION is the next number where it is not given.
    #[arg(long, value_name = "VERSION", num_args = 0..=1, require_equals = true, conflicts_with = "check")]
    pub publish: Option<Option<String>>,

    /// End with exit code 12 where a reviewed or published report is no longer what the metrics say; write nothing.
    #[arg(long)]
    pub check: bool,

    /// What only prints.
    #[command(flatten)]
    pub print: Print,
}

/// Runs that only print something.
#[derive(Debug, clap::Args)]
pub struct Print {
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
        self.print.print_template
    }
}

/// Runs the stage.
///
/// # Errors
/// [`common::Class::Checkpoint`] where metrics and model do not belong together,
/// [`common::Class::Write`] where the draft cannot be written twice in a row; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    if args.print.print_template {
        return stage::print(template::BUILT_IN);
    }
    let settings = Settings::load(&args.common)?;
    let config = json::pretty(&settings)?;
    if args.common.print_config {
        return stage::print(&config);
    }
    let places = Places::new(Task::Report, &args.common)?;
    let mut facts = Facts::open(&places, settings)?;
    if args.print.print_filled {
        return print_filled(&places, &facts);
    }
    if args.check && places.output == Target::Stdout {
        return Err(Error::usage("a report in a pipe cannot be checked"));
    }
    if args.check {
        return check::run(&places, &facts);
    }
    if places.output == Target::Stdout && args.aim() != Aim::Report {
        return Err(Error::usage("a report in a pipe can be neither reviewed nor published"));
    }
    let Target::File(path) = &places.output else {
        return piped(&places, &facts, &config);
    };
    let mut aim = args.aim();
    for _ in 0..TRIES {
        let desk = Desk::open(path)?;
        let edition = Edition::new(&places, &mut facts, &desk, &aim)?;
        if edition.write(&places, &facts, &config)? == Replaced::Done {
            return Ok(());
        }
        if matches!(aim, Aim::Publish(_)) {
            // The version is out: what was saved meanwhile is for the next one.
            aim = Aim::Report;
        }
        log::info!("{} was saved just now; beginning again with that", text::path(path));
    }
    Err(Error::new(Class::Write, "is saved again and again; try when that is over").at(path))
}

/// The draft alone, for a pipe.
fn piped(places: &Places, facts: &Facts, config: &str) -> Result<()> {
    let mut manifest = Manifest::new(Task::Report, config, facts.inputs());
    manifest.ledger = facts.metrics.ledger.clone();
    let draft = document::parse(&draft::compose(facts)?, &|_| Vec::new()).generated();
    keep::pipe(places, &draft.render(), manifest)
}

impl Args {
    fn aim(&self) -> Aim {
        match &self.publish {
            Some(version) => Aim::Publish(version.clone()),
            None if self.review => Aim::Review,
            None => Aim::Report,
        }
    }
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
