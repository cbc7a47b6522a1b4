//! A table held in memory with its history, for steps that look at earlier rows.

use std::collections::HashSet;

use clean::{Clash, Digest};
use common::error::{Class, Error, Result};
use common::manifest::FileRecord;
use common::table::BATCH_ROWS;
use common::text;
use ingest::{Batch, Files};
use polars::prelude::{DataFrame, IdxCa, IdxSize, NewChunkedArray as _};

use super::Way;
use super::columns::Columns;
use crate::rows::{Mark, Notes, Rows, Sink};

/// Rows that cannot be scored, shown with the message.
const SHOWN: usize = 50;

/// All rows, those of the history first.
pub(crate) struct Held {
    way: Way,
    table: DataFrame,
    digests: Vec<Digest>,
    /// How many rows are history.
    history: usize,
    read: Vec<FileRecord>,
}

impl Held {
    /// Reads all rows of `files`.
    ///
    /// # Errors
    /// [`Class::Schema`] with every cell that breaks the contract; [`Class::Rows`] where there is none to score.
    pub(crate) fn read(files: &Files, columns: &Columns, mut way: Way) -> Result<Self> {
        let mut table: Option<DataFrame> = None;
        let mut digests = Vec::new();
        let mut history = 0;
        let read = files.read(&columns.read, |batch: Batch| {
            let Batch { file, runs, rows } = batch;
            let rows = rows.into_frame()?;
            if file < files.history() {
                history += rows.height();
            }
            let Some(typed) = way.typing.add(file, &runs, &rows)? else { return Ok(()) };
            digests.extend(way.typing.digests(&rows)?);
            match &mut table {
                None => table = Some(typed),
                Some(all) => all.vstack_mut_owned(typed).map(drop)?,
            }
            Ok(())
        })?;
        way.typing.stop(way.breaches.as_deref())?;
        let nothing = || Error::new(Class::Rows, "no row to score").at(&files.shown(files.history()));
        let mut table = table.filter(|t| t.height() > history).ok_or_else(nothing)?;
        table.rechunk_mut();
        Ok(Self { way, table, digests, history, read })
    }

    /// Scores the rows that are no history, in their order; a row that stands twice is scored once.
    ///
    /// # Errors
    /// As making features and writing have it.
    pub(crate) fn score(self, files: &Files, writer: &mut impl Sink) -> Result<()> {
        let Self { way, table, digests, history, read } = self;
        let same = way.preparation.same(&table, &way.fields, &digests, history)?;
        refuse(&same.clashes, &way)?;
        if same.ties > 0 {
            log::warn!(
                "{} of the history at the entity and time of another: lags and windows take both",
                text::count(same.ties, "row")
            );
        }
        let stands = same.stands;
        let table = way.preparation.with_known_targets(table, &stands, history)?;
        let mut scored = HashSet::new();
        // By the row it is asked for: the row of the table that stands for it.
        let asked: Vec<(usize, usize)> = (history..stands.len())
            .map(|row| (row, stands[row]))
            .filter(|(_, row)| scored.insert(*row))
            .collect();
        let repeated = stands.len() - history - asked.len();
        let in_both = (0..history).filter(|row| stands[*row] >= history || scored.contains(row)).count();
        if repeated + in_both > 0 {
            log::info!(
                "{repeated} of the new rows repeat another, {in_both} a row of the history; each is scored once, and counts once"
            );
        }
        // Only rows that stand for themselves are looked at.
        let kept: Vec<usize> = (0..stands.len()).filter(|row| stands[*row] == *row).collect();
        let mut place = vec![usize::MAX; stands.len()];
        kept.iter().zip(0..).for_each(|(row, at)| place[*row] = at);
        let table = if kept.len() == stands.len() { table } else { take(&table, &kept)? };
        let filled = way.preparation.fill(&table, &way.fields)?;
        let made = way.steps.features(&filled.table, &filled.fields)?;
        let outcomes = way.outcomes(&filled)?;
        for chunk in asked.chunks(BATCH_ROWS) {
            let at: Vec<usize> = chunk.iter().map(|(_, row)| place[*row]).collect();
            let keys = take(&table.select(way.keys.iter().map(String::as_str))?, &at)?;
            let marks = |all: &[(String, Vec<bool>)]| -> Vec<Mark> {
                let of = |rows: &Vec<bool>| at.iter().map(|i| rows[*i]).collect();
                all.iter().filter_map(|(column, rows)| Mark::new(column, of(rows))).collect()
            };
            let notes = Notes {
                unseen: marks(&made.unseen),
                filled: marks(&filled.filled),
                made: marks(&made.filled),
                limited: marks(&filled.limited),
            };
            let outcomes = at.iter().filter_map(|i| outcomes.get(*i).copied()).collect();
            let features = made.values.iter().map(|v| at.iter().map(|i| v[*i]).collect()).collect();
            writer.write(Rows { keys: keys.columns().to_vec(), features, outcomes, notes: Some(notes) })?;
        }
        read.into_iter().zip(0..).for_each(|(record, file)| writer.read(record, file < files.history()));
        writer.drop_rows("duplicate", repeated as u64);
        if files.history() > 0 {
            writer.drop_rows("replaced", in_both as u64);
            writer.keep_apart("history", (history - in_both) as u64);
        }
        Ok(())
    }
}

/// Two new rows that are one row would count as two for each other, and their lines could not be told apart.
fn refuse(clashes: &[Clash], way: &Way) -> Result<()> {
    if clashes.is_empty() {
        return Ok(());
    }
    let place = |row: usize| {
        let (source, line) = way.typing.place(row as u64);
        format!("{}:{line}", text::shown(source))
    };
    let line = |clash: &Clash| {
        let [earlier, row] = clash.rows.map(place);
        format!("{row}: the row has the values of {earlier} in {}", text::names(&clash.columns))
    };
    let what = format!(
        "{} to score that another new row stands for too; leave out one of each two",
        text::count(clashes.len() as u64, "row")
    );
    Err(Error::new(Class::Schema, what).with_details(clashes.iter().take(SHOWN).map(line).collect()))
}

/// Rows of a table by their numbers.
fn take(table: &DataFrame, rows: &[usize]) -> Result<DataFrame> {
    let index: Vec<IdxSize> = rows.iter().map(|r| IdxSize::try_from(*r).unwrap_or(IdxSize::MAX)).collect();
    Ok(table.take(&IdxCa::from_slice("row".into(), &index))?)
}
