//! Is it exactly zero? Linear algebra modulo a prime answers where rounded arithmetic cannot.
//!
//! The Gram matrix is a matrix of integers (times powers of two), so its solution is a vector of fractions. Modulo the
//! prime `2^61 - 1` a true zero is always zero, and anything else is zero with a chance of one in `2^61`. It is asked
//! only of numbers that the double-double solution has already put below `2^-100` of their neighbours.

#![expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "residues are below 2^61")]

use crate::limbs::Canonical;

const PRIME: u64 = (1 << 61) - 1;

fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

fn negate(a: u64) -> u64 {
    if a == 0 { 0 } else { PRIME - a }
}

fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // 2^61 is 1.
    let folded = (product & u128::from(PRIME)) as u64 + (product >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}

/// By Fermat: `a^(p - 2)`.
fn invert(a: u64) -> u64 {
    let (mut result, mut square, mut left) = (1, a, PRIME - 2);
    while left > 0 {
        if left & 1 == 1 {
            result = multiply(result, square);
        }
        square = multiply(square, square);
        left >>= 1;
    }
    result
}

/// A wide number modulo the prime.
fn residue(number: &Canonical) -> u64 {
    let sum = number.digits.iter().enumerate().fold(0, |sum, (i, digit)| {
        let exponent = 32 * (i64::from(number.low) + i as i64);
        let power = 1 << exponent.rem_euclid(61);
        add(sum, multiply(u64::from(*digit), power))
    });
    if number.negative { negate(sum) } else { sum }
}

/// What of a least-squares solution is exactly zero.
pub(super) struct Zeros {
    pub(super) coefficients: Vec<bool>,
    pub(super) residual: bool,
}

impl Zeros {
    /// Solves `matrix * x = right` and takes `square - right' x`, the residual sum of squares, modulo the prime. `None`
    /// where the matrix happens to be singular modulo the prime, which then says nothing.
    pub(super) fn find(
        matrix: impl Fn(usize, usize) -> Canonical,
        right: &[Canonical],
        square: &Canonical,
    ) -> Option<Self> {
        let size = right.len();
        let right: Vec<u64> = right.iter().map(residue).collect();
        let mut rows: Vec<Vec<u64>> = (0..size)
            .map(|i| (0..size).map(|j| residue(&matrix(i, j))).chain([right[i]]).collect())
            .collect();
        for k in 0..size {
            let pivot = (k..size).find(|i| rows[*i][k] != 0)?;
            rows.swap(k, pivot);
            let inverse = invert(rows[k][k]);
            rows[k].iter_mut().for_each(|x| *x = multiply(*x, inverse));
            let pivot = rows[k].clone();
            for (i, row) in rows.iter_mut().enumerate() {
                let factor = negate(row[k]);
                if i != k && factor != 0 {
                    row.iter_mut().zip(&pivot).skip(k).for_each(|(x, p)| *x = add(*x, multiply(factor, *p)));
                }
            }
        }
        let solution: Vec<u64> = rows.iter().map(|row| row[size]).collect();
        let explained = solution.iter().zip(&right).fold(0, |sum, (x, r)| add(sum, multiply(*x, *r)));
        Some(Self {
            coefficients: solution.iter().map(|x| *x == 0).collect(),
            residual: residue(square) == explained,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs::Limbs;

    fn number(value: f64) -> Canonical {
        let mut limbs = Limbs::new();
        limbs.add_f64(value);
        limbs.canonical()
    }

    #[test]
    fn fields() {
        assert_eq!(multiply(invert(12345), 12345), 1);
        assert_eq!(add(residue(&number(-7.5)), residue(&number(7.5))), 0);
        assert_eq!(multiply(residue(&number(0.5)), 2), 1);
        assert_eq!(multiply(residue(&number(1e-200)), residue(&number(2f64.powi(700)))), {
            let mut limbs = Limbs::new();
            limbs.add_product(1e-200, 2f64.powi(700));
            residue(&limbs.canonical())
        });
    }

    /// x'x = [[2, 1], [1, 2]]: solutions (1/3, 1/3) and (1, 0).
    #[test]
    fn zeros() {
        let matrix = |i: usize, j: usize| number(if i == j { 2.0 } else { 1.0 });
        let zeros = Zeros::find(matrix, &[number(2.0), number(1.0)], &number(2.0)).unwrap();
        assert_eq!((zeros.coefficients, zeros.residual), (vec![false, true], true));
        let zeros = Zeros::find(matrix, &[number(1.0), number(1.0)], &number(2.0)).unwrap();
        assert_eq!((zeros.coefficients, zeros.residual), (vec![false, false], false));
        assert!(Zeros::find(|_, _| number(1.0), &[number(1.0), number(1.0)], &number(1.0)).is_none());
    }
}
