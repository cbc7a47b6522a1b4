//! Rows that repeat another: equal in every cell, or of one key; and equal rows whose targets differ.

mod conflicts;

use common::error::Result;
use common::schema::Field;
use common::{identity, text};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray as _};
use rayon::prelude::*;
use serde::Serialize;

use crate::dropped::{Dropped, Reason};
use crate::repeats::{Repeat, repeats};
use crate::settings::{Duplicates, Equal, Keep, KeyRule, Settings};
use crate::typed::Digest;
use crate::violations::{Sources, Violations};
use conflicts::Conflicts;

/// Rows that one thread hashes at a time.
const PIECE_ROWS: usize = 1 << 14;

/// Rows that repeat another, and what becomes of them.
#[derive(Default)]
pub(crate) struct Found {
    /// Rows that go, in the order of the table.
    pub(crate) dropped: Vec<Dropped>,
    /// Rows that break the contract, with the row they repeat; both from 0.
    pub(crate) breaches: Vec<(u64, u64)>,
    /// For the manifest.
    pub(crate) counts: Counts,
}

/// How many rows repeat another.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counts {
    /// Rows equal in every cell to an earlier one; under a key to the one of their key that stays.
    equal: u64,
    /// Further rows of a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_key: Option<u64>,
    /// Rows that miss a part of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_key: Option<u64>,
    /// Rows equal in every cell but the target's.
    conflicting: Conflicts,
}

/// Finds them in `table`, all rows as they were read; `digests` are the rows' identities as raw text.
pub(crate) fn find(
    settings: &Settings,
    table: &DataFrame,
    fields: &[Field],
    digests: &[Digest],
) -> Result<Found> {
    let mut found = repeated(&settings.duplicates, table, digests)?;
    found.counts.conflicting = conflicts::count(table, fields, &settings.target_columns)?;
    Ok(found)
}

/// The rows of `table` that repeat another by a rule.
pub(crate) fn repeated(rule: &Duplicates, table: &DataFrame, digests: &[Digest]) -> Result<Found> {
    match rule {
        Duplicates::Equal(rule) => Ok(equal(*rule, digests)),
        Duplicates::Key(rule) => by_key(rule, table, digests),
    }
}

fn equal(rule: Equal, digests: &[Digest]) -> Found {
    let mut found = Found::default();
    let repeats = repeats(digests.len(), |row| Some(digests[row]), Keep::First);
    found.counts.equal = repeats.len() as u64;
    let rows = repeats.into_iter().map(|repeat| (repeat.row as u64, repeat.kept as u64));
    match rule {
        Equal::Keep => {}
        Equal::Drop => {
            found.dropped =
                rows.map(|(row, kept)| Dropped { row, reason: Reason::Duplicate, kept }).collect();
        }
        Equal::Error => found.breaches = rows.collect(),
    }
    found
}

/// Compares typed values: `1.50` and `1.5` are one key.
fn by_key(rule: &KeyRule, table: &DataFrame, digests: &[Digest]) -> Result<Found> {
    let key = table.select(rule.key.iter().map(String::as_str))?;
    let known = complete(&key);
    let keys = row_digests(&key, None)?;
    let mut found = Found::default();
    let (mut same_key, missing_key) = (0, known.iter().filter(|known| !**known).count() as u64);
    for Repeat { row, kept } in repeats(keys.len(), |row| known[row].then(|| keys[row]), rule.keep) {
        let same = digests[row] == digests[kept];
        let reason = if same { Reason::Duplicate } else { Reason::DuplicateKey };
        found.counts.equal += u64::from(same);
        same_key += u64::from(!same);
        let (row, kept) = (row as u64, kept as u64);
        if !same && rule.keep == Keep::Error {
            found.breaches.push((row, kept));
        } else {
            found.dropped.push(Dropped { row, reason, kept });
        }
    }
    (found.counts.same_key, found.counts.missing_key) = (Some(same_key), Some(missing_key));
    Ok(found)
}

