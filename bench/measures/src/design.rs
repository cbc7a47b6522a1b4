//! Made data whose true measures are known.

use stats::{Dependence, Sample};

use crate::random::Random;

/// How rows come about.
#[derive(Clone, Copy)]
pub struct Design {
    pub name: &'static str,
    pub dependence: Dependence,
    pub shape: Shape,
    /// Autocorrelation of errors, and of predictions.
    pub rho: f64,
    pub errors: Errors,
}

#[derive(Clone, Copy)]
pub enum Shape {
    /// So many times, one row each.
    Times(usize),
    /// Entities and times; half of the variance of errors is shared by all entities of a time.
    Panel(usize, usize),
    /// Entities of 10 to 40 rows; half of the variance of errors is shared by the rows of an entity.
    Entities(usize),
    Rows(usize),
}

#[derive(Clone, Copy, PartialEq)]
pub enum Errors {
    Normal,
    /// Exponential, less its mean.
    Exponential,
    /// Log-normal of sd 1 in its logarithm, over its mean, less 1.
    LogNormal,
}

/// One row: prediction, error (prediction minus outcome), error of the rival.
pub struct Drawn {
    pub key: i64,
    pub f: f64,
    pub e: f64,
    pub rival: f64,
}

/// Standard deviation of what the rival adds to the model's error.
const RIVAL: f64 = 0.5;
/// Level and standard deviation of predictions.
const LEVEL: f64 = 10.0;
const SPREAD: f64 = 1.5;

impl Design {
    pub fn draw(&self, random: &mut Random) -> Vec<Drawn> {
        let (keys, parts) = match self.shape {
            Shape::Times(n) => ((0..n as i64).collect(), [0, 1, 2].map(|_| random.series(n, self.rho))),
            Shape::Rows(n) => {
                let parts = [0, 1, 2].map(|_| random.series(n, 0.0));
                ((0..n).map(|_| random.bits() as i64).collect(), parts)
            }
            Shape::Panel(entities, times) => {
                let keys = (0..times * entities).map(|i| (i / entities) as i64).collect();
                (keys, [0, 1, 2].map(|_| panel(random, entities, times, self.rho)))
            }
            Shape::Entities(count) => entities(random, count),
        };
        let [f, e, more]: [Vec<f64>; 3] = parts;
        let keys: Vec<i64> = keys;
        let shaped = |z: f64| match self.errors {
            Errors::Normal => z,
            Errors::Exponential => -(0.5 * erfc(z / std::f64::consts::SQRT_2)).ln() - 1.0,
            Errors::LogNormal => (z - 0.5).exp() - 1.0,
        };
        (0..keys.len())
            .map(|i| {
                let e = shaped(e[i]);
                Drawn { key: keys[i], f: LEVEL + SPREAD * f[i], e, rival: e + RIVAL * more[i] }
            })
            .collect()
    }

    /// The rows as a sample: `y = f - e`, so that the line's slope is 1 where errors are independent of predictions.
    pub fn sample(rows: &[Drawn], slope: f64) -> Sample {
        let mut sample = Sample::new(1);
        for row in rows {
            let y = LEVEL + slope * (row.f - LEVEL) - row.e;
            sample.add(row.key, row.f, y, &[y + row.rival]);
        }
        sample
    }

    /// True MAE, RMSE, bias, median absolute error, R2, difference of the rival.
    pub fn truth(&self) -> [f64; 6] {
        use std::f64::consts::{E, PI};
        let half_normal = (2.0 / PI).sqrt();
        let (mae, variance, median) = match self.errors {
            Errors::Normal => (half_normal, 1.0, 0.674_489_750_196_081_7),
            // Exponential: E|x - 1| = 2/e; median m of |x - 1| below 1: 2 e^-1 sinh m = 1/2.
            Errors::Exponential => (2.0 / E, 1.0, (E / 4.0).asinh()),
            // E|x - 1| = 4 Phi(1/2) - 2 for x log-normal of mean 1; the median by quadrature.
            Errors::LogNormal => (4.0 * 0.691_462_461_274_013 - 2.0, E - 1.0, f64::NAN),
        };
        let difference = match self.errors {
            Errors::Normal => half_normal * ((1.0 + RIVAL * RIVAL).sqrt() - 1.0),
            _ => f64::NAN,
        };
        [mae, variance.sqrt(), 0.0, median, 1.0 - variance / (variance + SPREAD * SPREAD), difference]
    }
}

fn panel(random: &mut Random, entities: usize, times: usize, rho: f64) -> Vec<f64> {
    let common = random.series(times, rho);
    let own: Vec<Vec<f64>> = (0..entities).map(|_| random.series(times, rho)).collect();
    let half = 0.5_f64.sqrt();
    (0..times * entities).map(|i| half * (common[i / entities] + own[i % entities][i / entities])).collect()
}

fn entities(random: &mut Random, count: usize) -> (Vec<i64>, [Vec<f64>; 3]) {
    let half = 0.5_f64.sqrt();
    let (mut keys, mut parts) = (Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
    for _ in 0..count {
        let (key, rows) = (random.bits() as i64, 10 + random.bits() % 31);
        let common = [0, 1, 2].map(|_| random.normal());
        for _ in 0..rows {
            keys.push(key);
            for (part, common) in parts.iter_mut().zip(common) {
                part.push(half * (common + random.normal()));
            }
        }
    }
    (keys, parts)
}

/// Complementary error function, by its continued fraction or series (Abramowitz, Stegun 7.1.5, 7.1.14).
fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    let scale = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.5 {
        let (mut term, mut sum, mut k) = (x, x, 0.0);
        while term > 1e-17 * sum {
            k += 1.0;
            term *= 2.0 * x * x / (2.0 * k + 1.0);
            sum += term;
        }
        1.0 - 2.0 * scale * sum
    } else {
        let fraction = (1..=60).rev().fold(x, |below, k| x + k as f64 / 2.0 / below);
        scale / fraction
    }
}
