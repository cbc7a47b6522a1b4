//! One pass over the table: what each batch teaches about each part, merged.

use common::error::{Class, Error, Result};
use common::table::{TableReader, numbers};
use common::{Task, text};
use model::Model;
use polars::prelude::{DataFrame, PolarsError};
use stats::{Errors, Moments, Reason, Sample};

use crate::breakdown::Breakdown;
use crate::figures::TestRows;
use crate::metrics::PARTS;
use crate::pair::Pair;
use crate::recorded::Recorded;
use crate::score::Score;
use crate::scored::Scored;
use crate::shift::Shift;
use crate::survey::Survey;

/// What was learned of the parts, in the order of [`PARTS`].
pub(crate) struct Learned {
    /// Each part.
    pub(crate) parts: [Part; 3],
}

/// What was learned of one part. Memory: some 90 bytes a row.
pub(crate) struct Part {
    /// Predictions beside outcomes.
    pub(crate) score: Score,
    /// The rows beside those of the training part.
    pub(crate) shift: Shift,
    /// The rows with what they depend on, and what the rivals predict of them: the median, then persistence.
    pub(crate) sample: Sample,
    /// The median of the training target as a prediction.
    pub(crate) median: Rival,
    /// The last known value as a prediction, where the table has it.
    pub(crate) persistence: Option<Rival>,
}

/// A simple prediction that the model should beat.
#[derive(Default)]
pub(crate) struct Rival {
    /// Size of its errors.
    pub(crate) errors: Errors,
    /// Row by row, by how much its absolute error exceeds the model's.
    pub(crate) excess: Moments,
    /// Rows where it had nothing to say and the training median stood in.
    pub(crate) fallback: u64,
}

/// Rows of a batch with their parts, by the place in [`PARTS`].
struct Rows {
    scored: Scored,
    /// Which rows depend on each other.
    units: Vec<i64>,
    persistence: Option<Vec<f64>>,
    parts: Vec<usize>,
}

/// Learns from the whole table, and shows the rows to `test`.
///
/// # Errors
/// [`Class::Rows`] where there is no row; [`Class::Checkpoint`] where a column does not hold what
/// it must.
pub(crate) fn table(pair: &Pair, survey: Survey, test: &mut TestRows) -> Result<(Learned, Breakdown)> {
    let mut reader = TableReader::open(&pair.table, Some(&pair.columns.read()))?;
    let mut breakdown = Breakdown::new(&pair.model, survey);
    let mut learned = Learned::new(&pair.model, pair.columns.persistence.is_some());
    let found = pair.table.manifest.as_ref().map_or(&serde_json::Value::Null, |m| &m.found);
    let recorded = Recorded::of(found, &pair.model);
    let mut rows = 0;
    while let Some(frame) = reader.next_batch()? {
        let batch = Rows::of(&frame, pair, rows).map_err(|e| e.at(&pair.table.path))?;
        refuse_no_number(&batch.scored, rows).map_err(|e| e.at(&pair.file.path))?;
        test.add(&frame, &batch.scored, &batch.parts).map_err(|e| e.at(&pair.table.path))?;
        breakdown.add(pair, &frame, &batch.scored, &batch.parts, rows)?;
        rows += batch.parts.len() as u64;
        learned.merge(&Learned::of(&pair.model, &batch, &recorded))?;
    }
    if rows == 0 {
        return Err(Error::new(Class::Rows, "has no rows: nothing to evaluate").at(&pair.table.path));
    }
    pair.table.expect_rows(rows)?;
    learned.take(recorded, &pair.model);
    Ok((learned, breakdown))
}

impl Learned {
    fn new(model: &Model, persistence: bool) -> Self {
        Self { parts: std::array::from_fn(|_| Part::new(model, persistence)) }
    }

    /// What one batch teaches.
    fn of(model: &Model, rows: &Rows, recorded: &Recorded) -> Self {
        let mut learned = Self::new(model, rows.persistence.is_some());
        for (row, part) in rows.parts.iter().enumerate() {
            let known = rows.persistence.as_ref().map(|p| p[row]);
            learned.parts[*part].add(model, rows, row, known);
        }
        for (j, (name, column)) in model.features.iter().zip(&rows.scored.features).enumerate() {
            if recorded.holds(name) {
                continue;
            }
            for (part, value) in rows.parts.iter().zip(column) {
                learned.parts[*part].shift.add_feature(model, j, *value);
            }
        }
        learned
    }

