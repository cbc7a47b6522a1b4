//! The fitted model on the rows it was fitted to and on the calibration rows, in one reading: training error, how
//! predictions and residuals lie, what intervals and importance need.

use common::error::{Error, Result};
use model::{Function, Model};
use stats::{Moments, Quantiles, Reference};

use crate::importance::Sample;
use crate::intervals::Calibrated;
use crate::piece::{Ask, Batch, Part, Piece};
use crate::rows::Rows;

/// What one reading of training and calibration rows teaches of a model.
pub(crate) struct Applied {
    pub(crate) training: Training,
    /// With a scale of 1.
    pub(crate) calibrated: Calibrated,
    pub(crate) sample: Sample,
}

/// Of some rows.
enum Found {
    Training(Box<Training>),
    Calibration(Calibrated, Rows),
}

impl Applied {
    /// Reads the rows.
    pub(crate) fn read(model: &Model, pieces: &[Piece]) -> Result<Self> {
        let (mut training, mut calibrated) = (Training::default(), Calibrated::default());
        let sample = Sample::new(pieces);
        let ask = Ask { parts: &[Part::Train, Part::Calibration], also: &[], whole: false, keep: 0 };
        let work = |batch: Batch| match batch.part {
            Part::Train => Training::of(model, &batch).map(|found| Found::Training(Box::new(found))),
            Part::Calibration => {
                Ok(Found::Calibration(Calibrated::of(model, &batch.numbers, None), sample.of(batch)?))
            }
        };
        for piece in pieces {
            piece.each(&ask, work, |found| {
                match found {
                    Found::Training(more) => training.merge(&more),
                    Found::Calibration(more, rows) => {
                        calibrated.merge(&more);
                        sample.add(rows);
                    }
                }
                Ok(())
            })?;
        }
        calibrated.sort();
        Ok(Self { training, calibrated, sample })
    }
}

/// The model on its own training rows.
#[derive(Default)]
pub(crate) struct Training {
    missed: Moments,
    /// Only where no Gram matrix tells, as for trees.
    squares: Moments,
    target: Moments,
    predictions: Quantiles,
    residuals: Quantiles,
}

impl Training {
    fn of(model: &Model, batch: &Batch) -> Result<Self> {
        let predicted = model.predict(&batch.numbers.columns());
        if !predicted.iter().fold(true, |all, p| all & p.is_finite()) {
            return Err(Error::unexpected("a prediction on the training rows is not finite"));
        }
        let target = &batch.numbers.target;
        let residuals: Vec<f64> = predicted.iter().zip(target).map(|(f, y)| f - y).collect();
        let mut found = Self::default();
        found.missed.extend(&residuals.iter().map(|e| e.abs()).collect::<Vec<_>>());
        if matches!(model.function, Function::Trees(_)) {
            found.squares.extend(&residuals.iter().map(|e| e.powi(2)).collect::<Vec<_>>());
            found.target.extend(target);
        }
        found.predictions.extend(&predicted);
        found.residuals.extend(&residuals);
        Ok(found)
    }

    fn merge(&mut self, other: &Self) {
        self.missed.merge(&other.missed);
        self.squares.merge(&other.squares);
        self.target.merge(&other.target);
        self.predictions.merge(&other.predictions);
        self.residuals.merge(&other.residuals);
    }

    /// Completes the model; `calibrated` says that calibration rows tell of its residuals.
    pub(crate) fn complete(self, model: &mut Model, calibrated: bool) -> Result<()> {
        let mae =
            self.missed.mean().map_err(|_| Error::unexpected("no training row to measure the error on"))?;
        model.training.mae = Some(mae);
        if matches!(model.function, Function::Trees(_)) {
            let mean = self.squares.mean().ok();
            model.training.rmse = mean.map(f64::sqrt);
            let n = self.target.n() as f64;
            let total = self.target.variance().ok().map(|v| v * (n - 1.0) / n).filter(|v| *v > 0.0);
            model.training.r2 = mean.zip(total).map(|(rest, total)| 1.0 - rest / total);
        }
        let reference = |mut values: Quantiles| {
            values.sort();
            Reference::from_order(&mut values)
        };
        if calibrated {
            model.reference.prediction = reference(self.predictions);
        } else {
            (model.reference.prediction, model.reference.residual.reference) =
                rayon::join(|| reference(self.predictions), || reference(self.residuals));
        }
        Ok(())
    }
}
