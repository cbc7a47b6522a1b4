//! Some neighbouring rows of the table, scored and told apart.

use common::Task;
use common::error::{Error, Result};
use common::table::numbers;
use common::text;
use polars::prelude::{Column, DataFrame};

use crate::metrics::PARTS;
use crate::pair::Pair;
use crate::scored::Scored;

/// Rows, few enough to stay in a processor's cache.
pub(crate) struct Batch<'a> {
    pub(crate) pair: &'a Pair,
    /// As the table has them.
    pub(crate) frame: DataFrame,
    /// Rows of the table before the first.
    pub(crate) before: u64,
    pub(crate) scored: Scored,
    /// Which rows depend on each other.
    pub(crate) units: Vec<i64>,
    /// What persistence predicts, where the table has it.
    pub(crate) persistence: Option<Vec<f64>>,
    /// By the place in [`PARTS`].
    pub(crate) parts: Vec<usize>,
}

impl<'a> Batch<'a> {
    /// Scores the rows of a frame whose first row is row number `before` (from 0) of the table.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a column does not hold what it must.
    pub(crate) fn of(pair: &'a Pair, frame: DataFrame, before: u64) -> Result<Self> {
        let columns = &pair.columns;
        let read = || -> Result<_> {
            let features =
                columns.features.iter().map(|name| numbers(&frame, name)).collect::<Result<_>>()?;
            let scored = Scored::new(&pair.model, features, numbers(&frame, &columns.target)?);
            let units = columns.units.keys(&frame, &scored, before)?;
            let persistence = columns.persistence.as_ref().map(|name| numbers(&frame, name)).transpose()?;
            Ok((scored, units, persistence, parts(&frame, &columns.split, before)?))
        };
        let (scored, units, persistence, parts) = read().map_err(|e| e.at(&pair.table.path))?;
        refuse_no_number(&scored, before).map_err(|e| e.at(&pair.file.path))?;
        Ok(Self { pair, frame, before, scored, units, persistence, parts })
    }

    /// The rows of the part at a place in [`PARTS`].
    pub(crate) fn rows_of(&self, part: usize) -> Vec<usize> {
        self.parts.iter().enumerate().filter(|(_, of)| **of == part).map(|(row, _)| row).collect()
    }
}

/// Refuses a model that gives no number for known features: an exponential can overflow. A prediction is NaN
/// where a feature is missing.
fn refuse_no_number(rows: &Scored, before: u64) -> Result<()> {
    let known = |i: usize| rows.features.iter().all(|column| column[i].is_finite());
    let mut predicted = rows.predicted.iter().enumerate();
    predicted.find(|(i, value)| !value.is_finite() && known(*i)).map_or(Ok(()), |(i, value)| {
        let row = before + i as u64 + 1;
        let again = Task::TrainModel.program();
        Err(Error::checkpoint(format!("it predicts {value} for data row {row}; run `{again}` again")))
    })
}

fn parts(batch: &DataFrame, name: &str, before: u64) -> Result<Vec<usize>> {
    let unreadable = |e| Error::checkpoint(format!("cannot be read as a features table: {e}"));
    let cells = batch.column(name).and_then(Column::str).map_err(unreadable)?;
    let part = |(cell, row): (Option<&str>, u64)| {
        let found = PARTS.iter().position(|part| cell == Some(*part));
        found.ok_or_else(|| {
            let cell = cell.map_or_else(|| "missing".to_owned(), text::name);
            Error::checkpoint(format!(
                "data row {row}: {} is {cell}, expected one of {}",
                text::name(name),
                text::names(PARTS)
            ))
        })
    };
    cells.iter().zip(before + 1..).map(part).collect()
}
