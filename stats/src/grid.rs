use serde::{Deserialize, Serialize};

use crate::{OrderStatistics, Value};

/// Stretches of equal ranks that more distinct values than one more are cut into.
const STRETCHES: u64 = 200;
/// Parts of a gap that places in it are told in.
pub(crate) const PLACES: u32 = 1 << 16;

/// The distribution function of a reference: exact at some of its values, the points.
///
/// The points are all distinct values where there are at most 201; else the order statistics of the ranks
/// `floor(k (n - 1) / 200)`, so that less than 1/200 of the rows lie strictly between two points. Least and
/// largest value are points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grid {
    /// Ascending, in the unit of the values.
    pub(crate) points: Vec<f64>,
    /// Rows at each point.
    pub(crate) at: Vec<u64>,
    /// Rows strictly between each point and the next; empty where there is no such row.
    pub(crate) between: Vec<u64>,
    /// Where the mean of these rows lies, in 65,536ths of the gap: 0 at the point, and where there is no row.
    pub(crate) places: Vec<u32>,
}

impl Grid {
    pub(crate) fn learn(order: &mut impl OrderStatistics) -> Value<Self> {
        let n = order.n();
        let points = match few(order)? {
            Some(points) => points,
            None => ranked(order)?,
        };
        let (mut at, mut between, mut places, mut counted) = (Vec::new(), Vec::new(), Vec::new(), 0);
        let mut before = None;
        for &point in &points {
            let below = order.count_at_most(point.next_down());
            let at_most = order.count_at_most(point);
            if let Some(before) = before.replace(point) {
                between.push(below - counted);
                places.push(
                    order.mean_between(before, point).map_or(0, |mean| Gap::new(before, point).place(mean)),
                );
            }
            at.push(at_most - below);
            counted = at_most;
        }
        debug_assert!(counted == n, "the largest value is a point");
        if between.iter().all(|&rows| rows == 0) {
            between.clear();
            places.clear();
        }
        Ok(Self { points, at, between, places })
    }

    /// Cells of rows within the range: at the first point, between it and the second, at the second, ...
    pub(crate) fn cells(&self) -> usize {
        (2 * self.points.len()).saturating_sub(1)
    }

    /// Gaps between points.
    pub(crate) fn gaps(&self) -> usize {
        self.points.len().saturating_sub(1)
    }

    /// The cell of a value within the range; between two points also the place in it.
    pub(crate) fn cell(&self, value: f64) -> (usize, Option<u32>) {
        let next = self.points.partition_point(|&point| point < value);
        match (next.checked_sub(1).and_then(|i| self.points.get(i)), self.points.get(next)) {
            (Some(from), Some(to)) if value < *to => (2 * next - 1, Some(Gap::new(*from, *to).place(value))),
            _ => (2 * next, None),
        }
    }

    /// From the point before to the point of this number; without end where there is none.
    pub(crate) fn gap(&self, point: usize) -> Gap {
        let at = |i: Option<usize>| i.and_then(|i| self.points.get(i).copied());
        let from = at(point.checked_sub(1)).unwrap_or(f64::NEG_INFINITY);
        Gap::new(from, at(Some(point)).unwrap_or(f64::INFINITY))
    }

    /// Where in gap `i` the reference's rows have their mean, as a share of it.
    pub(crate) fn mean_place(&self, i: usize) -> f64 {
        self.places.get(i).map_or(0.0, |place| f64::from(*place) / f64::from(PLACES))
    }

    /// The reference's rows in each cell.
    pub(crate) fn counts(&self) -> impl Iterator<Item = u64> {
        let between = self.between.iter().copied().chain(std::iter::repeat(0));
        let both = self.at.iter().zip(between).flat_map(|(&at, between)| [at, between]);
        both.take(self.cells())
    }

    /// Whether lengths, order and ends are as they must be for values from `range`.
    pub(crate) fn fits(&self, range: Option<(f64, f64)>) -> bool {
        let Self { points, at, between, places } = self;
        let ends = points.first().copied().zip(points.last().copied());
        ends == range
            && points.iter().all(|point| point.is_finite())
            && points.windows(2).all(|w| w[0] < w[1])
            && at.len() == points.len()
            && at.iter().all(|&rows| rows > 0)
            && (between.is_empty() || between.len() + 1 == points.len())
            && places.len() == between.len()
            && places.iter().all(|&place| place <= PLACES)
    }
}

/// What lies between two points.
pub(crate) struct Gap {
    pub(crate) to: f64,
    /// Halves, since the gap itself may be beyond the range of f64.
    half_from: f64,
    half_width: f64,
}

impl Gap {
    pub(crate) fn new(from: f64, to: f64) -> Self {
        Self { to, half_from: from / 2.0, half_width: to / 2.0 - from / 2.0 }
    }

    /// Where `value` lies in it.
    #[inline]
    pub(crate) fn place(&self, value: f64) -> u32 {
        let share = (value / 2.0 - self.half_from) / self.half_width;
        let place = share.clamp(0.0, 1.0) * f64::from(PLACES);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; NaN becomes 0")]
        let whole = place as u32;
        // Half a place goes up: as `round`, which is a call on most processors.
        whole + u32::from(place - f64::from(whole) >= 0.5)
    }
}

