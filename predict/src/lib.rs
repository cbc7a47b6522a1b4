//! `predict`: scores rows with a model file.
//!
//! New raw rows go through the very code that prepared the training rows: read by `ingest`, typed, bounded and
//! filled by `clean`, made into features by `feature-engineer`, each with what it learned then and the
//! model file holds. Rows of a features table are scored as they are; without any input it is the newest
//! rows, whose target is not known yet.
#![forbid(unsafe_code)]

mod asked;
mod belongs;
mod counts;
mod export;
mod features;
mod input;
mod newest;
mod raw;
mod rows;
mod score;
mod writer;

use common::checkpoint::{Checkpoint, Places};
use common::error::Result;
use common::table::Format;
use common::{Task, json, stage};
use model::Model;
use serde_json::json;

use input::Input;
use writer::Writer;

pub use asked::Asked;
pub use export::Form;
pub use rows::{Mark, Notes, Rows, Sink};
pub use score::outside;

/// Command line of `predict`.
#[derive(Debug, clap::Parser)]
#[command(
    name = "predict",
    version,
    about = "Scores rows with a model: new raw rows, or rows of a features table"
)]
pub struct Args {
    /// Rows and model.
    #[command(flatten)]
    pub asked: Asked,

    /// Write the model to -o in a form that other programs run, and score nothing.
    #[arg(long, value_name = "FORM")]
    pub export: Option<Form>,
}

impl Args {
    /// The part of the command line that affects the bytes of the output.
    fn effective(&self) -> Result<String> {
        json::pretty(&json!({ "part": self.asked.part, "like": self.asked.like }))
    }
}

/// Runs the program.
///
/// # Errors
/// As the class says.
pub fn run(args: &Args) -> Result<()> {
    if args.asked.common.print_config {
        return stage::print(&args.effective()?);
    }
    if args.export.is_some() {
        return export::run(args);
    }
    let places = Places::new(Task::Predict, &args.asked.common)?;
    Format::of(places.output.shown())?;
    let (file, model) = open(&args.asked, &places)?;
    let mut writer = Writer::new(args, places, file, model)?;
    let input = Input::of(&args.asked, writer.places(), writer.file(), writer.model(), false)?;
    input.hand_over(args.asked.part.as_deref(), false, &mut writer)?;
    writer.finish()
}

/// Reads the rows that are asked for, makes their features as those of the training rows were made, and hands them to
/// `sink` with their outcomes, as far as these rows and those of the history tell them: what `monitor` calls.
///
/// # Errors
/// As the class says.
pub fn rows(
    asked: &Asked,
    places: &Places,
    file: &Checkpoint,
    model: &Model,
    sink: &mut impl Sink,
) -> Result<()> {
    Input::of(asked, places, file, model, true)?.hand_over(asked.part.as_deref(), true, sink)
}

/// The model file and what it holds.
///
/// # Errors
/// [`common::Class::Checkpoint`] where it is not there, damaged or no model.
pub fn open(asked: &Asked, places: &Places) -> Result<(Checkpoint, Model)> {
    let mut file = places.with_inputs(vec![asked.model_path(places)]).open(0, Task::TrainModel)?;
    let model = Model::open(&mut file.file, &file.path)?;
    Ok((file, model))
}
