use crate::sample::Row;
use crate::{Dependence, Sample};

/// Units above which neighbours are joined: more would cost time and add next to nothing to the intervals.
pub(crate) const MOST_CELLS: usize = 1000;

/// Columns of a cell, before those of the rivals' absolute errors.
pub(crate) const ROWS: usize = 0;
pub(crate) const ABSOLUTE: usize = 1;
pub(crate) const ERROR: usize = 2;
pub(crate) const SQUARED: usize = 3;
pub(crate) const UP_TO_MEDIAN: usize = 4;
pub(crate) const OUTCOME: usize = 5;
pub(crate) const OUTCOME_SQUARED: usize = 6;
pub(crate) const SHARE: usize = 7;
pub(crate) const RIVALS: usize = 8;

/// Sums over the rows of each cell: a unit of dependence, or some neighbours together.
pub(crate) struct Cells {
    pub(crate) columns: usize,
    /// Units before joining.
    pub(crate) units: usize,
    /// Cells one after the other.
    sums: Vec<f64>,
}

impl Cells {
    /// `sample` must be sorted. `median` is that of the absolute errors, `mean` that of the outcomes: deviations
    /// from it are summed, so that the sum of squares does not cancel.
    pub(crate) fn new(sample: &Sample, dependence: Dependence, median: f64, mean: f64) -> Self {
        let (numbers, units) = sample.units(dependence);
        let columns = RIVALS + sample.rivals();
        let count = units.min(MOST_CELLS);
        let mut sums = vec![0.0; columns * count];
        for (row, &unit) in sample.rows().zip(&numbers) {
            let cell = cell(unit as usize, units, count) * columns;
            add(&mut sums[cell..cell + columns], row, median, mean);
        }
        Self { columns, units, sums }
    }

    pub(crate) fn count(&self) -> usize {
        self.sums.len() / self.columns
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.sums.chunks_exact(self.columns)
    }

    /// Sums over all cells.
    pub(crate) fn total(&self) -> Vec<f64> {
        let mut total = vec![0.0; self.columns];
        self.iter().for_each(|cell| gather(&mut total, cell));
        total
    }

    /// Sums over `length` consecutive cells, for each first one; after the last comes the first again.
    pub(crate) fn blocks(&self, length: usize) -> Vec<f64> {
        let count = self.count();
        let mut blocks = vec![0.0; self.sums.len()];
        for (first, block) in blocks.chunks_exact_mut(self.columns).enumerate() {
            for step in 0..length {
                let cell = (first + step) % count * self.columns;
                gather(block, &self.sums[cell..cell + self.columns]);
            }
        }
        blocks
    }
}

/// The cell of a unit: as many units in each, but for one.
pub(crate) fn cell(unit: usize, units: usize, cells: usize) -> usize {
    unit * cells / units.max(1)
}

pub(crate) fn gather(total: &mut [f64], part: &[f64]) {
    total.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
}

fn add(sums: &mut [f64], row: Row<'_>, median: f64, mean: f64) {
    let error = row.predicted - row.actual;
    let outcome = row.actual - mean;
    sums[ROWS] += 1.0;
    sums[ABSOLUTE] += error.abs();
    sums[ERROR] += error;
    sums[SQUARED] += error * error;
    sums[UP_TO_MEDIAN] += f64::from(u8::from(error.abs() <= median));
    sums[OUTCOME] += outcome;
    sums[OUTCOME_SQUARED] += outcome * outcome;
    sums[SHARE] += (error / row.actual).abs();
    for (sum, rival) in sums[RIVALS..].iter_mut().zip(row.rivals) {
        *sum += (rival - row.actual).abs();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_hand_and_blocks_that_go_round() {
        let mut sample = Sample::new(1);
        // Errors 1, -2 and 3; the rival's -1, 0 and 5.
        for (key, f, y, rival) in [(3, 5.0, 4.0, 3.0), (3, 2.0, 4.0, 4.0), (9, 13.0, 10.0, 15.0)] {
            sample.add(key, f, y, &[rival]);
        }
        sample.sort();
        let cells = Cells::new(&sample, Dependence::Time, 2.0, 6.0);
        let found: Vec<&[f64]> = cells.iter().collect();
        assert_eq!(found[0], [2.0, 3.0, -1.0, 5.0, 2.0, -4.0, 8.0, 0.75, 1.0]);
        assert_eq!(found[1], [1.0, 3.0, 3.0, 9.0, 0.0, 4.0, 16.0, 0.3, 5.0]);
        let blocks = cells.blocks(3);
        let both: Vec<f64> = found[0].iter().zip(found[1]).map(|(a, b)| a + b).collect();
        assert_eq!(blocks[..9], found[0].iter().zip(&both).map(|(a, b)| a + b).collect::<Vec<_>>());
        assert_eq!(cells.total(), both);
    }

    #[test]
    fn cells_hold_as_many_units_but_for_one() {
        for units in [1, 999, 1000, 1001, 5000, 123_456] {
            let cells = units.min(MOST_CELLS);
            let mut counts = vec![0; cells];
            (0..units).for_each(|unit| counts[cell(unit, units, cells)] += 1);
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(*least > 0 && most - least <= 1, "{units}: {least} to {most}");
        }
    }
}
