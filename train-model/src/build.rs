//! Putting the model together.

use common::error::Result;
use common::{Task, text};
use model::{Function, Importance, Intervals, Link, Model, Permutation, Training};

use stats::Reason;

use crate::importance;
use crate::learn::Learned;
use crate::learner::Fitted;
use crate::piece::Piece;
use crate::profile;
use crate::settings::Settings;
use crate::summary::Shape;

/// The model of a fit; what needs another pass over the rows is left absent.
pub(crate) fn model(
    settings: &Settings,
    shape: Shape,
    fitted: Fitted,
    learned: &Learned,
    known: profile::Training,
) -> Result<Model> {
    let rows = learned.folds.iter().map(exact::gram::Gram::rows).sum();
    let whole = learned.whole()?;
    let decimals = shape.design().decimals();
    let (rmse, r2) = errors(&fitted.function, &whole);
    let mut hyperparameters = settings.hyperparameters()?;
    if let Some(lambda) = fitted.statistics.get("lambda") {
        hyperparameters.insert("lambda".to_owned(), lambda.clone());
    }
    let importance = Importance {
        standardized: importance::standardized(&fitted.function, &whole),
        permutation: Permutation { absent: Some(Reason::NoRows), ..Permutation::default() },
    };
    Ok(Model {
        kind: model::KIND.to_owned(),
        format: model::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: settings.target.clone(),
        target_column: shape.target.name.clone(),
        horizon: settings.horizon,
        target_statistic: settings.target_statistic,
        features: shape.features.into_iter().map(|f| f.name).collect(),
        decimals,
        function: fitted.function,
        intervals: Intervals::default(),
        statistics: fitted.statistics,
        hyperparameters,
        choice: None,
        importance,
        training: Training { rows, target_median: known.target_median, mae: None, rmse, r2 },
        fields: shape.fields,
        preparation: shape.preparation,
        reference: known.into_profile(),
        trained_on: learned.rows.identity(),
    })
}

/// Root mean squared error and R2 on the training rows, from their Gram matrix; absent for a model that
/// is not linear in its columns.
fn errors(function: &Function, gram: &exact::gram::Gram) -> (Option<f64>, Option<f64>) {
    let Some(fitted) = function.linear().filter(|l| l.link == Link::Identity) else { return (None, None) };
    let low = |j: usize| fitted.coefficients_low.get(j).copied().unwrap_or(0.0);
    let linear = exact::fit::Linear {
        intercept: exact::Dd::from_sum(fitted.intercept, fitted.intercept_low),
        slopes: fitted
            .coefficients
            .iter()
            .enumerate()
            .map(|(j, b)| exact::Dd::from_sum(*b, low(j)))
            .collect(),
    };
    let n = gram.rows() as f64;
    let Some(squares) = linear.squared_error(gram) else { return (None, None) };
    let target = gram.predictors().len();
    let total = gram.covariance(target, target).map(|v| v * (n - 1.0));
    let r2 = total.filter(|t| *t > exact::Dd::ZERO).map(|t| (exact::Dd::ONE - squares / t).to_f64());
    let rmse = (squares / n).to_f64().max(0.0).sqrt();
    (Some(rmse).filter(|v| v.is_finite()), r2.filter(|v| v.is_finite()))
}

/// What the stages before learned of training rows and new rows need, by task name.
pub(crate) fn preparation(piece: &Piece) -> serde_json::Map<String, serde_json::Value> {
    let Some(manifest) = &piece.table.manifest else { return serde_json::Map::new() };
    let mut all = serde_json::Map::new();
    if let Some(clean) = manifest.learned_before.get(Task::Clean.name()) {
        all.insert(Task::Clean.name().to_owned(), clean.clone());
    }
    all.insert(Task::FeatureEngineer.name().to_owned(), manifest.learned.clone());
    all
}

/// Hyperparameters, errors and coefficients in the log.
pub(crate) fn log(model: &Model) {
    for (name, value) in &model.hyperparameters {
        log::info!("hyperparameter {name} = {value}");
    }
    match model.training.mae {
        Some(mae) => log::info!("training MAE {mae:.6} on {}", text::count(model.training.rows, "row")),
        None => log::info!(
            "trained on {}; no training MAE, since the rows were not read",
            text::count(model.training.rows, "row")
        ),
    }
    if let Some(r2) = model.training.r2 {
        log::info!("training R2 {r2:.6}");
    }
}
