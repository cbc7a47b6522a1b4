//! Making the features of a recipe: what is learned on the way, and the columns.

mod cells;
mod levels;
mod maker;
mod plan;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use common::error::{Error, Result};
use common::schema::Field;
use common::table::numbers;
use common::text;
use polars::prelude::DataFrame;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clean::Numbers;
use crate::recipe::{Recipe, Spec};
use crate::timeline::Timeline;
use crate::values::Values;
use maker::{Maker, Product};
use plan::Plan;

pub(crate) use levels::Levels;

/// A feature by name; NaN where it is missing.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) values: Values,
    /// Places after the point, where every value is a declared decimal.
    pub(crate) decimals: Option<u32>,
}

/// What making the features learns from training rows: applied as it is to all rows, and to new ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// Indicators by text column.
    pub(crate) levels: BTreeMap<String, Levels>,
    /// The largest denominator that counts as zero, by ratio or percent change.
    pub(crate) tiny: BTreeMap<String, f64>,
}

/// Features with what was learned and counted on the way.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) features: Vec<Feature>,
    pub(crate) learned: Learned,
    /// Results that are not finite, by feature.
    pub(crate) undefined: BTreeMap<String, u64>,
    /// Cells with a value that no training row has, by text column: one mark a row.
    pub(crate) unseen: BTreeMap<String, Vec<bool>>,
}

/// Where what is learned comes from.
#[derive(Clone, Copy)]
pub(crate) enum From<'a> {
    /// The rows marked; text columns have at most so many indicators.
    Rows(&'a [bool], usize),
    /// What was learned before, and is applied as it is.
    Before(&'a Learned),
}

/// The rows that features are made for.
pub(crate) struct Source<'a> {
    pub(crate) rows: usize,
    pub(crate) table: &'a DataFrame,
    /// Columns of numbers that are held beside the table.
    pub(crate) numbers: &'a Numbers,
    pub(crate) fields: &'a [Field],
    pub(crate) timeline: Option<&'a Timeline>,
}

/// Makes the features of a recipe, for the rows they are learned from and for new ones alike.
///
/// # Errors
/// [`common::Class::Checkpoint`] where a column does not hold what it must, or something was not learned.
pub(crate) fn make(recipe: &Recipe, source: &Source<'_>, from: From<'_>) -> Result<Made> {
    let plan = Plan::of(&recipe.specs);
    let mut maker = Maker {
        recipe,
        source,
        from,
        numbers: source.columns(&plan.columns)?,
        made: vec![None; recipe.specs.len()],
        plan: &plan,
    };
    let mut made = Made::default();
    if let From::Before(learned) = from {
        made.learned = learned.clone();
    }
    let mut indicators: HashMap<usize, Vec<Feature>> = HashMap::new();
    for level in &plan.levels {
        // All are waited for, so that of several errors it is always the first.
        let products: Vec<Result<Product>> = level.par_iter().map(|job| maker.product(job)).collect();
        for (job, product) in level.iter().zip(products) {
            let spec = job.specs[0];
            let name = recipe.specs[spec].name().to_owned();
            match product? {
                Product::Columns(columns) => {
                    for (spec, values) in job.specs.iter().zip(columns) {
                        maker.made[*spec] = Some(values);
                    }
                }
                Product::Counted { values, undefined, tiny } => {
                    maker.made[spec] = Some(Arc::new(values));
                    made.learned.tiny.extend(tiny.map(|tiny| (name.clone(), tiny)));
                    made.undefined.insert(name, undefined);
                }
                Product::Indicators { levels, features, unseen } => {
                    indicators.insert(spec, features);
                    made.learned.levels.insert(name.clone(), levels);
                    made.unseen.insert(name, unseen);
                }
            }
        }
    }
    for (number, (spec, values)) in recipe.specs.iter().zip(maker.made).enumerate() {
        made.features.extend(indicators.remove(&number).unwrap_or_default());
        let name = spec.name();
        if let Some(values) = values.filter(|_| recipe.is_feature(name)) {
            let decimals = match spec {
                Spec::Value { name: column } => declared(source.fields, column),
                // A step may have the name of a column.
                Spec::Lag { column, .. } if !recipe.makes(column) => declared(source.fields, column),
                _ => None,
            };
            made.features.push(Feature { name: name.to_owned(), values: Values::Numbers(values), decimals });
        }
    }
    Ok(made)
}

/// The values of the target's source: a column, or an expression that nothing is learned for.
///
/// # Errors
/// As [`make`].
pub(crate) fn target_source(recipe: &Recipe, source: &Source<'_>) -> Result<Arc<Vec<f64>>> {
    let name = &recipe.target.source;
    let specs = target_specs(recipe);
    if specs.is_empty() {
        return source.column(name);
    }
    let recipe = Recipe { specs, hidden: Vec::new(), target: recipe.target.clone() };
    let made = make(&recipe, source, From::Rows(&[], 0))?;
    let values = made.features.into_iter().find(|f| f.name == *name).map(|f| f.values);
    match values {
        Some(Values::Numbers(values)) => Ok(values),
        _ => Err(Error::unexpected("the target's expression was not made")),
    }
}

/// The expressions that make the target's source, in their order; none where it is a column.
pub(crate) fn target_specs(recipe: &Recipe) -> Vec<Spec> {
    // The expressions it is made of, and no others, which may be made of steps.
    let mut needed = HashSet::from([recipe.target.source.clone()]);
    let mut specs: Vec<Spec> = Vec::new();
    for spec in recipe.specs.iter().rev().filter(|s| matches!(s, Spec::Expression { .. })) {
        if needed.contains(spec.name()) {
            needed.extend(spec.operands());
            specs.push(spec.clone());
        }
    }
    specs.reverse();
    specs
}

impl Source<'_> {
    /// The numbers of a column.
    fn column(&self, name: &str) -> Result<Arc<Vec<f64>>> {
        match self.numbers.get(name) {
            Some(values) => Ok(Arc::clone(values)),
            None => Ok(Arc::new(numbers(self.table, name)?)),
        }
    }

    /// The numbers of some columns.
    fn columns(&self, names: &[String]) -> Result<Numbers> {
        let columns: Vec<Result<_>> =
            names.par_iter().map(|name| Ok((name.clone(), self.column(name)?))).collect();
        columns.into_iter().collect()
    }
}

impl Made {
    /// Says in the log what has no finite value, and what no training row has.
    pub(crate) fn log(&self) {
        for (name, undefined) in self.undefined.iter().filter(|(_, n)| **n > 0) {
            log::info!(
                "{}: {} without a finite result (division by zero or by almost zero, logarithm, overflow) became missing",
                text::name(name),
                text::count(*undefined, "row")
            );
        }
        for (column, rows) in self.counts_unseen().iter().filter(|(_, n)| **n > 0) {
            log::warn!(
                "column {}: {} with a value that no training row has, counted as `(other)`",
                text::name(column),
                text::count(*rows, "row")
            );
        }
    }

    /// How many rows have a value that no training row has, by text column.
    pub(crate) fn counts_unseen(&self) -> BTreeMap<String, u64> {
        let count = |rows: &Vec<bool>| rows.iter().filter(|unseen| **unseen).count() as u64;
        self.unseen.iter().map(|(column, rows)| (column.clone(), count(rows))).collect()
    }
}

/// Places after the point that a column of the clean table is declared to have.
pub(crate) fn declared(fields: &[Field], column: &str) -> Option<u32> {
    fields.iter().find(|f| f.name == column)?.decimals
}
