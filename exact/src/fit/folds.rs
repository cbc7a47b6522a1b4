//! Cross-validation without the rows: the matrix of all folds less that of one is the training set of that fold.

use serde::{Deserialize, Serialize};

use super::linear::Linear;
use super::statistic::finite;
use super::{FitError, Reason, Statistic};
use crate::dd::Dd;
use crate::gram::Gram;
use crate::sum::Sum;

/// How models did on the folds they had not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// One for each model, in order.
    pub models: Vec<Scores>,
    /// The model of the least mean squared error; the first of equal ones.
    pub best: usize,
    /// The first model within one standard error of the best: the simplest, where models are ordered from the most penalised.
    pub simplest: usize,
}

/// The errors of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// `sum w (y - predicted)^2 / sum w` over all folds.
    pub mean_squared_error: f64,
    /// The same fold by fold, without the empty ones.
    pub folds: Vec<f64>,
    /// `sd(folds) / sqrt(number of folds)`.
    pub standard_error: Statistic,
}

/// Validates models, such as those along a path of penalties. `models` fits them, always the same number of them, to a
/// Gram matrix.
///
/// Costs no pass over rows and loses no digit: subtraction is exact.
///
/// ```
/// # use exact::fit::{cross_validate, fit, Options, FitError};
/// # use exact::gram::Gram;
/// # fn example(folds: &[Gram]) -> Result<f64, FitError> {
/// let validation = cross_validate(folds, |train| Ok(vec![fit(train, &Options::default())?.linear()]))?;
/// # Ok(validation.models[0].mean_squared_error)
/// # }
/// ```
///
/// # Errors
/// Fewer than two folds with rows, folds of unlike columns, and whatever `models` reports.
pub fn cross_validate(
    folds: &[Gram],
    mut models: impl FnMut(&Gram) -> Result<Vec<Linear>, FitError>,
) -> Result<Validation, FitError> {
    let folds: Vec<&Gram> = folds.iter().filter(|fold| fold.rows() > 0).collect();
    let [first, rest @ ..] = folds.as_slice() else {
        return Err(FitError::NoRows);
    };
    if rest.is_empty() {
        return Err(FitError::Option("cross-validation needs at least two folds with rows"));
    }
    let mut all = (*first).clone();
    for fold in rest {
        all.merge(fold)?;
    }
    // For each fold, for each model.
    let mut errors: Vec<Vec<Dd>> = Vec::new();
    for fold in &folds {
        let mut train = all.clone();
        train.subtract(fold)?;
        let row: Option<Vec<Dd>> = models(&train)?.iter().map(|model| model.squared_error(fold)).collect();
        errors.push(row.ok_or(FitError::Option("a model has another number of predictors than the folds"))?);
    }
    let count = errors[0].len();
    if count == 0 || errors.iter().any(|row| row.len() != count) {
        return Err(FitError::Option("every fold must give the same number of models, one at least"));
    }
    let models =
        (0..count).map(|m| scores(&folds, &errors, m, all.weight())).collect::<Result<Vec<_>, _>>()?;
    let error = |m: usize| models[m].mean_squared_error;
    let best = (1..count).fold(0, |best, m| if error(m) < error(best) { m } else { best });
    let limit = error(best) + models[best].standard_error.value().unwrap_or(0.0);
    let simplest = (0..count).find(|m| error(*m) <= limit).unwrap_or(best);
    Ok(Validation { models, best, simplest })
}

fn scores(folds: &[&Gram], errors: &[Vec<Dd>], model: usize, weight: &Sum) -> Result<Scores, FitError> {
    let total: Dd = errors.iter().map(|row| row[model]).sum();
    let means: Vec<Dd> =
        folds.iter().zip(errors).map(|(fold, row)| row[model] / fold.weight().to_dd()).collect();
    let count = means.len() as f64;
    let mean = means.iter().copied().sum::<Dd>() / count;
    let spread: Dd = means.iter().map(|own| (*own - mean) * (*own - mean)).sum();
    let none = (means.len() < 2).then_some(Reason::NoDegreesOfFreedom);
    Ok(Scores {
        mean_squared_error: finite(total / weight.to_dd())?,
        folds: means.into_iter().map(finite).collect::<Result<_, _>>()?,
        standard_error: Statistic::unless(none, || (spread / (count - 1.0) / count).sqrt())?,
    })
}
