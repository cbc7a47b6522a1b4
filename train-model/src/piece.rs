//! One features table, or a piece of one, and how its training rows are read batch by batch.

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::ledger::Parts;
use common::project::names;
use common::schema::{Contract, Field, Role, with_role};
use common::table::{TableReader, numbers, texts};
use common::{Task, text};
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray as _};

use crate::design::{Feature, Numbers};
use crate::settings::Settings;

/// A features table that was opened, with the roles of its columns.
pub(crate) struct Piece {
    pub(crate) table: Checkpoint,
    pub(crate) fields: Vec<Field>,
    pub(crate) features: Vec<Feature>,
    pub(crate) target: Feature,
    split: Option<String>,
}

/// Rows of one part in one batch: those for training unless another was asked for.
pub(crate) struct Batch {
    pub(crate) numbers: Numbers,
    /// The rows as they stand.
    pub(crate) rows: DataFrame,
}

impl Batch {
    /// Without the rows that lack a feature or the target.
    pub(crate) fn complete(self) -> Result<Self> {
        let columns: Vec<&Vec<f64>> = self.numbers.features.iter().chain([&self.numbers.target]).collect();
        let known: Vec<bool> =
            (0..self.rows.height()).map(|i| columns.iter().all(|c| !c[i].is_nan())).collect();
        if known.iter().all(|known| *known) {
            return Ok(self);
        }
        Ok(Self { numbers: self.numbers.picked(&known), rows: picked(&self.rows, &known)? })
    }
}

impl Piece {
    /// Opens input number `index`.
    pub(crate) fn open(places: &Places, index: usize, settings: &Settings) -> Result<Self> {
        let table = places.open(index, Task::FeatureEngineer)?;
        let mut fields = TableReader::open(&table, None)?.fields().to_vec();
        let mut piece = if table.manifest.is_some() {
            Self::recorded(table, &fields, settings)?
        } else {
            let contract = Contract::read(&places.project.path(names::SCHEMA))?;
            fields = fields.into_iter().map(|f| declared(f, contract.as_ref())).collect();
            Self::by_hand(table, &fields, settings)?
        };
        piece.fields = fields;
        Ok(piece)
    }

    fn recorded(table: Checkpoint, fields: &[Field], settings: &Settings) -> Result<Self> {
        let target = with_role(fields, Role::Target)
            .ok_or_else(|| Error::checkpoint("its manifest names no target").at(&table.path))?;
        if target.name != settings.target_column {
            return Err(Error::checkpoint(format!(
                "its target is {}, the configuration asks for {}; run `feature-engineer` again",
                text::name(&target.name),
                text::name(&settings.target_column)
            ))
            .at(&table.path));
        }
        let features = fields.iter().filter(|f| f.role == Role::Feature).map(feature).collect();
        let split = with_role(fields, Role::Split).map(|f| f.name.clone());
        Ok(Self { target: feature(target), features, split, fields: Vec::new(), table })
    }

    /// A table made by hand: the target by name, `split` where it is there, every other number a
    /// feature.
    fn by_hand(table: Checkpoint, fields: &[Field], settings: &Settings) -> Result<Self> {
        let target = [settings.target_column.clone(), settings.target.clone()]
            .into_iter()
            .find_map(|name| fields.iter().find(|f| f.name == name))
            .ok_or_else(|| {
                let near = text::did_you_mean(&settings.target, fields.iter().map(|f| f.name.as_str()));
                Error::new(Class::Schema, format!("has no column {}{near}", text::name(&settings.target)))
                    .at(&table.path)
            })?;
        let key = |name: &str| {
            settings.entity.as_deref() == Some(name)
                || settings.time.as_ref().is_some_and(|t| t.iter().any(|c| c == name))
        };
        let split = fields.iter().find(|f| f.name == "split").map(|f| f.name.clone());
        let last_known = format!("{}_last_known", settings.target);
        let apart = |name: &str| name == target.name || name == last_known || name == "split" || key(name);
        let (numeric, others): (Vec<&Field>, Vec<&Field>) =
            fields.iter().filter(|f| !apart(&f.name)).partition(|f| f.kind.is_numeric());
        let features: Vec<Feature> = numeric.into_iter().map(feature).collect();
        log::warn!(
            "a table without manifest: features are its numeric columns {}",
            text::names(features.iter().map(|f| &f.name))
        );
        if !others.is_empty() {
            log::warn!("not used, since no numbers: {}", text::names(others.iter().map(|f| &f.name)));
        }
        Ok(Self { target: feature(target), features, split, fields: Vec::new(), table })
    }

