//! Alarms of the population stability index for columns of many kinds: seldom without drift, nearly always with it.
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

use stats::Reference;
use support::Random;

/// One value of a column, moved by so many standard deviations.
type Draw = fn(&mut Random, f64) -> f64;

/// A value missing in this share of rows.
fn or_missing(random: &mut Random, share: f64, value: f64) -> f64 {
    if random.uniform() < share { f64::NAN } else { value }
}

fn normal(random: &mut Random, shift: f64) -> f64 {
    random.normal() + shift
}

fn tenth_missing(random: &mut Random, shift: f64) -> f64 {
    let value = normal(random, shift);
    or_missing(random, 0.1, value)
}

fn third_missing(random: &mut Random, shift: f64) -> f64 {
    let value = normal(random, shift);
    or_missing(random, 0.3, value)
}

/// About seven distinct values.
fn whole_deviations(random: &mut Random, shift: f64) -> f64 {
    (random.normal() + shift).round()
}

/// Five distinct values, equally often; their sd is the root of 2.
fn fifths(random: &mut Random, shift: f64) -> f64 {
    (random.uniform() * 5.0 + shift * 2.0_f64.sqrt()).floor()
}

/// Whole numbers, 0 in half of the rows; the sd of an exponential of mean 1.5 is 1.5.
fn waits(random: &mut Random, shift: f64) -> f64 {
    (-random.uniform().ln() * 1.5 + shift * 1.5).floor()
}

/// Student's t with 3 degrees of freedom, whose sd is the root of 3.
fn heavy(random: &mut Random, shift: f64) -> f64 {
    let squares: f64 = (0..3).map(|_| random.normal().powi(2)).sum();
    random.normal() / (squares / 3.0).sqrt() + shift * 3.0_f64.sqrt()
}

fn log_normal(random: &mut Random, shift: f64) -> f64 {
    (3.0 * normal(random, shift)).exp()
}

fn cauchy(random: &mut Random, shift: f64) -> f64 {
    random.normal() / random.normal() + shift
}

/// Zero in four of five rows.
fn mostly_zero(random: &mut Random, shift: f64) -> f64 {
    let value = log_normal(random, shift);
    if random.uniform() < 0.8 { 0.0 } else { value }
}

/// Nothing but the tails around a spike.
fn spike(random: &mut Random, shift: f64) -> f64 {
    let value = normal(random, shift);
    if value.abs() < 1.645 { 0.0 } else { value }
}

/// Yes in one of twenty rows.
fn seldom(random: &mut Random, shift: f64) -> f64 {
    f64::from(normal(random, shift) > 1.645)
}

/// Ties, outliers and missing rows together.
fn all_at_once(random: &mut Random, shift: f64) -> f64 {
    let value = cauchy(random, shift).round();
    or_missing(random, 0.2, value)
}

fn alarms(draw: Draw, runs: u32, rows: usize, shift: f64) -> f64 {
    let mut random = Random(3 + rows as u64);
    let mut alarms = 0;
    for _ in 0..runs {
        let training: Vec<f64> = (0..rows).map(|_| draw(&mut random, 0.0)).collect();
        let new: Vec<f64> = (0..rows).map(|_| draw(&mut random, shift)).collect();
        let reference = Reference::learn(&training);
        alarms += u32::from(reference.compare(&reference.count(&new)).alarm);
    }
    f64::from(alarms) / f64::from(runs)
}

#[test]
fn without_drift_hardly_any_column_alarms() {
    let kinds: [(&str, Draw); 13] = [
        ("normal", normal),
        ("a tenth missing", tenth_missing),
        ("three tenths missing", third_missing),
        ("whole deviations", whole_deviations),
        ("fifths", fifths),
        ("waits", waits),
        ("heavy tails", heavy),
        ("log-normal", log_normal),
        ("Cauchy", cauchy),
        ("mostly zero", mostly_zero),
        ("a spike", spike),
        ("seldom", seldom),
        ("all at once", all_at_once),
    ];
    for (name, draw) in kinds {
        for (rows, runs) in [(100, 5000), (200, 5000), (1000, 500), (10_000, 40)] {
            let found = alarms(draw, runs, rows, 0.0);
            assert!(found <= 0.015, "{name}, {rows} rows: {found}");
        }
    }
}

#[test]
fn with_drift_nearly_every_column_alarms() {
    // With three tenths missing there are but 70 values a side, and one bin more.
    let kinds: [(&str, Draw, f64, f64); 8] = [
        ("normal", normal, 0.95, 0.99),
        ("a tenth missing", tenth_missing, 0.95, 0.99),
        ("three tenths missing", third_missing, 0.9, 0.98),
        ("whole deviations", whole_deviations, 0.95, 0.99),
        ("fifths", fifths, 0.95, 0.99),
        ("waits", waits, 0.95, 0.99),
        ("heavy tails", heavy, 0.95, 0.99),
        ("log-normal", log_normal, 0.95, 0.99),
    ];
    for (name, draw, whole, half) in kinds {
        let found = alarms(draw, 2000, 100, 1.0);
        assert!(found >= whole, "{name}, one deviation at 100 rows: {found}");
        let found = alarms(draw, 1000, 1000, 0.5);
        assert!(found >= half, "{name}, half a deviation at 1000 rows: {found}");
    }
}
