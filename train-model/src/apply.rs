//! The fitted model on its own training rows: their mean absolute error, and how predictions and residuals lie.

use common::error::{Error, Result};
use model::{Function, Model};
use stats::{Moments, Quantiles, Reference};

use crate::piece::Piece;

/// Reads the training rows once more and completes `model`.
pub(crate) fn training(model: &mut Model, pieces: &[Piece]) -> Result<()> {
    let (mut missed, mut squares, mut target) = (Moments::new(), Moments::new(), Moments::new());
    let (mut predictions, mut residuals) = (Quantiles::new(), Quantiles::new());
    for piece in pieces {
        piece.each(&[], false, |batch| {
            let columns: Vec<&[f64]> = batch.numbers.features.iter().map(Vec::as_slice).collect();
            let predicted = model.predict(&columns);
            if predicted.iter().any(|p| !p.is_finite()) {
                return Err(Error::unexpected("a prediction on the training rows is not finite"));
            }
            for (f, y) in predicted.iter().zip(&batch.numbers.target) {
                missed.add((f - y).abs());
                residuals.add(f - y);
                squares.add((f - y).powi(2));
                target.add(*y);
            }
            predictions.extend(&predicted);
            Ok(())
        })?;
    }
    let mae = missed.mean().map_err(|_| Error::unexpected("no training row to measure the error on"))?;
    model.training.mae = Some(mae);
    if matches!(model.function, Function::Trees(_)) {
        // Trees have no Gram matrix that would tell.
        let mean = squares.mean().ok();
        model.training.rmse = mean.map(f64::sqrt);
        let n = target.n() as f64;
        let total = target.variance().ok().map(|v| v * (n - 1.0) / n).filter(|v| *v > 0.0);
        model.training.r2 = mean.zip(total).map(|(rest, total)| 1.0 - rest / total);
    }
    predictions.sort();
    residuals.sort();
    model.reference.prediction = Reference::from_order(&mut predictions);
    // Until calibration rows say better.
    model.reference.residual.reference = Reference::from_order(&mut residuals);
    Ok(())
}
