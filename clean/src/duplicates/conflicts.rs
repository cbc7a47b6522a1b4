//! Rows equal in every cell but the target's: no model can be right about more than one of them.

use std::collections::HashMap;

use common::error::Result;
use common::schema::{Field, Role};
use common::{identity, text};
use polars::prelude::DataFrame;
use serde::Serialize;

use super::complete;

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
    let targets = table.select(target.iter().map(String::as_str))?;
    let known = complete(&targets);
    let rows = identity::row_hashes(&table.select(others().map(|f| f.name.as_str()))?)?;
    let targets = identity::row_hashes(&targets)?;
    let mut groups: HashMap<&[u8; 32], Group<'_>> = HashMap::with_capacity(rows.len());
    for ((row, target), _) in rows.iter().zip(&targets).zip(&known).filter(|(_, known)| **known) {
        let group = groups.entry(row).or_insert(Group { first: target, rows: 0, differ: false });
        group.rows += 1;
        group.differ |= group.first != target;
    }
    let mut conflicts = Conflicts::default();
    for group in groups.values().filter(|g| g.differ) {
        conflicts.rows += group.rows;
        conflicts.groups += 1;
    }
    Ok(conflicts)
}

/// Rows that equal one another in all but the target.
struct Group<'a> {
    first: &'a [u8; 32],
    rows: u64,
    differ: bool,
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
