//! Resamples of blocks of cells.

use crate::measure::Measure;
use crate::random::Random;
use crate::units::{Cells, gather};

/// Resamples; with one more, ranks of the usual levels are whole (Davison, Hinkley 1997, section 5.2.1).
pub(crate) const RESAMPLES: usize = 1999;
/// Any number does; a fixed one gives the same intervals in every run.
const SEED: u64 = 0x5eed_0000_b10c;

/// The place of a measure in each resample less that in the sample, in standard errors of the resample; ascending.
/// Resamples are of circular blocks of `length` cells, as many cells as there are (Politis, Romano 1992); their
/// standard errors are of the blocks drawn (Götze, Künsch 1996).
pub(crate) fn studentised(cells: &Cells, length: usize, measures: &[Measure]) -> Vec<Vec<f64>> {
    let (count, columns) = (cells.count(), cells.columns);
    let mut found = vec![Vec::with_capacity(RESAMPLES); measures.len()];
    if count == 0 || length == 0 {
        return found;
    }
    let total = cells.total();
    let centres: Vec<f64> = measures.iter().map(|measure| measure.at(&total).place).collect();
    let rest = count % length;
    let (whole, last) = (cells.blocks(length), cells.blocks(rest));
    let mut random = Random::new(SEED);
    let mut sums = vec![0.0; columns];
    let mut drawn: Vec<&[f64]> = Vec::with_capacity(count / length + 1);
    for _ in 0..RESAMPLES {
        sums.fill(0.0);
        drawn.clear();
        let mut draw = |blocks| {
            let first = random.below(count) * columns;
            <[f64]>::get(blocks, first..first + columns).unwrap_or_default()
        };
        drawn.extend((0..count / length).map(|_| draw(&whole)));
        drawn.extend((rest > 0).then(|| draw(&last)));
        drawn.iter().for_each(|block| gather(&mut sums, block));
        for ((values, measure), centre) in found.iter_mut().zip(measures).zip(&centres) {
            let point = measure.at(&sums);
            let squares = drawn.iter().map(|block| point.influence(block).powi(2)).sum();
            values.push((point.place - centre) / point.error(squares));
        }
    }
    found.iter_mut().for_each(|values| values.sort_unstable_by(f64::total_cmp));
    found
}
