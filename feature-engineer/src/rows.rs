//! The rows of the features table, and those kept apart or dropped.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::sync_channel;

use common::checkpoint::Checkpoint;
use common::config::TargetStatistic;
use common::error::{Error, Result};
use common::identity::{Identity, RowSet};
use common::ledger::{Ledger, Step};
use common::publish::{Target, Written};
use common::schema::{Field, Kind, Role, segment_name};
use common::table::{BATCH_ROWS, TableWriter, number_column};
use common::{Task, text};
use polars::prelude::{Column, DataFrame, IdxCa, IdxSize, NewChunkedArray as _};
use rayon::prelude::*;

use crate::make::Feature;
use crate::part::Part;
use crate::profile::ByPart;
use crate::recipe::Recipe;
use crate::target::{Fate, Targets};

/// Most batches that are made at once, whatever the number of threads: each is held in memory.
const MOST_AHEAD: usize = 8;

/// Everything that is known of the rows of the clean table.
pub(crate) struct Rows<'a> {
    pub(crate) table: DataFrame,
    pub(crate) fields: &'a [Field],
    /// Columns that errors are told apart by, keys not among them.
    pub(crate) segments: &'a [Field],
    pub(crate) recipe: &'a Recipe,
    pub(crate) targets: &'a Targets,
    pub(crate) parts: &'a [Part],
    /// Numbers of the rows that are kept, by part.
    pub(crate) kept: &'a ByPart<Vec<IdxSize>>,
}

/// Numbers of the rows that are kept, by part.
pub(crate) fn kept(targets: &Targets, parts: &[Part]) -> ByPart<Vec<IdxSize>> {
    let is_kept = |part: Part, row: usize| parts[row] == part && targets.fates[row] == Fate::Kept;
    ByPart::of(|part| (0..parts.len()).filter(|row| is_kept(part, *row)).map(number).collect())
}

/// The number of a row of a table, which has fewer than 2^32.
fn number(row: usize) -> IdxSize {
    IdxSize::try_from(row).unwrap_or(IdxSize::MAX)
}

