//! Learning from the training rows and applying it to all: limits, then fills.

use std::collections::BTreeMap;

use common::error::Result;
use common::order::Order;
use common::schema::Field;
use polars::prelude::DataFrame;

use crate::by_part::ByPart;
use crate::fill::{self, ColumnFill, Planned};
use crate::rows::Rows;
use crate::settings::{Method, Settings};
use crate::winsorise::{self, Bounds, Moved, Winsorised};

/// The table within its limits and filled, and what that took.
pub(crate) struct Prepared {
    pub(crate) table: DataFrame,
    pub(crate) fields: Vec<Field>,
    pub(crate) limits: Vec<Bounds>,
    pub(crate) moved: BTreeMap<String, ByPart<Moved>>,
    pub(crate) fills: Vec<ColumnFill>,
}

/// Prepares `rows`, whose columns are `fields`.
pub(crate) fn prepare(
    settings: &Settings,
    planned: &[Planned],
    fields: &[Field],
    rows: &Rows,
) -> Result<Prepared> {
    let parts = &rows.parts.parts;
    let limits = winsorise::learn(settings, &rows.table, parts)?;
    let Winsorised { table: within, fields, moved } = winsorise::apply(&rows.table, fields, &limits, parts)?;
    winsorise::log(&limits, &moved);
    let fills = fill::learn(planned, &within, parts)?;
    let past = match &rows.timeline {
        Some(timeline) if fills.iter().any(|f| f.method == Method::Last) => {
            Some(Order::new(&within, settings.entity.as_deref(), &timeline.times)?)
        }
        _ => None,
    };
    let (table, fields) = fill::apply(&within, &fields, &fills, past.as_ref())?;
    Ok(Prepared { table, fields, limits, moved, fills })
}
