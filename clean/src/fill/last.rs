//! The last known value of the entity: past rows only, in time order.

use std::collections::HashMap;

use common::error::Result;
use polars::prelude::{DataFrame, DataType};

/// Row numbers of each entity in time order; rows at one time keep the order of the table.
pub(crate) struct Past {
    groups: Vec<Vec<usize>>,
}

impl Past {
    /// The order of `table`; `times` holds each row's time.
    pub(crate) fn new(table: &DataFrame, entity: Option<&str>, times: &[i64]) -> Result<Self> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        match entity {
            None => groups.push((0..table.height()).collect()),
            Some(entity) => {
                let column = table.column(entity)?.cast(&DataType::String)?;
                let mut number: HashMap<&str, usize> = HashMap::new();
                for (row, name) in column.str()?.iter().enumerate() {
                    let next = groups.len();
                    let group = *number.entry(name.unwrap_or_default()).or_insert(next);
                    if group == next {
                        groups.push(Vec::new());
                    }
                    groups[group].push(row);
                }
            }
        }
        groups.iter_mut().for_each(|group| group.sort_by_key(|row| times[*row]));
        Ok(Self { groups })
    }

    /// Gives every missing cell the last value known before it, where there is one.
    pub(super) fn carry<T: Copy>(&self, cells: &mut [Option<T>]) {
        for group in &self.groups {
            let mut last = None;
            for row in group {
                match cells[*row] {
                    Some(value) => last = Some(value),
                    None => cells[*row] = last,
                }
            }
        }
    }
}
