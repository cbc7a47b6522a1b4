//! Gradient boosting by `perpetual`, whose trees are turned into our own plain form.

mod convert;
mod memory;
mod monotone;

use std::collections::HashMap;

use common::error::{Class, Error, Result};
use common::text;
use log::Level;
use model::{Function, Trees};
use perpetual::constraints::Constraint;
use perpetual::objective::Objective;
use perpetual::{Matrix, PerpetualBooster};
use serde_json::json;

use crate::design::Numbers;
use crate::learner::{Data, Fitted, Learner};
use crate::settings::{Direction, Settings};

/// What `perpetual` draws random numbers from.
const SEED: u64 = 0;
/// Beyond this size a feature counts as this large in the fit: the bins of `perpetual` end at the largest f64.
const LARGEST: f64 = 1e300;

/// A sum of regression trees.
pub(crate) struct Boosted<'a> {
    settings: &'a Settings,
}

impl<'a> Boosted<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self { settings }
    }

    fn booster(&self, features: &[String], memory: f32) -> PerpetualBooster {
        let section = &self.settings.section;
        let constraint = |(i, name): (usize, &String)| match section.monotone.get(name)? {
            Direction::Increasing => Some((i, Constraint::Positive)),
            Direction::Decreasing => Some((i, Constraint::Negative)),
        };
        let constraints: HashMap<usize, Constraint> =
            features.iter().enumerate().filter_map(constraint).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a number between 0 and 3")]
        let budget = section.budget as f32;
        PerpetualBooster::default()
            .set_objective(Objective::SquaredLoss)
            .set_budget(budget)
            .set_seed(SEED)
            .set_memory_limit(Some(memory))
            .set_monotone_constraints((!constraints.is_empty()).then_some(constraints))
            // No feature is ever missing: no split may set missing values apart.
            .set_allow_missing_splits(false)
            .set_create_missing_branch(false)
    }
}

impl Learner for Boosted<'_> {
    fn fit(&self, data: &Data<'_>) -> Result<Fitted> {
        let rows = data.rows()?;
        let names: Vec<String> = data.design.features.iter().map(|f| f.name.clone()).collect();
        let Some(scale) = Scale::of(&rows.numbers.target)? else {
            // A constant target: nothing to boost.
            let base = rows.numbers.target[0];
            return Ok(fitted(Trees { base, trees: Vec::new() }));
        };
        let memory = memory::limit(rows.len(), names.len(), self.settings.section.memory_limit)?;
        let mut booster = self.booster(&names, memory);
        let matrix = columns(&rows.numbers);
        let target: Vec<f64> = rows.numbers.target.iter().map(|y| (y - scale.centre) / scale.sd).collect();
        // Without weights it forgets, from a budget of 1 on, the second derivatives that its robust steps set, and
        // divides by zero: predictions of 1e16. Equal weights keep them in place.
        let weights = vec![1.0; rows.len()];
        booster
            .fit(&Matrix::new(&matrix, rows.len(), names.len()), &target, Some(&weights), None)
            .map_err(|e| Error::unexpected(format!("the fit failed: {e}")))?;
        // It adds a share of a linear fit for small tables, which no monotone constraint would bind.
        booster.regression_head = None;
        let mut trees = convert::trees(&booster, scale.centre, scale.sd)?;
        let direction = |feature: usize| self.settings.section.monotone.get(names.get(feature)?).copied();
        if !self.settings.section.monotone.is_empty() {
            trees.trees.iter_mut().for_each(|tree| monotone::keep(tree, direction));
        }
        Ok(fitted(trees))
    }
}

/// Mean and standard deviation of the target: `perpetual` works in f32 and has limits in units of the target,
/// so the fit must not depend on the unit.
struct Scale {
    centre: f64,
    sd: f64,
}

impl Scale {
    /// Nothing for a constant target.
    fn of(target: &[f64]) -> Result<Option<Self>> {
        let mut moments = stats::Moments::new();
        moments.extend(target);
        let beyond = |_| Error::new(Class::Schema, "the spread of the target is beyond the range of numbers");
        let (centre, sd) = (moments.mean().map_err(beyond)?, moments.sd().unwrap_or(0.0));
        Ok((sd > 0.0 && moments.min() != moments.max()).then_some(Self { centre, sd }))
    }
}

/// All columns one after another.
fn columns(numbers: &Numbers) -> Vec<f64> {
    numbers.features.iter().flatten().map(|v| v.clamp(-LARGEST, LARGEST) + 0.0).collect()
}

fn fitted(trees: Trees) -> Fitted {
    let nodes: usize = trees.trees.iter().map(|t| t.feature.len()).sum();
    let statistics = json!({ "trees": trees.trees.len(), "nodes": nodes });
    let count = |n: usize, what| text::count(n as u64, what);
    let note = format!("{} with {}", count(trees.trees.len(), "tree"), count(nodes, "node"));
    Fitted { function: Function::Trees(trees), statistics, notes: vec![(Level::Info, note)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small deterministic table: 700 rows, a step, a slope, noise, and a column of few values.
    fn rows() -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut state = 12345_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut columns = vec![Vec::new(); 3];
        let mut target = Vec::new();
        for _ in 0..700 {
            let (a, b, c) = (random(), 1e6 * random() - 4e5, (4.0 * random()).floor());
            target.push(1e4 + 50.0 * f64::from(a > 0.5) + 1e-4 * b + 10.0 * c * a + random());
            [a, b, c].into_iter().zip(&mut columns).for_each(|(v, column)| column.push(v));
        }
        (columns, target)
    }

    #[test]
    fn our_trees_predict_as_the_booster_does_on_all_rows_and_on_thresholds() {
        let (features, target) = rows();
        let (n, numbers) = (target.len(), Numbers { features, target });
        let scale = Scale::of(&numbers.target).unwrap().unwrap();
        let scaled: Vec<f64> = numbers.target.iter().map(|y| (y - scale.centre) / scale.sd).collect();
        let mut booster = PerpetualBooster::default()
            .set_objective(Objective::SquaredLoss)
            .set_budget(1.0)
            .set_memory_limit(Some(0.5))
            .set_allow_missing_splits(false);
        booster.fit(&Matrix::new(&columns(&numbers), n, 3), &scaled, None, None).unwrap();
        booster.regression_head = None;
        let trees = convert::trees(&booster, scale.centre, scale.sd).unwrap();
        assert!(trees.trees.len() > 5);
        // All rows, then every threshold, just below it and just above it, the other features those of row 0.
        let mut all: Vec<Vec<f64>> =
            (0..n).map(|i| numbers.features.iter().map(|c| c[i]).collect()).collect();
        for tree in &trees.trees {
            for (feature, threshold) in tree.feature.iter().zip(&tree.threshold) {
                let Ok(feature) = usize::try_from(*feature) else { continue };
                for value in [*threshold, threshold.next_down(), threshold.next_up()] {
                    let mut row = all[0].clone();
                    row[feature] = value;
                    all.push(row);
                }
            }
        }
        let flat: Vec<f64> = (0..3).flat_map(|j| all.iter().map(move |row| row[j])).collect();
        let theirs = booster.predict(&Matrix::new(&flat, all.len(), 3), false);
        let slices: Vec<&[f64]> = flat.chunks(all.len()).collect();
        let ours = trees.predict(&slices);
        for (ours, theirs) in ours.iter().zip(theirs) {
            let theirs = scale.centre + scale.sd * theirs;
            assert!((ours - theirs).abs() <= 1e-12 * theirs.abs(), "{ours} is not {theirs}");
        }
    }
}
