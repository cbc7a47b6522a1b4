//! Rows on their way into the state.

use std::collections::{BTreeMap, HashMap};

use common::config::TimeColumns;
use common::error::{Class, Error, Result};
use common::ledger::Step;
use common::manifest::{FileRecord, Manifest};
use common::schema::{Field, Role};
use common::time::Clock;
use common::{Task, text};
use evaluate::{Recorded, Scored};
use model::Model;
use polars::prelude::{Column, DataFrame};
use predict::{Mark, Rows, Sink};
use serde::Deserialize as _;
use stats::Counts;

use crate::period::Period;
use crate::piece::Piece;
use crate::state::{Input, State, WHOLE};

/// Periods of one run; more are read by nobody.
const MOST_PERIODS: usize = 1000;

/// The state while rows come in.
pub(crate) struct Gather<'a> {
    model: &'a Model,
    part: Option<&'a str>,
    period: Period,
    state: State,
    /// Where rows have calendar time.
    clock: Option<Clock>,
    /// By first appearance.
    pieces: Vec<(String, Piece)>,
    by_label: HashMap<String, usize>,
    /// Files that were read, those of earlier rows too.
    read: Vec<FileRecord>,
    dropped: BTreeMap<String, u64>,
    apart: BTreeMap<String, u64>,
}

/// What came of it.
pub(crate) struct Gathered {
    pub(crate) state: State,
    pub(crate) read: Vec<FileRecord>,
    pub(crate) step: Step,
}

impl<'a> Gather<'a> {
    /// Where no row has come; `sha256` is the model file's.
    pub(crate) fn new(model: &'a Model, sha256: &str, part: Option<&'a str>, period: Period) -> Self {
        Self {
            model,
            part,
            period,
            state: State::new(model, sha256, None),
            clock: None,
            pieces: Vec::new(),
            by_label: HashMap::new(),
            read: Vec::new(),
            dropped: BTreeMap::new(),
            apart: BTreeMap::new(),
        }
    }

    /// The state of all rows. `table` is the manifest of the features table that they came from.
    ///
    /// # Errors
    /// [`Class::Rows`] where there was none.
    pub(crate) fn finish(self, table: Option<&Manifest>) -> Result<Gathered> {
        let Self { model, part, mut state, pieces, read, dropped, apart, .. } = self;
        if pieces.len() > MOST_PERIODS {
            let what = "--period: the rows lie in more than";
            return Err(Error::usage(format!("{what} {MOST_PERIODS} of them; choose longer ones")));
        }
        state.pieces = pieces.into_iter().collect();
        let rows = state.rows();
        if rows == 0 {
            return Err(Error::new(Class::Rows, "no row to monitor"));
        }
        state.count_features(model)?;
        if let Some(manifest) = table {
            let mut recorded = Recorded::of(&manifest.found, model);
            for (counts, name) in state.features.iter_mut().zip(&model.features) {
                if let Some(known) = recorded.remove(name).and_then(|all| of_part(all, part)) {
                    *counts = known;
                }
            }
        }
        let gone: u64 = dropped.values().chain(apart.values()).sum();
        let step = Step {
            stage: Task::Monitor.name().to_owned(),
            rows_in: gone + rows,
            dropped,
            apart,
            rows_out: rows,
            ..Step::default()
        };
        Ok(Gathered { state, read, step })
    }

    /// By row, the number of its piece.
    fn pieces_of(&mut self, keys: Vec<Column>, height: usize) -> Result<Vec<usize>> {
        let Some(clock) = self.clock.clone() else {
            let whole = self.piece(WHOLE.to_owned());
            return Ok(vec![whole; height]);
        };
        let times = clock.ordinals(&DataFrame::new(height, keys)?)?.map_err(|rows| {
            let columns = text::names(clock.columns());
            let what = format!("{} without a valid time in {columns}", text::count(rows.len() as u64, "row"));
            Error::new(Class::Schema, what)
        })?;
        let length = self.period.length();
        let mut numbers = HashMap::new();
        let mut piece = |time: i64| {
            let period = clock.period(length, time);
            *numbers.entry(period).or_insert_with(|| self.piece(clock.show_period(length, period)))
        };
        Ok(times.into_iter().map(&mut piece).collect())
    }

    fn piece(&mut self, label: String) -> usize {
        if let Some(number) = self.by_label.get(&label) {
            return *number;
        }
        self.by_label.insert(label.clone(), self.pieces.len());
        self.pieces.push((label, Piece::new(self.model)));
        self.pieces.len() - 1
    }
}

