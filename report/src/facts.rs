//! The metrics and the model, opened and found to belong together.

use std::io::Read as _;
use std::path::PathBuf;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Error, Result};
use common::manifest::FileRecord;
use common::publish::Target;
use common::{Task, text};
use model::Model;

use crate::figures::{self, Figure};
use crate::metrics::{FORMAT, Metrics};
use crate::settings::Settings;

/// All that the report is made of.
pub(crate) struct Facts {
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    pub(crate) model: Model,
    /// None for a report that goes to a pipe, beside which nothing can stand.
    pub(crate) figures: Vec<Figure>,
    /// Where the report goes; empty for a pipe.
    pub(crate) report: PathBuf,
    /// The metrics file and the model file.
    records: [FileRecord; 2],
}

impl Facts {
    /// How many features have a coefficient of their own.
    pub(crate) fn used(&self) -> usize {
        let left_out = self.model.function.left_out();
        self.model.features.iter().filter(|feature| !left_out.contains(feature)).count()
    }

    /// Opens both.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where one is damaged or the metrics are of another model.
    pub(crate) fn open(places: &Places, settings: Settings) -> Result<Self> {
        let mut measured = places.open(0, Task::Evaluate)?;
        let mut fitted = places.open(1, Task::TrainModel)?;
        let metrics = parse(&read(&mut measured)?).map_err(|m| Error::checkpoint(m).at(&measured.path))?;
        let model = Model::open(&mut fitted.file, &fitted.path)?;
        same_model(&metrics, &measured, &fitted)?;
        same_ledger(&metrics, &measured)?;
        let (figures, report) = match &places.output {
            Target::File(path) => (figures::draw(&measured, &metrics, &model)?, path.clone()),
            Target::Stdout => (Vec::new(), PathBuf::new()),
        };
        Ok(Self { settings, metrics, model, figures, report, records: [measured.record, fitted.record] })
    }

    /// The metrics file and the model file.
    pub(crate) fn records(&self) -> &[FileRecord; 2] {
        &self.records
    }

    /// What was read, as manifests record it.
    pub(crate) fn inputs(&self) -> Vec<FileRecord> {
        self.records.to_vec()
    }
}

fn read(checkpoint: &mut Checkpoint) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    checkpoint.file.read_to_end(&mut bytes).map_err(|e| Error::read(&checkpoint.path, &e))?;
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> std::result::Result<Metrics, String> {
    let again = format!("run `{}` again", Task::Evaluate.program());
    let damaged = |e: serde_json::Error| format!("damaged as metrics ({e}); {again}");
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(damaged)?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(FORMAT) => serde_json::from_value(value).map_err(damaged),
        Some(other) => Err(format!("metrics format {other}, this version reads {FORMAT}; {again}")),
        None => Err(format!("no metrics: has no `format`; {again}")),
    }
}

/// The metrics and their manifest tell of the same rows.
fn same_ledger(metrics: &Metrics, measured: &Checkpoint) -> Result<()> {
    let again = |why: &str| {
        let message = format!("{why}; run `{}` again", Task::Evaluate.program());
        Err(Error::checkpoint(message).at(&measured.path))
    };
    match &measured.manifest {
        Some(manifest) if manifest.ledger != metrics.ledger => {
            again("its manifest has another row ledger than the metrics")
        }
        _ => metrics.ledger.check().or_else(|why| again(&why)),
    }
}

fn same_model(metrics: &Metrics, measured: &Checkpoint, fitted: &Checkpoint) -> Result<()> {
    let (of, here) = (&metrics.model.sha256, &fitted.record.sha256);
    if of == here {
        return Ok(());
    }
    let short = |hash: &str| text::shown(hash.get(..12).unwrap_or(hash));
    Err(Error::checkpoint(format!(
        "{} measured a model of sha256 {}, but {} of {} has {}; run `{}` again",
        Task::Evaluate,
        short(of),
        text::path(&fitted.path),
        Task::TrainModel,
        short(here),
        Task::Evaluate.program()
    ))
    .at(&measured.path))
}
