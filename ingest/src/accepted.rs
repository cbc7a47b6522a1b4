//! `ingest.lock`: what was found and a person accepted. Where there is one, a later run finds what fits
//! it, or stops and says what changed.

use std::collections::{BTreeMap, BTreeSet};

use common::project::names;
use common::schema::Kind;
use common::{Project, Result, accepted, text};
use serde::{Deserialize, Serialize};

use crate::combine::Combined;
use crate::profile::Profile;
use crate::recorded::RecordedDialect;
use crate::settings::Settings;
use crate::sources::Source;
use crate::survey::Survey;

/// Most changes listed.
const MOST_LISTED: usize = 20;

/// What was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    /// Columns in the order of the table.
    columns: Vec<Column>,
    /// The dialects of each entry of `sources`.
    dialects: BTreeMap<String, Vec<RecordedDialect>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
}

impl Accepted {
    /// Reads the lock of a project; nothing where there is none.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with the line where it is no lock file.
    pub(crate) fn read(project: &Project) -> Result<Option<Self>> {
        accepted::read(&project.path(names::INGEST_LOCK))
    }

    /// What a run found; columns whose types are given elsewhere count as text.
    pub(crate) fn found(
        settings: &Settings,
        sources: &[Source],
        survey: &Survey,
        combined: &Combined,
    ) -> Self {
        let column = |(name, profile): (&String, &Profile)| {
            if is_given(settings, name) {
                return Column { name: name.clone(), kind: Kind::String, format: None };
            }
            let format = profile.found().format().map(str::to_owned);
            Column { name: name.clone(), kind: profile.kind(), format }
        };
        let mut dialects: BTreeMap<String, Vec<RecordedDialect>> = BTreeMap::new();
        for (source, plan) in sources.iter().zip(&survey.plans) {
            let known = dialects.entry(source.given.entry.clone()).or_default();
            let one = RecordedDialect::of(&plan.form);
            if !known.contains(&one) {
                known.push(one);
            }
        }
        Self { columns: survey.columns.iter().zip(&combined.profiles).map(column).collect(), dialects }
    }

    /// Writes the lock.
    ///
    /// # Errors
    /// [`common::Class::Write`].
    pub(crate) fn write(&self, project: &Project) -> Result<()> {
        accepted::write(&project.path(names::INGEST_LOCK), self)
    }

    /// The type accepted for a column, and the pattern of its dates.
    pub(crate) fn kind(&self, name: &str) -> Option<(Kind, Option<String>)> {
        let column = self.columns.iter().find(|c| c.name == name)?;
        Some((column.kind, column.format.clone()))
    }

    /// Refuses what was found where it does not fit.
    ///
    /// # Errors
    /// [`common::Class::Schema`] with all that changed.
    pub(crate) fn check(&self, found: &Self, combined: &Combined, project: &Project) -> Result<()> {
        let mut changes = self.columns_changed(found, &combined.profiles);
        changes.extend(self.dialects_changed(found));
        accepted::refuse(&changes, &project.path(names::INGEST_LOCK), "ingest --accept", MOST_LISTED)
    }

    fn columns_changed(&self, found: &Self, profiles: &[Profile]) -> Vec<String> {
        let names = |one: &Self| one.columns.iter().map(|c| c.name.clone()).collect::<BTreeSet<_>>();
        let (before, now) = (names(self), names(found));
        let mut changes: Vec<String> = Vec::new();
        changes.extend(before.difference(&now).map(|name| format!("column {} is gone", text::name(name))));
        changes.extend(now.difference(&before).map(|name| format!("column {} is new", text::name(name))));
        for (column, profile) in found.columns.iter().zip(profiles) {
            let Some(known) = self.columns.iter().find(|c| c.name == column.name) else { continue };
            if !known.holds(column, profile) {
                changes.push(format!(
                    "column {} is {}, was {}",
                    text::name(&column.name),
                    column.type_name(),
                    known.type_name()
                ));
            }
        }
        changes
    }

    fn dialects_changed(&self, found: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (entry, dialects) in &found.dialects {
            let Some(known) = self.dialects.get(entry) else {
                changes.push(format!("source {} is new", text::one_line(entry)));
                continue;
            };
            for dialect in dialects.iter().filter(|d| !known.contains(d)) {
                let difference = known.first().map(|first| dialect.difference(first)).unwrap_or_default();
                changes.push(format!("{}: {difference}", text::one_line(entry)));
            }
        }
        let gone = self.dialects.keys().filter(|entry| !found.dialects.contains_key(*entry));
        changes.extend(gone.map(|entry| format!("source {} is gone", text::one_line(entry))));
        changes
    }
}

impl Column {
    /// Whether every cell of a column found now is of this type.
    fn holds(&self, found: &Self, profile: &Profile) -> bool {
        let is_one_reading = || {
            let readings = profile.found().ambiguous_dates();
            readings.is_some_and(|both| both.iter().any(|one| self.format.as_deref() == Some(one)))
        };
        profile.cells() == 0
            || self.kind == Kind::String
            || self.kind == found.kind && self.format == found.format
            || self.kind == Kind::Number && found.kind == Kind::Integer
            || is_one_reading()
    }

    fn type_name(&self) -> String {
        match &self.format {
            Some(format) => format!("{} ({format})", self.kind),
            None => self.kind.to_string(),
        }
    }
}

/// Whether the type of a column is given elsewhere.
fn is_given(settings: &Settings, name: &str) -> bool {
    settings.types.contains_key(name) || settings.contracted.contains(name)
}
