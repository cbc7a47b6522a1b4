use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Line, present};

/// Which rows depend on each other, so that they are drawn, and counted, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dependence {
    /// Rows of one time depend on each other, and on those of times nearby; the key is the time's ordinal.
    Time,
    /// Rows of one entity depend on each other, entities are independent; the key is a hash of the entity.
    Entity,
    /// All rows are independent; the key is a hash of the row.
    Rows,
}

impl Dependence {
    /// What is drawn with replacement, and how: a stable code for files.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Time => "circular_block_bootstrap",
            Self::Entity => "entity_bootstrap",
            Self::Rows => "row_bootstrap",
        }
    }
}

/// Rows with what they depend on, for measures that rest on it: intervals of errors, robust errors of the line.
///
/// Memory: 24 bytes a row and 8 for each rival. What follows from it does not depend on the order of rows or pieces.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    rivals: usize,
    missing: u64,
    keys: Vec<i64>,
    /// Rows one after the other: prediction, outcome, predictions of the rivals.
    values: Vec<f64>,
    sorted: bool,
}

/// One row of a [`Sample`].
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) predicted: f64,
    pub(crate) actual: f64,
    pub(crate) rivals: &'a [f64],
}

impl Sample {
    /// No rows; each is to have the predictions of so many rivals.
    #[must_use]
    pub fn new(rivals: usize) -> Self {
        Self { rivals, ..Self::default() }
    }

    /// Adds a row. `key` is that of the unit of dependence, see [`Dependence`]. The row counts as missing unless
    /// prediction, outcome and the prediction of each rival are finite.
    pub fn add(&mut self, key: i64, predicted: f64, actual: f64, rivals: &[f64]) {
        let whole = rivals.len() == self.rivals && rivals.iter().all(|value| value.is_finite());
        let Some((f, y)) = present(predicted).zip(present(actual)).filter(|_| whole) else {
            self.missing += 1;
            return;
        };
        self.keys.push(key);
        self.values.extend([f, y]);
        self.values.extend(rivals.iter().map(|value| value + 0.0));
        self.sorted = false;
    }

    /// Adds rows given as columns of the same length, those of the rivals in their order, with the same result as one
    /// by one.
    pub fn extend(&mut self, keys: &[i64], predicted: &[f64], actual: &[f64], rivals: &[&[f64]]) {
        let length = predicted.len().min(actual.len()).min(keys.len());
        self.keys.reserve(length);
        self.values.reserve(length * self.stride());
        let mut row = vec![0.0; rivals.len()];
        for i in 0..length {
            for (rival, column) in row.iter_mut().zip(rivals) {
                *rival = column.get(i).copied().unwrap_or(f64::NAN);
            }
            self.add(keys[i], predicted[i], actual[i], &row);
        }
    }

    /// Adds all that `other` holds; its rows count as missing if they have another number of rivals.
    pub fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        if other.rivals == self.rivals {
            self.keys.extend_from_slice(&other.keys);
            self.values.extend_from_slice(&other.values);
            self.sorted = false;
        } else {
            self.missing += other.n();
        }
    }

    /// Rows that are complete.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Rows that are not, and are in no measure.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    pub(crate) fn rivals(&self) -> usize {
        self.rivals
    }

    fn stride(&self) -> usize {
        2 + self.rivals
    }

    /// Rows in the order of key, then of values: sums over them round alike however the rows came.
    pub(crate) fn sort(&mut self) {
        if self.sorted {
            return;
        }
        let stride = self.stride();
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        let row = |i: usize| self.values.get(i * stride..(i + 1) * stride).unwrap_or_default();
        order.sort_unstable_by(|&a, &b| {
            let by_value = || row(a).iter().zip(row(b)).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne());
            self.keys[a].cmp(&self.keys[b]).then_with(|| by_value().unwrap_or(std::cmp::Ordering::Equal))
        });
        let values = order.iter().flat_map(|&i| row(i)).copied().collect();
        self.keys = order.iter().map(|&i| self.keys[i]).collect();
        self.values = values;
        self.sorted = true;
    }

    /// The rows as they stand; call [`sort`](Sample::sort) first.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.values.chunks_exact(self.stride()).map(|row| Row {
            predicted: row[0],
            actual: row[1],
            rivals: &row[2..],
        })
    }

    /// Exact sums of predictions and outcomes.
    pub(crate) fn sums(&self) -> Line {
        let (predicted, actual): (Vec<f64>, Vec<f64>) =
            self.rows().map(|row| (row.predicted, row.actual)).unzip();
        let mut line = Line::new();
        line.extend(&predicted, &actual);
        line
    }

    /// The number of each row's unit, from 0, in the order of the sorted rows; and how many units there are.
    pub(crate) fn units(&self, dependence: Dependence) -> (Vec<u32>, usize) {
        let mut numbers = Vec::with_capacity(self.keys.len());
        let mut last = None;
        let mut units = 0_u32;
        for key in &self.keys {
            if dependence == Dependence::Rows || last != Some(key) {
                units = units.saturating_add(1);
                last = Some(key);
            }
            numbers.push(units.saturating_sub(1));
        }
        (numbers, units as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_complete_or_missing() {
        let mut sample = Sample::new(1);
        sample.add(1, 1.0, 2.0, &[3.0]);
        sample.add(1, f64::NAN, 2.0, &[3.0]);
        sample.add(1, 1.0, f64::INFINITY, &[3.0]);
        sample.add(1, 1.0, 2.0, &[f64::NAN]);
        sample.add(1, 1.0, 2.0, &[]);
        assert_eq!((sample.n(), sample.missing()), (1, 4));
        let mut other = Sample::new(0);
        other.add(1, 1.0, 2.0, &[]);
        sample.merge(&other);
        assert_eq!((sample.n(), sample.missing()), (1, 5));
    }

    #[test]
    fn units_are_runs_of_equal_keys_or_rows() {
        let mut sample = Sample::new(0);
        for (key, value) in [(7, 2.0), (-1, 5.0), (7, 1.0), (3, 4.0)] {
            sample.add(key, value, 0.0, &[]);
        }
        sample.sort();
        let predicted: Vec<f64> = sample.rows().map(|row| row.predicted).collect();
        assert_eq!(predicted, [5.0, 4.0, 1.0, 2.0]);
        assert_eq!(sample.units(Dependence::Time), (vec![0, 1, 2, 2], 3));
        assert_eq!(sample.units(Dependence::Rows), (vec![0, 1, 2, 3], 4));
    }
}
