//! Least squares in rational numbers: slow, and right by construction.

use num_rational::BigRational;
use num_traits::{One, Zero};

pub struct Solution {
    /// The columns that those before them do not determine.
    pub kept: Vec<usize>,
    pub coefficients: Vec<BigRational>,
    pub inverse_diagonal: Vec<BigRational>,
    pub residual: BigRational,
}

/// Least squares of `y` on the columns, with weights.
pub fn solve(columns: &[Vec<BigRational>], y: &[BigRational], weights: &[BigRational]) -> Solution {
    let dot = |a: &[BigRational], b: &[BigRational]| -> BigRational {
        a.iter().zip(b).zip(weights).map(|((a, b), w)| a * b * w).sum()
    };
    let mut kept: Vec<usize> = Vec::new();
    for j in 0..columns.len() {
        let mut trial = kept.clone();
        trial.push(j);
        if inverse(&gram(columns, &trial, &dot)).is_some() {
            kept = trial;
        }
    }
    let inverse = inverse(&gram(columns, &kept, &dot)).unwrap();
    let right: Vec<BigRational> = kept.iter().map(|j| dot(&columns[*j], y)).collect();
    let coefficients: Vec<BigRational> =
        inverse.iter().map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum()).collect();
    let explained: BigRational = coefficients.iter().zip(&right).map(|(a, b)| a * b).sum();
    Solution {
        inverse_diagonal: (0..kept.len()).map(|i| inverse[i][i].clone()).collect(),
        kept,
        coefficients,
        residual: dot(y, y) - explained,
    }
}

fn gram(
    columns: &[Vec<BigRational>],
    kept: &[usize],
    dot: &dyn Fn(&[BigRational], &[BigRational]) -> BigRational,
) -> Vec<Vec<BigRational>> {
    kept.iter().map(|i| kept.iter().map(|j| dot(&columns[*i], &columns[*j])).collect()).collect()
}

/// By Gauss and Jordan; `None` for a singular matrix.
fn inverse(matrix: &[Vec<BigRational>]) -> Option<Vec<Vec<BigRational>>> {
    let size = matrix.len();
    let unit = |i: usize, j: usize| if i == j { BigRational::one() } else { BigRational::zero() };
    let mut rows: Vec<Vec<BigRational>> = matrix
        .iter()
        .enumerate()
        .map(|(i, row)| row.iter().cloned().chain((0..size).map(|j| unit(i, j))).collect())
        .collect();
    for k in 0..size {
        let pivot = (k..size).find(|i| !rows[*i][k].is_zero())?;
        rows.swap(k, pivot);
        let head = rows[k][k].clone();
        rows[k].iter_mut().for_each(|x| *x /= &head);
        let pivot = rows[k].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = row[k].clone();
            if !factor.is_zero() {
                row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= &factor * p);
            }
        }
    }
    Some(rows.into_iter().map(|row| row[size..].to_vec()).collect())
}
