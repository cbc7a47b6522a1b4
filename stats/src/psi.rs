use exact::Sum;
use serde::{Deserialize, Serialize};

use crate::counts::Counts;
use crate::drift::{Psi, Sides, share};
use crate::grid::Grid;
use crate::tally::{Beyond, Tally};
use crate::{Column, Moments, OrderStatistics, Quantiles, Value, distances, present};

/// Bins that the training part is cut into.
const BINS: u32 = 10;
/// Fewer values are counted one by one.
const FEW: usize = 200;

/// The training profile of a numeric feature that drift is measured against; kept in the model file.
///
/// Bins lie between the deciles (type 7) of the training part, closed on the right: `x` is in bin `b`
/// where `edge[b-1] < x <= edge[b]`; the first and the last are open to infinity. Deciles that tie are
/// one edge, and the value they tie on is cut off from the values below it by one more edge, at the
/// largest training value below: else a spike of equal values would hide what moves in the bin under
/// it. For the same reason an edge at the maximum moves down to the next training value, and a
/// constant column has the bins below, at and above its value. There are never more than ten edges.
///
/// Beside the bins stands a finer grid, of at most 201 of the values, for the distances that need no bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Reference {
    edges: Vec<f64>,
    counts: Vec<u64>,
    missing: u64,
    min: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    grid: Grid,
}

impl Reference {
    /// Learns from the training part, in one piece.
    #[must_use]
    pub fn learn(values: &[f64]) -> Self {
        let mut column = Column::new();
        column.extend(values);
        column.reference()
    }

    /// Learns from a training part collected in pieces; sort a [`Quantiles`] before, since there are many questions.
    #[must_use]
    pub fn from_order(order: &mut impl OrderStatistics) -> Self {
        let moments = order.moments();
        Self::from_order_with(order, &moments)
    }

    /// The same where the moments of these rows are known, which saves a pass over them.
    #[must_use]
    pub fn from_order_with(order: &mut impl OrderStatistics, moments: &Moments) -> Self {
        let n = order.n();
        let min = order.order_statistic(0).ok();
        let max = order.order_statistic(n.saturating_sub(1)).ok();
        let edges = edges(order).unwrap_or_default();
        let mut below = 0;
        let mut counts = Vec::with_capacity(edges.len() + 1);
        for &edge in &edges {
            let at_most = order.count_at_most(edge);
            counts.push(at_most - below);
            below = at_most;
        }
        counts.push(n - below);
        let (mean, sd) = (moments.mean().ok(), moments.sd().ok());
        let grid = Grid::learn(order).unwrap_or_default();
        Self { edges, counts, missing: order.missing(), min, max, mean, sd, grid }
    }

    /// Inner edges of the bins, ascending, in the unit of the feature.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Training rows in each bin; one more than there are edges.
    #[must_use]
    pub fn bin_counts(&self) -> &[u64] {
        &self.counts
    }

