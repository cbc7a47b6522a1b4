//! What a run says of itself: the manifest, and answers on standard output.

use common::ledger::{Ledger, Step};
use common::manifest::{FileRecord, Manifest};
use common::schema::Kind;
use common::{Result, Task, json};
use serde::Serialize;

use crate::combine::Combined;
use crate::settings::Settings;
use crate::sources::Source;

/// What `found` holds in the manifest of `raw_ingested`.
#[derive(Debug, Serialize)]
struct Found<'a> {
    /// Sources in the order in which their rows stand; the line index names them by position.
    sources: Vec<FoundSource<'a>>,
    /// Columns in the order of the table.
    types: Vec<FoundType<'a>>,
    /// Cells that counted as missing when types were found.
    null_tokens: Vec<&'a str>,
    /// The form in which all sources were read.
    dialect: Dialect,
}

#[derive(Debug, Serialize)]
struct FoundSource<'a> {
    uri: &'a str,
    rows: u64,
    bytes: u64,
    first_line: Option<u64>,
    blank_lines: u64,
    line_ends: &'a str,
    byte_order_mark: bool,
    same_column_order: bool,
}

#[derive(Debug, Serialize)]
struct FoundType<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: Kind,
    nulls: u64,
}

#[derive(Debug, Serialize)]
struct Dialect {
    encoding: &'static str,
    delimiter: char,
    quote: char,
    header: bool,
}

const DIALECT: Dialect = Dialect { encoding: "utf-8", delimiter: ',', quote: '"', header: true };

/// The manifest of what was combined.
///
/// # Errors
/// A ledger that does not balance.
pub(crate) fn manifest(settings: &Settings, sources: &[Source], combined: &Combined) -> Result<Manifest> {
    let read = || sources.iter().zip(&combined.read);
    let inputs = read().map(|(source, one)| FileRecord {
        name: source.name.clone(),
        sha256: one.facts.sha256.clone(),
        bytes: one.facts.bytes,
    });
    let found = Found {
        sources: read()
            .map(|(source, one)| FoundSource {
                uri: &source.name,
                rows: one.rows,
                bytes: one.facts.bytes,
                first_line: one.first_line,
                blank_lines: one.facts.blank_lines,
                line_ends: one.facts.line_ends,
                byte_order_mark: one.facts.byte_order_mark,
                same_column_order: one.same_order,
            })
            .collect(),
        types: combined
            .fields
            .iter()
            .zip(&combined.profiles)
            .map(|(field, profile)| FoundType {
                name: &field.name,
                kind: profile.kind(),
                nulls: profile.nulls(),
            })
            .collect(),
        null_tokens: settings.null_tokens.iter().map(String::as_str).collect(),
        dialect: DIALECT,
    };
    let mut manifest = Manifest::new(Task::Ingest, &settings.effective()?, inputs.collect());
    manifest.fields.clone_from(&combined.fields);
    manifest.found = json::value(&found)?;
    manifest.ledger = Ledger::default().with(Step {
        stage: Task::Ingest.name().to_owned(),
        rows_in: combined.read.iter().map(|one| one.rows).sum(),
        rows_out: combined.rows,
        ..Step::default()
    })?;
    Ok(manifest)
}
