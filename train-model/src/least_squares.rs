//! The exact family: ordinary least squares, ridge, lasso, elastic net, from Gram matrices alone.

use common::error::{Class, Error, Result};
use common::text;
use exact::fit::{self, Fit, FitError, Options, Penalised, Penalty};
use exact::gram::Gram;
use log::Level;
use model::{Function, Linear, Term};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::learn::Learned;
use crate::learner::Fitted;
use crate::settings::{Family, Section};

/// Lines for the log.
type Notes = Vec<(Level, String)>;

/// Least penalty of a path as a share of the largest, as glmnet takes it where rows outnumber columns.
const LEAST_LAMBDA: f64 = 1e-4;

/// Fits what `[train] model` asks for.
pub(crate) fn fit(section: &Section, terms: &[Term], learned: &Learned) -> Result<Fitted> {
    let gram = learned.whole()?;
    let mut notes = Notes::new();
    let (linear, statistics) = match section.model {
        Family::Ridge => penalised(section, 0.0, learned, &gram, &mut notes),
        Family::Lasso => penalised(section, 1.0, learned, &gram, &mut notes),
        Family::ElasticNet => penalised(section, section.l1_ratio, learned, &gram, &mut notes),
        Family::Ols | Family::Tweedie | Family::Boosted | Family::Auto => ols(section, &gram, &mut notes),
    }?;
    let function = Function::Linear(Linear { terms: terms.to_vec(), ..linear });
    Ok(Fitted { function, statistics, notes })
}

fn failed(error: &FitError) -> Error {
    let class = match error {
        FitError::NoRows | FitError::TooFewRows { .. } | FitError::NoColumns => Class::Rows,
        _ => Class::Unexpected,
    };
    Error::new(class, format!("the fit failed: {error}"))
}

fn ols(section: &Section, gram: &Gram, notes: &mut Notes) -> Result<(Linear, Value)> {
    let options =
        Options { intercept: section.intercept, confidence: section.confidence, ..Options::default() };
    let fit = fit::fit(gram, &options).map_err(|e| failed(&e))?;
    for aliased in &fit.aliased {
        let name = text::name(&aliased.name);
        if aliased.made_of.is_empty() {
            // An indicator of what training rows do not have, such as unseen levels, is no surprise.
            notes.push((Level::Info, format!("left out {name}: zero in all training rows")));
        } else {
            let of = text::names(aliased.made_of.iter().map(|(name, _)| name));
            notes.push((Level::Warn, format!("left out {name}: determined by {of}")));
        }
    }
    for near in &fit.near_aliased {
        let name = text::name(&near.name);
        let what = format!("{name} is nearly determined by the columns before it: VIF {}", near.vif);
        notes.push((Level::Warn, what));
    }
    note_fit(&fit, notes);
    let aliased = fit.aliased.iter().map(|a| a.name.clone()).collect();
    Ok((linear(&fit.linear(), aliased), statistics(&fit)?))
}

fn note_fit(fit: &Fit, notes: &mut Notes) {
    let whole = format!(
        "R2 {}, adjusted {}, residual sd {}, F {} (p {}), AIC {}, BIC {}",
        fit.r_squared, fit.adjusted_r_squared, fit.residual_sd, fit.anova.f, fit.anova.f_p, fit.aic, fit.bic
    );
    notes.push((Level::Info, whole));
    for c in &fit.coefficients {
        let (name, estimate) = (text::name(&c.name), c.estimate);
        let one = format!("coefficient {name} {estimate} (se {}, t {}, p {})", c.standard_error, c.t, c.p);
        notes.push((Level::Debug, one));
    }
}

/// The fit as JSON; the second halves of the coefficients stand with the function itself.
fn statistics(fit: &Fit) -> Result<Value> {
    let mut value = common::json::value(fit)?;
    if let Some(coefficients) = value.get_mut("coefficients").and_then(Value::as_array_mut) {
        for coefficient in coefficients.iter_mut().filter_map(Value::as_object_mut) {
            coefficient.remove("precise");
            coefficient.remove("predictor");
        }
    }
    Ok(value)
}

/// What cross-validation found along the path.
#[derive(Serialize)]
struct Path {
    lambdas: Vec<f64>,
    mean_squared_error: Vec<f64>,
    standard_error: Vec<fit::Statistic>,
    best: usize,
    chosen: usize,
}

/// A penalty for a target scaled to unit deviation, as glmnet takes it, in the terms of `exact`, which
/// takes the target as it is: so `lambda` does not depend on the target's unit.
struct Scaled {
    penalty: Penalty,
    /// `exact`'s lambda for a lambda of 1.
    unit: f64,
}

impl Scaled {
    fn new(section: &Section, share: f64, gram: &Gram) -> Self {
        let target = gram.predictors().len();
        let sd = gram.covariance(target, target).map_or(1.0, |v| v.to_f64().sqrt());
        let unit = sd * share + (1.0 - share);
        let l1_ratio = if unit > 0.0 { sd * share / unit } else { share };
        let penalty = Penalty { l1_ratio, intercept: section.intercept, ..Penalty::ridge() };
        Self { penalty, unit: if unit > 0.0 { unit } else { 1.0 } }
    }

    /// Penalties to try, the largest first: from the least that leaves no column; for a ridge, which always
    /// leaves all, from one that shrinks a lone column to a thousandth to one that hardly shrinks.
    fn path(&self, count: usize, gram: &Gram) -> Result<Vec<f64>> {
        if self.penalty.l1_ratio > 0.0 {
            let path = fit::lambdas(gram, &self.penalty, count, LEAST_LAMBDA).map_err(|e| failed(&e))?;
            return Ok(path.iter().map(|lambda| lambda / self.unit).collect());
        }
        let step = |i: usize| 10_f64.powf(3.0 - 9.0 * i as f64 / (count - 1) as f64);
        Ok((0..count).map(step).collect())
    }

