//! Raw text to typed values: every cell read by its rule, every breach noted.

mod cells;
mod texts;

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::table::TableReader;
use polars::prelude::{BooleanChunked, DataFrame, DataType, NewChunkedArray as _, PolarsResult};
use rayon::prelude::*;

use crate::columns::Rules;
use crate::violations::Violations;
use cells::Cells;

pub(crate) use texts::Texts;

/// Identity of a row: the first 128 bits of the SHA-256 of its cells, by column name.
pub type Digest = [u8; 16];

/// The raw table, typed, with the identity of each row as it stood in the raw text.
pub(crate) struct Typed {
    /// As it was read, in many chunks.
    pub(crate) table: DataFrame,
    pub(crate) digests: Vec<Digest>,
}

impl Typed {
    /// The rows that `stays` marks, each column in one chunk; all where it is not given.
    pub(crate) fn of(self, stays: Option<&[bool]>) -> Result<Self> {
        let Self { table, mut digests } = self;
        let mask = stays.map(|stays| BooleanChunked::from_slice("stays".into(), stays));
        // Each column as it was is gone before the next, so that there are never two tables.
        let columns = table.into_columns().into_par_iter().map(|column| match &mask {
            Some(mask) => {
                let kept = column.filter(mask)?;
                drop(column);
                Ok(kept.rechunk())
            }
            None => Ok(column.rechunk()),
        });
        let columns = columns.collect::<PolarsResult<Vec<_>>>()?;
        if let Some(stays) = stays {
            let mut stays = stays.iter();
            digests.retain(|_| stays.next() == Some(&true));
        }
        Ok(Self { table: DataFrame::new(digests.len(), columns)?, digests })
    }
}

/// Reads the whole raw table.
pub(crate) fn read(raw: &Checkpoint, rules: &Rules, violations: &mut Violations) -> Result<Typed> {
    let names: Vec<String> = rules.columns.iter().map(|r| r.field.name.clone()).collect();
    let mut reader = TableReader::open_raw(raw, Some(&names))?;
    let mut table: Option<DataFrame> = None;
    let mut digests = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        // A table made by hand may already hold types; the contract is read on its text all the same,
        // which is then in our own form.
        let plain: Vec<bool> =
            names.iter().map(|n| Ok(*batch.column(n)?.dtype() != DataType::String)).collect::<Result<_>>()?;
        let batch = as_text(batch)?;
        let texts = Texts::of(&batch, &names)?;
        let place = Place { first: digests.len() as u64, positions: None, plain: &plain };
        let (identities, typed) =
            rayon::join(|| texts.identities(&names), || typed(&texts, rules, &place, violations));
        digests.extend(identities);
        match &mut table {
            None => table = Some(typed?),
            Some(all) => all.vstack_mut_owned(typed?).map(drop)?,
        }
    }
    Ok(Typed { table: table.unwrap_or_else(DataFrame::empty), digests })
}

/// Where a batch stands.
pub(crate) struct Place<'a> {
    /// The number of its first row, from 0.
    pub(crate) first: u64,
    /// The places of its columns in the source, from 0; those in the table where they are not given.
    pub(crate) positions: Option<&'a [usize]>,
    /// Columns whose cells are in our own form; none where the list is empty.
    pub(crate) plain: &'a [bool],
}

/// A batch of text, typed by the rules; `texts` has a column for each of them, and so has the table.
pub(crate) fn typed(
    texts: &Texts<'_>,
    rules: &Rules,
    place: &Place<'_>,
    violations: &mut Violations,
) -> Result<DataFrame> {
    let spelled = rules.spellings.of_rows(place.first, texts.rows);
    let columns = rules.columns.iter().zip(&texts.columns).enumerate().map(|(number, (rule, texts))| {
        let is_plain = place.plain.get(number) == Some(&true);
        let position = place.positions.and_then(|all| all.get(number).copied()).unwrap_or(number);
        Cells::new(rule, &rules.spellings, is_plain, position, texts, spelled.as_deref())
    });
    let columns: Vec<Cells<'_>> = columns.collect();
    // Columns are read on any thread; what is wrong with them is told in their order.
    let read = columns.par_iter().map(Cells::typed).collect::<Vec<_>>();
    let mut out = Vec::with_capacity(columns.len());
    for (cells, (column, breaches)) in columns.iter().zip(read) {
        cells.note(&breaches, place.first, violations);
        out.push(column);
    }
    Ok(DataFrame::new(texts.rows, out)?)
}

fn as_text(batch: DataFrame) -> PolarsResult<DataFrame> {
    let rows = batch.height();
    let columns = batch.into_columns().into_iter().map(|c| match c.dtype() {
        DataType::String => Ok(c),
        _ => c.cast(&DataType::String),
    });
    DataFrame::new(rows, columns.collect::<PolarsResult<Vec<_>>>()?)
}
