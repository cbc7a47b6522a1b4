//! Making the features of a recipe: what is learned on the way, and the columns.

mod levels;

use std::collections::{BTreeMap, HashMap, HashSet};

use common::error::{Error, Result};
use common::order::Order;
use common::schema::Field;
use common::table::{numbers, texts};
use common::text;
use formula::Expression;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};
use stats::Categories;

use crate::calendar;
use crate::recipe::{Recipe, Spec};
use crate::settings::{Statistic, Window};
use crate::step;
use crate::timeline::Timeline;
use crate::window::{self, Shape};

pub(crate) use levels::Levels;

/// A feature by name; NaN where it is missing.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
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
    pub(crate) table: &'a DataFrame,
    pub(crate) fields: &'a [Field],
    pub(crate) timeline: Option<&'a Timeline>,
}

/// Makes the features of a recipe, for the rows they are learned from and for new ones alike.
///
/// # Errors
/// [`common::Class::Checkpoint`] where a column does not hold what it must, or something was not learned.
pub(crate) fn make(recipe: &Recipe, source: &Source<'_>, from: From<'_>) -> Result<Made> {
    let mut maker = Maker {
        recipe,
        source,
        from,
        columns: HashMap::new(),
        needed: recipe.specs.iter().flat_map(Spec::operands).collect(),
        learned: if let From::Before(learned) = from { learned.clone() } else { Learned::default() },
        undefined: BTreeMap::new(),
        unseen: BTreeMap::new(),
    };
    let mut features = Vec::new();
    for spec in &recipe.specs {
        features.extend(maker.add(spec)?);
    }
    let Maker { learned, undefined, unseen, .. } = maker;
    Ok(Made { features, learned, undefined, unseen })
}