    fn fit(&self, gram: &Gram, lambdas: &[f64]) -> std::result::Result<Vec<Penalised>, FitError> {
        let own: Vec<f64> = lambdas.iter().map(|lambda| lambda * self.unit).collect();
        fit::penalised(gram, &self.penalty, &own)
    }
}

fn penalised(
    section: &Section,
    share: f64,
    learned: &Learned,
    gram: &Gram,
    notes: &mut Notes,
) -> Result<(Linear, Value)> {
    let scaled = Scaled::new(section, share, gram);
    let (lambda, path) = match section.lambda {
        Some(lambda) => (lambda, None),
        None => choose(section, &scaled, learned, gram, notes)?,
    };
    let mut fits = scaled.fit(gram, &[lambda]).map_err(|e| failed(&e))?;
    let Some(chosen) = fits.pop() else { return Err(Error::unexpected("the fit gave nothing")) };
    let (active, all) = (chosen.active.len(), gram.predictors().len());
    notes.push((Level::Info, format!("lambda {lambda}, {active} of {all} columns in the model")));
    let statistics = json!({
        "lambda": lambda,
        "l1_ratio": share,
        "active": names(gram, &chosen),
        "mean_squared_error": chosen.mean_squared_error,
        "r_squared": chosen.r_squared,
        "exact": chosen.exact,
        "cross_validation": path,
    });
    Ok((linear(&chosen.linear, Vec::new()), statistics))
}

fn names(gram: &Gram, fitted: &Penalised) -> Vec<String> {
    fitted.active.iter().map(|j| gram.predictors()[*j].name.clone()).collect()
}

/// The largest penalty whose error is within one standard error of the least, over folds that were
/// subtracted. Errors are compared fold by fold: folds of different years differ more from each other
/// than penalties do.
fn choose(
    section: &Section,
    scaled: &Scaled,
    learned: &Learned,
    gram: &Gram,
    notes: &mut Notes,
) -> Result<(f64, Option<Path>)> {
    let lambdas = scaled.path(section.lambdas, gram)?;
    let mut along = models(scaled, &lambdas, learned, gram).into_iter();
    let next = |_: &Gram| along.next().unwrap_or(Err(FitError::NoRows));
    let validation = fit::cross_validate(&learned.folds, next).map_err(|e| match e {
        FitError::Option(what) => {
            Error::new(Class::Rows, format!("cannot cross-validate: {what}; give [train] lambda"))
        }
        other => failed(&other),
    })?;
    let best = validation.best;
    let close = |m: &usize| within_one_error(&validation.models[*m].folds, &validation.models[best].folds);
    let chosen = (0..best).find(close).unwrap_or(best);
    let found = format!(
        "cross-validation over {} folds: least mean squared error at lambda {}, chosen {} (one standard error)",
        learned.folds.len(),
        lambdas[best],
        lambdas[chosen]
    );
    notes.push((Level::Info, found));
    if chosen == 0 {
        log::warn!("lambda {} is the largest tried: the columns hardly count", lambdas[0]);
    }
    let path = Path {
        mean_squared_error: validation.models.iter().map(|m| m.mean_squared_error).collect(),
        standard_error: validation.models.iter().map(|m| m.standard_error).collect(),
        best,
        chosen,
        lambdas: lambdas.clone(),
    };
    Ok((lambdas[chosen], Some(path)))
}

/// The models along the path, fitted to all rows but those of each fold that has any, the folds side by side.
fn models(
    scaled: &Scaled,
    lambdas: &[f64],
    learned: &Learned,
    gram: &Gram,
) -> Vec<std::result::Result<Vec<fit::Linear>, FitError>> {
    let linear = |fits: Vec<Penalised>| fits.into_iter().map(|p| p.linear).collect::<Vec<_>>();
    let without = |fold: &Gram| {
        let mut train = gram.clone();
        train.subtract(fold)?;
        if scaled.penalty.l1_ratio > 0.0 {
            // Each penalty begins where the one before it ended.
            return Ok(linear(scaled.fit(&train, lambdas)?));
        }
        let few = lambdas.len().div_ceil(rayon::current_num_threads());
        let fits: Vec<_> = lambdas.par_chunks(few).map(|few| scaled.fit(&train, few)).collect();
        fits.into_iter().try_fold(Vec::new(), |mut all, few| {
            all.extend(linear(few?));
            Ok(all)
        })
    };
    learned.folds.par_iter().filter(|fold| fold.rows() > 0).map(without).collect()
}

/// Whether the mean of the differences fold by fold is at most its standard error.
fn within_one_error(errors: &[f64], best: &[f64]) -> bool {
    let differences: Vec<f64> = errors.iter().zip(best).map(|(a, b)| a - b).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
    mean <= (variance / n).sqrt()
}

/// A function in double-double as the model file has it: what f64 holds, and what it leaves.
fn linear(precise: &fit::Linear, aliased: Vec<String>) -> Linear {
    Linear {
        intercept: precise.intercept.hi(),
        coefficients: precise.slopes.iter().map(|s| s.hi()).collect(),
        intercept_low: precise.intercept.lo(),
        coefficients_low: precise.slopes.iter().map(|s| s.lo()).collect(),
        aliased,
        ..Linear::default()
    }
}
