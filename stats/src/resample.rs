//! Resamples of blocks of cells, and what each measure is in them.

use crate::block_length::block_length;
use crate::random::Random;
use crate::units::{
    ABSOLUTE, Cells, ERROR, OUTCOME, OUTCOME_SQUARED, RIVALS, ROWS, SHARE, SQUARED, UP_TO_MEDIAN, gather,
};

/// Resamples; with one more, ranks of the usual levels are whole (Davison, Hinkley 1997, section 5.2.1).
pub(crate) const RESAMPLES: usize = 1999;
/// Any number does; a fixed one gives the same intervals in every run.
const SEED: u64 = 0x5eed_0000_b10c;

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

impl Measure {
    /// Every measure, with so many rivals.
    pub(crate) fn all(rivals: usize) -> impl Iterator<Item = Self> {
        let own = [Self::Mae, Self::Rmse, Self::Bias, Self::UpToMedian, Self::R2, Self::Mape];
        own.into_iter().chain((0..rivals).flat_map(|rival| [Self::Difference(rival), Self::Skill(rival)]))
    }

    /// The measure from sums over rows; not finite where it does not exist.
    pub(crate) fn of(self, sums: &[f64]) -> f64 {
        let n = sums[ROWS];
        match self {
            Self::Mae => sums[ABSOLUTE] / n,
            Self::Rmse => (sums[SQUARED] / n).sqrt(),
            Self::Bias => sums[ERROR] / n,
            Self::UpToMedian => sums[UP_TO_MEDIAN] / n,
            Self::R2 => 1.0 - sums[SQUARED] / (sums[OUTCOME_SQUARED] - sums[OUTCOME] * sums[OUTCOME] / n),
            Self::Mape => sums[SHARE] / n,
            Self::Difference(rival) => (sums[RIVALS + rival] - sums[ABSOLUTE]) / n,
            Self::Skill(rival) => 1.0 - sums[ABSOLUTE] / sums[RIVALS + rival],
        }
    }

    /// What one cell adds to the error of the measure, to first order and up to a factor; `value` is the measure of
    /// the whole, `n` and `total` sums of the whole.
    fn influence(self, cell: &[f64], total: &[f64]) -> f64 {
        let value = self.of(total);
        match self {
            Self::Mae => cell[ABSOLUTE] - value * cell[ROWS],
            Self::Rmse => cell[SQUARED] - value * value * cell[ROWS],
            Self::Bias => cell[ERROR] - value * cell[ROWS],
            Self::UpToMedian => cell[UP_TO_MEDIAN] - value * cell[ROWS],
            Self::R2 => cell[SQUARED] - (1.0 - value) * cell[OUTCOME_SQUARED],
            Self::Mape => cell[SHARE] - value * cell[ROWS],
            Self::Difference(rival) => cell[RIVALS + rival] - cell[ABSOLUTE] - value * cell[ROWS],
            Self::Skill(rival) => cell[ABSOLUTE] - (1.0 - value) * cell[RIVALS + rival],
        }
    }

    /// Block length for the series of what cells add to the error: that of a mean, to which the measure is alike.
    pub(crate) fn block_length(self, cells: &Cells) -> usize {
        let total = cells.total();
        let series: Vec<f64> = cells.iter().map(|cell| self.influence(cell, &total)).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to the cells")]
        let length = block_length(&series).ceil() as usize;
        length.clamp(1, cells.count().max(1))
    }
}

/// The measures in each resample, ascending, for each measure asked for: circular blocks of `length` cells, drawn
/// until there are as many cells as before (Politis, Romano 1992).
pub(crate) fn resample(cells: &Cells, length: usize, measures: &[Measure]) -> Vec<Vec<f64>> {
    let (count, columns) = (cells.count(), cells.columns);
    let mut found = vec![Vec::with_capacity(RESAMPLES); measures.len()];
    if count == 0 || length == 0 {
        return found;
    }
    let rest = count % length;
    let (whole, last) = (cells.blocks(length), cells.blocks(rest));
    let mut random = Random::new(SEED);
    let mut sums = vec![0.0; columns];
    for _ in 0..RESAMPLES {
        sums.fill(0.0);
        let mut draw = |blocks: &[f64]| {
            let first = random.below(count) * columns;
            gather(&mut sums, &blocks[first..first + columns]);
        };
        (0..count / length).for_each(|_| draw(&whole));
        if rest > 0 {
            draw(&last);
        }
        for (values, measure) in found.iter_mut().zip(measures) {
            let value = measure.of(&sums);
            // A ratio to nothing: below or above all others, as the limits' ranks then show.
            values.push(if value.is_nan() { f64::NEG_INFINITY } else { value });
        }
    }
    found.iter_mut().for_each(|values| values.sort_unstable_by(f64::total_cmp));
    found
}