impl Sink for Gather<'_> {
    fn begin(&mut self, keys: &[Field], _has_notes: bool) -> Result<()> {
        self.clock = clock(self.model, keys)?;
        self.state.period = self.clock.as_ref().map(|_| self.period);
        Ok(())
    }

    fn read(&mut self, record: FileRecord, earlier: bool) {
        if !earlier {
            if let Some(same) = self.state.inputs.iter().find(|own| own.sha256 == record.sha256) {
                let (one, other) = (text::shown(&same.name), text::shown(&record.name));
                log::warn!("{one} and {other} are the same file: rows that have no time count twice");
            }
            self.state.inputs.push(Input::new(&record, self.part));
        }
        self.read.push(record);
    }

    fn drop_rows(&mut self, reason: &'static str, rows: u64) {
        *self.dropped.entry(reason.to_owned()).or_default() += rows;
    }

    fn keep_apart(&mut self, reason: &'static str, rows: u64) {
        *self.apart.entry(reason.to_owned()).or_default() += rows;
    }

    fn write(&mut self, rows: Rows) -> Result<()> {
        let Rows { keys, features, outcomes, notes } = rows;
        let height = keys.first().map_or(0, Column::len);
        let of_row = self.pieces_of(keys, height)?;
        let actual = if outcomes.is_empty() { vec![f64::NAN; height] } else { outcomes };
        let columns: Vec<&[f64]> = features.iter().map(Vec::as_slice).collect();
        let notes = notes.unwrap_or_default();
        let cells = &mut self.state.cells;
        count(&mut cells.outside, &predict::outside(self.model, &columns));
        count(&mut cells.unseen, &notes.unseen);
        count(&mut cells.filled, &notes.filled);
        count(&mut cells.filled, &notes.made);
        let mut scored = Scored::new(self.model, features, actual);
        for column in &scored.features {
            // Whatever a model makes of a missing feature is no prediction.
            let missing = scored.predicted.iter_mut().zip(column).filter(|(_, value)| value.is_nan());
            missing.for_each(|(predicted, _)| *predicted = f64::NAN);
        }
        for (row, piece) in of_row.iter().enumerate() {
            self.pieces[*piece].1.add(self.model, &scored, row);
        }
        for (j, (name, column)) in self.model.features.iter().zip(&scored.features).enumerate() {
            // What was missing before it was filled counts as missing, as it did when the reference was made.
            let made = notes.made.iter().find(|mark| mark.column == *name);
            for (row, (piece, value)) in of_row.iter().zip(column).enumerate() {
                let was_missing = made.is_some_and(|mark| mark.rows[row]);
                let value = if was_missing { f64::NAN } else { *value };
                self.pieces[*piece].1.shift.add_feature(self.model, j, value);
            }
        }
        Ok(())
    }
}

/// The clock of the rows, where their time is one of the calendar.
fn clock(model: &Model, keys: &[Field]) -> Result<Option<Clock>> {
    let is_key = |name: &str| keys.iter().any(|f| f.name == name);
    // The order of several columns, the year first, is the model's.
    let stored = model.preparation.get(Task::FeatureEngineer.name()).and_then(|steps| steps.get("time"));
    let stored = stored.and_then(|time| TimeColumns::deserialize(time).ok());
    let time = match stored.filter(|time| time.iter().all(is_key)) {
        Some(time) => time,
        None => TimeColumns(keys.iter().filter(|f| f.role == Role::Time).map(|f| f.name.clone()).collect()),
    };
    if time.iter().next().is_none() {
        return Ok(None);
    }
    // Any moment has a day, or none has.
    Ok(Some(Clock::new(&time, keys)?).filter(Clock::is_calendar))
}

fn count(cells: &mut BTreeMap<String, u64>, marks: &[Mark]) {
    for mark in marks {
        let marked = mark.rows.iter().filter(|marked| **marked).count() as u64;
        *cells.entry(mark.column.clone()).or_default() += marked;
    }
}

/// The counts of a part, or of all.
fn of_part(all: evaluate::ByPart, part: Option<&str>) -> Option<Counts> {
    let evaluate::ByPart { mut train, calibration, test } = all;
    match part {
        Some("train") => Some(train),
        Some("calibration") => Some(calibration),
        Some("test") => Some(test),
        Some(_) => None,
        None => {
            train.merge(&calibration).and_then(|()| train.merge(&test)).ok()?;
            Some(train)
        }
    }
}
