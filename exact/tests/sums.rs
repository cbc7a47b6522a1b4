#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
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

use std::collections::VecDeque;

use exact::{Sum, Sums, moments};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use proptest::prelude::*;
use support::{nearest, rational, two_to};

/// The nearest f64 to the root of a rational, ties to even, found from any guess by comparing squares of middles.
fn nearest_root(value: &BigRational, guess: f64) -> f64 {
    assert!(!value.is_negative());
    let exact = |x: f64| if x.is_infinite() { two_to(1024) } else { rational(x) };
    let below_middle = |a: f64, b: f64| {
        let middle = (exact(a) + exact(b)) / BigInt::from(2);
        value.cmp(&(&middle * &middle))
    };
    let mut near = guess.clamp(0.0, f64::MAX);
    for _ in 0..10_000 {
        let odd = near.to_bits() & 1 == 1;
        let up = below_middle(near, near.next_up());
        let down =
            if near > 0.0 { below_middle(near.next_down(), near) } else { std::cmp::Ordering::Greater };
        if up.is_gt() || up.is_eq() && odd {
            near = near.next_up();
        } else if down.is_lt() || down.is_eq() && odd {
            near = near.next_down();
        } else {
            return near;
        }
        if near.is_infinite() {
            return near;
        }
    }
    panic!("the guess {guess:?} is far off");
}

/// Any finite f64.
fn any_finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite()),
        (0u64..1 << 54).prop_map(f64::from_bits),
        (0u64..1 << 54).prop_map(|below| f64::from_bits(f64::MAX.to_bits() - below)),
        -1e3..1e3f64,
    ]
}

/// What columns hold, with ties, now and then a number far from the others.
fn data() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (-99_999..99_999i32).prop_map(|cents| f64::from(cents) / 100.0),
        4 => (-3..3i32).prop_map(f64::from),
        4 => -1e3..1e3f64,
        2 => prop::sample::select(vec![0.0, -0.0, 1e10, -1e10, 1e16, 9_007_199_254_740_993e3, 1e-9]),
        1 => any_finite(),
    ]
}

/// Values of which the middle of two f64 is often the answer: whole numbers of 53 and 54 bits.
fn middles() -> impl Strategy<Value = f64> {
    (0u64..40, -8i32..8).prop_map(|(low, power)| ((1u64 << 53) - 20 + low) as f64 * 2f64.powi(power))
}

/// Mean, sum and deviation of the values by rationals, held against what is found.
fn agrees(values: &[f64], mean: f64, total: f64, sd: f64) -> Result<(), TestCaseError> {
    let n = BigRational::from_integer(BigInt::from(values.len()));
    let sum: BigRational = values.iter().map(|x| rational(*x)).sum();
    prop_assert_eq!(total.to_bits(), (nearest(&sum) + 0.0).to_bits());
    if values.is_empty() {
        prop_assert!(mean.is_nan() && sd.is_nan());
        return Ok(());
    }
    let centre = &sum / &n;
    prop_assert_eq!(mean.to_bits(), (nearest(&centre) + 0.0).to_bits());
    if values.len() == 1 {
        prop_assert!(sd.is_nan());
        return Ok(());
    }
    let squares: BigRational = values.iter().map(|x| (rational(*x) - &centre).pow(2)).sum();
    let variance = squares / (n - BigRational::from_integer(BigInt::from(1)));
    prop_assert_eq!(sd.to_bits(), nearest_root(&variance, sd).to_bits());
    prop_assert_eq!(variance.is_zero(), sd == 0.0);
    Ok(())
}

/// The same by plain sums.
fn plain(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len() as u64;
    let sum: Sum = values.iter().copied().collect();
    let mut squares = Sum::new();
    values.iter().for_each(|x| squares.add_product(*x, *x));
    (moments::mean(n, &sum), sum.to_f64(), moments::sd(n, &sum, &squares))
}

fn bits(values: (f64, f64, f64)) -> [u64; 3] {
    [values.0, values.1, values.2].map(f64::to_bits)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_are_rational_to_the_last_bit(values in prop::collection::vec(data(), 1..60), size in 1usize..12, refill in any::<bool>()) {
        let (mut sums, mut held) = (Sums::new(), VecDeque::new());
        for value in values {
            if held.len() == size {
                sums.remove(held.pop_front().unwrap());
            }
            held.push_back(value);
            sums.add(value);
            if refill && sums.far() > 0 {
                sums.refill(held.iter().copied());
            }
            prop_assert_eq!(sums.n(), held.len() as u64);
            let held: Vec<f64> = held.iter().copied().collect();
            let found = (sums.mean(), sums.total(), sums.sd());
            agrees(&held, found.0, found.1, found.2)?;
            prop_assert_eq!(bits(found), bits(plain(&held)));
            prop_assert_eq!(sums.sum(), held.iter().copied().collect::<Sum>());
        }
        for value in held {
            sums.remove(value);
        }
        prop_assert_eq!((sums.n(), sums.far(), sums.total()), (0, 0, 0.0));
        prop_assert_eq!((sums.sum(), sums.squares()), (Sum::new(), Sum::new()));
    }

    #[test]
    fn any_numbers_are_rational_to_the_last_bit(values in prop::collection::vec(any_finite(), 0..8)) {
        let mut sums = Sums::new();
        values.iter().for_each(|value| sums.add(*value));
        agrees(&values, sums.mean(), sums.total(), sums.sd())?;
    }

    #[test]
    fn middles_go_to_even(values in prop::collection::vec(middles(), 1..7)) {
        let mut sums = Sums::new();
        values.iter().for_each(|value| sums.add(*value));
        agrees(&values, sums.mean(), sums.total(), sums.sd())?;
        let (mean, total, sd) = plain(&values);
        agrees(&values, mean, total, sd)?;
    }

    #[test]
    fn quotients_and_roots_are_rounded_once(
        above in prop::collection::vec(prop_oneof![any_finite(), middles()], 1..4),
        below in prop::collection::vec(prop_oneof![any_finite(), middles(), (1..50i32).prop_map(f64::from)], 1..3),
    ) {
        let [a, b]: [Sum; 2] = [above, below].map(|numbers| numbers.into_iter().collect());
        let (x, y) = (support::rational_sum(&a), support::rational_sum(&b));
        if y.is_zero() {
            prop_assert!(a.quotient(&b).is_nan() && a.root_of_quotient(&b).is_nan());
            return Ok(());
        }
        let ratio = x / y;
        let root = a.root_of_quotient(&b);
        if ratio.is_negative() {
            prop_assert!(root.is_nan());
        } else {
            prop_assert_eq!(root, nearest_root(&ratio, root));
        }
        if ratio.abs() < two_to(1023) {
            prop_assert_eq!(a.quotient(&b), nearest(&ratio));
        }
    }
}

