//! `predict`: scores rows with a model file.
#![forbid(unsafe_code)]

mod export;

use std::path::PathBuf;

use common::CommonArgs;
use common::error::{Error, Result};

pub use export::Form;

/// Command line of `predict`.
#[derive(Debug, clap::Parser)]
#[command(name = "predict", version, about = "Scores rows with a model")]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,

    /// The model file, in place of the standard path.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,

    /// Write the model to -o in a form that other programs run, and score nothing.
    #[arg(long, value_name = "FORM")]
    pub export: Option<Form>,
}

/// Runs the program.
///
/// # Errors
/// As the class says.
pub fn run(args: &Args) -> Result<()> {
    if args.export.is_some() && !args.common.print_config {
        return export::run(args);
    }
    Err(Error::usage(format!("nothing to score in {}", args.common.project.display())))
}
