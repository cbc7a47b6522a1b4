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

use exact::Dd;
use num_traits::Signed;
use proptest::prelude::*;
use support::{rational, rational_dd, relative_error};

/// Double-doubles of unlike sizes, with low halves from nothing to the largest.
fn any_dd() -> impl Strategy<Value = Dd> {
    (-1e3..1e3f64, -1.0..1.0f64, -60i32..60, 0i32..60).prop_map(|(hi, lo, scale, gap)| {
        let lo = hi * lo * 2f64.powi(-53 - gap);
        Dd::from_sum(hi * 2f64.powi(scale), lo * 2f64.powi(scale))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn errors_stay_in_bound(a in any_dd(), b in any_dd()) {
        prop_assume!(!a.is_zero() && !b.is_zero());
        let (x, y) = (rational_dd(a), rational_dd(b));
        prop_assert!(relative_error(&rational_dd(a + b), &(&x + &y)) < 3.8e-32);
        prop_assert!(relative_error(&rational_dd(a - b), &(&x - &y)) < 3.8e-32);
        prop_assert!(relative_error(&rational_dd(a * b), &(&x * &y)) < 6.2e-32);
        prop_assert!(relative_error(&rational_dd(a / b), &(&x / &y)) < 1.3e-31);
        // A root is measured by its square, whose relative error is twice that of the root.
        let root = rational_dd(a.abs().sqrt());
        prop_assert!(relative_error(&(&root * &root), &x.abs()) < 8e-32);
    }

    #[test]
    fn errors_with_f64_stay_in_bound(a in any_dd(), b in any_dd()) {
        let f = b.hi();
        prop_assume!(!a.is_zero() && f != 0.0);
        let (x, y) = (rational_dd(a), rational(f));
        prop_assert!(relative_error(&rational_dd(a + f), &(&x + &y)) < 2.6e-32);
        prop_assert!(relative_error(&rational_dd(f - a), &(&y - &x)) < 3.8e-32);
        prop_assert!(relative_error(&rational_dd(a * f), &(&x * &y)) < 2.6e-32);
        prop_assert!(relative_error(&rational_dd(a / f), &(&x / &y)) < 3.8e-32);
        prop_assert!(relative_error(&rational_dd(f / a), &(&y / &x)) < 1.3e-31);
    }

    #[test]
    fn error_free_transformations(a in -1e9..1e9f64, b in -1e-9..1e9f64) {
        prop_assert_eq!(rational_dd(Dd::from_sum(a, b)), rational(a) + rational(b));
        prop_assert_eq!(rational_dd(Dd::from_product(a, b)), rational(a) * rational(b));
    }

    #[test]
    fn order_is_that_of_the_numbers(a in any_dd(), b in any_dd()) {
        prop_assert_eq!(a.partial_cmp(&b), rational_dd(a).partial_cmp(&rational_dd(b)));
    }

    #[test]
    fn integers_are_exact(n in any::<i64>(), m in any::<u64>()) {
        prop_assert_eq!(rational_dd(Dd::from(n)).to_integer(), n.into());
        prop_assert_eq!(rational_dd(Dd::from(m)).to_integer(), m.into());
    }
}

#[test]
fn powers_of_ten() {
    for exponent in -200..=200 {
        let truth = num_rational::BigRational::from_integer(10.into()).pow(exponent);
        let error = relative_error(&rational_dd(Dd::power_of_ten(exponent)), &truth);
        assert!(error < 1e-30, "10^{exponent}: {error:e}");
        assert!(error == 0.0 || !(0..=44).contains(&exponent));
    }
}

#[test]
fn a_third_has_both_halves() {
    let third = Dd::ONE / Dd::from(3.0);
    assert_ne!(third.lo(), 0.0);
    assert_eq!((third * 3.0).to_f64(), 1.0);
    assert!(Dd::from(-1.0).sqrt().hi().is_nan());
    assert!(Dd::ZERO.sqrt().is_zero());
}

#[test]
fn scaling_by_powers_of_two() {
    let value = Dd::ONE / Dd::from(3.0);
    assert_eq!(value.scaled(300).scaled(-300), value);
    assert_eq!(value.scaled(3000).hi(), f64::INFINITY);
    assert!(value.scaled(-3000).is_zero());
}
