#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::excessive_precision,
    clippy::missing_panics_doc,
    clippy::precedence,
    clippy::doc_markdown,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "tests compare bits, and each uses its part of the support"
)]

mod support;

use exact::{NotFinite, Sum};
use num_rational::BigRational;
use num_traits::Zero;
use proptest::prelude::*;
use support::{nearest, rational, rational_sum};

/// Any finite f64: all exponents, subnormals and zeros of both signs among them.
fn any_finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite()),
        -1e3..1e3f64,
        (-1000i32..1000).prop_map(f64::from),
        (0u64..1 << 54).prop_map(f64::from_bits),
    ]
}

fn bytes(sum: &Sum) -> String {
    serde_json::to_string(sum).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_sum_is_the_rational_sum(numbers in prop::collection::vec(any_finite(), 0..40)) {
        let sum: Sum = numbers.iter().copied().collect();
        let truth: BigRational = numbers.iter().map(|x| rational(*x)).sum();
        prop_assert_eq!(rational_sum(&sum), truth.clone());
        prop_assert_eq!(sum.to_f64(), nearest(&truth));
        prop_assert_eq!(sum.is_zero(), truth.is_zero());
    }

    #[test]
    fn the_sum_of_products_is_exact(pairs in prop::collection::vec((any_finite(), any_finite()), 0..20)) {
        let mut sum = Sum::new();
        for (a, b) in &pairs {
            sum.add_product(*a, *b);
        }
        let truth: BigRational = pairs.iter().map(|(a, b)| rational(*a) * rational(*b)).sum();
        prop_assert_eq!(rational_sum(&sum), truth);
        for (a, b) in &pairs {
            sum.remove_product(*a, *b);
        }
        prop_assert_eq!(sum, Sum::new());
    }

    #[test]
    fn order_and_pieces_do_not_matter(
        (numbers, shuffled) in prop::collection::vec(any_finite(), 1..60)
            .prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole: Sum = numbers.iter().copied().collect();
        let (a, b) = shuffled.split_at(cut.index(shuffled.len()));
        let (a, b): (Sum, Sum) = (a.iter().copied().collect(), b.iter().copied().collect());
        let mut merged = b.clone();
        merged.merge(&a);
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(bytes(&merged), bytes(&whole));
        merged.subtract(&a);
        prop_assert_eq!(bytes(&merged), bytes(&b));
        for number in &numbers {
            merged.add(*number);
        }
        for number in numbers.iter().rev() {
            merged.remove(*number);
        }
        prop_assert_eq!(bytes(&merged), bytes(&b));
    }

    #[test]
    fn what_is_written_is_read(numbers in prop::collection::vec(any_finite(), 0..10)) {
        let sum: Sum = numbers.into_iter().collect();
        let back: Sum = serde_json::from_str(&bytes(&sum)).unwrap();
        prop_assert_eq!(&back, &sum);
        prop_assert_eq!(bytes(&back), bytes(&sum));
    }

    #[test]
    fn products_and_order_of_sums(a in any_finite(), b in any_finite(), c in any_finite()) {
        let sum: Sum = [a, b].into_iter().collect();
        let product = sum.product(&Sum::from(c));
        let truth = (rational(a) + rational(b)) * rational(c);
        prop_assert_eq!(rational_sum(&product), truth);
        prop_assert_eq!(&sum.times(c), &product);
        prop_assert_eq!(sum.cmp(&Sum::from(c)), (rational(a) + rational(b)).cmp(&rational(c)));
    }

    #[test]
    fn a_double_double_of_the_sum_is_within_its_bound(numbers in prop::collection::vec(-1e9..1e9f64, 1..20)) {
        let sum: Sum = numbers.into_iter().collect();
        let truth = rational_sum(&sum);
        let value = sum.to_dd();
        prop_assert!(support::relative_error(&support::rational_dd(value), &truth) <= 1.3e-32);
    }
}

#[test]
fn halves_go_to_even() {
    let half = 2f64.powi(-53);
    let at = |parts: &[f64]| parts.iter().copied().collect::<Sum>().to_f64();
    assert_eq!(at(&[1.0, half]), 1.0);
    assert_eq!(at(&[1.0, half, 1e-300]), 1.0 + f64::EPSILON);
    assert_eq!(at(&[1.0, f64::EPSILON, half]), 1.0 + 2.0 * f64::EPSILON);
    assert_eq!(at(&[1.0, f64::EPSILON, half, -1e-300]), 1.0 + f64::EPSILON);
    assert_eq!(at(&[f64::MAX, f64::MAX]), f64::INFINITY);
    assert_eq!(at(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
    assert_eq!(at(&[f64::MIN_POSITIVE, -5e-324]), f64::MIN_POSITIVE - 5e-324);
}

#[test]
fn nan_and_infinity_are_refused() {
    let mut sum = Sum::from(2.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(sum.try_add(bad), Err(NotFinite));
        assert!(std::panic::catch_unwind(move || Sum::from(bad)).is_err());
    }
    assert_eq!(sum, Sum::from(2.0));
}

#[test]
fn damaged_bytes_are_refused() {
    for text in ["[false,0,[0]]", "[true,0,[]]", "[false,1,[]]", "[false,0,[1,0]]", "[false,2000000000,[1]]"]
    {
        assert!(serde_json::from_str::<Sum>(text).is_err(), "{text}");
    }
}

#[test]
fn integers_and_ratios() {
    let mut sum = Sum::new();
    sum.add_integer(i64::MIN);
    sum.add_integer(i64::MAX);
    assert_eq!(sum.to_f64(), -1.0);
    let mut huge = Sum::new();
    huge.add_product(1e300, 1e300);
    assert_eq!(huge.to_f64(), f64::INFINITY);
    assert_eq!(huge.ratio(&huge).to_f64(), 1.0);
    assert_eq!(huge.times(3.0).ratio(&huge).to_f64(), 3.0);
}