/// The values of the target's source: a column, or an expression that nothing is learned for.
///
/// # Errors
/// As [`make`].
pub(crate) fn target_source(recipe: &Recipe, source: &Source<'_>) -> Result<Vec<f64>> {
    let name = &recipe.target.source;
    let specs = target_specs(recipe);
    if specs.is_empty() {
        return numbers(source.table, name);
    }
    let recipe = Recipe { specs, hidden: Vec::new(), target: recipe.target.clone() };
    let made = make(&recipe, source, From::Rows(&[], 0))?;
    let values = made.features.into_iter().find(|f| f.name == *name).map(|f| f.values);
    values.ok_or_else(|| Error::unexpected("the target's expression was not made"))
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
    /// Columns made so far, for those made of them.
    columns: HashMap<String, Vec<f64>>,
    /// Names of the columns that others are made of.
    needed: HashSet<String>,
    learned: Learned,
    undefined: BTreeMap<String, u64>,
    unseen: BTreeMap<String, Vec<bool>>,
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
    /// Makes what `spec` says; returns its features.
    fn add(&mut self, spec: &Spec) -> Result<Vec<Feature>> {
        if let Spec::Category { column } = spec {
            return self.indicators(column);
        }
        let name = spec.name();
        let values = match self.columns.remove(name) {
            // Made together with another statistic of the same window.
            Some(values) => values,
            None => self.values(spec)?,
        };
        let decimals = match spec {
            Spec::Value { name: column } => declared(self.source.fields, column),
            // A step may have the name of a column.
            Spec::Lag { column, .. } if !self.recipe.makes(column) => declared(self.source.fields, column),
            _ => None,
        };
        if self.needed.contains(name) {
            self.columns.insert(name.to_owned(), values.clone());
        }
        let feature = Feature { name: name.to_owned(), values, decimals };
        Ok(if self.recipe.is_feature(name) { vec![feature] } else { Vec::new() })
    }

    fn values(&mut self, spec: &Spec) -> Result<Vec<f64>> {
        match spec {
            Spec::Value { name } => numbers(self.source.table, name),
            Spec::Category { .. } => Ok(Vec::new()),
            Spec::Expression { name, expression } => self.expression(name, expression),
            Spec::Calendar { column, part, wave, .. } => {
                Ok(calendar::part(&self.moments(column.as_deref())?, *part, *wave))
            }
            Spec::Log { name, column } => {
                let made = step::log(&self.operand(column)?);
                Ok(self.counted(name, made))
            }
            Spec::Difference { name, column, rows } => {
                let (values, earlier) = self.with_earlier(column, *rows)?;
                Ok(self.counted(name, step::difference(&values, &earlier)))
            }
            Spec::PercentChange { name, column, rows } => {
                let (values, earlier) = self.with_earlier(column, *rows)?;
                let tiny = self.tiny(name, &earlier)?;
                Ok(self.counted(name, step::percent_change(&values, &earlier, tiny)))
            }
            Spec::Lag { column, rows, .. } => Ok(self.with_earlier(column, *rows)?.1),
            Spec::Rolling { name, column, window, min_rows, before, .. } => {
                let shape = Shape { reach: Some(window.clone()), min_rows: *min_rows, before: *before };
                self.windows(name, column, &shape)
            }
            Spec::Expanding { name, column, min_rows, before, .. } => {
                let shape = Shape { reach: None, min_rows: Some(*min_rows), before: *before };
                self.windows(name, column, &shape)
            }
            Spec::Ratio { name, numerator, denominator } => {
                let (a, b) = (self.operand(numerator)?, self.operand(denominator)?);
                let tiny = self.tiny(name, &b)?;
                Ok(self.counted(name, step::ratio(&a, &b, tiny)))
            }
        }
    }

    /// A column made before, or one of the table.
    fn operand(&self, name: &str) -> Result<Vec<f64>> {
        match self.columns.get(name) {
            Some(values) => Ok(values.clone()),
            None => numbers(self.source.table, name),
        }
    }

    fn timeline(&self) -> Result<&Timeline> {
        self.source.timeline.ok_or_else(|| Error::usage("[features] lags and windows need [project] time"))
    }

    fn with_earlier(&self, column: &str, rows: u32) -> Result<(Vec<f64>, Vec<f64>)> {
        let order: &Order = &self.timeline()?.order;
        let values = self.operand(column)?;
        let earlier = step::lag(&values, order, rows as usize);
        Ok((values, earlier))
    }

    fn moments(&self, column: Option<&str>) -> Result<Vec<Option<i64>>> {
        match column {
            Some(column) => calendar::moments(self.source.table, column),
            None => Ok(self.timeline()?.times.iter().copied().map(Some).collect()),
        }
    }

    fn expression(&mut self, name: &str, text: &str) -> Result<Vec<f64>> {
        let wrong =
            |what: String| Error::usage(format!("[features] expressions: {}: {what}", text::name(name)));
        let expression = Expression::parse(text).map_err(|fault| wrong(fault.to_string()))?;
        let names = expression.columns();
        let columns = names.iter().map(|n| Ok(((*n).to_owned(), self.operand(n)?)));
        let columns: HashMap<String, Vec<f64>> = columns.collect::<Result<_>>()?;
        let made = expression
            .evaluate(self.source.table.height(), &|n| columns.get(n).map(Vec::as_slice))
            .map_err(|missing| wrong(format!("{} is no column", text::name(&missing))))?;
        Ok(self.counted(name, (made.values, made.undefined)))
    }

    /// The statistic `name` over a window; the others that are asked of the same window are made with it.
    fn windows(&mut self, name: &str, column: &str, shape: &Shape) -> Result<Vec<f64>> {
        let specs = self.recipe.specs.iter();
        let (names, statistics): (Vec<&str>, Vec<Statistic>) =
            specs.filter_map(|s| Some((s.name(), of_window(s, column, shape)?))).unzip();
        let made = window::over(&self.operand(column)?, self.timeline()?, shape, &statistics);
        let mut own = Vec::new();
        for (of, values) in names.into_iter().zip(made) {
            if of == name {
                own = values;
            } else {
                self.columns.insert(of.to_owned(), values);
            }
        }
        Ok(own)
    }

    /// The largest denominator of the ratio `name` that counts as zero.
    fn tiny(&mut self, name: &str, denominator: &[f64]) -> Result<f64> {
        match self.from {
            From::Rows(train, _) => {
                let learn = || step::tiny(denominator, train);
                Ok(*self.learned.tiny.entry(name.to_owned()).or_insert_with(learn))
            }
            From::Before(learned) => learned.tiny.get(name).copied().ok_or_else(|| not_learned(name)),
        }
    }

    fn counted(&mut self, name: &str, (values, undefined): (Vec<f64>, u64)) -> Vec<f64> {
        self.undefined.insert(name.to_owned(), undefined);
        values
    }

    fn indicators(&mut self, column: &str) -> Result<Vec<Feature>> {
        let cells = texts(self.source.table, column)?;
        let levels = match self.from {
            From::Rows(train, most) => {
                let mut seen = Categories::new();
                cells.iter().zip(train).filter(|(_, t)| **t).for_each(|(cell, _)| seen.add(*cell));
                let is_new = |cell: Option<&str>| cell.is_some_and(|c| !seen.counts().contains_key(c));
                self.unseen.insert(column.to_owned(), cells.iter().copied().map(is_new).collect());
                let levels = Levels::learn(&seen, most);
                self.learned.levels.insert(column.to_owned(), levels.clone());
                levels
            }
            From::Before(learned) => {
                let levels = learned.levels.get(column).ok_or_else(|| not_learned(column))?;
                let is_new = |cell: Option<&str>| cell.is_some_and(|c| !levels.has_seen(c));
                self.unseen.insert(column.to_owned(), cells.iter().copied().map(is_new).collect());
                levels.clone()
            }
        };
        let features = levels.apply(column, &cells);
        Ok(features.into_iter().map(|(name, values)| Feature { name, values, decimals: None }).collect())
    }
}

fn not_learned(name: &str) -> Error {
    Error::checkpoint(format!("nothing was learned of {}, which the recipe is made of", text::name(name)))
}

/// The statistic that `spec` asks of a window of this shape over `column`.
fn of_window(spec: &Spec, column: &str, shape: &Shape) -> Option<Statistic> {
    let (of, own, statistic) = match spec {
        Spec::Rolling { column, window, min_rows, before, statistic, .. } => {
            let reach: Option<Window> = Some(window.clone());
            (column, Shape { reach, min_rows: *min_rows, before: *before }, statistic)
        }
        Spec::Expanding { column, min_rows, before, statistic, .. } => {
            (column, Shape { reach: None, min_rows: Some(*min_rows), before: *before }, statistic)
        }
        _ => return None,
    };
    (of == column && own == *shape).then_some(*statistic)
}

/// Places after the point that a column of the clean table is declared to have.
pub(crate) fn declared(fields: &[Field], column: &str) -> Option<u32> {
    fields.iter().find(|f| f.name == column)?.decimals
}
