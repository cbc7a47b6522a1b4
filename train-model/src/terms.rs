//! The terms that `[train] terms` asks for; knots of splines are quantiles of the training rows.

use common::error::{Error, Result};
use common::text;
use model::Term;
use stats::{OrderStatistics as _, Quantiles};

use crate::design::Feature;
use crate::piece::{Ask, Piece};
use crate::settings::TermKeys;

/// The terms, in the order they are written; splines cost a pass over the rows.
pub(crate) fn make(keys: &[TermKeys], pieces: &[Piece]) -> Result<Vec<Term>> {
    let features = &pieces[0].features;
    let mut terms = Vec::new();
    for key in keys {
        match (&key.column, key.degree, key.knots, &key.product) {
            (Some(column), Some(degree), ..) => {
                known(features, column)?;
                terms.extend((2..=degree).map(|exponent| Term::Power { column: column.clone(), exponent }));
            }
            (Some(column), None, Some(count), _) => {
                let knots = knots(pieces, known(features, column)?, count)?;
                let spline = |basis| Term::Spline { column: column.clone(), knots: knots.clone(), basis };
                terms.extend((0..knots.len() - 2).map(spline));
            }
            (.., Some(both)) if let [left, right] = both.as_slice() => {
                known(features, left)?;
                known(features, right)?;
                terms.push(Term::Product { left: left.clone(), right: right.clone() });
            }
            _ => return Err(Error::usage("[train] terms: nothing to make")),
        }
    }
    let names: Vec<String> =
        features.iter().map(|f| f.name.clone()).chain(terms.iter().map(Term::name)).collect();
    match names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
        None => Ok(terms),
        Some((_, name)) => Err(Error::usage(format!("[train] terms make {} twice", text::name(name)))),
    }
}

fn known(features: &[Feature], name: &str) -> Result<usize> {
    features.iter().position(|f| f.name == name).ok_or_else(|| {
        let near = text::did_you_mean(name, features.iter().map(|f| f.name.as_str()));
        Error::usage(format!("[train] terms name {}, which is no feature{near}", text::name(name)))
    })
}

/// Knots of a natural cubic spline: outer ones at the 5 % and 95 % points of the training rows, the rest
/// evenly spaced quantiles between (Harrell 2015, Regression Modeling Strategies, section 2.4.6).
/// Equal ones are one.
fn knots(pieces: &[Piece], column: usize, count: u32) -> Result<Vec<f64>> {
    let mut values = Quantiles::new();
    for piece in pieces {
        let take = |of: Vec<f64>| {
            values.extend(&of);
            Ok(())
        };
        piece.each(&Ask::TRAINING, |mut batch| Ok(batch.numbers.features.swap_remove(column)), take)?;
    }
    let share = |i: u32| 0.05 + 0.9 * f64::from(i) / f64::from(count - 1);
    let mut knots: Vec<f64> = (0..count).filter_map(|i| values.quantile(share(i)).ok()).collect();
    knots.dedup_by(|a, b| a.total_cmp(b).is_eq());
    if knots.len() < 3 {
        let name = &pieces[0].features[column].name;
        return Err(Error::usage(format!(
            "[train] terms: {} has too few different values for a spline",
            text::name(name)
        )));
    }
    Ok(knots)
}