#[test]
fn roots_of_squares_of_middles() {
    // (2^53 + 1)^2 has a root half way between 2^53 and 2^53 + 2: ties to even, and no other answer with a bit more.
    let middle: Sum = [2f64.powi(53), 1.0].into_iter().collect();
    let square = middle.product(&middle);
    let one = Sum::from(1.0);
    assert_eq!(square.root_of_quotient(&one), 2f64.powi(53));
    let mut more = square.clone();
    more.add(5e-324);
    assert_eq!(more.root_of_quotient(&one), 2f64.powi(53) + 2.0);
    assert_eq!(more.times(3.0).root_of_quotient(&Sum::from(3.0)), 2f64.powi(53) + 2.0);
    assert_eq!(square.times(-3.0).root_of_quotient(&Sum::from(-3.0)), 2f64.powi(53));
}

#[test]
fn the_ends_of_the_range() {
    let sum = |parts: &[f64]| parts.iter().copied().collect::<Sum>();
    let one = Sum::from(1.0);
    // Half a unit past the largest number rounds to infinity, just below it does not.
    let half = 2f64.powi(970);
    assert_eq!(sum(&[f64::MAX, half]).quotient(&one), f64::INFINITY);
    assert_eq!(sum(&[f64::MAX, half, -1.0]).quotient(&one), f64::MAX);
    assert_eq!(sum(&[-f64::MAX, -half]).quotient(&one), f64::NEG_INFINITY);
    // Half of the least number is a tie, to zero; a little more is not.
    assert_eq!(Sum::from(5e-324).quotient(&Sum::from(2.0)), 0.0);
    assert_eq!(Sum::from(5e-324).times(1.5).quotient(&Sum::from(2.0)), 5e-324);
    assert_eq!(Sum::from(5e-324).times(3.0).quotient(&Sum::from(2.0)), 1e-323);
    // The root exists where the quotient does not.
    let mut huge = Sum::new();
    huge.add_product(1e300, 1e300);
    assert_eq!(huge.root_of_quotient(&one), 1e300);
    assert_eq!(one.root_of_quotient(&huge), 1e-300);
    assert!(Sum::new().quotient(&Sum::new()).is_nan() && one.root_of_quotient(&Sum::new()).is_nan());
    assert_eq!((Sum::new().quotient(&one), Sum::new().root_of_quotient(&one)), (0.0, 0.0));
}

#[test]
fn what_is_far_comes_in_again() {
    let mut sums = Sums::new();
    let values = [1e10, 0.1, 0.2, 0.3];
    values.iter().for_each(|value| sums.add(*value));
    assert_eq!(sums.far(), 3);
    sums.refill(values.into_iter());
    assert_eq!((sums.far(), sums.n()), (0, 4));
    sums.refill([1e300, 0.1, 0.2].into_iter());
    assert_eq!((sums.far(), sums.n()), (1, 3));
    sums.refill([0.0, 0.0].into_iter());
    assert_eq!((sums.far(), sums.n(), sums.sd()), (0, 2, 0.0));
}

#[test]
fn nan_is_refused() {
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(std::panic::catch_unwind(|| Sums::new().add(bad)).is_err());
    }
}

/// Up to 256 values their mean takes one division, from then on two.
#[test]
fn means_of_few_and_of_more_values() {
    for n in [1_u64, 2, 3, 7, 30, 254, 255, 256, 257, 258, 1000] {
        for (step, start) in
            [(0.1, -3.0), (1.0 / 3.0, 1e6), (-1e-9, 1.0), (2.0, -7.0), (0.0, 0.3), (1e-17, 1.0)]
        {
            let mut sums = Sums::new();
            for i in 0..n {
                sums.add(start + step * i as f64);
                let mean = moments::mean(sums.n(), &sums.sum());
                assert_eq!(sums.mean().to_bits(), mean.to_bits(), "{n} values from {start} by {step}");
            }
        }
    }
}
