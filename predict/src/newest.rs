//! The times that a forecast is made at, and entities that ended before the others.
//!
//! With a horizon of h rows, the rows of an entity that wait for their target are its last h. An entity whose last
//! row lies before all of these of the entity with the newest row has ended: its target would be known by now,
//! and its forecast is for a time that has passed.

use std::collections::BTreeMap;

use common::config::TimeColumns;
use common::error::{Error, Result};
use common::manifest::Manifest;
use common::time::Clock;
use common::{Task, text};
use polars::prelude::{DataFrame, DataType};
use serde::Deserialize;
use serde_json::{Value, json};

/// Entities that are named in the log.
const MOST_NAMED: usize = 5;

/// How the entity and time of a row are read.
#[derive(Clone)]
pub(crate) struct Newest {
    clock: Clock,
    entity: Option<String>,
    spans: BTreeMap<String, Span>,
}

/// First and last time of an entity's rows, and how many they are.
#[derive(Clone, Copy)]
struct Span {
    first: i64,
    last: i64,
    rows: u64,
}

/// The keys of the features table, as its manifest has them.
#[derive(Deserialize)]
struct Keys {
    entity: Option<String>,
    time: Option<TimeColumns>,
}

impl Newest {
    /// The keys of a features table; nothing where it has no time.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where the manifest does not say them.
    pub(crate) fn of(manifest: &Manifest) -> Result<Option<Self>> {
        let wrong = |e: &dyn std::fmt::Display| {
            let again = Task::FeatureEngineer.program();
            Error::checkpoint(format!("does not say entity and time: {e}; run `{again}` again"))
        };
        let Keys { entity, time } = Keys::deserialize(&manifest.learned).map_err(|e| wrong(&e))?;
        let Some(time) = time else { return Ok(None) };
        let clock = Clock::new(&time, &manifest.fields).map_err(|e| wrong(&e))?;
        Ok(Some(Self { clock, entity, spans: BTreeMap::new() }))
    }

    /// Adds rows, which have their keys.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where a row has no time.
    pub(crate) fn add(&mut self, rows: &DataFrame) -> Result<()> {
        let times = self.clock.ordinals(rows)?;
        let times = times.map_err(|bad| {
            Error::checkpoint(format!("{} without a valid time", text::count(bad.len() as u64, "row")))
        })?;
        let entities =
            self.entity.as_ref().map(|name| rows.column(name)?.cast(&DataType::String)).transpose()?;
        let names = entities.as_ref().map(|column| column.str()).transpose()?;
        for (row, time) in times.into_iter().enumerate() {
            let name = names.and_then(|names| names.get(row)).unwrap_or_default();
            if let Some(span) = self.spans.get_mut(name) {
                *span = Span { first: span.first.min(time), last: span.last.max(time), rows: span.rows + 1 };
            } else {
                self.spans.insert(name.to_owned(), Span { first: time, last: time, rows: 1 });
            }
        }
        Ok(())
    }

    /// What was found, for the manifest; entities that ended are warned of.
    pub(crate) fn found(&self) -> BTreeMap<&'static str, Value> {
        let spans = || self.spans.values();
        let (first, last) = (spans().map(|s| s.first).min(), spans().map(|s| s.last).max());
        let shown = |time: Option<i64>| time.map(|time| self.clock.show(time));
        let mut found = BTreeMap::from([("times", json!({ "first": shown(first), "last": shown(last) }))]);
        if let Some(entity) = &self.entity {
            let since = spans().filter(|s| Some(s.last) == last).map(|s| s.first).min().unwrap_or(i64::MIN);
            let ended: Vec<(&String, &Span)> = self.spans.iter().filter(|(_, s)| s.last < since).collect();
            self.warn(entity, since, &ended);
            let rows: u64 = ended.iter().map(|(_, span)| span.rows).sum();
            found.insert("ended", json!({ "entities": ended.len(), "rows": rows }));
        }
        found
    }

    fn warn(&self, entity: &str, since: i64, ended: &[(&String, &Span)]) {
        if ended.is_empty() {
            return;
        }
        let one = |(name, span): &(&String, &Span)| {
            format!("{} ({})", text::name(name), self.clock.show(span.last))
        };
        let named: Vec<String> = ended.iter().take(MOST_NAMED).map(one).collect();
        let more = ended.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        log::warn!(
            "{} of {} of {} ended before {}, the oldest row whose target is not known yet where data are newest; the forecast of them is for a time that has passed: {}{more}",
            ended.len(),
            text::count(self.spans.len() as u64, "value"),
            text::name(entity),
            self.clock.show(since),
            named.join(", ")
        );
    }
}
