//! What is learned has the same bytes for any order of the rows and any cut into pieces.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

use proptest::prelude::*;
use serde::Serialize;
use stats::{
    Calibration, Categories, CategoryReference, Column, Errors, Isotonic, Moments, OrderStatistics, Pairs,
    Quantiles, Reference,
};
use support::Random;

/// Values of all sizes, with ties, both zeros, and what is not a value.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<f64>(),
        4 => -1e3..1e3,
        4 => (-5..5).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(-0.0),
    ]
}

/// Ordinary values with ties, whose squares stay in range.
fn ordinary() -> impl Strategy<Value = f64> {
    prop_oneof![-1e3..1e3, (-5..5).prop_map(f64::from)]
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// The rows in another order, in pieces that are merged in another order.
fn pieces<T: Clone, L>(rows: &[T], seed: u64, learn: impl Fn(&[T]) -> L, merge: impl Fn(&mut L, &L)) -> L {
    let mut random = Random(seed);
    let mut rows = rows.to_vec();
    random.shuffle(&mut rows);
    let mut learned = vec![learn(&[])];
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(1 + random.below(rest.len()));
        learned.push(learn(piece));
        rest = after;
    }
    while learned.len() > 1 {
        let one = learned.swap_remove(random.below(learned.len()));
        let into = random.below(learned.len());
        merge(&mut learned[into], &one);
    }
    learned.remove(0)
}

