//! Windows: every answer is that of the values in them, whatever came before and in whatever order.
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
use stats::WindowStatistic::{Max, Mean, Median, Min, Sd, Sum};
use stats::{Column, OrderStatistics, Reason, Value, Window, WindowStatistic};
use support::Random;

const ALL: [WindowStatistic; 6] = [Mean, Sum, Sd, Min, Max, Median];

/// All answers, by their bits.
fn answers(window: &Window) -> Vec<Result<u64, Reason>> {
    ALL.iter().map(|statistic| window.value(*statistic).map(f64::to_bits)).collect()
}

/// The same from the moments and quantiles of a column, learned afresh.
fn column(values: &[f64]) -> Vec<Result<u64, Reason>> {
    let mut column = Column::new();
    column.extend(values);
    let moments = &column.moments;
    let sum = if moments.n() == 0 { Err(Reason::NoRows) } else { moments.sum() };
    let found: [Value; 6] =
        [moments.mean(), sum, moments.sd(), moments.min(), moments.max(), column.quantiles.median()];
    found.into_iter().map(|value| value.map(f64::to_bits)).collect()
}

fn filled(values: &[f64], wanted: &[WindowStatistic]) -> Window {
    let mut window = Window::new(wanted);
    values.iter().for_each(|value| window.push(*value));
    window
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-20_000..20_000i32).prop_map(|cents| f64::from(cents) / 100.0),
        4 => (-2..3i32).prop_map(f64::from),
        3 => -1e3..1e3f64,
        2 => prop::sample::select(vec![f64::NAN, f64::INFINITY, -0.0, 1e10, -1e10, 1e300, f64::MAX, 5e-324]),
        1 => any::<f64>(),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Push(f64),
    Drop,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![30 => value().prop_map(Step::Push), 20 => Just(Step::Drop), 1 => Just(Step::Clear)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_window_is_a_function_of_its_values(steps in prop::collection::vec(step(), 1..120), seed in any::<u64>()) {
        let mut random = Random(seed);
        let (mut window, mut lazy, mut held) = (Window::new(&ALL), Window::new(&[]), Vec::new());
        for step in steps {
            match step {
                Step::Push(value) => {
                    window.push(value);
                    lazy.push(value);
                    held.push(value);
                }
                Step::Drop => {
                    window.drop_oldest();
                    lazy.drop_oldest();
                    held.drain(..held.len().min(1));
                }
                Step::Clear => {
                    window.clear();
                    lazy.clear();
                    held.clear();
                }
            }
            let known = held.iter().filter(|value| value.is_finite()).count();
            prop_assert_eq!((window.len(), window.is_empty(), window.known()), (held.len(), held.is_empty(), known));
            let found = answers(&window);
            prop_assert_eq!(&found, &column(&held));
            prop_assert_eq!(&found, &answers(&lazy));
            let mut shuffled = held.clone();
            random.shuffle(&mut shuffled);
            prop_assert_eq!(&found, &answers(&filled(&shuffled, &ALL)));
        }
    }

    #[test]
    fn windows_of_any_size(values in prop::collection::vec(value(), 1..150), size in 1usize..40) {
        let mut window = Window::new(&ALL);
        for end in 0..values.len() {
            if window.len() == size {
                window.drop_oldest();
            }
            window.push(values[end]);
            prop_assert_eq!(answers(&window), column(&values[(end + 1).saturating_sub(size)..=end]));
        }
    }

    #[test]
    fn equal_values_do_not_deviate(before in prop::collection::vec(value(), 0..8), value in -1e9..1e9f64, n in 2usize..9) {
        let mut window = filled(&before, &ALL);
        (0..n).for_each(|_| window.push(value));
        before.iter().for_each(|_| window.drop_oldest());
        prop_assert_eq!((window.mean(), window.sd(), window.median()), (Ok(value), Ok(0.0), Ok(value)));
    }
}

#[test]
fn by_hand() {
    // 2, missing, 4, 9: mean 5, sum 15, deviations -3, -1, 4: sd = sqrt(26 / 2).
    let mut window = filled(&[100.0, 2.0, f64::NAN, 4.0, 9.0], &ALL);
    window.drop_oldest();
    assert_eq!((window.len(), window.known()), (4, 3));
    assert_eq!((window.mean(), window.sum(), window.sd()), (Ok(5.0), Ok(15.0), Ok(13.0_f64.sqrt())));
    assert_eq!((window.min(), window.max(), window.median()), (Ok(2.0), Ok(9.0), Ok(4.0)));
    window.drop_oldest();
    assert_eq!((window.median(), window.min(), window.len()), (Ok(6.5), Ok(4.0), 3));
    // The missing row goes, and no value with it.
    window.drop_oldest();
    assert_eq!((window.known(), window.sum()), (2, Ok(13.0)));
    window.drop_oldest();
    assert_eq!((window.mean(), window.sd()), (Ok(9.0), Err(Reason::TooFewRows)));
    window.drop_oldest();
    assert_eq!(answers(&window), [Err(Reason::NoRows); 6]);
    window.drop_oldest();
    assert!(window.is_empty());
}

#[test]
fn what_an_outlier_leaves_behind_is_nothing() {
    for outlier in [1e10, 1e300, -f64::MAX, f64::INFINITY] {
        // Hundredths around 100: the variance of 100.25, 100.5, 100.75 is 1/16, in binary too.
        let mut window = filled(&[outlier, 100.25, 100.5, 100.75], &[Mean, Sd]);
        window.drop_oldest();
        assert_eq!((window.mean(), window.sd()), (Ok(100.5), Ok(0.25)), "{outlier}");
    }
    // Out of range is the sum, not the mean; the deviation of two numbers is their distance over the root of two.
    let window = filled(&[f64::MAX, f64::MAX], &ALL);
    assert_eq!((window.sum(), window.mean(), window.sd()), (Err(Reason::Overflow), Ok(f64::MAX), Ok(0.0)));
    assert_eq!(filled(&[1e300, -1e300], &ALL).sd(), Ok(2e300 / 2.0_f64.sqrt()));
}

#[test]
fn a_window_that_grows_to_a_million_rows() {
    let mut random = Random(5);
    let values: Vec<f64> = (0..1_000_000).map(|_| (random.normal() * 1e4).round() / 100.0).collect();
    let mut window = Window::new(&ALL);
    for (row, value) in values.iter().enumerate() {
        window.push(*value);
        if [10, 1_000, 99_999, 999_999].contains(&row) {
            assert_eq!(answers(&window), column(&values[..=row]));
        }
    }
}
