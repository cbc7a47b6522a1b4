//! The identity of a table's rows, whatever their order and however they are cut into pieces.

use std::ops::Range;

use polars::prelude::{Column, DataFrame, DataType, PolarsError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::hash::to_hex;
use crate::table::TableReader;

/// A multiset of rows: their number, and the sum of their SHA-256 hashes modulo 2^256.
///
/// Adding hashes makes the order and the pieces not matter, and counts equal rows (`AdHash`: Bellare,
/// Micciancio 1997).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    rows: u64,
    sum: [u64; 4],
}

/// A row set as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Number of rows.
    pub rows: u64,
    /// Sum of the rows' hashes, 64 hex digits.
    pub hash: String,
}

impl RowSet {
    /// The rows of a features table: as its manifest records them, or counted for a table made by hand.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where the manifest does not say, or the table cannot be read.
    pub fn of_table(table: &Checkpoint) -> Result<Self> {
        if let Some(manifest) = &table.manifest {
            let recorded = manifest.found.get("identity").unwrap_or(&serde_json::Value::Null);
            let recorded = Identity::deserialize(recorded).map_err(|e| {
                Error::checkpoint(format!("its manifest does not say which rows it holds: {e}"))
                    .at(&table.path)
            })?;
            return Self::of(&recorded);
        }
        let mut rows = Self::default();
        let mut reader = TableReader::open(table, None)?;
        while let Some(batch) = reader.next_batch()? {
            rows.add(&batch)?;
        }
        Ok(rows)
    }

    /// Adds every row of `batch`.
    ///
    /// # Errors
    /// [`crate::Class::Unexpected`] for a column of a type that tables do not hold.
    pub fn add(&mut self, batch: &DataFrame) -> Result<()> {
        let rows = Rows::of(batch)?;
        let of_block = |rows_of_block| {
            let mut set = Self::default();
            rows.hash(rows_of_block, |hash| set.add_hash(&hash));
            set
        };
        blocks(batch.height()).map(of_block).collect::<Vec<_>>().iter().for_each(|set| self.merge(set));
        Ok(())
    }

    /// Adds all rows of another set.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.sum = add(self.sum, other.sum);
    }

    /// Takes all rows of another set, which were added before, out again.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where there are not so many rows.
    pub fn remove(&mut self, other: &Self) -> Result<()> {
        self.rows = self.rows.checked_sub(other.rows).ok_or_else(|| {
            Error::checkpoint(format!("cannot take {} rows out of {}", other.rows, self.rows))
        })?;
        let negative = add(other.sum.map(|limb| !limb), [1, 0, 0, 0]);
        self.sum = add(self.sum, negative);
        Ok(())
    }

    /// The set as it is stored.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let bytes: Vec<u8> = self.sum.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
        Identity { rows: self.rows, hash: to_hex(&bytes) }
    }

    /// The set that was stored.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where `identity` is damaged.
    pub fn of(identity: &Identity) -> Result<Self> {
        let damaged = || Error::checkpoint("the identity of the rows is damaged");
        if identity.hash.len() != 64 || !identity.hash.is_ascii() {
            return Err(damaged());
        }
        let mut sum = [0; 4];
        for (limb, i) in sum.iter_mut().rev().zip(0..) {
            *limb = u64::from_str_radix(&identity.hash[16 * i..16 * (i + 1)], 16).map_err(|_| damaged())?;
        }
        Ok(Self { rows: identity.rows, sum })
    }

    fn add_hash(&mut self, hash: &[u8; 32]) {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(hash.chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(bytes);
            *limb = u64::from_le_bytes(eight);
        }
        self.rows += 1;
        self.sum = add(self.sum, limbs);
    }
}

/// The SHA-256 of each row. A row is its cells by column name, so that the order of the columns does
/// not matter either.
///
/// # Errors
/// [`crate::Class::Unexpected`] for a column of a type that tables do not hold.
pub fn row_hashes(batch: &DataFrame) -> Result<Vec<[u8; 32]>> {
    let rows = Rows::of(batch)?;
    let of_block = |rows_of_block: Range<usize>| {
        let mut hashes = Vec::with_capacity(rows_of_block.len());
        rows.hash(rows_of_block, |hash| hashes.push(hash));
        hashes
    };
    let mut blocks: Vec<Vec<[u8; 32]>> = blocks(batch.height()).map(of_block).collect();
    Ok(if blocks.len() == 1 { blocks.remove(0) } else { blocks.concat() })
}

