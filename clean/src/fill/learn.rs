//! Learning what missing cells are filled with, from training rows only.

use common::error::Result;
use common::schema::Kind;
use common::table::numbers;
use common::text;
use polars::prelude::{DataFrame, DataType};
use rayon::prelude::*;
use stats::{Categories, Centre};

use super::plan::{Indicator, is_number};
use super::{ColumnFill, FillValue, Planned};
use crate::settings::Method;
use crate::split::Part;

/// Learns every planned fill.
pub(crate) fn learn(planned: &[Planned], table: &DataFrame, parts: &[Part]) -> Result<Vec<ColumnFill>> {
    let one = |plan: &Planned| {
        let value = match &plan.value {
            Some(value) => Some(value.clone()),
            None => learned(plan, table, parts)?,
        };
        let indicator = match plan.indicator {
            Indicator::Yes => true,
            Indicator::No => false,
            // A column that cannot be filled keeps its missing cells, which say as much.
            Indicator::Learned => {
                (value.is_some() || plan.method == Method::Last) && misses(plan, table, parts)?
            }
        };
        Ok(ColumnFill { column: plan.column.clone(), method: plan.method, value, indicator })
    };
    let fills = planned.par_iter().map(one).collect::<Vec<_>>();
    let mut fills = fills.into_iter().collect::<Result<Vec<_>>>()?;
    for fill in &fills {
        if fill.value.is_none() && !matches!(fill.method, Method::None | Method::Last) {
            log::warn!(
                "column {} has no value in training rows, so its missing cells stay missing",
                text::name(&fill.column)
            );
        }
    }
    fills.retain(|fill| fill.value.is_some() || fill.indicator || fill.method == Method::Last);
    Ok(fills)
}

/// The value of the training rows; for `last` that of a row without past.
fn learned(plan: &Planned, table: &DataFrame, parts: &[Part]) -> Result<Option<FillValue>> {
    match plan.method {
        Method::Median => centre(Centre::Median, plan, table, parts),
        Method::Mean => centre(Centre::Mean, plan, table, parts),
        Method::Mode => mode(plan, table, parts),
        Method::Last if is_number(plan.kind) => centre(Centre::Median, plan, table, parts),
        Method::Last if matches!(plan.kind, Kind::String | Kind::Boolean) => mode(plan, table, parts),
        Method::Last | Method::Missing | Method::Constant | Method::None => Ok(None),
    }
}

fn centre(centre: Centre, plan: &Planned, table: &DataFrame, parts: &[Part]) -> Result<Option<FillValue>> {
    let cells = numbers(table, &plan.column)?;
    let cells = cells.iter().zip(parts).filter(|(_, part)| **part == Part::Train);
    let values = cells.map(|(x, _)| *x);
    // Only the half that is asked for is learned.
    let mut column = stats::Column::new();
    match centre {
        Centre::Median => values.for_each(|x| column.quantiles.add(x)),
        Centre::Mean => values.for_each(|x| column.moments.add(x)),
    }
    Ok(centre.of(&mut column).ok().map(FillValue::Number))
}

fn mode(plan: &Planned, table: &DataFrame, parts: &[Part]) -> Result<Option<FillValue>> {
    let column = table.column(&plan.column)?;
    let text = column.cast(&DataType::String)?;
    let mut categories = Categories::new();
    let cells = text.str()?.iter().zip(parts).filter(|(_, part)| **part == Part::Train);
    // Limits that are not whole make numbers of a column planned as integers.
    let kind = Kind::of_dtype(column.dtype()).unwrap_or(plan.kind);
    // Zero has two signs and is one number.
    let one_zero = |cell| if kind == Kind::Number && cell == "-0.0" { "0.0" } else { cell };
    cells.for_each(|(cell, _)| categories.add(cell.map(one_zero)));
    Ok(categories.mode().and_then(|mode| FillValue::parse(kind, mode)))
}

fn misses(plan: &Planned, table: &DataFrame, parts: &[Part]) -> Result<bool> {
    let column = table.column(&plan.column)?;
    if column.null_count() == 0 {
        return Ok(false);
    }
    let missing = column.is_null();
    Ok(missing.iter().zip(parts).any(|(missing, part)| missing == Some(true) && *part == Part::Train))
}
