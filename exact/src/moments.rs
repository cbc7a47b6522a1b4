//! Mean, variance and standard deviation from exact sums, each rounded once.

use crate::sum::Sum;

/// `n sum xy - (sum x)(sum y)`, which is n times the sum of products of deviations from the means.
#[must_use]
pub fn centred(n: &Sum, products: &Sum, x: &Sum, y: &Sum) -> Sum {
    let mut centred = n.product(products);
    centred.subtract(&x.product(y));
    centred
}

/// `sum / n`; NaN where `n` is 0.
#[must_use]
pub fn mean(n: u64, sum: &Sum) -> f64 {
    sum.quotient(&count(n))
}

/// The sample variance, `(n sum x^2 - (sum x)^2) / (n (n - 1))`; NaN for fewer than two values, infinite beyond the
/// range of f64.
#[must_use]
pub fn variance(n: u64, sum: &Sum, squares: &Sum) -> f64 {
    let (above, below) = spread(n, sum, squares);
    above.quotient(&below)
}

/// The sample standard deviation, the root of the exact variance; NaN for fewer than two values.
#[must_use]
pub fn sd(n: u64, sum: &Sum, squares: &Sum) -> f64 {
    let (above, below) = spread(n, sum, squares);
    above.root_of_quotient(&below)
}

fn spread(n: u64, sum: &Sum, squares: &Sum) -> (Sum, Sum) {
    let rows = count(n);
    (centred(&rows, squares, sum, sum), rows.product(&count(n.saturating_sub(1))))
}

/// A count, exactly; data has fewer rows than 2^63.
fn count(n: u64) -> Sum {
    let mut sum = Sum::new();
    sum.add_integer(i64::try_from(n).unwrap_or(i64::MAX));
    sum
}
