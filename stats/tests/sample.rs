//! Intervals of errors and robust errors of the line, against other programs, properties and hostile rows.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use stats::{Dependence, ErrorMeasures, Errors, Interval, Paired, Reason, Sample, mase};
use support::Random;

const KINDS: [Dependence; 3] = [Dependence::Time, Dependence::Entity, Dependence::Rows];
const NO_SCALE: Result<f64, Reason> = Err(Reason::NotRead);

/// Sixty rows, exact in binary: the same are made in Python.
fn rows(key: impl Fn(i64) -> i64) -> Vec<(i64, f64, f64)> {
    let row = |i: i64| {
        let f = (i * 7 % 11) as f64 + i as f64 / 8.0;
        (key(i), f, 0.875 * f + 1.0 + ((i * 13 % 17) - 8) as f64 / 4.0)
    };
    (0..60).map(row).collect()
}

fn sample(rows: &[(i64, f64, f64)]) -> Sample {
    let mut sample = Sample::new(1);
    rows.iter().for_each(|&(key, f, y)| sample.add(key, f, y, &[6.0]));
    sample
}

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() < tolerance, "{found} is not {expected}");
}

/// By `bench/measures/check.py`: HC3 of statsmodels 0.15.0; the fit left out by entity, and the cosines, in `NumPy` 2.4.6;
/// quantiles of scipy 1.17.1.
#[test]
fn the_line_as_other_programs_have_it() {
    let expected = [
        (Dependence::Rows, 58, [0.044_815_670_514_287_62, 0.784_799_632_851_170_7, 0.964_216_255_315_454]),
        (Dependence::Entity, 11, [0.054_691_707_260_491, 0.754_132_308_022_895_5, 0.994_883_580_143_729_1]),
        (Dependence::Time, 3, [0.040_472_108_923_514_43, 0.745_707_630_572_634, 1.003_308_257_593_990_7]),
    ];
    let intercepts = [
        [0.431_715_838_113_267_9, 0.090_109_795_374_425_32, 1.818_456_078_041_910_1],
        [0.497_783_370_839_041_4, -0.141_330_875_448_955_28, 2.049_896_748_865_291],
        [0.360_111_613_725_166_37, -0.191_752_937_881_241_7, 2.100_318_811_297_577_2],
    ];
    let joint = [
        (4.341_768_669_346_489, 0.017_576_086_696_707_658),
        (4.453_452_234_940_534, 0.041_390_231_043_271_226),
        (6.039_435_316_162_677, 0.142_056_849_035_032_85),
    ];
    for (((kind, df, slope), intercept), (f, p)) in expected.into_iter().zip(intercepts).zip(joint) {
        let key = |i| match kind {
            Dependence::Rows => i * 31 % 60,
            Dependence::Entity => i % 12,
            Dependence::Time => i / 2,
        };
        let found = sample(&rows(key)).line(kind, 0.95);
        assert_eq!((found.df, found.df_above, found.df_below), (df, 2, df - 1));
        near(found.slope.unwrap(), 0.874_507_944_083_312_3, 1e-12);
        near(found.intercept.unwrap(), 0.954_282_936_708_167_8, 1e-12);
        for (limits, error, [se, lower, upper]) in [
            (found.slope_limits, found.slope_se, slope),
            (found.intercept_limits, found.intercept_se, intercept),
        ] {
            near(error.unwrap(), se, 1e-10);
            near(limits.unwrap().lower, lower, 1e-9);
            near(limits.unwrap().upper, upper, 1e-9);
        }
        near(found.f_statistic.unwrap(), f, 1e-10);
        near(found.p_value.unwrap(), p, 1e-9);
    }
}

