//! Winsorising: values beyond learned quantiles become these quantiles.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use common::error::Result;
use common::schema::{Field, Kind};
use common::table::{number_column, numbers};
use common::text;
use polars::prelude::{Column, DataFrame};
use serde::{Deserialize, Serialize};
use stats::{OrderStatistics as _, Quantiles};

use crate::by_part::ByPart;
use crate::settings::Settings;
use crate::split::Part;

/// The limits of one column: learned once, stored, applied as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    pub(crate) column: String,
    /// Levels of the quantiles.
    pub(crate) levels: [f64; 2],
    /// The quantiles, in the unit of the column.
    pub(crate) limits: [f64; 2],
}

impl Bounds {
    /// The limit that a value is moved to: `Less` for the lower one, `Greater` for the upper one; a value within the
    /// limits, or missing, stays.
    fn side(&self, value: f64) -> Ordering {
        let [low, high] = self.limits;
        if value < low {
            Ordering::Less
        } else if value > high {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

/// Cells that were moved to a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Moved {
    below: u64,
    above: u64,
}

/// A table within its limits.
pub(crate) struct Winsorised {
    pub(crate) table: DataFrame,
    pub(crate) fields: Vec<Field>,
    /// How many cells were moved, by column.
    pub(crate) moved: BTreeMap<String, ByPart<Moved>>,
}

/// Checks that every column named is one of numbers.
///
/// # Errors
/// [`common::Class::Usage`] with the line.
pub(crate) fn check(settings: &Settings, fields: &[Field]) -> Result<()> {
    for column in settings.winsorise.keys() {
        let kind = fields.iter().find(|f| f.name == *column).map(|f| f.kind);
        if let Some(kind) = kind
            && !matches!(kind, Kind::Integer | Kind::Number)
        {
            let message =
                format!("[clean] winsorise: {} is a {kind}, which has no quantiles", text::name(column));
            return Err(settings.wrong(&["winsorise", column], &message));
        }
    }
    Ok(())
}

/// Learns the limits: quantiles (type 7) of the training rows.
pub(crate) fn learn(settings: &Settings, table: &DataFrame, parts: &[Part]) -> Result<Vec<Bounds>> {
    let mut all = Vec::new();
    for (column, levels) in &settings.winsorise {
        let mut quantiles = Quantiles::new();
        let values = numbers(table, column)?;
        values.iter().zip(parts).filter(|(_, p)| **p == Part::Train).for_each(|(v, _)| quantiles.add(*v));
        match (quantiles.quantile(levels[0]), quantiles.quantile(levels[1])) {
            (Ok(low), Ok(high)) => {
                all.push(Bounds { column: column.clone(), levels: *levels, limits: [low, high] });
            }
            _ => log::warn!(
                "column {} has no value in training rows, so nothing bounds its values",
                text::name(column)
            ),
        }
    }
    Ok(all)
}

/// The table within the limits: an integer column becomes one of numbers where a cell moves to a limit that
/// is not whole.
pub(crate) fn apply(
    table: &DataFrame,
    fields: &[Field],
    limits: &[Bounds],
    parts: &[Part],
) -> Result<Winsorised> {
    // Columns are changed here and not in the table, which would look all of them up again after each.
    let (mut columns, mut out, mut counts) = (table.columns().to_vec(), fields.to_vec(), BTreeMap::new());
    for limit in limits {
        let Some(field) = out.iter_mut().find(|f| f.name == limit.column) else { continue };
        let [low, high] = limit.limits;
        let mut values = numbers(table, &limit.column)?;
        let mut moved: ByPart<Moved> = ByPart::default();
        for (value, part) in values.iter_mut().zip(parts) {
            match limit.side(*value) {
                Ordering::Equal => {}
                Ordering::Less => {
                    *value = low;
                    moved.of(*part).below += 1;
                }
                Ordering::Greater => {
                    *value = high;
                    moved.of(*part).above += 1;
                }
            }
        }
        let used = |count: fn(&Moved) -> u64, x: f64| moved.all().iter().any(|m| count(m) > 0).then_some(x);
        let used = [used(|m| m.below, low), used(|m| m.above, high)];
        for x in used.into_iter().flatten() {
            field.decimals = exact::decimal::places_with_fill(field.decimals, x, &values);
        }
        if used.iter().flatten().any(|x| x.fract() != 0.0) {
            field.kind = Kind::Number;
        }
        if used != [None, None] {
            let position = table.try_get_column_index(&limit.column)?;
            columns[position] = moved_column(table, field, &values, limit.limits)?;
        }
        counts.insert(limit.column.clone(), moved);
    }
    Ok(Winsorised { table: DataFrame::new(table.height(), columns)?, fields: out, moved: counts })
}

/// For columns of which [`apply`] moves cells, the rows.
pub(crate) fn rows(
    table: &DataFrame,
    fields: &[Field],
    limits: &[Bounds],
) -> Result<Vec<(String, Vec<bool>)>> {
    let mut all = Vec::new();
    for limit in limits.iter().filter(|limit| fields.iter().any(|f| f.name == limit.column)) {
        let values = numbers(table, &limit.column)?;
        let moved: Vec<bool> = values.iter().map(|v| limit.side(*v) != Ordering::Equal).collect();
        if moved.contains(&true) {
            all.push((limit.column.clone(), moved));
        }
    }
    Ok(all)
}

fn moved_column(table: &DataFrame, field: &Field, moved: &[f64], limits: [f64; 2]) -> Result<Column> {
    if field.kind == Kind::Number {
        return Ok(number_column(&field.name, moved));
    }
    // Integers within the limits keep every digit, which f64 may not.
    let [low, high] = limits;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number between values of 64 bits")]
    let cell = |n: i64| match n as f64 {
        x if x < low => low as i64,
        x if x > high => high as i64,
        _ => n,
    };
    let cells: Vec<Option<i64>> = table.column(&field.name)?.i64()?.iter().map(|n| n.map(cell)).collect();
    Ok(Column::new(field.name.as_str().into(), cells))
}

/// Says in the log how many cells were moved.
pub(crate) fn log(limits: &[Bounds], moved: &BTreeMap<String, ByPart<Moved>>) {
    for limit in limits {
        if let Some(moved) = moved.get(&limit.column) {
            log_one(limit, moved);
        }
    }
}

fn log_one(limit: &Bounds, moved: &ByPart<Moved>) {
    let [low, high] = limit.limits;
    let parts: Vec<String> =
        moved.named().map(|(part, m)| format!("{part} {} below, {} above", m.below, m.above)).collect();
    log::info!("winsorised {} to {low} .. {high}: {}", text::name(&limit.column), parts.join("; "));
}
