//! The leak guard: signs that the outcome, or a row of another part, is among what predicts it.
//!
//! Each check is a file with its rule; `docs/metrics.md` has the rules with their limits. A finding is
//! a suspicion with figures, never a proof. All of it is the same for any order of the rows.

mod agreement;
mod ahead;
mod alone;
mod around;
mod copy;
mod gather;
mod identifier;
mod keys;
mod overlap;
mod rows;
mod sample;

use std::collections::BTreeMap;

use common::error::{Class, Error, Result};
use common::schema::Kind;
use common::text;
use polars::prelude::{IdxSize, StringChunked};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::part::Part;
use crate::target::Fate;
use crate::values::Values;
use around::Around;

pub(crate) use gather::Clues;
use sample::Sample;

/// What the guard does with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Leaks {
    /// Names it and goes on.
    Warn,
    /// Names all and ends the stage before anything is published.
    Error,
    /// Does not look.
    Off,
}

/// A feature as the guard sees it: before filling, NaN where it is missing.
pub(crate) struct Suspect<'a> {
    pub(crate) name: &'a str,
    pub(crate) values: &'a Values,
    /// Type of the column, where it is used as it came.
    pub(crate) kind: Option<Kind>,
}

/// A text column that became indicators.
pub(crate) struct Category<'a> {
    pub(crate) name: &'a str,
    pub(crate) cells: &'a StringChunked,
}

/// All that the guard looks at; slices are by row of the clean table.
pub(crate) struct Evidence<'a> {
    pub(crate) features: Vec<Suspect<'a>>,
    /// Outcome of each row, NaN where there is none.
    pub(crate) target: &'a [f64],
    /// What persistence predicts, where there is time.
    pub(crate) persistence: Option<&'a [f64]>,
    /// The target's own column.
    pub(crate) source: &'a [f64],
    pub(crate) parts: &'a [Part],
    /// Numbers of the rows in the features table, by part.
    pub(crate) kept: [&'a [IdxSize]; 3],
    pub(crate) fates: &'a [Fate],
    /// Rows of each entity in time order, where there is time.
    pub(crate) groups: Option<&'a [Vec<usize>]>,
    pub(crate) times: Option<&'a [i64]>,
    pub(crate) entities: Option<&'a StringChunked>,
    /// Names of the entity and time columns.
    pub(crate) keys: Vec<&'a str>,
    pub(crate) categories: Vec<Category<'a>>,
    /// How the split was made: `dates`, `hash`, `column`; `None` where that is not on record.
    pub(crate) split: Option<&'a str>,
}

/// Something that looks like a leak.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// Which check found it.
    pub(crate) kind: &'static str,
    /// Features or columns concerned.
    pub(crate) columns: Vec<String>,
    /// Parts of the split concerned.
    pub(crate) parts: Vec<&'static str>,
    /// What was counted; all finite.
    pub(crate) figures: BTreeMap<&'static str, f64>,
    /// One sentence.
    pub(crate) what: String,
}

/// The parts of the split, none of which may know a later one.
const PARTS: [&str; 3] = ["train", "calibration", "test"];

impl Evidence<'_> {
    /// Place of the part of a row that is in the features table.
    fn part_of(&self, row: usize) -> Option<usize> {
        self.parts[row].place().filter(|_| self.fates[row] == Fate::Kept)
    }
}

/// Looks, names what is found in the log, and gives it as the manifest holds it: a list, or null where
/// the guard is off.
///
/// # Errors
/// [`Class::Gate`] where something is found and that is to stop.
fn guard(how: Leaks, evidence: &Evidence<'_>) -> Result<Value> {
    if how == Leaks::Off {
        log::info!("leak guard: off");
        return Ok(Value::Null);
    }
    let found = find(evidence);
    if found.is_empty() {
        log::info!("leak guard: nothing found");
    }
    let level = if how == Leaks::Error { log::Level::Error } else { log::Level::Warn };
    for finding in &found {
        log::log!(level, "possible leak ({}): {}", finding.kind, finding.what);
    }
    if how == Leaks::Error && !found.is_empty() {
        let kinds: Vec<&str> = found.iter().map(|f| f.kind).collect();
        return Err(Error::new(
            Class::Gate,
            format!(
                "{} named above ({}), and [features] leaks is \"error\": remove them, or set it to \"warn\" to go on",
                text::count(found.len() as u64, "possible leak"),
                kinds.join(", ")
            ),
        ));
    }
    serde_json::to_value(found).map_err(|e| Error::unexpected(format!("cannot write the leaks found: {e}")))
}

/// All that is found, check by check, features in their order.
pub(crate) fn find(evidence: &Evidence<'_>) -> Vec<Finding> {
    let sample = Sample::of(evidence);
    let of_rows = || {
        let mut found = rows::shared(evidence, &sample);
        found.extend(keys::shared(evidence));
        found.extend(overlap::in_time(evidence));
        found
    };
    let (mut found, of_columns) = rayon::join(of_rows, || in_columns(evidence, &sample));
    found.extend(of_columns);
    found
}

/// What is found in columns.
fn in_columns(evidence: &Evidence<'_>, sample: &Sample) -> Vec<Finding> {
    let around = Around::parts(evidence, sample);
    // A feature is named once, by the most telling check.
    let mut named = vec![false; evidence.features.len()];
    let mut found = Vec::new();
    found.extend(copy::of_target(evidence, sample, around.as_ref(), &mut named));
    let train = around.as_ref().map(|around| &around[0]);
    if let Some(train) = train {
        found.extend(ahead::looks(evidence, sample, train, &mut named));
    }
    found.extend(alone::predicts(evidence, sample, train, &named));
    found.extend(identifier::used(evidence, sample));
    found
}
