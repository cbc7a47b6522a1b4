//! Filling with what was learned, and nothing else.

use std::collections::HashMap;

use common::error::{Error, Result};
use common::order::Order;
use common::schema::{Field, Form, Kind, Role, Value};
use common::table::{number_column, numbers};
use common::text;
use polars::prelude::{Column, DataFrame, DataType, Float64Chunked, IntoColumn as _};
use rayon::prelude::*;

use super::{ColumnFill, FillValue, indicator_of, last};
use crate::settings::Method;

/// The table with the fills applied, and its fields: an integer column with cells whose fill is no whole
/// number becomes a column of numbers; indicators follow all other columns. `past` is there where the
/// project has time.
pub(crate) fn apply(
    table: DataFrame,
    fields: &[Field],
    fills: &[ColumnFill],
    past: Option<&Order>,
) -> Result<(DataFrame, Vec<Field>)> {
    let positions: HashMap<&str, usize> = fields.iter().map(|f| f.name.as_str()).zip(0..).collect();
    let mut places = Vec::with_capacity(fills.len());
    for fill in fills {
        let Some(position) = positions.get(fill.column.as_str()) else { continue };
        places.push((table.try_get_column_index(&fill.column)?, *position, fill));
    }
    // Columns are changed here and not in the table, which would look all of them up again after each.
    let (rows, mut out) = (table.height(), fields.to_vec());
    let mut columns: Vec<Option<Column>> = table.into_columns().into_iter().map(Some).collect();
    let tasks: Vec<_> = places
        .into_iter()
        .filter_map(|(at, field, fill)| Some((at, field, columns[at].take()?, fill)))
        .collect();
    let done = tasks.into_par_iter().map(|(at, position, column, fill)| {
        let mut field = fields[position].clone();
        let (column, indicator) = one(column, &mut field, fill, past)?;
        Ok((at, position, column, field, indicator))
    });
    let mut indicators = Vec::new();
    for one in done.collect::<Vec<Result<_>>>() {
        let (at, position, column, field, indicator) = one?;
        (columns[at], out[position]) = (Some(column), field);
        indicators.extend(indicator);
    }
    out.extend(indicators.iter().map(|c| Field::new(c.name().as_str(), Kind::Boolean, Role::Input)));
    let columns = columns.into_iter().flatten().chain(indicators).collect();
    Ok((DataFrame::new(rows, columns)?, out))
}

/// The column of `field` filled, and the column that says where its cells were missing, if there is to be one.
fn one(
    column: Column,
    field: &mut Field,
    fill: &ColumnFill,
    past: Option<&Order>,
) -> Result<(Column, Option<Column>)> {
    let indicator = fill.indicator.then(|| {
        let missing: Vec<bool> = column.is_null().iter().map(|m| m.unwrap_or(false)).collect();
        Column::new(indicator_of(&fill.column).into(), missing)
    });
    if column.null_count() == 0 {
        return Ok((column, indicator));
    }
    let past = past.filter(|_| fill.method == Method::Last);
    Ok((complete(&column, field, fill.value.as_ref(), past)?, indicator))
}

