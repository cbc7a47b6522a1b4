//! How fast are the sums and the Gram matrix? `cargo run --example speed -p exact`
//!
//! Prints nanoseconds a number and seconds for 1 M rows by 20 predictors, on one core.

use std::hint::black_box;
use std::time::Instant;

use exact::Sum;
use exact::gram::{Block, Column, Gram, Variable};

const ROWS: usize = 1_000_000;
const PREDICTORS: usize = 20;

/// A small generator of the uniform distribution on (0, 1): enough for timing.
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

    /// About normal: twelve uniforms less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

fn main() {
    let mut random = Uniform(1);
    let numbers: Vec<f64> = (0..ROWS).map(|_| random.normal()).collect();
    let time = |name: &str, work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        let seconds = start.elapsed().as_secs_f64();
        println!("{name:<42} {seconds:>7.3} s  {:>7.2} ns each", seconds * 1e9 / ROWS as f64);
    };
    time("plain f64 sum", &mut || {
        black_box(numbers.iter().sum::<f64>());
    });
    time("Sum::add", &mut || {
        black_box(numbers.iter().copied().collect::<Sum>());
    });
    time("Sum::add_product", &mut || {
        let mut sum = Sum::new();
        numbers.iter().for_each(|x| sum.add_product(*x, *x));
        black_box(&sum);
    });

    let kinds: [(&str, fn(&mut Uniform) -> f64); 4] = [
        ("Gram: full doubles, normal", Uniform::normal),
        ("Gram: full doubles, uniform", Uniform::next),
        ("Gram: decimals of 4 digits as integers", |r| (r.normal() * 1e3).round()),
        ("Gram: decimals of 9 digits as integers", |r| (r.normal() * 1e8).round()),
    ];
    let weights: Vec<f64> = (0..ROWS).map(|_| random.next() + 0.5).collect();
    for (name, kind) in kinds {
        let data: Vec<Vec<f64>> = (0..=PREDICTORS).map(|_| (0..ROWS).map(|_| kind(&mut random)).collect()).collect();
        let predictors: Vec<Column> = data[1..].iter().map(Column::from).collect();
        let mut gram = Gram::new(
            (0..PREDICTORS).map(|i| Variable::float(format!("x{i}"))).collect(),
            Variable::float("y"),
        );
        let empty = gram.clone();
        let block = Block::new(predictors.clone(), Column::from(&data[0]));
        time(name, &mut || gram.add(&block).expect("the block fits"));
        println!("{:<42} {:>7} bytes", "", gram.to_bytes().len());
        let mut gram = empty.clone();
        let block = Block::weighted(predictors, Column::from(&data[0]), &weights);
        time("  the same with weights", &mut || gram.add(&block).expect("the block fits"));
    }
}
