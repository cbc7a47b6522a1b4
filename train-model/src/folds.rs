//! Which fold of the cross-validation a row belongs to: decided by the row alone, so that pieces do
//! not matter.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::hash;
use common::identity::row_hashes;
use common::schema::{Role, with_role};
use common::time::Clock;
use polars::prelude::DataType;
use serde::Deserialize;

use crate::piece::Batch;
use crate::settings::{FoldBy, Settings};

/// How rows are dealt to folds.
#[derive(Clone, Debug)]
pub(crate) struct Folds {
    count: u64,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    /// Everything in one fold: nothing is validated.
    None,
    Time {
        clock: Clock,
        first: i64,
        last: i64,
    },
    Entity(String),
    Row,
}

/// First and last times as `feature-engineer` recorded them.
#[derive(Deserialize)]
struct Found {
    clock: FoundClock,
}

#[derive(Deserialize)]
struct FoundClock {
    first: Train,
    last: Train,
}

#[derive(Deserialize)]
struct Train {
    train: Option<String>,
}

impl Folds {
    /// One fold that holds every row.
    pub(crate) fn none() -> Self {
        Self { count: 1, by: By::None }
    }

    /// The folds that `settings` ask for over tables like `table`.
    pub(crate) fn new(settings: &Settings, table: &Checkpoint) -> Result<Self> {
        let by = match (settings.fold_by(), &table.manifest) {
            (FoldBy::Time, Some(manifest)) => {
                let damaged = |m: String| {
                    Error::checkpoint(format!("its manifest does not say its times: {m}")).at(&table.path)
                };
                let found = Found::deserialize(&manifest.found).map_err(|e| damaged(e.to_string()))?;
                let time = settings
                    .time
                    .as_ref()
                    .ok_or_else(|| Error::usage("[train] fold_by = \"time\" needs [project] time"))?;
                let clock = Clock::new(time, &manifest.fields)?;
                let parse = |t: Option<String>| clock.parse(&t.unwrap_or_default()).map_err(damaged);
                let (first, last) = (parse(found.clock.first.train)?, parse(found.clock.last.train)?);
                By::Time { clock, first, last }
            }
            (FoldBy::Time, None) => {
                return Err(Error::usage(
                    "[train] fold_by: a table made by hand does not say its first and last time; fold by key or entity",
                ));
            }
            (FoldBy::Entity, manifest) => {
                let recorded = manifest
                    .as_ref()
                    .and_then(|m| with_role(&m.fields, Role::Entity))
                    .map(|f| f.name.clone());
                match recorded.or_else(|| settings.entity.clone()) {
                    Some(entity) => By::Entity(entity),
                    None => return Err(Error::usage("[train] fold_by = \"entity\" needs [project] entity")),
                }
            }
            (FoldBy::Key, _) => By::Row,
        };
        Ok(Self { count: settings.section.folds, by })
    }

    /// Number of folds.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// Columns that the folds are decided by.
    pub(crate) fn columns(&self) -> Vec<String> {
        match &self.by {
            By::Time { clock, .. } => clock.columns().to_vec(),
            By::Entity(entity) => vec![entity.clone()],
            By::None | By::Row => Vec::new(),
        }
    }

    /// Whether a row is dealt by all of its cells, so that every column must be read.
    pub(crate) fn by_row(&self) -> bool {
        matches!(self.by, By::Row)
    }

    /// The fold of each row of `batch`.
    pub(crate) fn of(&self, batch: &Batch) -> Result<Vec<usize>> {
        let share = |hash: &[u8]| {
            let mut head = [0; 8];
            head.copy_from_slice(&hash[..8]);
            usize::try_from(u64::from_be_bytes(head) % self.count).unwrap_or(0)
        };
        if matches!(self.by, By::None) {
            return Ok(vec![0; batch.len()]);
        }
        let batch = &batch.rows()?;
        match &self.by {
            By::None => Ok(vec![0; batch.height()]),
            By::Row => Ok(row_hashes(batch)?.iter().map(|h| share(h)).collect()),
            By::Entity(entity) => {
                let failed = |e| Error::unexpected(format!("cannot read the entity column: {e}"));
                let column = batch.column(entity).and_then(|c| c.cast(&DataType::String)).map_err(failed)?;
                let cells = column.str().map_err(failed)?;
                Ok(cells
                    .iter()
                    .map(|cell| share(&hash::digest128(cell.unwrap_or_default().as_bytes())))
                    .collect())
            }
            By::Time { clock, first, last } => {
                let times = clock
                    .ordinals(batch)?
                    .map_err(|rows| Error::checkpoint(format!("{} rows have no valid time", rows.len())))?;
                let span = i128::from(*last) - i128::from(*first) + 1;
                let fold = |t: &i64| {
                    let into = (i128::from(*t) - i128::from(*first)).clamp(0, span - 1);
                    usize::try_from(into * i128::from(self.count) / span).unwrap_or(0)
                };
                Ok(times.iter().map(fold).collect())
            }
        }
    }
}
