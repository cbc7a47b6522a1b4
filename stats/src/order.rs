//! Sorting by value: as whole numbers, which are compared in half the time.

/// Whole numbers in the order of the values ([`f64::total_cmp`]).
#[inline]
pub(crate) fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The value of a key.
#[inline]
pub(crate) fn value(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

const SIGN: u64 = 1 << 63;

/// Sorts values by [`f64::total_cmp`], in place.
pub(crate) fn sort(values: &mut Vec<f64>) {
    if values.is_sorted_by(|a, b| a.total_cmp(b).is_le()) {
        return;
    }
    // Collecting into items of the same size keeps the allocation.
    let mut keys: Vec<u64> = std::mem::take(values).into_iter().map(key).collect();
    keys.sort_unstable();
    *values = keys.into_iter().map(value).collect();
}

/// Sorts pairs by the first values, then the second ones, in place.
pub(crate) fn sort_pairs(rows: &mut Vec<(f64, f64)>) {
    if rows.is_sorted_by(|a, b| both(keys(*a)) <= both(keys(*b))) {
        return;
    }
    let mut keys: Vec<(u64, u64)> = std::mem::take(rows).into_iter().map(keys).collect();
    keys.sort_unstable_by_key(|row| both(*row));
    *rows = keys.into_iter().map(|(a, b)| (value(a), value(b))).collect();
}

fn keys(row: (f64, f64)) -> (u64, u64) {
    (key(row.0), key(row.1))
}

/// Two keys as one, which takes no branch to compare.
#[inline]
pub(crate) fn both((first, second): (u64, u64)) -> u128 {
    (u128::from(first) << 64) | u128::from(second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            (-3..3).prop_map(f64::from),
            Just(-0.0),
            Just(f64::INFINITY)
        ]
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    proptest! {
        #[test]
        fn as_total_cmp(values in prop::collection::vec(any_value(), 0..200)) {
            let (mut sorted, mut truth) = (values.clone(), values.clone());
            sort(&mut sorted);
            truth.sort_by(f64::total_cmp);
            prop_assert_eq!(bits(&sorted), bits(&truth));
            prop_assert!(values.iter().all(|v| value(key(*v)).to_bits() == v.to_bits()));
        }

        #[test]
        fn pairs_as_total_cmp(rows in prop::collection::vec((any_value(), any_value()), 0..200)) {
            let (mut sorted, mut truth) = (rows.clone(), rows);
            sort_pairs(&mut sorted);
            truth.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let bits = |rows: &[(f64, f64)]| -> Vec<(u64, u64)> { rows.iter().map(|r| (r.0.to_bits(), r.1.to_bits())).collect() };
            prop_assert_eq!(bits(&sorted), bits(&truth));
        }
    }
}