/// For every row, whether none of its cells is missing.
pub(crate) fn complete(table: &DataFrame) -> Vec<bool> {
    let mut known = vec![true; table.height()];
    for column in table.columns().iter().filter(|column| column.null_count() > 0) {
        known.iter_mut().zip(column.is_not_null().iter()).for_each(|(k, cell)| *k &= cell.unwrap_or(false));
    }
    known
}

/// The first 128 bits of the hash of each row, which no data can make collide; of the rows of `among` only, where it
/// is given. Hashed in pieces, so that the longer ones are never all held.
fn row_digests(table: &DataFrame, among: Option<&[bool]>) -> Result<Vec<Digest>> {
    let short = |hash: [u8; 32]| {
        let mut digest = Digest::default();
        digest.copy_from_slice(&hash[..16]);
        digest
    };
    let piece = |start: usize| -> Result<Vec<Digest>> {
        let mut piece = table.slice(start.cast_signed() as i64, PIECE_ROWS);
        if let Some(among) = among {
            let among = &among[start..start + piece.height()];
            if !among.contains(&true) {
                return Ok(Vec::new());
            }
            piece = piece.filter_seq(&BooleanChunked::from_slice("among".into(), among))?;
        }
        Ok(identity::row_hashes(&piece)?.into_iter().map(short).collect())
    };
    let starts: Vec<usize> = (0..table.height()).step_by(PIECE_ROWS).collect();
    let pieces = starts.into_par_iter().map(piece).collect::<Result<Vec<_>>>()?;
    Ok(pieces.concat())
}

impl Found {
    /// For every row of `rows`, whether it stays.
    pub(crate) fn stays(&self, rows: usize) -> Vec<bool> {
        let mut stays = vec![true; rows];
        for dropped in &self.dropped {
            if let Some(row) = usize::try_from(dropped.row).ok().and_then(|row| stays.get_mut(row)) {
                *row = false;
            }
        }
        stays
    }

    /// Numbers in the raw table (from 0) of the rows that stay, of which there are `stay`.
    pub(crate) fn numbers(&self, stay: usize) -> impl Iterator<Item = u64> {
        let rows = self.stays(stay + self.dropped.len());
        rows.into_iter().zip(0..).filter_map(|(stays, row)| stays.then_some(row))
    }

    /// Notes the rows that break the contract.
    pub(crate) fn report(
        &self,
        settings: &Settings,
        fields: &[Field],
        sources: &Sources,
        breaches: &mut Violations,
    ) {
        let key = settings.duplicates.key();
        let position = fields.iter().position(|f| key.first().is_none_or(|k| f.name == *k)).unwrap_or(0);
        let Some(column) = fields.get(position) else { return };
        for (row, earlier) in &self.breaches {
            let (source, line) = sources.of(Some(*earlier));
            let place = format!("{}:{line}", text::shown(source));
            let what = if key.is_empty() {
                format!("the row equals {place}")
            } else {
                format!("the row has the key of {place} ({}), and differs from it", text::names(key))
            };
            breaches.add_cell(*row, position, &column.name, what);
        }
    }

    /// What the log says of them.
    pub(crate) fn log(&self, settings: &Settings) {
        let rows = |n: u64| text::count(n, "row");
        let dropped = |reason| self.dropped.iter().filter(|d| d.reason == reason).count() as u64;
        let (equal, same_key) = (dropped(Reason::Duplicate), dropped(Reason::DuplicateKey));
        let key = text::names(settings.duplicates.key());
        if equal > 0 {
            let other = if key.is_empty() { "an earlier row" } else { "the row of their key that stays" };
            log::info!("dropped {}: equal to {other} in every cell", rows(equal));
        }
        if same_key > 0 {
            let which = match &settings.duplicates {
                Duplicates::Key(rule) if rule.keep == Keep::Last => "last",
                _ => "first",
            };
            log::info!("dropped {}: of the rows with one key ({key}) the {which} stays", rows(same_key));
        }
        if let Some(missing @ 1..) = self.counts.missing_key {
            log::warn!("{} without a full key ({key}): kept, since they repeat nothing", rows(missing));
        }
        self.counts.conflicting.log();
    }
}
