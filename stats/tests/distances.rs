//! The distances that need no bins: by hand, beside `SciPy`, beside the definitions, and their noise.
#![allow(
    clippy::allow_attributes,
    clippy::cast_precision_loss,
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
use stats::{Counts, Moments, Psi, Reason, Reference};
use support::Random;

const MISSING: f64 = f64::NAN;

fn compare(reference: &[f64], new: &[f64]) -> Psi {
    let reference = Reference::learn(reference);
    reference.compare(&reference.count(new))
}

/// KS, its 99 % point, Wasserstein and what to expect of it.
fn distances(reference: &[f64], new: &[f64]) -> [Option<f64>; 4] {
    let found = compare(reference, new).distances.unwrap();
    [found.ks, found.ks_threshold_99, found.wasserstein, found.wasserstein_expected]
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found}, expected {expected}");
}

#[test]
fn a_shift_by_hand() {
    // 0 to 3 against 1 to 4. F - G is 1/4 from 0 to 4: KS 1/4, Wasserstein 1. The variance is 5/3.
    let [ks, threshold, wasserstein, expected] = distances(&[0.0, 1.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]);
    close(ks, 0.25);
    close(threshold, 1.627_623_611_518_950_4 * 0.5_f64.sqrt());
    let sd = (5.0_f64 / 3.0).sqrt();
    close(wasserstein, 1.0 / sd);
    // F is 1/4, 1/2, 3/4 over lengths of 1: sqrt(F (1 - F)) is sqrt(3)/4, 1/2, sqrt(3)/4.
    let spread = f64::midpoint(1.0, 3.0_f64.sqrt());
    close(expected, (2.0 / std::f64::consts::PI).sqrt() * spread * 0.5_f64.sqrt() / sd);
}

#[test]
fn rows_beyond_the_range_count_by_how_far_they_are() {
    // 0 and 1 against -2, 5, 5. Below: 2 times 1/3. Within: 1/2 - 1/3. Above: 4 times 2/3. The sd is sqrt(1/2).
    let [ks, _, wasserstein, _] = distances(&[0.0, 1.0], &[5.0, -2.0, 5.0]);
    close(ks, 2.0 / 3.0);
    close(wasserstein, 3.5 * 2.0_f64.sqrt());
}

#[test]
fn values_just_below_a_spike_are_seen() {
    // At both values of the reference the two functions are equal: only below the spike at 0 do they differ.
    let half = |value: f64| [vec![-1.0; 50], vec![value; 50]].concat();
    assert_eq!(distances(&half(0.0), &half(-0.5))[0], Some(0.5));
    assert_eq!(distances(&half(0.0), &half(0.0))[0], Some(0.0));
    // Where not all values stand in the grid, too: a spike at 1000 above 1000 other values.
    let spike = |value: f64| [(0..1000).map(f64::from).collect(), vec![value; 1000]].concat();
    close(distances(&spike(1000.0), &spike(999.5))[0], 0.5);
}

#[test]
fn rows_in_a_gap_lie_at_their_mean() {
    // 0 and 10 against 5, or against 7.5 twice: |F - G| is 1/2 all the way.
    for new in [&[5.0][..], &[7.5, 7.5]] {
        let [ks, _, wasserstein, _] = distances(&[0.0, 10.0], new);
        close(ks, 0.5);
        close(wasserstein, 5.0 / 50.0_f64.sqrt());
    }
    // Against 2.5 and 7.5 it is 0 between them, so 2.5; their mean, 5, says 5. The error is at most half the gap
    // times the share of rows in it, 5.
    close(distances(&[0.0, 10.0], &[2.5, 7.5])[2], 5.0 / 50.0_f64.sqrt());
    // 0, 0, 10, 10 against 0, 0, 3, 5: G is above F from 3 on, by 1/4 to 5 and by 1/2 to 10, so 3. Where F and G do
    // not cross in a gap, the mean is all that counts, to within the unit of places.
    let found = distances(&[0.0, 0.0, 10.0, 10.0], &[0.0, 0.0, 3.0, 5.0])[2].unwrap();
    let sd = (100.0_f64 / 3.0).sqrt();
    assert!((found - 3.0 / sd).abs() < 1e-5, "{found}");
}

#[test]
fn an_outlier_of_the_reference_does_not_stretch_what_lies_before_it() {
    // 1000 rows from 0 to 1 and one at 1000; the new rows are 1.5 higher, in the gap before the outlier.
    let reference: Vec<f64> = (0..1000).map(|k| f64::from(k) / 1000.0).chain([1000.0]).collect();
    let new: Vec<f64> = (0..1000).map(|k| f64::from(k) / 1000.0 + 1.5).collect();
    let (_, length) = defined(&reference, &new);
    let found = distances(&reference, &new)[2].unwrap() * sd(&reference);
    assert!((found - length).abs() < 0.01 * length, "{found}, by the definition {length}");
}

