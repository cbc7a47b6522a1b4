//! A linear function of the predictors, and its error over the rows of a Gram matrix.

use serde::{Deserialize, Serialize};

use crate::dd::Dd;
use crate::gram::{Gram, times_power_of_ten};
use crate::limbs::{Canonical, Limbs};
use crate::sum::Sum;

/// An intercept and a slope for each predictor of a Gram matrix, in real units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    /// 0 in a model without.
    pub intercept: Dd,
    /// One for each predictor, 0 for those left out.
    pub slopes: Vec<Dd>,
}

impl Linear {
    /// The value at a row of real numbers, in double-double: terms may cancel. `None` where their number is wrong.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> Option<Dd> {
        (row.len() == self.slopes.len())
            .then(|| self.slopes.iter().zip(row).fold(self.intercept, |sum, (slope, x)| sum + *slope * *x))
    }

    /// The (weighted) sum of squared errors over the rows of a Gram matrix, without the rows: a quadratic form in exact
    /// sums, in which nothing cancels. `None` where the number of predictors differs, or a number is
    /// NaN or infinite.
    #[must_use]
    pub fn squared_error(&self, gram: &Gram) -> Option<Dd> {
        let finite = self.intercept.is_finite() && self.slopes.iter().all(|slope| slope.is_finite());
        if !finite || self.slopes.len() != gram.predictors().len() {
            return None;
        }
        // The error is c'z with z = (1, x1..xp, y) in the units of the matrix; c is brought to them by a
        // whole power of ten, the finest, so that nothing is rounded: sums, unlike f64, have room for it.
        let mut places: Vec<u32> = vec![0];
        places.extend(gram.predictors().iter().map(|variable| variable.places));
        places.push(gram.target().places);
        let finest = places.iter().copied().max().unwrap_or(0);
        let numbers =
            [self.intercept].into_iter().chain(self.slopes.iter().copied()).map(|b| -b).chain([Dd::ONE]);
        let vector: Vec<Sum> = numbers
            .zip(&places)
            .map(|(number, places)| {
                let mut sum = Sum::new();
                sum.add_dd(number);
                times_power_of_ten(&sum, finest - places)
            })
            .collect();
        let form = quadratic(gram, &vector);
        let unit = times_power_of_ten(&Sum::from(1.0), 2 * finest);
        Some(form.ratio(&unit))
    }
}

/// `c' G c` over the columns `1, x1..xp, y`, exactly.
fn quadratic(gram: &Gram, vector: &[Sum]) -> Sum {
    let vector: Vec<(usize, Canonical)> = vector
        .iter()
        .enumerate()
        .map(|(i, number)| (i, number.limbs().canonical()))
        .filter(|(_, number)| !number.is_zero())
        .collect();
    let mut form = Limbs::new();
    for (first, (i, a)) in vector.iter().enumerate() {
        // -(2 sum over the later columns + own), which is subtracted again.
        let mut row = Limbs::new();
        for (j, b) in &vector[first + 1..] {
            row.subtract_product(&gram.entry(*i, *j).limbs().canonical(), b);
        }
        let half = row.clone();
        row.merge(&half);
        row.subtract_product(&gram.entry(*i, *i).limbs().canonical(), a);
        form.subtract_product(&row.canonical(), a);
    }
    form.into()
}
