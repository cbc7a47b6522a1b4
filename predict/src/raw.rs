//! Scoring raw rows: through the steps that the training rows went through.
//!
//! Where no step looks at other rows, rows are read, made into features and scored a block at a time; else the
//! table is held in memory with its history.

mod columns;
mod held;

use std::path::PathBuf;

use clean::{Filled, Preparation, Typing, Wanted};
use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::schema::{Field, Role};
use common::{Task, text};
use feature_engineer::Steps;
use ingest::{Batch, Files, Manner};
use model::Model;
use polars::prelude::{Column, DataFrame};

use crate::Asked;
use crate::rows::{Mark, Notes, Rows, Sink, place_fields, places as place_columns};
use columns::Columns;
use held::Held;

/// Raw rows to be scored, and how.
pub(crate) struct Raw {
    files: Files,
    columns: Columns,
    way: Way,
    /// The path of the model, for messages.
    model: PathBuf,
}

/// How raw rows become rows that the model knows.
struct Way {
    preparation: Preparation,
    steps: Steps,
    typing: Typing,
    /// Columns that come out of typing.
    fields: Vec<Field>,
    /// Entity and time.
    keys: Vec<String>,
    /// Where breaches are listed.
    breaches: Option<PathBuf>,
    /// Whether outcomes are asked for, and the files have what they are made of.
    outcomes: bool,
}

impl Raw {
    /// Whether the model holds how raw rows become features.
    pub(crate) fn is_known(model: &Model) -> bool {
        [Task::Clean, Task::FeatureEngineer].iter().all(|task| model.preparation.contains_key(task.name()))
    }

    /// Opens the files and finds in them the columns that the model is made of.
    ///
    /// # Errors
    /// [`common::Class::Schema`] naming the column that a file lacks; [`common::Class::Checkpoint`] where the model does not
    /// hold what it takes; as opening files has it.
    pub(crate) fn new(asked: &Asked, places: &Places, model: &Model, outcomes: bool) -> Result<Self> {
        let of = |task: Task| &model.preparation[task.name()];
        let in_model = |e: common::Error| e.at(&asked.model_path(places));
        let preparation = Preparation::of(of(Task::Clean)).map_err(in_model)?;
        let steps = Steps::of(of(Task::FeatureEngineer), &model.features).map_err(in_model)?;
        let manner = Manner::of(preparation.dialects(), asked.like.as_deref())?;
        let named = [asked.history.as_slice(), asked.common.input.as_slice()];
        let files = Files::open(named, &places.project, &manner, &places.output, asked.common.quiet)?;
        let columns = Columns::new(&preparation, &steps, &files, outcomes).map_err(|e| match e.class() {
            Class::Checkpoint => in_model(e),
            _ => e,
        })?;
        let wanted = Wanted {
            columns: columns.typed.clone(),
            positions: columns.positions(&files),
            identity: columns.identity.clone(),
            spelling: manner.spelling(),
        };
        let typing = preparation.read(wanted, files.names()).map_err(in_model)?;
        let way = Way {
            fields: typing.fields(),
            keys: preparation.keys(),
            breaches: places.companion("violations.csv"),
            preparation,
            steps,
            typing,
            outcomes: columns.outcomes,
        };
        Ok(Self { files, columns, way, model: asked.model_path(places) })
    }

    /// Reads the rows and scores them.
    ///
    /// # Errors
    /// [`common::Class::Schema`] with every cell that breaks the contract; as reading and writing have it.
    pub(crate) fn score(self, writer: &mut impl Sink) -> Result<()> {
        let model = self.model.clone();
        // The rows were checked; what fails then for no reason of theirs is what the model holds.
        self.score_all(writer).map_err(|e| match e.class() {
            Class::Unexpected => {
                Error::checkpoint(format!("what it holds of its preparation does not go together: {e}"))
                    .at(&model)
            }
            _ => e,
        })
    }

