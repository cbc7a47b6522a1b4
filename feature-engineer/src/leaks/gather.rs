//! The evidence, from what the stage has made.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::schema::{Field, Role};
use common::table::{numbers, texts};
use polars::prelude::{Column, DataFrame, DataType};

use super::{Category, Evidence, Suspect};
use crate::make::Feature;
use crate::recipe::{Recipe, Spec};
use crate::target::{Fate, Targets};

/// What the stage has made, before missing features are filled.
pub(crate) struct Clues<'a> {
    pub(crate) table: &'a DataFrame,
    pub(crate) fields: &'a [Field],
    pub(crate) recipe: &'a Recipe,
    pub(crate) targets: &'a Targets,
    pub(crate) parts: &'a [&'a str],
    pub(crate) features: &'a [Feature],
}

/// The entity column as text, whatever its type.
pub(crate) fn as_text(table: &DataFrame, entity: Option<&str>) -> Result<Option<Column>> {
    let cast = |name| table.column(name).and_then(|column| column.cast(&DataType::String));
    entity.map(cast).transpose().map_err(|e| Error::unexpected(format!("cannot read the entity column: {e}")))
}

impl<'a> Clues<'a> {
    /// The evidence; `time` holds the rows of each entity in time order and each row's time.
    pub(crate) fn evidence(
        &self,
        clean: &'a Checkpoint,
        time: Option<(&'a [Vec<usize>], &'a [i64])>,
        entity: Option<&'a Column>,
    ) -> Result<Evidence<'a>> {
        let used_as_is = |name: &str| {
            let is = |spec: &Spec| matches!(spec, Spec::Value { name: column } if column == name);
            let field = self.fields.iter().find(|f| f.name == name);
            field.filter(|_| self.recipe.specs.iter().any(is)).map(|f| f.kind)
        };
        let suspect =
            |f: &'a Feature| Suspect { name: &f.name, values: &f.values, kind: used_as_is(&f.name) };
        let category = |spec: &'a Spec| match spec {
            Spec::Category { column } => {
                Some(texts(self.table, column).map(|cells| Category { name: column, cells }))
            }
            _ => None,
        };
        let key = |role| self.fields.iter().filter(move |f| f.role == role).map(|f| f.name.as_str());
        let cells = |column: &'a Column| -> Result<Vec<Option<&'a str>>> {
            let texts = column.str();
            Ok(texts
                .map_err(|e| Error::unexpected(format!("cannot read the entity column: {e}")))?
                .iter()
                .collect())
        };
        Ok(Evidence {
            features: self.features.iter().map(suspect).collect(),
            target: &self.targets.values,
            persistence: time.map(|_| self.targets.persistence.as_slice()),
            source: numbers(self.table, &self.recipe.target.source)?,
            parts: self.parts,
            kept: self.targets.fates.iter().map(|fate| *fate == Fate::Kept).collect(),
            groups: time.map(|(groups, _)| groups),
            times: time.map(|(_, times)| times),
            entities: entity.map(cells).transpose()?,
            keys: key(Role::Entity).chain(key(Role::Time)).collect(),
            categories: self.recipe.specs.iter().filter_map(category).collect::<Result<_>>()?,
            split: clean.manifest.as_ref().and_then(|m| m.learned.get("split")?.get("by")?.as_str()),
        })
    }
}
