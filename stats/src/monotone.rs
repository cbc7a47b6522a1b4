use serde::{Deserialize, Serialize};

use crate::{Isotonic, Pairs, Reason, Value};

/// How much of the outcomes' variance is left by the best monotone function of one column, rising or
/// falling, whichever fits better: the isotonic regression of outcomes on the column.
///
/// Order-free: the same for any order of the rows and any pieces of [`Pairs`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monotone {
    /// Rows.
    pub n: u64,
    /// Whether the function rises.
    pub rising: bool,
    /// Steps of the function; its degrees of freedom.
    pub steps: u64,
    /// Share of the variance that the function leaves, from 0 on, no unit:
    /// `(SSE / (n - steps)) / (SST / (n - 1))`, as in an adjusted R2. The expected number of steps is what
    /// a monotone fit costs in degrees of freedom (Meyer and Woodroofe 2000), so that a column that says
    /// nothing leaves about 1 however few the rows are.
    pub unexplained: f64,
}

impl Monotone {
    /// Fits rows `(column, outcome)`.
    ///
    /// # Errors
    /// [`Reason::NoRows`]; [`Reason::TooFewRows`] below 3; [`Reason::NoVariance`] where all outcomes are
    /// the same; [`Reason::Overflow`].
    pub fn fit(pairs: &mut Pairs) -> Value<Self> {
        let rising = Self::one_way(pairs, true)?;
        let mut mirrored = pairs.mirrored();
        let falling = Self::one_way(&mut mirrored, false)?;
        Ok(if falling.unexplained < rising.unexplained { falling } else { rising })
    }

    fn one_way(pairs: &mut Pairs, rising: bool) -> Value<Self> {
        let fit = Isotonic::fit(pairs)?;
        let (n, steps) = (fit.decomposition.n, fit.steps.len() as u64);
        if n < 3 {
            return Err(Reason::TooFewRows);
        }
        let (total, explained) = fit.decomposition.unc.zip(fit.decomposition.dsc).ok_or(Reason::Overflow)?;
        if total <= 0.0 {
            return Err(Reason::NoVariance);
        }
        let left = (1.0 - explained / total).max(0.0);
        // With as many steps as rows nothing but rounding is left.
        let unexplained = if steps < n { left * (n - 1) as f64 / (n - steps) as f64 } else { 0.0 };
        Ok(Self { n, rising, steps, unexplained })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(rows: &[(f64, f64)]) -> Pairs {
        let mut pairs = Pairs::new();
        rows.iter().for_each(|(x, y)| pairs.add(*x, *y));
        pairs
    }

    #[test]
    fn any_monotone_function_leaves_nothing() {
        let cubes: Vec<(f64, f64)> = (-20..20).map(|i| (f64::from(i), f64::from(i * i * i))).collect();
        let fit = Monotone::fit(&mut pairs(&cubes)).unwrap();
        assert!(fit.rising && fit.steps == 40 && fit.unexplained.abs() < f64::EPSILON, "{fit:?}");
        let falling: Vec<(f64, f64)> = cubes.iter().map(|(x, y)| (-x, *y)).collect();
        let fit = Monotone::fit(&mut pairs(&falling)).unwrap();
        assert!(!fit.rising && fit.unexplained.abs() < f64::EPSILON, "{fit:?}");
    }

    #[test]
    fn a_small_fit_agrees_with_one_by_hand() {
        // Rising: 1, 3 and 2 pool to 2.5, 4: SSE 0.5 of SST 5 with 3 steps of 4 rows: (0.5 / 1) / (5 / 3).
        let fit = Monotone::fit(&mut pairs(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 4.0)])).unwrap();
        assert_eq!((fit.n, fit.rising, fit.steps), (4, true, 3));
        assert!((fit.unexplained - 0.3).abs() < 1e-15, "{}", fit.unexplained);
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        assert_eq!(Monotone::fit(&mut Pairs::new()), Err(Reason::NoRows));
        assert_eq!(Monotone::fit(&mut pairs(&[(1.0, 2.0), (2.0, 3.0)])), Err(Reason::TooFewRows));
        assert_eq!(Monotone::fit(&mut pairs(&[(1.0, 2.0); 5])), Err(Reason::NoVariance));
        // A column that is constant explains nothing.
        let constant = Monotone::fit(&mut pairs(&[(1.0, 2.0), (1.0, 3.0), (1.0, 5.0)])).unwrap();
        assert!((constant.unexplained - 1.0).abs() < 1e-15, "{}", constant.unexplained);
    }

    #[test]
    fn noise_leaves_about_all_however_few_the_rows() {
        // Outcomes in an order without trend: multiples of the golden ratio, modulo 1.
        for n in [30, 300, 3000] {
            let rows: Vec<(f64, f64)> =
                (1..=n).map(|i| (f64::from(i), (f64::from(i) * 0.618_033_988_749_894_9).fract())).collect();
            let left = Monotone::fit(&mut pairs(&rows)).unwrap().unexplained;
            assert!((0.85..1.15).contains(&left), "{n}: {left}");
        }
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
