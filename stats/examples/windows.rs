//! How fast are windows? `cargo build --workspace --example windows && target/debug/examples/windows`
//!
//! Prints seconds for 1 M rows of one column on one core, and a checksum of the answers.

#![expect(clippy::print_stdout, reason = "a program that prints")]

use std::collections::VecDeque;
use std::time::Instant;

use exact::{Sum, moments};
use stats::WindowStatistic::{self, Max, Mean, Median, Min, Sd};
use stats::{Value, Window};

const ROWS: usize = 1_000_000;

/// Uniform on (0, 1): enough for timing.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bits = self.0;
        bits ^= bits >> 33;
        bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
        bits ^= bits >> 33;
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

fn main() {
    let mut random = Uniform(1);
    let mut column = |make: &mut dyn FnMut(&mut Uniform) -> f64| -> Vec<f64> {
        (0..ROWS).map(|_| make(&mut random)).collect()
    };
    let columns = [
        ("prices, 2 places", column(&mut |random| (random.next() * 1e5).round() / 100.0)),
        ("6 digits", column(&mut |random| (random.normal() * 1e5).round() / 1e6)),
        ("normal", column(&mut Uniform::normal)),
        ("normal, an outlier of 1e300 in 1000", {
            column(&mut |random| if random.next() < 0.001 { 1e300 } else { random.normal() })
        }),
        ("log-normal, sd 5", column(&mut |random| (5.0 * random.normal()).exp())),
        ("all over the range", column(&mut |random| (100.0 * random.normal()).exp())),
    ];
    for (name, values) in &columns {
        println!("{name}");
        for size in [7, 30, ROWS] {
            run(values, size, &[Mean, Sd]);
        }
        plain(values, 30);
    }
    println!("prices again");
    for size in [7, 30, 1000, ROWS] {
        run(&columns[0].1, size, &[Min, Max]);
        run(&columns[0].1, size, &[Median]);
    }
    run(&columns[2].1, ROWS, &[Median]);
}

fn run(values: &[f64], size: usize, wanted: &[WindowStatistic]) {
    let start = Instant::now();
    let mut window = Window::new(wanted);
    let mut check = 0_u64;
    for value in values {
        if window.len() == size {
            window.drop_oldest();
        }
        window.push(*value);
        for statistic in wanted {
            check = fold(check, window.value(*statistic));
        }
    }
    report(&format!("{wanted:?} of {size}"), start, check);
}

/// The same by plain exact sums.
fn plain(values: &[f64], size: usize) {
    let start = Instant::now();
    let (mut rows, mut sum, mut squares) = (VecDeque::new(), Sum::new(), Sum::new());
    let mut check = 0_u64;
    for value in values {
        if rows.len() == size {
            let old: f64 = rows.pop_front().unwrap_or_default();
            sum.remove(old);
            squares.remove_product(old, old);
        }
        rows.push_back(*value);
        sum.add(*value);
        squares.add_product(*value, *value);
        let n = rows.len() as u64;
        check = fold(check, Ok(moments::mean(n, &sum)));
        check = fold(check, Ok(moments::sd(n, &sum, &squares)).and_then(finite));
    }
    report(&format!("plain sums, [Mean, Sd] of {size}"), start, check);
}

fn finite(value: f64) -> Value {
    if value.is_finite() { Ok(value) } else { Err(stats::Reason::TooFewRows) }
}

fn fold(check: u64, value: Value) -> u64 {
    check.rotate_left(7) ^ value.map_or(1, f64::to_bits)
}

fn report(name: &str, start: Instant, check: u64) {
    println!("  {name:<34} {:>7.3} s  {check:016x}", start.elapsed().as_secs_f64());
}
