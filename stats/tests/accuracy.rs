//! Measures against values worked out by hand, in decimals of 60 digits, or by `NumPy` and `SciPy`.
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

use stats::{Calibration, Errors, Isotonic, Line, Moments, OrderStatistics, Pairs, Quantiles, Reason};
use support::Random;

fn moments(values: &[f64]) -> Moments {
    let mut moments = Moments::new();
    moments.extend(values);
    moments
}

fn near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 4e-16, "{found} is not {expected}");
}

/// The shape of the NIST sets `NumAcc2`, 3 and 4: one value ending in .2, then 500 pairs .1 and .3.
fn num_acc(whole: f64, tenths: [f64; 3]) -> Vec<f64> {
    let mut values = vec![tenths[1]];
    for _ in 0..500 {
        values.extend([tenths[0], tenths[2]]);
    }
    assert!(values.iter().all(|value| value.trunc() == whole));
    values
}

#[test]
fn nothing_cancels() {
    // NIST certifies sd = 1 for NumAcc1, a set of integers.
    assert_eq!(moments(&[10_000_001.0, 10_000_003.0, 10_000_002.0]).sd(), Ok(1.0));
    // NIST certifies 0.1 for the decimals; the f64 nearest to them have these mean and sd, computed from
    // their binary values in decimals of 60 digits.
    for (whole, tenths, mean, sd) in [
        (1.0, [1.1, 1.2, 1.3], 1.2, 0.099_999_999_999_999_98),
        (1e6, [1_000_000.1, 1_000_000.2, 1_000_000.3], 1_000_000.2, 0.100_000_000_034_924_6),
        (1e7, [10_000_000.1, 10_000_000.2, 10_000_000.3], 10_000_000.2, 0.100_000_000_558_793_54),
    ] {
        let moments = moments(&num_acc(whole, tenths));
        assert_eq!(moments.mean(), Ok(mean));
        near(moments.sd().unwrap(), sd);
    }
    // Two neighbours among the f64 near 1e15, whose distance is 1/8: variance (1/8)^2 / 2.
    assert_eq!(moments(&[1e15, 1e15 + 0.125]).variance(), Ok(0.007_812_5));
}

#[test]
fn the_ends_of_the_range() {
    assert_eq!(moments(&[f64::MAX, f64::MAX]).mean(), Ok(f64::MAX));
    assert_eq!(moments(&[f64::MAX, f64::MAX]).sum(), Err(Reason::Overflow));
    assert_eq!(moments(&[f64::MAX, -f64::MAX]).variance(), Err(Reason::Overflow));
    assert_eq!(moments(&[5e-324, 0.0]).variance(), Ok(0.0));
    assert_eq!(moments(&[5e-324, 5e-324]).mean(), Ok(5e-324));
    let with_gaps = moments(&[f64::NAN, -0.0, f64::INFINITY]);
    assert_eq!((with_gaps.n(), with_gaps.missing()), (1, 2));
    assert!(with_gaps.min().unwrap().is_sign_positive());
    assert_eq!(with_gaps.sd(), Err(Reason::TooFewRows));
    assert_eq!(Moments::new().mean(), Err(Reason::NoRows));
}

#[test]
fn quantiles_are_type_seven() {
    // numpy.quantile(values, p), NumPy 2, default method, which is type 7.
    let mut quantiles = Quantiles::new();
    quantiles.extend(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, f64::NAN, 2.0, 6.0, 5.0, 3.0, 5.0]);
    let expected = [(0.0, 1.0), (0.1, 1.0), (0.25, 2.5), (0.333, 3.0), (0.5, 4.0), (0.9, 6.0), (1.0, 9.0)];
    for sorted in [false, true] {
        for (p, value) in expected {
            assert_eq!(quantiles.quantile(p), Ok(value), "{p}");
        }
        assert!((quantiles.quantile(0.99).unwrap() - 8.7).abs() < 1e-14);
        assert_eq!(quantiles.quantile_of(9, 10), Ok(6.0));
        assert_eq!((quantiles.order_statistic(1), quantiles.order_statistic(10)), (Ok(1.0), Ok(9.0)));
        assert_eq!((quantiles.count_at_most(5.0), quantiles.largest_below(5.0)), (9, Some(4.0)));
        assert_eq!((quantiles.count_at_most(0.0), quantiles.largest_below(1.0)), (0, None));
        if !sorted {
            quantiles.sort();
        }
    }
    assert_eq!(quantiles.order_statistic(11), Err(Reason::OutOfRange));
    assert_eq!(quantiles.quantile(1.5), Err(Reason::OutOfRange));
    assert_eq!(quantiles.quantile(f64::NAN), Err(Reason::OutOfRange));
    assert_eq!(Quantiles::new().median(), Err(Reason::NoRows));
    // The gap between these is beyond the range of f64; the median is not.
    let mut ends = Quantiles::new();
    ends.extend(&[-f64::MAX, f64::MAX]);
    assert_eq!(ends.median(), Ok(0.0));
}

