//! The figure data that `evaluate` wrote beside `metrics.json`; their form: `docs/formats.md`.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::{Task, text};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

/// A row of the test part.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    #[serde(deserialize_with = "number")]
    pub(super) predicted: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) actual: Option<f64>,
}

/// A step of the isotonic fit of one part.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) part: String,
    #[serde(deserialize_with = "number")]
    pub(super) min_predicted: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) max_predicted: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) fitted: Option<f64>,
}

/// A bin of the test part's residuals.
#[derive(Debug, Deserialize)]
pub(super) struct Bin {
    #[serde(deserialize_with = "number")]
    pub(super) lower: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) upper: Option<f64>,
    pub(super) n: u64,
}

/// Means of one time of the test part.
#[derive(Debug, Deserialize)]
pub(super) struct Moment {
    pub(super) time: String,
    #[serde(deserialize_with = "number")]
    pub(super) mean_predicted: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) mean_actual: Option<f64>,
    pub(super) n: u64,
}

/// A finite number, or none where the cell is empty; a column that is not there is an error.
fn number<'de, D: Deserializer<'de>>(cell: D) -> std::result::Result<Option<f64>, D::Error> {
    match Option::deserialize(cell)? {
        Some(value) if !f64::is_finite(value) => Err(D::Error::custom("not a finite number")),
        value => Ok(value),
    }
}

/// The rows of the companion with `ending`; none where there is no such file, as beside metrics that were moved.
///
/// # Errors
/// [`common::Class::Checkpoint`] where it is damaged, with the line.
pub(super) fn read<T: DeserializeOwned>(measured: &Checkpoint, ending: &str) -> Result<Vec<T>> {
    let Some(path) = measured.companion_listed(ending)? else {
        log::warn!("{}: not there, so that its figure is left out", text::path(&measured.companion(ending)));
        return Ok(Vec::new());
    };
    let damaged = |e: csv::Error| {
        let again = format!("damaged as figure data ({e}); run `{}` again", Task::Evaluate.program());
        Error::checkpoint(again).at(&path)
    };
    let rows = csv::Reader::from_path(&path).map_err(damaged)?.into_deserialize().collect::<csv::Result<_>>();
    rows.map_err(damaged)
}
