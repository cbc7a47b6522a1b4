//! Counting of whole columns in the bins and the grid of a reference by one search for both.

use std::hint::select_unpredictable;

use crate::counts::Counts;
use crate::grid::{Gap, Grid};

/// Stretches of equal width that the search begins in.
const STRETCHES: usize = 512;
/// Values that are searched for side by side.
const LANES: usize = 8;

/// Edges of bins and points of the grid in one ascending row, the breaks, with what lies before each.
pub(crate) struct Tally {
    min: f64,
    max: f64,
    /// Padded with infinity, so that a search may run over the end.
    breaks: Vec<f64>,
    places: Vec<Place>,
    /// Breaks before each stretch.
    first: Vec<usize>,
    /// Stretches per unit of the values.
    scale: f64,
    /// The first, longest step of the search within a stretch: a power of two, or 0.
    step: usize,
}

/// Values above one break, and at most at the next.
struct Place {
    bin: usize,
    /// The next point of the grid.
    point: usize,
    /// From the point before to the next one.
    gap: Gap,
    rows: u64,
    /// Rows exactly at the next point.
    at: u64,
    /// Of the others: the sum of their places in the gap.
    sum: u64,
}

/// Values that are not in the range of the reference.
#[derive(Default)]
pub(crate) struct Beyond {
    missing: u64,
    pub(crate) below: Vec<f64>,
    pub(crate) above: Vec<f64>,
}

impl Tally {
    /// `None` without a grid.
    pub(crate) fn new(edges: &[f64], grid: &Grid) -> Option<Self> {
        let (min, max) = (*grid.points.first()?, *grid.points.last()?);
        let mut breaks: Vec<f64> = edges.iter().chain(&grid.points).copied().collect();
        breaks.sort_unstable_by(f64::total_cmp);
        breaks.dedup();
        let place = |i: usize| {
            // Just above the break before, or below all.
            let up_to = |values: &[f64]| match i.checked_sub(1) {
                Some(before) => values.partition_point(|&value| value <= breaks[before]),
                None => 0,
            };
            let point = up_to(&grid.points);
            Place { bin: up_to(edges), point, gap: grid.gap(point), rows: 0, at: 0, sum: 0 }
        };
        let places = (0..=breaks.len()).map(place).collect();
        let scale = STRETCHES as f64 / (max - min);
        let mut tally = Self { min, max, breaks, places, first: vec![0; STRETCHES + 1], scale, step: 0 };
        for i in 0..tally.breaks.len() {
            let stretch = tally.stretch(tally.breaks[i]);
            tally.first[stretch + 1] += 1;
        }
        let most = tally.first.iter().copied().max().unwrap_or(0);
        for stretch in 0..STRETCHES {
            tally.first[stretch + 1] += tally.first[stretch];
        }
        tally.step = (most + 1).next_power_of_two() / 2;
        tally.breaks.resize(tally.breaks.len() + 2 * tally.step + 1, f64::INFINITY);
        Some(tally)
    }

    /// Never falls as the value rises, whatever the rounding; NaN, where the range is beyond that of f64 or has no
    /// width, becomes 0.
    #[inline]
    fn stretch(&self, value: f64) -> usize {
        let last = (STRETCHES - 1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; NaN becomes 0")]
        let stretch = ((value - self.min) * self.scale).clamp(0.0, last) as u32;
        stretch as usize
    }

    /// The numbers of breaks below some values, side by side: all before the stretch of each, and some of those in it.
    #[inline]
    fn search(&self, values: &[f64; LANES]) -> [usize; LANES] {
        let mut found = values.map(|value| self.first[self.stretch(value)]);
        let mut step = self.step;
        while step > 0 {
            let breaks = &self.breaks[step - 1..];
            for (found, value) in found.iter_mut().zip(values) {
                // Without a branch, which would be guessed wrongly half of the time.
                *found = select_unpredictable(breaks[*found] < *value, found.wrapping_add(step), *found);
            }
            step /= 2;
        }
        found
    }

    /// Adds values to `counts`, but for what those beyond the range add beside the bins: they are returned.
    pub(crate) fn add(&mut self, counts: &mut Counts, values: &[f64]) -> Beyond {
        let mut beyond = Beyond::default();
        let (lanes, last) = values.as_chunks::<LANES>();
        for values in lanes {
            let found = self.search(values);
            values.iter().zip(found).for_each(|(value, found)| self.add_at(found, *value, &mut beyond));
        }
        let mut padded = [f64::NAN; LANES];
        padded[..last.len()].copy_from_slice(last);
        let found = self.search(&padded);
        last.iter().zip(found).for_each(|(value, found)| self.add_at(found, *value, &mut beyond));
        self.end(counts, beyond)
    }

    /// As [`add`](Tally::add), of values in ascending order, none of which is missing: the breaks are searched for among
    /// the values, of which there are many more.
    pub(crate) fn add_ascending(&mut self, counts: &mut Counts, values: &[f64]) -> Beyond {
        let mut beyond = Beyond::default();
        let mut rest = values;
        for found in 0..self.places.len() {
            let to = self.breaks[found];
            let (here, after) = rest.split_at(rest.partition_point(|value| *value <= to));
            for value in here {
                self.add_at(found, *value, &mut beyond);
            }
            rest = after;
        }
        self.end(counts, beyond)
    }

    fn end(&self, counts: &mut Counts, beyond: Beyond) -> Beyond {
        counts.missing += beyond.missing;
        for place in &self.places {
            place.add_to(counts);
        }
        beyond
    }

    /// Adds a value above so many breaks.
    #[inline]
    fn add_at(&mut self, found: usize, value: f64, beyond: &mut Beyond) {
        let inside = value >= self.min && value <= self.max;
        if !inside && !value.is_finite() {
            beyond.missing = beyond.missing.wrapping_add(1);
            return;
        }
        let place = &mut self.places[found];
        // Not more than there are values in a slice.
        place.rows = place.rows.wrapping_add(1);
        if inside {
            if value < place.gap.to {
                place.sum = place.sum.wrapping_add(u64::from(place.gap.place(value)));
            } else {
                place.at = place.at.wrapping_add(1);
            }
        } else if value < self.min {
            beyond.below.push(value);
        } else {
            beyond.above.push(value);
        }
    }
}

impl Place {
    fn add_to(&self, counts: &mut Counts) {
        if let Some(bin) = counts.bins.get_mut(self.bin) {
            *bin += self.rows;
        }
        if let Some(cell) = counts.cells.get_mut(2 * self.point) {
            *cell += self.at;
        }
        let Some(gap) = self.point.checked_sub(1) else { return };
        if let (Some(sum), Some(cell)) = (counts.places.get_mut(gap), counts.cells.get_mut(2 * gap + 1)) {
            *sum += self.sum;
            *cell += self.rows - self.at;
        }
    }
}
