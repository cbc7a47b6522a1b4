//! `evaluate`: how well the model predicts, on every part of the split, beside the simplest rivals.
//!
//! Reads the features table and the model, refuses a pair that does not belong together, and writes
//! `metrics.json`: errors, calibration, baselines, drift, and what the report needs of the stages
//! before. One pass over the table, a batch at a time; what a batch teaches merges in any order.
#![forbid(unsafe_code)]

mod columns;
mod intervals;
mod learn;
mod logged;
mod measure;
pub mod metrics;
mod pair;
mod recorded;
mod rivals;
mod score;
mod scored;
mod settings;
mod shift;

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::publish;
use common::{CommonArgs, Task, json, stage, text};
use serde_json::json;

use metrics::{Metrics, Status};
use pair::Pair;
use settings::Settings;

pub use logged::shown;
pub use measure::part;
pub use recorded::{ByPart, Recorded};
pub use score::Score;
pub use scored::Scored;
pub use shift::{Shift, Shifted};

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
}

/// Runs the stage.
///
/// # Errors
/// [`Class::Checkpoint`] where table and model do not belong together, [`Class::Rows`] where there
/// is no row, [`Class::Gate`] under `--strict` where a gate failed; else as the class says.
pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.common)?;
    let config = json::pretty(&settings)?;
    if args.common.print_config {
        return stage::print(&config);
    }
    let places = Places::new(Task::Evaluate, &args.common)?;
    let pair = Pair::open(&places)?;
    let learned = learn::table(&pair)?;
    let metrics = measure::metrics(&pair, learned, &settings);
    publish(&places, &pair, &config, &metrics)?;
    logged::metrics(&metrics, places.output.shown());
    verdict(args, &metrics)
}

fn publish(places: &Places, pair: &Pair, config: &str, metrics: &Metrics) -> Result<()> {
    let mut manifest = Manifest::new(Task::Evaluate, config, metrics.inputs.clone());
    manifest.ledger = pair.ledger();
    manifest.found = json!({ "status": metrics.status });
    let written = publish::of_bytes(&places.output, json::pretty(metrics)?.as_bytes())?;
    places.publish(written, Vec::new(), manifest)
}

fn verdict(args: &Args, metrics: &Metrics) -> Result<()> {
    if args.strict && metrics.status == Status::Fail {
        let place =
            args.common.output.clone().unwrap_or_else(|| args.common.project().output_of(Task::Evaluate));
        return Err(Error::new(Class::Gate, format!("a gate failed; see {}", text::path(&place))));
    }
    Ok(())
}