/// `studentised` of `bench/measures/check.py`: 20,000 resamples of `NumPy`'s random numbers. Limits of 1,999 resamples
/// differ from them by chance: within a tenth of the width.
#[test]
fn intervals_as_numpy_has_them() {
    let expected = [
        (Dependence::Rows, 1, 0.960_703, 1.320_453),
        (Dependence::Entity, 1, 0.953_744, 1.360_024),
        (Dependence::Time, 7, 1.000_805, 1.231_558),
    ];
    for (kind, length, lower, upper) in expected {
        let key = |i| match kind {
            Dependence::Rows => i,
            Dependence::Entity => i % 12,
            Dependence::Time => i / 2,
        };
        let (found, _) = sample(&rows(key)).intervals(kind, 0.95, Ok(2.0));
        assert_eq!(found.block_length, length);
        let (mae, mase) = (found.mae.unwrap(), found.mase.unwrap());
        assert!((mae.lower - lower).abs() < 0.1 * (upper - lower), "{kind:?}: {mae:?}");
        assert!((mae.upper - upper).abs() < 0.1 * (upper - lower), "{kind:?}: {mae:?}");
        assert_eq!((mase.lower, mase.upper), (mae.lower / 2.0, mae.upper / 2.0));
    }
}

#[test]
fn neither_order_nor_pieces_matter() {
    let mut random = Random(5);
    let mut made: Vec<(i64, f64, f64, f64)> = (0..700)
        .map(|i| (i / 3 * 37 % 91, random.normal(), random.normal(), random.normal() * 1e3))
        .collect();
    made.push((5, f64::NAN, 1.0, 0.0));
    let build = |rows: &[(i64, f64, f64, f64)]| {
        let mut sample = Sample::new(1);
        rows.iter().for_each(|&(key, f, y, rival)| sample.add(key, f, y, &[rival]));
        sample
    };
    for kind in KINDS {
        let mut whole = build(&made);
        let expected = (whole.intervals(kind, 0.95, Ok(1.0)), whole.line(kind, 0.95));
        assert!(expected.0.0.mae.is_some() && expected.1.slope_limits.is_some());
        for cut in [0, 1, 350, 701] {
            random.shuffle(&mut made);
            let mut joined = build(&made[cut..]);
            // Asked before the rest comes: what is sorted then is sorted anew.
            let _ = joined.line(kind, 0.95);
            joined.merge(&build(&made[..cut]));
            assert_eq!((joined.intervals(kind, 0.95, Ok(1.0)), joined.line(kind, 0.95)), expected);
            assert_eq!(joined.missing(), 1);
        }
    }
}

/// With errors of one size there is nothing to be in doubt of.
#[test]
fn equal_errors_have_no_width() {
    let mut sample = Sample::new(2);
    for i in 0..40 {
        let y = f64::from(i % 7);
        sample.add(i.into(), y + 2.0, y, &[y - 3.0, y + 2.0]);
    }
    for kind in KINDS {
        let (found, rivals) = sample.intervals(kind, 0.95, NO_SCALE);
        let at = |value| Some(Interval { lower: value, upper: value });
        for (interval, value) in
            [(found.mae, 2.0), (found.rmse, 2.0), (rivals[0].skill, 1.0 / 3.0), (rivals[1].skill, 0.0)]
        {
            let interval = interval.unwrap();
            assert!(
                (interval.lower - value).abs() < 1e-15 && (interval.upper - value).abs() < 1e-15,
                "{interval:?}"
            );
        }
        assert_eq!((found.bias, found.median_absolute_error), (at(2.0), at(2.0)));
        assert_eq!(rivals[0].difference, at(1.0));
        assert_eq!((rivals[0].verdict, rivals[1].verdict), (Paired::Better, Paired::CannotTell));
        assert_eq!(found.absent.reason("mase"), Some(Reason::NotRead));
        assert_eq!(found.absent.reason("mape"), Some(Reason::NearZero));
    }
}

