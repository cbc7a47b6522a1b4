use serde::{Deserialize, Serialize, Serializer};

use crate::{present, rows};

/// Predictions and outcomes row by row, kept for measures that need their order: 16 bytes a row.
///
/// Equality and the serialised form do not depend on the order in which rows came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pairs {
    missing: u64,
    #[serde(serialize_with = "ascending")]
    rows: Vec<(f64, f64)>,
}

impl Pairs {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; it counts as missing unless both are finite.
    pub fn add(&mut self, predicted: f64, actual: f64) {
        match present(predicted).zip(present(actual)) {
            Some(row) => self.rows.push(row),
            None => self.missing += 1,
        }
    }

    /// Adds rows given as columns of the same length.
    pub fn extend(&mut self, predicted: &[f64], actual: &[f64]) {
        self.rows.reserve(predicted.len().min(actual.len()));
        self.missing += rows::complete([predicted, actual], |[f, y]| {
            self.rows.extend(f.iter().zip(y).map(|(f, y)| (f + 0.0, y + 0.0)));
        });
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        self.rows.extend_from_slice(&other.rows);
    }

    /// How many rows have both.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.rows.len() as u64
    }

    /// How many rows lack one or both.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The same outcomes with the predictions' signs turned: what falls with one rises with the other.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let rows = self.rows.iter().map(|&(predicted, actual)| (0.0 - predicted, actual)).collect();
        Self { missing: self.missing, rows }
    }

    /// The same rows with each value's rank among its like in place of it, counted from 1; equal values
    /// share the mean of their ranks.
    #[must_use]
    pub fn ranked(&self) -> Self {
        let predicted = ranks(self.rows.iter().map(|row| row.0).collect());
        let actual = ranks(self.rows.iter().map(|row| row.1).collect());
        Self { missing: self.missing, rows: predicted.into_iter().zip(actual).collect() }
    }

    /// The rows `(predicted, actual)`, ascending by prediction, then by outcome.
    pub fn sorted(&mut self) -> &[(f64, f64)] {
        // Linear when they are sorted already, so that asking again costs little.
        sort(&mut self.rows);
        &self.rows
    }
}

impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        self.missing == other.missing
            && self.rows.len() == other.rows.len()
            && copy_sorted(&self.rows) == copy_sorted(&other.rows)
    }
}

fn sort(rows: &mut [(f64, f64)]) {
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
}

fn copy_sorted(rows: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut rows = rows.to_vec();
    sort(&mut rows);
    rows
}

fn ranks(values: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.into_iter().enumerate().collect();
    order.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; order.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.1 >= b.1) {
        let shared = before as f64 + f64::midpoint(tied.len() as f64, 1.0);
        for (row, _) in tied {
            ranks[*row] = shared;
        }
        before += tied.len();
    }
    ranks
}

fn ascending<S: Serializer>(rows: &[(f64, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    copy_sorted(rows).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_mean_of_their_ranks() {
        let mut pairs = Pairs::new();
        for (f, y) in [(5.0, 1.0), (-1.0, 1.0), (5.0, 9.0), (7.0, 1.0), (f64::NAN, 3.0)] {
            pairs.add(f, y);
        }
        let mut ranked = pairs.ranked();
        assert_eq!(ranked.missing(), 1);
        assert_eq!(ranked.sorted(), [(1.0, 2.0), (2.5, 2.0), (2.5, 4.0), (4.0, 2.0)]);
    }
}
