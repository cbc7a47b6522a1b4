//! What is made of a row's value and that of an earlier one.

use common::order::Order;
use stats::{OrderStatistics as _, Quantiles};

/// A denominator below this share of the median training denominator says nothing: it is what rounding
/// leaves of a difference that should be zero.
const TINY_SHARE: f64 = 1e-9;

/// The value `rows` rows earlier in the entity; missing where there is none.
pub(crate) fn lag(values: &[f64], order: &Order, rows: usize) -> Vec<f64> {
    order.map(f64::NAN, |group, position| position.checked_sub(rows).map_or(f64::NAN, |p| values[group[p]]))
}

/// `a - b`, missing where either is or where it overflows.
pub(crate) fn difference(a: &[f64], b: &[f64]) -> (Vec<f64>, u64) {
    checked(a.iter().zip(b).map(|(a, b)| (a.is_nan() || b.is_nan(), a - b)))
}

/// `ln value`, missing where the value is, or is not above zero.
pub(crate) fn log(values: &[f64]) -> (Vec<f64>, u64) {
    checked(values.iter().map(|v| (v.is_nan(), libm::log(*v))))
}

/// `numerator / denominator`; missing where either is, where the denominator is at most `tiny` from
/// zero, or where the quotient overflows.
pub(crate) fn ratio(numerator: &[f64], denominator: &[f64], tiny: f64) -> (Vec<f64>, u64) {
    let quotient = |(a, b): (&f64, &f64)| {
        let quotient = if b.abs() <= tiny { f64::NAN } else { a / b };
        (a.is_nan() || b.is_nan(), quotient)
    };
    checked(numerator.iter().zip(denominator).map(quotient))
}

/// `(value - earlier) / earlier`, by the rules of [`ratio`].
pub(crate) fn percent_change(values: &[f64], earlier: &[f64], tiny: f64) -> (Vec<f64>, u64) {
    let quotient = |(value, earlier): (&f64, &f64)| {
        let quotient = if earlier.abs() <= tiny { f64::NAN } else { (value - earlier) / earlier };
        (value.is_nan() || earlier.is_nan(), quotient)
    };
    checked(values.iter().zip(earlier).map(quotient))
}

/// The largest denominator that counts as zero: learned from the training rows.
pub(crate) fn tiny(denominator: &[f64], train: &[bool]) -> f64 {
    let mut sizes = Quantiles::new();
    denominator.iter().zip(train).filter(|(_, t)| **t).for_each(|(d, _)| sizes.add(d.abs()));
    sizes.median().unwrap_or(0.0) * TINY_SHARE
}

/// Results that are not finite become missing; returns how many did where no operand was missing.
fn checked(results: impl Iterator<Item = (bool, f64)>) -> (Vec<f64>, u64) {
    let mut undefined = 0;
    let values = results.map(|(missing, value)| {
        if missing {
            return f64::NAN;
        }
        if !value.is_finite() {
            undefined += 1;
            return f64::NAN;
        }
        value
    });
    (values.collect(), undefined)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NaN as `None`, so that values compare.
    fn known(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect()
    }

    #[test]
    fn a_zero_denominator_gives_a_missing_value_that_is_counted() {
        let (values, undefined) =
            ratio(&[1.0, 0.0, 3.0, f64::NAN, 1e300], &[0.0, 0.0, 2.0, 1.0, 1e-300], 0.0);
        assert_eq!(known(&values), [None, None, Some(1.5), None, None]);
        assert_eq!(undefined, 3);
    }

    #[test]
    fn a_tiny_denominator_counts_as_zero() {
        // 0.1 + 0.2 - 0.3 is 5.6e-17 and should be 0; beside it denominators of 1.
        let denominators = [1.0, -1.0, 0.1 + 0.2 - 0.3, 1e-6];
        let tiny = tiny(&denominators, &[true, true, false, false]);
        let (values, undefined) = ratio(&[1.0; 4], &denominators, tiny);
        assert_eq!(known(&values), [Some(1.0), Some(-1.0), None, Some(1e6)]);
        assert_eq!(undefined, 1);
    }

    #[test]
    fn logs_of_what_has_none_are_missing() {
        let (values, undefined) = log(&[1.0, 0.0, -1.0, f64::NAN]);
        assert_eq!((known(&values), undefined), (vec![Some(0.0), None, None, None], 2));
    }
}
