//! One pass over the table: what its rows teach about each part, on all processors, merged.

use common::error::{Class, Error, Result};
use common::table::TableReader;
use common::workers::Workers;
use model::Model;
use polars::prelude::DataFrame;
use rayon::prelude::*;
use stats::{ErrorSums, Isotonic, Moments, Reason, Sample, Value};

use crate::batch::Batch;
use crate::breakdown::Breakdown;
use crate::figures::TestRows;
use crate::pair::Pair;
use crate::picked::{Picked, column};
use crate::recorded::Recorded;
use crate::score::Score;
use crate::shift::Shift;
use crate::survey::Survey;

/// Rows that are worked on at a time.
const ROWS: usize = 1 << 13;
/// Place of the training part in [`crate::metrics::PARTS`].
pub(crate) const TRAIN: usize = 0;

/// What was learned of the parts, in the order of [`crate::metrics::PARTS`].
#[derive(Clone)]
pub(crate) struct Learned {
    /// Each part.
    pub(crate) parts: [Part; 3],
}

/// What was learned of one part. Memory: 24 bytes a row, and in calibration and test part 40 more.
#[derive(Clone)]
pub(crate) struct Part {
    /// Predictions beside outcomes.
    pub(crate) score: Score,
    /// The rows beside those of the training part; of that part nothing.
    pub(crate) shift: Shift,
    /// The rows with what they depend on, and what the rivals predict of them: the median, then persistence. Of the
    /// training part, which tells nothing of other samples, nothing.
    pub(crate) sample: Sample,
    /// The median of the training target as a prediction.
    pub(crate) median: Rival,
    /// The last known value as a prediction, where the table has it.
    pub(crate) persistence: Option<Rival>,
}

/// A simple prediction that the model should beat.
#[derive(Clone, Default)]
pub(crate) struct Rival {
    /// Size of its errors.
    pub(crate) errors: ErrorSums,
    /// Row by row, by how much its absolute error exceeds the model's.
    pub(crate) excess: Moments,
    /// Rows where it had nothing to say and the training median stood in.
    pub(crate) fallback: u64,
}

/// What a pass over the table teaches.
#[derive(Clone)]
pub(crate) struct Taught<'a> {
    pub(crate) learned: Learned,
    pub(crate) breakdown: Breakdown<'a>,
    pub(crate) test: TestRows<'a>,
}

/// Learns from the whole table.
///
/// # Errors
/// [`Class::Rows`] where there is no row; [`Class::Checkpoint`] where a column does not hold what
/// it must.
pub(crate) fn table<'a>(pair: &'a Pair, survey: &'a Survey) -> Result<Taught<'a>> {
    let found = pair.table.manifest.as_ref().map_or(&serde_json::Value::Null, |m| &m.found);
    let recorded = Recorded::of(found, &pair.model);
    let empty = Taught {
        learned: Learned::new(&pair.model, pair.columns.persistence.is_some()),
        breakdown: Breakdown::new(&pair.model, survey),
        test: TestRows::new(pair),
    };
    let workers = Workers::new(empty.clone());
    let add = |frame: DataFrame, before: u64| {
        let batch = Batch::of(pair, frame, before)?;
        workers.with(|taught| taught.add(&batch, &recorded))
    };
    let mut rows = 0;
    let mut reader = TableReader::open(&pair.table, Some(&pair.columns.read()))?;
    reader.each(|frame| {
        let share = |start: usize| {
            let few = frame.slice(start.cast_signed() as i64, ROWS.min(frame.height() - start));
            add(few, rows + start as u64)
        };
        let starts: Vec<usize> = (0..frame.height()).step_by(ROWS).collect();
        // The first failure in the order of the rows is told, whichever came first.
        let done: Vec<Result<()>> = starts.into_par_iter().map(share).collect();
        rows += frame.height() as u64;
        done.into_iter().collect()
    })?;
    if rows == 0 {
        return Err(Error::new(Class::Rows, "has no rows: nothing to evaluate").at(&pair.table.path));
    }
    pair.table.expect_rows(rows)?;
    let mut all = workers.all();
    // The first as it is: what is kept of rows is not copied again.
    let mut taught = all.pop().unwrap_or(empty);
    all.into_iter().try_for_each(|more| taught.merge(more))?;
    taught.learned.complete(&taught.breakdown, recorded, &pair.model)?;
    Ok(taught)
}

