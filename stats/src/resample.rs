//! Resamples of blocks of cells.

use crate::measure::{Measure, Point};
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
    let count = cells.count();
    let mut found = vec![Vec::with_capacity(RESAMPLES); measures.len()];
    if count == 0 || length == 0 {
        return found;
    }
    let total = cells.total();
    let points: Vec<Point> = measures.iter().map(|measure| measure.at(&total)).collect();
    let (whole, last) = (table(cells, length, &points), table(cells, count % length, &points));
    let mut random = Random::new(SEED);
    let mut sums = vec![0.0; whole.len() / count];
    for _ in 0..RESAMPLES {
        sums.fill(0.0);
        for _ in 0..count / length {
            draw(&whole, count, &mut random, &mut sums);
        }
        if !count.is_multiple_of(length) {
            draw(&last, count, &mut random, &mut sums);
        }
        let (sums, squares) = sums.split_at(cells.columns);
        for ((values, centre), squares) in found.iter_mut().zip(&points).zip(squares.chunks_exact(SQUARES)) {
            let point = centre.measure.at(sums);
            let (off, away) = (point.place - centre.place, point.ratio - centre.ratio);
            let error = point.error((squares[0] + away * (away * squares[2] - 2.0 * squares[1])).max(0.0));
            values.push(if off == 0.0 { 0.0 } else { off / error });
        }
    }
    for values in &mut found {
        values.sort_unstable_by(f64::total_cmp);
    }
    found
}

/// Columns that the sum of squared influences takes: with `d` the influence at the sample's ratio `r` and `b` its
/// denominator, that at the ratio `r + a` is `d - a b`, and its square `d^2 - 2 a d b + a^2 b^2`.
const SQUARES: usize = 3;

/// Sums of each block, then for each measure `d^2`, `d b` and `b^2`.
fn table(cells: &Cells, length: usize, points: &[Point]) -> Vec<f64> {
    let blocks = cells.blocks(length);
    let mut table = Vec::with_capacity(cells.count() * (cells.columns + SQUARES * points.len()));
    for block in blocks.chunks_exact(cells.columns) {
        table.extend_from_slice(block);
        for point in points {
            let (influence, below) = (point.influence(block), point.denominator(block));
            table.extend([influence * influence, influence * below, below * below]);
        }
    }
    table
}

/// Adds one of `count` rows of the table, each as likely.
fn draw(table: &[f64], count: usize, random: &mut Random, sums: &mut [f64]) {
    let first = random.below(count) * sums.len();
    gather(sums, table.get(first..first + sums.len()).unwrap_or_default());
}
