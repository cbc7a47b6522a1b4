//! How much each feature matters: slopes in standard units, and what shuffling a feature costs on the
//! calibration part.

use std::sync::{Mutex, PoisonError, RwLock};

use common::error::Result;
use common::hash;
use exact::gram::Gram;
use model::{Function, Link, Model, Permutation, Permuted, Standardized};
use rayon::prelude::*;
use stats::{Moments, Random, Reason, Value};

use crate::piece::{Batch, Piece};
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

/// Permutation importance on `rows`, of the calibration part.
///
/// The shuffles depend on the rows and the feature's name alone, not on the order of the table.
pub(crate) fn permutation(model: &Model, rows: &Rows) -> Permutation {
    let nothing =
        |reason| Permutation { rows: rows.len() as u64, absent: Some(reason), ..Permutation::default() };
    if rows.len() < LEAST {
        return nothing(if rows.len() == 0 { Reason::NoRows } else { Reason::TooFewRows });
    }
    let columns = rows.numbers.columns();
    let base = errors(model, &columns, &rows.numbers.target);
    let mut all = Moments::new();
    all.extend(&base);
    let Ok(mae) = all.mean() else { return nothing(Reason::Overflow) };
    let varies = |j: usize| columns[j].windows(2).any(|pair| pair[0].to_bits() != pair[1].to_bits());
    let (varying, constant): (Vec<usize>, Vec<usize>) = (0..columns.len()).partition(|j| varies(*j));
    let permuted = |j: usize| permuted(model, rows, &base, j);
    let features: Value<Vec<Permuted>> = varying.into_par_iter().map(permuted).collect();
    let Ok(features) = features else { return nothing(Reason::Overflow) };
    Permutation {
        rows: rows.len() as u64,
        repeats: REPEATS,
        mae: Some(mae),
        features,
        constant: constant.into_iter().map(|j| model.features[j].clone()).collect(),
        absent: None,
    }
}

/// What shuffling feature `j` adds to the absolute errors `base`.
fn permuted(model: &Model, rows: &Rows, base: &[f64], j: usize) -> Value<Permuted> {
    let (feature, columns) = (&model.features[j], rows.numbers.columns());
    let mut rises = vec![0.0; base.len()];
    for repeat in 0..REPEATS {
        let order = shuffled(rows.len(), feature, repeat);
        let values: Vec<f64> = order.into_iter().map(|i| columns[j][i]).collect();
        let mut shuffled = columns.clone();
        shuffled[j] = &values;
        let now = errors(model, &shuffled, &rows.numbers.target);
        rises.iter_mut().zip(now.iter().zip(base)).for_each(|(rise, (a, b))| *rise += a - b);
    }
    rises.iter_mut().for_each(|rise| *rise /= f64::from(REPEATS));
    let mut moments = Moments::new();
    moments.extend(&rises);
    let standard_error = moments.sd()? / (base.len() as f64).sqrt();
    Ok(Permuted { feature: feature.clone(), increase: moments.mean()?, standard_error })
}

/// Calibration rows without gaps, in the order of the hashes of their numbers; where there are many, those of the least.
pub(crate) struct Sample {
    rows: Mutex<Rows>,
    /// No row with a larger hash is among them.
    limit: RwLock<[u8; 32]>,
}

impl Sample {
    /// No row.
    pub(crate) fn new(pieces: &[Piece]) -> Self {
        Self { rows: Mutex::new(Rows::empty(pieces)), limit: RwLock::new([u8::MAX; 32]) }
    }

    /// Those of a batch that may be among them.
    pub(crate) fn of(&self, batch: Batch) -> Result<Rows> {
        let (numbers, whole) = batch.complete()?;
        let rows = Rows::of(numbers, &whole, &Keys::default())?;
        let limit = *self.limit.read().unwrap_or_else(PoisonError::into_inner);
        let near: Vec<usize> = (0..rows.len()).filter(|i| rows.hashes[*i] <= limit).collect();
        Ok(if near.len() == rows.len() { rows } else { rows.pick(&near) })
    }

    /// Adds them.
    pub(crate) fn add(&self, more: Rows) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.append(more);
        if rows.len() > 2 * MOST {
            *rows = std::mem::take(&mut *rows).first(MOST);
            if let Some(last) = rows.hashes.last() {
                *self.limit.write().unwrap_or_else(PoisonError::into_inner) = *last;
            }
        }
    }

    /// The sample.
    pub(crate) fn rows(self) -> Rows {
        self.rows.into_inner().unwrap_or_else(PoisonError::into_inner).first(MOST)
    }
}

fn errors(model: &Model, columns: &[&[f64]], target: &[f64]) -> Vec<f64> {
    model.predict(columns).iter().zip(target).map(|(f, y)| (f - y).abs()).collect()
}

/// The numbers of `rows` rows, which stand in the order of their hashes, in one drawn for the feature and the shuffle.
fn shuffled(rows: usize, feature: &str, repeat: u32) -> Vec<usize> {
    let digest = u128::from_be_bytes(hash::digest128(&[&repeat.to_le_bytes(), feature.as_bytes()].concat()));
    let mut order: Vec<usize> = (0..rows).collect();
    #[expect(clippy::cast_possible_truncation, reason = "one half of it is seed enough")]
    Random::new(digest as u64).shuffle(&mut order);
    order
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
