//! Columns added at once teach, to the bit, what their rows teach one by one.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use serde::Serialize;
use stats::{
    Calibration, Column, Counts, Coverage, Dependence, Errors, Line, Moments, OrderStatistics as _, Pairs,
    Quantiles, Reference, Sample,
};

/// Values of all sizes, with ties, both zeros, subnormal ones, and what is not a value.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => any::<f64>(),
        8 => -1e3..1e3,
        4 => (-5..5).prop_map(f64::from),
        1 => (0u64..1 << 53).prop_map(f64::from_bits),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(f64::MAX)],
        1 => Just(-0.0),
    ]
}

/// A column of any values, or of ordinary ones with few missing; lengths on both sides of a block.
fn column() -> impl Strategy<Value = Vec<f64>> {
    let ordinary = || prop_oneof![60 => -1e3..1e3, 10 => (-5..5).prop_map(f64::from), 1 => Just(f64::NAN)];
    let lengths = || prop_oneof![0usize..80, 1020usize..1030, 2040usize..2060];
    prop_oneof![
        lengths().prop_flat_map(|n| prop::collection::vec(value(), n)),
        lengths().prop_flat_map(move |n| prop::collection::vec(ordinary(), n)),
        lengths().prop_flat_map(|n| prop::collection::vec(-9.0..9.0, n)),
    ]
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// Counts of a column that was sorted, and of the same one that was not: they must be equal.
fn sorted(reference: &Reference, values: &[f64]) -> Counts {
    let mut column = Quantiles::new();
    column.extend(values);
    let before = reference.count_sorted(&column);
    column.sort();
    assert_eq!(reference.count_sorted(&column), before);
    before
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_column(values in column(), before in value()) {
        let (mut single, mut bulk) = (Column::new(), Column::new());
        let (mut moments, mut quantiles) = (Moments::new(), Quantiles::new());
        single.add(before);
        bulk.add(before);
        moments.add(before);
        quantiles.add(before);
        for &value in &values {
            single.add(value);
            moments.add(value);
            quantiles.add(value);
        }
        bulk.extend(&values);
        prop_assert_eq!(json(&bulk), json(&single));
        prop_assert_eq!(json(&bulk.moments), json(&moments));
        prop_assert_eq!(json(&bulk.quantiles), json(&quantiles));
        prop_assert_eq!(bulk.quantiles.moments().min(), moments.min());
    }

    #[test]
    fn predictions_and_outcomes(predicted in column(), actual in column()) {
        let rows = || predicted.iter().copied().zip(actual.iter().copied());
        let (mut line, mut errors) = (Line::new(), Errors::new());
        let (mut calibration, mut pairs) = (Calibration::new(), Pairs::new());
        for (f, y) in rows() {
            line.add(f, y);
            errors.add(f, y);
            calibration.add(f, y);
            pairs.add(f, y);
        }
        // The longer column is cut, and what was there before stays.
        let (mut lines, mut all, mut table, mut kept) =
            (Line::new(), Errors::new(), Calibration::new(), Pairs::new());
        lines.extend(&predicted, &actual);
        all.extend(&predicted, &actual);
        table.extend(&predicted, &actual);
        kept.extend(&predicted, &actual);
        prop_assert_eq!(json(&lines), json(&line));
        prop_assert_eq!(json(&all), json(&errors));
        prop_assert_eq!(json(&table), json(&calibration));
        prop_assert_eq!(json(&kept), json(&pairs));
        let (mut all, mut table) = (Errors::new(), Calibration::new());
        all.extend_with(&lines, &predicted, &actual);
        table.extend_with(&lines, &predicted, &actual);
        prop_assert_eq!(json(&all), json(&errors));
        prop_assert_eq!(json(&table), json(&calibration));
        prop_assert_eq!(json(&all.measures()), json(&errors.measures()));
    }

    #[test]
    fn intervals(a in column(), b in column(), actual in column()) {
        let mut single = Coverage::new();
        for ((a, b), actual) in a.iter().zip(&b).zip(&actual) {
            single.add(*a, *b, *actual);
        }
        let mut bulk = Coverage::new();
        bulk.extend(&a, &b, &actual);
        prop_assert_eq!(json(&bulk), json(&single));
    }

    #[test]
    fn samples(predicted in column(), actual in column(), rival in column()) {
        let n = predicted.len().min(actual.len());
        let keys: Vec<i64> = (0..13).cycle().take(n).collect();
        let mut single = Sample::new(1);
        for i in 0..n {
            single.add(keys[i], predicted[i], actual[i], &[rival.get(i).copied().unwrap_or(f64::NAN)]);
        }
        let mut bulk = Sample::new(1);
        bulk.extend(&keys, &predicted, &actual, &[&rival]);
        prop_assert_eq!((bulk.n(), bulk.missing()), (single.n(), single.missing()));
        prop_assert_eq!(json(&bulk.line(Dependence::Time, 0.9)), json(&single.line(Dependence::Time, 0.9)));
    }

    /// Of a reference with few values, one with many, and one of the same values.
    #[test]
    fn counts_in_the_bins_of_a_reference(train in column(), values in column(), scale in -3..3) {
        let moved: Vec<f64> = values.iter().map(|value| value * 10f64.powi(scale)).collect();
        let steps: Vec<f64> = train.iter().map(|value| value.round()).collect();
        for reference in [Reference::learn(&train), Reference::learn(&steps), Reference::learn(&values)] {
            for values in [&values, &moved, &train] {
                let mut single = reference.empty();
                reference.add(&mut single, 1.0);
                let mut bulk = single.clone();
                values.iter().for_each(|value| reference.add(&mut single, *value));
                reference.extend(&mut bulk, values);
                prop_assert_eq!(json(&bulk), json(&single));
                prop_assert_eq!(json(&sorted(&reference, values)), json(&reference.count(values)));
            }
        }
    }

    /// Values right at the points and edges, and next to them.
    #[test]
    fn counts_at_the_edges(train in column()) {
        let reference = Reference::learn(&train);
        let at = reference.edges().iter().chain(reference.grid_points());
        let values: Vec<f64> = at.flat_map(|x| [*x, x.next_down(), x.next_up(), x / 3.0, -x]).collect();
        let mut single = reference.empty();
        values.iter().for_each(|value| reference.add(&mut single, *value));
        prop_assert_eq!(json(&reference.count(&values)), json(&single));
        prop_assert_eq!(json(&sorted(&reference, &values)), json(&single));
    }

    #[test]
    fn a_reference_with_moments_that_are_known(train in column()) {
        let mut column = Column::new();
        column.extend(&train);
        column.quantiles.sort();
        let reference = Reference::from_order_with(&mut column.quantiles, &column.moments);
        prop_assert_eq!(json(&reference), json(&Reference::learn(&train)));
    }
}
