//! The command line that all stages share.

use std::path::PathBuf;

use crate::project::{Project, names};

/// Flags that every stage takes.
#[derive(Clone, Debug, clap::Args)]
pub struct CommonArgs {
    /// The project folder: all standard paths lie below it.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,

    /// Input file, in place of the standard path; `-` is standard input. May be repeated.
    #[arg(short, long, value_name = "FILE")]
    pub input: Vec<PathBuf>,

    /// Output file, in place of the standard path; `-` is standard output. The ending of a table's
    /// name picks its format: .csv, .parquet or .arrow.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The manifest that travels beside a pipe: read for `-i -`, written for `-o -`.
    #[arg(long, value_name = "FILE")]
    pub meta: Option<PathBuf>,

    /// Configuration file, in place of pipeline.toml of the project.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Say more on standard error; twice for everything.
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,

    /// Say only errors on standard error.
    #[arg(short, long)]
    pub quiet: bool,

    /// Print the effective configuration that affects the output's bytes, as JSON, and stop.
    #[arg(long)]
    pub print_config: bool,
}

impl CommonArgs {
    /// The project.
    #[must_use]
    pub fn project(&self) -> Project {
        Project::new(&self.project)
    }

    /// The configuration file.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| self.project().path(names::CONFIG))
    }
}
