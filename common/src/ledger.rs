//! The row ledger: what was read, what was dropped and why, what went on. It must balance.

mod read;
mod source;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::task::Task;
use crate::text;

pub use read::{Extent, Read};
pub use source::SourceRead;

/// The reason under which lines of broken records are dropped.
pub const REJECTED: &str = "rejected";

/// Rows of each part of the split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
        // Saturating, since a manifest may hold any number.
        [self.train, self.calibration, self.test, self.gap].into_iter().fold(0, u64::saturating_add)
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { train, calibration, test, gap } = self;
        write!(f, "{train} train, {calibration} calibration, {test} test")?;
        if *gap > 0 { write!(f, ", {gap} between them") } else { Ok(()) }
    }
}

/// The rows of one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// What was read, of the stage that reads sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Read>,
    /// Rows of each part of the split, from `clean` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
}

/// The ledger through all stages so far, in data order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Ledger(pub Vec<Step>);

impl Step {
    /// Whether all that came in is somewhere.
    ///
    /// # Errors
    /// The numbers that do not add up.
    pub fn check(&self) -> std::result::Result<(), String> {
        let gone = self.dropped.values().chain(self.apart.values()).copied().fold(0, u64::saturating_add);
        let parts = self.parts.map_or(self.rows_out, Parts::total);
        if self.rows_in != gone.saturating_add(self.rows_out) || parts != self.rows_out {
            return Err(format!(
                "{} in, {gone} dropped or kept apart, {} out, {parts} in parts",
                self.rows_in, self.rows_out
            ));
        }
        let Some(read) = &self.read else { return Ok(()) };
        read.check()?;
        let rejected = self.dropped.get(REJECTED).copied().unwrap_or_default();
        if rejected != read.rejected.lines {
            return Err(format!("{} lines of bad records, but {rejected} rejected", read.rejected.lines));
        }
        if self.rows_out != read.records() {
            return Err(format!(
                "{} lines of rows, {} of them after the first of a row, but {} rows out",
                read.rows.lines, read.extra_lines, self.rows_out
            ));
        }
        Ok(())
    }

    fn imbalance(&self, numbers: &str) -> String {
        format!("the row ledger of {} does not balance: {numbers}", text::shown(&self.stage))
    }
}

impl Ledger {
    /// This ledger with one more stage, checked.
    ///
    /// # Errors
    /// If the step does not balance, or does not begin with the rows the stage before it wrote.
    pub fn with(mut self, step: Step) -> Result<Self> {
        step.check().map_err(|numbers| Error::unexpected(step.imbalance(&numbers)))?;
        if let Some(before) = self.0.last() {
            follows(before, &step).map_err(Error::checkpoint)?;
        }
        self.0.push(step);
        Ok(self)
    }

    /// Whether every step balances, and begins with what the one before it wrote.
    ///
    /// # Errors
    /// The numbers that do not add up.
    pub fn check(&self) -> std::result::Result<(), String> {
        self.0.iter().try_for_each(|step| step.check().map_err(|numbers| step.imbalance(&numbers)))?;
        self.0.windows(2).try_for_each(|pair| follows(&pair[0], &pair[1]))
    }

    /// Whether the sources, as `found.sources` of a manifest lists them, add up to what was read.
    ///
    /// # Errors
    /// The numbers that do not add up.
    pub fn check_sources(&self, sources: &[Value]) -> std::result::Result<(), String> {
        let Some(step) = self.0.first() else { return Ok(()) };
        let Some(read) = &step.read else { return Ok(()) };
        source::check(read, sources).map_err(|numbers| step.imbalance(&numbers))
    }

    /// The step of one task, if it ran.
    #[must_use]
    pub fn step(&self, task: Task) -> Option<&Step> {
        self.0.iter().find(|s| s.stage == task.name())
    }
}

/// Whether one step begins with what the one before it wrote.
fn follows(before: &Step, step: &Step) -> std::result::Result<(), String> {
    let (one, other) = (text::shown(&before.stage), text::shown(&step.stage));
    if before.rows_out != step.rows_in {
        return Err(format!(
            "the row ledger does not balance: {one} wrote {} rows, {other} read {}",
            before.rows_out, step.rows_in
        ));
    }
    if step.read.is_some() {
        return Err(format!("the row ledger does not balance: {other} comes after {one}, and read sources"));
    }
    Ok(())
}
