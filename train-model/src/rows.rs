//! The training rows of a features table, by column.

use common::checkpoint::Checkpoint;
use common::error::{Class, Error, Result};
use common::schema::{Field, Role, names_with_role, with_role};
use common::table::{TableReader, numbers, texts};
use common::text;

use crate::settings::Settings;

/// Training rows: p features and the target, all of one length n, no missing value.
pub(crate) struct Rows {
    /// Names of the features.
    pub(crate) names: Vec<String>,
    /// One vector a feature.
    pub(crate) features: Vec<Vec<f64>>,
    /// The target.
    pub(crate) target: Vec<f64>,
    /// Name of the target's column.
    pub(crate) target_column: String,
    /// Columns of the table.
    pub(crate) fields: Vec<Field>,
    /// Rows of the whole table, all parts.
    pub(crate) in_all: u64,
}

/// Names of the columns by what they are for.
struct Roles {
    features: Vec<String>,
    target: String,
    split: Option<String>,
}

impl Rows {
    /// Reads the training rows.
    pub(crate) fn read(table: &Checkpoint, settings: &Settings) -> Result<Self> {
        let fields = TableReader::open(table, None)?.fields().to_vec();
        let roles = Roles::new(&fields, table, settings)?;
        let mut wanted = roles.features.clone();
        wanted.push(roles.target.clone());
        wanted.extend(roles.split.clone());
        let mut reader = TableReader::open(table, Some(&wanted))?;
        let mut rows = Self {
            features: vec![Vec::new(); roles.features.len()],
            names: roles.features,
            target: Vec::new(),
            target_column: roles.target,
            fields,
            in_all: 0,
        };
        while let Some(batch) = reader.next_batch()? {
            rows.in_all += batch.height() as u64;
            let train: Vec<bool> = match &roles.split {
                Some(split) => texts(&batch, split)?.iter().map(|p| *p == Some("train")).collect(),
                None => vec![true; batch.height()],
            };
            let pick = |values: Vec<f64>| values.into_iter().zip(&train).filter(|(_, t)| **t).map(|(v, _)| v);
            for (name, column) in rows.names.iter().zip(&mut rows.features) {
                column.extend(pick(numbers(&batch, name)?));
            }
            rows.target.extend(pick(numbers(&batch, &rows.target_column)?));
        }
        rows.no_missing(table)?;
        Ok(rows)
    }

    /// Number of training rows.
    pub(crate) fn len(&self) -> u64 {
        self.target.len() as u64
    }

    fn no_missing(&self, table: &Checkpoint) -> Result<()> {
        let columns = self.names.iter().zip(&self.features).chain([(&self.target_column, &self.target)]);
        for (name, column) in columns {
            if let Some(row) = column.iter().position(|v| v.is_nan()) {
                return Err(Error::new(
                    Class::Schema,
                    format!("column {} is missing in training row {}; features are filled before they come here", text::name(name), row + 1),
                )
                .at(&table.path));
            }
        }
        Ok(())
    }
}

impl Roles {
    fn new(fields: &[Field], table: &Checkpoint, settings: &Settings) -> Result<Self> {
        if table.manifest.is_none() {
            return Self::by_hand(fields, table, settings);
        }
        let target = with_role(fields, Role::Target)
            .ok_or_else(|| Error::checkpoint("its manifest names no target").at(&table.path))?;
        Ok(Self {
            features: names_with_role(fields, Role::Feature),
            target: target.name.clone(),
            split: with_role(fields, Role::Split).map(|f| f.name.clone()),
        })
    }

    /// A table made by hand: the target by name, `split` where it is there, every other number a
    /// feature.
    fn by_hand(fields: &[Field], table: &Checkpoint, settings: &Settings) -> Result<Self> {
        let ahead = format!("{}_ahead_{}", settings.target, settings.horizon);
        let target = [ahead, settings.target.clone()]
            .into_iter()
            .find(|name| fields.iter().any(|f| f.name == *name))
            .ok_or_else(|| {
                let near = text::did_you_mean(&settings.target, fields.iter().map(|f| f.name.as_str()));
                Error::new(Class::Schema, format!("has no column {}{near}", text::name(&settings.target))).at(&table.path)
            })?;
        let key = |name: &str| {
            settings.entity.as_deref() == Some(name)
                || settings.time.as_ref().is_some_and(|t| t.iter().any(|c| c == name))
        };
        let split = fields.iter().find(|f| f.name == "split").map(|f| f.name.clone());
        let feature = |f: &&Field| f.kind.is_numeric() && f.name != target && f.name != "split" && !key(&f.name);
        let features: Vec<String> = fields.iter().filter(feature).map(|f| f.name.clone()).collect();
        log::warn!("a table without manifest: features are its numeric columns {}", text::names(&features));
        Ok(Self { features, target, split })
    }
}
