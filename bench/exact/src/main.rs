//! Seconds of one fit of n rows x p columns on one thread: `bench-exact METHOD N P [decimals]`.
//!
//! Methods: `exact` (this project's Gram matrix and solver), `faer` (Householder QR), `linfa`. The data are seeded and
//! made before the clock starts. Prints `method n p seconds checksum`.

use std::time::Instant;

use exact::fit::{Options, fit};
use exact::gram::{Block, Column, Gram, Variable};

/// Rows handed to the Gram matrix at a time, as train-model reads them.
const BATCH: usize = 65_536;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, method, n, p, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: bench-exact exact|faer|linfa N P [decimals]");
        std::process::exit(2);
    };
    let (n, p): (usize, usize) = (n.parse().unwrap(), p.parse().unwrap());
    let decimals = rest.first().is_some_and(|r| r == "decimals");
    let (x, y) = data(n, p, decimals);
    let begun = Instant::now();
    let checksum = match method.as_str() {
        "exact" => by_gram(&x, &y, decimals),
        "faer" => by_faer(&x, &y),
        "linfa" => by_linfa(&x, &y),
        other => panic!("no method {other}"),
    };
    println!("{method} {n} {p} {:.3} {checksum:.9}", begun.elapsed().as_secs_f64());
}

/// Columns of full doubles, or of decimals of four digits; the target is their sum and noise.
fn data(n: usize, p: usize, decimals: bool) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut value = || if decimals { (next() * 1e4).round() } else { next() * 100.0 };
    let x: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| value()).collect()).collect();
    let y = (0..n).map(|i| x.iter().map(|c| c[i]).sum::<f64>() + value()).collect();
    (x, y)
}

fn by_gram(x: &[Vec<f64>], y: &[f64], decimals: bool) -> f64 {
    let variable = |j: usize| if decimals { Variable::decimal(j.to_string(), 2) } else { Variable::float(j.to_string()) };
    let mut gram = Gram::new((0..x.len()).map(variable).collect(), variable(x.len()));
    for start in (0..y.len()).step_by(BATCH) {
        let end = (start + BATCH).min(y.len());
        let predictors = x.iter().map(|c| Column::from(&c[start..end])).collect();
        gram.add(&Block::new(predictors, Column::from(&y[start..end]))).unwrap();
    }
    fit(&gram, &Options::default()).unwrap().coefficients.iter().skip(1).map(|c| c.estimate).sum()
}

fn by_faer(x: &[Vec<f64>], y: &[f64]) -> f64 {
    use faer::linalg::solvers::SolveLstsqCore as _;
    faer::set_global_parallelism(faer::Par::Seq);
    let a = faer::Mat::from_fn(y.len(), x.len() + 1, |i, j| if j == 0 { 1.0 } else { x[j - 1][i] });
    let mut b = faer::Mat::from_fn(y.len(), 1, |i, _| y[i]);
    a.qr().solve_lstsq_in_place_with_conj(faer::Conj::No, b.as_mut());
    (1..=x.len()).map(|j| b[(j, 0)]).sum()
}

fn by_linfa(x: &[Vec<f64>], y: &[f64]) -> f64 {
    use linfa::traits::Fit as _;
    let matrix = ndarray::Array2::from_shape_fn((y.len(), x.len()), |(i, j)| x[j][i]);
    let fitted = linfa_linear::LinearRegression::new()
        .fit(&linfa::Dataset::new(matrix, ndarray::Array1::from_vec(y.to_vec())))
        .unwrap();
    fitted.params().sum()
}
