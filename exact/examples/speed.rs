//! How fast are the sums and the Gram matrix? `cargo run --example speed -p exact`
//!
//! Prints nanoseconds a number, seconds for 1 M rows by 20 predictors, and milliseconds for fits, on one core.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program that prints")]

use std::hint::black_box;
use std::time::Instant;

use exact::Sum;
use exact::fit::{Options, Penalty, cross_validate, fit, lambdas, penalised};
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

/// One number of some kind.
type Kind = fn(&mut Uniform) -> f64;

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
        for x in &numbers {
            sum.add_product(*x, *x);
        }
        black_box(&sum);
    });

    let kinds: [(&str, Kind); 4] = [
        ("Gram: full doubles, normal", Uniform::normal),
        ("Gram: full doubles, uniform", Uniform::next),
        ("Gram: decimals of 4 digits as integers", |r| (r.normal() * 1e3).round()),
        ("Gram: decimals of 9 digits as integers", |r| (r.normal() * 1e8).round()),
    ];
    let weights: Vec<f64> = (0..ROWS).map(|_| random.next() + 0.5).collect();
    for (name, kind) in kinds {
        let data: Vec<Vec<f64>> =
            (0..=PREDICTORS).map(|_| (0..ROWS).map(|_| kind(&mut random)).collect()).collect();
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
    for predictors in [20, 100, 200] {
        solve(&mut random, predictors);
    }
}

/// Times the work that sees no rows.
fn solve(random: &mut Uniform, predictors: usize) {
    const FOLDS: usize = 10;
    const ROWS: usize = 500;
    let mut folds = Vec::new();
    for _ in 0..FOLDS {
        let data: Vec<Vec<f64>> =
            (0..=predictors).map(|_| (0..ROWS).map(|_| random.normal()).collect()).collect();
        let mut gram = Gram::new(
            (0..predictors).map(|i| Variable::float(format!("x{i}"))).collect(),
            Variable::float("y"),
        );
        gram.add(&Block::new(data[1..].iter().map(Column::from).collect(), Column::from(&data[0])))
            .expect("the block fits");
        folds.push(gram);
    }
    let mut whole = folds[0].emptied();
    for fold in &folds {
        whole.merge(fold).expect("the folds are alike");
    }
    let time = |name: &str, work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        println!("{predictors:>3} predictors: {name:<36} {:>9.1} ms", start.elapsed().as_secs_f64() * 1e3);
    };
    time("least squares", &mut || {
        black_box(fit(&whole, &Options::default()).expect("a fit"));
    });
    let penalty = Penalty::lasso();
    let path = lambdas(&whole, &penalty, 100, 1e-3).expect("a path");
    time("lasso, 100 penalties", &mut || {
        black_box(penalised(&whole, &penalty, &path).expect("a path"));
    });
    time("ridge, 100 penalties", &mut || {
        black_box(penalised(&whole, &Penalty::ridge(), &path).expect("a path"));
    });
    if predictors <= 20 {
        time("lasso path, 10-fold cross-validation", &mut || {
            let models = |train: &Gram| {
                Ok(penalised(train, &penalty, &path)?.into_iter().map(|model| model.linear).collect())
            };
            black_box(cross_validate(&folds, models).expect("a validation"));
        });
    }
}
