//! How much each feature matters: slopes in standard units, and what shuffling a feature costs on the
//! calibration part.

use common::error::Result;
use common::hash;
use exact::gram::Gram;
use model::{Function, Link, Model, Permutation, Permuted, Standardized};
use stats::{Moments, Reason};

use crate::piece::Piece;
use crate::rows::{Keys, Rows};

/// Shuffles of each feature.
const REPEATS: u32 = 5;
/// Rows below which nothing can be told.
const LEAST: usize = 20;
/// Rows above which a sample by hash serves as well.
const MOST: usize = 10_000;

/// Coefficients in standard units, by the training rows' Gram matrix; nothing for a model that is not linear.
pub(crate) fn standardized(function: &Function, gram: &Gram) -> Vec<Standardized> {
    let Some(linear) = function.linear().filter(|l| l.link == Link::Identity) else { return Vec::new() };
    let predictors = gram.predictors();
    let sd = |j: usize| gram.covariance(j, j).map(|v| v.to_f64().max(0.0).sqrt());
    let Some(target) = sd(predictors.len()).filter(|sd| *sd > 0.0) else { return Vec::new() };
    let one = |(j, coefficient): (usize, &f64)| {
        let slope = coefficient * sd(j)? / target;
        slope.is_finite().then(|| Standardized { column: predictors[j].name.clone(), coefficient: slope })
    };
    linear.coefficients.iter().enumerate().filter_map(one).collect()
}

/// Permutation importance on the calibration rows; a sample of them where there are many.
///
/// The shuffles depend on the rows and the feature's name alone, not on the order of the table.
pub(crate) fn permutation(model: &Model, pieces: &[Piece]) -> Result<Permutation> {
    let rows = calibration(pieces)?;
    let nothing =
        |reason| Permutation { rows: rows.len() as u64, absent: Some(reason), ..Permutation::default() };
    if rows.len() < LEAST {
        return Ok(nothing(if rows.len() == 0 { Reason::NoRows } else { Reason::TooFewRows }));
    }
    let columns: Vec<&[f64]> = rows.numbers.features.iter().map(Vec::as_slice).collect();
    let base = errors(model, &columns, &rows.numbers.target);
    let mut all = Moments::new();
    all.extend(&base);
    let Ok(mae) = all.mean() else { return Ok(nothing(Reason::Overflow)) };
    let (mut features, mut constant) = (Vec::new(), Vec::new());
    for (j, feature) in model.features.iter().enumerate() {
        if columns[j].windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits()) {
            constant.push(feature.clone());
            continue;
        }
        let mut rises = vec![0.0; base.len()];
        for repeat in 0..REPEATS {
            let order = shuffled(&rows.hashes, feature, repeat);
            let values: Vec<f64> = order.iter().map(|i| columns[j][*i]).collect();
            let mut shuffled = columns.clone();
            shuffled[j] = &values;
            let now = errors(model, &shuffled, &rows.numbers.target);
            rises.iter_mut().zip(now.iter().zip(&base)).for_each(|(rise, (a, b))| *rise += a - b);
        }
        let mut moments = Moments::new();
        rises.iter().for_each(|rise| moments.add(rise / f64::from(REPEATS)));
        let (Ok(increase), Ok(sd)) = (moments.mean(), moments.sd()) else {
            return Ok(nothing(Reason::Overflow));
        };
        let standard_error = sd / (base.len() as f64).sqrt();
        features.push(Permuted { feature: feature.clone(), increase, standard_error });
    }
    Ok(Permutation {
        rows: rows.len() as u64,
        repeats: REPEATS,
        mae: Some(mae),
        features,
        constant,
        absent: None,
    })
}

/// The calibration rows in the order of their hashes; the first of them where there are many.
fn calibration(pieces: &[Piece]) -> Result<Rows> {
    let mut all = Rows::empty(pieces);
    for piece in pieces {
        piece.each_of("calibration", &[], true, |batch| {
            let batch = batch.complete()?;
            all.add(batch.numbers, &batch.rows, &Keys::default())?;
            if all.len() > 2 * MOST {
                all = std::mem::take(&mut all).first(MOST);
            }
            Ok(())
        })?;
    }
    Ok(all.first(MOST))
}

fn errors(model: &Model, columns: &[&[f64]], target: &[f64]) -> Vec<f64> {
    model.predict(columns).iter().zip(target).map(|(f, y)| (f - y).abs()).collect()
}

/// The rows in an order drawn from their hashes, the feature and the number of the shuffle.
fn shuffled(hashes: &[[u8; 32]], feature: &str, repeat: u32) -> Vec<usize> {
    let mut keyed: Vec<([u8; 16], usize)> = hashes
        .iter()
        .enumerate()
        .map(|(i, row)| {
            // Rows that are equal in every cell are told apart by their place, which does not matter then.
            let place = (i as u64).to_le_bytes();
            let parts: [&[u8]; 4] = [row, &place, &repeat.to_le_bytes(), feature.as_bytes()];
            (hash::digest128(&parts.concat()), i)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, i)| i).collect()
}

/// What matters most, in the log.
pub(crate) fn log(permutation: &Permutation) {
    if let Some(reason) = permutation.absent {
        log::info!("no permutation importance: {reason} in the calibration part");
    }
    if let Some(most) = permutation.features.iter().max_by(|a, b| a.increase.total_cmp(&b.increase)) {
        log::info!(
            "shuffling {} costs most: MAE rises by {:.6} on {}",
            common::text::name(&most.feature),
            most.increase,
            common::text::count(permutation.rows, "calibration row")
        );
    }
}
