//! Which rows depend on each other: rows of one time, of one entity, or none.

use common::config::TimeColumns;
use common::error::{Error, Result};
use common::schema::Field;
use common::table::texts;
use common::time::Clock;
use common::{hash, text};
use polars::prelude::DataFrame;
use stats::Dependence;

use crate::scored::Scored;

/// What tells the units of rows apart.
pub(crate) enum Units {
    /// All rows of one time, of whatever entities.
    Time(Clock),
    /// All rows of one entity; the name of its column.
    Entity(String),
    /// Each row on its own.
    Rows,
}

impl Units {
    /// By the time where there is one, else by the entity where there is one.
    ///
    /// # Errors
    /// [`common::Class::Schema`] where the time columns cannot order rows.
    pub(crate) fn new(entity: Option<&String>, time: &[String], fields: &[Field]) -> Result<Self> {
        if !time.is_empty() {
            return Ok(Self::Time(Clock::new(&TimeColumns(time.to_vec()), fields)?));
        }
        Ok(entity.map_or(Self::Rows, |entity| Self::Entity(entity.clone())))
    }

    /// What depends on what.
    pub(crate) fn dependence(&self) -> Dependence {
        match self {
            Self::Time(_) => Dependence::Time,
            Self::Entity(_) => Dependence::Entity,
            Self::Rows => Dependence::Rows,
        }
    }

    /// The unit of each row of a batch whose first row is row number `before` (from 0) of the table.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] for a row without a time.
    pub(crate) fn keys(&self, batch: &DataFrame, rows: &Scored, before: u64) -> Result<Vec<i64>> {
        match self {
            Self::Time(clock) => clock.ordinals(batch)?.map_err(|invalid| {
                let row = before + invalid.first().map_or(0, |row| *row as u64) + 1;
                Error::checkpoint(format!("data row {row}: {} hold no time", text::names(clock.columns())))
            }),
            Self::Entity(column) => {
                let cells = texts(batch, column)?.into_iter();
                Ok(cells.map(|cell| hash::key(cell.unwrap_or_default().as_bytes())).collect())
            }
            Self::Rows => {
                let values = rows.predicted.iter().zip(&rows.actual);
                Ok(values.map(|(f, y)| hash::key(&[f.to_le_bytes(), y.to_le_bytes()].concat())).collect())
            }
        }
    }
}
