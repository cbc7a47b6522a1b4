//! How often the 95 % intervals of errors hold the true value.

use stats::{Dependence, Reason};

use crate::design::{Design, Errors, Shape};
use crate::random::Random;

pub fn designs() -> Vec<Design> {
    let plain = Design {
        name: "",
        dependence: Dependence::Time,
        shape: Shape::Times(0),
        rho: 0.0,
        errors: Errors::Normal,
    };
    let mut all = Vec::new();
    for n in [12, 20, 50, 100, 200, 1000] {
        for (rho, name) in [(0.0, "times, independent"), (0.5, "times, AR(1) 0.5")] {
            all.push(Design { name, rho, shape: Shape::Times(n), ..plain });
        }
    }
    for (rho, name) in [(0.0, "panel, independent"), (0.5, "panel, AR(1) 0.5")] {
        all.push(Design { name, rho, shape: Shape::Panel(20, 60), ..plain });
    }
    for count in [10, 20, 40, 100] {
        all.push(Design {
            name: "entities",
            dependence: Dependence::Entity,
            shape: Shape::Entities(count),
            ..plain
        });
    }
    for n in [20, 100, 1000] {
        all.push(Design { name: "rows", dependence: Dependence::Rows, shape: Shape::Rows(n), ..plain });
    }
    for (errors, name) in
        [(Errors::Exponential, "rows, exponential"), (Errors::LogNormal, "rows, log-normal")]
    {
        for n in [100, 1000] {
            all.push(Design { name, dependence: Dependence::Rows, shape: Shape::Rows(n), errors, ..plain });
        }
    }
    all.push(Design {
        name: "times, exponential, AR(1) 0.5",
        rho: 0.5,
        shape: Shape::Times(200),
        errors: Errors::Exponential,
        ..plain
    });
    all
}

pub fn size(shape: Shape) -> String {
    match shape {
        Shape::Times(n) | Shape::Rows(n) | Shape::Entities(n) => n.to_string(),
        Shape::Panel(entities, times) => format!("{entities} x {times}"),
    }
}

pub fn run(seeds: u64, name: &str) {
    println!("| design | n | MAE | RMSE | bias | median | R2 | difference | block length |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for design in designs().iter().filter(|design| design.name.contains(name)) {
        let truth = design.truth();
        let mut held = [0_u64; 6];
        let mut length = 0;
        for seed in 0..seeds {
            let rows = design.draw(&mut Random::new(seed));
            let (found, rivals) =
                Design::sample(&rows, 1.0).intervals(design.dependence, 0.95, Err(Reason::NotRead));
            length += found.block_length;
            let rival = rivals[0].difference;
            let all = [found.mae, found.rmse, found.bias, found.median_absolute_error, found.r2, rival];
            for ((count, interval), truth) in held.iter_mut().zip(all).zip(truth) {
                *count += u64::from(interval.is_some_and(|i| i.lower <= truth && truth <= i.upper));
            }
        }
        let percent = |count: &u64| format!("{:.1}", 100.0 * *count as f64 / seeds as f64);
        let cells: Vec<String> = held
            .iter()
            .zip(truth)
            .map(|(c, t)| if t.is_nan() { String::new() } else { percent(c) })
            .collect();
        let length = length as f64 / seeds as f64;
        println!("| {} | {} | {} | {length:.1} |", design.name, size(design.shape), cells.join(" | "));
    }
}

/// Seconds for a million rows, drawn before the clock starts.
pub fn speed() {
    println!("| rows | seconds, intervals | seconds, line |");
    println!("| --- | --- | --- |");
    for (dependence, name) in [(Dependence::Rows, "rows"), (Dependence::Time, "times")] {
        let mut random = Random::new(1);
        let mut sample = stats::Sample::new(2);
        for i in 0..1_000_000 {
            let (f, e) = (random.normal() + 10.0, random.normal());
            let key = if dependence == Dependence::Time { i / 10 } else { random.bits() as i64 };
            sample.add(key, f, f - e, &[f + random.normal(), f]);
        }
        let begun = std::time::Instant::now();
        let (found, _) = sample.intervals(dependence, 0.95, Err(Reason::NotRead));
        let first = begun.elapsed().as_secs_f64();
        let begun = std::time::Instant::now();
        let line = sample.line(dependence, 0.95);
        assert!(found.mae.is_some() && line.slope_limits.is_some());
        println!("| {name}, 1,000,000 | {first:.2} | {:.2} |", begun.elapsed().as_secs_f64());
    }
}
