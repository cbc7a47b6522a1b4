//! The rows of the features table, and those kept apart or dropped.

use std::collections::BTreeMap;

use common::checkpoint::Checkpoint;
use common::config::TargetStatistic;
use common::error::Result;
use common::identity::{Identity, RowSet};
use common::ledger::{Ledger, Step};
use common::publish::{Target, Written};
use common::schema::{Field, Kind, Role, segment_name};
use common::table::{BATCH_ROWS, TableWriter, number_column};
use common::{Task, text};
use polars::prelude::{DataFrame, IdxCa, IdxSize, NewChunkedArray as _};

use crate::make::Feature;
use crate::profile::ByPart;
use crate::recipe::Recipe;
use crate::target::{Fate, Targets};

/// Everything that is known of the rows of the clean table.
pub(crate) struct Rows<'a> {
    pub(crate) table: &'a DataFrame,
    pub(crate) fields: &'a [Field],
    /// Columns that errors are told apart by, keys not among them.
    pub(crate) segments: &'a [Field],
    pub(crate) recipe: &'a Recipe,
    pub(crate) targets: &'a Targets,
    pub(crate) parts: &'a [&'a str],
}

impl Rows<'_> {
    /// Numbers of the rows with a fate.
    pub(crate) fn numbers(&self, fate: Fate) -> Vec<usize> {
        (0..self.targets.fates.len()).filter(|r| self.targets.fates[*r] == fate).collect()
    }

    /// Key columns, in the order of the clean table.
    fn keys(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| matches!(f.role, Role::Entity | Role::Time))
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
        for rows in self.numbers(fate).chunks(BATCH_ROWS) {
            let batch = self.batch(rows, features)?;
            set.add(&batch)?;
            writer.write(&batch)?;
        }
        Ok((writer.finish()?, set.identity()))
    }

    fn batch(&self, rows: &[usize], features: &[Feature]) -> polars::prelude::PolarsResult<DataFrame> {
        let index: Vec<IdxSize> =
            rows.iter().map(|r| IdxSize::try_from(*r).unwrap_or(IdxSize::MAX)).collect();
        let index = IdxCa::from_slice("row".into(), &index);
        let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|r| values[*r]).collect() };
        let mut columns = Vec::new();
        for key in self.keys() {
            columns.push(self.table.column(&key.name)?.take(&index)?);
        }
        let parts: Vec<&str> = rows.iter().map(|r| self.parts[*r]).collect();
        columns.push(polars::prelude::Column::new("split".into(), parts));
        for Field { name, .. } in self.segments {
            let column = self.table.column(name)?.take(&index)?;
            columns.push(column.with_name(segment_name(name).into()));
        }
        columns.extend(features.iter().map(|f| number_column(&f.name, &pick(&f.values))));
        columns.push(number_column(&self.recipe.target.column, &pick(&self.targets.values)));
        if let Some(name) = &self.recipe.target.persistence {
            columns.push(number_column(name, &pick(&self.targets.persistence)));
        }
        DataFrame::new(rows.len(), columns)
    }

    /// The ledger with this stage's rows.
    pub(crate) fn ledger(&self, clean: &Checkpoint) -> Result<Ledger> {
        let count = |fate| self.numbers(fate).len() as u64;
        let parts = ByPart::of(|part| {
            self.numbers(Fate::Kept).iter().filter(|r| self.parts[**r] == part).count() as u64
        });
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
