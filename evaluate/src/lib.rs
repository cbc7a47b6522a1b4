//! `evaluate`: how well the model predicts, on every part of the split, beside the simplest rivals.
//!
//! Reads the features table and the model, refuses a pair that does not belong together, and writes
//! `metrics.json`: errors, calibration, baselines, drift, and what the report needs of the stages
//! before. One pass over the table, a batch at a time; what a batch teaches merges in any order.
#![forbid(unsafe_code)]

mod batch;
mod breakdown;
mod columns;
mod doubt;
mod figures;
pub mod found;
pub mod gates;
mod intervals;
mod learn;
mod logged;
mod measure;
pub mod metrics;
mod pair;
mod picked;
mod recorded;
mod rivals;
mod schema;
mod score;
mod scored;
mod settings;
mod shift;
mod slice;
mod survey;
mod units;
mod worst;

use common::checkpoint::Places;
use common::config::{self, Config};
use common::error::Result;
use common::manifest::Manifest;
use common::publish::{self, Written};
use common::{CommonArgs, Task, json, notify, stage};
use serde_json::json;

use figures::Figures;
use learn::Taught;
use metrics::Metrics;
use pair::Pair;
use settings::{GATES, Settings};
use survey::Survey;

pub use logged::shown;
pub use measure::part;
pub use recorded::{ByPart, Recorded};
pub use schema::{schema, schema_of};
pub use score::Score;
pub use scored::Scored;
pub use shift::{Shift, Shifted};
pub use slice::{Slice, SliceMeasures};

/// Command line of `evaluate`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "evaluate",
    version,
    about = "Measures the model's errors, calibration and drift beside baselines"
)]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,

    /// Exit with code 12 where a gate failed; metrics.json is written all the same.
    #[arg(long)]
    pub strict: bool,

    /// Print the JSON Schema of metrics.json, and stop.
    #[arg(long)]
    pub schema: bool,
}

/// Runs the stage.
///
/// # Errors
/// [`common::Class::Checkpoint`] where table and model do not belong together, [`common::Class::Rows`] where there
/// is no row, [`common::Class::Gate`] under `--strict` where a gate failed; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    let form = schema();
    if args.schema {
        return stage::print(&json::pretty(&form)?);
    }
    let config = config::load(&args.common)?;
    let settings = Settings::of(&config, &form)?;
    let effective = json::pretty(&settings)?;
    if args.common.print_config {
        return stage::print(&effective);
    }
    let places = Places::new(Task::Evaluate, &args.common)?;
    let pair = Pair::open(&places, &settings.segments)?;
    let survey = Survey::of(&pair, &settings)?;
    let Taught { mut learned, breakdown, test } = learn::table(&pair, &survey)?;
    let told = breakdown.tell(&pair)?;
    let fits = learned.fits();
    let mut metrics = measure::metrics(&pair, &mut learned, &fits, told, &settings);
    let figures = Figures::of(&mut learned, fits);
    metrics.gates = settings.gates.judge(&config, &GATES, &form, &json::value(&metrics)?)?;
    metrics.status = gates::status(&metrics.gates);
    let companions = figures.write(&places, &metrics, test)?;
    publish(&places, &pair, &effective, &metrics, companions)?;
    logged::metrics(&metrics, places.output.shown());
    verdict(args, &config, &metrics)
}

fn publish(
    places: &Places,
    pair: &Pair,
    config: &str,
    metrics: &Metrics,
    companions: Vec<Written>,
) -> Result<()> {
    let mut manifest = Manifest::new(Task::Evaluate, config, metrics.inputs.clone());
    manifest.ledger = pair.ledger();
    manifest.found = json!({ "status": metrics.status });
    let written = publish::of_bytes(&places.output, json::pretty(metrics)?.as_bytes())?;
    places.publish(written, companions, manifest)
}

/// Tells of broken gates; only under `--strict` they are a failure.
fn verdict(args: &Args, config: &Config, metrics: &Metrics) -> Result<()> {
    logged::warnings(&metrics.gates);
    let Some(failure) = gates::failure(&metrics.gates) else { return Ok(()) };
    let project = args.common.project();
    let failure =
        failure.at(&args.common.output.clone().unwrap_or_else(|| project.output_of(Task::Evaluate)));
    if args.strict {
        return Err(failure);
    }
    log::error!("{failure}");
    failure.details().iter().for_each(|line| log::error!("{line}"));
    notify::failure(&config.section("notify")?, Task::Evaluate, &args.common, &failure);
    Ok(())
}