/// Rows that are hashed by one thread at a time.
const BLOCK_ROWS: usize = 1 << 12;

/// The numbers of `rows` rows, block by block.
fn blocks(rows: usize) -> impl IndexedParallelIterator<Item = Range<usize>> {
    let block = move |i: usize| i * BLOCK_ROWS..rows.min((i + 1) * BLOCK_ROWS);
    (0..rows.div_ceil(BLOCK_ROWS)).into_par_iter().map(block)
}

/// The cells of some rows, by column name.
struct Rows<'a> {
    /// That of a row before its cells: the hash of the names twice, which fills a block of SHA-256 and is taken once.
    names: Sha256,
    columns: Vec<Cells<'a>>,
}

impl<'a> Rows<'a> {
    fn of(batch: &'a DataFrame) -> Result<Self> {
        let mut columns: Vec<_> = batch.columns().iter().collect();
        columns.sort_by(|a, b| a.name().cmp(b.name()));
        let mut header = Sha256::new();
        for column in &columns {
            header.update((column.name().len() as u64).to_le_bytes());
            header.update(column.name().as_bytes());
        }
        let columns = columns.into_iter().map(Cells::of).collect::<Result<_>>()?;
        let header = header.finalize();
        Ok(Self { names: Sha256::new().chain_update(header).chain_update(header), columns })
    }

    /// Calls `each` with the hash of each of these rows.
    fn hash(&self, rows: Range<usize>, mut each: impl FnMut([u8; 32])) {
        let mut page = Page::default();
        for first in rows.clone().step_by(PAGE_ROWS) {
            page.begin(&self.columns, first..rows.end.min(first + PAGE_ROWS));
            self.columns.iter().for_each(|column| column.write(&mut page));
            page.rows().for_each(|row| each(self.names.clone().chain_update(row).finalize().into()));
        }
    }
}

/// Rows that are laid out together, column by column: their bytes stay in the nearest cache.
const PAGE_ROWS: usize = 64;
/// Bytes of a cell, but for the text of one that is text.
const CELL: usize = 9;

/// The bytes of some neighbouring rows, one after the other.
#[derive(Default)]
struct Page {
    rows: Range<usize>,
    bytes: Vec<u8>,
    /// By row: where it ends.
    ends: Vec<usize>,
    /// By row: where its next cell begins.
    at: Vec<usize>,
}

impl Page {
    /// Makes room for these rows.
    fn begin(&mut self, columns: &[Cells<'_>], rows: Range<usize>) {
        self.rows = rows;
        self.ends.clear();
        self.ends.resize(self.rows.len(), CELL * columns.len());
        for column in columns {
            if let Cells::Text(texts) = column {
                let lengths = texts[self.rows.clone()].iter().map(|text| text.map_or(0, str::len));
                self.ends.iter_mut().zip(lengths).for_each(|(end, length)| *end += length);
            }
        }
        self.at.clear();
        let mut from = 0;
        for end in &mut self.ends {
            self.at.push(from);
            *end += from;
            from = *end;
        }
        // What was there is written over to the last byte.
        self.bytes.resize(from, 0);
    }

    /// Adds a cell with its tag to each row.
    fn cells(&mut self, cells: impl Iterator<Item = (u8, u64)>) {
        for (at, (tag, value)) in self.at.iter_mut().zip(cells) {
            let mut cell = [tag; CELL];
            cell[1..].copy_from_slice(&value.to_le_bytes());
            self.bytes[*at..*at + CELL].copy_from_slice(&cell);
            *at += CELL;
        }
    }

    /// Adds text to the cells added last.
    fn texts(&mut self, texts: &[Option<&str>]) {
        for (at, text) in self.at.iter_mut().zip(texts) {
            let text = text.unwrap_or_default().as_bytes();
            self.bytes[*at..*at + text.len()].copy_from_slice(text);
            *at += text.len();
        }
    }

    /// The bytes of each row.
    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[*start..*end])
    }
}

/// Sum modulo 2^256, lowest limb first.
fn add(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let mut carry = false;
    std::array::from_fn(|i| {
        let (sum, over) = a[i].overflowing_add(b[i]);
        let (sum, over_again) = sum.overflowing_add(u64::from(carry));
        carry = over || over_again;
        sum
    })
}

