//! The evidence, from what the stage has made.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::schema::{Field, Role};
use polars::prelude::{DataType, StringChunked};
use serde_json::Value;

use super::{Category, Evidence, Leaks, Suspect};
use crate::make::Feature;
use crate::recipe::Spec;
use crate::rows::Rows;
use crate::timeline::Timeline;

/// What the stage has made, before missing features are filled.
pub(crate) struct Clues<'a> {
    pub(crate) rows: &'a Rows<'a>,
    pub(crate) features: &'a [Feature],
    pub(crate) timeline: Option<&'a Timeline>,
    pub(crate) clean: &'a Checkpoint,
}

impl Clues<'_> {
    /// Looks for leaks; gives them as the manifest holds them.
    ///
    /// # Errors
    /// As [`super::guard`].
    pub(crate) fn guard(&self, how: Leaks) -> Result<Value> {
        let entity = self.rows.fields.iter().find(|f| f.role == Role::Entity);
        let cast = |field: &Field| {
            self.rows.table.column(&field.name).and_then(|column| column.cast(&DataType::String))
        };
        let failed = |e| Error::unexpected(format!("cannot read the entity column: {e}"));
        let entity = entity.map(cast).transpose().map_err(failed)?;
        let cells = entity.as_ref().map(|column| column.str()).transpose().map_err(failed)?;
        super::guard(how, &self.evidence(cells)?)
    }

    /// The evidence; `entities` holds that of each row.
    fn evidence<'e>(&'e self, entities: Option<&'e StringChunked>) -> Result<Evidence<'e>> {
        let Rows { table, fields, recipe, targets, parts, kept, .. } = self.rows;
        let used_as_is = |name: &str| {
            let is = |spec: &Spec| matches!(spec, Spec::Value { name: column } if column == name);
            let field = fields.iter().find(|f| f.name == name);
            field.filter(|_| recipe.specs.iter().any(is)).map(|f| f.kind)
        };
        let suspect =
            |f: &'e Feature| Suspect { name: &f.name, values: &f.values, kind: used_as_is(&f.name) };
        let failed = |e| Error::unexpected(format!("cannot read a text column: {e}"));
        let category = |spec: &'e Spec| match spec {
            Spec::Category { column } => {
                let cells = table.column(column).and_then(|cells| cells.str());
                Some(cells.map(|cells| Category { name: column, cells }).map_err(failed))
            }
            _ => None,
        };
        let key = |role| fields.iter().filter(move |f| f.role == role).map(|f| f.name.as_str());
        Ok(Evidence {
            features: self.features.iter().map(suspect).collect(),
            target: &targets.values,
            persistence: self.timeline.map(|_| targets.persistence.as_slice()),
            source: &targets.source,
            parts,
            kept: [&kept.train, &kept.calibration, &kept.test],
            fates: &targets.fates,
            groups: self.timeline.map(|t| t.order.groups()),
            times: self.timeline.map(|t| t.times.as_slice()),
            entities,
            keys: key(Role::Entity).chain(key(Role::Time)).collect(),
            categories: recipe.specs.iter().filter_map(category).collect::<Result<_>>()?,
            split: self.clean.manifest.as_ref().and_then(|m| m.learned.get("split")?.get("by")?.as_str()),
        })
    }
}
