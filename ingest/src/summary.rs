//! What a run says of itself: the manifest, and warnings about columns.

use std::collections::{BTreeSet, HashMap};

use common::ledger::{Ledger, REJECTED, Read, SourceRead, Step};
use common::manifest::{FileRecord, Manifest};
use common::schema::{Kind, Numerals};
use common::{Error, Result, Task, text};
use serde::Serialize;
use serde_json::json;
use strict_csv::Held;

use crate::accepted::Accepted;
use crate::combine::{Combined, ReadSource};
use crate::files;
use crate::place::Place;
use crate::profile::Profile;
use crate::recorded::RecordedDialect;
use crate::settings::Settings;
use crate::sources::Source;
use crate::survey::Survey;

/// What `found` holds in the manifest of `raw_ingested`.
#[derive(Debug, Serialize)]
struct Found<'a> {
    /// Sources in the order in which their rows stand; the line index names them by position.
    sources: Vec<FoundSource<'a>>,
    /// Columns in the order of the table.
    types: Vec<FoundType<'a>>,
    /// Cells that counted as missing when types were found.
    null_tokens: Vec<&'a str>,
    /// How numbers are written.
    numerals: Numerals,
    /// The forms in which sources were read; sources name them by position.
    dialects: Vec<RecordedDialect>,
}

#[derive(Debug, Serialize)]
struct FoundSource<'a> {
    uri: &'a str,
    dialect: usize,
    #[serde(flatten)]
    read: SourceRead,
    first_line: Option<u64>,
    line_ends: &'static str,
    byte_order_mark: bool,
    same_column_order: bool,
    /// Where its values are written in another way than those of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    null_tokens: Option<&'a BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numerals: Option<Numerals>,
}

#[derive(Debug, Serialize)]
struct FoundType<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    nulls: u64,
}

/// The manifest of what was combined.
///
/// # Errors
/// A ledger that does not balance.
pub(crate) fn manifest(
    settings: &Settings,
    sources: &[Source],
    survey: &Survey,
    combined: &Combined,
    accepted: Option<&Accepted>,
) -> Result<Manifest> {
    let read = || sources.iter().zip(&combined.read);
    let inputs = read().map(|(source, one)| FileRecord {
        name: source.name.clone(),
        sha256: one.facts.sha256.clone(),
        bytes: one.facts.bytes,
    });
    warn_of_copies(sources, combined);
    let (dialects, numbers) = dialects(survey);
    let found = Found {
        sources: read()
            .zip(&survey.plans)
            .zip(numbers)
            .map(|(((source, one), plan), dialect)| {
                found_source(settings, source, one, plan.same_order, dialect)
            })
            .collect(),
        types: types(settings, sources, combined, accepted),
        null_tokens: settings.spelling.null_tokens.iter().map(String::as_str).collect(),
        numerals: settings.spelling.numerals,
        dialects,
    };
    let mut manifest = Manifest::new(Task::Ingest, &settings.effective()?, inputs.collect());
    manifest.fields.clone_from(&combined.fields);
    manifest.found = common::json::value(&found)?;
    manifest.learned = json!({ "dialects": files::recorded(settings) });
    manifest.ledger = ledger(sources, combined)?;
    manifest.check_ledger().map_err(Error::unexpected)?;
    Ok(manifest)
}

/// From the bytes of all sources to rows.
fn ledger(sources: &[Source], combined: &Combined) -> Result<Ledger> {
    let mut read = Read::default();
    for (source, one) in sources.iter().zip(&combined.read) {
        let counts = one.counts();
        let imbalance = |numbers| Error::unexpected(format!("what was read does not balance: {numbers}"));
        counts.check().map_err(|numbers| imbalance(numbers).at(&source.shown))?;
        read = read.and(counts);
    }
    let rejected: u64 = combined.read.iter().map(|one| one.rejected).sum();
    let mut step = Step {
        stage: Task::Ingest.name().to_owned(),
        rows_in: combined.read.iter().map(|one| one.rows + one.rejected).sum(),
        rows_out: combined.rows,
        read: Some(read),
        ..Step::default()
    };
    if rejected > 0 {
        step.dropped.insert(REJECTED.to_owned(), rejected);
    }
    Ledger::default().with(step)
}