    /// Calls `visit` with the training rows of every batch, and with the columns `also` beside them;
    /// all columns where `whole`. Returns the rows of each part.
    pub(crate) fn each(
        &self,
        also: &[String],
        whole: bool,
        visit: impl FnMut(Batch) -> Result<()>,
    ) -> Result<Parts> {
        self.each_of("train", also, whole, visit)
    }

    /// As [`Piece::each`], with the rows of another part; a table without split has training rows only. What is
    /// missing is NaN, but in training rows it is refused.
    pub(crate) fn each_of(
        &self,
        part: &str,
        also: &[String],
        whole: bool,
        mut visit: impl FnMut(Batch) -> Result<()>,
    ) -> Result<Parts> {
        let mut wanted: Vec<String> = self.features.iter().map(|f| f.name.clone()).collect();
        wanted.push(self.target.name.clone());
        wanted.extend(self.split.iter().chain(also).cloned());
        let mut reader = TableReader::open(&self.table, if whole { None } else { Some(&wanted) })?;
        let mut read = Parts::default();
        while let Some(batch) = reader.next_batch()? {
            let rows = self.rows_of(part, batch, &mut read)?;
            if rows.height() > 0 {
                visit(Batch { numbers: self.numbers(&rows, part == "train")?, rows })?;
            }
        }
        Ok(read)
    }

    /// The rows of `part`, for training all where there is no split; the rows of each part are added to `read`.
    fn rows_of(&self, part: &str, batch: DataFrame, read: &mut Parts) -> Result<DataFrame> {
        let Some(split) = &self.split else {
            read.train += batch.height() as u64;
            return Ok(if part == "train" { batch } else { batch.clear() });
        };
        let parts = texts(&batch, split)?;
        for name in &parts {
            *match name {
                Some("train") => &mut read.train,
                Some("calibration") => &mut read.calibration,
                Some("test") => &mut read.test,
                _ => &mut read.gap,
            } += 1;
        }
        let wanted: Vec<bool> = parts.iter().map(|p| *p == Some(part)).collect();
        picked(&batch, &wanted)
    }

    fn numbers(&self, rows: &DataFrame, complete: bool) -> Result<Numbers> {
        let known = |feature: &Feature| {
            let values = numbers(rows, &feature.name).map_err(|e| e.at(&self.table.path))?;
            match values.iter().position(|v| v.is_nan()) {
                Some(_) if complete => Err(Error::new(
                    Class::Schema,
                    format!(
                        "column {} is missing in a row; features are filled before they come here",
                        text::name(&feature.name)
                    ),
                )
                .at(&self.table.path)),
                _ => Ok(values),
            }
        };
        Ok(Numbers {
            features: self.features.iter().map(known).collect::<Result<_>>()?,
            target: known(&self.target)?,
        })
    }
}

/// The rows that `wanted` marks.
fn picked(rows: &DataFrame, wanted: &[bool]) -> Result<DataFrame> {
    let mask = BooleanChunked::from_slice("wanted".into(), wanted);
    rows.filter(&mask).map_err(|e| Error::unexpected(format!("cannot pick rows: {e}")))
}

fn feature(field: &Field) -> Feature {
    Feature { name: field.name.clone(), decimals: field.decimals }
}

/// The field with the decimals that `schema.json` declares for its name.
fn declared(field: Field, contract: Option<&Contract>) -> Field {
    let decimals = contract.and_then(|c| c.field(&field.name)).and_then(|f| f.decimal_places);
    field.with_decimals(decimals)
}
