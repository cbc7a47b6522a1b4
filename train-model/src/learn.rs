//! What is learned of pieces, merged: the exact Gram matrix by fold, and who the rows are.

use common::error::{Error, Result};
use common::identity::RowSet;
use common::workers::Workers;
use exact::gram::Gram;

use crate::design::{Design, Numbers};
use crate::folds::Folds;
use crate::piece::{Ask, Batch, Piece};

/// What one piece, or any number of pieces, says about the fit. The same bytes for any order of rows
/// and any number of pieces, since every sum is exact.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Learned {
    /// One matrix a fold.
    pub(crate) folds: Vec<Gram>,
    /// All rows of the tables, all parts.
    pub(crate) rows: RowSet,
}

impl Learned {
    /// Nothing learned yet.
    pub(crate) fn new(design: &Design, folds: &Folds) -> Self {
        let (predictors, target) = design.variables();
        let empty = Gram::new(predictors, target);
        Self { folds: vec![empty; folds.count()], rows: RowSet::default() }
    }

    /// What rows in memory say; `parts` gives the fold of each.
    pub(crate) fn of_rows(design: &Design, numbers: &Numbers, parts: &[usize]) -> Result<Self> {
        let (predictors, target) = design.variables();
        let count = parts.iter().max().map_or(1, |last| last + 1);
        let folds = vec![Gram::new(predictors, target); count];
        let mut learned = Self { folds, rows: RowSet::default() };
        learned.add(numbers, parts, design)?;
        Ok(learned)
    }

    /// Reads one piece, once, and keeps up to `keep` bytes of it. Rows are shared among the processors: exact sums do
    /// not care.
    pub(crate) fn add_piece(
        &mut self,
        piece: &Piece,
        design: &Design,
        folds: &Folds,
        keep: usize,
    ) -> Result<()> {
        let also = folds.columns();
        let ask = Ask { also: &also, whole: folds.by_row(), keep, ..Ask::TRAINING };
        let workers = Workers::new(self.emptied());
        let work = |batch: Batch| {
            let of = folds.of(&batch)?;
            workers
                .with(|worker| worker.add(&batch.numbers, &of, design))
                .map_err(|e| e.at(&piece.table.path))
        };
        let read = piece.each(&ask, work, Ok)?;
        piece.table.expect_parts(read)?;
        self.rows.merge(&RowSet::of_table(&piece.table)?);
        workers.all().iter().try_for_each(|worker| self.merge(worker))
    }

    /// Adds rows; `of` says the fold of each.
    fn add(&mut self, numbers: &Numbers, of: &[usize], design: &Design) -> Result<()> {
        let single = self.folds.len() == 1;
        for (fold, gram) in self.folds.iter_mut().enumerate() {
            let add = |rows: &Numbers, gram: &mut Gram| {
                design
                    .with_block(rows, |block| gram.add(block))?
                    .map_err(|e| Error::checkpoint(e.to_string()))
            };
            if single { add(numbers, gram)? } else { add(&pick(numbers, of, fold), gram)? }
        }
        Ok(())
    }

    /// The sums of both.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        self.same_shape(other)?;
        for (mine, theirs) in self.folds.iter_mut().zip(&other.folds) {
            mine.merge(theirs).map_err(|e| Error::checkpoint(e.to_string()))?;
        }
        self.rows.merge(&other.rows);
        Ok(())
    }

    /// Takes a piece that was merged before out again: the same bytes as if it had never been there.
    pub(crate) fn remove(&mut self, other: &Self) -> Result<()> {
        self.same_shape(other)?;
        for (mine, theirs) in self.folds.iter_mut().zip(&other.folds) {
            mine.subtract(theirs).map_err(|e| Error::checkpoint(e.to_string()))?;
        }
        self.rows.remove(&other.rows)
    }

    /// One matrix of all folds.
    pub(crate) fn whole(&self) -> Result<Gram> {
        let mut whole = self.folds[0].emptied();
        for fold in &self.folds {
            whole.merge(fold).map_err(|e| Error::unexpected(e.to_string()))?;
        }
        Ok(whole)
    }

    fn emptied(&self) -> Self {
        Self { folds: self.folds.iter().map(Gram::emptied).collect(), rows: RowSet::default() }
    }

    fn same_shape(&self, other: &Self) -> Result<()> {
        if self.folds.len() == other.folds.len() {
            return Ok(());
        }
        Err(Error::checkpoint(format!("{} folds do not go with {}", other.folds.len(), self.folds.len())))
    }
}

fn pick(numbers: &Numbers, of: &[usize], fold: usize) -> Numbers {
    let wanted: Vec<bool> = of.iter().map(|f| *f == fold).collect();
    numbers.picked(&wanted)
}
