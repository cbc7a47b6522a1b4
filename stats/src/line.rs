use exact::Sum;
use serde::{Deserialize, Serialize};

use crate::absent::{finite, ratio, root_of_ratio};
use crate::{Absent, Reason, Value, present, rows};
use exact::moments::centred;

/// Sums of predictions `f`, outcomes `y`, their squares and products, without rounding.
///
/// From them: the line of `y` on `f`, and the mean squared error. Memory: constant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    n: u64,
    missing: u64,
    f: Sum,
    y: Sum,
    ff: Sum,
    fy: Sum,
    yy: Sum,
}

/// The least-squares line `y = intercept + slope f` of outcomes on predictions, and its test against
/// `y = f` (Mincer and Zarnowitz 1969).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineFit {
    /// Slope, no unit; 1 is ideal, below 1 the predictions are too spread out.
    pub slope: Option<f64>,
    /// Standard error of the slope.
    pub slope_se: Option<f64>,
    /// Intercept, in the unit of the target; 0 is ideal.
    pub intercept: Option<f64>,
    /// Standard error of the intercept.
    pub intercept_se: Option<f64>,
    /// F of the joint hypothesis intercept 0 and slope 1, with 2 and `n - 2` degrees of freedom.
    pub f_statistic: Option<f64>,
    /// Chance of such an F or a larger one if the hypothesis holds and the rows are independent.
    pub p_value: Option<f64>,
    /// Degrees of freedom of the residuals, `n - 2`; 0 if there are fewer than two rows.
    pub df: u64,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Line {
    /// Sums over no rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; it counts as missing unless both are finite.
    pub fn add(&mut self, predicted: f64, actual: f64) {
        let Some((f, y)) = present(predicted).zip(present(actual)) else {
            self.missing += 1;
            return;
        };
        self.n += 1;
        self.f.add(f);
        self.y.add(y);
        self.ff.add_product(f, f);
        self.fy.add_product(f, y);
        self.yy.add_product(y, y);
    }

    /// Adds rows given as columns of the same length, with the same result as one by one.
    pub fn extend(&mut self, predicted: &[f64], actual: &[f64]) {
        self.missing += rows::complete([predicted, actual], |[f, y]| {
            self.n += f.len() as u64;
            self.f.add_all(f);
            self.y.add_all(y);
            self.ff.add_squares(f);
            self.fy.add_products(f, y);
            self.yy.add_squares(y);
        });
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.missing += other.missing;
        self.f.merge(&other.f);
        self.y.merge(&other.y);
        self.ff.merge(&other.ff);
        self.fy.merge(&other.fy);
        self.yy.merge(&other.yy);
    }

    /// How many rows have both.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// How many rows lack one or both.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Mean of the predictions, in the unit of the target.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn mean_predicted(&self) -> Value {
        ratio(&self.f, &self.rows()?)
    }

    /// Mean of the outcomes, in the unit of the target.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn mean_actual(&self) -> Value {
        ratio(&self.y, &self.rows()?)
    }

    /// Mean of prediction minus outcome, in the unit of the target: above 0, predictions are too high.
    ///
    /// # Errors
    /// [`Reason::NoRows`].
    pub fn bias(&self) -> Value {
        let mut sum = self.f.clone();
        sum.subtract(&self.y);
        ratio(&sum, &self.rows()?)
    }

    /// Sample standard deviation of the outcomes, in the unit of the target.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one row.
    pub fn sd_actual(&self) -> Value {
        let n = self.rows()?;
        if self.n < 2 {
            return Err(Reason::TooFewRows);
        }
        root_of_ratio(&self.total(&n), &n.times((self.n - 1) as f64))
    }

    /// The least-squares line and its test; all of it from exact sums, each figure rounded at the end.
    #[must_use]
    pub fn fit(&self) -> LineFit {
        let mut absent = Absent::default();
        let exact = self.exact();
        let exact = exact.as_ref().map_err(|reason| *reason);
        let tested = exact.and_then(|e| if self.n < 3 { Err(Reason::TooFewRows) } else { Ok(e) });
        let f_statistic = tested.and_then(|e| self.f_statistic(e));
        LineFit {
            slope: absent.keep("slope", exact.and_then(|e| ratio(&e.b, &e.a))),
            slope_se: absent.keep("slope_se", tested.and_then(|e| self.slope_se(e))),
            intercept: absent.keep("intercept", exact.and_then(|e| self.intercept(e))),
            intercept_se: absent.keep("intercept_se", tested.and_then(|e| self.intercept_se(e))),
            f_statistic: absent.keep("f_statistic", f_statistic),
            p_value: absent.keep("p_value", f_statistic.map(|f| p_value(f, self.n - 2))),
            df: self.n.saturating_sub(2),
            absent,
        }
    }

    /// Share of the outcomes' sum of squares around their mean that the line leaves, `SSE / SST`, no unit:
    /// 1 less the squared correlation.
    ///
    /// # Errors
    /// [`Reason::NoRows`], [`Reason::TooFewRows`] for one row, [`Reason::NoVariance`] where all predictions
    /// or all outcomes are the same.
    pub fn unexplained(&self) -> Value {
        let e = self.exact()?;
        let total = self.total(&e.n);
        if total.is_zero() {
            return Err(Reason::NoVariance);
        }
        ratio(&e.d, &e.a.product(&total))
    }

    /// With n rows, and S the sums of products of deviations from the means: `a = n S_ff`,
    /// `b = n S_fy`, `d = a n S_yy - b^2`, which is `n a` times the line's sum of squared residuals.
    fn exact(&self) -> Value<Exact> {
        let n = self.rows()?;
        if self.n < 2 {
            return Err(Reason::TooFewRows);
        }
        let a = centred(&n, &self.ff, &self.f, &self.f);
        if a.is_zero() {
            return Err(Reason::NoVariance);
        }
        let b = centred(&n, &self.fy, &self.f, &self.y);
        let mut d = a.product(&self.total(&n));
        d.subtract(&b.product(&b));
        Ok(Exact { n, a, b, d })
    }

    /// `(sum y - slope sum f) / n`, brought to one fraction.
    fn intercept(&self, e: &Exact) -> Value {
        let mut above = self.y.product(&e.a);
        above.subtract(&self.f.product(&e.b));
        ratio(&above, &e.n.product(&e.a))
    }

    /// Root of `s^2 / S_ff`, where `s^2 = d / (n a (n - 2))`.
    fn slope_se(&self, e: &Exact) -> Value {
        root_of_ratio(&e.d, &e.a.product(&e.a).times((self.n - 2) as f64))
    }

    /// Root of `s^2 (1/n + mean_f^2 / S_ff)`, which is `s^2 sum f^2 / a`.
    fn intercept_se(&self, e: &Exact) -> Value {
        let below = e.a.product(&e.a).product(&e.n).times((self.n - 2) as f64);
        root_of_ratio(&e.d.product(&self.ff), &below)
    }

    /// `((SSE of y = f) - (SSE of the line)) / 2 / s^2`.
    fn f_statistic(&self, e: &Exact) -> Value {
        if e.d.is_zero() {
            return Err(Reason::PerfectFit);
        }
        let mut above = self.squared_error().product(&e.n).product(&e.a);
        above.subtract(&e.d);
        finite(above.times((self.n - 2) as f64).ratio(&e.d.times(2.0)).to_f64())
    }

    /// `n sum (y - mean y)^2`.
    pub(crate) fn total(&self, n: &Sum) -> Sum {
        centred(n, &self.yy, &self.y, &self.y)
    }

    /// `sum (f - y)^2`, without rounding.
    pub(crate) fn squared_error(&self) -> Sum {
        let mut sum = self.fy.times(-2.0);
        sum.merge(&self.ff);
        sum.merge(&self.yy);
        sum
    }

    /// The number of rows as a sum, to compute with.
    pub(crate) fn rows(&self) -> Value<Sum> {
        if self.n == 0 { Err(Reason::NoRows) } else { Ok(Sum::from(self.n as f64)) }
    }
}

struct Exact {
    n: Sum,
    a: Sum,
    b: Sum,
    d: Sum,
}

/// Upper tail of F with 2 and `df` degrees of freedom: `(1 + 2 F / df)^(-df / 2)`, in closed form.
pub(crate) fn p_value(f: f64, df: u64) -> f64 {
    let df = df as f64;
    (-df / 2.0 * (2.0 * f / df).ln_1p()).exp()
}
