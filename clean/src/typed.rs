//! Raw text to typed values: every cell read by its rule, every breach noted.

mod building;
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

pub(crate) use building::Building;
pub(crate) use texts::Texts;

/// Identity of a row: the first 128 bits of the SHA-256 of its cells, by column name.
pub type Digest = [u8; 16];

/// The raw table, typed, with the identity of each row as it stood in the raw text.
pub(crate) struct Typed {
    pub(crate) table: DataFrame,
    pub(crate) digests: Vec<Digest>,
}

impl Typed {
    /// The rows that `stays` marks, each column in one piece of memory.
    pub(crate) fn of(self, stays: &[bool]) -> Result<Self> {
        let Self { table, mut digests } = self;
        let mask = BooleanChunked::from_slice("stays".into(), stays);
        // Each column as it was is gone before the next, so that there are never two tables.
        let columns = table.into_columns().into_par_iter().map(|column| column.filter(&mask));
        let columns = columns.collect::<PolarsResult<Vec<_>>>()?;
        let mut stays = stays.iter();
        digests.retain(|_| stays.next() == Some(&true));
        Ok(Self { table: DataFrame::new(digests.len(), columns)?, digests })
    }
}

/// Reads the whole raw table.
pub(crate) fn read(raw: &Checkpoint, rules: &Rules, violations: &mut Violations) -> Result<Typed> {
    let names: Vec<String> = rules.columns.iter().map(|r| r.field.name.clone()).collect();
    let mut reader = TableReader::open_raw(raw, Some(&names))?;
    let room = room(raw, names.len());
    let mut columns = Building::all(rules, room);
    let mut digests = Vec::with_capacity(room);
    while let Some(batch) = reader.next_batch()? {
        // A table made by hand may already hold types; the contract is read on its text all the same,
        // which is then in our own form.
        let plain: Vec<bool> =
            names.iter().map(|n| Ok(*batch.column(n)?.dtype() != DataType::String)).collect::<Result<_>>()?;
        let batch = as_text(batch)?;
        let texts = Texts::of(&batch, &names)?;
        let place = Place { first: digests.len() as u64, positions: None, plain: &plain };
        let read = || read_into(&mut columns, &texts, rules, &place, violations);
        let (identities, ()) = rayon::join(|| texts.identities(&names), read);
        digests.extend(identities);
    }
    Ok(Typed { table: Building::table(columns, digests.len())?, digests })
}

/// How many rows there are by the row ledger, as far as the file can hold as many: a cell of CSV takes a byte. A
/// wrong number is found later, and costs no more than memory that is not used.
fn room(raw: &Checkpoint, columns: usize) -> usize {
    let said = raw.manifest.as_ref().and_then(|m| m.ledger.0.last()).map_or(0, |step| step.rows_out);
    let most = raw.record.bytes / (columns as u64).max(1);
    usize::try_from(said.min(most)).unwrap_or(0)
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

/// Adds a batch of text to `all`, typed by the rules; `texts` has a column for each of them.
pub(crate) fn read_into(
    all: &mut [Building],
    texts: &Texts<'_>,
    rules: &Rules,
    place: &Place<'_>,
    violations: &mut Violations,
) {
    let spelled = rules.spellings.of_rows(place.first, texts.rows);
    let columns = rules.columns.iter().zip(&texts.columns).enumerate().map(|(number, (rule, texts))| {
        let is_plain = place.plain.get(number) == Some(&true);
        let position = place.positions.and_then(|all| all.get(number).copied()).unwrap_or(number);
        Cells::new(rule, &rules.spellings, is_plain, position, texts, spelled.as_deref())
    });
    let columns: Vec<Cells<'_>> = columns.collect();
    // Columns are read on any thread; what is wrong with them is told in their order.
    let read = columns.par_iter().zip(all).map(|(cells, column)| cells.read_into(column));
    for (cells, breaches) in columns.iter().zip(read.collect::<Vec<_>>()) {
        cells.note(&breaches, place.first, violations);
    }
}

fn as_text(batch: DataFrame) -> PolarsResult<DataFrame> {
    let rows = batch.height();
    let columns = batch.into_columns().into_iter().map(|c| match c.dtype() {
        DataType::String => Ok(c),
        _ => c.cast(&DataType::String),
    });
    DataFrame::new(rows, columns.collect::<PolarsResult<Vec<_>>>()?)
}
