//! Cutting columns into integer slices, without error.
//!
//! Source: K. Ozaki, T. Ogita, S. Oishi, S. M. Rump (2012), "Error-free transformations of matrix multiplication by
//! using fast routines of matrix multiplication and its applications", Numer. Algorithms 59.
//!
//! A slice is a row of integers of at most [`WIDTH`]` - 1` bits and a sign, times one power of two. The product of
//! two slices over [`ROWS`] rows has partial sums of at most `2 (WIDTH - 1) + log2 ROWS = 53` bits: integers that f64
//! adds without rounding in any order, fused or not, on any processor.

use crate::limbs::power_of_two;

/// Rows cut at a time.
pub(super) const ROWS: usize = 512;
const WIDTH: i32 = 23;
/// Slices of one part before it counts as hard: 22 + 7 * 23 = 183 bits of spread.
const MOST: usize = 8;
/// Adding and subtracting it rounds a number of less than 2^51 to an integer.
const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Which column a slice belongs to, and the exponent of the power of two that its integers count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub(super) column: usize,
    pub(super) exponent: i32,
}

/// The slices of some columns over at most [`ROWS`] rows; each takes [`ROWS`] places in `values`.
#[derive(Debug, Default)]
pub(super) struct Slices {
    pub(super) slices: Vec<Slice>,
    pub(super) values: Vec<f64>,
}

impl Slices {
    pub(super) fn clear(&mut self) {
        self.slices.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.slices.len()
    }

    /// Takes the slices of the last columns back, down to `count`.
    pub(super) fn truncate(&mut self, count: usize) {
        self.slices.truncate(count);
    }

    fn push(&mut self, slice: Slice) -> &mut [f64] {
        let start = self.slices.len() * ROWS;
        self.slices.push(slice);
        if self.values.len() < start + ROWS {
            self.values.resize(start + ROWS, 0.0);
        }
        &mut self.values[start..start + ROWS]
    }

    /// Cuts one part of a column until nothing is left of it. `false` where that is not possible, since its numbers
    /// span too many bits or lie at an end of the exponents; some slices may have been pushed then.
    pub(super) fn cut(&mut self, values: &[f64], column: usize) -> bool {
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        if largest == 0.0 {
            return true;
        }
        let mut exponent = height(largest) + 1 - (WIDTH - 1);
        if !(-1000..=1000).contains(&exponent) {
            return false;
        }
        let mut rest = [0.0; ROWS];
        let rest = &mut rest[..values.len()];
        if !scale(values, exponent, rest) {
            return false;
        }
        for _ in 0..MOST {
            let slice = self.push(Slice { column, exponent });
            if take(rest, slice) {
                return true;
            }
            exponent -= WIDTH;
        }
        false
    }
}

/// The exponent of the leading bit of a positive number.
#[expect(clippy::cast_possible_wrap, reason = "at most 64 zeros")]
fn height(value: f64) -> i32 {
    let (_, mantissa, exponent) = crate::limbs::split(value);
    exponent + 63 - mantissa.leading_zeros() as i32
}

/// Divides by `2^exponent` and says whether nothing was lost: small numbers may underflow beside large ones.
#[expect(clippy::float_cmp, reason = "equality is what is asked")]
fn scale(values: &[f64], exponent: i32, scaled: &mut [f64]) -> bool {
    let (down, up) = (power_of_two(-exponent), power_of_two(exponent));
    let mut same = true;
    for (scaled, value) in scaled.iter_mut().zip(values) {
        *scaled = value * down;
        same &= *scaled * up == *value;
    }
    same
}

/// Moves the integer parts of `rest` into `slice`, and leaves what remains in units of the next slice. `true` where
/// nothing remains.
fn take(rest: &mut [f64], slice: &mut [f64]) -> bool {
    let next = power_of_two(WIDTH);
    let mut remains = 0;
    for (rest, place) in rest.iter_mut().zip(slice) {
        let whole = (*rest + ROUNDER) - ROUNDER;
        *place = whole;
        *rest = (*rest - whole) * next;
        remains |= rest.to_bits() << 1;
    }
    remains == 0
}
