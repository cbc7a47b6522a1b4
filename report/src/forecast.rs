//! `reports/forecast.csv`, where `predict` has written one.

mod rows;

use common::Task;
use common::checkpoint::Places;
use common::error::{Error, Result};
use common::manifest::{FileRecord, Manifest};
use serde_json::Value;

pub(crate) use rows::{Row, Rows};

/// What was found in place of a forecast.
pub(crate) struct Forecast {
    /// Its file; none where nothing tells what it is of.
    pub(crate) record: Option<FileRecord>,
    pub(crate) state: State,
}

/// Whether the forecast is of the model that the report is of.
pub(crate) enum State {
    /// It is, and here are its rows.
    Current(Box<Rows>),
    /// It is of another model.
    OfAnother,
    /// It has no manifest, which would say.
    Unknown,
}

impl Forecast {
    /// Opens the project's forecast; nothing where there is none.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where it is not what its manifest says.
    pub(crate) fn open(places: &Places, model: &str) -> Result<Option<Self>> {
        let path = places.project.output_of(Task::Predict);
        if matches!(path.symlink_metadata(), Err(e) if e.kind() == std::io::ErrorKind::NotFound) {
            return Ok(None);
        }
        if Manifest::read(&Manifest::path_of(&path))?.is_none() {
            return Ok(Some(Self { record: None, state: State::Unknown }));
        }
        let opened = places.with_inputs(vec![path]).open(0, Task::Predict)?;
        let manifest = opened.needs_manifest()?;
        let state = if manifest.inputs.iter().any(|input| input.sha256 == model) {
            let rows = Rows::read(&opened.file, manifest).map_err(|why| {
                Error::checkpoint(format!("damaged as a forecast ({why}); run `predict` again"))
                    .at(&opened.path)
            })?;
            opened.expect_rows(rows.all)?;
            State::Current(Box::new(rows))
        } else {
            State::OfAnother
        };
        Ok(Some(Self { record: Some(opened.record), state }))
    }
}

/// A count that the manifest of a forecast has under `found`; 0 where it has none.
pub(crate) fn counted(found: &Value, path: &str) -> u64 {
    found.pointer(path).and_then(Value::as_u64).unwrap_or(0)
}
