//! The population stability index: bins by hand, the alarm rate without drift, and its power.
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

use stats::{Categories, CategoryReference, Psi, Reason, Reference, Verdict};
use support::Random;

const MISSING: f64 = f64::NAN;

#[test]
fn bins_are_closed_on_the_right() {
    // 0 to 10: h = 10 part/10, so the deciles are 1 to 9; the first bin holds 0 and 1.
    let values: Vec<f64> = (0..=10).map(f64::from).collect();
    let reference = Reference::learn(&values);
    assert_eq!(reference.edges(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert_eq!(reference.bin_counts(), [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    assert_eq!((reference.range(), reference.missing()), (Some((0.0, 10.0)), 0));
    let counts = reference.count(&[1.0, 1.5, 2.0, -5.0, 0.0, 99.0, MISSING, f64::INFINITY]);
    assert_eq!(counts.bins(), [3, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
    let psi = reference.compare(&counts);
    assert_eq!((psi.n_reference, psi.n, psi.df), (11, 8, 10));
    assert_eq!((psi.share_below, psi.share_above), (Some(0.125), Some(0.125)));
    assert_eq!((psi.missing_share_reference, psi.missing_share), (Some(0.0), Some(0.25)));
}

#[test]
fn a_spike_is_cut_off_from_the_values_below_it() {
    let of = |zeros: usize, ones: usize, twos: usize| {
        [vec![0.0; zeros], vec![1.0; ones], vec![2.0; twos]].concat()
    };
    // All deciles fall on 1; bins (-inf, 0], (0, 1], (1, inf).
    let reference = Reference::learn(&of(5, 90, 5));
    assert_eq!((reference.edges(), reference.bin_counts()), ([0.0, 1.0].as_slice(), [5, 90, 5].as_slice()));
    // With the deciles alone there would be two bins, (-inf, 1] and (1, inf), and this would not show.
    assert!(reference.compare(&reference.count(&of(30, 65, 5))).alarm);
    // An edge at the maximum would leave an empty bin above it.
    let reference = Reference::learn(&of(5, 95, 0));
    assert_eq!((reference.edges(), reference.bin_counts()), ([0.0].as_slice(), [5, 95].as_slice()));
}

#[test]
fn a_constant_column_alarms_when_it_starts_to_vary() {
    let reference = Reference::learn(&[7.0; 200]);
    assert_eq!(reference.bin_counts(), [0, 200, 0]);
    assert_eq!(reference.compare(&reference.count(&[7.0; 200])).verdict, Verdict::Stable);
    let new: Vec<f64> = (0..200).map(|k| if k % 4 == 0 { 8.0 } else { 7.0 }).collect();
    let psi = reference.compare(&reference.count(&new));
    assert_eq!((psi.verdict, psi.share_above), (Verdict::Large, Some(0.25)));
    for end in [f64::MAX, -f64::MAX] {
        let reference = Reference::learn(&[end; 3]);
        assert!(reference.edges().iter().all(|edge| edge.is_finite()));
    }
}

#[test]
fn without_rows_or_values() {
    let none = Reference::learn(&[]);
    let psi = none.compare(&none.count(&[1.0]));
    assert_eq!((psi.psi, psi.absent.reason("psi")), (None, Some(Reason::NoRows)));
    assert_eq!(psi.verdict, Verdict::NotEnoughRows);
    // Training had no value at all, the new rows have: that is drift, of the missing share.
    let missing = Reference::learn(&[MISSING; 500]);
    let psi = missing.compare(&missing.count(&[1.0; 500]));
    assert_eq!((psi.verdict, psi.missing_share_reference), (Verdict::Large, Some(1.0)));
    let other = Reference::learn(&[1.0, 2.0, 3.0]).count(&[1.0]);
    assert_eq!(missing.compare(&other).absent.reason("psi"), Some(Reason::BinsDiffer));
    assert_eq!(missing.empty().merge(&other), Err(Reason::BinsDiffer));
}

#[test]
fn a_damaged_reference_is_refused() {
    let reference = Reference::learn(&[3.0, 1.0, MISSING, 2.0, 2.0]);
    let text = serde_json::to_string(&reference).unwrap();
    assert_eq!(serde_json::from_str::<Reference>(&text).unwrap(), reference);
    for damaged in [
        r#"{"edges":[2.0,1.0],"counts":[1,1,1],"missing":0,"min":0.0,"max":3.0}"#,
        r#"{"edges":[1.0],"counts":[1,1,1],"missing":0,"min":0.0,"max":3.0}"#,
        r#"{"edges":[1.0],"counts":[1,1],"missing":0,"min":4.0,"max":3.0}"#,
        r#"{"edges":[1.0],"counts":[1,1],"missing":0,"min":null,"max":3.0}"#,
    ] {
        assert!(serde_json::from_str::<Reference>(damaged).is_err(), "{damaged}");
    }
    let grid = r#""grid":{"points":[0.0,3.0],"at":[18446744073709551615,9],"between":[],"places":[]}"#;
    let huge = format!(
        r#"{{"edges":[1.0],"counts":[18446744073709551615,9],"missing":9,"min":0.0,"max":3.0,{grid}}}"#
    );
    let huge: Reference = serde_json::from_str(&huge).unwrap();
    assert!(huge.compare(&huge.count(&[1.0])).psi.unwrap().is_finite());
}

#[test]
fn huge_counts_do_not_overflow() {
    let text = r#"{"counts":{"a":18446744073709551615,"b":18446744073709551615,"c":9},"missing":9}"#;
    let reference: CategoryReference = serde_json::from_str(text).unwrap();
    let psi = reference.compare(&reference.count([Some("a"), Some("c"), None]));
    assert!(psi.psi.is_none_or(f64::is_finite));
}

fn rate(runs: u32, mut run: impl FnMut() -> Psi) -> f64 {
    let mut alarms = 0;
    for _ in 0..runs {
        let psi = run();
        assert_eq!(psi.alarm, matches!(psi.verdict, Verdict::Moderate | Verdict::Large));
        alarms += u32::from(psi.alarm);
    }
    f64::from(alarms) / f64::from(runs)
}

fn alarm_rate(random: &mut Random, runs: u32, n: usize, m: usize, shift: f64) -> f64 {
    rate(runs, || {
        let reference = Reference::learn(&random.normals(n, 0.0));
        reference.compare(&reference.count(&random.normals(m, shift)))
    })
}

#[test]
fn without_drift_alarms_are_rare() {
    let mut random = Random(7);
    for (n, runs) in [(20, 5000), (100, 5000), (200, 5000), (1000, 1000), (10_000, 1000)] {
        let found = alarm_rate(&mut random, runs, n, n, 0.0);
        assert!(found <= 0.015, "{n} rows: {found}");
    }
    for (n, m) in [(1000, 200), (10_000, 50), (50, 10_000)] {
        let found = alarm_rate(&mut random, 1000, n, m, 0.0);
        assert!(found <= 0.02, "{n} and {m} rows: {found}");
    }
}

#[test]
fn with_drift_alarms_are_common() {
    let mut random = Random(11);
    assert!(alarm_rate(&mut random, 2000, 100, 100, 1.0) >= 0.95);
    assert!(alarm_rate(&mut random, 1000, 1000, 1000, 0.5) >= 0.99);
}

fn reference_of(rows: &[String]) -> CategoryReference {
    let mut categories = Categories::new();
    categories.extend(rows.iter().map(|row| Some(row.as_str())));
    CategoryReference::learn(&categories)
}

#[test]
fn categories_by_hand() {
    // Training a 60, b 40; new rows a 30, b 30, c 40, none missing: bins a, b and `other`.
    let rows = |counts: &[(&str, usize)]| -> Vec<String> {
        counts.iter().flat_map(|(name, n)| vec![(*name).to_owned(); *n]).collect()
    };
    let reference = reference_of(&rows(&[("a", 60), ("b", 40)]));
    let new = rows(&[("a", 30), ("b", 30), ("c", 40)]);
    let psi = reference.compare(&reference.count(new.iter().map(|row| Some(row.as_str()))));
    let term = |r: f64, c: f64| (c - r) / 101.5 * (c / r).ln();
    let hand = term(60.5, 30.5) + term(40.5, 30.5) + term(0.5, 40.5);
    assert!((psi.psi.unwrap() - hand).abs() < 1e-14);
    assert_eq!((psi.df, psi.share_unseen, psi.share_below), (2, Some(0.4), None));
    assert_eq!(psi.verdict, Verdict::Large);
    // The same rows: no `other`, one degree.
    let same = rows(&[("a", 60), ("b", 40)]);
    let psi = reference.compare(&reference.count(same.iter().map(|row| Some(row.as_str()))));
    assert_eq!((psi.df, psi.psi, psi.alarm), (1, Some(0.0), false));
    // Names seen once each, as in a column of keys, are all pooled: nothing to compare, and no alarm.
    let keys: Vec<String> = (0..100).map(|k| format!("key {k}")).collect();
    let reference = reference_of(&keys);
    let psi = reference.compare(&reference.count(keys.iter().map(|row| Some(row.as_str()))));
    assert_eq!((psi.absent.reason("psi"), psi.alarm), (Some(Reason::OneBin), false));
}

#[test]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn many_rare_categories_do_not_alarm() {
    let mut random = Random(13);
    for (names, n, m) in
        [(50, 100, 100), (50, 200, 200), (200, 1000, 1000), (1000, 1000, 1000), (20, 1000, 100)]
    {
        for skew in [1.0, 3.0] {
            let found = rate(1000, || {
                let mut draw = |rows: usize| -> Vec<String> {
                    let name = |u: f64| format!("{}", (u.powf(skew) * f64::from(names)) as u32);
                    (0..rows).map(|_| name(random.uniform())).collect()
                };
                let (training, new) = (draw(n), draw(m));
                let reference = reference_of(&training);
                reference.compare(&reference.count(new.iter().map(|row| Some(row.as_str()))))
            });
            assert!(found <= 0.02, "{names} names, {n} and {m} rows: {found}");
        }
    }
}
