//! Filling missing cells with values learned from training rows only.

use common::error::{Error, Result};
use common::schema::{Field, Form, Kind, Role};
use common::table::{numbers, texts};
use common::text;
use polars::prelude::{Column, DataFrame, DataType};
use serde::Serialize;
use stats::{Categories, Moments, OrderStatistics as _, Quantiles};

use crate::settings::{Method, Settings};
use crate::split::Part;

/// What one column's missing cells are filled with: learned once, stored, applied as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ColumnFill {
    pub(crate) column: String,
    pub(crate) method: Method,
    pub(crate) value: FillValue,
}

/// A learned value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum FillValue {
    Number(f64),
    Text(String),
    Boolean(bool),
}

/// Learns the fill of every input column; the target's source, keys and dates are never filled.
pub(crate) fn learn(
    settings: &Settings,
    table: &DataFrame,
    fields: &[Field],
    parts: &[Part],
) -> Result<Vec<ColumnFill>> {
    let mut fills = Vec::new();
    for field in fields.iter().filter(|f| f.role == Role::Input && f.name != settings.target) {
        let method = settings.fill.columns.get(&field.name).copied().unwrap_or(match field.kind {
            Kind::Integer | Kind::Number => settings.fill.number,
            Kind::String | Kind::Boolean => settings.fill.text,
            Kind::Date | Kind::Datetime => Method::None,
        });
        if method == Method::None {
            continue;
        }
        match learn_one(field, method, table, parts)? {
            Some(value) => fills.push(ColumnFill { column: field.name.clone(), method, value }),
            None => log::warn!(
                "column {} has no value in training rows, so its missing cells stay missing",
                text::name(&field.name)
            ),
        }
    }
    Ok(fills)
}

fn learn_one(field: &Field, method: Method, table: &DataFrame, parts: &[Part]) -> Result<Option<FillValue>> {
    let train = |i: &usize| parts[*i] == Part::Train;
    let unfit = || {
        Error::usage(format!(
            "[clean.fill] column {} is a {}, which has no {}",
            text::name(&field.name),
            field.kind,
            method.name()
        ))
    };
    match (field.kind, method) {
        (Kind::Integer | Kind::Number, Method::Median | Method::Mean) => {
            let all = numbers(table, &field.name)?;
            let values: Vec<f64> = (0..all.len()).filter(train).map(|i| all[i]).collect();
            let value = if method == Method::Median {
                let mut quantiles = Quantiles::new();
                quantiles.extend(&values);
                quantiles.median()
            } else {
                let mut moments = Moments::new();
                moments.extend(&values);
                moments.mean()
            };
            Ok(value.ok().map(FillValue::Number))
        }
        (_, Method::Mode) => {
            let column = table.column(&field.name).and_then(|c| c.cast(&DataType::String))?;
            let cells = column.str()?;
            let mut categories = Categories::new();
            (0..table.height())
                .filter(train)
                .filter_map(|i| cells.get(i))
                .for_each(|c| categories.add(Some(c)));
            Ok(categories.mode().and_then(|mode| field.kind.parse(mode, &Form::PLAIN)).map(
                |value| match value {
                    common::schema::Value::Integer(n) => FillValue::Number(n as f64),
                    common::schema::Value::Number(x) => FillValue::Number(x),
                    common::schema::Value::Boolean(b) => FillValue::Boolean(b),
                    _ => FillValue::Text(categories.mode().unwrap_or_default().to_owned()),
                },
            ))
        }
        _ => Err(unfit()),
    }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Median => "median",
            Self::Mean => "mean",
            Self::Mode => "mode",
            Self::None => "fill",
        }
    }
}

/// The table with the fills applied, and its fields: an integer column with missing cells whose fill is
/// no whole number becomes a column of numbers.
pub(crate) fn apply(
    table: &DataFrame,
    fields: &[Field],
    fills: &[ColumnFill],
) -> Result<(DataFrame, Vec<Field>)> {
    let (mut filled, mut out) = (table.clone(), fields.to_vec());
    for fill in fills {
        let Some(field) = out.iter_mut().find(|f| f.name == fill.column) else { continue };
        if table.column(&fill.column)?.null_count() == 0 {
            continue;
        }
        let column = match (&fill.value, field.kind) {
            (FillValue::Number(x), Kind::Integer) if x.fract() == 0.0 && x.abs() < 9e18 => {
                let old = table.column(&fill.column).and_then(|c| c.i64().cloned())?;
                #[expect(clippy::cast_possible_truncation, reason = "a whole number below 9e18")]
                let whole = *x as i64;
                Column::new(
                    fill.column.as_str().into(),
                    old.iter().map(|v| v.unwrap_or(whole)).collect::<Vec<i64>>(),
                )
            }
            (FillValue::Number(x), _) => {
                field.kind = Kind::Number;
                field.decimals = exact::decimal::places_with_fill(field.decimals, *x);
                let old = numbers(table, &fill.column)?;
                Column::new(
                    fill.column.as_str().into(),
                    old.iter().map(|v| if v.is_nan() { *x } else { *v }).collect::<Vec<f64>>(),
                )
            }
            (FillValue::Text(t), _) => {
                let old = texts(table, &fill.column)?;
                Column::new(
                    fill.column.as_str().into(),
                    old.iter().map(|v| v.unwrap_or(t)).collect::<Vec<&str>>(),
                )
            }
            (FillValue::Boolean(b), _) => {
                let old = table.column(&fill.column).and_then(|c| c.bool().cloned())?;
                Column::new(
                    fill.column.as_str().into(),
                    old.iter().map(|v| v.unwrap_or(*b)).collect::<Vec<bool>>(),
                )
            }
        };
        filled.with_column(column)?;
    }
    Ok((filled, out))
}
