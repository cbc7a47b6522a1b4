//! What the stage found, for the manifest, the log and later stages.

use std::collections::BTreeMap;

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::json;
use polars::prelude::IdxSize;
use serde::Serialize;
use stats::{Counts, Reference};

use crate::make::Made;
use crate::profile::{self, ByPart, Profile, Statistics};
use crate::rows::Rows;
use crate::timeline::Timeline;

/// `found` in the manifest of the features table.
#[derive(Serialize)]
pub(crate) struct Found<'a> {
    features: BTreeMap<&'a str, Statistics>,
    target: Statistics,
    reference: Profiles<'a, Reference>,
    counts: Profiles<'a, ByPart<Counts>>,
    /// First and last time of each part.
    clock: Option<Times>,
    /// How `clean` split.
    split: Option<serde_json::Value>,
    /// Missing cells of the columns before `clean` filled them, where there were any.
    nulls: Option<serde_json::Value>,
    /// Results that are not finite, by feature.
    undefined: &'a BTreeMap<String, u64>,
    /// Cells with a value that no training row has, by text column.
    unseen: BTreeMap<String, u64>,
    /// What the leak guard found; nothing where it is off.
    leaks: serde_json::Value,
}

#[derive(Serialize)]
struct Profiles<'a, T> {
    features: BTreeMap<&'a str, T>,
    target: T,
}

#[derive(Serialize)]
struct Times {
    first: ByPart<Option<String>>,
    last: ByPart<Option<String>>,
}

/// Statistics, drift and times of the rows that are kept, before features are filled, from the profiles of the
/// features and of the target.
///
/// # Errors
/// If something has no JSON form.
pub(crate) fn of(
    rows: &Rows<'_>,
    made: &Made,
    (profiles, target): (Vec<Profile>, Profile),
    clean: &Checkpoint,
    timeline: Option<&Timeline>,
    leaks: serde_json::Value,
) -> Result<serde_json::Value> {
    let mut found = Found {
        features: BTreeMap::new(),
        target: target.statistics,
        reference: Profiles { features: BTreeMap::new(), target: target.reference },
        counts: Profiles { features: BTreeMap::new(), target: target.counts },
        clock: timeline.map(|t| times(rows, t)),
        split: clean.manifest.as_ref().and_then(|m| m.learned.get("split").cloned()),
        nulls: clean.manifest.as_ref().and_then(|m| m.found.get("nulls").cloned()),
        undefined: &made.undefined,
        unseen: made.counts_unseen(),
        leaks,
    };
    for (feature, profile) in made.features.iter().zip(profiles) {
        let name = feature.name.as_str();
        profile::log(name, &profile.statistics);
        found.features.insert(name, profile.statistics);
        found.reference.features.insert(name, profile.reference);
        found.counts.features.insert(name, profile.counts);
    }
    profile::log(&rows.recipe.target.column, &found.target);
    json::value(&found)
}

/// First and last time of each part.
fn times(rows: &Rows<'_>, timeline: &Timeline) -> Times {
    let of = |part: &[IdxSize], last: bool| {
        let times = part.iter().map(|row| timeline.times[*row as usize]);
        let time = if last { times.max() } else { times.min() };
        time.map(|time| timeline.clock.show(time))
    };
    Times { first: rows.kept.map(|part| of(part, false)), last: rows.kept.map(|part| of(part, true)) }
}
