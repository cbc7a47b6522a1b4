//! Miscalibration and coverage against their known values.

use stats::{Calibration, Coverage, Quantiles, conformal_quantile, coverage_band};

use crate::random::Random;

/// `f = 0.2 + 1.3 x`, `y = x + e`, x and e normal: `E(y | f) = x`, so that MCB is `0.2^2 + 0.3^2`, DSC 1, UNC 2.
pub fn miscalibration(seeds: u64) {
    println!(
        "| predictions | n | MCB, truth | mean | its standard error | DSC, truth | mean | UNC, truth | mean |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, a, b) in [("calibrated", 0.0, 1.0), ("0.2 + 1.3 x", 0.2, 1.3)] {
        for n in [1000, 10_000] {
            let (mut mcb, mut squares, mut dsc, mut unc) = (0.0, 0.0, 0.0, 0.0);
            for seed in 0..seeds {
                let mut random = Random::new(seed);
                let mut calibration = Calibration::new();
                for _ in 0..n {
                    let x = random.normal();
                    calibration.add(a + b * x, x + random.normal());
                }
                let found = calibration.measures().decomposition;
                let value = found.mcb.unwrap();
                mcb += value;
                squares += value * value;
                dsc += found.dsc.unwrap();
                unc += found.unc.unwrap();
            }
            let count = seeds as f64;
            let error = ((squares / count - (mcb / count).powi(2)) / count).sqrt();
            let truth = a * a + (b - 1.0) * (b - 1.0);
            println!(
                "| {name} | {n} | {truth:.2} | {:.4} | {error:.4} | 1 | {:.4} | 2 | {:.4} |",
                mcb / count,
                dsc / count,
                unc / count
            );
        }
    }
}

/// Split conformal intervals of 90 %: how often the count of covered rows is inside the 95 % band.
pub fn coverage(seeds: u64) {
    println!(
        "| calibration rows | test rows | mean coverage, % | in the band, % | chance of the band, at least |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for (m, rows) in [(50, 100), (100, 100), (200, 1000), (1000, 1000), (1000, 10_000)] {
        let (low, high) = coverage_band(m, rows, 0.9).unwrap();
        let (mut inside, mut covered) = (0_u64, 0_u64);
        for seed in 0..seeds {
            let mut random = Random::new(seed);
            let mut scores = Quantiles::new();
            (0..m).for_each(|_| scores.add(random.normal().abs()));
            let q = conformal_quantile(&mut scores, 0.9).unwrap();
            let mut found = Coverage::new();
            let mut count = 0;
            for _ in 0..rows {
                let e = random.normal();
                found.add(-q, q, e);
                count += u64::from(e.abs() <= q);
            }
            covered += count;
            inside += u64::from(low <= count && count <= high);
            let share = found.measures(0.9, Some(m), None).coverage.unwrap();
            assert_eq!(share, count as f64 / rows as f64);
        }
        let percent = |part: u64, of: u64| 100.0 * part as f64 / of as f64;
        println!(
            "| {m} | {rows} | {:.2} | {:.1} | 95 |",
            percent(covered, seeds * rows),
            percent(inside, seeds)
        );
    }
}
