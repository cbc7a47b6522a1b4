//! One pass over the calibration rows: how far off the model is where it has not seen the outcome.

use common::error::Result;
use common::text;
use model::{Intervals, LinearScale, Model, Residual, ResidualPart, Scale};
use stats::{OrderStatistics as _, Quantiles, Reason, Reference, conformal_quantile};

use super::Keys;
use crate::piece::Piece;

/// What the calibration rows teach.
pub(super) struct Calibrated {
    /// Prediction minus outcome.
    pub(super) residuals: Quantiles,
    /// Their sizes, each over its row's scale.
    scores: Quantiles,
    /// Whether a score is beyond the range of f64.
    beyond: bool,
}

impl Calibrated {
    /// Reads the rows; without a scale it is 1.
    pub(super) fn read(model: &Model, pieces: &[Piece], scale: Option<&LinearScale>) -> Result<Self> {
        let mut all = Self { residuals: Quantiles::new(), scores: Quantiles::new(), beyond: false };
        for piece in pieces {
            piece.each_of("calibration", &[], false, |batch| {
                let numbers = batch.numbers;
                let columns: Vec<&[f64]> = numbers.features.iter().map(Vec::as_slice).collect();
                let predicted = model.predict(&columns);
                let scales = scale.map_or_else(|| vec![1.0; predicted.len()], |s| s.of(&columns));
                for ((f, y), s) in predicted.iter().zip(&numbers.target).zip(scales) {
                    all.add(*f, *y, s);
                }
                Ok(())
            })?;
        }
        all.residuals.sort();
        all.scores.sort();
        Ok(all)
    }

    fn add(&mut self, f: f64, y: f64, scale: f64) {
        let score = (y - f).abs() / scale;
        self.beyond |= f.is_finite() && y.is_finite() && !score.is_finite();
        self.residuals.add(f - y);
        self.scores.add(score);
    }

    /// The reference of the residuals.
    pub(super) fn residual(&self) -> Residual {
        Residual {
            of: ResidualPart::Calibration,
            reference: Reference::from_order(&mut self.residuals.clone()),
        }
    }

    /// Split conformal: the quantiles of the rows' absolute errors, each over its row's scale (Papadopoulos et al.
    /// 2002; Lei et al. 2018).
    pub(super) fn conformal(mut self, keys: &Keys, scale: Scale) -> Intervals {
        if self.scores.missing() > 0 {
            let rows = text::count(self.scores.missing(), "calibration row");
            log::warn!("intervals: {rows} without an outcome or a feature");
        }
        let quantile = |level: &f64| {
            if self.beyond { Err(Reason::Overflow) } else { conformal_quantile(&mut self.scores, *level) }
        };
        let quantiles: Vec<_> = keys.levels.iter().map(quantile).collect();
        Intervals::new(keys.method, scale, self.scores.n(), &keys.levels, &quantiles)
    }
}
