//! The metrics, the model and the forecast, opened and found to belong together.

use std::io::Read as _;
use std::path::PathBuf;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Error, Result};
use common::manifest::FileRecord;
use common::publish::Target;
use common::{Task, hash, json, text};
use model::Model;
use serde::Deserialize as _;
use serde_json::Value;

use crate::figures::{self, Figure};
use crate::forecast::Forecast;
use crate::metrics::{FORMAT, Metrics};
use crate::programs::{self, Program};
use crate::release;
use crate::settings::Settings;
use crate::standing::Standing;
use crate::template::Source;

/// All that the report is made of.
pub(crate) struct Facts {
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    /// The whole of `metrics.json`, for templates and references.
    pub(crate) raw: Value,
    /// Its bytes.
    pub(crate) metrics_bytes: Vec<u8>,
    pub(crate) model: Model,
    /// None for a report that goes to a pipe, beside which nothing can stand.
    pub(crate) figures: Vec<Figure>,
    /// Where the report goes; empty for a pipe.
    pub(crate) report: PathBuf,
    /// How far the report has come.
    pub(crate) standing: Standing,
    /// The last published version of other metrics, and those.
    pub(crate) published: Option<(String, Value)>,
    /// Predictions of rows whose outcome is not known, where there are any.
    pub(crate) forecast: Option<Forecast>,
    /// The programs that made it, from the first to the last.
    pub(crate) programs: Vec<Program>,
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
        let metrics_bytes = read(&mut measured)?;
        let raw = parse(&metrics_bytes).map_err(|m| Error::checkpoint(m).at(&measured.path))?;
        let metrics = typed(&raw).map_err(|m| Error::checkpoint(m).at(&measured.path))?;
        let model = Model::open(&mut fitted.file, &fitted.path)?;
        same_model(&metrics, &measured, &fitted)?;
        same_ledger(&metrics, &measured)?;
        let forecast = Forecast::open(places, &fitted.record.sha256)?;
        let (figures, path) = match &places.output {
            Target::File(path) => (figures::draw(&measured, &metrics, &model)?, path.clone()),
            Target::Stdout => (Vec::new(), PathBuf::new()),
        };
        let published = match &places.output {
            Target::File(report) => release::last(&release::folder_of(report), &measured.record.sha256)?,
            Target::Stdout => None,
        };
        let of = |checkpoint: &Checkpoint| checkpoint.manifest.as_ref().map(|m| m.config_sha256.clone());
        let mut programs = programs::before_model(&places.project, &metrics);
        let report = Some(hash::hex(json::pretty(&settings)?.as_bytes()));
        for (task, version, config) in [
            (Task::TrainModel, model.version.as_str(), of(&fitted)),
            (Task::Evaluate, metrics.version.as_str(), of(&measured)),
            (Task::Report, env!("CARGO_PKG_VERSION"), report),
        ] {
            programs.push(Program { name: task.program(), version: Some(version.to_owned()), config });
        }
        Ok(Self {
            settings,
            metrics,
            raw,
            metrics_bytes,
            model,
            figures,
            report: path,
            standing: Standing::default(),
            published,
            forecast,
            programs,
            records: [measured.record, fitted.record],
        })
    }

    /// The metrics file.
    pub(crate) fn metrics_record(&self) -> &FileRecord {
        &self.records[0]
    }

    /// The model file.
    pub(crate) fn model_record(&self) -> &FileRecord {
        &self.records[1]
    }

    /// What was read, as manifests record it.
    pub(crate) fn inputs(&self) -> Vec<FileRecord> {
        let forecast = self.forecast.iter().filter_map(|forecast| forecast.record.clone());
        let template = self.settings.template.iter().map(Source::record);
        self.records.iter().cloned().chain(forecast).chain(template).collect()
    }
}

fn read(checkpoint: &mut Checkpoint) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    checkpoint.file.read_to_end(&mut bytes).map_err(|e| Error::read(&checkpoint.path, &e))?;
    Ok(bytes)
}

/// The whole of a metrics file of the form that is read here.
///
/// # Errors
/// What it is instead, and what to run.
pub(crate) fn parse(bytes: &[u8]) -> std::result::Result<Value, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| damaged(&e))?;
    match value.get("format").and_then(Value::as_u64) {
        Some(FORMAT) => Ok(value),
        Some(other) => Err(format!(
            "metrics format {other}, this version reads {FORMAT}; run `{}` again",
            Task::Evaluate.program()
        )),
        None => Err(format!("no metrics: has no `format`; run `{}` again", Task::Evaluate.program())),
    }
}

fn typed(value: &Value) -> std::result::Result<Metrics, String> {
    Metrics::deserialize(value).map_err(|e| damaged(&e))
}

fn damaged(e: &serde_json::Error) -> String {
    format!("damaged as metrics ({e}); run `{}` again", Task::Evaluate.program())
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
