//! Parts by a hash of the key: new rows never move old ones.

use common::error::{Error, Result};
use common::{hash, text};
use polars::prelude::{Column, DataFrame, DataType, PolarsResult};

use super::Part;
use crate::typed::Digest;

/// Shares of the parts, and which of the possible splits.
pub(super) struct Shares<'a> {
    pub(super) calibration: f64,
    pub(super) test: f64,
    pub(super) salt: &'a str,
}

impl Shares<'_> {
    /// By the upper 53 bits of a SHA-256 of salt and key as a number in [0, 1): test lowest, then
    /// calibration, so that a change of the calibration share never moves a test row.
    fn part(&self, bytes: &[u8]) -> Part {
        let digest = hash::digest128(bytes);
        let mut head = [0; 8];
        head.copy_from_slice(&digest[..8]);
        let share = (u64::from_be_bytes(head) >> 11) as f64 / (1u64 << 53) as f64;
        if share < self.test {
            Part::Test
        } else if share < self.test + self.calibration {
            Part::Calibration
        } else {
            Part::Train
        }
    }
}

/// The part of each row by its `key`, or by the whole row where the key has no column.
pub(super) fn parts(
    table: &DataFrame,
    digests: &[Digest],
    key: &[String],
    shares: &Shares<'_>,
) -> Result<Vec<Part>> {
    let salt = shares.salt.as_bytes();
    if key.is_empty() {
        return Ok(digests.iter().map(|d| shares.part(&[salt, b"\0", d].concat())).collect());
    }
    let failed = |e| Error::unexpected(format!("cannot read the key of the split: {e}"));
    let columns = key.iter().map(|name| table.column(name).and_then(as_text));
    let columns = columns.collect::<PolarsResult<Vec<_>>>().map_err(failed)?;
    let texts = columns.iter().map(Column::str).collect::<PolarsResult<Vec<_>>>().map_err(failed)?;
    let without = (0..table.height()).filter(|i| texts.iter().any(|t| t.get(*i).is_none())).count() as u64;
    if without > 0 {
        let (rows, key) = (text::count(without, "row"), text::names(key));
        log::warn!(
            "{rows} without a full key of the split ({key}): those that miss the same go to one part together"
        );
    }
    let row = |i: usize| {
        let mut bytes = [salt, b"\0"].concat();
        for text in &texts {
            let cell = text.get(i).unwrap_or_default();
            bytes.extend((cell.len() as u64).to_le_bytes());
            bytes.extend(cell.as_bytes());
        }
        shares.part(&bytes)
    };
    Ok((0..table.height()).map(row).collect())
}

/// The column as text. A whole number has the text of an integer, so that one new row with a fraction, which
/// makes numbers of a column of integers, moves no other.
fn as_text(column: &Column) -> PolarsResult<Column> {
    let texts = column.cast(&DataType::String)?;
    if *column.dtype() != DataType::Float64 {
        return Ok(texts);
    }
    let cells = column.f64()?.iter().zip(texts.str()?.iter()).map(|(number, text)| match number {
        // Those that f64 tells apart; zero has two signs and is one number.
        Some(x) if x.fract() == 0.0 && x.abs() < 9e15 => Some(format!("{:.0}", x + 0.0)),
        _ => text.map(str::to_owned),
    });
    Ok(Column::new(column.name().clone(), cells.collect::<Vec<_>>()))
}
