//! The fitted model on its own training rows: their mean absolute error, and how predictions lie.

use common::error::{Error, Result};
use model::Model;
use stats::{Moments, Quantiles, Reference};

use crate::piece::Piece;

/// Reads the training rows once more and completes `model`.
pub(crate) fn training(model: &mut Model, pieces: &[Piece]) -> Result<()> {
    let mut missed = Moments::new();
    let mut predictions = Quantiles::new();
    for piece in pieces {
        piece.each(&[], false, |batch| {
            let columns: Vec<&[f64]> = batch.numbers.features.iter().map(Vec::as_slice).collect();
            let predicted = model.predict(&columns);
            if predicted.iter().any(|p| !p.is_finite()) {
                return Err(Error::unexpected("a prediction on the training rows is not finite"));
            }
            predicted.iter().zip(&batch.numbers.target).for_each(|(f, y)| missed.add((f - y).abs()));
            predictions.extend(&predicted);
            Ok(())
        })?;
    }
    let mae = missed.mean().map_err(|_| Error::unexpected("no training row to measure the error on"))?;
    model.training.mae = Some(mae);
    model.reference.prediction = Reference::from_order(&mut predictions);
    Ok(())
}