/// The cells of a column: numbers of any kind as 64 bits with a tag, or text.
enum Cells<'a> {
    /// None of which is missing.
    Numbers(&'a [f64]),
    /// None of which is missing.
    Whole(u8, Vec<u64>),
    Bits(u8, Vec<Option<u64>>),
    Integers(Vec<Option<i64>>),
    Text(Vec<Option<&'a str>>),
}

impl<'a> Cells<'a> {
    fn of(column: &'a Column) -> Result<Self> {
        let failed = |e: PolarsError| Error::unexpected(format!("cannot read a column: {e}"));
        let whole = |tag: u8| -> Result<Self> {
            let cells = column.cast(&DataType::Int64).map_err(failed)?;
            let cells = cells.i64().map_err(failed)?;
            Ok(match cells.cont_slice() {
                Ok(cells) => Self::Whole(tag, cells.iter().map(|v| v.cast_unsigned()).collect()),
                Err(_) => Self::Bits(tag, cells.iter().map(|v| v.map(i64::cast_unsigned)).collect()),
            })
        };
        Ok(match column.dtype() {
            DataType::Float64 => {
                let values = column.f64().map_err(failed)?;
                match values.cont_slice() {
                    Ok(values) => Self::Numbers(values),
                    Err(_) => Self::Bits(1, values.iter().map(|v| v.map(bits)).collect()),
                }
            }
            // A whole number is the same number in a column of integers, where f64 can hold it.
            DataType::Int64 => Self::Integers(column.i64().map_err(failed)?.iter().collect()),
            DataType::Boolean => whole(3)?,
            DataType::Date => whole(4)?,
            DataType::Datetime(..) => whole(5)?,
            DataType::String => Self::Text(column.str().map_err(failed)?.iter().collect()),
            other => return Err(Error::unexpected(format!("a table does not hold {other}"))),
        })
    }

    /// Adds the cells of the rows of `page`, each with its type, so that no two cells share bytes.
    fn write(&self, page: &mut Page) {
        let rows = page.rows.clone();
        let missing = (0, 0);
        match self {
            Self::Numbers(values) => page.cells(values[rows].iter().map(|value| (1, bits(*value)))),
            Self::Whole(tag, values) => page.cells(values[rows].iter().map(|value| (*tag, *value))),
            Self::Bits(tag, values) => {
                page.cells(values[rows].iter().map(|value| value.map_or(missing, |value| (*tag, value))));
            }
            Self::Integers(values) => page.cells(values[rows].iter().map(|value| match value {
                Some(n) if n.unsigned_abs() <= 1 << 53 => (1, (*n as f64).to_bits()),
                Some(n) => (2, n.cast_unsigned()),
                None => missing,
            })),
            Self::Text(texts) => {
                let texts = &texts[rows];
                page.cells(texts.iter().map(|text| text.map_or(missing, |text| (6, text.len() as u64))));
                page.texts(texts);
            }
        }
    }
}

/// -0.0 and 0.0 are one value.
fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(x: &[Option<f64>], name: &[&str]) -> DataFrame {
        DataFrame::new(x.len(), vec![Column::new("x".into(), x), Column::new("n".into(), name)]).unwrap()
    }

    fn set(tables: &[&DataFrame]) -> RowSet {
        let mut set = RowSet::default();
        tables.iter().for_each(|t| set.add(t).unwrap());
        set
    }

    #[test]
    fn order_and_pieces_do_not_matter_and_every_cell_does() {
        let whole = table(&[Some(1.0), None, Some(2.0), Some(2.0)], &["a", "b", "c", "c"]);
        let first = table(&[Some(2.0), Some(1.0)], &["c", "a"]);
        let second = table(&[Some(2.0), None], &["c", "b"]);
        assert_eq!(set(&[&whole]), set(&[&second, &first]));
        let once = table(&[Some(1.0), None, Some(2.0)], &["a", "b", "c"]);
        assert_ne!(set(&[&whole]), set(&[&once]), "equal rows count");
        let zero = table(&[Some(1.0), Some(0.0), Some(2.0), Some(2.0)], &["a", "b", "c", "c"]);
        assert_ne!(set(&[&whole]), set(&[&zero]), "missing is not zero");
        let mut rest = set(&[&whole]);
        rest.remove(&set(&[&first])).unwrap();
        assert_eq!(rest, set(&[&second]));
        assert_eq!(RowSet::of(&rest.identity()).unwrap(), rest);
    }

    #[test]
    fn blocks_and_ways_to_hold_a_column_do_not_matter() {
        let rows = 2 * BLOCK_ROWS + 1;
        let numbers: Vec<f64> = (0..rows).map(|row| row as f64 / 4.0).collect();
        let with = |last: Option<f64>| -> Vec<Option<f64>> {
            numbers.iter().copied().map(Some).chain([last]).collect()
        };
        let names: Vec<String> = (0..=rows).map(|row| format!("n{}", row % 7)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // With a missing number the column is held another way; without that row it is the same set.
        let missing = table(&with(None), &names);
        let whole = table(&with(Some(-0.0)), &names);
        let mut rest = set(&[&missing]);
        rest.remove(&set(&[&missing.slice(rows.cast_signed() as i64, 1)])).unwrap();
        assert_eq!(rest, set(&[&whole.slice(0, rows)]));
        // Row by row, and all at once.
        let hashes = row_hashes(&whole).unwrap();
        assert_eq!(hashes.len(), rows + 1);
        for row in [0, BLOCK_ROWS - 1, BLOCK_ROWS, 2 * BLOCK_ROWS, rows] {
            assert_eq!(
                row_hashes(&whole.slice(row.cast_signed() as i64, 1)).unwrap(),
                [hashes[row]],
                "{row}"
            );
        }
        assert_eq!(row_hashes(&whole.slice(0, 0)).unwrap(), [[0; 32]; 0]);
        // The hash of one row by hand: header, then tag and cell by column name.
        let header: Vec<u8> = [(1_u64, b"n"), (1, b"x")]
            .iter()
            .flat_map(|(length, name)| length.to_le_bytes().into_iter().chain(name.iter().copied()))
            .collect();
        let cells = [&[6][..], &2_u64.to_le_bytes(), b"n1", &[1], &0.25_f64.to_le_bytes()].concat();
        let by_hand: [u8; 32] =
            Sha256::digest([&Sha256::digest(&header).repeat(2), &cells[..]].concat()).into();
        assert_eq!(hashes[1], by_hand);
    }

    #[test]
    fn texts_of_any_length_keep_to_their_rows() {
        let rows = 3 * PAGE_ROWS + 5;
        let texts: Vec<Option<String>> =
            (0..rows).map(|row| (row % 5 != 0).then(|| "é".repeat(row * row % 37))).collect();
        let number = |row: usize| (!row.is_multiple_of(3)).then_some(row.cast_signed() as i64 - 7);
        let column = |name: &str| Column::new(name.into(), &texts);
        let numbers: Vec<Option<i64>> = (0..rows).map(number).collect();
        let table =
            DataFrame::new(rows, vec![column("c"), Column::new("b".into(), &numbers), column("a")]).unwrap();
        let names = [&1_u64.to_le_bytes()[..], b"a", &1_u64.to_le_bytes(), b"b", &1_u64.to_le_bytes(), b"c"];
        let header = Sha256::digest(names.concat()).repeat(2);
        let missing = || vec![0; 9];
        let hashes = row_hashes(&table).unwrap();
        for row in 0..rows {
            let text = texts[row].as_ref().map_or_else(missing, |text| {
                [&[6][..], &(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
            });
            let number =
                numbers[row].map_or_else(missing, |n| [&[1][..], &(n as f64).to_le_bytes()].concat());
            let by_hand: [u8; 32] = Sha256::digest([&header[..], &text, &number, &text].concat()).into();
            assert_eq!(hashes[row], by_hand, "{row}");
        }
    }

    #[test]
    fn the_order_of_columns_does_not_matter() {
        let a =
            DataFrame::new(1, vec![Column::new("x".into(), [1.0]), Column::new("y".into(), [2.0])]).unwrap();
        let b =
            DataFrame::new(1, vec![Column::new("y".into(), [2.0]), Column::new("x".into(), [1.0])]).unwrap();
        let c =
            DataFrame::new(1, vec![Column::new("y".into(), [1.0]), Column::new("x".into(), [2.0])]).unwrap();
        assert_eq!(set(&[&a]), set(&[&b]));
        assert_ne!(set(&[&a]), set(&[&c]));
    }
}
