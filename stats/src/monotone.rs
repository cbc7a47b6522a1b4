use serde::{Deserialize, Serialize};

use crate::deciles::bins;
use crate::{Isotonic, Line, Pairs, Reason, Value};

/// Rows of a bin, about. Single rows would be fitted perfectly wherever neighbours differ by more than
/// the noise, and nothing would be left to compare.
const OF_BIN: usize = 4;

/// How much of the outcomes' variance is left by the best line, or the best monotone function of bins of
/// about four rows, of one column: whichever leaves less.
///
/// Order-free: the same for any order of the rows and any pieces of [`Pairs`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monotone {
    /// Rows.
    pub n: u64,
    /// Share of the variance that is left, from 0 on, no unit: `(SSE / (n - k)) / (SST / (n - 1))`, as in
    /// an adjusted R2; k is 2 for the line and the number of steps for the monotone function, whose
    /// expectation is what such a fit costs in degrees of freedom (Meyer and Woodroofe 2000). A column
    /// that says nothing leaves about 1 however few the rows are.
    pub unexplained: f64,
}

impl Monotone {
    /// Fits rows `(column, outcome)`.
    ///
    /// # Errors
    /// [`Reason::NoRows`]; [`Reason::TooFewRows`] below 3; [`Reason::NoVariance`] where all outcomes are
    /// the same; [`Reason::Overflow`].
    pub fn fit(pairs: &mut Pairs) -> Value<Self> {
        let rows = pairs.sorted();
        let n = rows.len() as u64;
        if n < 3 {
            return Err(if n == 0 { Reason::NoRows } else { Reason::TooFewRows });
        }
        let (mut line, mut binned) = (Line::new(), Pairs::new());
        for &(value, actual) in rows {
            line.add(value, actual);
        }
        for (bin, range) in bins(rows, (rows.len() / OF_BIN).max(1)).into_iter().enumerate() {
            for &(_, actual) in &rows[range] {
                binned.add(bin as f64, actual);
            }
        }
        let rising = steps(&mut binned)?;
        let falling = steps(&mut binned.mirrored())?;
        // A column without variance has no line.
        let straight = line.unexplained().map_or(1.0, |left| adjusted(left, n, 2));
        Ok(Self { n, unexplained: straight.min(rising).min(falling) })
    }
}

/// What the nondecreasing function leaves, adjusted for its steps.
fn steps(binned: &mut Pairs) -> Value {
    let fit = Isotonic::fit(binned)?;
    let (total, explained) = fit.decomposition.unc.zip(fit.decomposition.dsc).ok_or(Reason::Overflow)?;
    if total <= 0.0 {
        return Err(Reason::NoVariance);
    }
    Ok(adjusted((1.0 - explained / total).max(0.0), fit.decomposition.n, fit.steps.len() as u64))
}

fn adjusted(left: f64, n: u64, k: u64) -> f64 {
    if k < n { left * (n - 1) as f64 / (n - k) as f64 } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(rows: &[(f64, f64)]) -> Pairs {
        let mut pairs = Pairs::new();
        for (x, y) in rows {
            pairs.add(*x, *y);
        }
        pairs
    }

    fn left(rows: &[(f64, f64)]) -> f64 {
        Monotone::fit(&mut pairs(rows)).unwrap().unexplained
    }

    #[test]
    fn a_line_leaves_nothing_and_a_bent_function_hardly_anything() {
        let of = |y: fn(f64) -> f64| -> Vec<(f64, f64)> {
            (0..4000).map(|i| f64::from(i) / 400.0).map(|x| (x, y(x))).collect()
        };
        assert!(left(&of(|x| 3.0 - 2.0 * x)).abs() < 1e-15);
        let (rising, falling) = (left(&of(f64::exp)), left(&of(|x| (-x).exp())));
        assert!(rising > 0.0 && rising < 1e-4, "{rising}");
        assert!(falling > 0.0 && falling < 1e-4, "{falling}");
        // No monotone function follows a parabola over both its arms.
        let both = left(&of(|x| (x - 5.0).powi(2)));
        assert!(both > 0.4, "{both}");
    }

    #[test]
    fn small_fits_agree_with_ones_by_hand() {
        let y = [1.0, 3.0, 2.0, 4.0, 6.0, 5.0, 8.0, 7.0];
        let on = |x: [f64; 8]| left(&x.into_iter().zip(y).collect::<Vec<_>>());
        // The line: SSE 42 - 39^2 / 42 of SST 42, so (SSE / 6) / (42 / 7).
        let line = (42.0 - 39.0 * 39.0 / 42.0) / 36.0;
        let found = on([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert!((found - line).abs() < 1e-15, "{found}");
        // Where no line helps, two bins of four: SSE 5 + 5 around 2.5 and 6.5, so (10 / 6) / (42 / 7).
        let found = on([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1e9]);
        assert!((found - 10.0 / 36.0).abs() < 1e-15, "{found}");
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        assert_eq!(Monotone::fit(&mut Pairs::new()), Err(Reason::NoRows));
        assert_eq!(Monotone::fit(&mut pairs(&[(1.0, 2.0), (2.0, 3.0)])), Err(Reason::TooFewRows));
        assert_eq!(Monotone::fit(&mut pairs(&[(1.0, 2.0); 5])), Err(Reason::NoVariance));
        // A column that is constant explains nothing.
        let constant = left(&[(1.0, 2.0), (1.0, 3.0), (1.0, 5.0)]);
        assert!((constant - 1.0).abs() < 1e-15, "{constant}");
    }

    #[test]
    fn noise_leaves_about_all_however_few_the_rows() {
        // Outcomes in an order without trend: multiples of the golden ratio, modulo 1.
        for n in [30, 300, 3000] {
            let rows: Vec<(f64, f64)> =
                (1..=n).map(|i| (f64::from(i), (f64::from(i) * 0.618_033_988_749_894_9).fract())).collect();
            let left = left(&rows);
            assert!((0.85..1.15).contains(&left), "{n}: {left}");
        }
    }

    #[test]
    fn neighbours_farther_apart_than_the_noise_are_not_fitted_one_by_one() {
        // A step of 3 and noise of up to 1 either way: no two are out of order, and yet noise is left.
        let noise = |i: i32| 2.0 * (f64::from(i) * 0.618_033_988_749_894_9).fract() - 1.0;
        let rows: Vec<(f64, f64)> = (1..200).map(|i| (f64::from(i), 3.0 * f64::from(i) + noise(i))).collect();
        let share = (1.0 / 3.0) / (9.0 * 200.0 * 200.0 / 12.0);
        let left = left(&rows);
        assert!((0.8 * share..1.2 * share).contains(&left), "{left} for {share}");
    }

    #[test]
    fn order_and_pieces_do_not_matter() {
        let rows: Vec<(f64, f64)> =
            (1..50).map(|i| (f64::from(i * 17 % 50), f64::from(i * 17 % 50 + i * 7 % 13))).collect();
        let whole = Monotone::fit(&mut pairs(&rows)).unwrap();
        for cut in 0..rows.len() {
            let mut pieces = pairs(&rows[cut..]);
            pieces.merge(&pairs(&rows[..cut]));
            assert_eq!(Monotone::fit(&mut pieces).unwrap(), whole);
        }
    }
}
