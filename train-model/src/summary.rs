//! Training summaries: what one piece says about the fit, in a file, so that a model can be fitted to
//! any set of pieces without reading their rows again.

use std::io::Read as _;
use std::path::Path;

use common::checkpoint::Places;
use common::error::{Error, Result};
use common::identity::{Identity, RowSet};
use common::schema::Field;
use common::{Task, hash, json, text};
use exact::gram::Gram;
use model::Term;
use serde::{Deserialize, Serialize};

use crate::design::{Design, Feature};
use crate::learn::Learned;
use crate::profile::Training;

/// Marks the file as ours.
const KIND: &str = "millrace training summary";
/// Version of its form.
const FORMAT: u32 = 2;

/// What stands in a summary file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Summary {
    kind: String,
    format: u32,
    /// What must be the same in all pieces.
    pub(crate) shape: Shape,
    /// The training profile, where the piece's table recorded one.
    pub(crate) profile: Option<Training>,
    /// Who the rows are.
    rows: Identity,
    /// Gram matrices by fold, in hex.
    folds: Vec<String>,
}

/// What pieces must have in common to be fitted together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    pub(crate) features: Vec<Feature>,
    pub(crate) terms: Vec<Term>,
    pub(crate) target: Feature,
    pub(crate) fields: Vec<Field>,
    pub(crate) preparation: serde_json::Map<String, serde_json::Value>,
}

impl Shape {
    /// The columns of the fit.
    pub(crate) fn design(&self) -> Design {
        Design { features: self.features.clone(), terms: self.terms.clone(), target: self.target.clone() }
    }

    /// Refuses pieces that do not belong together.
    pub(crate) fn same(&self, other: &Self, path: &Path) -> Result<()> {
        let different = [
            ("features", self.features != other.features),
            ("terms", self.terms != other.terms),
            ("target", self.target != other.target),
            ("columns", self.fields != other.fields),
            ("fills or recipe", self.preparation != other.preparation),
        ];
        match different.iter().find(|(_, d)| *d) {
            None => Ok(()),
            Some((what, _)) => {
                Err(Error::checkpoint(format!("its {what} are not those of the first piece")).at(path))
            }
        }
    }
}

impl Summary {
    /// The summary of what was learned.
    pub(crate) fn new(shape: Shape, profile: Option<Training>, learned: &Learned) -> Self {
        let hex = |gram: &Gram| hash::to_hex(&gram.to_bytes());
        Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            shape,
            profile,
            rows: learned.rows.identity(),
            folds: learned.folds.iter().map(hex).collect(),
        }
    }

    /// The bytes of the file.
    pub(crate) fn to_json(&self) -> Result<String> {
        json::pretty(self)
    }

    /// Reads input number `index`.
    pub(crate) fn open(places: &Places, index: usize) -> Result<Self> {
        let mut file = places.open(index, Task::TrainModel)?;
        let refused =
            |what: String| Error::checkpoint(format!("refused as a training summary: {what}")).at(&file.path);
        let mut bytes = Vec::new();
        file.file.read_to_end(&mut bytes).map_err(|e| Error::read(&file.path, &e))?;
        let summary: Self = serde_json::from_slice(&bytes).map_err(|e| refused(e.to_string()))?;
        if summary.kind != KIND || summary.format != FORMAT {
            return Err(refused(format!("`{}` of format {}", text::shown(&summary.kind), summary.format)));
        }
        Ok(summary)
    }

    /// What the piece says.
    pub(crate) fn learned(&self) -> Result<Learned> {
        let damaged = |what: &str| Error::checkpoint(format!("a training summary is damaged: {what}"));
        let gram = |hex: &String| {
            let pairs = hex.as_bytes().chunks(2);
            let byte =
                |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok());
            let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
            let bytes = bytes.ok_or_else(|| damaged("not hex"))?;
            Gram::from_bytes(&bytes).map_err(|e| damaged(&e.to_string()))
        };
        if self.folds.is_empty() {
            return Err(damaged("no fold"));
        }
        Ok(Learned {
            folds: self.folds.iter().map(gram).collect::<Result<_>>()?,
            rows: RowSet::of(&self.rows)?,
        })
    }
}
