//! The clean table as this stage holds it: its numbers as plain columns, the rest as it was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::error::{Error, Result};
use common::schema::{Field, Kind, Role};
use common::table::{TableReader, numbers};
use polars::prelude::{Column, DataFrame, PolarsError, PolarsResult};

use crate::recipe::{Recipe, Spec};
use crate::settings::SPLIT;

/// Columns of numbers by name; NaN where one is missing.
pub(crate) type Numbers = BTreeMap<String, Arc<Vec<f64>>>;

/// The clean table.
pub(crate) struct Clean {
    pub(crate) rows: usize,
    /// Keys, segments, and what indicators and parts of dates are made of.
    pub(crate) table: DataFrame,
    /// The part of the split of each row, by name, as it was read; an error where there is none.
    pub(crate) split: PolarsResult<Column>,
    /// The numbers that features and target are made of.
    pub(crate) numbers: Numbers,
}

/// Which columns are held, and how.
struct Held {
    apart: BTreeSet<String>,
    in_table: BTreeSet<String>,
}

impl Clean {
    /// Reads what `recipe` is made of, with keys and `segments`; all columns where there is no recipe.
    ///
    /// # Errors
    /// As [`TableReader::next_batch`]; where a number is not finite.
    pub(crate) fn read(
        mut reader: TableReader,
        recipe: Option<&Recipe>,
        fields: &[Field],
        segments: &[String],
    ) -> Result<Self> {
        let held = Held::of(recipe, fields, segments);
        let mut apart: BTreeMap<String, Vec<f64>> =
            held.apart.iter().map(|name| (name.clone(), Vec::new())).collect();
        let (mut rows, mut table) = (0, DataFrame::empty());
        reader.each(|batch| {
            for (name, values) in &mut apart {
                values.extend_from_slice(&numbers(&batch, name)?);
            }
            let rest = batch.select(held.in_table.iter().map(String::as_str)).map_err(|e| failed(&e))?;
            if rows == 0 {
                table = rest;
            } else if rest.width() > 0 {
                table.vstack_mut_owned(rest).map_err(|e| failed(&e))?;
            }
            rows += batch.height();
            Ok(())
        })?;
        // It is read once, so that it need not be in one piece.
        let split = table.drop_in_place(SPLIT);
        table.rechunk_mut();
        let exact = |(name, mut values): (String, Vec<f64>)| {
            values.shrink_to_fit();
            (name, Arc::new(values))
        };
        Ok(Self { rows, table, split, numbers: apart.into_iter().map(exact).collect() })
    }
}

impl Held {
    fn of(recipe: Option<&Recipe>, fields: &[Field], segments: &[String]) -> Self {
        let Some(recipe) = recipe else {
            return Self {
                apart: BTreeSet::new(),
                in_table: fields.iter().map(|f| f.name.clone()).collect(),
            };
        };
        let mut in_table: BTreeSet<String> = segments.iter().cloned().collect();
        in_table.extend(fields.iter().filter(|f| f.role != Role::Input).map(|f| f.name.clone()));
        let mut apart = BTreeSet::from([recipe.target.source.clone()]);
        for spec in &recipe.specs {
            match spec {
                Spec::Category { column } => in_table.extend([column.clone()]),
                Spec::Calendar { column, .. } => in_table.extend(column.clone()),
                Spec::Value { name } => apart.extend([name.clone()]),
                spec => apart.extend(spec.operands()),
            }
        }
        let is_number = |name: &str| {
            let field = fields.iter().find(|f| f.name == name);
            field.is_some_and(|f| matches!(f.kind, Kind::Integer | Kind::Number | Kind::Boolean))
        };
        // What is no column is a step; what is no number is refused where it is used.
        in_table.extend(apart.iter().filter(|name| !is_number(name)).cloned());
        apart.retain(|name| is_number(name));
        in_table.retain(|name| fields.iter().any(|f| f.name == *name));
        Self { apart, in_table }
    }
}

fn failed(error: &PolarsError) -> Error {
    Error::unexpected(format!("cannot hold the clean table: {error}"))
}