#[test]
fn perfect_predictions() {
    let mut sample = Sample::new(1);
    (0..40).for_each(|i| sample.add(i, (i * i % 11) as f64 + 1.0, (i * i % 11) as f64 + 1.0, &[4.0]));
    for kind in KINDS {
        let (found, rivals) = sample.intervals(kind, 0.95, Ok(1.0));
        let zero = Some(Interval { lower: 0.0, upper: 0.0 });
        assert_eq!(
            (found.mae, found.rmse, found.bias, found.mape, found.mase),
            (zero, zero, zero, zero, zero)
        );
        assert_eq!(found.r2, Some(Interval { lower: 1.0, upper: 1.0 }));
        assert_eq!(rivals[0].verdict, Paired::Better);
        let line = sample.line(kind, 0.95);
        assert_eq!(line.slope_limits, Some(Interval { lower: 1.0, upper: 1.0 }));
        assert_eq!(line.absent.reason("p_value"), Some(Reason::PerfectFit));
    }
}

#[test]
fn too_few_units_and_none() {
    let mut sample = Sample::new(1);
    let (empty, _) = sample.intervals(Dependence::Rows, 0.95, Ok(1.0));
    assert_eq!((empty.n, empty.units, empty.mae), (0, 0, None));
    assert!(
        ["mae", "rmse", "r2", "mape", "mase"]
            .iter()
            .all(|key| empty.absent.reason(key) == Some(Reason::NoRows))
    );
    assert_eq!(sample.line(Dependence::Time, 0.95).absent.reason("slope_se"), Some(Reason::NoRows));
    // Seven entities of ten rows.
    let made = rows(|i| i % 7);
    made.iter().for_each(|&(key, f, y)| sample.add(key, f, y, &[6.0]));
    let (found, rivals) = sample.intervals(Dependence::Entity, 0.95, Ok(1.0));
    assert_eq!((found.units, rivals[0].verdict), (7, Paired::TooFewRows));
    assert_eq!(found.absent.reason("median_absolute_error"), Some(Reason::TooFewRows));
    let line = sample.line(Dependence::Entity, 0.95);
    assert_eq!((line.slope_limits, line.absent.reason("slope_limits")), (None, Some(Reason::TooFewRows)));
    assert!(line.slope.is_some());
    // Eleven times: one cosine.
    let mut times = self::sample(&rows(|i| i % 11));
    assert_eq!(times.line(Dependence::Time, 0.95).absent.reason("p_value"), Some(Reason::TooFewRows));
    assert!(times.intervals(Dependence::Time, 0.95, NO_SCALE).0.mae.is_some());
    assert_eq!(
        times.intervals(Dependence::Time, 1.5, NO_SCALE).0.absent.reason("mae"),
        Some(Reason::OutOfRange)
    );
}

/// Nothing panics, and what is not finite is absent.
/// The verdict, the difference and the share of the error saved never say opposite things.
#[test]
fn shares_say_what_differences_say() {
    let mut random = Random(11);
    for round in 0..80 {
        let mut sample = Sample::new(1);
        for i in 0..14 + round % 16 {
            // Heavy tails: few rows decide.
            let tail = |x: f64| x * x * x;
            let (f, rival) = (tail(random.normal()), tail(random.normal()));
            sample.add(i, f, 0.0, &[rival]);
        }
        for kind in KINDS {
            let (_, rivals) = sample.intervals(kind, 0.95, NO_SCALE);
            let (difference, skill) = (rivals[0].difference.unwrap(), rivals[0].skill.unwrap());
            assert_eq!(
                (difference.lower > 0.0, difference.upper < 0.0),
                (skill.lower > 0.0, skill.upper < 0.0)
            );
            assert_eq!(rivals[0].verdict == Paired::Better, skill.lower > 0.0);
        }
    }
}

/// What a sample says of its rows.
type All = ((stats::ErrorIntervals, Vec<stats::RivalIntervals>), stats::RobustLine);

#[test]
fn hostile_rows() {
    let extremes = [0.0, -0.0, 5e-324, 1.0, -1.0, f64::MAX, f64::MIN, 1e200, -1e-200];
    let mut random = Random(9);
    for round in 0..60 {
        let mut pick = || extremes[random.below(if round % 2 == 0 { 5 } else { 9 })];
        let mut sample = Sample::new(1);
        for i in 0..30 {
            sample.add(if i % 3 == 0 { i64::MIN } else { i64::MAX - i % 3 }, pick(), pick(), &[pick()]);
        }
        for kind in KINDS {
            let text =
                serde_json::to_string(&(sample.intervals(kind, 0.95, Ok(5e-324)), sample.line(kind, 0.95)));
            let text = text.unwrap();
            assert!(serde_json::from_str::<All>(&text).is_ok(), "{text}");
        }
    }
}

