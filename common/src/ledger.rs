//! The row ledger: what came in, what was dropped and why, what went on. It must balance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::task::Task;

/// Rows of each part of the split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Rows that models learn from.
    pub train: u64,
    /// Rows that intervals are calibrated on.
    pub calibration: u64,
    /// Rows that results are reported on.
    pub test: u64,
    /// Rows between the parts, which belong to none: history for windows, never learned from or reported on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gap: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Parts {
    /// Rows of all parts, and between them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.train + self.calibration + self.test + self.gap
    }
}

/// The rows of one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Task name.
    pub stage: String,
    /// Rows that came in.
    pub rows_in: u64,
    /// Rows that did not go on, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Rows kept apart, not lost, by reason.
    pub apart: BTreeMap<String, u64>,
    /// Rows in the checkpoint.
    pub rows_out: u64,
    /// Rows of each part of the split, from `clean` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
}

/// The ledger through all stages so far, in data order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(pub Vec<Step>);

impl Ledger {
    /// This ledger with one more stage, checked.
    ///
    /// # Errors
    /// If the step does not balance, or does not begin with the rows the stage before it wrote.
    pub fn with(mut self, step: Step) -> Result<Self> {
        let gone: u64 = step.dropped.values().chain(step.apart.values()).sum();
        let parts = step.parts.map_or(step.rows_out, Parts::total);
        if step.rows_in != gone + step.rows_out || parts != step.rows_out {
            return Err(Error::unexpected(format!(
                "the row ledger of {} does not balance: {} in, {gone} dropped or kept apart, {} out, {parts} in parts",
                step.stage, step.rows_in, step.rows_out
            )));
        }
        if let Some(before) = self.0.last()
            && before.rows_out != step.rows_in
        {
            return Err(Error::checkpoint(format!(
                "the row ledger does not balance: {} wrote {} rows, {} read {}",
                before.stage, before.rows_out, step.stage, step.rows_in
            )));
        }
        self.0.push(step);
        Ok(self)
    }

    /// The step of one task, if it ran.
    #[must_use]
    pub fn step(&self, task: Task) -> Option<&Step> {
        self.0.iter().find(|s| s.stage == task.name())
    }
}
