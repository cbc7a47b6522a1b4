//! Learning from the training rows and applying it to all: limits, then fills.

use std::collections::BTreeMap;

use common::error::Result;
use common::order::Order;
use common::schema::Field;
use polars::prelude::DataFrame;

use crate::by_part::ByPart;
use crate::fill::{self, ColumnFill, Planned};
use crate::nulls::{self, Missing};
use crate::rows::Rows;
use crate::settings::{Method, Settings};
use crate::winsorise::{self, Bounds, Moved, Winsorised};

/// The table within its limits and filled, and what that took.
pub(crate) struct Prepared {
    pub(crate) table: DataFrame,
    /// Missing cells of each column before.
    pub(crate) missing: Missing,
    pub(crate) fields: Vec<Field>,
    pub(crate) limits: Vec<Bounds>,
    pub(crate) moved: BTreeMap<String, ByPart<Moved>>,
    pub(crate) fills: Vec<ColumnFill>,
}

/// Prepares the table of `rows`, whose columns are `fields`, and takes it out of them: a column that changes is not
/// held twice.
pub(crate) fn prepare(
    settings: &Settings,
    planned: &[Planned],
    fields: &[Field],
    rows: &mut Rows,
) -> Result<Prepared> {
    let (table, parts) = (std::mem::take(&mut rows.table), &rows.parts.parts);
    let missing = nulls::count(&table, parts);
    let limits = winsorise::learn(settings, &table, parts)?;
    let Winsorised { table: within, fields, moved } = winsorise::apply(&table, fields, &limits, parts)?;
    drop(table);
    winsorise::log(&limits, &moved);
    let fills = fill::learn(planned, &within, parts)?;
    let past = match &rows.timeline {
        Some(timeline) if fills.iter().any(|f| f.method == Method::Last) => {
            Some(Order::new(&within, settings.entity.as_deref(), &timeline.times)?)
        }
        _ => None,
    };
    let (table, fields) = fill::apply(within, &fields, &fills, past.as_ref())?;
    Ok(Prepared { table, missing, fields, limits, moved, fills })
}
