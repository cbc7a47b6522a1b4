use serde::{Deserialize, Serialize, Serializer};

use crate::present;

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

fn ascending<S: Serializer>(rows: &[(f64, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    copy_sorted(rows).serialize(serializer)
}
