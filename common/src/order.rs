//! Rows by entity, in time order: what lags, windows and horizons move along.

use std::collections::HashMap;

use polars::prelude::{DataFrame, DataType};
use rayon::prelude::*;

use crate::error::{Error, Result};

/// Row numbers of each entity in time order; rows at one time keep the order of the table.
#[derive(Clone, Debug)]
pub struct Order {
    groups: Vec<Vec<usize>>,
}

impl Order {
    /// The order of `table`; `times` holds each row's time. Without an entity all rows are one group.
    ///
    /// # Errors
    /// [`crate::Class::Unexpected`] where the entity is no column.
    pub fn new(table: &DataFrame, entity: Option<&str>, times: &[i64]) -> Result<Self> {
        Ok(Self::of_table(table, entity)?.by_time(times))
    }

    /// The rows of each entity as they come in `table`, for [`Order::by_time`].
    ///
    /// # Errors
    /// As [`Order::new`].
    pub fn of_table(table: &DataFrame, entity: Option<&str>) -> Result<Self> {
        let groups = match entity {
            None => vec![(0..table.height()).collect()],
            Some(entity) => by_entity(table, entity)?,
        };
        Ok(Self { groups })
    }

    /// The same rows by their `times`.
    #[must_use]
    pub fn by_time(mut self, times: &[i64]) -> Self {
        self.groups.par_iter_mut().for_each(|group| group.sort_by_key(|row| times[*row]));
        self
    }

    /// Rows at the time of the row before them in their group.
    #[must_use]
    pub fn ties(&self, times: &[i64]) -> u64 {
        let of = |group: &Vec<usize>| group.windows(2).filter(|w| times[w[0]] == times[w[1]]).count() as u64;
        self.groups.iter().map(of).sum()
    }

    /// Calls `place` for every row with its group and its position in it, and collects the results
    /// in the order of the table.
    pub fn map<T: Clone>(&self, default: T, mut place: impl FnMut(&[usize], usize) -> T) -> Vec<T> {
        let rows = self.groups.iter().map(Vec::len).sum();
        let mut out = vec![default; rows];
        for group in &self.groups {
            for (position, row) in group.iter().enumerate() {
                out[*row] = place(group, position);
            }
        }
        out
    }

    /// Row numbers of each entity in time order.
    #[must_use]
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }
}

fn by_entity(table: &DataFrame, entity: &str) -> Result<Vec<Vec<usize>>> {
    let failed = |e| Error::unexpected(format!("cannot read the entity column: {e}"));
    let column = table.column(entity).and_then(|c| c.cast(&DataType::String)).map_err(failed)?;
    let mut number: HashMap<&str, usize> = HashMap::new();
    // By group: its name, and the group of the row that last came after one of its rows.
    let mut known: Vec<(&str, usize)> = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut before = 0;
    for (row, name) in column.str().map_err(failed)?.iter().enumerate() {
        let name = name.unwrap_or_default();
        // Panels repeat the same entities in the same order, or have the rows of one together.
        let guess = known.get(before).map_or(0, |(_, after)| *after);
        let group = match known.get(guess) {
            Some((guessed, _)) if *guessed == name => guess,
            _ => *number.entry(name).or_insert(groups.len()),
        };
        if group == groups.len() {
            groups.push(Vec::new());
            known.push((name, group));
        }
        if let Some((_, after)) = known.get_mut(before) {
            *after = group;
        }
        groups[group].push(row);
        before = group;
    }
    Ok(groups)
}
