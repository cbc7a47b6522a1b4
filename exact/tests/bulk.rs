//! Whole columns add up to what their numbers add up to one by one.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::cast_sign_loss,
    reason = "a test fails by panicking; exponents are made here"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use exact::Sum;
use proptest::prelude::*;

/// Values of a block, of squares and of products for one use of the places, and the fewest that get there.
const LENGTHS: [usize; 13] = [0, 1, 7, 8, 9, 47, 48, 49, 511, 512, 513, 4096, 4097];

/// The largest mantissa with an exponent field, and a sign.
fn full(field: u64, negative: bool) -> f64 {
    f64::from_bits((u64::from(negative) << 63) | (field << 52) | ((1 << 52) - 1))
}

fn bytes(sum: &Sum) -> String {
    serde_json::to_string(sum).unwrap()
}

/// All three sums in bulk, beside one by one.
fn check(a: &[f64], b: &[f64]) {
    let mut bulk = [Sum::from(0.1), Sum::from(0.1), Sum::from(0.1)];
    let mut single = bulk.clone();
    bulk[0].add_all(a);
    bulk[1].add_squares(a);
    bulk[2].add_products(a, b);
    for (a, b) in a.iter().zip(b) {
        single[0].add(*a);
        single[1].add_product(*a, *a);
        single[2].add_product(*a, *b);
    }
    for (bulk, single) in bulk.iter().zip(&single) {
        assert_eq!(bytes(bulk), bytes(single));
    }
}

fn any_finite() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite())
}

/// Columns of one kind: ordinary, whole, of all sizes, subnormal, near the largest, or some of each; with zeros.
fn column(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let zeros = || prop_oneof![Just(0.0), Just(-0.0)];
    let column = |value: BoxedStrategy<f64>| {
        prop::collection::vec(prop_oneof![9 => value, 1 => zeros()], 0..most).boxed()
    };
    let narrow = (1u64..2046, 0u64..140).prop_flat_map(move |(field, span)| {
        let value = (field..(field + span).min(2046) + 1, any::<u64>())
            .prop_map(|(field, bits)| f64::from_bits((bits & !(0x7ff << 52)) | (field << 52)));
        prop::collection::vec(value, 0..most)
    });
    prop_oneof![
        column((-1e3..1e3f64).boxed()),
        column((-1000i32..1000).prop_map(f64::from).boxed()),
        column(any_finite().boxed()),
        column((0u64..1 << 54).prop_map(f64::from_bits).boxed()),
        column(prop_oneof![Just(f64::MAX), Just(-f64::MAX), Just(1.0)].boxed()),
        column(prop_oneof![20 => -1e3..1e3f64, 1 => any_finite()].boxed()),
        narrow,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_as_one_by_one(a in column(1200), b in column(1200)) {
        let n = a.len().min(b.len());
        check(&a[..n], &b[..n]);
    }

    #[test]
    fn what_cancels_leaves_nothing(a in column(700)) {
        let negative: Vec<f64> = a.iter().map(|x| -x).collect();
        let mut sum = Sum::new();
        sum.add_all(&a);
        sum.add_all(&negative);
        prop_assert!(sum.is_zero());
        sum.add_products(&a, &a);
        sum.add_products(&negative, &a);
        prop_assert!(sum.is_zero());
    }
}

#[test]
fn blocks_full_of_the_largest_numbers() {
    for n in LENGTHS {
        for field in [1, 199, 200, 1023, 2000, 2001, 2046] {
            let same = vec![full(field, false); n];
            let turns: Vec<f64> = (0..n).map(|i| full(field, i % 3 == 1)).collect();
            check(&same, &same);
            check(&same, &turns);
            check(&turns, &turns);
        }
    }
}

/// The parts of a sum reach down to fields 36 and 81 below the largest, the places of products to 127 below.
#[test]
fn small_numbers_beside_large_ones() {
    for n in LENGTHS {
        for top in [150_u64, 200, 1023, 2000] {
            for down in [1, 35, 36, 37, 38, 44, 45, 80, 81, 82, 83, 126, 127, 128, 129, 149] {
                for every in [2, 64, 5000] {
                    let column: Vec<f64> = (0..n)
                        .map(|i| if i % every == 0 { full(top, false) } else { full(top - down, i % 7 == 0) })
                        .collect();
                    check(&column, &column);
                    let low = vec![full(top - down, true); n];
                    check(&column, &low);
                }
            }
        }
    }
}

#[test]
fn subnormal_numbers_and_zeros() {
    for n in LENGTHS {
        let least = vec![f64::from_bits(1); n];
        let zeros = vec![-0.0; n];
        let both: Vec<f64> =
            (0..n).map(|i| if i % 2 == 0 { f64::MIN_POSITIVE } else { f64::from_bits(3) }).collect();
        let large: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { f64::MAX } else { 0.0 }).collect();
        for a in [&least, &zeros, &both, &large] {
            for b in [&least, &zeros, &both, &large] {
                check(a, b);
            }
        }
    }
}

#[test]
fn what_is_not_finite_is_refused_wherever_it_stands() {
    let refused = |add: &dyn Fn(&mut Sum)| catch_unwind(AssertUnwindSafe(|| add(&mut Sum::new()))).is_err();
    for n in [1, 9, 48, 64, 513] {
        for value in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for other in [0.0, 1.0, 1e300, 5e-324] {
                for at in [0, n / 2, n - 1] {
                    let mut column = vec![other; n];
                    assert!(!refused(&|sum| sum.add_all(&column)));
                    column[at] = value;
                    let zeros = vec![0.0; n];
                    assert!(refused(&|sum| sum.add_all(&column)), "{value} at {at} of {n}");
                    assert!(refused(&|sum| sum.add_squares(&column)), "{value} at {at} of {n}");
                    assert!(refused(&|sum| sum.add_products(&column, &zeros)), "{value} at {at} of {n}");
                    assert!(refused(&|sum| sum.add_products(&zeros, &column)), "{value} at {at} of {n}");
                }
            }
        }
    }
    assert!(refused(&|sum| sum.add_products(&[1.0], &[])));
}
