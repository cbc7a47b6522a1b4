//! One pass over the table: what each batch teaches about each part, merged.

use common::error::{Class, Error, Result};
use common::table::{TableReader, numbers};
use common::{Task, text};
use model::Model;
use polars::prelude::{DataFrame, PolarsError};
use stats::{Calibration, Counts, Coverage, Errors, Moments, Reason};

use crate::columns::Columns;
use crate::metrics::PARTS;
use crate::pair::Pair;
use crate::recorded::Recorded;

/// What was learned of the parts, in the order of [`PARTS`].
pub(crate) struct Learned {
    /// Each part.
    pub(crate) parts: [Part; 3],
}

/// What was learned of one part. Memory: some 40 bytes a row.
pub(crate) struct Part {
    /// Size of the model's errors.
    pub(crate) errors: Errors,
    /// Predictions beside outcomes.
    pub(crate) calibration: Calibration,
    /// Prediction minus outcome.
    pub(crate) residuals: Moments,
    /// The median of the training target as a prediction.
    pub(crate) median: Rival,
    /// The last known value as a prediction, where the table has it.
    pub(crate) persistence: Option<Rival>,
    /// How the prediction intervals held, level by level.
    pub(crate) intervals: Vec<Coverage>,
    /// Drift of the features, in the model's order.
    pub(crate) features: Vec<Counts>,
    /// Drift of the target.
    pub(crate) target: Counts,
    /// Drift of the predictions.
    pub(crate) prediction: Counts,
    /// Drift of the residuals.
    pub(crate) residual: Counts,
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

/// Rows of a batch: numbers by column, the part of each row by its place in [`PARTS`].
struct Rows {
    features: Vec<Vec<f64>>,
    target: Vec<f64>,
    persistence: Option<Vec<f64>>,
    parts: Vec<usize>,
}

/// Learns from the whole table.
///
/// # Errors
/// [`Class::Rows`] where there is no row; [`Class::Checkpoint`] where a column does not hold what
/// it must.
pub(crate) fn table(pair: &Pair) -> Result<Learned> {
    let mut reader = TableReader::open(&pair.table, Some(&pair.columns.read()))?;
    let mut learned = Learned::new(&pair.model, pair.columns.persistence.is_some());
    let recorded = Recorded::of(pair);
    let mut rows = 0;
    while let Some(batch) = reader.next_batch()? {
        let batch = Rows::of(&batch, &pair.columns, rows).map_err(|e| e.at(&pair.table.path))?;
        let predicted = batch.predicted(&pair.model, rows).map_err(|e| e.at(&pair.file.path))?;
        rows += batch.parts.len() as u64;
        learned.merge(&Learned::of(&pair.model, &batch, &predicted, &recorded))?;
    }
    if rows == 0 {
        return Err(Error::new(Class::Rows, "has no rows: nothing to evaluate").at(&pair.table.path));
    }
    pair.table.expect_rows(rows)?;
    learned.take(recorded, &pair.model);
    Ok(learned)
}

impl Learned {
    fn new(model: &Model, persistence: bool) -> Self {
        Self { parts: std::array::from_fn(|_| Part::new(model, persistence)) }
    }

    /// What one batch teaches.
    fn of(model: &Model, rows: &Rows, predicted: &[f64], recorded: &Recorded) -> Self {
        let mut learned = Self::new(model, rows.persistence.is_some());
        let columns: Vec<&[f64]> = rows.features.iter().map(Vec::as_slice).collect();
        for (j, level) in model.intervals(&columns, predicted).iter().enumerate() {
            let Ok(bounds) = &level.bounds else { continue };
            for (i, part) in rows.parts.iter().enumerate() {
                learned.parts[*part].intervals[j].add(bounds.lower[i], bounds.upper[i], rows.target[i]);
            }
        }
        for (i, (part, predicted)) in rows.parts.iter().zip(predicted).enumerate() {
            let known = rows.persistence.as_ref().map(|p| p[i]);
            learned.parts[*part].add(model, *predicted, rows.target[i], known);
        }
        for (j, (name, column)) in model.features.iter().zip(&rows.features).enumerate() {
            let Some(reference) = model.reference.features.get(name) else { continue };
            if recorded.holds(name) {
                continue;
            }
            for (part, value) in rows.parts.iter().zip(column) {
                reference.add(&mut learned.parts[*part].features[j], *value);
            }
        }
        learned
    }

