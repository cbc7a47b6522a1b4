//! What is to be scored: the newest rows, a features table, or raw rows.

use std::path::{Component, Path, PathBuf};

use common::checkpoint::{Checkpoint, Places};
use common::error::{Error, Result};
use common::manifest::Manifest;
use common::project::names;
use common::{Task, text};
use model::Model;

use crate::Asked;
use crate::features::{self, Table};
use crate::raw::Raw;
use crate::rows::Sink;

/// Ending of the rows whose target is not known yet, after the name of their features table.
const PENDING: &str = "pending.csv";

/// What is to be scored.
pub(crate) enum Input {
    /// Rows whose features are made.
    Features(Box<Table>),
    /// Rows as the sources have them.
    Raw(Box<Raw>),
}

impl Input {
    /// What the command line asks for.
    ///
    /// # Errors
    /// [`common::Class::Usage`] where that is nothing, or does not go together; as opening a table has it.
    pub(crate) fn of(
        asked: &Asked,
        places: &Places,
        file: &Checkpoint,
        model: &Model,
        outcomes: bool,
    ) -> Result<Self> {
        let named = asked.common.input.as_slice();
        if named.is_empty() {
            return forecast(asked, places, file, model);
        }
        let kinds: Vec<Kind> = named.iter().map(|path| Kind::of(path)).collect::<Result<_>>()?;
        if let Some((path, stage)) = named.iter().zip(&kinds).find_map(|(p, k)| Some((p, k.other()?))) {
            return Err(Error::usage(format!(
                "is a checkpoint of {}; expected raw rows as the sources have them, or a table of feature_engineer",
                text::shown(stage)
            ))
            .at(path));
        }
        let table = match (named, kinds.as_slice()) {
            ([path], [Kind::Features]) => Table::checkpoint(places, path, model)?,
            (_, [Kind::Pending(_)]) if model.horizon == 0 => return Err(nothing_pending()),
            ([path], [Kind::Pending(owner)]) => Table::pending(places, path, owner, model)?,
            ([path], [_]) if !Raw::is_known(model) => Table::by_hand(places, path, model)?,
            (_, kinds) if Raw::is_known(model) && kinds.iter().all(|k| *k == Kind::Plain) => {
                if asked.part.is_some() {
                    return Err(Error::usage("--part picks rows of a features table; raw rows have no part"));
                }
                return Raw::new(asked, places, model, outcomes).map(Box::new).map(Self::Raw);
            }
            _ => return Err(Error::usage("one features table is scored at a time: give -i once")),
        };
        refuse_for_features(asked)?;
        Ok(Self::Features(Box::new(table)))
    }

    /// Hands the rows over.
    ///
    /// # Errors
    /// As reading them, making features and taking rows have it.
    pub(crate) fn hand_over(self, part: Option<&str>, outcomes: bool, sink: &mut impl Sink) -> Result<()> {
        match self {
            Self::Features(table) => features::score(&table, part, outcomes, sink),
            Self::Raw(raw) => raw.score(sink),
        }
    }
}

/// What a file is, as the manifest beside it says.
#[derive(PartialEq)]
enum Kind {
    /// A features table.
    Features,
    /// The rows kept apart of the features table at this path.
    Pending(PathBuf),
    /// A checkpoint of another stage.
    Other(String),
    /// Without manifest: raw rows, or a table made by hand.
    Plain,
}

impl Kind {
    fn of(path: &Path) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self::Plain);
        }
        if let Some(manifest) = Manifest::read(&Manifest::path_of(path))? {
            let is_features = manifest.stage == Task::FeatureEngineer.name();
            return Ok(if is_features { Self::Features } else { Self::Other(manifest.stage) });
        }
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        Ok(match pending_of(name).map(|owner| path.with_file_name(owner)) {
            Some(owner) if Manifest::path_of(&owner).exists() => Self::Pending(owner),
            _ => Self::Plain,
        })
    }

    fn other(&self) -> Option<&str> {
        if let Self::Other(stage) = self { Some(stage) } else { None }
    }
}

/// The name of the features table whose rows kept apart have this name.
pub(crate) fn pending_of(name: &str) -> Option<&str> {
    name.strip_suffix(PENDING)?.strip_suffix('.')
}

/// The newest rows of the project, whose target is not known yet.
fn forecast(asked: &Asked, places: &Places, file: &Checkpoint, model: &Model) -> Result<Input> {
    refuse_for_features(asked)?;
    if model.horizon == 0 {
        return Err(nothing_pending());
    }
    if asked.part.is_some() {
        return Err(Error::usage("--part picks rows of the features table that -i names"));
    }
    let owner = current_table(places, file);
    log::info!("the newest rows are those of {}", text::path(&owner));
    let path = common::project::beside(&owner, PENDING);
    Table::pending(places, &path, &owner, model).map(Box::new).map(Input::Features)
}

/// The features table of the project: the one that the model was trained on, as its manifest names it; else
/// the one in the format that the project uses. Tables of other formats may be left of earlier runs.
fn current_table(places: &Places, file: &Checkpoint) -> PathBuf {
    let project = &places.project;
    let listed = file.manifest.as_ref().map(|manifest| manifest.inputs.as_slice());
    if let Some([table]) = listed {
        let is_below = Path::new(&table.name).components().all(|c| matches!(c, Component::Normal(_)));
        let path = project.path(&table.name);
        if is_below && Manifest::path_of(&path).is_file() {
            return path;
        }
    }
    let standard = project.output_of(Task::FeatureEngineer);
    let state = project.path(names::STATE).join("format");
    match std::fs::read_to_string(state).unwrap_or_default().trim() {
        format @ ("parquet" | "arrow") => standard.with_extension(format),
        _ => standard,
    }
}

fn nothing_pending() -> Error {
    Error::usage(
        "nothing is pending: the model predicts the row's own value (horizon 0), so no row waits for its target; name the rows to score with -i FILE, or by `make predict NEW=FILE`",
    )
}

fn refuse_for_features(asked: &Asked) -> Result<()> {
    match (asked.history.first(), &asked.like) {
        (Some(path), _) => {
            Err(Error::usage("--history is for raw rows: a features table has what it needs of earlier rows")
                .at(path))
        }
        (None, Some(_)) => {
            Err(Error::usage("--like says how raw rows are written; a features table is read as it is"))
        }
        (None, None) => Ok(()),
    }
}
