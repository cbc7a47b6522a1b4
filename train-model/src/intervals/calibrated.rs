//! What the calibration rows say: how far off the model is where it has not seen the outcome.

use common::error::Result;
use common::text;
use model::{Intervals, LinearScale, Model, Residual, ResidualPart, Scale};
use stats::{OrderStatistics as _, Quantiles, Reason, Reference, conformal_quantile};

use super::Keys;
use crate::design::Numbers;
use crate::piece::{Ask, Part, Piece};

/// What the calibration rows teach.
#[derive(Default)]
pub(crate) struct Calibrated {
    /// Prediction minus outcome.
    pub(crate) residuals: Quantiles,
    /// Their sizes, each over its row's scale.
    scores: Quantiles,
    /// Whether a score is beyond the range of f64.
    beyond: bool,
}

impl Calibrated {
    /// Reads the rows.
    pub(super) fn read(model: &Model, pieces: &[Piece], scale: &LinearScale) -> Result<Self> {
        let mut all = Self::default();
        let ask = Ask { parts: &[Part::Calibration], also: &[], whole: false, keep: 0 };
        for piece in pieces {
            piece.each(
                &ask,
                |batch| Ok(Self::of(model, &batch.numbers, Some(scale))),
                |more| {
                    all.merge(&more);
                    Ok(())
                },
            )?;
        }
        all.sort();
        Ok(all)
    }

    /// What some rows teach; without a scale it is 1.
    pub(crate) fn of(model: &Model, numbers: &Numbers, scale: Option<&LinearScale>) -> Self {
        let mut all = Self::default();
        let columns = numbers.columns();
        let predicted = model.predict(&columns);
        let scales = scale.map_or_else(|| vec![1.0; predicted.len()], |s| s.of(&columns));
        for ((f, y), s) in predicted.iter().zip(&numbers.target).zip(scales) {
            all.add(*f, *y, s);
        }
        all
    }

    fn add(&mut self, f: f64, y: f64, scale: f64) {
        let score = (y - f).abs() / scale;
        self.beyond |= f.is_finite() && y.is_finite() && !score.is_finite();
        self.residuals.add(f - y);
        self.scores.add(score);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.residuals.merge(&other.residuals);
        self.scores.merge(&other.scores);
        self.beyond |= other.beyond;
    }

    /// Puts the rows into an order of their own.
    pub(crate) fn sort(&mut self) {
        self.residuals.sort();
        self.scores.sort();
    }

    /// The reference of the residuals.
    pub(super) fn residual(&mut self) -> Residual {
        Residual { of: ResidualPart::Calibration, reference: Reference::from_order(&mut self.residuals) }
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
