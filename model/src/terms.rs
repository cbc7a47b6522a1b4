//! Terms made inside the fit: powers, products and splines of feature columns, in double-double.
//!
//! A power formed in f64 is wrong from its 17th digit on, and no solver gets that digit back (NIST's
//! Filip is then capped at 7 digits). So terms are not columns of the features table: they are formed
//! here, for the fit and for predictions alike.

use std::collections::HashSet;

use exact::Dd;
use serde::{Deserialize, Serialize};

/// One column of the design that is made of feature columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Term {
    /// A feature to a whole power, 2 or more.
    Power {
        /// The feature.
        column: String,
        /// Its power.
        exponent: u16,
    },
    /// The product of two features.
    Product {
        /// The one feature.
        left: String,
        /// The other.
        right: String,
    },
    /// A function of the natural cubic spline basis of a feature.
    Spline {
        /// The feature.
        column: String,
        /// All knots, ascending, at least three.
        knots: Vec<f64>,
        /// Which function, from 0 to the number of knots less three.
        basis: usize,
    },
}

impl Term {
    /// Name of the column: `x^2`, `a*b`, `x~1`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Power { column, exponent } => format!("{column}^{exponent}"),
            Self::Product { left, right } => format!("{left}*{right}"),
            Self::Spline { column, basis, .. } => format!("{column}~{}", basis + 1),
        }
    }

    /// The features it is made of.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Power { column, .. } | Self::Spline { column, .. } => vec![column],
            Self::Product { left, right } => vec![left, right],
        }
    }

    /// Its value where the features named by [`Term::columns`] have `values`, in that order.
    #[must_use]
    pub fn value(&self, values: &[Dd]) -> Dd {
        match (self, values) {
            (Self::Power { exponent, .. }, [x]) => x.powi(i32::from(*exponent)),
            (Self::Product { .. }, [a, b]) => *a * *b,
            (Self::Spline { knots, basis, .. }, [x]) => natural_cubic(*x, knots, *basis),
            _ => Dd::ZERO,
        }
    }

    /// Says what is wrong with the term, if anything.
    ///
    /// # Errors
    /// A message without place.
    pub fn check(&self, features: &HashSet<&str>) -> Result<(), String> {
        if let Some(unknown) = self.columns().into_iter().find(|c| !features.contains(c)) {
            return Err(format!(
                "term {} is made of {}, which is no feature",
                shown(&self.name()),
                shown(unknown)
            ));
        }
        let sound = match self {
            Self::Power { exponent, .. } => (2..=64).contains(exponent),
            Self::Product { .. } => true,
            Self::Spline { knots, basis, .. } => {
                let ascending = knots.windows(2).all(|k| k[0] < k[1]);
                knots.len() >= 3
                    && *basis <= knots.len() - 3
                    && ascending
                    && knots.iter().all(|k| k.is_finite())
            }
        };
        if sound { Ok(()) } else { Err(format!("term {} is out of range", shown(&self.name()))) }
    }
}

fn shown(name: &str) -> String {
    common::text::name(name)
}

/// The function number `basis` of the natural cubic splines with `knots`, beside 1 and x, which the
/// intercept and the feature itself are: `d_k(x) - d_{K-1}(x)` with
/// `d_k(x) = ((x - t_k)+^3 - (x - t_K)+^3) / (t_K - t_k)`
/// (Hastie, Tibshirani, Friedman 2009, The Elements of Statistical Learning, equations 5.4 and 5.5).
/// Cubic between the knots, linear outside.
fn natural_cubic(x: Dd, knots: &[f64], basis: usize) -> Dd {
    let [.., before_last, last] = knots else { return Dd::ZERO };
    let d = |knot: f64| (cube_of_positive(x - knot) - cube_of_positive(x - *last)) / (Dd::from(*last) - knot);
    knots.get(basis).map_or(Dd::ZERO, |knot| d(*knot) - d(*before_last))
}

fn cube_of_positive(x: Dd) -> Dd {
    if x > Dd::ZERO { x * x * x } else { Dd::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_natural_spline_is_zero_below_and_linear_above_its_knots() {
        let term = Term::Spline { column: "x".to_owned(), knots: vec![0.0, 1.0, 3.0], basis: 0 };
        let at = |x: f64| term.value(&[Dd::from(x)]).to_f64();
        assert_eq!(at(-5.0).to_bits(), 0.0_f64.to_bits());
        // d_1(2) = (8 - 0) / 3, d_2(2) = (1 - 0) / 2.
        assert!((at(2.0) - (8.0 / 3.0 - 0.5)).abs() < 1e-15);
        // Above the last knot the second difference of a straight line is 0.
        assert!((at(6.0) - 2.0 * at(5.0) + at(4.0)).abs() < 1e-12);
    }

    #[test]
    fn a_power_keeps_more_digits_than_f64_has() {
        let term = Term::Power { column: "x".to_owned(), exponent: 10 };
        // (1 + 2^-30)^10 = 1 + 10 * 2^-30 + 45 * 2^-60 + ...: the third term is below f64's last digit.
        let small = 2.0_f64.powi(-30);
        let rest = term.value(&[Dd::from(1.0 + small)]) - 1.0 - 10.0 * small;
        assert!((rest.to_f64() / small / small - 45.0).abs() < 1e-6);
    }
}
