//! Keys: columns that together are the same in no two rows.
//!
//! Values are compared typed, so `1` and `1.0` are one number. A row that misses a part of a key is not
//! compared, as SQL has it; a part of the primary key must not be missing, which its column's rule says.

use std::collections::HashSet;

use common::error::Result;
use common::schema::{Contract, Kind};
use common::{hash, text};
use polars::prelude::{Column, DataFrame, DataType};
use rayon::prelude::*;

use crate::columns::{Rule, Rules};
use crate::repeats::{Repeat, repeats};
use crate::settings::Keep;
use crate::typed::Digest;
use crate::violations::{Sources, Violations};

/// Rows that one thread takes at least.
const PIECE_ROWS: usize = 4096;

/// Columns that are the same in no two rows.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Their positions in the table.
    columns: Vec<usize>,
    primary: bool,
}

impl Key {
    /// The keys of `contract` whose columns are all there, each once.
    pub(crate) fn all(contract: &Contract, columns: &[Rule]) -> Vec<Self> {
        let position = |name: &String| columns.iter().position(|rule| rule.field.name == *name);
        let unique = columns.iter().zip(0..).filter(|(rule, _)| rule.constraints.unique);
        let primary = contract.primary_key.iter().map(position).collect::<Option<Vec<_>>>();
        let primary = primary.into_iter().map(|columns| Self { columns, primary: true });
        let others = contract.unique_keys.iter().filter_map(|key| key.iter().map(position).collect());
        let others = unique.map(|(_, i)| vec![i]).chain(others);
        let all = primary.chain(others.map(|columns| Self { columns, primary: false }));
        let mut seen = HashSet::new();
        let is_first = |key: &Self| {
            let mut columns = key.columns.clone();
            columns.sort_unstable();
            !columns.is_empty() && seen.insert(columns)
        };
        all.filter(is_first).collect()
    }
}

/// The values of one column, so that equal values are equal numbers or equal texts.
enum Part<'a> {
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
}

impl<'a> Part<'a> {
    fn new(column: &'a Column, kind: Kind) -> Result<Self> {
        Ok(match kind {
            Kind::String => Self::Texts(column.str()?.iter().collect()),
            Kind::Number => {
                // Zero has two signs and is one number.
                let bits = |x: f64| (x + 0.0).to_bits().cast_signed();
                Self::Numbers(column.f64()?.iter().map(|x| x.map(bits)).collect())
            }
            _ => Self::Numbers(column.cast(&DataType::Int64)?.i64()?.iter().collect()),
        })
    }

    /// Adds the value of `row` to `bytes`; nothing where it is missing.
    fn write(&self, row: usize, bytes: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Numbers(values) => bytes.extend(values[row]?.to_le_bytes()),
            Self::Texts(values) => {
                let text = values[row]?;
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        }
        Some(())
    }
}

/// Notes every row whose key is that of an earlier row.
///
/// Memory: 40 bytes a row, for one key at a time.
pub(crate) fn check(
    rules: &Rules,
    table: &DataFrame,
    sources: &Sources,
    violations: &mut Violations,
) -> Result<()> {
    for key in rules.keys.iter().filter(|_| table.height() > 0) {
        let rule = |position: &usize| &rules.columns[*position];
        let names: Vec<&str> = key.columns.iter().map(|i| rule(i).field.name.as_str()).collect();
        let parts = key.columns.iter().zip(&names);
        let parts: Vec<Part<'_>> = parts
            .map(|(i, name)| Part::new(table.column(name)?, rule(i).field.kind))
            .collect::<Result<_>>()?;
        let rows = (0..table.height()).into_par_iter().with_min_len(PIECE_ROWS);
        let identities = rows.map_init(Vec::new, |bytes, row| identity(&parts, row, bytes));
        let identities: Vec<Option<Digest>> = identities.collect();
        for Repeat { row, kept } in repeats(identities.len(), |row| identities[row], Keep::First) {
            // The text of what is only counted is not made.
            let what = if violations.is_full() {
                String::new()
            } else {
                breach(key, &names, table, row, &sources.place(kept as u64))?
            };
            violations.add_cell(row as u64, key.columns[0], names[0], what);
        }
    }
    Ok(())
}

/// The identity of the key in `row`; nothing where a part is missing.
fn identity(parts: &[Part<'_>], row: usize, bytes: &mut Vec<u8>) -> Option<Digest> {
    if let [Part::Numbers(values)] = parts {
        // A number is its own identity.
        return values[row].map(|n| u128::from(n.cast_unsigned()).to_le_bytes());
    }
    bytes.clear();
    parts.iter().try_for_each(|part| part.write(row, bytes))?;
    Some(hash::digest128(bytes))
}

fn breach(key: &Key, names: &[&str], table: &DataFrame, row: usize, earlier: &str) -> Result<String> {
    let mut shown = Vec::with_capacity(names.len());
    for name in names {
        let cell = table.column(name)?.slice(row.cast_signed() as i64, 1).cast(&DataType::String)?;
        shown.push(text::name(cell.str()?.get(0).unwrap_or_default()));
    }
    let what = if key.primary { "the primary key names one row" } else { "no two rows may share it" };
    let of = if names.len() > 1 { format!(" of {}", text::names(names)) } else { String::new() };
    Ok(format!("found {}{of} as in {earlier}; {what}", shown.join(", ")))
}