    /// Puts the counts on record in the places of those that were not taken.
    fn take(&mut self, mut recorded: Recorded, model: &Model) {
        let [_, calibration, test] = &mut self.parts;
        for (j, name) in model.features.iter().enumerate() {
            if let Some(counts) = recorded.remove(name) {
                (calibration.shift.features[j], test.shift.features[j]) = (counts.calibration, counts.test);
            }
        }
    }

    /// Adds all that `other` holds; the result is the same for any order of batches.
    fn merge(&mut self, other: &Self) -> Result<()> {
        for (part, more) in self.parts.iter_mut().zip(&other.parts) {
            part.merge(more)
                .map_err(|e| Error::unexpected(format!("cannot merge what two batches taught: {e}")))?;
        }
        Ok(())
    }
}

impl Part {
    fn new(model: &Model, persistence: bool) -> Self {
        Self {
            score: Score::new(model),
            shift: Shift::new(model),
            sample: Sample::new(1 + usize::from(persistence)),
            median: Rival::default(),
            persistence: persistence.then(Rival::default),
        }
    }

    fn add(&mut self, model: &Model, rows: &Rows, row: usize, known: Option<f64>) {
        let scored = &rows.scored;
        self.score.add(scored, row);
        self.shift.add(model, scored, row);
        let (predicted, actual) = (scored.predicted[row], scored.actual[row]);
        let median = model.training.target_median.unwrap_or(f64::NAN);
        self.median.add(predicted, median, actual);
        if let (Some(rival), Some(known)) = (&mut self.persistence, known) {
            let naive = if known.is_finite() { known } else { median };
            rival.fallback += u64::from(!known.is_finite());
            rival.add(predicted, naive, actual);
            self.sample.add(rows.units[row], predicted, actual, &[median, naive]);
        } else {
            self.sample.add(rows.units[row], predicted, actual, &[median]);
        }
    }

    fn merge(&mut self, other: &Self) -> std::result::Result<(), Reason> {
        self.score.merge(&other.score);
        self.sample.merge(&other.sample);
        self.median.merge(&other.median);
        if let (Some(rival), Some(more)) = (&mut self.persistence, &other.persistence) {
            rival.merge(more);
        }
        self.shift.merge(&other.shift)
    }
}

impl Rival {
    fn add(&mut self, model: f64, rival: f64, actual: f64) {
        self.errors.add(rival, actual);
        self.excess.add((rival - actual).abs() - (model - actual).abs());
    }

    fn merge(&mut self, other: &Self) {
        self.errors.merge(&other.errors);
        self.excess.merge(&other.excess);
        self.fallback += other.fallback;
    }
}

impl Rows {
    /// Takes the columns of a batch whose first row is row number `before` (from 0) of the table.
    fn of(batch: &DataFrame, pair: &Pair, before: u64) -> Result<Self> {
        let columns = &pair.columns;
        let features = columns.features.iter().map(|name| numbers(batch, name)).collect::<Result<_>>()?;
        let scored = Scored::new(&pair.model, features, numbers(batch, &columns.target)?);
        Ok(Self {
            units: columns.units.keys(batch, &scored, before)?,
            scored,
            persistence: columns.persistence.as_ref().map(|name| numbers(batch, name)).transpose()?,
            parts: parts(batch, &columns.split, before)?,
        })
    }
}

/// Refuses a model that gives no number for known features: an exponential can overflow. A prediction is NaN
/// where a feature is missing.
fn refuse_no_number(rows: &Scored, before: u64) -> Result<()> {
    let known = |i: usize| rows.features.iter().all(|column| column[i].is_finite());
    let mut predicted = rows.predicted.iter().enumerate();
    predicted.find(|(i, value)| !value.is_finite() && known(*i)).map_or(Ok(()), |(i, value)| {
        let row = before + i as u64 + 1;
        let again = Task::TrainModel.program();
        Err(Error::checkpoint(format!("it predicts {value} for data row {row}; run `{again}` again")))
    })
}

fn parts(batch: &DataFrame, name: &str, before: u64) -> Result<Vec<usize>> {
    let column = batch.column(name).map_err(|e| unreadable(&e))?;
    let cells = column.str().map_err(|e| unreadable(&e))?;
    let part = |(cell, row): (Option<&str>, u64)| {
        let found = PARTS.iter().position(|part| cell == Some(*part));
        found.ok_or_else(|| {
            let cell = cell.map_or_else(|| "missing".to_owned(), text::name);
            Error::checkpoint(format!(
                "data row {row}: {} is {cell}, expected one of {}",
                text::name(name),
                text::names(PARTS)
            ))
        })
    };
    cells.iter().zip(before + 1..).map(part).collect()
}

fn unreadable(error: &PolarsError) -> Error {
    Error::checkpoint(format!("cannot be read as a features table: {error}"))
}