    /// Puts the counts on record in the places of those that were not taken.
    fn take(&mut self, mut recorded: Recorded, model: &Model) {
        let [_, calibration, test] = &mut self.parts;
        for (j, name) in model.features.iter().enumerate() {
            if let Some(counts) = recorded.remove(name) {
                (calibration.features[j], test.features[j]) = (counts.calibration, counts.test);
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
        let known = |f: &String| model.reference.features.get(f).map(stats::Reference::empty);
        Self {
            errors: Errors::new(),
            calibration: Calibration::new(),
            residuals: Moments::new(),
            median: Rival::default(),
            persistence: persistence.then(Rival::default),
            intervals: vec![Coverage::new(); model.intervals.levels.len()],
            // A model without a reference of a feature is refused on reading.
            features: model.features.iter().filter_map(known).collect(),
            target: model.reference.target.empty(),
            prediction: model.reference.prediction.empty(),
            residual: model.reference.residual.reference.empty(),
        }
    }

    fn add(&mut self, model: &Model, predicted: f64, actual: f64, known: Option<f64>) {
        self.errors.add(predicted, actual);
        self.calibration.add(predicted, actual);
        self.residuals.add(predicted - actual);
        let median = model.training.target_median.unwrap_or(f64::NAN);
        self.median.add(predicted, median, actual);
        if let (Some(rival), Some(known)) = (&mut self.persistence, known) {
            rival.fallback += u64::from(!known.is_finite());
            rival.add(predicted, if known.is_finite() { known } else { median }, actual);
        }
        model.reference.target.add(&mut self.target, actual);
        model.reference.prediction.add(&mut self.prediction, predicted);
        model.reference.residual.reference.add(&mut self.residual, predicted - actual);
    }

    fn merge(&mut self, other: &Self) -> std::result::Result<(), Reason> {
        self.errors.merge(&other.errors);
        self.calibration.merge(&other.calibration);
        self.residuals.merge(&other.residuals);
        self.median.merge(&other.median);
        if let (Some(rival), Some(more)) = (&mut self.persistence, &other.persistence) {
            rival.merge(more);
        }
        self.intervals.iter_mut().zip(&other.intervals).for_each(|(of, more)| of.merge(more));
        for (counts, more) in self.features.iter_mut().zip(&other.features) {
            counts.merge(more)?;
        }
        self.target.merge(&other.target)?;
        self.prediction.merge(&other.prediction)?;
        self.residual.merge(&other.residual)
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
    fn of(batch: &DataFrame, columns: &Columns, before: u64) -> Result<Self> {
        Ok(Self {
            features: columns.features.iter().map(|name| numbers(batch, name)).collect::<Result<_>>()?,
            target: numbers(batch, &columns.target)?,
            persistence: columns.persistence.as_ref().map(|name| numbers(batch, name)).transpose()?,
            parts: parts(batch, &columns.split, before)?,
        })
    }

    /// The model's predictions; NaN where a feature is missing. Refuses a model that gives no number for known
    /// features: an exponential can overflow.
    fn predicted(&self, model: &Model, before: u64) -> Result<Vec<f64>> {
        let columns: Vec<&[f64]> = self.features.iter().map(Vec::as_slice).collect();
        let predicted = model.predict(&columns);
        let known = |i: usize| self.features.iter().all(|column| column[i].is_finite());
        match predicted.iter().enumerate().find(|(i, value)| !value.is_finite() && known(*i)) {
            Some((i, value)) => {
                let row = before + i as u64 + 1;
                let again = Task::TrainModel.program();
                Err(Error::checkpoint(format!("it predicts {value} for data row {row}; run `{again}` again")))
            }
            None => Ok(predicted),
        }
    }
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