    /// Training rows without a value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Least and largest training value; `None` if there was none.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        self.min.zip(self.max)
    }

    /// Mean and standard deviation (n - 1) of the training values, in the unit of the feature; `None` where there
    /// are too few, or where it is beyond the range of `f64`.
    #[must_use]
    pub fn mean_and_sd(&self) -> (Option<f64>, Option<f64>) {
        (self.mean, self.sd)
    }

    /// Points of the grid, ascending, in the unit of the feature; the first and the last are the range.
    #[must_use]
    pub fn grid_points(&self) -> &[f64] {
        &self.grid.points
    }

    /// Training rows at the points of the grid and strictly between them, in turn.
    pub fn grid_counts(&self) -> impl Iterator<Item = u64> {
        self.grid.counts()
    }

    /// Counts of no rows in the bins of this reference, to [`add`](Reference::add) to.
    #[must_use]
    pub fn empty(&self) -> Counts {
        Counts::new(self.counts.len(), self.grid.cells(), self.grid.gaps())
    }

    /// Adds one row to counts that [`empty`](Reference::empty) of this reference began.
    pub fn add(&self, counts: &mut Counts, value: f64) {
        let Some(value) = present(value) else {
            counts.missing += 1;
            return;
        };
        let bin = self.edges.partition_point(|&edge| edge < value);
        if let Some(count) = counts.bins.get_mut(bin) {
            *count += 1;
        }
        match self.range() {
            Some((min, _)) if value < min => {
                counts.below += 1;
                counts.excess_below.add(min);
                counts.excess_below.remove(value);
            }
            Some((_, max)) if value > max => {
                counts.above += 1;
                counts.excess_above.add(value);
                counts.excess_above.remove(max);
            }
            _ => {
                let (cell, place) = self.grid.cell(value);
                if let Some(count) = counts.cells.get_mut(cell) {
                    *count += 1;
                }
                if let (Some(place), Some(sum)) = (place, counts.places.get_mut(cell / 2)) {
                    *sum += u64::from(place);
                }
            }
        }
    }

    /// Counts a column, or a piece of one, in the bins of this reference.
    #[must_use]
    pub fn count(&self, values: &[f64]) -> Counts {
        let mut counts = self.empty();
        self.extend(&mut counts, values);
        counts
    }

    /// Adds a column, or a piece of one, to counts that [`empty`](Reference::empty) of this reference began: the same
    /// result as by [`add`](Reference::add) for each row.
    pub fn extend(&self, counts: &mut Counts, values: &[f64]) {
        self.tallied(counts, values, Tally::add);
    }

    /// The same result as [`count`](Reference::count) of a column that was sorted, in less time.
    #[must_use]
    pub fn count_sorted(&self, column: &Quantiles) -> Counts {
        let mut counts = self.empty();
        let way = if column.is_sorted() { Tally::add_ascending } else { Tally::add };
        self.tallied(&mut counts, column.values(), way);
        counts.missing += column.missing();
        counts
    }

    fn tallied(
        &self,
        counts: &mut Counts,
        values: &[f64],
        way: impl Fn(&mut Tally, &mut Counts, &[f64]) -> Beyond,
    ) {
        let tally = if values.len() < FEW { None } else { Tally::new(&self.edges, &self.grid) };
        let (Some(mut tally), Some((min, max))) = (tally, self.range()) else {
            for &value in values {
                self.add(counts, value);
            }
            return;
        };
        let Beyond { mut below, above, .. } = way(&mut tally, counts, values);
        counts.below += below.len() as u64;
        counts.excess_below.merge(&Sum::from(min).times(below.len() as f64));
        for value in &mut below {
            *value = -*value;
        }
        counts.excess_below.add_all(&below);
        counts.above += above.len() as u64;
        counts.excess_above.add_all(&above);
        counts.excess_above.subtract(&Sum::from(max).times(above.len() as f64));
    }

    /// The population stability index of the counted rows against this reference, and the distances beside it.
    #[must_use]
    pub fn compare(&self, counts: &Counts) -> Psi {
        let mut psi = Sides {
            reference: &self.counts,
            current: &counts.bins,
            missing_reference: self.missing,
            missing: counts.missing,
        }
        .psi();
        psi.share_below = psi.absent.keep("share_below", share(counts.below, psi.n));
        psi.share_above = psi.absent.keep("share_above", share(counts.above, psi.n));
        let sides = distances::Sides {
            grid: &self.grid,
            sd: self.sd,
            cells: &counts.cells,
            places: &counts.places,
            below: counts.below,
            above: counts.above,
            excess: [&counts.excess_below, &counts.excess_above],
        };
        psi.distances = Some(sides.distances(&mut psi.absent));
        psi
    }
}

fn edges(order: &mut impl OrderStatistics) -> Value<Vec<f64>> {
    let min = order.order_statistic(0)?;
    let max = order.order_statistic(order.n() - 1)?;
    if min >= max {
        return Ok([min.next_down(), min].into_iter().filter(|edge| edge.is_finite()).collect());
    }
    let deciles = (1..BINS).map(|part| order.quantile_of(part, BINS)).collect::<Value<Vec<f64>>>()?;
    let mut edges = Vec::new();
    for tied in deciles.chunk_by(|a, b| a >= b) {
        let edge = tied[0];
        if tied.len() > 1 || edge >= max {
            let below = order.largest_below(edge);
            edges.extend(below.filter(|below| edges.last().is_none_or(|last| last < below)));
        }
        if edge < max {
            edges.push(edge);
        }
    }
    Ok(edges)
}

/// A reference as it stands in a file, before it is believed.
#[derive(Deserialize)]
struct Stored {
    edges: Vec<f64>,
    counts: Vec<u64>,
    missing: u64,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(default)]
    mean: Option<f64>,
    #[serde(default)]
    sd: Option<f64>,
    #[serde(default)]
    grid: Grid,
}

impl TryFrom<Stored> for Reference {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { edges, counts, missing, min, max, mean, sd, grid } = stored;
        if !edges.iter().all(|edge| edge.is_finite()) || edges.windows(2).any(|w| w[0] >= w[1]) {
            return Err("edges of the drift reference must be finite and ascending");
        }
        if counts.len() != edges.len() + 1 {
            return Err("the drift reference must have one count more than edges");
        }
        let finite = |bound: Option<f64>| bound.is_none_or(f64::is_finite);
        if !finite(min) || !finite(max) || min.is_some() != max.is_some() || min > max {
            return Err("the range of the drift reference is not a range");
        }
        let range = min.zip(max);
        if mean.is_some_and(|mean| !range.is_some_and(|(min, max)| (min..=max).contains(&mean)))
            || sd.is_some_and(|sd| !(sd.is_finite() && sd >= 0.0))
        {
            return Err("mean and sd of the drift reference are not of its range");
        }
        if !grid.fits(range) {
            return Err(
                "the grid of the drift reference must ascend from its least to its largest value, with rows at each point",
            );
        }
        Ok(Self { edges, counts, missing, min, max, mean, sd, grid })
    }
}
