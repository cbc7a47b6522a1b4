//! The features table and the model, opened and found to belong together.

use common::checkpoint::{Checkpoint, Places};
use common::error::{Error, Result};
use common::identity::RowSet;
use common::ledger::Ledger;
use common::{Task, text};
use model::Model;
use serde_json::Value;

use crate::columns::Columns;

/// What is evaluated, and on what.
pub(crate) struct Pair {
    /// The features table.
    pub(crate) table: Checkpoint,
    /// Which of its columns is what.
    pub(crate) columns: Columns,
    /// The model file.
    pub(crate) file: Checkpoint,
    /// What it holds.
    pub(crate) model: Model,
}

impl Pair {
    /// Opens both; errors are to be told apart by the columns `segments`.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where one is damaged or the model was trained on another table.
    pub(crate) fn open(places: &Places, segments: &[String]) -> Result<Self> {
        let table = places.open(0, Task::FeatureEngineer)?;
        let mut file = places.open(1, Task::TrainModel)?;
        let model = Model::open(&mut file.file, &file.path)?;
        same_rows(&table, &file, &model)?;
        same_ledger(&table, &file)?;
        let columns = Columns::of(&table, &model, segments)?;
        Ok(Self { table, columns, file, model })
    }

    /// The row ledger of the table; empty for one made by hand.
    pub(crate) fn ledger(&self) -> Ledger {
        self.table.manifest.as_ref().map(|m| m.ledger.clone()).unwrap_or_default()
    }

    /// What the stage before found under `key`; null where it found nothing.
    pub(crate) fn found(&self, key: &str) -> Value {
        self.table.manifest.as_ref().and_then(|m| m.found.get(key)).cloned().unwrap_or(Value::Null)
    }

    /// Where the raw rows came from, as far as the table's manifest says: names and rows.
    pub(crate) fn sources(&self) -> Value {
        let learned = self.table.manifest.as_ref().and_then(|m| m.learned_before.get(Task::Ingest.name()));
        learned.and_then(|ingest| ingest.get("sources")).cloned().unwrap_or_else(|| self.found("sources"))
    }
}

/// Refuses a model whose manifest tells of other rows than the table's; one of several pieces tells of none.
fn same_ledger(table: &Checkpoint, file: &Checkpoint) -> Result<()> {
    let (Some(of_table), Some(of_model)) = (&table.manifest, &file.manifest) else { return Ok(()) };
    if of_model.ledger.0.is_empty() || of_model.ledger == of_table.ledger {
        return Ok(());
    }
    Err(Error::checkpoint(format!(
        "its manifest has another row ledger than that of {}; run `{}` again",
        text::path(&table.path),
        Task::TrainModel.program()
    ))
    .at(&file.path))
}

/// Refuses a model of other rows: its training part would not be the table's.
fn same_rows(table: &Checkpoint, file: &Checkpoint, model: &Model) -> Result<()> {
    let (trained, here) = (&model.trained_on, RowSet::of_table(table)?.identity());
    if *trained == here {
        return Ok(());
    }
    let short = |hash: &str| text::shown(hash.get(..12).unwrap_or(hash));
    Err(Error::checkpoint(format!(
        "{} fitted this model to {} rows of identity {}, but {} of {} has {} of {}; run `{}` again",
        Task::TrainModel,
        trained.rows,
        short(&trained.hash),
        text::path(&table.path),
        Task::FeatureEngineer,
        here.rows,
        short(&here.hash),
        Task::TrainModel.program(),
    ))
    .at(&file.path))
}
