//! All that the rows taught: what merges.

use std::collections::BTreeMap;

use common::error::{Error, Result};
use common::manifest::FileRecord;
use common::text;
use model::Model;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stats::Counts;

use crate::period::Period;
use crate::piece::Piece;

/// Marks the file as ours.
pub(crate) const KIND: &str = "millrace monitor state";
/// Version of its form.
pub(crate) const FORMAT: u32 = 1;
/// Ending of its name, after that of the file that was made of it.
pub(crate) const ENDING: &str = "state.json";
/// The piece of rows without calendar time.
pub(crate) const WHOLE: &str = "";

/// What `monitor.json` is made of, beside the model; stands beside it as `monitor.json.state.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// [`KIND`].
    pub(crate) kind: String,
    /// [`FORMAT`].
    pub(crate) format: u32,
    /// Version of the program that wrote it.
    pub(crate) version: String,
    /// SHA-256 of the model file.
    pub(crate) model: String,
    /// How long a period is; null where rows have no calendar time.
    pub(crate) period: Option<Period>,
    /// Files of rows, by hash.
    pub(crate) inputs: Vec<Input>,
    /// Cells that stand out.
    pub(crate) cells: Cells,
    /// All rows in the bins of each feature, in the model's order. Where the manifest of a features table tells which
    /// cells were missing before they were filled, these count as missing here, though no period knows of them.
    pub(crate) features: Vec<Counts>,
    /// By period; under the empty label all rows without calendar time.
    pub(crate) pieces: BTreeMap<String, Piece>,
}

/// A file of rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Path below the project folder, or the bare name of a file outside.
    pub name: String,
    /// Number of bytes.
    pub bytes: u64,
    /// The part of the features table whose rows were taken; null for all.
    pub part: Option<String>,
}

/// Numbers of cells that stand out, by column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    /// Text cells with a value that no training row had.
    pub unseen: BTreeMap<String, u64>,
    /// Cells of features outside the range of the training rows.
    pub outside: BTreeMap<String, u64>,
    /// Cells of columns and features that were missing and were filled.
    pub filled: BTreeMap<String, u64>,
}

impl Input {
    /// A file of which all rows, or those of a part, were taken.
    pub(crate) fn new(record: &FileRecord, part: Option<&str>) -> Self {
        let FileRecord { name, sha256, bytes } = record.clone();
        Self { sha256, name, bytes, part: part.map(str::to_owned) }
    }

    /// Whether rows of the one are rows of the other.
    fn overlaps(&self, other: &Self) -> bool {
        let parts_meet = self.part.is_none() || other.part.is_none() || self.part == other.part;
        self.sha256 == other.sha256 && parts_meet
    }
}

impl State {
    /// Of no rows.
    pub(crate) fn new(model: &Model, sha256: &str, period: Option<Period>) -> Self {
        Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: sha256.to_owned(),
            period,
            inputs: Vec::new(),
            cells: Cells::default(),
            features: Piece::new(model).shift.features,
            pieces: BTreeMap::new(),
        }
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> u64 {
        self.pieces.values().map(|piece| piece.rows).sum()
    }

    /// All rows as one piece.
    ///
    /// # Errors
    /// Where the pieces are of different models.
    pub(crate) fn whole(&self, model: &Model) -> Result<Piece> {
        let mut whole = Piece::new(model);
        for piece in self.pieces.values() {
            whole.merge(piece).map_err(differ)?;
        }
        whole.shift.features.clone_from(&self.features);
        Ok(whole)
    }

    /// Counts the features of all rows as those of the pieces.
    ///
    /// # Errors
    /// As [`State::whole`].
    pub(crate) fn count_features(&mut self, model: &Model) -> Result<()> {
        let mut all = Piece::new(model).shift;
        for piece in self.pieces.values() {
            all.merge(&piece.shift).map_err(differ)?;
        }
        self.features = all.features;
        Ok(())
    }

    /// Adds all that `other` holds; the result is the same for any order.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where it is of another model, of other periods, or of rows that are here already.
    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        if self.period != other.period {
            let shown = |p: Option<Period>| p.map_or("none", Period::name);
            return Err(Error::checkpoint(format!(
                "its periods are of another length ({}) than those of the files before it ({}); run `monitor` again with one --period",
                shown(other.period),
                shown(self.period)
            )));
        }
        if let Some(twice) = other.inputs.iter().find(|new| self.inputs.iter().any(|own| own.overlaps(new))) {
            return Err(Error::checkpoint(format!(
                "it counts rows of {} (sha256 {}), which another of the merged files counts too; leave one of them out",
                text::shown(&twice.name),
                text::shown(twice.sha256.get(..12).unwrap_or_default())
            )));
        }
        self.inputs.extend(other.inputs);
        self.cells.merge(other.cells);
        for (counts, more) in self.features.iter_mut().zip(&other.features) {
            counts.merge(more).map_err(differ)?;
        }
        for (label, piece) in other.pieces {
            match self.pieces.get_mut(&label) {
                Some(own) => own.merge(&piece).map_err(differ)?,
                None => drop(self.pieces.insert(label, piece)),
            }
        }
        Ok(())
    }

    /// The same bytes for the same rows, in whatever order they came, once it is sorted.
    ///
    /// # Errors
    /// Where it has no JSON form.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self)
            .map_err(|e| Error::unexpected(format!("cannot write the state: {e}")))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Puts files and rows into an order of their own.
    pub(crate) fn sort(&mut self) {
        self.inputs.sort();
        self.pieces.values_mut().for_each(Piece::sort);
    }
}

impl Cells {
    fn merge(&mut self, other: Self) {
        let sides = [
            (&mut self.unseen, other.unseen),
            (&mut self.outside, other.outside),
            (&mut self.filled, other.filled),
        ];
        for (own, more) in sides {
            for (column, cells) in more {
                let count = own.entry(column).or_default();
                *count = count.saturating_add(cells);
            }
        }
    }
}

fn differ(reason: stats::Reason) -> Error {
    Error::checkpoint(format!("rows were counted in the bins of another model ({reason})"))
}
