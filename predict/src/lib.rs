//! `predict`: scores rows with a model file.
#![forbid(unsafe_code)]

use std::path::PathBuf;

use common::CommonArgs;
use common::error::{Error, Result};

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
}

/// Runs the program.
///
/// # Errors
/// As the class says.
pub fn run(args: &Args) -> Result<()> {
    Err(Error::usage(format!("nothing to score in {}", args.common.project.display())))
}