#[test]
fn what_is_missing_is_left_out() {
    let of = |extra: &[f64]| [&[1.0, 2.0, 4.0], extra].concat();
    assert_eq!(
        distances(&of(&[MISSING, MISSING]), &of(&[f64::INFINITY, f64::NEG_INFINITY, MISSING])),
        distances(&of(&[]), &of(&[]))
    );
}

#[test]
fn what_has_no_value_has_a_reason() {
    use Reason::{BinsDiffer, NoRows, NoVariance, Overflow, TooFewRows};
    let keys = ["ks", "ks_threshold_99", "wasserstein", "wasserstein_expected"];
    let reasons = |psi: &Psi| keys.map(|key| psi.absent.reason(key));
    let of = |reference: &[f64], new: &[f64]| reasons(&compare(reference, new));
    assert_eq!(of(&[], &[1.0]), [Some(NoRows); 4]);
    assert_eq!(of(&[1.0, 2.0], &[]), [Some(NoRows); 4]);
    assert_eq!(of(&[MISSING; 3], &[MISSING; 3]), [Some(NoRows); 4]);
    assert_eq!(of(&[1.0], &[1.0, 2.0]), [None, None, Some(TooFewRows), Some(TooFewRows)]);
    assert_eq!(of(&[7.0; 9], &[7.0, 8.0]), [None, None, Some(NoVariance), Some(NoVariance)]);
    assert_eq!(distances(&[7.0; 9], &[7.0, 8.0])[0], Some(0.5));
    // The range, 2e308, is beyond f64. Where F and G do not differ there, the distance is 0 all the same.
    let (huge, same) = ([-1e308, 1e308], [-1e308, 1e308]);
    assert_eq!(of(&huge, &same), [None, None, None, Some(Overflow)]);
    assert_eq!(distances(&huge, &same)[2], Some(0.0));
    assert_eq!(of(&huge, &[1e308]), [None, None, Some(Overflow), Some(Overflow)]);
    // In two steps it is not: F is 1/3 and 2/3 where G is 0 and 1, and the sd is the width of a step.
    close(distances(&[f64::MAX, -f64::MAX, 0.0], &[0.0])[2], 2.0 / 3.0);
    // Far beyond a narrow range: more than 1e308 standard deviations.
    assert_eq!(of(&[0.0, 1e-9], &[1e308]), [None, None, Some(Overflow), None]);
    let other = Reference::learn(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let psi = other.compare(&Reference::learn(&[1.0, 2.0]).count(&[1.0]));
    assert_eq!(reasons(&psi), [Some(BinsDiffer); 4]);
}

#[test]
fn absent_distances_are_null_and_of_categories_no_keys() {
    let psi = compare(&[], &[1.0]);
    let json = serde_json::to_value(&psi).unwrap();
    assert!(json["ks"].is_null() && json.as_object().unwrap().contains_key("wasserstein_expected"));
    assert_eq!(serde_json::from_value::<Psi>(json).unwrap(), psi);
    let nulls = stats::Nulls { rows: 9, nulls: 1 };
    let psi = nulls.compare(&nulls);
    let json = serde_json::to_value(&psi).unwrap();
    assert!(!json.as_object().unwrap().contains_key("ks"), "{json}");
    assert_eq!(serde_json::from_value::<Psi>(json).unwrap(), psi);
}

#[test]
fn a_damaged_grid_is_refused() {
    let reference = serde_json::to_value(Reference::learn(&[3.0, 1.0, 2.0, 2.0])).unwrap();
    let read = |change: fn(&mut serde_json::Value)| {
        let mut value = reference.clone();
        change(&mut value);
        serde_json::from_value::<Reference>(value)
    };
    assert!(read(|_| ()).is_ok());
    let changes: [fn(&mut serde_json::Value); 10] = [
        |v| drop(v.as_object_mut().unwrap().remove("grid")),
        |v| v["grid"]["points"].as_array_mut().unwrap().reverse(),
        |v| v["grid"]["points"][2] = 2.5.into(),
        |v| drop(v["grid"]["at"].as_array_mut().unwrap().pop()),
        |v| v["grid"]["at"][0] = 0.into(),
        |v| v["grid"]["at"][0] = (-1).into(),
        |v| v["grid"]["between"] = serde_json::json!([1]),
        |v| v["grid"]["places"] = serde_json::json!([1, 1]),
        |v| v["sd"] = (-1.0).into(),
        |v| v["mean"] = 4.0.into(),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        assert!(read(change).is_err(), "change {i}");
    }
    let counts = serde_json::to_value(Reference::learn(&[1.0, 2.0]).count(&[1.0])).unwrap();
    for cells in [serde_json::json!("1 x"), serde_json::json!([1]), serde_json::json!("-1")] {
        let mut counts = counts.clone();
        counts["cells"] = cells;
        assert!(serde_json::from_value::<Counts>(counts).is_err());
    }
}

#[test]
fn totals_beyond_u64_do_not_overflow() {
    let mut reference = serde_json::to_value(Reference::learn(&[1.0, 2.0])).unwrap();
    reference["grid"]["at"] = serde_json::json!([u64::MAX, u64::MAX]);
    let reference: Reference = serde_json::from_value(reference).unwrap();
    let found = reference.compare(&reference.count(&[1.0, 5.0])).distances.unwrap();
    assert!(found.ks.unwrap().is_finite());
}

#[test]
fn as_scipy_has_them() {
    // scipy.stats.ks_2samp(a, b).statistic and wasserstein_distance(a, b) / a.std(ddof=1), SciPy 1.17.1.
    type Sample = fn(f64) -> f64;
    let cases: [(&str, usize, Sample, usize, Sample, f64, f64); 6] = [
        (
            "few",
            50,
            |k| (k * 7.0) % 11.0,
            70,
            |k| (k * 5.0) % 13.0 - 1.0,
            0.085_714_285_714_285_72,
            0.147_312_780_451_312_94,
        ),
        (
            "between",
            50,
            |k| (k * 7.0) % 11.0,
            70,
            |k| ((k * 5.0) % 13.0) / 4.0 + 0.125,
            0.648_571_428_571_428_6,
            1.052_487_696_477_453,
        ),
        (
            "spike",
            100,
            |k| (k - 60.0).max(0.0),
            90,
            |k| (k - 30.0).max(0.0) * 0.5,
            0.265_555_555_555_555_54,
            0.311_342_187_069_830_13,
        ),
        (
            "many",
            3000,
            |k| ((k * k * 31.0 + 7.0 * k) % 10_007.0) / 16.0,
            2000,
            |k| ((k * k * 17.0 + 3.0 * k) % 9001.0) / 16.0 + 40.0,
            0.071,
            0.125_040_359_467_194_16,
        ),
        (
            "ties",
            5000,
            |k| ((k * k) % 1009.0 / 2.0).floor(),
            4000,
            |k| ((k * k * 3.0) % 907.0 / 2.0).floor(),
            0.118_15,
            0.168_011_400_303_145_35,
        ),
        (
            "skewed",
            4000,
            |k| ((k * 13.0) % 997.0).powi(3) / 4096.0,
            3000,
            |k| ((k * 29.0) % 1009.0).powi(3) / 4096.0,
            0.012,
            0.033_107_394_050_103_15,
        ),
    ];
    for (name, n, of, m, new, ks, wasserstein) in cases {
        let sample = |rows: usize, of: Sample| (0..rows).map(|k| of(k as f64)).collect::<Vec<f64>>();
        let (reference, new) = (sample(n, of), sample(m, new));
        let found = distances(&reference, &new);
        println!("{name}: {found:?}, scipy {ks} {wasserstein}");
        if n <= 100 {
            close(found[0], ks);
        } else {
            assert!((0.0..1.0 / 200.0).contains(&(ks - found[0].unwrap() + 1e-15)), "{name}: {found:?}");
        }
        if name == "few" {
            close(found[2], wasserstein);
        } else {
            let error = half_gaps(&reference, &new);
            assert!((found[2].unwrap() - wasserstein).abs() <= error, "{name}: {found:?}, within {error}");
            // Where many values are left out they are much alike on both sides, and the lines hardly err.
            let hardly = n <= 100 || (found[2].unwrap() - wasserstein).abs() < 0.001;
            assert!(hardly, "{name}: {found:?}");
        }
    }
}

/// The stated error of Wasserstein: over the gaps, half the gap times the shares of both sides in it, and a little
/// for the unit of places, over the sd.
fn half_gaps(reference: &[f64], new: &[f64]) -> f64 {
    let known = Reference::learn(reference);
    let share = |all: &[f64], from: f64, to: f64| {
        all.iter().filter(|value| from < **value && **value < to).count() as f64 / all.len() as f64
    };
    let gap = |w: &[f64]| 0.500_01 * (w[1] - w[0]) * (share(reference, w[0], w[1]) + share(new, w[0], w[1]));
    known.grid_points().windows(2).map(gap).sum::<f64>() / known.mean_and_sd().1.unwrap()
}

/// Both distances from their definitions, over all values of both sides.
fn defined(reference: &[f64], new: &[f64]) -> (f64, f64) {
    let mut all = [reference, new].concat();
    all.sort_by(f64::total_cmp);
    all.dedup();
    let at_most =
        |of: &[f64], x: f64| of.iter().filter(|value| **value <= x).count() as f64 / of.len() as f64;
    let difference = |x: f64| (at_most(reference, x) - at_most(new, x)).abs();
    let ks = all.iter().map(|x| difference(*x)).fold(0.0, f64::max);
    (ks, all.windows(2).map(|w| difference(w[0]) * (w[1] - w[0])).sum())
}

fn sd(values: &[f64]) -> f64 {
    let mut moments = Moments::new();
    moments.extend(values);
    moments.sd().unwrap()
}

proptest! {
    #[test]
    fn few_values_give_what_the_definitions_give(
        reference in prop::collection::vec(-8..8_i32, 2..60),
        new in prop::collection::vec(-12..12_i32, 1..60),
        quarters in prop::collection::vec(-40..40_i32, 1..60),
    ) {
        let [reference, mut new] = [reference, new].map(|all| all.into_iter().map(f64::from).collect::<Vec<_>>());
        let spread = sd(&reference);
        // KS whatever the new values are, between those of the reference too.
        let between: Vec<f64> = quarters.into_iter().map(|k| f64::from(k) / 4.0).collect();
        close(distances(&reference, &between)[0], defined(&reference, &between).0);
        if spread > 0.0 {
            let (_, length) = defined(&reference, &between);
            let found = distances(&reference, &between)[2].unwrap();
            prop_assert!((found - length / spread).abs() <= half_gaps(&reference, &between) + 1e-12);
        }
        // Wasserstein where new values are the reference's, or beyond them.
        let (min, max) = reference.iter().fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
        new.retain(|x| *x < min || *x > max || reference.contains(x));
        if spread > 0.0 && !new.is_empty() {
            close(distances(&reference, &new)[2], defined(&reference, &new).1 / spread);
        }
    }

    #[test]
    fn many_values_stay_within_the_stated_error(seed in any::<u64>(), n in 202..900_usize, m in 1..400_usize, ties in any::<bool>()) {
        let mut random = Random(seed);
        let round = |x: f64| if ties { (x * 40.0).round() / 40.0 } else { x };
        let mut draw = |rows: usize, shift: f64| random.normals(rows, shift).into_iter().map(round).collect::<Vec<f64>>();
        let (reference, new) = (draw(n, 0.0), draw(m, 0.3));
        let found = distances(&reference, &new);
        let (ks, length) = defined(&reference, &new);
        let low = ks - found[0].unwrap();
        prop_assert!((-1e-12..1.0 / 200.0).contains(&low), "{low}");
        prop_assert!((found[2].unwrap() - length / sd(&reference)).abs() <= half_gaps(&reference, &new) + 1e-12);
    }
}

#[test]
fn the_noise_is_as_large_as_it_says() {
    let mut random = Random(17);
    for (n, m, runs) in [(100, 100, 2000), (1000, 1000, 1000), (1000, 100, 1000)] {
        let (mut above, mut ratio) = (0, 0.0);
        for _ in 0..runs {
            let (reference, new) = (random.normals(n, 0.0), random.normals(m, 0.0));
            let [ks, threshold, wasserstein, expected] = distances(&reference, &new).map(Option::unwrap);
            above += u32::from(ks > threshold);
            ratio += wasserstein / expected / f64::from(runs);
        }
        println!("{n} and {m}: {above} of {runs} above, ratio {ratio}");
        // Three standard errors above 1 % are 0.94 points at 1000 runs; the mean of the ratio has one of 0.02.
        assert!(f64::from(above) <= 0.0195 * f64::from(runs), "{n} and {m}: {above}");
        assert!((ratio - 1.0).abs() < 0.08, "{n} and {m}: {ratio}");
    }
}

#[test]
fn a_shift_of_one_sd_is_seen_as_one() {
    // Of two normal distributions: KS 2 Phi(1/2) - 1 = 0.38292, Wasserstein 1.
    let mut random = Random(19);
    let [ks, _, wasserstein, _] =
        distances(&random.normals(20_000, 0.0), &random.normals(20_000, 1.0)).map(Option::unwrap);
    assert!((ks - 0.382_92).abs() < 0.02 && (wasserstein - 1.0).abs() < 0.03, "{ks} {wasserstein}");
}
