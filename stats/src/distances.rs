use exact::Sum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::absent::finite;
use crate::grid::{Grid, PLACES};
use crate::{Absent, Reason, Value};

/// The 99 % point of the Kolmogorov distribution (`scipy.special.kolmogi(0.01)`, `SciPy` 1.17.1).
const KOLMOGOROV_99: f64 = 1.627_623_611_518_950_4;

/// Nodes in `[0, 1]` and weights of the Gauss-Legendre rule of three points.
const GAUSS: [(f64, f64); 3] =
    [(0.112_701_665_379_258_31, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// How far the values of new rows lie from those of a reference, without bins. Rows without a value are left out.
///
/// With F and G the distribution functions of the reference (n values) and of the new rows (m values). Formulas,
/// sources and limits: `docs/metrics.md`, "Drift".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distances {
    /// Kolmogorov-Smirnov: the largest `|F - G|`, in `[0, 1]`.
    // With a reader of its own the key must be there, so that what has no distances is told from what lacks them.
    #[serde(deserialize_with = "Option::deserialize")]
    pub ks: Option<f64>,
    /// Point that `ks` exceeds in at most 1 % of large samples without drift.
    #[serde(deserialize_with = "Option::deserialize")]
    pub ks_threshold_99: Option<f64>,
    /// Wasserstein-1, `integral |F - G| dx`, in standard deviations of the reference.
    #[serde(deserialize_with = "Option::deserialize")]
    pub wasserstein: Option<f64>,
    /// Mean of `wasserstein` in large samples without drift.
    #[serde(deserialize_with = "Option::deserialize")]
    pub wasserstein_expected: Option<f64>,
}

/// The two sides of a comparison.
pub(crate) struct Sides<'a> {
    pub(crate) grid: &'a Grid,
    /// Standard deviation of the reference.
    pub(crate) sd: Option<f64>,
    /// New rows in the cells of the grid.
    pub(crate) cells: &'a [u64],
    /// Sums of the places of those between points.
    pub(crate) places: &'a [u64],
    /// New rows below and above the reference's range.
    pub(crate) below: u64,
    pub(crate) above: u64,
    /// By how much they are, all together: both at least 0.
    pub(crate) excess: [&'a Sum; 2],
}

/// What one pass over the grid finds; lengths in units of the values.
struct Walk {
    ks: f64,
    /// `integral |F - G| dx` within the range.
    inside: f64,
    /// `integral sqrt(F (1 - F)) dx`.
    spread: f64,
}

impl Sides<'_> {
    /// Compares the sides; reasons are noted in `absent`.
    pub(crate) fn distances(&self, absent: &mut Absent) -> Distances {
        let n = self.grid.counts().fold(0_u64, u64::saturating_add);
        let inside = self.cells.iter().fold(0_u64, |sum, &rows| sum.saturating_add(rows));
        let m = inside.saturating_add(self.below).saturating_add(self.above);
        let ready = if n == 0 || m == 0 {
            Err(Reason::NoRows)
        } else if self.cells.len() == self.grid.cells() && self.places.len() == self.grid.gaps() {
            Ok(self.walk(n, m))
        } else {
            Err(Reason::BinsDiffer)
        };
        let noise = (1.0 / n as f64 + 1.0 / m as f64).sqrt();
        let ready = ready.as_ref().map_err(|reason| *reason);
        let scaled = |length: fn(&Self, &Walk, u64) -> f64| {
            let walk = ready?;
            finite(length(self, walk, m) / self.unit(n)?)
        };
        let expected = scaled(|_, walk, _| walk.spread)
            .map(|length| std::f64::consts::FRAC_2_PI.sqrt() * length * noise);
        Distances {
            ks: absent.keep("ks", ready.map(|walk| walk.ks)),
            ks_threshold_99: absent.keep("ks_threshold_99", ready.map(|_| KOLMOGOROV_99 * noise)),
            wasserstein: absent.keep("wasserstein", scaled(|sides, walk, m| walk.inside + sides.outside(m))),
            wasserstein_expected: absent.keep("wasserstein_expected", expected),
        }
    }

    /// What a length is divided by.
    fn unit(&self, n: u64) -> Value {
        match self.sd {
            _ if n < 2 => Err(Reason::TooFewRows),
            None => Err(Reason::Overflow),
            Some(sd) if sd > 0.0 => Ok(sd),
            Some(_) => Err(Reason::NoVariance),
        }
    }

    /// `integral |F - G| dx` beyond the range, where F is 0 or 1.
    fn outside(&self, m: u64) -> f64 {
        let mut excess = self.excess[0].clone();
        excess.merge(self.excess[1]);
        exact::moments::mean(m, &excess)
    }

    /// From point to point: in a gap the rows of either side are taken to lie at their mean.
    fn walk(&self, n: u64, m: u64) -> Walk {
        let (share, new_share) = (|rows: u64| rows as f64 / n as f64, |rows: u64| rows as f64 / m as f64);
        let (mut f, mut g) = (0_u64, self.below);
        let mut walk = Walk { ks: new_share(g), inside: 0.0, spread: 0.0 };
        let mut before = (0.0, 0.0);
        for (i, (of, new)) in self.grid.counts().zip(self.cells).enumerate() {
            (f, g) = (f.saturating_add(of), g.saturating_add(*new));
            let after = (share(f), new_share(g));
            walk.ks = walk.ks.max((after.0 - after.1).abs());
            // Even cells are points, odd ones the gaps after them.
            if let (1, [from, to, ..]) = (i % 2, &self.grid.points[i / 2..]) {
                let place = self.grid.mean_place(i / 2);
                let new_place =
                    if *new > 0 { self.places[i / 2] as f64 / *new as f64 / f64::from(PLACES) } else { 0.0 };
                let ends = [(before.0, after.0, place), (before.1, after.1, new_place)];
                walk.inside += length(to - from, mean_gap(ends));
                walk.spread += length(to - from, mean_spread(ends[0]));
            }
            before = after;
        }
        walk
    }
}

/// `width * height`; a height of 0 is 0 whatever the width.
fn length(width: f64, height: f64) -> f64 {
    if height > 0.0 { width * height } else { 0.0 }
}

/// The mean of `|F - G|` over a gap, for each the value before a step, that after it, and the step's place as a share
/// of the gap.
fn mean_gap([f, g]: [(f64, f64, f64); 2]) -> f64 {
    let [first, second] = if f.2 <= g.2 { [f, g] } else { [g, f] };
    let (least, most) = (first.2.clamp(0.0, 1.0), second.2.clamp(0.0, 1.0));
    let [ahead, amid, after] = [first.0 - second.0, first.1 - second.0, first.1 - second.1].map(f64::abs);
    least * ahead + (most - least) * amid + (1.0 - most) * after
}

/// The mean of `sqrt(F (1 - F))` over a gap in which half of the rows lie on either side of a place.
fn mean_spread((from, to, place): (f64, f64, f64)) -> f64 {
    let half = from.midpoint(to);
    place * mean_root(from, half) + (1.0 - place) * mean_root(half, to)
}

/// The mean of `sqrt(u (1 - u))` over u from `a` to `b`.
fn mean_root(a: f64, b: f64) -> f64 {
    let root = |u: f64| (u * (1.0 - u)).max(0.0).sqrt();
    GAUSS.iter().map(|(node, weight)| weight * root(a + (b - a) * node)).sum()
}
