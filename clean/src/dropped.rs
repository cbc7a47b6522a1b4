//! The file of dropped rows: which line of which source, and why.

use std::collections::BTreeMap;
use std::path::Path;

use common::error::{Error, Result};
use common::publish::{self, Target, Written};

use crate::violations::Sources;

/// A row that was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// Its number in the raw table, from 0.
    pub(crate) row: u64,
    pub(crate) reason: Reason,
    /// The row that stays in its place.
    pub(crate) kept: u64,
}

/// Why a row was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It equals the row that stays in every cell.
    Duplicate,
    /// It has the key of the row that stays.
    DuplicateKey,
}

impl Reason {
    /// As in the ledger and the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::DuplicateKey => "duplicate_key",
        }
    }
}

/// Rows by reason; a reason that the configuration allows is there even where it never held.
pub(crate) fn by_reason(dropped: &[Dropped], keyed: bool) -> BTreeMap<String, u64> {
    let of = |reason: Reason| {
        let rows = dropped.iter().filter(|d| d.reason == reason).count() as u64;
        (reason.name().to_owned(), rows)
    };
    let mut reasons = BTreeMap::from([of(Reason::Duplicate)]);
    reasons.extend(keyed.then(|| of(Reason::DuplicateKey)));
    reasons
}

/// Writes one line a dropped row.
pub(crate) fn write(path: &Path, dropped: &[Dropped], sources: &Sources) -> Result<Written> {
    let failed = |e: csv::Error| Error::unexpected(format!("cannot list the dropped rows: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["source", "line", "reason", "kept_source", "kept_line"]).map_err(failed)?;
    for Dropped { row, reason, kept } in dropped {
        let ((source, line), (stays, at)) = (sources.of(Some(*row)), sources.of(Some(*kept)));
        let (line, at) = (line.to_string(), at.to_string());
        writer.write_record([source, &line, reason.name(), stays, &at]).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|e| Error::unexpected(e.to_string()))?;
    publish::of_bytes(&Target::file(path), &bytes)
}
