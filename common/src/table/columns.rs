//! Columns of a batch as slices.

use std::ops::Range;

use polars::prelude::{Column, DataFrame, DataType, Float64Chunked, IntoColumn as _, PolarsError};
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::ArrowDataType;

use crate::error::{Error, Result};
use crate::text;

/// The column `name` as f64, NaN where it is missing: integers and booleans become numbers.
///
/// # Errors
/// [`crate::Class::Checkpoint`] where the column is not there, is no number, or holds one that is
/// not finite.
pub fn numbers(table: &DataFrame, name: &str) -> Result<Vec<f64>> {
    numbers_of(table, name, std::slice::from_ref(&(0..table.height())))
}

/// As [`numbers`], of some of the rows.
///
/// # Errors
/// As [`numbers`], for these rows.
pub fn numbers_of(table: &DataFrame, name: &str, rows: &[Range<usize>]) -> Result<Vec<f64>> {
    let failed = |e: PolarsError| Error::checkpoint(format!("column {}: {e}", text::name(name)));
    let column = table.column(name).map_err(failed)?;
    if matches!(column.dtype(), DataType::String | DataType::Date | DataType::Datetime(..)) {
        return Err(Error::checkpoint(format!("column {} is no number", text::name(name))));
    }
    let floats = column.cast(&DataType::Float64).map_err(failed)?;
    let floats = floats.f64().map_err(failed)?;
    let mut out = Vec::with_capacity(rows.iter().map(Range::len).sum());
    if let Ok(values) = floats.cont_slice() {
        rows.iter().for_each(|rows| out.extend_from_slice(values.get(rows.clone()).unwrap_or_default()));
        finite(&out, name)?;
        return Ok(out);
    }
    for rows in rows {
        let part = floats.slice(rows.start.cast_signed() as i64, rows.len());
        for array in part.downcast_iter() {
            let start = out.len();
            out.extend_from_slice(array.values());
            let Some(known) = array.validity().filter(|known| known.unset_bits() > 0) else {
                finite(&out[start..], name)?;
                continue;
            };
            // What stands where nothing is known may be anything.
            for (value, is_known) in out[start..].iter_mut().zip(known) {
                if !is_known {
                    *value = f64::NAN;
                } else if !value.is_finite() {
                    return Err(not_finite(name));
                }
            }
        }
    }
    Ok(out)
}

fn finite(values: &[f64], name: &str) -> Result<()> {
    // Without a way out at the first: the processor checks several at a time.
    if values.iter().fold(true, |all, value| all & value.is_finite()) {
        Ok(())
    } else {
        Err(not_finite(name))
    }
}

fn not_finite(name: &str) -> Error {
    Error::checkpoint(format!("column {} holds a number that is not finite", text::name(name)))
}

/// The column `name` as text; its missing cells are `None`.
///
/// # Errors
/// [`crate::Class::Checkpoint`] where the column is not there or is no text.
pub fn texts<'a>(table: &'a DataFrame, name: &str) -> Result<Vec<Option<&'a str>>> {
    let failed = |e: PolarsError| Error::checkpoint(format!("column {}: {e}", text::name(name)));
    Ok(table.column(name).and_then(Column::str).map_err(failed)?.iter().collect())
}

/// A column of f64 in which NaN becomes a missing value.
#[must_use]
pub fn number_column(name: &str, values: &[f64]) -> Column {
    let any_missing = values.iter().any(|value| value.is_nan());
    let known = any_missing.then(|| values.iter().map(|value| !value.is_nan()).collect::<Bitmap>());
    let array = PrimitiveArray::new(ArrowDataType::Float64, values.to_vec().into(), known);
    Float64Chunked::with_chunk(name.into(), array).into_column()
}
