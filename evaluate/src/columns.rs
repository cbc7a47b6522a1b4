//! Which column of the features table is what. Columns are known by name, never by place.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::schema::{self, Field, Role};
use common::table::TableReader;
use common::{Task, text};
use model::Model;

use crate::units::Units;

/// The split column of a table that has no manifest.
const SPLIT: &str = "split";

/// The columns that are read, by what they are for.
pub(crate) struct Columns {
    /// In the order of the model's features.
    pub(crate) features: Vec<String>,
    /// What the model predicts.
    pub(crate) target: String,
    /// `train`, `calibration` or `test`.
    pub(crate) split: String,
    /// What persistence predicts.
    pub(crate) persistence: Option<String>,
    /// The group of a row, where there is one.
    pub(crate) entity: Option<String>,
    /// The time of a row, where there is one.
    pub(crate) time: Vec<String>,
    /// Which rows depend on each other.
    pub(crate) units: Units,
    /// What errors are told apart by, the entity first.
    pub(crate) segments: Vec<Segment>,
}

/// A column that errors are told apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Its name in the clean table.
    pub(crate) name: String,
    /// Its name in the features table.
    pub(crate) column: String,
}

impl Columns {
    /// The columns of `table` that `model` needs, and those of the `segments`.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] naming the column that is missing or of another role.
    pub(crate) fn of(table: &Checkpoint, model: &Model, segments: &[String]) -> Result<Self> {
        let (fields, split) = match &table.manifest {
            Some(manifest) => {
                same_target(table, &manifest.fields, model)?;
                let split = schema::with_role(&manifest.fields, Role::Split).map(|f| f.name.clone());
                (manifest.fields.clone(), split)
            }
            None => (by_hand(table, model)?, Some(SPLIT.to_owned())),
        };
        let entity = schema::with_role(&fields, Role::Entity).map(|f| f.name.clone());
        let time = in_order(model, schema::names_with_role(&fields, Role::Time));
        let columns = Self {
            units: Units::new(entity.as_ref(), &time, &fields).map_err(|e| e.at(&table.path))?,
            entity,
            time,
            features: model.features.clone(),
            target: model.target_column.clone(),
            split: split.ok_or_else(|| lacking(table, "no column says the split", Task::FeatureEngineer))?,
            persistence: schema::with_role(&fields, Role::Persistence).map(|f| f.name.clone()),
            segments: self::segments(table, &fields, segments)?,
        };
        let missing = columns.read().into_iter().find(|name| !fields.iter().any(|f| f.name == *name));
        missing.map_or(Ok(columns), |name| {
            let near = text::did_you_mean(&name, fields.iter().map(|f| f.name.as_str()));
            let what = format!("has no column {}, which the model needs{near}", text::name(&name));
            Err(lacking(table, &what, Task::TrainModel))
        })
    }

    /// Every column that is read.
    pub(crate) fn read(&self) -> Vec<String> {
        let others = [Some(&self.target), Some(&self.split), self.persistence.as_ref()];
        let segments = self.segments.iter().map(|s| &s.column);
        let keys = self.entity.iter().chain(&self.time).chain(segments);
        let mut names: Vec<String> = Vec::new();
        for name in self.features.iter().chain(others.into_iter().flatten()).chain(keys) {
            // A time that is a number may be a feature, too.
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The columns that tell parts, times and groups of rows.
    pub(crate) fn grouping(&self) -> Vec<String> {
        let segments = self.segments.iter().map(|s| &s.column);
        [&self.split].into_iter().chain(&self.entity).chain(&self.time).chain(segments).cloned().collect()
    }
}

/// The columns of time, the year first: in the table they may stand in any order.
fn in_order(model: &Model, time: Vec<String>) -> Vec<String> {
    let known = model.preparation.get(Task::FeatureEngineer.name()).and_then(|made| made.get("time"));
    let known: Option<Vec<String>> = known.and_then(|names| serde::Deserialize::deserialize(names).ok());
    let is_same = |names: &Vec<String>| names.len() == time.len() && names.iter().all(|n| time.contains(n));
    known.filter(is_same).unwrap_or(time)
}

/// The entity, and the columns that `[evaluate] segments` names.
fn segments(table: &Checkpoint, fields: &[Field], names: &[String]) -> Result<Vec<Segment>> {
    let entity = schema::with_role(fields, Role::Entity).map(|f| f.name.as_str());
    let others = names.iter().map(String::as_str).filter(|name| Some(*name) != entity);
    let segment = |name: &str| {
        let is_key = |f: &&Field| f.name == *name && matches!(f.role, Role::Entity | Role::Time);
        let carried = schema::segment_name(name);
        let column = fields.iter().find(is_key).or_else(|| fields.iter().find(|f| f.name == carried));
        // A table made by hand has them under their own names.
        let by_hand = || fields.iter().find(|f| table.manifest.is_none() && f.name == name);
        column.or_else(by_hand).map(|f| Segment { name: name.to_owned(), column: f.name.clone() }).ok_or_else(
            || {
                let near = text::did_you_mean(name, fields.iter().map(|f| f.name.as_str()));
                let what = format!("does not carry column {} of [evaluate] segments{near}", text::name(name));
                lacking(table, &what, Task::FeatureEngineer)
            },
        )
    };
    entity.into_iter().chain(others).map(segment).collect()
}

/// The columns of a table made by hand: the model says what they are for.
fn by_hand(table: &Checkpoint, model: &Model) -> Result<Vec<Field>> {
    log::warn!(
        "{}: columns taken by name from the model: target {}, split {}, {}",
        text::path(&table.path),
        text::name(&model.target_column),
        text::name(SPLIT),
        text::count(model.features.len() as u64, "feature")
    );
    let role = |field: &Field| {
        let known = model.fields.iter().find(|f| f.name == field.name).map(|f| f.role);
        let kept = known.filter(|r| matches!(r, Role::Entity | Role::Time | Role::Persistence));
        Field { role: kept.unwrap_or(field.role), ..field.clone() }
    };
    Ok(TableReader::open(table, None)?.fields().iter().map(role).collect())
}

fn same_target(table: &Checkpoint, fields: &[Field], model: &Model) -> Result<()> {
    let target = schema::with_role(fields, Role::Target).map(|f| f.name.as_str());
    if target == Some(model.target_column.as_str()) {
        return Ok(());
    }
    let found = target.map_or_else(|| "none".to_owned(), text::name);
    let what = format!("its target is {found}, the model predicts {}", text::name(&model.target_column));
    Err(lacking(table, &what, Task::TrainModel))
}

fn lacking(table: &Checkpoint, what: &str, again: Task) -> Error {
    Error::checkpoint(format!("{what}; run `{}` again", again.program())).at(&table.path)
}
