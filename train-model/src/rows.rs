//! All training rows in memory, for the fits that need them at once.

use common::error::Result;

use crate::design::Numbers;
use crate::piece::Piece;

/// Reads the training rows of all pieces.
pub(crate) fn read(pieces: &[Piece]) -> Result<Numbers> {
    let mut all = Numbers { features: vec![Vec::new(); pieces[0].features.len()], target: Vec::new() };
    for piece in pieces {
        piece.each(&[], false, |batch| {
            for (column, more) in all.features.iter_mut().zip(batch.numbers.features) {
                column.extend(more);
            }
            all.target.extend(batch.numbers.target);
            Ok(())
        })?;
    }
    Ok(all)
}