impl Taught<'_> {
    fn add(&mut self, batch: &Batch<'_>, recorded: &Recorded) -> Result<()> {
        self.test.add(batch).map_err(|e| e.at(&batch.pair.table.path))?;
        self.breakdown.add(batch)?;
        self.learned.add(batch, recorded, self.breakdown.has_periods());
        Ok(())
    }

    /// Adds all that `other` holds; the result is the same for any order.
    fn merge(&mut self, other: Self) -> Result<()> {
        self.test.merge(other.test);
        self.breakdown.merge(&other.breakdown)?;
        self.learned.merge(other.learned)
    }
}

impl Learned {
    fn new(model: &Model, persistence: bool) -> Self {
        Self { parts: std::array::from_fn(|_| Part::new(model, persistence)) }
    }

    /// Adds rows; where `by_period`, how they compare with the training part is counted there.
    fn add(&mut self, batch: &Batch<'_>, recorded: &Recorded, by_period: bool) {
        let model = &batch.pair.model;
        for (place, part) in self.parts.iter_mut().enumerate() {
            let rows = batch.rows_of(place);
            if rows.is_empty() {
                continue;
            }
            let picked = Picked::of(&batch.scored, &rows);
            part.add(batch, place, &rows, &picked);
            if place == TRAIN || by_period {
                continue;
            }
            part.shift.extend(model, &picked);
            for (j, (name, values)) in model.features.iter().zip(&batch.scored.features).enumerate() {
                if !recorded.holds(name) {
                    part.shift.extend_feature(model, j, &column(values, &rows));
                }
            }
        }
    }

    /// Takes what was counted by period, and the counts on record in the places of those that were not to be taken.
    fn complete(&mut self, breakdown: &Breakdown<'_>, mut recorded: Recorded, model: &Model) -> Result<()> {
        for (place, shift) in breakdown.shifts() {
            self.parts[place].shift.merge(shift).map_err(unlike)?;
        }
        let [_, calibration, test] = &mut self.parts;
        for (j, name) in model.features.iter().enumerate() {
            if let Some(counts) = recorded.remove(name) {
                (calibration.shift.features[j], test.shift.features[j]) = (counts.calibration, counts.test);
            }
        }
        Ok(())
    }

    /// The isotonic fit of each part.
    pub(crate) fn fits(&mut self) -> [Value<Isotonic>; 3] {
        let [train, calibration, test] = self.parts.each_mut().map(|part| &mut part.score.calibration);
        let (train, (calibration, test)) =
            rayon::join(|| train.isotonic(), || rayon::join(|| calibration.isotonic(), || test.isotonic()));
        [train, calibration, test]
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.parts.iter_mut().zip(other.parts).try_for_each(|(part, more)| part.merge(&more).map_err(unlike))
    }
}

/// A failure that only a defect of this program can cause.
pub(crate) fn unlike(reason: Reason) -> Error {
    Error::unexpected(format!("cannot merge what two batches taught: {reason}"))
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

    fn add(&mut self, batch: &Batch<'_>, place: usize, rows: &[usize], picked: &Picked) {
        self.score.extend(picked);
        let median = batch.pair.model.training.target_median.unwrap_or(f64::NAN);
        let medians = vec![median; rows.len()];
        self.median.extend(picked, &medians);
        let naive = self.persistence.as_mut().zip(batch.persistence.as_ref()).map(|(rival, known)| {
            let mut naive = column(known, rows);
            for value in naive.iter_mut().filter(|value| !value.is_finite()) {
                rival.fallback += 1;
                *value = median;
            }
            rival.extend(picked, &naive);
            naive
        });
        if place == TRAIN {
            return;
        }
        let units: Vec<i64> = rows.iter().map(|row| batch.units[*row]).collect();
        let rivals: Vec<&[f64]> = [medians.as_slice()].into_iter().chain(naive.as_deref()).collect();
        self.sample.extend(&units, &picked.predicted, &picked.actual, &rivals);
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
    fn extend(&mut self, model: &Picked, rival: &[f64]) {
        self.errors.extend(rival, &model.actual);
        let errors = rival.iter().zip(&model.actual).map(|(f, y)| (f - y).abs());
        let excess: Vec<f64> = errors.zip(&model.residuals).map(|(own, e)| own - e.abs()).collect();
        self.excess.extend(&excess);
    }

    fn merge(&mut self, other: &Self) {
        self.errors.merge(&other.errors);
        self.excess.merge(&other.excess);
        self.fallback += other.fallback;
    }
}
