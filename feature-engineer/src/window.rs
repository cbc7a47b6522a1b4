//! Lags and rolling statistics: looking back only, within the entity.

use crate::order::Order;
use crate::settings::Statistic;

/// The value `rows` rows earlier in the entity; missing where there is none.
pub(crate) fn lag(values: &[f64], order: &Order, rows: usize) -> Vec<f64> {
    order.map(f64::NAN, |group, position| position.checked_sub(rows).map_or(f64::NAN, |p| values[group[p]]))
}

/// A statistic of the last `window` rows of the entity, the row itself included unless `before`.
///
/// Missing until `min_rows` of them are known. Every window is computed from its own values: running
/// sums would keep the rounding of an outlier long after it has left the window.
pub(crate) fn rolling(
    values: &[f64],
    order: &Order,
    window: usize,
    min_rows: usize,
    statistic: Statistic,
    before: bool,
) -> Vec<f64> {
    let mut known = Vec::with_capacity(window.min(values.len()));
    order.map(f64::NAN, |group, position| {
        let end = if before { position } else { position + 1 };
        known.clear();
        known.extend(
            group[end.saturating_sub(window)..end].iter().map(|row| values[*row]).filter(|v| !v.is_nan()),
        );
        if known.len() < min_rows { f64::NAN } else { of(&known, statistic) }
    })
}

/// The statistic of at least one value; the deviation of a single one is missing.
fn of(values: &[f64], statistic: Statistic) -> f64 {
    let n = values.len() as f64;
    let mean = || values.iter().sum::<f64>() / n;
    let result = match statistic {
        Statistic::Mean => mean(),
        Statistic::Sum => values.iter().sum(),
        Statistic::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
        Statistic::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Statistic::Std => {
            let mean = mean();
            (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
        }
    };
    if result.is_finite() { result } else { f64::NAN }
}

/// `numerator / denominator`; missing where either is, where the denominator is zero, or where the
/// quotient is not finite. Returns the quotients and how many zero or overflowing divisions there were.
pub(crate) fn ratio(numerator: &[f64], denominator: &[f64]) -> (Vec<f64>, u64) {
    let mut undefined = 0;
    let quotient = |(a, b): (&f64, &f64)| {
        let q = a / b;
        if a.is_nan() || b.is_nan() {
            f64::NAN
        } else if q.is_finite() {
            q
        } else {
            undefined += 1;
            f64::NAN
        }
    };
    let values = numerator.iter().zip(denominator).map(quotient).collect();
    (values, undefined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{Column, DataFrame};

    fn order(entities: &[&str], times: &[i64]) -> Order {
        let table = DataFrame::new(entities.len(), vec![Column::new("e".into(), entities)]).unwrap();
        Order::new(&table, Some("e"), times).unwrap()
    }

    /// NaN as `None`, so that values compare.
    fn known(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect()
    }

    #[test]
    fn windows_stay_within_the_entity_and_look_back() {
        // In time order a: 1 2 4, b: 10 30; rows are shuffled.
        let order = order(&["a", "b", "a", "b", "a"], &[3, 1, 1, 2, 2]);
        let values = [4.0, 10.0, 1.0, 30.0, 2.0];
        assert_eq!(known(&lag(&values, &order, 1)), [Some(2.0), None, None, Some(10.0), Some(1.0)]);
        let means = rolling(&values, &order, 2, 2, Statistic::Mean, false);
        assert_eq!(known(&means), [Some(3.0), None, None, Some(20.0), Some(1.5)]);
        let before = rolling(&values, &order, 2, 2, Statistic::Mean, true);
        assert_eq!(known(&before), [Some(1.5), None, None, None, None]);
    }

    #[test]
    fn a_deviation_is_right_after_an_outlier_has_passed() {
        // 0.1, 0.2, ... repeats; the window of 3 after the outlier holds 0.3, 0.1, 0.2: sd 0.1.
        let values = [1e10, 0.1, 0.2, 0.3, 0.1, 0.2];
        let order = order(&["a"; 6], &[1, 2, 3, 4, 5, 6]);
        let sd = rolling(&values, &order, 3, 3, Statistic::Std, false);
        assert!((sd[5] - 0.1).abs() < 1e-15, "{}", sd[5]);
    }

    #[test]
    fn a_zero_denominator_gives_a_missing_value_that_is_counted() {
        let (values, undefined) = ratio(&[1.0, 0.0, 3.0, f64::NAN, 1e300], &[0.0, 0.0, 2.0, 1.0, 1e-300]);
        assert_eq!(known(&values), [None, None, Some(1.5), None, None]);
        assert_eq!(undefined, 3);
    }
}
