//! Which rows are one row: of a file that is scored, and of its history.

use std::collections::HashMap;

use common::error::{Error, Result};
use common::identity;
use common::order::Order;
use common::schema::Field;
use common::time::Clock;
use polars::prelude::{DataFrame, IdxCa, IdxSize, NewChunkedArray as _};

use super::Preparation;
use crate::duplicates::{self, complete};
use crate::settings::{Duplicates, Equal};
use crate::typed::Digest;

/// Which row stands for each row.
#[derive(Debug, Default)]
pub struct Same {
    /// By row, the row that stands for it, mostly itself.
    pub stands: Vec<usize>,
    /// New rows of which only one can stand.
    pub clashes: Vec<Clash>,
    /// Rows of the history at the entity and time of another that stays too.
    pub ties: u64,
}

/// Two new rows that are one row by their columns, and differ.
#[derive(Debug)]
pub struct Clash {
    /// The numbers of the rows, the earlier first.
    pub rows: [usize; 2],
    /// The columns.
    pub columns: Vec<String>,
}

impl Preparation {
    /// Finds the rows of a typed table that are one row; its `history` rows come first. Among the rows of the history,
    /// and among new rows, the project's rule for duplicates holds. A new row stands for rows of the history with
    /// its entity and time, and for those that are the same by the rule. Under `duplicates = "keep"`
    /// only rows that are equal as text are, since rows may then share entity and time.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where a column is not there.
    pub fn same(
        &self,
        table: &DataFrame,
        fields: &[Field],
        digests: &[Digest],
        history: usize,
    ) -> Result<Same> {
        let mut same = Same { stands: (0..digests.len()).collect(), ..Same::default() };
        if self.raw.duplicates == Duplicates::Equal(Equal::Keep) {
            let earlier: HashMap<&Digest, usize> =
                digests[..history].iter().enumerate().rev().map(|(row, digest)| (digest, row)).collect();
            for (row, digest) in digests.iter().enumerate().skip(history) {
                same.stands[row] = earlier.get(digest).copied().unwrap_or(row);
            }
            return Ok(same);
        }
        let key = self.raw.duplicates.key();
        let by_key = !key.is_empty() && key.iter().all(|c| table.column(c).is_ok());
        let rule = if by_key { self.raw.duplicates.clone() } else { Duplicates::Equal(Equal::Drop) };
        same.repeated(&rule, table, digests, 0..history)?;
        same.repeated(&rule, table, digests, history..digests.len())?;
        if by_key {
            let cells = table.select(key.iter().map(String::as_str))?;
            let known = complete(&cells);
            let keys = identity::row_hashes(&cells)?;
            same.replace(history, |row| known[row].then(|| &keys[row]));
        } else {
            same.replace(history, |row| Some(&digests[row]));
        }
        if let Some(time) = &self.raw.time {
            let times = Clock::new(time, fields)?.ordinals(table)?;
            let times = times.map_err(|_| Error::unexpected("a row without a valid time"))?;
            same.by_time(&Order::new(table, self.entity(), &times)?, &times, history, &self.keys());
        }
        Ok(same)
    }

    /// The table with missing targets of new rows taken from the rows of the history that they stand for.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where a column cannot be made.
    pub fn with_known_targets(
        &self,
        table: DataFrame,
        stands: &[usize],
        history: usize,
    ) -> Result<DataFrame> {
        let mut out = table;
        let keys = self.keys();
        for name in self.raw.target.iter().filter(|name| !keys.contains(name)) {
            let Ok(column) = out.column(name) else { continue };
            let known = column.is_not_null();
            let mut from: Vec<usize> = (0..stands.len()).collect();
            for (row, new) in
                stands.iter().copied().enumerate().take(history).filter(|(_, new)| *new >= history)
            {
                if known.get(row) == Some(true) && known.get(new) == Some(false) {
                    from[new] = row;
                }
            }
            let from: Vec<IdxSize> =
                from.iter().map(|row| IdxSize::try_from(*row).unwrap_or(IdxSize::MAX)).collect();
            let column = column.take(&IdxCa::from_slice("row".into(), &from))?;
            out.with_column(column)?;
        }
        Ok(out)
    }
}

impl Same {
    /// Rows of one side that repeat another of it.
    fn repeated(
        &mut self,
        rule: &Duplicates,
        table: &DataFrame,
        digests: &[Digest],
        side: std::ops::Range<usize>,
    ) -> Result<()> {
        let part = table.slice(side.start.cast_signed() as i64, side.len());
        let found = duplicates::repeated(rule, &part, &digests[side.clone()])?;
        let number = |row: u64| side.start + usize::try_from(row).unwrap_or(0);
        for dropped in found.dropped {
            self.stands[number(dropped.row)] = number(dropped.kept);
        }
        for (row, kept) in found.breaches {
            let (row, kept) = (number(row), number(kept));
            // The history's own is for the project to say; the first counts.
            if side.start == 0 && side.end < table.height() {
                self.stands[row] = kept;
            } else {
                self.clashes.push(Clash { rows: [kept, row], columns: rule.key().to_vec() });
            }
        }
        Ok(())
    }

    /// New rows stand for those of the history with their identity.
    fn replace<'a, T: Eq + std::hash::Hash + 'a>(
        &mut self,
        history: usize,
        identity: impl Fn(usize) -> Option<&'a T>,
    ) {
        let new = (history..self.stands.len()).filter(|row| self.stands[*row] == *row);
        let new: HashMap<&T, usize> = new.filter_map(|row| Some((identity(row)?, row))).collect();
        for row in 0..history {
            if let Some(new) = identity(row).and_then(|id| new.get(id)) {
                self.stands[row] = *new;
            }
        }
    }

    /// A new row stands for those of the history at its entity and time; of two new ones neither can.
    fn by_time(&mut self, order: &Order, times: &[i64], history: usize, keys: &[String]) {
        for group in order.groups() {
            for rows in group.chunk_by(|a, b| times[*a] == times[*b]) {
                let standing = || rows.iter().copied().filter(|row| self.stands[*row] == *row);
                let new: Vec<usize> = standing().filter(|row| *row >= history).collect();
                let earlier: Vec<usize> = standing().filter(|row| *row < history).collect();
                let Some(first) = new.first() else {
                    self.ties += earlier.len().saturating_sub(1) as u64;
                    continue;
                };
                earlier.into_iter().for_each(|row| self.stands[row] = *first);
                let clash = |row: &usize| Clash { rows: [*first, *row], columns: keys.to_vec() };
                self.clashes.extend(new.iter().skip(1).map(clash));
            }
        }
    }
}
