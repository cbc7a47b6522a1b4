//! Intervals keep their promise on made data whose truth is known.

use std::path::Path;

use serde_json::Value;

use super::support::panel::Random;
use super::{by_hand, metrics, opened, train, write};

/// Rows of `x, y` by part: train, calibration, test.
pub(crate) struct Made {
    parts: [Vec<(f64, f64)>; 3],
}

impl Made {
    /// The rows as lines of CSV, with their part.
    pub(crate) fn rows(&self) -> Vec<String> {
        let named = self.parts.iter().zip(["train", "calibration", "test"]);
        named.flat_map(|(rows, part)| rows.iter().map(move |(x, y)| format!("{x},{y},{part}\n"))).collect()
    }

    fn write(&self, folder: &Path) {
        write(folder.join("features.csv"), format!("x,y,split\n{}", self.rows().concat()));
    }
}

/// Uniform in 0 to 1.
fn uniform(random: &mut Random) -> f64 {
    (random.next() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Normal, by the sum of twelve uniform numbers.
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| uniform(random)).sum::<f64>() - 6.0
}

fn made(seed: u64, sizes: [usize; 3], spread: fn(f64) -> f64) -> Made {
    let mut random = Random(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
    let mut part = |rows: usize| {
        let mut row = || {
            let x = 3.0 * uniform(&mut random);
            (x, 1.0 + 2.0 * x + spread(x) * normal(&mut random))
        };
        (0..rows).map(|_| row()).collect()
    };
    Made { parts: sizes.map(&mut part) }
}

/// Errors that grow with x, by 0.2 + x.
pub(crate) fn fan(seed: u64, train: usize, calibration: usize, test: usize) -> Made {
    made(seed, [train, calibration, test], |x| 0.2 + x)
}

/// Mean coverage at 80 % and 90 % over seeds, of rows that are exchangeable, lies within four standard errors of
/// `rank / (m + 1)`: the mean of the beta-binomial distribution, whose variance is known.
fn on_average(method: &str, calibration: usize, seeds: u64) {
    let test = 300;
    let folder = by_hand(&format!("intervals = {{ method = \"{method}\" }}\n"), "");
    let mut covered = [0.0; 2];
    for seed in 0..seeds {
        fan(seed + 1, 60, calibration, test).write(folder.path());
        train(folder.path()).success();
        let found = metrics(folder.path());
        for (level, sum) in covered.iter_mut().enumerate() {
            let at = &found["test"]["intervals"][level];
            assert_eq!(at["n"], test, "{at}");
            *sum += at["covered"].as_f64().unwrap();
        }
    }
    for (covered, level) in covered.iter().zip([0.8, 0.9]) {
        let (m, k) = (calibration as f64, test as f64);
        let a = ((m + 1.0) * level - 1e-9).ceil();
        let p = a / (m + 1.0);
        // k p (1 - p) (m + 1 + k) / (m + 2), a sum of counts over independent seeds.
        let variance = k * p * (1.0 - p) * (m + 1.0 + k) / (m + 2.0) * seeds as f64;
        let gap = covered - seeds as f64 * k * p;
        println!(
            "{method}, m = {m}, level {level}: mean coverage {:.4}, expected {p:.4}",
            covered / k / seeds as f64
        );
        assert!(gap.abs() < 4.0 * variance.sqrt(), "{method} {m} {level}: {gap} of {}", variance.sqrt());
    }
}

#[test]
fn conformal_covers_what_it_promises_on_average() {
    [(19, 60), (100, 40), (1000, 20)].iter().for_each(|(m, seeds)| on_average("conformal", *m, *seeds));
}

#[test]
fn normalised_covers_what_it_promises_on_average() {
    [(19, 60), (100, 40), (1000, 20)].iter().for_each(|(m, seeds)| on_average("normalised", *m, *seeds));
}

/// Coverage of the 90 % intervals on the test rows, by tercile of x.
fn by_tercile(method: &str, made: &Made) -> [f64; 3] {
    let folder = by_hand(&format!("intervals = {{ method = \"{method}\" }}\n"), "");
    made.write(folder.path());
    train(folder.path()).success();
    let model = opened(folder.path());
    let (x, y): (Vec<f64>, Vec<f64>) = made.parts[2].iter().copied().unzip();
    let bounds = model.intervals(&[&x], &model.predict(&[&x]))[1].bounds.clone().unwrap();
    let mut counts = [(0.0, 0.0); 3];
    for (i, x) in x.iter().enumerate() {
        // x is uniform in 0 to 3.
        let of = &mut counts[usize::from(*x > 1.0) + usize::from(*x > 2.0)];
        of.0 += f64::from(u8::from(bounds.lower[i] <= y[i] && y[i] <= bounds.upper[i]));
        of.1 += 1.0;
    }
    counts.map(|(covered, rows)| covered / rows)
}

#[test]
fn normalised_intervals_hold_in_every_tercile_where_plain_ones_do_not() {
    let data = fan(11, 2000, 2000, 6000);
    let plain = by_tercile("conformal", &data);
    assert!(plain[0] > 0.98 && plain[2] < 0.80, "{plain:?}");
    let normalised = by_tercile("normalised", &data);
    println!("plain {plain:.3?}, normalised {normalised:.3?}");
    // Within a tercile the promise is the scale's, which is nearly right: the true one is a line.
    assert!(normalised.iter().all(|c| (c - 0.9).abs() < 0.03), "{normalised:?}");
}

#[test]
fn t_intervals_hold_for_normal_errors_of_few_rows() {
    let folder = by_hand("intervals = { method = \"t\" }\n", "");
    let (seeds, k) = (60, 200);
    let mut covered = [0.0; 2];
    for seed in 0..seeds {
        made(seed + 7, [8, 0, k], |_| 1.0).write(folder.path());
        train(folder.path()).success();
        let found = metrics(folder.path());
        let of = |level: usize| found["test"]["intervals"][level]["covered"].as_f64().unwrap();
        covered[0] += of(0);
        covered[1] += of(1);
    }
    for (covered, level) in covered.iter().zip([0.8, 0.9]) {
        let share = covered / f64::from(u32::try_from(seeds).unwrap()) / k as f64;
        // The sd of the coverage given the fit is about 0.1 with six degrees of freedom, over 60 seeds 0.013; with
        // normal in place of t quantiles the share would be 0.75 and 0.84, without the leverage 0.75 and 0.86.
        assert!((share - level).abs() < 0.035, "{level}: {share}");
    }
}

#[test]
fn drift_breaks_the_promise_and_is_told() {
    let mut data = made(3, [200, 300, 300], |_| 1.0);
    // The level moves by three standard deviations after calibration.
    data.parts[2].iter_mut().for_each(|(_, y)| *y += 3.0);
    let folder = by_hand("", "");
    data.write(folder.path());
    train(folder.path()).success();
    let found: Value = metrics(folder.path());
    assert_eq!(found["test"]["intervals"][1]["verdict"], "too_narrow");
    let log = super::read(folder.path().join("logs/evaluate.log"));
    assert!(log.contains("WARN evaluate: test: 90 % intervals cover"), "{log}");
}