proptest! {
    #[test]
    fn columns(rows in prop::collection::vec(value(), 0..60), seed in any::<u64>()) {
        let learn = |rows: &[f64]| { let mut c = Column::new(); c.extend(rows); c };
        let mut whole = learn(&rows);
        let mut merged = pieces(&rows, seed, learn, Column::merge);
        prop_assert_eq!(&whole, &merged);
        prop_assert_eq!(json(&whole), json(&merged));
        prop_assert_eq!(json(&whole.summary()), json(&merged.summary()));
        // Again after questions, which may have reordered what is kept.
        prop_assert_eq!(json(&whole), json(&merged));
        let back: Column = serde_json::from_str(&json(&merged)).unwrap();
        prop_assert_eq!(&back, &whole);
    }

    #[test]
    fn references(rows in prop::collection::vec(value(), 0..60), new in prop::collection::vec(value(), 0..60), seed in any::<u64>()) {
        let learn = |rows: &[f64]| { let mut q = Quantiles::new(); q.extend(rows); q };
        let reference = Reference::learn(&rows);
        // Unsorted here, sorted there.
        let merged = Reference::from_order(&mut pieces(&rows, seed, learn, Quantiles::merge));
        prop_assert_eq!(json(&reference), json(&merged));
        prop_assert!(reference.edges().len() <= 10);
        prop_assert!(reference.edges().windows(2).all(|w| w[0] < w[1]));
        let own = reference.count(&rows);
        prop_assert_eq!(own.bins(), reference.bin_counts());
        let counts = reference.count(&new);
        let merged = pieces(&new, seed, |rows| reference.count(rows), |a, b| a.merge(b).unwrap());
        prop_assert_eq!(json(&counts), json(&merged));
        let psi = reference.compare(&counts);
        prop_assert_eq!(psi.psi.is_none(), rows.is_empty() || new.is_empty());
        prop_assert!(psi.psi.is_none_or(|psi| psi >= 0.0 && psi.is_finite()));
        prop_assert_eq!(&serde_json::from_str::<stats::Psi>(&json(&psi)).unwrap(), &psi);
        let back: Reference = serde_json::from_str(&json(&reference)).unwrap();
        prop_assert_eq!(back, reference);
    }

    #[test]
    fn categories(rows in prop::collection::vec(prop::option::of("[a-d]{0,2}"), 0..60), seed in any::<u64>()) {
        let learn = |rows: &[Option<String>]| { let mut c = Categories::new(); c.extend(rows.iter().map(Option::as_deref)); c };
        let whole = learn(&rows);
        let merged = pieces(&rows, seed, learn, Categories::merge);
        prop_assert_eq!(json(&whole), json(&merged));
        let reference = CategoryReference::learn(&whole);
        let count = |rows: &[Option<String>]| reference.count(rows.iter().map(Option::as_deref));
        let merged = pieces(&rows, seed, count, |a, b| a.merge(b).unwrap());
        prop_assert_eq!(json(&count(&rows)), json(&merged));
        prop_assert!(reference.compare(&merged).psi.is_none_or(|psi| psi == 0.0));
    }

    #[test]
    fn errors(rows in prop::collection::vec((value(), value()), 0..60), seed in any::<u64>()) {
        let learn = |rows: &[(f64, f64)]| { let mut e = Errors::new(); rows.iter().for_each(|r| e.add(r.0, r.1)); e };
        let mut whole = learn(&rows);
        let mut merged = pieces(&rows, seed, learn, Errors::merge);
        prop_assert_eq!(json(&whole), json(&merged));
        let found = whole.measures();
        prop_assert_eq!(json(&found), json(&merged.measures()));
        prop_assert_eq!(serde_json::from_str::<stats::ErrorMeasures>(&json(&found)).unwrap(), found);
    }

    #[test]
    fn calibrations(rows in prop::collection::vec((value(), value()), 0..60), seed in any::<u64>()) {
        let learn = |rows: &[(f64, f64)]| { let mut c = Calibration::new(); rows.iter().for_each(|r| c.add(r.0, r.1)); c };
        let mut whole = learn(&rows);
        let mut merged = pieces(&rows, seed, learn, Calibration::merge);
        prop_assert_eq!(json(&whole), json(&merged));
        let found = whole.measures();
        prop_assert_eq!(json(&found), json(&merged.measures()));
        prop_assert_eq!(serde_json::from_str::<stats::CalibrationMeasures>(&json(&found)).unwrap(), found);
    }

    #[test]
    fn the_parts_add_up(rows in prop::collection::vec((ordinary(), ordinary()), 1..80)) {
        let mut pairs = Pairs::new();
        rows.iter().for_each(|row| pairs.add(row.0, row.1));
        let fit = Isotonic::fit(&mut pairs).unwrap();
        let parts = &fit.decomposition;
        let (mse, mcb, dsc, unc) = (parts.mse.unwrap(), parts.mcb.unwrap(), parts.dsc.unwrap(), parts.unc.unwrap());
        prop_assert!(mcb >= 0.0 && dsc >= 0.0 && dsc <= unc);
        prop_assert!((mse - (mcb - dsc + unc)).abs() <= 1e-15 * (mse + mcb + dsc + unc));
        prop_assert!(fit.steps.windows(2).all(|w| w[0].fitted <= w[1].fitted && w[0].max_predicted < w[1].min_predicted));
        // Predictions already recalibrated have nothing left to gain.
        let mut again = Pairs::new();
        for step in &fit.steps {
            for row in &rows {
                if (step.min_predicted..=step.max_predicted).contains(&row.0) {
                    again.add(step.fitted, row.1);
                }
            }
        }
        let again = Isotonic::fit(&mut again).unwrap().decomposition;
        prop_assert!(again.mcb.unwrap() <= 1e-12 * (1.0 + unc));
    }

    #[test]
    fn moments_agree_with_two_passes(rows in prop::collection::vec(ordinary(), 2..80)) {
        let mut moments = Moments::new();
        moments.extend(&rows);
        let n = f64::from(u32::try_from(rows.len()).unwrap());
        let mean = rows.iter().sum::<f64>() / n;
        let variance = rows.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        prop_assert!((moments.variance().unwrap() - variance).abs() <= 1e-12 * (1.0 + variance));
        let mut quantiles = Quantiles::new();
        quantiles.extend(&rows);
        prop_assert_eq!(quantiles.quantile(0.0), moments.min());
        prop_assert_eq!(quantiles.quantile(1.0), moments.max());
    }
}
