//! Making the features of a recipe: what is learned on the way, and the columns.

mod cells;
mod levels;
mod plan;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use common::error::{Error, Result};
use common::order::Order;
use common::schema::Field;
use common::table::{numbers, texts};
use common::text;
use formula::Expression;
use polars::prelude::DataFrame;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::clean::Numbers;
use crate::recipe::{Recipe, Spec};
use crate::step;
use crate::timeline::Timeline;
use crate::values::Values;
use crate::window;
use cells::Cells;
use plan::{Job, Plan};

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

struct Maker<'a> {
    recipe: &'a Recipe,
    source: &'a Source<'a>,
    from: From<'a>,
    plan: &'a Plan,
    /// Columns of the table that steps are made of.
    numbers: Numbers,
    /// What was made so far, by spec.
    made: Vec<Option<Arc<Vec<f64>>>>,
}

/// What one job makes.
enum Product {
    /// A column for each of its specs.
    Columns(Vec<Arc<Vec<f64>>>),
    /// A column, how many of its results are not finite, and the largest denominator that counts as zero.
    Counted { values: Vec<f64>, undefined: u64, tiny: Option<f64> },
    /// The indicators of a text column, and which rows have a value that no training row has.
    Indicators { levels: Levels, features: Vec<Feature>, unseen: Vec<bool> },
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

impl Maker<'_> {
    /// Makes what `job` says.
    fn product(&self, job: &Job) -> Result<Product> {
        let number = job.specs[0];
        let operand = |name: &str| self.operand(number, name);
        if let Some((shape, wanted)) = &job.window {
            let column = self.recipe.specs[number].operands();
            let values = operand(column.first().map_or("", String::as_str))?;
            let made = window::over(&values, self.timeline()?, shape, wanted);
            return Ok(Product::Columns(made.into_iter().map(Arc::new).collect()));
        }
        let counted = |(values, undefined), tiny| Product::Counted { values, undefined, tiny };
        Ok(match &self.recipe.specs[number] {
            Spec::Value { name } => Product::Columns(vec![self.of_table(name)?]),
            Spec::Category { column } => self.indicators(column)?,
            Spec::Expression { name, expression } => {
                counted(self.expression(number, name, expression)?, None)
            }
            Spec::Calendar { column, part, wave, .. } => {
                let values = calendar::part(&self.moments(column.as_deref())?, *part, *wave);
                Product::Columns(vec![Arc::new(values)])
            }
            Spec::Log { column, .. } => counted(step::log(&operand(column)?), None),
            Spec::Difference { column, rows, .. } => {
                let (values, earlier) = self.with_earlier(number, column, *rows)?;
                counted(step::difference(&values, &earlier), None)
            }
            Spec::PercentChange { name, column, rows } => {
                let (values, earlier) = self.with_earlier(number, column, *rows)?;
                let tiny = self.tiny(name, &earlier)?;
                counted(step::percent_change(&values, &earlier, tiny), Some(tiny))
            }
            Spec::Lag { column, rows, .. } => {
                Product::Columns(vec![Arc::new(self.with_earlier(number, column, *rows)?.1)])
            }
            Spec::Ratio { name, numerator, denominator } => {
                let (a, b) = (operand(numerator)?, operand(denominator)?);
                let tiny = self.tiny(name, &b)?;
                counted(step::ratio(&a, &b, tiny), Some(tiny))
            }
            // Made as windows.
            Spec::Rolling { .. } | Spec::Expanding { .. } => Product::Columns(Vec::new()),
        })
    }

    /// An operand of spec `number`: a column made before, or one of the table.
    fn operand(&self, number: usize, name: &str) -> Result<Arc<Vec<f64>>> {
        match self.plan.maker_of(number, name) {
            Some(maker) => {
                let made = self.made[maker].as_ref().map(Arc::clone);
                made.ok_or_else(|| Error::unexpected(format!("{} is not made yet", text::name(name))))
            }
            None => self.of_table(name),
        }
    }

    fn of_table(&self, name: &str) -> Result<Arc<Vec<f64>>> {
        self.numbers.get(name).map_or_else(|| self.source.column(name), |values| Ok(Arc::clone(values)))
    }

    fn timeline(&self) -> Result<&Timeline> {
        self.source.timeline.ok_or_else(|| Error::usage("[features] lags and windows need [project] time"))
    }

    fn with_earlier(&self, number: usize, column: &str, rows: u32) -> Result<(Arc<Vec<f64>>, Vec<f64>)> {
        let order: &Order = &self.timeline()?.order;
        let values = self.operand(number, column)?;
        let earlier = step::lag(&values, order, rows as usize);
        Ok((values, earlier))
    }

    fn moments(&self, column: Option<&str>) -> Result<Vec<Option<i64>>> {
        match column {
            Some(column) => calendar::moments(self.source.table, column),
            None => Ok(self.timeline()?.times.iter().copied().map(Some).collect()),
        }
    }

    fn expression(&self, number: usize, name: &str, text: &str) -> Result<(Vec<f64>, u64)> {
        let wrong =
            |what: String| Error::usage(format!("[features] expressions: {}: {what}", text::name(name)));
        let expression = Expression::parse(text).map_err(|fault| wrong(fault.to_string()))?;
        let names = expression.columns();
        let columns = names.iter().map(|n| Ok(((*n).to_owned(), self.operand(number, n)?)));
        let columns: HashMap<String, Arc<Vec<f64>>> = columns.collect::<Result<_>>()?;
        let made = expression
            .evaluate(self.source.rows, &|n| columns.get(n).map(|values| values.as_slice()))
            .map_err(|missing| wrong(format!("{} is no column", text::name(&missing))))?;
        Ok((made.values, made.undefined))
    }

    /// The largest denominator of the ratio `name` that counts as zero.
    fn tiny(&self, name: &str, denominator: &[f64]) -> Result<f64> {
        match self.from {
            From::Rows(train, _) => Ok(step::tiny(denominator, train)),
            From::Before(learned) => learned.tiny.get(name).copied().ok_or_else(|| not_learned(name)),
        }
    }

    fn indicators(&self, column: &str) -> Result<Product> {
        let cells = texts(self.source.table, column)?;
        let cells = Cells::of(cells.into_iter());
        let (levels, unseen) = match self.from {
            From::Rows(train, most) => {
                let counts = cells.counts(train);
                let seen: HashSet<&str> = counts.iter().map(|(text, _)| *text).collect();
                let unseen = cells.map(false, |text| !seen.contains(text));
                (Levels::learn(counts, most), unseen)
            }
            From::Before(learned) => {
                let levels = learned.levels.get(column).ok_or_else(|| not_learned(column))?;
                (levels.clone(), cells.map(false, |text| !levels.has_seen(text)))
            }
        };
        Ok(Product::Indicators { features: levels.apply(column, &cells), levels, unseen })
    }
}

fn not_learned(name: &str) -> Error {
    Error::checkpoint(format!("nothing was learned of {}, which the recipe is made of", text::name(name)))
}

/// Places after the point that a column of the clean table is declared to have.
pub(crate) fn declared(fields: &[Field], column: &str) -> Option<u32> {
    fields.iter().find(|f| f.name == column)?.decimals
}