/// Errors with one predictor right and one wrong by chance: the better is told from the worse, and the same from neither.
#[test]
fn a_rival_is_told_from_the_model() {
    let mut random = Random(3);
    let mut sample = Sample::new(3);
    for i in 0..300 {
        let y = 50.0 + random.normal();
        let f = y + random.normal();
        sample.add(i, f, y, &[y + 2.0 * random.normal(), y + 0.5 * random.normal(), y + random.normal()]);
    }
    let (_, rivals) = sample.intervals(Dependence::Time, 0.95, NO_SCALE);
    let verdicts: Vec<Paired> = rivals.iter().map(|rival| rival.verdict).collect();
    assert_eq!(verdicts, [Paired::Better, Paired::Worse, Paired::CannotTell]);
    for rival in &rivals {
        let (difference, skill) = (rival.difference.unwrap(), rival.skill.unwrap());
        assert_eq!(difference.lower > 0.0, skill.lower > 0.0);
        assert_eq!(difference.upper < 0.0, skill.upper < 0.0);
    }
}

/// Of 400 series of 100 times with autocorrelated errors, 95 % intervals of the MAE miss the truth in 20, give or take
/// three standard errors; all designs are in `bench/measures`.
#[test]
fn intervals_hold_the_truth() {
    let truth = (2.0 / std::f64::consts::PI).sqrt();
    let mut random = Random(17);
    let mut missed = 0;
    for _ in 0..400 {
        let mut sample = Sample::new(0);
        let mut error = random.normal();
        for time in 0..100 {
            sample.add(time, error, 0.0, &[]);
            error = 0.5 * error + 0.75_f64.sqrt() * random.normal();
        }
        let mae = sample.intervals(Dependence::Time, 0.95, NO_SCALE).0.mae.unwrap();
        missed += u32::from(!(mae.lower <= truth && truth <= mae.upper));
    }
    assert!((8..=33).contains(&missed), "{missed} of 400");
}

#[test]
fn percentages_and_scaled_errors_by_hand() {
    let measures = |rows: &[(f64, f64)]| -> ErrorMeasures {
        let (mut errors, mut other) = (Errors::new(), Errors::new());
        rows.iter().enumerate().for_each(
            |(i, &(f, y))| {
                if i % 2 == 0 { errors.add(f, y) } else { other.add(f, y) }
            },
        );
        errors.merge(&other);
        errors.measures()
    };
    // 1/2, 1/4 and 1/5.
    assert_eq!(measures(&[(1.0, 2.0), (5.0, 4.0), (8.0, 10.0)]).mape, Some(0.95 / 3.0));
    // The mean is 100, the least exactly a hundredth of it.
    assert!(measures(&[(1.0, 1.0), (1.0, 199.0)]).mape.is_some());
    for near_zero in [[(1.0, 0.99), (1.0, 199.01)], [(1.0, 0.0), (1.0, 3.0)], [(1.0, -2.0), (1.0, -3.0)]] {
        let found = measures(&near_zero);
        assert_eq!((found.mape, found.absent.reason("mape")), (None, Some(Reason::NearZero)));
    }
    assert_eq!(measures(&[]).absent.reason("mape"), Some(Reason::NoRows));
    assert_eq!(mase(Ok(3.0), Ok(4.0)), Ok(0.75));
    assert_eq!(mase(Ok(3.0), Ok(0.0)), Err(Reason::NoVariance));
    assert_eq!(mase(Err(Reason::NoRows), Ok(1.0)), Err(Reason::NoRows));
    assert_eq!(mase(Ok(1e300), Ok(1e-300)), Err(Reason::Overflow));
}