const PREDICTED: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
const ACTUAL: [f64; 6] = [1.5, 1.0, 3.5, 5.0, 4.0, 8.0];

#[test]
fn errors_by_hand() {
    // Errors -0.5, 1, -0.5, -1, 1, -1.5: sum -1.5, absolute 5.5, squares 5.75. Outcomes: sum 23, squares
    // 120.5, so SST = 120.5 - 529/6 = 97/3.
    let mut errors = Errors::new();
    for (f, y) in PREDICTED.into_iter().zip(ACTUAL) {
        errors.add(f, y);
    }
    errors.add(f64::NAN, 1.0);
    let found = errors.measures();
    assert_eq!((found.n, found.missing), (6, 1));
    near(found.mae.unwrap(), 5.5 / 6.0);
    near(found.rmse.unwrap(), (5.75_f64 / 6.0).sqrt());
    assert_eq!(found.bias, Some(-0.25));
    near(found.r2.unwrap(), 1.0 - 5.75 * 3.0 / 97.0);
    assert_eq!((found.median_absolute_error, found.max_absolute_error), (Some(1.0), Some(1.5)));
    // Variance of the magnitudes (5.75 - 5.5^2/6) / 5, over 6.
    near(found.mae_se.unwrap(), ((5.75 - 5.5 * 5.5 / 6.0) / 30.0_f64).sqrt());
}

#[test]
fn errors_that_are_absent_say_why() {
    let absent = Errors::new().measures().absent;
    assert!(
        ["mae", "rmse", "bias", "r2", "median_absolute_error", "mae_se", "max_absolute_error"]
            .iter()
            .all(|key| absent.reason(key) == Some(Reason::NoRows))
    );
    let mut errors = Errors::new();
    errors.add(1.0, 2.0);
    assert_eq!(errors.measures().absent.reason("r2"), Some(Reason::TooFewRows));
    errors.add(3.0, 2.0);
    let found = errors.measures();
    assert_eq!((found.r2, found.absent.reason("r2")), (None, Some(Reason::NoVariance)));
    // Each error is beyond the range of f64, their exact mean as well.
    let mut errors = Errors::new();
    errors.add(f64::MAX, -f64::MAX);
    let found = errors.measures();
    assert_eq!((found.mae, found.median_absolute_error), (None, None));
    assert_eq!(found.absent.reason("mae"), Some(Reason::Overflow));
}

#[test]
fn the_line_of_outcomes_on_predictions() {
    // In fractions: slope 566/485, intercept -169/485, F 1821/4667 with tail (1 + F/2)^-2. NumPy's lstsq
    // and SciPy's f.sf(F, 2, 4) give the same to 13 digits; the standard errors are theirs, in fractions.
    let mut line = Line::new();
    for (f, y) in PREDICTED.into_iter().zip(ACTUAL) {
        line.add(f, y);
    }
    let fit = line.fit();
    near(fit.slope.unwrap(), 566.0 / 485.0);
    near(fit.intercept.unwrap(), -169.0 / 485.0);
    near(fit.slope_se.unwrap(), 0.243_970_765_686_203);
    near(fit.intercept_se.unwrap(), 0.982_215_920_003_510_8);
    near(fit.f_statistic.unwrap(), 1821.0 / 4667.0);
    near(fit.p_value.unwrap(), 87_123_556.0 / 124_434_025.0);
    assert_eq!(fit.df, 4);
}

#[test]
fn a_line_without_residuals_or_spread() {
    let mut line = Line::new();
    for f in [1.0, 2.0, 4.0] {
        line.add(f, 2.0 * f + 1.0);
    }
    let fit = line.fit();
    assert_eq!((fit.slope, fit.intercept), (Some(2.0), Some(1.0)));
    assert_eq!((fit.slope_se, fit.intercept_se), (Some(0.0), Some(0.0)));
    assert_eq!(fit.absent.reason("f_statistic"), Some(Reason::PerfectFit));
    assert_eq!(fit.absent.reason("p_value"), Some(Reason::PerfectFit));
    let mut line = Line::new();
    line.add(1.0, 2.0);
    assert_eq!(line.fit().absent.reason("slope"), Some(Reason::TooFewRows));
    line.add(1.0, 3.0);
    assert_eq!(line.fit().absent.reason("slope"), Some(Reason::NoVariance));
}