/// Says so where two sources hold the same bytes: a copy of a file counts its rows twice.
fn warn_of_copies(sources: &[Source], combined: &Combined) {
    let mut seen: HashMap<&str, &Source> = HashMap::new();
    for (source, one) in sources.iter().zip(&combined.read) {
        if let Some(first) = seen.insert(&one.facts.sha256, source) {
            let (shown, first) = (text::path(&source.shown), text::path(&first.shown));
            log::warn!("{shown} holds the same bytes as {first}");
        }
    }
}

/// The dialects without repeats, and which of them each source has.
fn dialects(survey: &Survey) -> (Vec<RecordedDialect>, Vec<usize>) {
    let mut all: Vec<RecordedDialect> = Vec::new();
    let mut numbers = Vec::with_capacity(survey.plans.len());
    for plan in &survey.plans {
        let one = RecordedDialect::of(&plan.form);
        let number = all.iter().position(|known| *known == one).unwrap_or_else(|| {
            all.push(one);
            all.len() - 1
        });
        numbers.push(number);
    }
    (all, numbers)
}

fn found_source<'a>(
    settings: &Settings,
    source: &'a Source,
    one: &ReadSource,
    same_order: bool,
    dialect: usize,
) -> FoundSource<'a> {
    let spelling = &source.given.spelling;
    let own = *spelling != settings.spelling;
    FoundSource {
        uri: &source.name,
        dialect,
        read: SourceRead::of(&one.counts(), one.rows, one.facts.is_compressed, one.facts.is_decoded),
        first_line: one.first_line,
        line_ends: line_ends(one.held),
        byte_order_mark: one.facts.byte_order_mark,
        same_column_order: same_order,
        null_tokens: own.then_some(&spelling.null_tokens),
        numerals: own.then_some(spelling.numerals),
    }
}

/// `lf`, `crlf`, both, or nothing where no line ended with a line feed.
fn line_ends(held: Held) -> &'static str {
    match held.line_ends {
        [0, 0] => "none",
        [_, 0] => "lf",
        [0, _] => "crlf",
        _ => "lf and crlf",
    }
}

/// The type of each column: the one given, else the one accepted, else the one found; with a warning
/// where few cells spoil it.
fn types<'a>(
    settings: &Settings,
    sources: &[Source],
    combined: &'a Combined,
    accepted: Option<&Accepted>,
) -> Vec<FoundType<'a>> {
    let columns = combined.fields.iter().zip(&combined.profiles);
    columns
        .map(|(field, profile)| {
            let name = field.name.as_str();
            let found = || (profile.kind(), profile.found().format().map(str::to_owned));
            let (kind, format) = match settings.types.get(name) {
                Some(kind) => (*kind, None),
                None if settings.contracted.contains(name) => found(),
                None => accepted.and_then(|a| a.kind(name)).unwrap_or_else(|| {
                    warn(name, profile, sources);
                    found()
                }),
            };
            FoundType { name, kind, format, nulls: profile.nulls() }
        })
        .collect()
}

/// Says why a column is text that seems meant to be something else.
fn warn(name: &str, profile: &Profile, sources: &[Source]) {
    let name = text::name(name);
    if let Some((count, place)) = profile.found().misfit() {
        let place = Place::of_packed(place);
        let source = sources.get(place.source).map(|s| text::path(&s.shown)).unwrap_or_default();
        let cells = text::count(count, "cell");
        log::warn!(
            "column {name} is text: {cells} of {} not like the others, the first at {source}:{}",
            profile.cells(),
            place.line
        );
    }
    if let Some([one, other]) = profile.found().ambiguous_dates() {
        log::warn!(
            "column {name} is text: its dates could be {one} or {other}; give the `format` in schema.json"
        );
    }
}
