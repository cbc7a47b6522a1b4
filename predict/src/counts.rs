//! What a run counts.

use std::collections::BTreeMap;

use common::text;
use serde::Serialize;

use crate::rows::Mark;

/// Columns of one kind of flag that are named in the log.
const MOST_NAMED: usize = 20;

/// Rows by what became of them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Counts {
    /// Rows with a line in the output.
    pub(crate) scored: u64,
    /// Of these, rows with any flag.
    pub(crate) flagged: u64,
    /// Rows without a prediction, by reason.
    pub(crate) absent: BTreeMap<String, u64>,
    /// Rows by flag and column.
    pub(crate) flags: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

impl Counts {
    /// Adds a batch of `height` rows with its marks by flag.
    pub(crate) fn add(
        &mut self,
        height: usize,
        absent: &[Option<&'static str>],
        flags: &[(&'static str, &[Mark])],
    ) {
        self.scored += height as u64;
        for reason in absent.iter().flatten() {
            *self.absent.entry((*reason).to_owned()).or_default() += 1;
        }
        let mut any = vec![false; height];
        for (flag, marks) in flags {
            let by_column = self.flags.entry(flag).or_default();
            for mark in *marks {
                let rows = mark.rows.iter().filter(|marked| **marked).count() as u64;
                *by_column.entry(mark.column.clone()).or_default() += rows;
                any.iter_mut().zip(&mark.rows).for_each(|(any, marked)| *any |= marked);
            }
        }
        self.flagged += any.iter().filter(|any| **any).count() as u64;
    }

    /// Says in the log what was counted.
    pub(crate) fn log(&self) {
        log::info!("scored {}, {} of them flagged", text::count(self.scored, "row"), self.flagged);
        for (flag, columns) in self.flags.iter().filter(|(_, columns)| !columns.is_empty()) {
            let named = columns.iter().take(MOST_NAMED);
            let named: Vec<String> = named.map(|(c, n)| format!("{} {n}", text::name(c))).collect();
            let more = columns.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 {
                format!(" and {}", text::count(more as u64, "more column"))
            } else {
                String::new()
            };
            log::info!("{flag}, rows by column: {}{more}", named.join(", "));
        }
        for (reason, rows) in &self.absent {
            log::warn!("{} without a prediction: {reason}", text::count(*rows, "row"));
        }
    }
}
