//! Raw text to typed values: every cell read by its rule, every breach noted.

mod building;
mod cells;
mod texts;

use common::checkpoint::Checkpoint;
use common::error::Result;
use common::table::{TextReader, TextRows};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray as _, PolarsResult};
use rayon::prelude::*;

use crate::columns::Rules;
use crate::violations::Violations;
use cells::Cells;

pub(crate) use building::Building;
pub(crate) use texts::{Form, Identity};

/// Batches that are typed before they are added to the table.
const AT_A_TIME: usize = 16;

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

/// Reads the whole raw table; `form` is that of the identities.
pub(crate) fn read(
    raw: &Checkpoint,
    rules: &Rules,
    form: Form,
    violations: &mut Violations,
) -> Result<Typed> {
    let names: Vec<String> = rules.columns.iter().map(|r| r.field.name.clone()).collect();
    let mut reader = TextReader::open(raw, &names)?;
    // Columns come in the order of the file.
    let place = |name: &String| reader.names().iter().position(|n| n == name).unwrap_or_default();
    let places: Vec<usize> = names.iter().map(place).collect();
    let identity = Identity::new(reader.names(), form);
    let room = room(raw, names.len());
    let mut building = Building::new(rules, room);
    let mut digests = Vec::with_capacity(room);
    let reading = Reading::new(rules, None);
    reader.each(|first, batches| {
        let firsts = batches.iter().scan(first, |next, batch| {
            *next += batch.rows() as u64;
            Some(*next - batch.rows() as u64)
        });
        let batches: Vec<_> = batches.iter().zip(firsts).collect();
        // A few at a time: what is typed is copied to where it stays before the next ones are.
        for some in batches.chunks(AT_A_TIME) {
            let typed = some.par_iter().map(|(texts, first)| {
                let mut part = Building::new(rules, texts.rows());
                // A table made by hand may already hold types; the contract is read on its text all the same,
                // which is then in our own form.
                let (breaches, identities) = rayon::join(
                    || reading.read_into(&mut part, texts, &places, *first),
                    || identity.of(texts),
                );
                (part, breaches, identities)
            });
            for ((part, breaches, identities), (texts, first)) in
                typed.collect::<Vec<_>>().into_iter().zip(some)
            {
                building.append(part);
                digests.extend(identities);
                reading.note(&breaches, texts, &places, *first, violations);
            }
        }
        Ok(())
    })?;
    Ok(Typed { table: building.table(rules, digests.len())?, digests })
}

/// How many rows there are by the row ledger, as far as the file can hold as many: a cell of CSV takes a byte. A
/// wrong number is found later, and costs no more than memory that is not used.
fn room(raw: &Checkpoint, columns: usize) -> usize {
    let said = raw.manifest.as_ref().and_then(|m| m.ledger.0.last()).map_or(0, |step| step.rows_out);
    let most = raw.record.bytes / (columns as u64).max(1);
    usize::try_from(said.min(most)).unwrap_or(0)
}

/// How all columns are read.
pub(crate) struct Reading<'a> {
    columns: Vec<Cells<'a>>,
    rules: &'a Rules,
}

impl<'a> Reading<'a> {
    /// By the rules; `positions` are the places of the columns in the source, from 0: those in the table where they
    /// are not given.
    pub(crate) fn new(rules: &'a Rules, positions: Option<&[usize]>) -> Self {
        let columns = rules.columns.iter().enumerate().map(|(number, rule)| {
            let position = positions.and_then(|all| all.get(number).copied()).unwrap_or(number);
            Cells::new(rule, &rules.spellings, position)
        });
        Self { columns: columns.collect(), rules }
    }

    /// Adds rows of text, typed by the rules, to `building`; the first has the number `first`, and the column of each
    /// rule stands at its place of `places`. Returns by column the rows (from 0) that break the rule.
    pub(crate) fn read_into(
        &self,
        building: &mut Building,
        texts: &TextRows<'_>,
        places: &[usize],
        first: u64,
    ) -> Vec<Vec<usize>> {
        let spelled = self.rules.spellings.of_rows(first, texts.rows());
        let columns = self.columns.par_iter().zip(&mut building.0).zip(places);
        columns
            .map(|((cells, column), place)| cells.read_into(column, texts, *place, spelled.as_deref()))
            .collect()
    }

    /// Notes what is wrong with the rows that `breaches` says of each column, in the order of the columns.
    pub(crate) fn note(
        &self,
        breaches: &[Vec<usize>],
        texts: &TextRows<'_>,
        places: &[usize],
        first: u64,
        violations: &mut Violations,
    ) {
        if breaches.iter().all(Vec::is_empty) {
            return;
        }
        let spelled = self.rules.spellings.of_rows(first, texts.rows());
        for ((cells, rows), place) in self.columns.iter().zip(breaches).zip(places) {
            cells.note(rows, texts, *place, spelled.as_deref(), first, violations);
        }
    }
}
