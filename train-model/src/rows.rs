//! Training rows in memory, for the fits that need them at once, in an order of their own: that of the
//! hashes of the rows, so that neither the table's order nor its pieces matter.

use common::error::{Error, Result};
use common::hash;
use common::identity::row_hashes;
use common::time::Clock;
use polars::prelude::{DataFrame, DataType};

use crate::design::Numbers;
use crate::piece::{Ask, Batch, Piece};

/// What else than numbers is kept of each row.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) clock: Option<Clock>,
    pub(crate) entity: Option<String>,
}

/// The rows, all lists of one length.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) numbers: Numbers,
    pub(crate) hashes: Vec<[u8; 32]>,
    /// Empty without a clock.
    pub(crate) times: Vec<i64>,
    /// A hash of the entity; empty without one.
    pub(crate) entities: Vec<[u8; 16]>,
}

impl Rows {
    /// The training rows of all pieces.
    pub(crate) fn training(pieces: &[Piece], keys: &Keys) -> Result<Self> {
        let mut all = Self::empty(pieces);
        let ask = Ask { whole: true, ..Ask::TRAINING };
        for piece in pieces {
            let work = |batch: Batch| {
                let rows = batch.rows()?;
                Self::of(batch.numbers, &rows, keys)
            };
            piece.each(&ask, work, |rows| {
                all.append(rows);
                Ok(())
            })?;
        }
        Ok(all.sorted())
    }

    /// No row.
    pub(crate) fn empty(pieces: &[Piece]) -> Self {
        let features = vec![Vec::new(); pieces[0].features.len()];
        Self { numbers: Numbers { features, target: Vec::new() }, ..Self::default() }
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.numbers.target.len()
    }

    /// Rows; `whole` holds all their columns.
    pub(crate) fn of(numbers: Numbers, whole: &DataFrame, keys: &Keys) -> Result<Self> {
        let mut all = Self { numbers, hashes: row_hashes(whole)?, ..Self::default() };
        if let Some(clock) = &keys.clock {
            let times = clock.ordinals(whole)?;
            let invalid =
                |rows: Vec<usize>| Error::checkpoint(format!("{} rows have no valid time", rows.len()));
            all.times = times.map_err(invalid)?;
        }
        if let Some(entity) = &keys.entity {
            all.entities = entities(whole, entity)?;
        }
        Ok(all)
    }

    /// Adds rows.
    pub(crate) fn append(&mut self, mut more: Self) {
        for (column, more) in self.numbers.features.iter_mut().zip(&mut more.numbers.features) {
            column.append(more);
        }
        self.numbers.target.append(&mut more.numbers.target);
        self.hashes.append(&mut more.hashes);
        self.times.append(&mut more.times);
        self.entities.append(&mut more.entities);
    }

    /// The same rows in the order of their hashes.
    pub(crate) fn sorted(self) -> Self {
        let all = self.len();
        self.first(all)
    }

    /// The `most` rows of the least hashes, in their order.
    pub(crate) fn first(self, most: usize) -> Self {
        let mut order: Vec<usize> = (0..self.len()).collect();
        // Rows of equal hashes are equal in every cell.
        order.sort_unstable_by_key(|i| self.hashes[*i]);
        order.truncate(most);
        self.pick(&order)
    }

    /// Some of the rows, in the order given.
    pub(crate) fn pick(&self, of: &[usize]) -> Self {
        fn list<T: Copy>(values: &[T], of: &[usize]) -> Vec<T> {
            if values.is_empty() { Vec::new() } else { of.iter().map(|i| values[*i]).collect() }
        }
        Self {
            numbers: Numbers {
                features: self.numbers.features.iter().map(|c| list(c, of)).collect(),
                target: list(&self.numbers.target, of),
            },
            hashes: list(&self.hashes, of),
            times: list(&self.times, of),
            entities: list(&self.entities, of),
        }
    }
}

fn entities(table: &DataFrame, name: &str) -> Result<Vec<[u8; 16]>> {
    let failed = |e| Error::unexpected(format!("cannot read the entity column: {e}"));
    let column = table.column(name).and_then(|c| c.cast(&DataType::String)).map_err(failed)?;
    let cells = column.str().map_err(failed)?;
    Ok(cells.iter().map(|cell| hash::digest128(cell.unwrap_or_default().as_bytes())).collect())
}
