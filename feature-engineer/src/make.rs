//! Making the features of a recipe: what is learned of categories, and the columns.

use std::collections::BTreeMap;

use common::error::Result;
use common::schema::Field;
use common::table::{numbers, texts};
use common::text;
use polars::prelude::DataFrame;
use serde::Serialize;
use stats::Categories;

use crate::order::Order;
use crate::recipe::Spec;
use crate::window;

/// A feature by name; NaN where it is missing.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
    /// Places after the point, where every value is a declared decimal.
    pub(crate) decimals: Option<u32>,
}

/// The indicators of one text column, learned on training rows. The first level is the base: it has
/// no indicator, so that indicators and intercept are not collinear.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Levels {
    /// The base level.
    pub(crate) base: Option<String>,
    /// Levels with an indicator, in byte order.
    pub(crate) indicators: Vec<String>,
    /// Whether rarer levels share one indicator, `other`, which unseen values get too; without it an
    /// unseen value counts as the base.
    pub(crate) other: bool,
}

/// Features with what was learned and counted on the way.
pub(crate) struct Made {
    pub(crate) features: Vec<Feature>,
    pub(crate) levels: BTreeMap<String, Levels>,
    /// Divisions by zero or beyond f64, by ratio.
    pub(crate) undefined: BTreeMap<String, u64>,
    /// Cells with a value that no training row has, by text column.
    pub(crate) unseen: BTreeMap<String, u64>,
}

/// Makes the features of `specs`; `train` marks the rows that may be learned from.
pub(crate) fn make(
    specs: &[Spec],
    fields: &[Field],
    table: &DataFrame,
    order: Option<&Order>,
    train: &[bool],
    most: usize,
) -> Result<Made> {
    let mut made = Made {
        features: Vec::new(),
        levels: BTreeMap::new(),
        undefined: BTreeMap::new(),
        unseen: BTreeMap::new(),
    };
    for spec in specs {
        made.add(spec, fields, table, order, train, most)?;
    }
    Ok(made)
}

impl Made {
    fn add(
        &mut self,
        spec: &Spec,
        fields: &[Field],
        table: &DataFrame,
        order: Option<&Order>,
        train: &[bool],
        most: usize,
    ) -> Result<()> {
        let name = spec.name().to_owned();
        let values = match (spec, order) {
            (Spec::Value { name }, _) => numbers(table, name)?,
            (Spec::Lag { column, rows, .. }, Some(order)) => {
                window::lag(&numbers(table, column)?, order, *rows as usize)
            }
            (Spec::Rolling { column, window, min_rows, statistic, before, .. }, Some(order)) => {
                let values = numbers(table, column)?;
                window::rolling(&values, order, *window as usize, *min_rows as usize, *statistic, *before)
            }
            (Spec::Ratio { numerator, denominator, .. }, _) => {
                let (a, b) = (self.operand(numerator, table)?, self.operand(denominator, table)?);
                let (values, undefined) = window::ratio(&a, &b);
                if undefined > 0 {
                    log::info!(
                        "{}: {} by zero or beyond range became missing",
                        text::name(&name),
                        text::count(undefined, "division")
                    );
                }
                self.undefined.insert(name.clone(), undefined);
                values
            }
            (Spec::Category { column }, _) => return self.add_indicators(column, table, train, most),
            // Lags and windows without time are refused with the configuration.
            (Spec::Lag { .. } | Spec::Rolling { .. }, None) => vec![f64::NAN; table.height()],
        };
        let decimals = match spec {
            Spec::Value { name: column } | Spec::Lag { column, .. } => declared(fields, column),
            _ => None,
        };
        self.features.push(Feature { name, values, decimals });
        Ok(())
    }

    fn operand(&self, name: &str, table: &DataFrame) -> Result<Vec<f64>> {
        match self.features.iter().find(|f| f.name == name) {
            Some(feature) => Ok(feature.values.clone()),
            None => numbers(table, name),
        }
    }

    fn add_indicators(&mut self, column: &str, table: &DataFrame, train: &[bool], most: usize) -> Result<()> {
        let cells = texts(table, column)?;
        let mut seen = Categories::new();
        cells.iter().zip(train).filter(|(_, t)| **t).for_each(|(cell, _)| seen.add(*cell));
        let levels = Levels::learn(&seen, most);
        let unseen = cells.iter().flatten().filter(|c| !seen.counts().contains_key(**c)).count() as u64;
        if unseen > 0 {
            log::warn!(
                "column {}: {} with a value that no training row has",
                text::name(column),
                text::count(unseen, "row")
            );
        }
        self.unseen.insert(column.to_owned(), unseen);
        for level in &levels.indicators {
            let values = cells.iter().map(|c| f64::from(u8::from(*c == Some(level)))).collect();
            self.features.push(Feature { name: format!("{column}={level}"), values, decimals: None });
        }
        if levels.other {
            let rare = |c: Option<&str>| {
                c.is_some_and(|c| {
                    levels.base.as_deref() != Some(c) && !levels.indicators.iter().any(|l| l == c)
                })
            };
            let values = cells.iter().map(|c| f64::from(u8::from(rare(*c)))).collect();
            self.features.push(Feature { name: format!("{column}=(other)"), values, decimals: None });
        }
        self.levels.insert(column.to_owned(), levels);
        Ok(())
    }
}

/// Places after the point that a column of the clean table is declared to have.
pub(crate) fn declared(fields: &[Field], column: &str) -> Option<u32> {
    fields.iter().find(|f| f.name == column)?.decimals
}

impl Levels {
    /// The most frequent levels (ties by byte order), at most `most` with base and `other`.
    fn learn(seen: &Categories, most: usize) -> Self {
        let mut by_count: Vec<(&String, u64)> = seen.counts().iter().map(|(level, n)| (level, *n)).collect();
        let other = by_count.len() > most;
        if other {
            by_count.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            by_count.truncate(most - 1);
        }
        let mut kept: Vec<String> = by_count.into_iter().map(|(level, _)| level.clone()).collect();
        kept.sort();
        let mut kept = kept.into_iter();
        Self { base: kept.next(), indicators: kept.collect(), other }
    }
}
