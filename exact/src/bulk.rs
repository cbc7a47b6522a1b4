//! Exact sums over whole columns: several times faster than one by one, and the same value.
//!
//! A block of values is added up in plain f64 where nothing can round: each value is cut at fixed places into parts of
//! 44 bits, and the sum of a block's parts has no more than 53 (Rump, Ogita, Oishi 2008, "Accurate floating-point
//! summation, part I", SIAM J. Sci. Comput. 31). Squares and products are added up as integers, one place for each
//! exponent. What such a place cannot hold is added on its own.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers are taken apart here; exponents and counts stay far below 2^31"
)]

use crate::limbs::{power_of_two, split};
use crate::sum::Sum;

/// Values that are cut at the same places: 2^9 of them make a sum nine bits longer than a part.
const BLOCK: usize = 512;
/// Bits of a part: with those of [`BLOCK`] they are the 53 of an f64.
const PART: i32 = 44;
/// Columns that are added up side by side, so that no addition waits for the one before.
const LANES: usize = 8;
/// Exponent fields of the largest value of a block, for which no part is subnormal and no sum too large.
const FIELDS: std::ops::RangeInclusive<i32> = 200..=2000;
/// Squares or products for one use of the places: 2^12 of them, of 106 bits, are below 2^118.
const PRODUCTS: usize = 1 << 12;
/// Exponents that have a place, from the highest down.
const PLACES: usize = 128;
/// Fewer squares or products are added one by one, since the places have to be emptied.
const FEW: usize = 48;

impl Sum {
    /// Adds all the numbers: the same value as by [`Sum::add`] one by one.
    ///
    /// # Panics
    /// If one is NaN or infinite.
    pub fn add_all(&mut self, values: &[f64]) {
        for block in values.chunks(BLOCK) {
            self.add_block(block);
        }
    }

    /// Adds the exact squares of all the numbers.
    ///
    /// # Panics
    /// If one is NaN or infinite.
    pub fn add_squares(&mut self, values: &[f64]) {
        for block in values.chunks(PRODUCTS) {
            if block.len() < FEW {
                block.iter().for_each(|value| self.add_product(*value, *value));
            } else {
                self.add_square_block(block, highest(block));
            }
        }
    }

    /// Adds the exact products `a[i] * b[i]`.
    ///
    /// # Panics
    /// If a number is NaN or infinite, or one column is longer than the other.
    pub fn add_products(&mut self, a: &[f64], b: &[f64]) {
        assert!(a.len() == b.len(), "exact::Sum multiplies columns of the same length only");
        for (a, b) in a.chunks(PRODUCTS).zip(b.chunks(PRODUCTS)) {
            if a.len() < FEW {
                a.iter().zip(b).for_each(|(a, b)| self.add_product(*a, *b));
                continue;
            }
            // A zero would hide that the other is not finite.
            assert!(finite(a) && finite(b), "exact::Sum takes finite numbers only: check the data");
            self.add_product_block(a, b, highest(a) + highest(b));
        }
    }
}

/// Exponent fields of the values of a block that are not zero: the largest and the least.
#[derive(Clone, Copy)]
struct Fields {
    most: i32,
    least: i32,
}

impl Fields {
    /// `None` where all are zero. NaN is passed over; an infinity is the largest.
    #[inline]
    fn of(block: &[f64]) -> Option<Self> {
        let (most, mut least) = sizes(block, |size| size);
        if most <= 0.0 {
            // Nothing but zeros and NaN, which has an exponent field, too.
            return block.iter().any(|value| value.is_nan()).then_some(Self { most: 2047, least: 1 });
        }
        if least <= 0.0 {
            least = sizes(block, |size| if size > 0.0 { size } else { f64::INFINITY }).1;
        }
        Some(Self { most: field(most), least: field(least) })
    }
}

/// The exponent field of a size, as that of a normal number.
#[inline]
fn field(size: f64) -> i32 {
    ((size.to_bits() >> 52) as i32).max(1)
}

/// The largest exponent field of a block. NaN is passed over, and lies above it.
#[inline]
fn highest(block: &[f64]) -> i32 {
    let most = sizes(block, |size| size).0;
    assert!(most.is_finite(), "exact::Sum takes finite numbers only: check the data");
    field(most)
}

#[inline]
fn finite(block: &[f64]) -> bool {
    let mut rest = [0.0; LANES];
    let (lanes, last) = block.as_chunks::<LANES>();
    for values in lanes {
        for lane in 0..LANES {
            // Zero, or NaN for what is not finite.
            rest[lane] += values[lane] - values[lane];
        }
    }
    rest.iter().all(|rest| *rest == 0.0) && last.iter().all(|value| value.is_finite())
}

