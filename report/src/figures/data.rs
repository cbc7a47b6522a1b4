//! The figure data that `evaluate` wrote beside `metrics.json`; their form: `docs/formats.md`.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::{Task, text};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A row of the test part.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) predicted: Number,
    pub(super) actual: Number,
}

/// A step of the isotonic fit of one part.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) part: String,
    pub(super) min_predicted: Number,
    pub(super) max_predicted: Number,
    pub(super) fitted: Number,
}

/// A bin of the test part's residuals.
#[derive(Debug, Deserialize)]
pub(super) struct Bin {
    pub(super) lower: Number,
    pub(super) upper: Number,
    pub(super) n: u64,
}

/// Means of one time of the test part.
#[derive(Debug, Deserialize)]
pub(super) struct Moment {
    pub(super) time: String,
    pub(super) mean_predicted: Number,
    pub(super) mean_actual: Number,
    pub(super) n: u64,
}

/// A finite number, or none where the cell is empty.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Option<f64>")]
pub(super) struct Number(pub(super) Option<f64>);

impl TryFrom<Option<f64>> for Number {
    type Error = &'static str;

    fn try_from(value: Option<f64>) -> std::result::Result<Self, &'static str> {
        if value.is_some_and(|v| !v.is_finite()) { Err("not a finite number") } else { Ok(Self(value)) }
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
