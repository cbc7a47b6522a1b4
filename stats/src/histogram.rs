use serde::Serialize;

use crate::{Reason, Value, order};

/// Widths of bins are one of these times a power of ten.
const ROUND: [f64; 3] = [1.0, 2.0, 5.0];
/// The largest value is at most so many bins from zero, so that neighbouring edges stay two numbers.
const MOST: f64 = 1e12;

/// Values of one bin: `lower <= value < upper`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower edge.
    pub lower: f64,
    /// Upper edge.
    pub upper: f64,
    /// Values, at least one.
    pub n: u64,
}

/// The bins of equal width that hold any of `values`, ascending; values that are not finite are left out.
///
/// The width is `2 (q75 - q25) n^(-1/3)` (Freedman and Diaconis 1981), quartiles being the values at the places
/// `n / 4` and `3 n / 4` in ascending order from 0, or a tenth of the range where that is zero, rounded up to
/// 1, 2 or 5 times a power of ten. Edges are multiples of the width, so that zero is one. Values that are all the
/// same have one bin, from the value to itself.
///
/// # Errors
/// [`Reason::NoRows`]; [`Reason::Overflow`] where edges would not be finite.
pub fn histogram(values: &[f64]) -> Value<Vec<Bin>> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).map(|v| v + 0.0).collect();
    order::sort(&mut sorted);
    let (Some(first), Some(last)) = (sorted.first().copied(), sorted.last().copied()) else {
        return Err(Reason::NoRows);
    };
    let n = sorted.len();
    if first >= last {
        return Ok(vec![Bin { lower: first, upper: last, n: n as u64 }]);
    }
    let spread = sorted[3 * n / 4] - sorted[n / 4];
    let width = if spread > 0.0 { 2.0 * spread / (n as f64).cbrt() } else { (last - first) / 10.0 };
    let grid = Grid::at_least(width.max(first.abs().max(last.abs()) / MOST))?;
    let mut bins: Vec<Bin> = Vec::new();
    for value in sorted {
        match bins.last_mut() {
            Some(bin) if value < bin.upper => bin.n += 1,
            _ => bins.push(grid.around(value)),
        }
    }
    let finite = bins.iter().all(|bin| bin.lower.is_finite() && bin.upper.is_finite());
    if finite { Ok(bins) } else { Err(Reason::Overflow) }
}

/// Multiples of `round * 10^power`.
struct Grid {
    round: f64,
    power: i32,
}

impl Grid {
    /// The finest grid that is not finer than `width`.
    fn at_least(width: f64) -> Value<Self> {
        if !width.is_normal() {
            return Err(Reason::Overflow);
        }
        #[expect(clippy::cast_possible_truncation, reason = "logarithms of f64 are small")]
        let power = width.log10().floor() as i32;
        // The logarithm is rounded, so the power may be one off.
        let grids = (power - 1..=power + 1).flat_map(|power| ROUND.map(|round| Self { round, power }));
        let found = grids.into_iter().find(|grid| grid.edge(1.0) >= width);
        found.filter(|grid| grid.edge(1.0).is_normal()).ok_or(Reason::Overflow)
    }

    /// Edge number `place`. Powers of ten are exact, so one rounding gives `0.3` and not `0.30000000000000004`.
    fn edge(&self, place: f64) -> f64 {
        let scale = 10_f64.powi(self.power.abs());
        if self.power < 0 { place * self.round / scale } else { place * self.round * scale }
    }

    /// The bin that holds `value`, counting this one.
    fn around(&self, value: f64) -> Bin {
        let mut place = (value / self.edge(1.0)).floor();
        while self.edge(place) > value {
            place -= 1.0;
        }
        while self.edge(place + 1.0) <= value {
            place += 1.0;
        }
        Bin { lower: self.edge(place), upper: self.edge(place + 1.0), n: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bins(values: &[f64]) -> Vec<(f64, f64, u64)> {
        histogram(values).unwrap().iter().map(|b| (b.lower, b.upper, b.n)).collect()
    }

    #[test]
    fn bins_by_hand() {
        // Eight values: quartiles are those at places 2 and 6, 3 and 7; 2 * 4 / 2 = 4, rounded up to 5.
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(bins(&values), [(0.0, 5.0, 4), (5.0, 10.0, 4)]);
        // A hundredth of them: edges are the decimal numbers.
        let small: Vec<f64> = [-6.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0].iter().map(|v| v / 100.0).collect();
        assert_eq!(bins(&small), [(-0.1, -0.05, 1), (0.0, 0.05, 4), (0.05, 0.1, 3)]);
        // No spread between the quartiles: a tenth of the range.
        assert_eq!(bins(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0]), [(0.0, 1.0, 7), (10.0, 11.0, 1)]);
        assert_eq!(bins(&[2.5, 2.5]), [(2.5, 2.5, 2)]);
        assert_eq!(bins(&[f64::NAN, -0.0]), [(0.0, 0.0, 1)]);
        assert_eq!(histogram(&[f64::NAN]), Err(Reason::NoRows));
        assert_eq!(histogram(&[-1.7e308, 1.7e308]), Err(Reason::Overflow));
    }

    proptest! {
        #[test]
        fn every_value_is_in_one_bin(values in prop::collection::vec(prop_oneof![-1e3..1e3, -1e-9..1e-9, Just(1e15)], 1..200)) {
            let bins = histogram(&values).unwrap();
            for value in &values {
                let holds = |b: &&Bin| b.lower <= *value && (*value < b.upper || bins.len() == 1);
                prop_assert_eq!(bins.iter().filter(holds).count(), 1);
            }
            prop_assert_eq!(bins.iter().map(|b| b.n).sum::<u64>(), values.len() as u64);
            prop_assert!(bins.windows(2).all(|pair| pair[0].upper <= pair[1].lower));
        }
    }
}
