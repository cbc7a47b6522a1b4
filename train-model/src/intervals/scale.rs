//! A model of the absolute error: how far off the model is where the features are such and such.

use common::error::Result;
use common::workers::Workers;
use exact::fit::{self, FitError, Options};
use exact::gram::Gram;
use model::{Linear, LinearScale, Model};
use stats::{Moments, Reason, Value};

use super::broken;
use crate::design::{Design, Feature, Numbers};
use crate::piece::{Ask, Batch, Piece};

/// The least scale, as a share of the mean absolute error on the training rows: no interval is less than a tenth
/// as wide as that of a row of mean scale, since a straight line that nears 0 says nothing of how near.
const FLOOR: f64 = 0.1;

/// Least squares of the absolute error on the features, over the training rows, from an exact Gram matrix.
///
/// The absolute error is taken as it is, as by Lei et al. (2018, section 5.2), whose scale is its conditional mean;
/// its logarithm would make the fit a matter of the few rows that the model happens to hit, and a row it hits
/// exactly has none.
pub(super) fn learn(model: &Model, pieces: &[Piece]) -> Result<Value<LinearScale>> {
    let target = Feature { name: "absolute error".to_owned(), decimals: None };
    let design = Design { features: pieces[0].features.clone(), terms: Vec::new(), target };
    let (predictors, target) = design.variables();
    let mut gram = Gram::new(predictors, target);
    let mut missed = Moments::new();
    let workers = Workers::new((gram.clone(), missed.clone()));
    let work = |batch: Batch| {
        let Numbers { features, target } = batch.numbers;
        let columns: Vec<&[f64]> = features.iter().map(Vec::as_slice).collect();
        let errors: Vec<f64> =
            model.predict(&columns).iter().zip(&target).map(|(f, y)| (y - f).abs()).collect();
        let numbers = Numbers { features, target: errors };
        workers.with(|(gram, missed)| {
            missed.extend(&numbers.target);
            design.with_block(&numbers, |block| gram.add(block))?.map_err(|e| broken(&e.to_string()))
        })
    };
    for piece in pieces {
        piece.each(&Ask::TRAINING, work, Ok)?;
    }
    for (more, errors) in workers.all() {
        gram.merge(&more).map_err(|e| broken(&e.to_string()))?;
        missed.merge(&errors);
    }
    let floor = missed.mean().map(|mean| FLOOR * mean);
    let floor = match floor {
        Ok(floor) if floor > 0.0 => floor,
        Ok(_) => return Ok(Err(Reason::PerfectFit)),
        Err(reason) => return Ok(Err(reason)),
    };
    match fit::fit(&gram, &Options::default()) {
        Ok(found) => Ok(Ok(LinearScale { function: linear(&found), floor })),
        Err(FitError::NoRows | FitError::TooFewRows { .. } | FitError::NoColumns) => {
            Ok(Err(Reason::TooFewRows))
        }
        Err(e) => Err(broken(&e.to_string())),
    }
}

/// The fit as the model file has it; a scale has no use for the second halves of its coefficients.
fn linear(found: &fit::Fit) -> Linear {
    let precise = found.linear();
    Linear {
        intercept: precise.intercept.to_f64(),
        coefficients: precise.slopes.iter().map(|b| b.to_f64()).collect(),
        aliased: found.aliased.iter().map(|a| a.name.clone()).collect(),
        ..Linear::default()
    }
}
