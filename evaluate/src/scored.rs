//! Rows of a batch with what the model says of them.

use model::{Level, Model};

/// Rows with their features, predictions, intervals and outcomes; NaN where one is not known.
pub struct Scored {
    /// By feature, in the model's order.
    pub features: Vec<Vec<f64>>,
    /// In the unit of the target.
    pub predicted: Vec<f64>,
    /// In the unit of the target.
    pub actual: Vec<f64>,
    /// The prediction intervals, level by level.
    pub levels: Vec<Level>,
}

impl Scored {
    /// Scores rows: `features` in the model's order, each with as many rows as `actual`.
    #[must_use]
    pub fn new(model: &Model, features: Vec<Vec<f64>>, actual: Vec<f64>) -> Self {
        let columns: Vec<&[f64]> = features.iter().map(Vec::as_slice).collect();
        let predicted = model.predict(&columns);
        let levels = model.intervals(&columns, &predicted);
        Self { features, predicted, actual, levels }
    }

    /// How many rows there are.
    #[must_use]
    pub fn height(&self) -> usize {
        self.actual.len()
    }

    /// The interval of a row at each level that has one, by the level's place.
    pub fn bounds(&self, row: usize) -> impl Iterator<Item = (usize, f64, f64)> {
        let known = self.levels.iter().enumerate();
        known.filter_map(move |(level, of)| {
            let bounds = of.bounds.as_ref().ok()?;
            Some((level, bounds.lower[row], bounds.upper[row]))
        })
    }
}
