use exact::Sum;

use crate::absent::finite;
use crate::{Reason, Value};

/// Values in groups, within which they may correlate: their mean, and its standard error by groups.
///
/// Memory: 16 bytes a value. The result does not depend on the order of values or pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grouped {
    values: Vec<(u64, f64)>,
}

impl Grouped {
    /// No values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value of a group; NaN and infinities are left out.
    pub fn add(&mut self, group: u64, value: f64) {
        if value.is_finite() {
            self.values.push((group, value));
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
    }

    /// The mean of all values, in their unit.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values, [`Reason::Overflow`].
    pub fn mean(&self) -> Value {
        if self.values.is_empty() {
            return Err(Reason::NoRows);
        }
        finite(sum(self.values.iter().map(|(_, v)| *v)) / self.values.len() as f64)
    }

    /// How many groups there are, and the standard error of the mean, in the unit of the values, by
    /// `sqrt(G / (G - 1) * sum_g (S_g - n_g m)^2) / n` with `S_g` and `n_g` the sum and the number of values of
    /// group `g` (a ratio estimate over clusters: Cochran 1977, Sampling Techniques, section 9A.1). With one value
    /// a group it is `sd / sqrt(n)`.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one group, [`Reason::Overflow`].
    pub fn standard_error(&self) -> Value<(u64, f64)> {
        let mean = self.mean()?;
        let mut sorted = self.values.clone();
        sorted.sort_unstable_by_key(|(group, _)| *group);
        let excess = |group: &[(u64, f64)]| {
            sum(group.iter().map(|(_, v)| *v).chain(std::iter::repeat_n(-mean, group.len())))
        };
        let excesses: Vec<f64> = sorted.chunk_by(|a, b| a.0 == b.0).map(excess).collect();
        let groups = excesses.len() as f64;
        if excesses.len() < 2 {
            return Err(Reason::TooFewRows);
        }
        let squares = sum(excesses.iter().map(|e| e * e));
        let error = (groups / (groups - 1.0) * squares).sqrt() / self.values.len() as f64;
        Ok((excesses.len() as u64, finite(error)?))
    }
}

/// The sum, rounded once; infinite where a value is.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut all = Sum::default();
    for value in values {
        if all.try_add(value).is_err() {
            return f64::INFINITY;
        }
    }
    all.to_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(u64, f64)]) -> Grouped {
        let mut grouped = Grouped::new();
        for (g, v) in values {
            grouped.add(*g, *v);
        }
        grouped
    }

    #[test]
    fn single_rows_give_the_usual_error_and_copies_in_a_group_add_nothing() {
        // Mean 2, deviations -1, 0, 1: sd 1, standard error 1 / sqrt(3).
        let single = of(&[(0, 1.0), (1, 2.0), (2, 3.0)]);
        assert_eq!(single.mean(), Ok(2.0));
        let (groups, error) = single.standard_error().unwrap();
        assert_eq!(groups, 3);
        assert!((error - 1.0 / 3.0_f64.sqrt()).abs() < 1e-15);
        let mut twice = single.clone();
        twice.merge(&single);
        let (groups, again) = twice.standard_error().unwrap();
        assert_eq!(groups, 3);
        assert!((again - error).abs() < 1e-15);
    }

    #[test]
    fn groups_of_different_size_by_hand() {
        // Mean 2; sums less n times the mean: 1 + 1 - 4 = -2 and 4 - 2 = 2; sqrt(2 * 8) / 3.
        let (_, error) = of(&[(7, 1.0), (9, 4.0), (7, 1.0)]).standard_error().unwrap();
        assert!((error - 4.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        assert_eq!(of(&[]).mean(), Err(Reason::NoRows));
        assert_eq!(of(&[(1, 5.0), (1, 6.0)]).standard_error(), Err(Reason::TooFewRows));
        assert_eq!(of(&[(1, f64::NAN)]).mean(), Err(Reason::NoRows));
    }
}
