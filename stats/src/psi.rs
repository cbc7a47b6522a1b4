use serde::{Deserialize, Serialize};

use crate::drift::{Psi, Sides, share};
use crate::{OrderStatistics, Quantiles, Reason, Value, present};

/// Bins that the training part is cut into.
const BINS: u32 = 10;

/// The training profile of a numeric feature that drift is measured against; kept in the model file.
///
/// Bins lie between the deciles (type 7) of the training part, closed on the right: `x` is in bin `b`
/// where `edge[b-1] < x <= edge[b]`; the first and the last are open to infinity. Deciles that tie are
/// one edge, and the value they tie on is cut off from the values below it by one more edge, at the
/// largest training value below: else a spike of equal values would hide what moves in the bin under
/// it. For the same reason an edge at the maximum moves down to the next training value, and a
/// constant column has the bins below, at and above its value. There are never more than ten edges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Reference {
    edges: Vec<f64>,
    counts: Vec<u64>,
    missing: u64,
    min: Option<f64>,
    max: Option<f64>,
}

impl Reference {
    /// Learns from the training part, in one piece.
    #[must_use]
    pub fn learn(values: &[f64]) -> Self {
        let mut quantiles = Quantiles::new();
        quantiles.extend(values);
        quantiles.sort();
        Self::from_order(&mut quantiles)
    }

    /// Learns from a training part collected in pieces; sort a [`Quantiles`] before, if it is large.
    #[must_use]
    pub fn from_order(order: &mut impl OrderStatistics) -> Self {
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
        Self { edges, counts, missing: order.missing(), min, max }
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

    /// Counts of no rows in the bins of this reference, to [`add`](Reference::add) to.
    #[must_use]
    pub fn empty(&self) -> Counts {
        Counts { bins: vec![0; self.counts.len()], missing: 0, below: 0, above: 0 }
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
        counts.below += u64::from(self.min.is_some_and(|min| value < min));
        counts.above += u64::from(self.max.is_some_and(|max| value > max));
    }

    /// Counts a column, or a piece of one, in the bins of this reference.
    #[must_use]
    pub fn count(&self, values: &[f64]) -> Counts {
        let mut counts = self.empty();
        for &value in values {
            self.add(&mut counts, value);
        }
        counts
    }

    /// The population stability index of the counted rows against this reference.
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
        psi
    }
}

/// Rows counted in the bins of one [`Reference`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    bins: Vec<u64>,
    missing: u64,
    below: u64,
    above: u64,
}

impl Counts {
    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// [`Reason::BinsDiffer`], with nothing added, if `other` has another number of bins.
    pub fn merge(&mut self, other: &Self) -> Value<()> {
        if self.bins.len() != other.bins.len() {
            return Err(Reason::BinsDiffer);
        }
        for (count, more) in self.bins.iter_mut().zip(&other.bins) {
            *count += more;
        }
        self.missing += other.missing;
        self.below += other.below;
        self.above += other.above;
        Ok(())
    }

    /// Rows in each bin.
    #[must_use]
    pub fn bins(&self) -> &[u64] {
        &self.bins
    }

    /// Rows without a value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
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
}

impl TryFrom<Stored> for Reference {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { edges, counts, missing, min, max } = stored;
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
        Ok(Self { edges, counts, missing, min, max })
    }
}
