//! Rows equal in every cell but the target's: no model can be right about more than one of them.

use common::error::Result;
use common::schema::{Field, Role};
use common::table::BATCH_ROWS;
use common::{identity, text};
use polars::prelude::DataFrame;
use serde::Serialize;

use super::complete;
use crate::typed::Digest;

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
    let known = complete(&targets);
    let mut rows: Vec<(Digest, Digest)> = digests(&others)?
        .into_iter()
        .zip(digests(&targets)?)
        .zip(known)
        .filter_map(|(row, known)| known.then_some(row))
        .collect();
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

/// The first 128 bits of each row's hash, which no data can make collide; hashed in pieces, so that the
/// longer ones are never all held.
fn digests(table: &DataFrame) -> Result<Vec<Digest>> {
    let mut all = Vec::with_capacity(table.height());
    for start in (0..table.height()).step_by(BATCH_ROWS) {
        for hash in identity::row_hashes(&table.slice(start.cast_signed() as i64, BATCH_ROWS))? {
            let mut digest = Digest::default();
            digest.copy_from_slice(&hash[..16]);
            all.push(digest);
        }
    }
    Ok(all)
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