    fn score_all(self, writer: &mut impl Sink) -> Result<()> {
        let Self { files, columns, way, .. } = self;
        writer.begin(&way.key_fields(), true)?;
        if columns.looks_back {
            log::info!("features or fills are made of earlier rows too, so all rows are held in memory");
            return Held::read(&files, &columns, way)?.score(&files, writer);
        }
        if files.history() > 0 {
            log::warn!("nothing is made of earlier rows, so --history is read and not needed");
        }
        way.stream(&files, &columns, writer)
    }
}

impl Way {
    /// Entity and time say which row it is; without time its place does.
    fn key_fields(&self) -> Vec<Field> {
        let keys = self.keys.iter().filter_map(|key| self.fields.iter().find(|f| f.name == *key));
        let mut fields: Vec<Field> = keys.map(|f| Field { role: self.role(&f.name), ..f.clone() }).collect();
        if !self.is_timed() {
            fields.extend(place_fields());
        }
        fields
    }

    fn is_timed(&self) -> bool {
        self.keys.iter().any(|key| self.role(key) == Role::Time)
    }

    fn role(&self, key: &str) -> Role {
        if self.preparation.entity() == Some(key) { Role::Entity } else { Role::Time }
    }

    /// Scores a block at a time.
    fn stream(mut self, files: &Files, columns: &Columns, writer: &mut impl Sink) -> Result<()> {
        let (mut row, mut earlier) = (0, 0);
        let read = files.read(&columns.read, |batch: Batch| {
            let Batch { file, runs, rows } = batch;
            let (first, height) = (row, rows.len());
            row += height;
            let typed = self.typing.add(file, &runs, &rows.into_frame()?)?;
            if file < files.history() {
                earlier += height;
                return Ok(());
            }
            let Some(table) = typed else { return Ok(()) };
            let places: Vec<(&str, u64)> = (first..row).map(|r| self.typing.place(r)).collect();
            writer.write(self.rows(&table, &places)?)
        });
        // What breaks the form of a file may come of what breaks the contract, but is told first.
        let read = read?;
        self.typing.stop(self.breaches.as_deref())?;
        read.into_iter().zip(0..).for_each(|(record, file)| writer.read(record, file < files.history()));
        if files.history() > 0 {
            writer.keep_apart("history", earlier);
        }
        Ok(())
    }

    /// The rows of a typed table, whose steps look at no other rows, or find them in it.
    fn rows(&self, table: &DataFrame, places: &[(&str, u64)]) -> Result<Rows> {
        let filled = self.preparation.fill(table, &self.fields)?;
        let made = self.steps.features(&filled.table, &filled.fields)?;
        let outcomes = self.outcomes(&filled)?;
        let mark = |(column, rows): (String, Vec<bool>)| Mark::new(&column, rows);
        let notes = Notes {
            unseen: made.unseen.into_iter().filter_map(mark).collect(),
            filled: filled.filled.into_iter().filter_map(mark).collect(),
            made: made.filled.into_iter().filter_map(mark).collect(),
            limited: filled.limited.into_iter().filter_map(mark).collect(),
        };
        let keys = self.keys.iter().map(|name| Ok(table.column(name)?.clone()));
        let mut keys = keys.collect::<Result<Vec<Column>>>()?;
        if !self.is_timed() {
            let (sources, lines): (Vec<&str>, Vec<u64>) = places.iter().copied().unzip();
            keys.extend(place_columns(&sources, &lines));
        }
        Ok(Rows { keys, features: made.values, outcomes, notes: Some(notes) })
    }

    /// The outcomes of the rows of a table that was filled; none where they are not asked for or cannot be known.
    fn outcomes(&self, filled: &Filled) -> Result<Vec<f64>> {
        if self.outcomes { self.steps.outcomes(&filled.table, &filled.fields) } else { Ok(Vec::new()) }
    }
}

/// Names of columns in a message, the first few.
fn named(columns: &[String]) -> String {
    const MOST: usize = 20;
    let first = text::names(columns.iter().take(MOST));
    let more = columns.len().saturating_sub(MOST);
    if more > 0 { format!("{first} and {}", text::count(more as u64, "more column")) } else { first }
}