impl Rows<'_> {
    /// Numbers of the rows with a fate.
    pub(crate) fn numbers(&self, fate: Fate) -> Vec<IdxSize> {
        let fates = &self.targets.fates;
        (0..fates.len()).filter(|row| fates[*row] == fate).map(number).collect()
    }

    /// Key columns, in the order of the clean table.
    fn keys(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| matches!(f.role, Role::Entity | Role::Time))
    }

    /// The columns of the clean table that are carried along.
    pub(crate) fn carried(&self) -> Result<DataFrame> {
        let names = self.keys().chain(self.segments).map(|f| f.name.as_str());
        Ok(self.table.select(names)?)
    }

    /// Columns of the features table: keys, split, segments, features, target, persistence.
    pub(crate) fn fields(&self, features: &[Feature]) -> Vec<Field> {
        let number = |name: &str, role| Field::new(name, Kind::Number, role);
        let mut fields: Vec<Field> = self.keys().cloned().collect();
        fields.push(Field::new("split", Kind::String, Role::Split));
        let segment = |f: &Field| Field::new(segment_name(&f.name), f.kind, Role::Segment);
        fields.extend(self.segments.iter().map(segment));
        fields.extend(features.iter().map(|f| number(&f.name, Role::Feature).with_decimals(f.decimals)));
        let target = &self.recipe.target;
        // A mean has more places than the values it is taken of.
        let of_target = match target.statistic {
            TargetStatistic::Value => crate::make::declared(self.fields, &target.source),
            TargetStatistic::Mean => None,
        };
        fields.push(number(&self.recipe.target.column, Role::Target).with_decimals(of_target));
        fields.extend(self.recipe.target.persistence.iter().map(|p| number(p, Role::Persistence)));
        fields
    }

    /// Writes the rows with a fate, in the order of the clean table; returns which they are.
    pub(crate) fn write(
        &self,
        target: &Target,
        features: &[Feature],
        fate: Fate,
    ) -> Result<(Written, Identity)> {
        let mut writer = TableWriter::create(target, &self.fields(features))?;
        let mut set = RowSet::default();
        let numbers = self.numbers(fate);
        let mut rest = numbers.chunks(BATCH_ROWS);
        let ahead = rayon::current_num_threads().min(MOST_AHEAD) + 1;
        // The next batches are made while one is written.
        rayon::in_place_scope(|scope| -> Result<()> {
            let mut coming = VecDeque::new();
            loop {
                while coming.len() < ahead
                    && let Some(rows) = rest.next()
                {
                    let (sender, made) = sync_channel(1);
                    // Nobody waits for it once the writing has failed.
                    scope.spawn(move |_| drop(sender.send(self.batch(rows, features))));
                    coming.push_back(made);
                }
                let Some(made) = coming.pop_front() else { return Ok(()) };
                let lost = |_| Error::unexpected("a batch of the features table was not made");
                let (batch, rows) = made.recv().map_err(lost)??;
                set.merge(&rows);
                writer.write(&batch)?;
            }
        })?;
        Ok((writer.finish()?, set.identity()))
    }

    /// Some rows as a table, and which they are.
    fn batch(&self, rows: &[IdxSize], features: &[Feature]) -> Result<(DataFrame, RowSet)> {
        let index = IdxCa::from_slice("row".into(), rows);
        let pick = |name: &str, values: &[f64]| {
            column_of(name, rows.iter().map(|row| values[*row as usize]).collect())
        };
        let mut columns = Vec::new();
        for key in self.keys() {
            columns.push(self.table.column(&key.name)?.take(&index)?);
        }
        let parts: Vec<&str> = rows.iter().map(|row| self.parts[*row as usize].name()).collect();
        columns.push(Column::new("split".into(), parts));
        for Field { name, .. } in self.segments {
            let column = self.table.column(name)?.take(&index)?;
            columns.push(column.with_name(segment_name(name).into()));
        }
        columns.par_extend(features.par_iter().map(|f| column_of(&f.name, f.values.pick(rows))));
        columns.push(pick(&self.recipe.target.column, &self.targets.values));
        if let Some(name) = &self.recipe.target.persistence {
            columns.push(pick(name, &self.targets.persistence));
        }
        let batch = DataFrame::new(rows.len(), columns)?;
        let mut set = RowSet::default();
        set.add(&batch)?;
        Ok((batch, set))
    }

    /// The ledger with this stage's rows.
    pub(crate) fn ledger(&self, clean: &Checkpoint) -> Result<Ledger> {
        let count = |fate| self.targets.fates.iter().filter(|of| **of == fate).count() as u64;
        let parts = self.kept.map(|rows| rows.len() as u64);
        let (without, purged, gap, pending) =
            (count(Fate::WithoutTarget), count(Fate::Purged), count(Fate::Gap), count(Fate::Pending));
        log::info!(
            "dropped: {} without target, {} purged at the split, {} between its parts; kept apart: {} not yet known",
            text::count(without, "row"),
            text::count(purged, "row"),
            text::count(gap, "row"),
            text::count(pending, "row")
        );
        let mut dropped: BTreeMap<String, u64> =
            [("without_target".to_owned(), without), ("purged".to_owned(), purged)].into();
        if gap > 0 {
            dropped.insert("gap".to_owned(), gap);
        }
        let before = clean.manifest.as_ref().map(|m| m.ledger.clone()).unwrap_or_default();
        before.with(Step {
            stage: Task::FeatureEngineer.name().to_owned(),
            rows_in: self.targets.fates.len() as u64,
            dropped,
            apart: [("not_yet_known".to_owned(), pending)].into(),
            rows_out: count(Fate::Kept),
            parts: Some(parts.counts()),
            ..Step::default()
        })
    }
}

/// A column of numbers; the shorter way where none is missing.
fn column_of(name: &str, values: Vec<f64>) -> Column {
    if values.iter().any(|v| v.is_nan()) {
        number_column(name, &values)
    } else {
        Column::new(name.into(), values)
    }
}