/// All distinct values, ascending; nothing where there are more than 201.
fn few(order: &mut impl OrderStatistics) -> Value<Option<Vec<f64>>> {
    let (mut points, mut counted) = (Vec::new(), 0);
    while counted < order.n() {
        if points.len() as u64 > STRETCHES {
            return Ok(None);
        }
        let point = order.order_statistic(counted)?;
        counted = order.count_at_most(point);
        points.push(point);
    }
    Ok(Some(points))
}

/// Order statistics of equally spaced ranks, each value once.
fn ranked(order: &mut impl OrderStatistics) -> Value<Vec<f64>> {
    let last = u128::from(order.n().saturating_sub(1));
    let mut points = (0..=STRETCHES)
        .map(|k| {
            let rank = u128::from(k) * last / u128::from(STRETCHES);
            order.order_statistic(u64::try_from(rank).unwrap_or(u64::MAX))
        })
        .collect::<Value<Vec<f64>>>()?;
    points.dedup();
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Quantiles, Reason};

    fn grid(values: impl IntoIterator<Item = f64>) -> Grid {
        let mut quantiles = Quantiles::new();
        quantiles.extend(&values.into_iter().collect::<Vec<_>>());
        quantiles.sort();
        Grid::learn(&mut quantiles).unwrap()
    }

    #[test]
    fn few_values_all_stand_in_it() {
        let found = grid([3.0, 1.0, 3.0, -2.0, 3.0]);
        assert_eq!(
            (found.points.as_slice(), found.at.as_slice()),
            ([-2.0, 1.0, 3.0].as_slice(), [1, 1, 3].as_slice())
        );
        assert!(found.between.is_empty());
        assert_eq!(found.counts().collect::<Vec<_>>(), [1, 0, 1, 0, 3]);
        // At -2, between, at 1, between, at 3.
        assert_eq!([-2.0, -1.0, 1.0, 2.0, 3.0].map(|value| found.cell(value).0), [0, 1, 2, 3, 4]);
        assert_eq!((found.cell(-1.25).1, found.cell(1.0).1), (Some(PLACES / 4), None));
        assert_eq!(grid((0..201).map(f64::from)).points.len(), 201);
        assert_eq!(grid([]), Grid::default());
    }

    #[test]
    fn many_values_are_cut_at_equal_ranks() {
        // Ranks floor(k 201 / 200): 0 to 199, then 201; only rank 200 is left out.
        let found = grid((0..202).map(f64::from));
        assert_eq!(found.points.len(), 201);
        assert_eq!((found.points[199], found.points[200]), (199.0, 201.0));
        assert_eq!((found.between.iter().sum::<u64>(), found.between[199]), (1, 1));
        assert_eq!((found.places[0], found.places[199]), (0, PLACES / 2));
        // Half of the rows at 0: one point, and still less than 1/200 of all rows in any gap.
        let found = grid((0..10_000).map(|k| f64::from((k - 5_000).max(0))));
        assert_eq!((found.points[0], found.at[0]), (0.0, 5_001));
        assert!(found.between.iter().all(|&rows| rows < 50), "{:?}", found.between);
        assert_eq!(found.counts().sum::<u64>(), 10_000);
    }

    #[test]
    fn the_ends_of_f64_are_points_like_others() {
        let found = grid([f64::MAX, -f64::MAX, 5e-324, 0.0]);
        assert_eq!(found.at, [1, 1, 1, 1]);
        assert_eq!(found.cell(-f64::MAX), (0, None));
        assert_eq!(found.cell(1.0), (5, Some(0)));
        let wide = grid([f64::MAX, -f64::MAX]);
        assert_eq!(wide.cell(0.0), (1, Some(PLACES / 2)));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let range = Some((1.0, 3.0));
        let of = |points: &[f64], at: &[u64], between: &[u64]| {
            Grid {
                points: points.to_vec(),
                at: at.to_vec(),
                between: between.to_vec(),
                places: vec![PLACES; between.len()],
            }
            .fits(range)
        };
        assert!(of(&[1.0, 3.0], &[1, 1], &[]) && of(&[1.0, 3.0], &[1, 1], &[7]));
        assert!(!of(&[], &[], &[]) && Grid::default().fits(None));
        assert!(!of(&[1.0, 2.0], &[1, 1], &[]));
        assert!(!of(&[1.0, 3.0, 3.0], &[1, 1, 1], &[]));
        assert!(!of(&[1.0, f64::NAN, 3.0], &[1, 1, 1], &[]));
        assert!(!of(&[1.0, 3.0], &[1], &[]));
        assert!(!of(&[1.0, 3.0], &[1, 0], &[]));
        assert!(!of(&[1.0, 3.0], &[1, 1], &[1, 1]));
        assert_eq!(Quantiles::new().order_statistic(0), Err(Reason::NoRows));
    }
}
