//! Times and order of the rows, where the project has time.

use common::config::TimeColumns;
use common::error::{Class, Error, Result};
use common::order::Order;
use common::schema::Field;
use common::text;
use common::time::Clock;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

/// The columns that say which row it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// The group a row belongs to.
    pub(crate) entity: Option<String>,
    /// Its time.
    pub(crate) time: Option<TimeColumns>,
}

/// Times and order of the rows of a table.
pub(crate) struct Timeline {
    pub(crate) clock: Clock,
    /// The time of each row.
    pub(crate) times: Vec<i64>,
    pub(crate) order: Order,
}

impl Timeline {
    /// The timeline of `table`; nothing where the project has no time.
    pub(crate) fn new(keys: &Keys, table: &DataFrame, fields: &[Field]) -> Result<Option<Self>> {
        let Some(time) = &keys.time else { return Ok(None) };
        let clock = Clock::new(time, fields)?;
        let (times, order) =
            rayon::join(|| clock.ordinals(table), || Order::of_table(table, keys.entity.as_deref()));
        let times = times?.map_err(|rows| {
            let first = rows.first().map_or(0, |row| row + 1);
            Error::new(
                Class::Schema,
                format!(
                    "row {first} of the clean table has no valid time in {}",
                    text::names(clock.columns())
                ),
            )
        })?;
        let order = order?.by_time(&times);
        Ok(Some(Self { clock, times, order }))
    }

    /// Warns of rows whose place in it is not certain.
    pub(crate) fn log(&self, keys: &Keys, table: &DataFrame) {
        if let Some(entity) = &keys.entity
            && let Ok(nulls @ 1..) = table.column(entity).map(polars::prelude::Column::null_count)
        {
            log::warn!(
                "{} without a value in {}: they count as one entity",
                text::count(nulls as u64, "row"),
                text::name(entity)
            );
        }
        let ties = self.order.ties(&self.times);
        if ties > 0 {
            log::warn!(
                "{} at the time of another row of the same entity: lags and windows take them in the order of the table",
                text::count(ties, "row")
            );
        }
    }
}
