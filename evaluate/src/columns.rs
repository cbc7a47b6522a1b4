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
}

impl Columns {
    /// The columns of `table` that `model` needs.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] naming the column that is missing or of another role.
    pub(crate) fn of(table: &Checkpoint, model: &Model) -> Result<Self> {
        let (fields, split) = match &table.manifest {
            Some(manifest) => {
                same_target(table, &manifest.fields, model)?;
                let split = schema::with_role(&manifest.fields, Role::Split).map(|f| f.name.clone());
                (manifest.fields.clone(), split)
            }
            None => (by_hand(table, model)?, Some(SPLIT.to_owned())),
        };
        let entity = schema::with_role(&fields, Role::Entity).map(|f| f.name.clone());
        let time = schema::names_with_role(&fields, Role::Time);
        let columns = Self {
            units: Units::new(entity.as_ref(), &time, &fields).map_err(|e| e.at(&table.path))?,
            entity,
            time,
            features: model.features.clone(),
            target: model.target_column.clone(),
            split: split.ok_or_else(|| lacking(table, "no column says the split", Task::FeatureEngineer))?,
            persistence: schema::with_role(&fields, Role::Persistence).map(|f| f.name.clone()),
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
        let keys = self.entity.iter().chain(&self.time);
        let mut names: Vec<String> = Vec::new();
        for name in self.features.iter().chain(others.into_iter().flatten()).chain(keys) {
            // A time that is a number may be a feature, too.
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
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