/// The column of `field` with its missing cells filled, first from the past, then with `value`.
fn complete(
    column: &Column,
    field: &mut Field,
    value: Option<&FillValue>,
    past: Option<&Order>,
) -> Result<Column> {
    let name = field.name.as_str().into();
    let unfit = || {
        let message = format!("the fill of {} is no {}", text::name(&field.name), field.kind);
        Error::unexpected(message)
    };
    match field.kind {
        Kind::Integer => {
            let mut cells: Vec<Option<i64>> = column.i64()?.iter().collect();
            last::carry(&mut cells, past);
            match value {
                Some(FillValue::Number(x)) if whole(*x).is_none() && cells.contains(&None) => {
                    let cells: Vec<f64> = cells.iter().map(|c| c.map_or(f64::NAN, |n| n as f64)).collect();
                    Ok(number(field, cells, Some(*x)))
                }
                Some(FillValue::Number(x)) => Ok(Column::new(name, filled(cells, whole(*x)))),
                Some(FillValue::Integer(n)) => Ok(Column::new(name, filled(cells, Some(*n)))),
                None => Ok(Column::new(name, cells)),
                Some(_) => Err(unfit()),
            }
        }
        Kind::Number => {
            let cells = if past.is_some() {
                let column = column.cast(&DataType::Float64)?;
                let mut cells: Vec<Option<f64>> = column.f64()?.iter().collect();
                last::carry(&mut cells, past);
                cells.into_iter().map(|x| x.unwrap_or(f64::NAN)).collect()
            } else {
                numbers(&column.clone().into_frame(), column.name())?
            };
            match value {
                Some(FillValue::Number(x)) => Ok(number(field, cells, Some(*x))),
                // A number that is whole is read back as an integer.
                Some(FillValue::Integer(n)) => Ok(number(field, cells, Some(*n as f64))),
                None => Ok(number(field, cells, None)),
                Some(_) => Err(unfit()),
            }
        }
        Kind::String => {
            let mut cells: Vec<Option<&str>> = column.str()?.iter().collect();
            last::carry(&mut cells, past);
            match value {
                Some(FillValue::Text(text)) => Ok(Column::new(name, filled(cells, Some(text.as_str())))),
                None => Ok(Column::new(name, cells)),
                Some(_) => Err(unfit()),
            }
        }
        Kind::Boolean => {
            let mut cells: Vec<Option<bool>> = column.bool()?.iter().collect();
            last::carry(&mut cells, past);
            match value {
                Some(FillValue::Boolean(truth)) => Ok(Column::new(name, filled(cells, Some(*truth)))),
                None => Ok(Column::new(name, cells)),
                Some(_) => Err(unfit()),
            }
        }
        Kind::Date | Kind::Datetime => {
            let value = match value {
                Some(FillValue::Text(text)) => Some(ticks(field.kind, text).ok_or_else(unfit)?),
                None => None,
                Some(_) => return Err(unfit()),
            };
            let days = field.kind == Kind::Date;
            // A date is a count of days in 32 bits, which no cast from 64 bits reaches directly.
            let physical = if days { column.cast(&DataType::Int32)? } else { column.clone() };
            let physical = physical.cast(&DataType::Int64)?;
            let mut cells: Vec<Option<i64>> = physical.i64()?.iter().collect();
            last::carry(&mut cells, past);
            let column = Column::new(name, filled(cells, value));
            let column = if days { column.cast(&DataType::Int32)? } else { column };
            Ok(column.cast(&field.kind.dtype())?)
        }
    }
}

fn filled<T: Copy>(cells: Vec<Option<T>>, value: Option<T>) -> Vec<Option<T>> {
    cells.into_iter().map(|cell| cell.or(value)).collect()
}

/// A column of numbers, whose decimals grow by those of a value that was used, as far as all its cells have so many.
fn number(field: &mut Field, mut cells: Vec<f64>, value: Option<f64>) -> Column {
    field.kind = Kind::Number;
    if let Some(value) = value
        && cells.iter().any(|x| x.is_nan())
    {
        field.decimals = exact::decimal::places_with_fill(field.decimals, value, &cells);
        cells.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = value);
        return Float64Chunked::from_vec(field.name.as_str().into(), cells).into_column();
    }
    number_column(&field.name, &cells)
}

/// `x` as an integer, where it is a whole number that 64 bits hold.
#[expect(clippy::cast_possible_truncation, reason = "a whole number below 9e18")]
fn whole(x: f64) -> Option<i64> {
    (x.fract() == 0.0 && x.abs() < 9e18).then_some(x as i64)
}

/// Days or microseconds since 1970.
fn ticks(kind: Kind, cell: &str) -> Option<i64> {
    match kind.parse(cell, &Form::PLAIN)? {
        Value::Date(day) => Some(i64::from(day.to_epoch_days())),
        Value::Datetime(moment) => Some(moment.and_utc().timestamp_micros()),
        _ => None,
    }
}
