//! `train-model`: fits the regression on the training rows and writes the model file.
#![forbid(unsafe_code)]

mod alias;
mod fit;
mod profile;
mod rows;
mod settings;

use std::io::Write as _;
use std::path::Path;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::manifest::Manifest;
use common::publish;
use common::{CommonArgs, Task, text};
use model::{Identity, Linear, Model, Training};
use serde_json::json;
use stats::{Errors, OrderStatistics as _, Quantiles};

use rows::Rows;
use settings::Settings;

/// Command line of `train-model`.
#[derive(Debug, clap::Parser)]
#[command(name = "train-model", version, about = "Fits the regression on the training rows")]
pub struct Args {
    /// Flags that every stage takes.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Runs the stage.
///
/// # Errors
/// [`Class::Rows`] where there are fewer training rows than `min_rows` or than columns; nothing is
/// written then.
pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.common)?;
    if args.common.print_config {
        let out = Path::new("-");
        return std::io::stdout().lock().write_all(settings.print()?.as_bytes()).map_err(|e| Error::write(out, &e));
    }
    let places = Places::new(Task::TrainModel, &args.common)?;
    let table = places.open(0, Task::FeatureEngineer)?;
    let rows = Rows::read(&table, &settings)?;
    enough(&rows, &settings)?;
    let linear = fit::ols(&rows)?;
    let model = model(&settings, &table, rows, linear)?;
    log(&model);
    publish(&places, &settings, &table, &model)
}

fn enough(rows: &Rows, settings: &Settings) -> Result<()> {
    if rows.names.is_empty() {
        return Err(Error::new(Class::Rows, "the features table has no feature"));
    }
    let columns = rows.names.len() as u64 + 1;
    let least = settings.section.min_rows.max(columns + 1);
    if rows.len() < least {
        return Err(Error::new(
            Class::Rows,
            format!(
                "not enough rows: {} to train on, {least} needed ([train] min_rows = {}, {columns} coefficients); nothing was written",
                rows.len(),
                settings.section.min_rows
            ),
        ));
    }
    Ok(())
}

fn model(settings: &Settings, table: &Checkpoint, rows: Rows, linear: Linear) -> Result<Model> {
    let columns: Vec<&[f64]> = rows.features.iter().map(Vec::as_slice).collect();
    let reference = profile::learn(table, &rows)?;
    let mut model = Model {
        kind: model::KIND.to_owned(),
        format: model::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: settings.target.clone(),
        target_column: rows.target_column.clone(),
        horizon: settings.horizon,
        features: rows.names.clone(),
        linear,
        hyperparameters: settings.hyperparameters()?,
        training: Training { rows: rows.len(), target_median: 0.0, mae: 0.0, rmse: 0.0, r2: None },
        fields: rows.fields.clone(),
        preparation: preparation(table),
        reference,
        trained_on: Identity { features_sha256: table.record.sha256.clone(), rows: rows.in_all },
    };
    let predicted = model.predict(&columns);
    if let Some(row) = predicted.iter().position(|p| !p.is_finite()) {
        return Err(Error::unexpected(format!("the fit is not finite at training row {}", row + 1)));
    }
    model.reference.prediction = stats::Reference::learn(&predicted);
    model.training = training(&predicted, &rows.target)?;
    Ok(model)
}

fn training(predicted: &[f64], actual: &[f64]) -> Result<Training> {
    let mut errors = Errors::new();
    predicted.iter().zip(actual).for_each(|(f, y)| errors.add(*f, *y));
    let measures = errors.measures();
    let mut target = Quantiles::new();
    target.extend(actual);
    let (Ok(target_median), Some(mae), Some(rmse)) = (target.median(), measures.mae, measures.rmse) else {
        return Err(Error::unexpected("the training error has no finite value"));
    };
    Ok(Training { rows: actual.len() as u64, target_median, mae, rmse, r2: measures.r2 })
}

/// What the stages before learned, by task name.
fn preparation(table: &Checkpoint) -> serde_json::Map<String, serde_json::Value> {
    let Some(manifest) = &table.manifest else { return serde_json::Map::new() };
    let mut all = manifest.learned_before.clone();
    all.insert(Task::FeatureEngineer.name().to_owned(), manifest.learned.clone());
    all
}

fn log(model: &Model) {
    for (name, value) in &model.hyperparameters {
        log::info!("hyperparameter {name} = {value}");
    }
    log::info!("training MAE {:.6} on {}", model.training.mae, text::count(model.training.rows, "row"));
    if let Some(r2) = model.training.r2 {
        log::info!("training R2 {r2:.6}");
    }
    log::debug!("intercept {}", model.linear.intercept);
    for (name, coefficient) in model.features.iter().zip(&model.linear.coefficients) {
        log::debug!("coefficient {} {coefficient}", text::name(name));
    }
}

fn publish(places: &Places, settings: &Settings, table: &Checkpoint, model: &Model) -> Result<()> {
    let mut manifest = Manifest::new(Task::TrainModel, &settings.print()?, vec![table.record.clone()]);
    manifest.ledger = table.manifest.as_ref().map(|m| m.ledger.clone()).unwrap_or_default();
    manifest.found = json!({ "training": model.training, "hyperparameters": model.hyperparameters, "aliased": model.linear.aliased });
    let written = publish::of_bytes(&places.output, &model.to_bytes()?)?;
    places.publish(written, Vec::new(), manifest)?;
    log::info!("wrote {}", text::path(places.output.shown()));
    Ok(())
}
