//! Rows that passed the contract: typed, split, without those that repeat another.

use common::checkpoint::Checkpoint;
use common::error::{Class, Error, Result};
use common::ledger::{Ledger, Step};
use common::time::Clock;
use common::{Task, text};
use polars::prelude::DataFrame;
use serde_json::json;

use crate::columns::Rules;
use crate::dropped;
use crate::duplicates::Found;
use crate::settings::Settings;
use crate::split::{self, Assigned};
use crate::timeline::Timeline;
use crate::typed::Typed;
use crate::violations::Violations;

/// Rows that passed the contract.
pub(crate) struct Rows {
    pub(crate) table: DataFrame,
    pub(crate) parts: Assigned,
    /// Their times, where the project has time.
    pub(crate) timeline: Option<Timeline>,
    pub(crate) duplicates: Found,
}

impl Rows {
    /// The rows of `typed` that stay, split.
    ///
    /// # Errors
    /// [`Class::Rows`] where none is left to train on.
    pub(crate) fn new(
        settings: &Settings,
        typed: Typed,
        timeline: Option<Timeline>,
        duplicates: Found,
    ) -> Result<Self> {
        // Shares of time are those of the rows that stay.
        let (typed, timeline) = if duplicates.dropped.is_empty() {
            (typed, timeline)
        } else {
            let stays = duplicates.stays(typed.digests.len());
            (typed.of(&stays)?, timeline.map(|t| t.of(&stays)))
        };
        let Typed { table, digests } = typed;
        let parts = split::assign(settings, &table, &digests, timeline.as_ref())?;
        let rows = Self { table, parts, timeline, duplicates };
        rows.enough()?;
        Ok(rows)
    }

    fn enough(&self) -> Result<()> {
        let counts = self.parts.counts();
        let gap = if counts.gap > 0 { format!(", gap {}", counts.gap) } else { String::new() };
        log::info!(
            "split: train {}, calibration {}, test {}{gap}",
            counts.train,
            counts.calibration,
            counts.test
        );
        if counts.train == 0 {
            return Err(Error::new(Class::Rows, split::nothing_to_train_on(counts)));
        }
        if counts.calibration == 0 && self.parts.wants_calibration() {
            log::warn!("no calibration rows: no interval will be calibrated; check [clean] split");
        }
        if counts.test == 0 {
            log::warn!("no test rows: nothing will tell how good the model is; check [clean] split");
        }
        Ok(())
    }

    /// The ledger of `raw` with what became of its rows.
    pub(crate) fn ledger(&self, settings: &Settings, raw: &Checkpoint) -> Result<Ledger> {
        let before = raw.manifest.as_ref().map(|m| m.ledger.clone()).unwrap_or_default();
        let kept = self.parts.parts.len() as u64;
        let dropped = &self.duplicates.dropped;
        before.with(Step {
            stage: Task::Clean.name().to_owned(),
            rows_in: kept + dropped.len() as u64,
            dropped: dropped::by_reason(dropped, !settings.duplicates.key().is_empty()),
            rows_out: kept,
            parts: Some(self.parts.counts()),
            ..Step::default()
        })
    }

    /// First and last time of all rows, as text.
    pub(crate) fn times_found(&self) -> serde_json::Value {
        let Some(Timeline { clock, times }) = &self.timeline else { return serde_json::Value::Null };
        let shown = |time: Option<&i64>| time.map(|t| clock.show(*t));
        json!({ "first": shown(times.iter().min()), "last": shown(times.iter().max()) })
    }
}

/// The time of each row; a row without one breaks the contract. `first` is the number of the first row.
pub(crate) fn timeline(
    clock: Option<Clock>,
    table: &DataFrame,
    first: u64,
    rules: &Rules,
    violations: &mut Violations,
) -> Result<Option<Timeline>> {
    let Some(clock) = clock else { return Ok(None) };
    let times = match clock.ordinals(table)? {
        Ok(times) => times,
        Err(rows) => {
            let column = &clock.columns()[0];
            let position = rules.columns.iter().position(|r| r.field.name == *column).unwrap_or(0);
            let what = format!("no valid time in {}", text::names(clock.columns()));
            rows.iter()
                .for_each(|row| violations.add_cell(first + *row as u64, position, column, what.clone()));
            Vec::new()
        }
    };
    Ok(Some(Timeline { clock, times }))
}
