//! `--export`: the model in a form that other programs run.

mod onnx;
mod protobuf;

use std::path::{Path, PathBuf};

use common::checkpoint::Places;
use common::error::{Error, Result};
use common::manifest::Manifest;
use common::{Task, publish, text};
use model::{Function, Linear, Model, Term};

use crate::Args;

/// Forms that a model is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// A graph of the Open Neural Network Exchange, in float64.
    Onnx,
}

/// Writes the model as a graph and scores nothing.
///
/// # Errors
/// [`common::Class::Usage`] for a model that the graph cannot hold, and for a missing `-o` or an `-i`;
/// [`common::Class::Checkpoint`] for a file that is refused as a model.
pub(crate) fn run(args: &Args) -> Result<()> {
    let places = places(args)?;
    let mut file = places.open(0, Task::TrainModel)?;
    let model = Model::open(&mut file.file, &file.path)?;
    let linear = held(&model).map_err(|why| refused(&why).at(&file.path))?;
    let bytes = onnx::graph(&model, linear)?;
    let written = publish::of_bytes(&places.output, &bytes)?;
    places.publish(written, Vec::new(), Manifest::new(Task::Predict, "", vec![file.record]))?;
    log::info!(
        "wrote {} as a graph of {} to {}",
        text::path(&file.path),
        text::count(model.features.len() as u64, "feature"),
        text::path(places.output.shown())
    );
    Ok(())
}

/// The model is all that is read.
fn places(args: &Args) -> Result<Places> {
    if !args.asked.common.input.is_empty() {
        return Err(Error::usage("--export reads the model and no rows: leave -i away"));
    }
    if args.asked.common.output.is_none() {
        return Err(Error::usage("--export needs -o FILE, such as -o model.onnx, or -o -"));
    }
    let model = args.asked.model.clone();
    let model: PathBuf = model.unwrap_or_else(|| args.asked.common.project().output_of(Task::TrainModel));
    let places = Places::new(Task::Predict, &args.asked.common)?.with_inputs(vec![model]);
    let manifest = places.manifest.as_deref().map(publish::Target::file);
    for output in [Some(&places.output), manifest.as_ref()].into_iter().flatten() {
        publish::refuse_same_file(output, Path::new(&places.inputs[0]))?;
    }
    Ok(places)
}

/// The function, where a graph in f64 gives what the model gives; else what it has that no graph holds.
fn held(model: &Model) -> std::result::Result<&Linear, String> {
    match &model.function {
        Function::Trees(_) => Err("it is a sum of trees".to_owned()),
        Function::Linear(linear) if linear.terms.is_empty() => Ok(linear),
        Function::Linear(linear) => {
            let terms = text::names(linear.terms.iter().map(Term::name));
            Err(format!("its terms {terms} are summed in double-double, of which f64 has half"))
        }
    }
}

fn refused(why: &str) -> Error {
    Error::usage(format!("cannot be exported as ONNX: {why}; only linear models without terms can"))
}