#[test]
fn deciles_by_hand() {
    // Predictions 0 to 19, outcomes one above and one below by turns: bins of two rows, means equal,
    // residuals 1 and -1 with sd sqrt(2); the floor is sqrt(2) sqrt(2 / (2 pi)).
    let mut calibration = Calibration::new();
    for k in (0..20).rev() {
        let f = f64::from(k);
        calibration.add(f, if k % 2 == 0 { f + 1.0 } else { f - 1.0 });
    }
    let found = calibration.measures();
    assert_eq!(found.calibration_error, Some(0.0));
    assert!((found.noise_floor.unwrap() - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-15);
    let deciles = found.deciles.unwrap();
    assert_eq!(deciles.len(), 10);
    assert_eq!((deciles[3].n, deciles[3].min_predicted, deciles[3].max_predicted), (2, 6.0, 7.0));
    assert_eq!((deciles[3].mean_predicted, deciles[3].mean_actual), (6.5, 6.5));
    // One more unit on every outcome is an error of one unit.
    let mut shifted = Calibration::new();
    (0..20).for_each(|k| shifted.add(f64::from(k), f64::from(k) + 1.0));
    let found = shifted.measures();
    assert!((found.calibration_error.unwrap() - 1.0).abs() < 1e-15);
    assert_eq!(found.noise_floor, Some(0.0));
    // sd of 20 consecutive integers: sqrt(20 * 21 / 12) = sqrt(35).
    assert!((found.calibration_error_relative.unwrap() - 1.0 / 35.0_f64.sqrt()).abs() < 1e-15);
    assert!((found.in_the_large.unwrap() - 1.0 / 35.0_f64.sqrt()).abs() < 1e-15);
}

#[test]
fn tied_predictions_share_a_bin() {
    let mut calibration = Calibration::new();
    for k in 0..40 {
        calibration.add(if k < 17 { 0.0 } else { f64::from(k) }, f64::from(k));
    }
    let deciles = calibration.measures().deciles.unwrap();
    assert_eq!((deciles[0].n, deciles[0].max_predicted), (17, 0.0));
    assert_eq!(deciles.iter().map(|decile| decile.n).sum::<u64>(), 40);
    assert!(deciles.iter().all(|decile| decile.n > 1));
    let mut few = Calibration::new();
    (0..19).for_each(|k| few.add(f64::from(k), 1.0));
    let found = few.measures();
    assert_eq!((found.deciles, found.absent.reason("deciles")), (None, Some(Reason::TooFewRows)));
    assert_eq!(found.absent.reason("calibration_error"), Some(Reason::TooFewRows));
}

#[test]
fn isotonic_by_hand() {
    // 1.5 and 1 pool to 1.25, 5 and 4 to 4.5: squares within 0.125 + 0.5. With SSE 5.75 and SST 97/3:
    // mcb = 5.125/6, dsc = (97/3 - 0.625)/6, unc = 97/18. scipy.optimize.isotonic_regression agrees.
    let mut pairs = Pairs::new();
    for (f, y) in PREDICTED.into_iter().zip(ACTUAL) {
        pairs.add(f, y);
    }
    let fit = Isotonic::fit(&mut pairs).unwrap();
    let fitted: Vec<f64> = fit.steps.iter().map(|step| step.fitted).collect();
    assert_eq!(fitted, [1.25, 3.5, 4.5, 8.0]);
    near(fit.decomposition.mse.unwrap(), 5.75 / 6.0);
    near(fit.decomposition.mcb.unwrap(), 5.125 / 6.0);
    near(fit.decomposition.dsc.unwrap(), (97.0 / 3.0 - 0.625) / 6.0);
    near(fit.decomposition.unc.unwrap(), 97.0 / 18.0);
    // Equal predictions are one step, whatever their outcomes.
    let mut pairs = Pairs::new();
    for (f, y) in [(1.0, 4.0), (2.0, 1.0), (1.0, 0.0), (2.0, 5.0)] {
        pairs.add(f, y);
    }
    let steps = Isotonic::fit(&mut pairs).unwrap().steps;
    let steps: Vec<_> = steps.iter().map(|step| (step.n, step.min_predicted, step.fitted)).collect();
    assert_eq!(steps, [(2, 1.0, 2.0), (2, 2.0, 3.0)]);
    assert_eq!(Isotonic::fit(&mut Pairs::new()), Err(Reason::NoRows));
}

#[test]
fn calibrated_predictions_reach_their_floor() {
    // y = f + noise: the binned error is its noise floor on average, and the joint test rejects at its level.
    let mut random = Random(3);
    let (runs, n) = (500, 1000);
    let (mut error, mut floor, mut rejected) = (0.0, 0.0, 0);
    for _ in 0..runs {
        let mut calibration = Calibration::new();
        for _ in 0..n {
            let f = random.normal();
            calibration.add(f, f + random.normal());
        }
        let found = calibration.measures();
        error += found.calibration_error.unwrap();
        floor += found.noise_floor.unwrap();
        rejected += u32::from(found.line.p_value.unwrap() < 0.05);
    }
    assert!((error / floor - 1.0_f64).abs() < 0.02, "{error} {floor}");
    // 25 expected, sd 4.9.
    assert!((10..=40).contains(&rejected), "{rejected}");
}
