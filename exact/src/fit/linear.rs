//! A linear function of the predictors, and its error over the rows of a Gram matrix.

use serde::{Deserialize, Serialize};

use crate::dd::Dd;
use crate::gram::{Gram, times_power_of_ten};
use crate::sum::Sum;

/// An intercept and a slope for each predictor of a Gram matrix, in real units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linear {
    pub intercept: Dd,
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
    /// sums, in which nothing cancels. `None` where the number of predictors differs.
    #[must_use]
    pub fn squared_error(&self, gram: &Gram) -> Option<Dd> {
        if self.slopes.len() != gram.predictors().len() {
            return None;
        }
        // The error is c'z with z = (1, x1..xp, y) in the units of the matrix; c is brought to them by a
        // whole power of ten, the finest, so that nothing is rounded: sums, unlike f64, have room for it.
        let mut places: Vec<u32> = vec![0];
        places.extend(gram.predictors().iter().map(|variable| variable.places));
        places.push(gram.target().places);
        let finest = places.iter().copied().max().unwrap_or(0);
        let numbers = [self.intercept].into_iter().chain(self.slopes.iter().copied()).map(|b| -b).chain([Dd::ONE]);
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
pub(super) fn quadratic(gram: &Gram, vector: &[Sum]) -> Sum {
    let mut form = Sum::new();
    for (i, a) in vector.iter().enumerate() {
        let mut row = Sum::new();
        for (j, b) in vector.iter().enumerate() {
            row.merge(&gram.entry(i, j).product(b));
        }
        form.merge(&row.product(a));
    }
    form
}
