//! The target's own column around each row of a sample, within its entity.

use polars::prelude::IdxSize;

use super::Evidence;
use super::agreement::{Agreement, Scale};
use super::sample::Sample;

/// Longest window, and farthest row ahead.
pub(super) const WINDOW: usize = 31;
/// Farthest row back that may explain a value: a year of days, and a month more.
const BACK: usize = 400;
/// Rows of the sample that an explanation is sought in.
pub(super) const FEW: usize = 2_000;

/// Where the sampled rows of a part stand.
pub(super) struct Around<'a> {
    source: &'a [f64],
    /// Rows of the entity in time order, and the row's place among them; by row of the sample.
    places: Vec<(&'a [usize], usize)>,
    /// The first row, counted from the row itself, whose value is not known yet: the row itself where
    /// its own value is the outcome, else the next one.
    pub(super) first: isize,
}

/// A mean or sum over rows `from` to `to`, counted from the row itself.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) from: isize,
    pub(super) to: isize,
    pub(super) sum: bool,
}

impl<'a> Around<'a> {
    /// Of every part; `None` without time.
    pub(super) fn parts(evidence: &'a Evidence<'_>, sample: &Sample) -> Option<[Self; 3]> {
        let groups = evidence.groups?;
        let outcome_is_own = |row: &IdxSize| {
            let row = *row as usize;
            evidence.source[row].to_bits() == evidence.target[row].to_bits()
        };
        let own = evidence.kept.iter().all(|rows| rows.iter().all(outcome_is_own));
        let first = isize::from(!own);
        Some(sample.parts().map(|(_, rows)| Self::new(evidence, groups, rows, first)))
    }

    fn new(evidence: &'a Evidence<'_>, groups: &'a [Vec<usize>], rows: &[IdxSize], first: isize) -> Self {
        let mut number = vec![u32::MAX; evidence.source.len()];
        (0..).zip(rows).for_each(|(i, row)| number[*row as usize] = i);
        let mut places: Vec<(&[usize], usize)> = vec![(&[], 0); rows.len()];
        for group in groups {
            for (position, row) in group.iter().enumerate() {
                if let Some(place) = places.get_mut(number[*row] as usize) {
                    *place = (group, position);
                }
            }
        }
        Self { source: evidence.source, places, first }
    }

    /// The source `offset` rows from each of the first `rows` rows of the sample; NaN where there is none.
    pub(super) fn at(&self, offset: isize, rows: usize) -> Vec<f64> {
        let value = |(group, position): &(&[usize], usize)| {
            let row = position.checked_add_signed(offset).and_then(|p| group.get(p));
            row.map_or(f64::NAN, |row| self.source[*row])
        };
        self.places.iter().take(rows).map(value).collect()
    }

    /// Whether a value of the past, up to [`BACK`] rows before the first that is not known, passes `test`, which
    /// gets the values in the first `rows` rows of the sample and their offset.
    pub(super) fn any_back(&self, rows: usize, mut test: impl FnMut(&[f64], isize) -> bool) -> bool {
        let mut offsets = (1..).take(BACK).map(|back| self.first - back);
        offsets.any(|offset| test(&self.at(offset, rows), offset))
    }

    /// Whether `values` say as well what windows of the past hold: one value up to [`BACK`] rows back, or
    /// a mean or sum up to [`WINDOW`] rows back. Then they need not know what comes.
    pub(super) fn explains(&self, values: &[f64], scale: Scale, as_well: Agreement) -> bool {
        let rows = values.len();
        let fits = |scale: Scale, past: &[f64], divisor: f64| {
            let pairs = values.iter().zip(past).map(|(v, p)| (*v, p / divisor));
            scale.agree(pairs).is_some_and(|found| found.share() >= as_well.share())
        };
        if self.any_back(rows, |past, _| fits(scale, past, 1.0)) {
            return true;
        }
        self.windows(self.first - WINDOW.cast_signed(), self.first - 1, rows, |window, sums, width| {
            if window.sum { fits(scale.times(width), sums, 1.0) } else { fits(scale, sums, width) }
        })
    }

    /// Calls `seen` with every window of 2 to [`WINDOW`] rows that ends from `first` to `last`, as sum and
    /// as mean, with the sums and the number of rows, until it says that this is enough.
    pub(super) fn windows(
        &self,
        first: isize,
        last: isize,
        rows: usize,
        mut seen: impl FnMut(Window, &[f64], f64) -> bool,
    ) -> bool {
        let reach = WINDOW.cast_signed() - 1;
        let columns: Vec<Vec<f64>> = (first - reach..=last).map(|offset| self.at(offset, rows)).collect();
        for to in first..=last {
            let mut sums = vec![0.0; rows];
            for width in 1..=WINDOW {
                let from = to + 1 - width.cast_signed();
                let column = &columns[(from - first + reach).unsigned_abs()];
                sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += value);
                let enough = |sum| seen(Window { from, to, sum }, &sums, width as f64);
                if width > 1 && [false, true].into_iter().any(enough) {
                    return true;
                }
            }
        }
        false
    }
}
