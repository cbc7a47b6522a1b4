//! `monitor`: how new rows compare with those that a model was trained on, and how it predicts them.
//!
//! Rows go through the very code that `predict` uses. Drift is measured against the references in the model file, errors,
//! calibration and coverage where outcomes are known, over all rows and by period of their time. Nothing is learned
//! from them. What they teach is kept beside `monitor.json` and merges: days add up to weeks.
#![forbid(unsafe_code)]

mod figures;
mod gather;
mod judge;
mod logged;
mod merge;
mod period;
mod piece;
mod settings;
mod sound;
mod state;

use std::path::{Path, PathBuf};

use common::checkpoint::{Checkpoint, Places};
use common::config::{self, Config};
use common::error::{Error, Result};
use common::ledger::{Ledger, Step};
use common::manifest::{FileRecord, Manifest};
use common::publish::{self, Target};
use common::{Task, json, notify, stage};
use evaluate::gates::{self, Gate, GateLevel};
use evaluate::metrics::Status;
use model::Model;
use predict::Asked;
use serde_json::json;

use gather::{Gather, Gathered};
use settings::{GATES, Settings};
use state::State;

pub use figures::{
    ErrorVerdict, Expected, ExpectedFrom, FORMAT, Findings, InPeriod, Kind, ModelFacts, Monitor, Rows,
    Verdict, Warning,
};
pub use period::Period;
pub use state::{Cells, Input};

/// Command line of `monitor`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "monitor",
    version,
    about = "Compares new rows with those a model was trained on: drift, error, coverage"
)]
pub struct Args {
    /// Rows and model.
    #[command(flatten)]
    pub asked: Asked,

    /// How long a period is, where rows have calendar time, in place of `[monitor] period`. By default a month.
    #[arg(long, value_enum, value_name = "LENGTH")]
    pub period: Option<Period>,

    /// Exit with 0 where a gate failed, too, as under Make: `status` in the output tells.
    #[arg(long)]
    pub lenient: bool,

    /// Print the JSON Schema of monitor.json, and stop.
    #[arg(long)]
    pub schema: bool,

    /// In place of rows: an earlier monitor.json, whose rows are added up with those of the others. May be repeated.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["input", "history", "part", "like", "period"])]
    pub merge: Vec<PathBuf>,
}

impl Args {
    /// What of command line and configuration affects the bytes of the output.
    fn effective(&self, settings: &Settings) -> Result<String> {
        json::pretty(&json!({ "part": self.asked.part, "like": self.asked.like, "settings": settings }))
    }
}

/// Runs the program.
///
/// # Errors
/// As the class says.
pub fn run(args: &Args) -> Result<()> {
    let form = evaluate::schema_of::<Monitor>();
    if args.schema {
        return stage::print(&json::pretty(&form)?);
    }
    let config = config::load_if_there(&args.asked.common)?;
    let mut settings = Settings::of(&config, &form)?;
    settings.period = args.period.unwrap_or(settings.period);
    let effective = args.effective(&settings)?;
    if args.asked.common.print_config {
        return stage::print(&effective);
    }
    if args.asked.common.input.is_empty() && args.merge.is_empty() {
        return Err(Error::usage(
            "nothing to monitor: name new rows by -i FILE, or files of earlier runs by --merge FILE",
        ));
    }
    let places = Places::new(Task::Monitor, &args.asked.common)?;
    let (file, model) = predict::open(&args.asked, &places)?;
    refuse_own(args, &places, &file)?;
    let Gathered { mut state, read, step } = if args.merge.is_empty() {
        gather(args, &settings, &places, &file, &model)?
    } else {
        let (state, read) = merge::files(&args.merge, &places, &file, &model)?;
        let step = merged(&state);
        Gathered { state, read, step }
    };
    state.sort();
    let mut monitor = judge::state(&state, &model)?;
    monitor.gates = settings.gates.judge(&config, &GATES, &form, &json::value(&monitor)?)?;
    monitor.status = worse(monitor.status, gates::status(&monitor.gates));
    publish(&places, &file, &effective, read, step, &monitor, &state)?;
    logged::figures(&monitor, places.output.shown());
    verdict(args, &config, &monitor.gates, places.output.shown())
}

/// Warnings make a status of gates no better.
fn worse(warned: Status, gated: Status) -> Status {
    if gated == Status::Pass { warned } else { gated }
}

/// Tells of broken gates; but for `--lenient` they are a failure.
fn verdict(args: &Args, config: &Config, gates: &[Gate], path: &Path) -> Result<()> {
    gates.iter().filter(|gate| !gate.kept && gate.level == GateLevel::Warn).for_each(|gate| {
        log::warn!("gate broken: {}", gate.said());
    });
    let Some(failure) = gates::failure(gates) else { return Ok(()) };
    let failure = failure.at(path);
    if !args.lenient {
        return Err(failure);
    }
    log::error!("{failure}");
    failure.details().iter().for_each(|line| log::error!("{line}"));
    notify::failure(&config.section("notify")?, Task::Monitor, &args.asked.common, &failure);
    Ok(())
}

/// The output, and the state beside it, are none of the files read.
fn refuse_own(args: &Args, places: &Places, file: &Checkpoint) -> Result<()> {
    let state = merge::state_of(places).map(|path| Target::file(&path));
    for path in
        args.asked.common.input.iter().chain(&args.asked.history).chain(&args.merge).chain([&file.path])
    {
        publish::refuse_same_file(&places.output, path)?;
        state.iter().try_for_each(|state| publish::refuse_same_file(state, path))?;
    }
    Ok(())
}

fn gather(
    args: &Args,
    settings: &Settings,
    places: &Places,
    file: &Checkpoint,
    model: &Model,
) -> Result<Gathered> {
    let part = args.asked.part.as_deref();
    let mut rows = Gather::new(model, &file.record.sha256, part, settings.period);
    predict::rows(&args.asked, places, file, model, &mut rows)?;
    // Whether it is a features table, and the one it says, `predict` has checked.
    let table = match args.asked.common.input.as_slice() {
        [path] if path.as_os_str() != "-" => Manifest::read(&Manifest::path_of(path))?,
        _ => None,
    };
    let gathered = rows.finish(table.as_ref())?;
    if let (Some(period), None) = (args.period, gathered.state.period) {
        log::warn!("--period {}: the rows have no calendar time, so they have no periods", period.name());
    }
    Ok(gathered)
}

fn merged(state: &State) -> Step {
    let (rows, stage) = (state.rows(), Task::Monitor.name().to_owned());
    Step { stage, rows_in: rows, rows_out: rows, ..Step::default() }
}

fn publish(
    places: &Places,
    file: &Checkpoint,
    config: &str,
    read: Vec<FileRecord>,
    step: Step,
    monitor: &Monitor,
    state: &State,
) -> Result<()> {
    let inputs = [file.record.clone()].into_iter().chain(read).collect();
    let mut manifest = Manifest::new(Task::Monitor, config, inputs);
    manifest.ledger = Ledger::default().with(step)?;
    manifest.found = json!({ "status": monitor.status });
    let mut companions = Vec::new();
    match merge::state_of(places) {
        Some(path) => companions.push(publish::of_bytes(&Target::file(&path), &state.to_bytes()?)?),
        None => log::warn!("no state is kept, which is what merges: name a file by -o or --meta"),
    }
    let written = publish::of_bytes(&places.output, json::pretty(monitor)?.as_bytes())?;
    places.publish(written, companions, manifest)
}
