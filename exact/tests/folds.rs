//! Cross-validation by subtraction is that by fitting again.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::excessive_precision,
    clippy::missing_panics_doc,
    clippy::precedence,
    clippy::doc_markdown,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "tests compare bits, and each uses its part of the support"
)]

use exact::fit::{FitError, Linear, Options, Penalty, cross_validate, fit, lambdas, penalised};
use exact::gram::{Block, Column, Gram, Variable};

const FOLDS: usize = 5;

fn data() -> (Vec<Vec<f64>>, Vec<f64>) {
    let noise = |i: usize, j: usize| (((i * 7919 + j * 104_729 + 12345) * 2_654_435_761 >> 7) % 1009) as f64;
    let xs: Vec<Vec<f64>> = (0..4).map(|j| (0..83).map(|i| noise(i, j)).collect()).collect();
    let y = (0..83).map(|i| 3.0 * xs[0][i] - xs[1][i] + noise(i, 9) / 2.0).collect();
    (xs, y)
}

/// The rows that `keep` wants.
fn gram(keep: impl Fn(usize) -> bool) -> Gram {
    let (xs, y) = data();
    let pick = |column: &[f64]| -> Vec<f64> {
        column.iter().enumerate().filter(|(row, _)| keep(*row)).map(|(_, value)| *value).collect()
    };
    let xs: Vec<Vec<f64>> = xs.iter().map(|column| pick(column)).collect();
    let y = pick(&y);
    let mut gram = Gram::new(
        (1..=4).map(|i| Variable::decimal(format!("x{i}"), i)).collect(),
        Variable::decimal("y", 1),
    );
    gram.add(&Block::new(xs.iter().map(Column::from).collect(), Column::from(&y))).unwrap();
    gram
}

fn folds() -> Vec<Gram> {
    (0..FOLDS).map(|fold| gram(|row| row % FOLDS == fold)).collect()
}

/// The squared errors of a model on the rows of a fold, one by one.
fn squared_error(model: &Linear, fold: usize) -> f64 {
    let (xs, y) = data();
    (0..y.len())
        .filter(|row| row % FOLDS == fold)
        .map(|row| {
            let x: Vec<f64> =
                xs.iter().zip(1..).map(|(column, places)| column[row] / 10f64.powi(places)).collect();
            (y[row] / 10.0 - model.predict(&x).unwrap().to_f64()).powi(2)
        })
        .sum()
}

#[test]
fn least_squares() {
    let validation =
        cross_validate(&folds(), |train| Ok(vec![fit(train, &Options::default())?.linear()])).unwrap();
    let mut total = 0.0;
    for fold in 0..FOLDS {
        let train = gram(|row| row % FOLDS != fold);
        let mut rest = gram(|_| true);
        rest.subtract(&folds()[fold]).unwrap();
        // Refitting on the rows themselves gives the same bits as taking the fold out.
        assert_eq!(fit(&rest, &Options::default()).unwrap(), fit(&train, &Options::default()).unwrap());
        let error = squared_error(&fit(&train, &Options::default()).unwrap().linear(), fold);
        total += error;
        let mean = error / folds()[fold].rows() as f64;
        assert!((validation.models[0].folds[fold] / mean - 1.0).abs() < 1e-12);
    }
    assert!((validation.models[0].mean_squared_error / (total / 83.0) - 1.0).abs() < 1e-12);
}

#[test]
fn a_path() {
    let penalty = Penalty::lasso();
    let path = lambdas(&gram(|_| true), &penalty, 30, 1e-3).unwrap();
    let models =
        |train: &Gram| Ok(penalised(train, &penalty, &path)?.into_iter().map(|model| model.linear).collect());
    let validation = cross_validate(&folds(), models).unwrap();
    assert_eq!(validation.models.len(), 30);
    let errors: Vec<f64> = validation.models.iter().map(|model| model.mean_squared_error).collect();
    assert!(errors.iter().all(|error| *error >= errors[validation.best]));
    assert!(validation.simplest <= validation.best);
    assert!(errors[validation.best] < errors[0] / 2.0);
    // The order of the folds is seen in the list of folds only.
    let backwards: Vec<Gram> = folds().into_iter().rev().collect();
    let again = cross_validate(&backwards, models).unwrap();
    assert_eq!((again.best, again.simplest), (validation.best, validation.simplest));
    for (a, b) in validation.models.iter().zip(&again.models) {
        assert_eq!(a.mean_squared_error, b.mean_squared_error);
        assert!(a.folds.iter().eq(b.folds.iter().rev()));
    }
}

#[test]
fn what_does_not_make_folds() {
    let models = |train: &Gram| Ok(vec![fit(train, &Options::default())?.linear()]);
    assert_eq!(cross_validate(&[], models), Err(FitError::NoRows));
    let empty = gram(|_| false);
    assert!(matches!(cross_validate(&[gram(|_| true), empty], models), Err(FitError::Option(_))));
    let other = Gram::new(vec![], Variable::float("y"));
    assert!(matches!(cross_validate(&[gram(|_| true), other.clone()], models), Err(FitError::Option(_))));
    let mut other = other;
    other.add(&Block::new(vec![], Column::from(&[1.0][..]))).unwrap();
    assert!(matches!(cross_validate(&[gram(|_| true), other], models), Err(FitError::Folds(_))));
    assert!(matches!(cross_validate(&folds(), |_| Ok(vec![])), Err(FitError::Option(_))));
}
