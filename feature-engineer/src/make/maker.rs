//! Making what one job says.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use common::error::{Error, Result};
use common::order::Order;
use common::table::texts;
use common::text;
use formula::Expression;

use super::cells::Cells;
use super::plan::{Job, Plan};
use super::{Feature, From, Levels, Source};
use crate::calendar;
use crate::clean::Numbers;
use crate::recipe::{Recipe, Spec};
use crate::step;
use crate::timeline::Timeline;
use crate::window;

/// What jobs are made from.
pub(super) struct Maker<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) source: &'a Source<'a>,
    pub(super) from: From<'a>,
    pub(super) plan: &'a Plan,
    /// Columns of the table that steps are made of.
    pub(super) numbers: Numbers,
    /// What was made so far, by spec.
    pub(super) made: Vec<Option<Arc<Vec<f64>>>>,
}

/// What one job makes.
pub(super) enum Product {
    /// A column for each of its specs.
    Columns(Vec<Arc<Vec<f64>>>),
    /// A column, how many of its results are not finite, and the largest denominator that counts as zero.
    Counted { values: Vec<f64>, undefined: u64, tiny: Option<f64> },
    /// The indicators of a text column, and which rows have a value that no training row has.
    Indicators { levels: Levels, features: Vec<Feature>, unseen: Vec<bool> },
}

impl Maker<'_> {
    /// Makes what `job` says.
    pub(super) fn product(&self, job: &Job) -> Result<Product> {
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
