//! Scoring rows whose features are made: a features table, its rows kept apart, a table made by hand.

use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Error, Result, reason};
use common::identity::Identity;
use common::manifest::{FileRecord, Manifest};
use common::schema::{Field, Role};
use common::table::{TableReader, numbers, texts};
use common::{Task, hash, text};
use model::Model;
use polars::prelude::{BooleanChunked, NewChunkedArray as _};

use crate::belongs;
use crate::newest::Newest;
use crate::rows::{Rows, Sink, place_fields, places as place_columns};

/// The split column of a table that has no manifest.
const SPLIT: &str = "split";

/// Parts of the split that a features table holds.
const PARTS: [&str; 3] = ["train", "calibration", "test"];

/// A table with the features of the model.
pub(crate) struct Table {
    checkpoint: Checkpoint,
    /// Entity and time.
    keys: Vec<Field>,
    split: Option<String>,
    features: Vec<String>,
    /// What the model predicts, where the table has it.
    target: Option<String>,
    /// The rows that the model was trained on.
    trained_on: Identity,
    /// Of rows that wait for their target.
    newest: Option<Newest>,
}

impl Table {
    /// A features table with its manifest.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where it is damaged, lacks a feature of the model or was made in another way.
    pub(crate) fn checkpoint(places: &Places, path: &Path, model: &Model) -> Result<Self> {
        let checkpoint = places.with_inputs(vec![path.to_path_buf()]).open(0, Task::FeatureEngineer)?;
        Self::new(checkpoint, model)
    }

    /// The rows that `owner` keeps apart, whose columns are its own.
    ///
    /// # Errors
    /// As [`Table::checkpoint`].
    pub(crate) fn pending(places: &Places, path: &Path, owner: &Path, model: &Model) -> Result<Self> {
        let manifest_path = Manifest::path_of(owner);
        let run = format!("run `{}` first", Task::FeatureEngineer.program());
        let manifest = Manifest::read(&manifest_path)?
            .ok_or_else(|| Error::checkpoint(format!("not there; {run}")).at(&manifest_path))?;
        if manifest.stage != Task::FeatureEngineer.name() {
            let stage = text::shown(&manifest.stage);
            return Err(Error::checkpoint(format!("was written by {stage}; {run}")).at(&manifest_path));
        }
        let mut file = File::open(path)
            .map_err(|e| Error::checkpoint(format!("cannot read: {}; {run}", reason(&e))).at(path))?;
        let (sha256, bytes) = hash::of_reader(&mut file).map_err(|e| Error::read(path, &e))?;
        file.rewind().map_err(|e| Error::read(path, &e))?;
        if !manifest.companions.iter().any(|c| c.sha256 == sha256) {
            let what = format!("is not the file that the manifest of {} lists; {run}", text::path(owner));
            return Err(Error::checkpoint(what).at(path));
        }
        let record = FileRecord { name: places.project.record_name(path), sha256, bytes };
        let checkpoint =
            Checkpoint { path: path.to_path_buf(), file, record, manifest: Some(manifest), manifest_path };
        let table = Self::new(checkpoint, model)?;
        let newest = table.checkpoint.manifest.as_ref().map(Newest::of).transpose();
        let newest = newest.map_err(|e| e.at(&table.checkpoint.manifest_path))?.flatten();
        Ok(Self { newest, ..table })
    }

    /// A table made by hand, whose columns are known by name from the model.
    ///
    /// # Errors
    /// As [`Table::checkpoint`].
    pub(crate) fn by_hand(places: &Places, path: &Path, model: &Model) -> Result<Self> {
        log::warn!(
            "the model knows no raw rows, since it does not hold how its rows were prepared: {} is read as a table of features",
            text::path(path)
        );
        let checkpoint = places.with_inputs(vec![path.to_path_buf()]).open(0, Task::FeatureEngineer)?;
        Self::new(checkpoint, model)
    }

