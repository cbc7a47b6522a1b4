//! Rows equal in every cell but the target's: no model can be right about more than one of them.

use common::error::Result;
use common::schema::{Field, Role};
use common::text;
use polars::prelude::{DataFrame, DataType, PolarsResult};
use rayon::prelude::*;
use serde::Serialize;

use super::{PIECE_ROWS, complete, row_digests};
use crate::repeats::{SPREAD, alike};
use crate::typed::Digest;

/// What stands for a missing cell in the number of a row.
const MISSING: u64 = u64::MAX;

/// Rows equal in every cell but the target's, whose known targets differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Conflicts {
    rows: u64,
    /// Sets of rows that equal one another.
    groups: u64,
}

/// Counts them over all rows, as typed values; a missing target contradicts nothing.
pub(super) fn count(table: &DataFrame, fields: &[Field], target: &[String]) -> Result<Conflicts> {
    let others = || fields.iter().filter(|f| !target.contains(&f.name));
    // Rows that hold nothing but a target and a part are not equal, they are unknown.
    if others().all(|f| f.role == Role::Split) {
        return Ok(Conflicts::default());
    }
    let others = table.select(others().map(|f| f.name.as_str()))?;
    let targets = table.select(target.iter().map(String::as_str))?;
    let among = alike_rows(&others, &complete(&targets))?;
    let known = row_digests(&others, Some(&among))?.into_iter().zip(row_digests(&targets, Some(&among))?);
    let mut rows: Vec<(Digest, Digest)> = known.collect();
    // Rows that are equal but for the target then stand side by side, those of one target too.
    rows.sort_unstable();
    let mut conflicts = Conflicts::default();
    for group in rows.chunk_by(|a, b| a.0 == b.0) {
        if group.first().map(|r| r.1) != group.last().map(|r| r.1) {
            conflicts.rows += group.len() as u64;
            conflicts.groups += 1;
        }
    }
    Ok(conflicts)
}

/// Those of the `known` rows that could equal another one, by a number that is quickly made: few, mostly.
fn alike_rows(table: &DataFrame, known: &[bool]) -> Result<Vec<bool>> {
    let starts: Vec<usize> = (0..table.height()).step_by(PIECE_ROWS).collect();
    let piece = |start: usize| numbers(&table.slice(start.cast_signed() as i64, PIECE_ROWS));
    let pieces = starts.into_par_iter().map(piece).collect::<PolarsResult<Vec<_>>>()?;
    let numbers = pieces.concat();
    let mut among = vec![false; numbers.len()];
    for (_, row) in alike(numbers.len(), |row| known[row].then(|| numbers[row])) {
        among[row] = true;
    }
    Ok(among)
}

/// A number for each row, the same for rows that are equal.
fn numbers(table: &DataFrame) -> PolarsResult<Vec<u64>> {
    let mut rows = vec![0; table.height()];
    for column in table.columns() {
        match column.dtype() {
            DataType::String => {
                let words = |number: u64, cell: &str| {
                    // Eight bytes at a time, the last ones with zeros after them.
                    cell.as_bytes().chunks(8).fold(mixed(number, cell.len() as u64), |number, bytes| {
                        let mut word = [0; 8];
                        word[..bytes.len()].copy_from_slice(bytes);
                        mixed(number, u64::from_le_bytes(word))
                    })
                };
                add(&mut rows, column.str()?.iter(), words);
            }
            // Zero has two signs and is one number.
            DataType::Float64 => add(&mut rows, column.f64()?.iter(), |n, x| mixed(n, (x + 0.0).to_bits())),
            _ => {
                let whole = column.cast(&DataType::Int64)?;
                add(&mut rows, whole.i64()?.iter(), |number, n| mixed(number, n.cast_unsigned()));
            }
        }
    }
    Ok(rows)
}

/// Adds a cell to the number of each row.
fn add<T>(rows: &mut [u64], cells: impl Iterator<Item = Option<T>>, mix: impl Fn(u64, T) -> u64) {
    for (number, cell) in rows.iter_mut().zip(cells) {
        *number = cell.map_or_else(|| mixed(*number, MISSING), |cell| mix(*number, cell));
    }
}

/// Spreads what both numbers say over all bits.
fn mixed(number: u64, word: u64) -> u64 {
    let mixed = (number.rotate_left(26) ^ word).wrapping_mul(SPREAD);
    mixed ^ (mixed >> 32)
}

impl Conflicts {
    /// Warns of them.
    pub(super) fn log(self) {
        if self.groups > 0 {
            log::warn!(
                "{} in {} are equal in every cell but the target's: no model can be right about all of them",
                text::count(self.rows, "row"),
                text::count(self.groups, "group")
            );
        }
    }
}
