//! Measures of errors as functions of sums over rows, with their linear parts.

use crate::units::{ABSOLUTE, ERROR, OUTCOME, OUTCOME_SQUARED, RIVALS, ROWS, SHARE, SQUARED, UP_TO_MEDIAN};

/// A function of the sums over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Mae,
    Rmse,
    Bias,
    /// Share of the rows whose absolute error is at most the median.
    UpToMedian,
    R2,
    Mape,
    /// Mean absolute error of a rival less the model's.
    Difference(usize),
    /// Share of a rival's mean absolute error that the model saves.
    Skill(usize),
}

/// A measure at given sums, on the scale on which its errors are taken: the logarithm of the ratio of two sums that
/// cannot be negative, or the plain ratio.
pub(crate) struct Point {
    pub(crate) measure: Measure,
    pub(crate) ratio: f64,
    /// Mean deviation of the outcomes.
    mean: f64,
    /// On the scale of errors.
    pub(crate) place: f64,
    /// What turns sums of [`influence`](Point::influence) into errors of `place`.
    below: f64,
}

impl Measure {
    /// Every measure, with so many rivals.
    pub(crate) fn all(rivals: usize) -> impl Iterator<Item = Self> {
        let own = [Self::Mae, Self::Rmse, Self::Bias, Self::UpToMedian, Self::R2, Self::Mape];
        own.into_iter().chain((0..rivals).flat_map(|rival| [Self::Difference(rival), Self::Skill(rival)]))
    }

    /// Numerator and denominator. `mean` is that of the outcomes, as a deviation.
    fn parts(self, sums: &[f64], mean: f64) -> (f64, f64) {
        let n = sums[ROWS];
        match self {
            Self::Mae => (sums[ABSOLUTE], n),
            Self::Rmse => (sums[SQUARED], n),
            Self::Bias => (sums[ERROR], n),
            Self::UpToMedian => (sums[UP_TO_MEDIAN], n),
            Self::R2 => (sums[SQUARED], sums[OUTCOME_SQUARED] + mean * (mean * n - 2.0 * sums[OUTCOME])),
            Self::Mape => (sums[SHARE], n),
            Self::Difference(rival) => (sums[RIVALS + rival] - sums[ABSOLUTE], n),
            Self::Skill(rival) => (sums[ABSOLUTE], sums[RIVALS + rival]),
        }
    }

    fn is_plain(self) -> bool {
        matches!(self, Self::Bias | Self::UpToMedian | Self::Difference(_))
    }

    pub(crate) fn at(self, sums: &[f64]) -> Point {
        let mean = sums[OUTCOME] / sums[ROWS];
        let (above, below) = self.parts(sums, mean);
        let ratio = above / below;
        let (place, below) = if self.is_plain() { (ratio, below) } else { (ratio.ln(), above) };
        Point { measure: self, ratio, mean, place, below }
    }

    /// The measure in its own unit, from its place on the scale of errors.
    pub(crate) fn value(self, place: f64) -> f64 {
        match self {
            Self::Bias | Self::UpToMedian | Self::Difference(_) => place,
            Self::Mae | Self::Mape => place.exp(),
            Self::Rmse => (place / 2.0).exp(),
            Self::R2 | Self::Skill(_) => 1.0 - place.exp(),
        }
    }

    /// Whether a higher place is a lower value.
    pub(crate) fn falls(self) -> bool {
        matches!(self, Self::R2 | Self::Skill(_))
    }
}

impl Point {
    /// What a part of the rows adds to the error of the measure, to first order and up to a factor.
    pub(crate) fn influence(&self, part: &[f64]) -> f64 {
        let (above, below) = self.measure.parts(part, self.mean);
        above - self.ratio * below
    }

    /// The place of a part of the rows taken alone, around the mean outcome of all.
    pub(crate) fn place_of(&self, part: &[f64]) -> f64 {
        let (above, below) = self.measure.parts(part, self.mean);
        if self.measure.is_plain() { above / below } else { (above / below).ln() }
    }

    pub(crate) fn denominator(&self, part: &[f64]) -> f64 {
        self.measure.parts(part, self.mean).1
    }

    /// Standard error of `place` from the sum of squared influences of independent parts.
    pub(crate) fn error(&self, squares: f64) -> f64 {
        if squares == 0.0 { 0.0 } else { squares.sqrt() / self.below }
    }
}
