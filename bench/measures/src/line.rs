//! The calibration line's limits and test, under truth and with a slope of 0.8.

use crate::design::Design;
use crate::intervals::{designs, size};
use crate::random::Random;

pub fn run(seeds: u64, name: &str) {
    println!(
        "| design | n | slope held | intercept held | joint test rejects | slope held, rows taken as independent | rejects | power at 0.8 |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for design in designs().iter().filter(|design| design.name.contains(name)) {
        let mut counts = [0_u64; 6];
        for seed in 0..seeds {
            let rows = design.draw(&mut Random::new(seed));
            let found = Design::sample(&rows, 1.0).line(design.dependence, 0.95);
            let plain = Design::sample(&rows, 1.0).line(stats::Dependence::Rows, 0.95);
            let weak = Design::sample(&rows, 0.8).line(design.dependence, 0.95);
            let holds = |limits: Option<stats::Interval>, truth: f64| {
                limits.is_some_and(|l| l.lower <= truth && truth <= l.upper)
            };
            let rejects = |p: Option<f64>| p.is_some_and(|p| p < 0.05);
            let events = [
                holds(found.slope_limits, 1.0),
                holds(found.intercept_limits, 0.0),
                rejects(found.p_value),
                holds(plain.slope_limits, 1.0),
                rejects(plain.p_value),
                rejects(weak.p_value),
            ];
            counts.iter_mut().zip(events).for_each(|(count, event)| *count += u64::from(event));
        }
        let cells: Vec<String> =
            counts.iter().map(|&c| format!("{:.1}", 100.0 * c as f64 / seeds as f64)).collect();
        println!("| {} | {} | {} |", design.name, size(design.shape), cells.join(" | "));
    }
}