    fn new(checkpoint: Checkpoint, model: &Model) -> Result<Self> {
        let fields = match &checkpoint.manifest {
            Some(manifest) => manifest.fields.clone(),
            None => TableReader::open(&checkpoint, None)?.fields().to_vec(),
        };
        let names = || fields.iter().map(|f| f.name.as_str());
        if let Some(missing) = model.features.iter().find(|f| !names().any(|name| name == *f)) {
            let near = text::did_you_mean(missing, names());
            let what = format!("has no column {}, which the model needs{near}", text::name(missing));
            return Err(Error::checkpoint(what).at(&checkpoint.path));
        }
        belongs::check(&checkpoint, model)?;
        let role = |field: &Field| match checkpoint.manifest {
            Some(_) => field.role,
            None => model.fields.iter().find(|f| f.name == field.name).map_or(Role::Input, |f| f.role),
        };
        let is_key = |f: &&Field| matches!(role(f), Role::Entity | Role::Time);
        let keys = fields.iter().filter(is_key).map(|f| Field { role: role(f), ..f.clone() }).collect();
        let split = fields.iter().find(|f| role(f) == Role::Split || f.name == SPLIT).map(|f| f.name.clone());
        let features = model.features.clone();
        let target = names().find(|name| *name == model.target_column).map(str::to_owned);
        let trained_on = model.trained_on.clone();
        Ok(Self { checkpoint, keys, split, features, target, trained_on, newest: None })
    }
}

/// Hands over the rows of a table, all or those of a part; with `outcomes` what the model predicts, too.
///
/// # Errors
/// [`common::Class::Usage`] for a part that there is not; as reading and writing have it.
pub(crate) fn score(table: &Table, part: Option<&str>, outcomes: bool, writer: &mut impl Sink) -> Result<()> {
    let split = match part {
        None => None,
        Some(part) if !PARTS.contains(&part) => {
            return Err(Error::usage(format!(
                "--part {} is none of {}",
                text::name(part),
                text::names(PARTS)
            )));
        }
        Some(part) => {
            let lacks = || Error::usage("--part: the table has no split column").at(&table.checkpoint.path);
            let split = table.split.clone().ok_or_else(lacks)?;
            belongs::warn_of_other_rows(&table.checkpoint, &table.trained_on, part)?;
            Some((split, part))
        }
    };
    let (features, target) = (&table.features, table.target.as_ref().filter(|_| outcomes));
    let keys: Vec<String> = table.keys.iter().map(|f| f.name.clone()).collect();
    let mut columns: Vec<String> = [features.as_slice(), keys.as_slice()].concat();
    columns.extend(split.iter().map(|(column, _)| column.clone()));
    columns.extend(target.cloned());
    writer.read(table.checkpoint.record.clone(), false);
    let is_timed = table.keys.iter().any(|f| f.role == Role::Time);
    let mut fields = table.keys.clone();
    if !is_timed {
        fields.extend(place_fields());
    }
    writer.begin(&fields, false)?;
    let mut reader = TableReader::open(&table.checkpoint, Some(&columns))?;
    let (mut line, mut others) = (2, 0);
    let mut newest = table.newest.clone();
    while let Some(batch) = reader.next_batch()? {
        let mut lines: Vec<u64> = (line..).take(batch.height()).collect();
        line += batch.height() as u64;
        let batch = match &split {
            None => batch,
            Some((column, part)) => {
                let of_part: Vec<bool> =
                    texts(&batch, column)?.iter().map(|cell| *cell == Some(*part)).collect();
                others += of_part.iter().filter(|of_part| !**of_part).count() as u64;
                let mut kept = of_part.iter();
                lines.retain(|_| kept.next() == Some(&true));
                batch.filter(&BooleanChunked::from_slice("part".into(), &of_part))?
            }
        };
        if let Some(newest) = &mut newest {
            newest.add(&batch).map_err(|e| e.at(&table.checkpoint.path))?;
        }
        let mut which = keys.iter().map(|key| Ok(batch.column(key)?.clone())).collect::<Result<Vec<_>>>()?;
        if !is_timed {
            which.extend(place_columns(&vec![table.checkpoint.record.name.as_str(); lines.len()], &lines));
        }
        let values = features.iter().map(|name| numbers(&batch, name)).collect::<Result<_>>()?;
        let outcomes = target.map_or_else(|| Ok(Vec::new()), |name| numbers(&batch, name))?;
        writer.write(Rows { keys: which, features: values, outcomes, notes: None })?;
    }
    if part.is_some() {
        writer.drop_rows("other_part", others);
    }
    if let Some(newest) = newest {
        writer.found(newest.found());
    }
    Ok(())
}
