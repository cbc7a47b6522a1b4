//! Which rows are asked for, and of which model.

use std::path::PathBuf;

use common::checkpoint::Places;
use common::{CommonArgs, Task};

/// Flags that `predict` and `monitor` share.
#[derive(Clone, Debug, clap::Args)]
pub struct Asked {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,

    /// The model file, in place of the standard path.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,

    /// Further raw rows of the same form, for lags, windows and last known values, and for `monitor` later ones that
    /// hold outcomes: they are looked at only. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub history: Vec<PathBuf>,

    /// Only rows of this part of a features table: train, calibration or test.
    #[arg(long, value_name = "PART")]
    pub part: Option<String>,

    /// The entry of `sources` whose form the raw files have, where these had different ones.
    #[arg(long, value_name = "SOURCE")]
    pub like: Option<String>,
}

impl Asked {
    /// Where the model stands.
    pub(crate) fn model_path(&self, places: &Places) -> PathBuf {
        self.model.clone().unwrap_or_else(|| places.project.output_of(Task::TrainModel))
    }
}