/// The largest and the least size, as `of` sees it.
#[inline(always)]
fn sizes(block: &[f64], of: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut most, mut least) = ([0.0; LANES], [f64::INFINITY; LANES]);
    let (lanes, last) = block.as_chunks::<LANES>();
    for values in lanes {
        for lane in 0..LANES {
            let size = of(values[lane].abs());
            most[lane] = if size > most[lane] { size } else { most[lane] };
            least[lane] = if size < least[lane] { size } else { least[lane] };
        }
    }
    let last = last.iter().map(|value| of(value.abs()));
    let most = most.into_iter().chain(last.clone()).fold(0.0, f64::max);
    (most, least.into_iter().chain(last).fold(f64::INFINITY, f64::min))
}

impl Sum {
    fn add_block(&mut self, block: &[f64]) {
        let Some(Fields { most, least }) = Fields::of(block) else { return };
        if !FIELDS.contains(&most) {
            block.iter().for_each(|value| self.add(*value));
        } else if most - least <= reach(2) {
            self.add_parts::<2>(block, most);
        } else if most - least <= reach(3) {
            self.add_parts::<3>(block, most);
        } else {
            block.iter().for_each(|value| self.add(*value));
        }
    }

    /// Adds at most [`BLOCK`] values below `2^(most - 1022)`, none of them so small that the last of `PARTS` parts
    /// would be cut.
    #[inline]
    fn add_parts<const PARTS: usize>(&mut self, block: &[f64], most: i32) {
        // A number just below 2^top, added to this and taken off again, is cut at 2^(top - PART).
        let cut: [f64; PARTS] = std::array::from_fn(|part| {
            let top = most - 1022 - (PART + 1) * part as i32;
            1.5 * power_of_two(top - PART + 52)
        });
        let mut sums = [[0.0; LANES]; PARTS];
        let (lanes, last) = block.as_chunks::<LANES>();
        let mut padded = [0.0; LANES];
        padded[..last.len()].copy_from_slice(last);
        for values in lanes.iter().chain([&padded]) {
            let mut rest = *values;
            for part in 0..PARTS - 1 {
                for lane in 0..LANES {
                    let high = (cut[part] + rest[lane]) - cut[part];
                    sums[part][lane] += high;
                    rest[lane] -= high;
                }
            }
            for lane in 0..LANES {
                sums[PARTS - 1][lane] += rest[lane];
            }
        }
        // The lanes together still have no more than 53 bits; NaN among the values is NaN here.
        sums.iter().for_each(|lanes| self.add(lanes.iter().sum()));
    }

    /// Adds the squares of at most [`PRODUCTS`] values.
    fn add_square_block(&mut self, block: &[f64], most: i32) {
        let mut places = [[0_u128; PLACES]; 2];
        let (pairs, last) = block.as_chunks::<2>();
        for pair in pairs {
            for lane in 0..2 {
                let (_, mantissa, exponent) = split(pair[lane]);
                let below = most.wrapping_sub(1075).wrapping_sub(exponent) as usize;
                if (below >= PLACES) & (mantissa != 0) {
                    self.add_product(pair[lane], pair[lane]);
                    continue;
                }
                let place = &mut places[lane][below % PLACES];
                *place = place.wrapping_add(u128::from(mantissa).wrapping_mul(u128::from(mantissa)));
            }
        }
        last.iter().for_each(|value| self.add_product(*value, *value));
        for (below, (a, b)) in places[0].iter().zip(&places[1]).enumerate() {
            self.limbs_mut().add_wide(false, a + b, 2 * (most - 1075 - below as i32));
        }
    }

    /// Adds the products of at most [`PRODUCTS`] values. `most` is the sum of the largest exponent fields.
    fn add_product_block(&mut self, a: &[f64], b: &[f64], most: i32) {
        // Positive and negative products each have their places, and so have even and odd rows.
        let mut places = [[[0_u128; PLACES]; 2]; 2];
        let ((a, last_a), (b, last_b)) = (a.as_chunks::<2>(), b.as_chunks::<2>());
        for (x, y) in a.iter().zip(b) {
            for lane in 0..2 {
                let (_, mantissa_x, exponent_x) = split(x[lane]);
                let (_, mantissa_y, exponent_y) = split(y[lane]);
                let product = u128::from(mantissa_x).wrapping_mul(u128::from(mantissa_y));
                let below =
                    most.wrapping_sub(2150).wrapping_sub(exponent_x).wrapping_sub(exponent_y) as usize;
                if (below >= PLACES) & (product != 0) {
                    self.add_product(x[lane], y[lane]);
                    continue;
                }
                let negative = (x[lane].to_bits() ^ y[lane].to_bits()) >> 63;
                let place = &mut places[lane][negative as usize][below % PLACES];
                *place = place.wrapping_add(product);
            }
        }
        last_a.iter().zip(last_b).for_each(|(x, y)| self.add_product(*x, *y));
        for (negative, side) in places.iter().flat_map(|lane| lane.iter().enumerate()) {
            for (below, sum) in side.iter().enumerate() {
                self.limbs_mut().add_wide(negative == 1, *sum, most - 2150 - below as i32);
            }
        }
    }
}

/// By how much the exponents of a block may differ: so that the last of so many parts, which is what the cuts leave,
/// adds up within 53 bits, too.
const fn reach(parts: i32) -> i32 {
    (PART + 1) * (parts - 1) - 9
}
