//! Wide fixed-point integers: the store under every exact sum.
//!
//! A number is `sum of places[i] * 2^(32 * (low + i))`. Limbs are `i64` but take in 32 bits at a time, so that
//! about a thousand million additions can pass before a carry has to be worked off (Neal 2015, "Fast exact
//! summation using small and large superaccumulators", arXiv:1505.05571).
//! The window of limbs grows to where the numbers are; there is no exponent that it cannot hold.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers are taken apart here; exponents and counts of limbs stay far below 2^31"
)]

use std::cmp::Ordering;

use crate::dd::Dd;

const BITS: i32 = 32;
const MASK: i64 = 0xffff_ffff;
/// Each addition moves a limb by less than 2^32, so 2^30 of them stay below 2^62.
const CARRY_AFTER: u32 = 1 << 30;
/// Zero limbs put at either end when the window grows, so that it seldom grows twice.
const MARGIN: i32 = 1;

/// A signed wide number; see the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limbs {
    low: i32,
    places: Vec<i64>,
    pending: u32,
}

/// The one canonical form of a wide number: a sign, and 32-bit digits without zeros at either end.
/// Zero is `negative = false, low = 0`, no digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Canonical {
    pub(crate) negative: bool,
    pub(crate) low: i32,
    pub(crate) digits: Vec<u32>,
}

/// A finite f64 as `(negative, mantissa, exponent)`: the value is `mantissa * 2^exponent`, up to its sign.
#[inline]
pub(crate) fn split(value: f64) -> (bool, u64, i32) {
    let bits = value.to_bits();
    let field = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    // Subnormal numbers have no hidden bit and the exponent of the least normal ones.
    let mantissa = if field == 0 { fraction } else { fraction | (1 << 52) };
    (value.is_sign_negative(), mantissa, field.max(1) - 1075)
}

/// 2^exponent, exactly, for exponents from -1074 to 1023.
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    debug_assert!((-1074..=1023).contains(&exponent));
    if exponent >= -1022 {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (exponent + 1074))
    }
}

impl Limbs {
    pub(crate) const fn new() -> Self {
        Self { low: 0, places: Vec::new(), pending: 0 }
    }

    /// Adds a finite f64. The caller has made sure that it is finite.
    #[inline]
    pub(crate) fn add_f64(&mut self, value: f64) {
        let (negative, mantissa, exponent) = split(value);
        self.add_bits(negative, mantissa, exponent);
    }

    /// Adds `a * b` exactly: the mantissas are multiplied as integers, so nothing can under- or overflow.
    #[inline]
    pub(crate) fn add_product(&mut self, a: f64, b: f64) {
        let (negative_a, mantissa_a, exponent_a) = split(a);
        let (negative_b, mantissa_b, exponent_b) = split(b);
        let product = u128::from(mantissa_a) * u128::from(mantissa_b);
        self.add_wide(negative_a != negative_b, product, exponent_a + exponent_b);
    }

    /// Adds `mantissa * 2^exponent` with a sign.
    #[inline]
    pub(crate) fn add_bits(&mut self, negative: bool, mantissa: u64, exponent: i32) {
        if mantissa == 0 {
            return;
        }
        let limb = exponent >> 5;
        let wide = u128::from(mantissa) << (exponent & 31);
        let parts = [wide as u32, (wide >> 32) as u32, (wide >> 64) as u32].map(i64::from);
        let [a, b, c] = if negative { parts.map(|x| -x) } else { parts };
        let at = limb.wrapping_sub(self.low) as u32 as usize;
        if let Some([x, y, z]) = self.places.get_mut(at..at + 3) {
            *x = x.wrapping_add(a);
            *y = y.wrapping_add(b);
            *z = z.wrapping_add(c);
        } else {
            self.add_outside(limb, [a, b, c]);
        }
        self.tick();
    }

    #[cold]
    fn add_outside(&mut self, limb: i32, parts: [i64; 3]) {
        self.reach(limb, 3);
        let at = (limb - self.low) as usize;
        for (x, part) in self.places[at..].iter_mut().zip(parts) {
            *x = x.wrapping_add(part);
        }
    }

    /// Adds `mantissa * 2^exponent` with a sign, for mantissas of up to 128 bits.
    #[inline]
    pub(crate) fn add_wide(&mut self, negative: bool, mantissa: u128, exponent: i32) {
        self.add_bits(negative, mantissa as u64, exponent);
        self.add_bits(negative, (mantissa >> 64) as u64, exponent + 64);
    }

    /// Adds a signed integer times a power of two.
    #[inline]
    pub(crate) fn add_integer(&mut self, value: i64, exponent: i32) {
        self.add_bits(value < 0, value.unsigned_abs(), exponent);
    }

    /// Adds `value * 2^exponent`, both halves of it; the value is finite.
    pub(crate) fn add_dd(&mut self, value: Dd, exponent: i32) {
        for half in [value.hi(), value.lo()] {
            let (negative, mantissa, own) = split(half);
            self.add_bits(negative, mantissa, own + exponent);
        }
    }

    #[inline]
    fn tick(&mut self) {
        self.pending += 1;
        if self.pending >= CARRY_AFTER {
            self.carry();
        }
    }

    /// Makes the window cover `count` limbs from `from` on.
    fn reach(&mut self, from: i32, count: i32) {
        if self.places.is_empty() {
            self.low = from - MARGIN;
            self.places = vec![0; (count + 2 * MARGIN) as usize];
            return;
        }
        if from < self.low {
            let more = (self.low - from + MARGIN) as usize;
            self.places.splice(..0, std::iter::repeat_n(0, more));
            self.low = from - MARGIN;
        }
        let need = (from + count - self.low) as usize;
        if need > self.places.len() {
            self.places.resize(need + MARGIN as usize, 0);
        }
    }

    /// Works off the carries: afterwards every limb but the last is in `0..2^32`, and the last is in
    /// `-2^31..2^31`, which carries the sign.
    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.places {
            let value = limb.wrapping_add(carry);
            *limb = value & MASK;
            carry = value >> BITS;
        }
        // The carry is below 2^31, so that one more limb takes it.
        if !self.places.is_empty() {
            self.places.push(carry);
        }
        // Zero limbs at the top, but for the sign's room, would otherwise pile up.
        while let [.., below, top] = self.places[..] {
            let folded = below | (top << BITS);
            if (top == 0 || top == -1) && (-(1 << 31)..1 << 31).contains(&folded) {
                self.places.pop();
                if let Some(last) = self.places.last_mut() {
                    *last = folded;
                }
            } else {
                break;
            }
        }
        self.pending = 0;
    }

    /// Adds another wide number, or subtracts it.
    fn add_signed(&mut self, other: &Self, sign: i64) {
        if other.places.is_empty() {
            return;
        }
        self.reach(other.low, other.places.len() as i32 + 1);
        let at = (other.low - self.low) as usize;
        let mut carry = 0;
        let mut end = at;
        for (mine, theirs) in self.places[at..].iter_mut().zip(&other.places) {
            // Their carries are worked off on the way, so that a limb again moves by less than 2^32.
            let value = theirs.wrapping_add(carry);
            *mine = mine.wrapping_add(sign * (value & MASK));
            carry = value >> BITS;
            end += 1;
        }
        self.places[end] = self.places[end].wrapping_add(sign * carry);
        self.tick();
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.add_signed(other, 1);
    }

    pub(crate) fn subtract(&mut self, other: &Self) {
        self.add_signed(other, -1);
    }

    pub(crate) fn canonical(&self) -> Canonical {
        let mut work = self.clone();
        work.carry();
        let negative = work.places.last().is_some_and(|top| *top < 0);
        if negative {
            for limb in &mut work.places {
                *limb = -*limb;
            }
            work.carry();
        }
        // What is left is not negative, so every limb is a digit.
        let digits: Vec<u32> = work.places.iter().map(|limb| *limb as u32).collect();
        let Some(first) = digits.iter().position(|digit| *digit != 0) else {
            return Canonical::default();
        };
        let last = digits.iter().rposition(|digit| *digit != 0).unwrap_or(first);
        Canonical { negative, low: work.low + first as i32, digits: digits[first..=last].to_vec() }
    }

    pub(crate) fn from_canonical(number: &Canonical) -> Self {
        let sign = if number.negative { -1 } else { 1 };
        let mut limbs: Vec<i64> = number.digits.iter().map(|digit| sign * i64::from(*digit)).collect();
        if !limbs.is_empty() {
            limbs.push(0);
        }
        Self { low: number.low, places: limbs, pending: 1 }
    }

    /// The exact product, digit by digit as on paper.
    pub(crate) fn product(&self, other: &Self) -> Self {
        let (a, b) = (self.canonical(), other.canonical());
        let mut digits = vec![0_u32; a.digits.len() + b.digits.len()];
        for (i, x) in a.digits.iter().enumerate().filter(|(_, digit)| **digit != 0) {
            let mut carry = 0;
            for (digit, y) in digits[i..].iter_mut().zip(&b.digits) {
                let sum = u64::from(*x) * u64::from(*y) + u64::from(*digit) + carry;
                *digit = sum as u32;
                carry = sum >> BITS;
            }
            digits[i + b.digits.len()] = carry as u32;
        }
        Self::from_canonical(&Canonical { negative: a.negative != b.negative, low: a.low + b.low, digits })
    }

    /// Subtracts `a * b`, exactly.
    pub(crate) fn subtract_product(&mut self, a: &Canonical, b: &Canonical) {
        if a.is_zero() || b.is_zero() {
            return;
        }
        let negative = a.negative == b.negative;
        for (i, x) in a.digits.iter().enumerate() {
            for (j, y) in b.digits.iter().enumerate() {
                let exponent = BITS * (a.low + b.low + (i + j) as i32);
                self.add_bits(negative, u64::from(*x) * u64::from(*y), exponent);
            }
        }
    }

    /// Adds `number * factor`, exactly; the factor is finite.
    pub(crate) fn add_scaled(&mut self, number: &Canonical, factor: f64) {
        let (negative, mantissa, exponent) = split(factor);
        if mantissa == 0 {
            return;
        }
        let negative = negative != number.negative;
        for (i, digit) in number.digits.iter().enumerate() {
            let product = u128::from(mantissa) * u128::from(*digit);
            self.add_wide(negative, product, exponent + BITS * (number.low + i as i32));
        }
    }
}

impl PartialEq for Limbs {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for Limbs {}

impl Canonical {
    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The form is one that [`Limbs::canonical`] can give.
    pub(crate) fn is_valid(&self) -> bool {
        match (self.digits.first(), self.digits.last()) {
            (Some(first), Some(last)) => *first != 0 && *last != 0,
            _ => !self.negative && self.low == 0,
        }
    }

    /// The exponent of the leading bit: `2^h <= |value| < 2^(h+1)`. `None` for zero.
    pub(crate) fn height(&self) -> Option<i32> {
        let top = self.digits.last()?;
        Some(BITS * (self.low + self.digits.len() as i32) - 1 - top.leading_zeros() as i32)
    }

    /// `floor(|value| / 2^exponent)` as the 64 lowest bits of it.
    fn shifted(&self, exponent: i32) -> u64 {
        let digit = |i: i32| -> u64 {
            usize::try_from(i).ok().and_then(|i| self.digits.get(i)).map_or(0, |d| u64::from(*d))
        };
        let first = (exponent >> 5) - self.low;
        let shift = exponent & 31;
        let wide = u128::from(digit(first))
            | u128::from(digit(first + 1)) << 32
            | u128::from(digit(first + 2)) << 64;
        (wide >> shift) as u64
    }

    /// The nearest number of `bits` significant bits.
    pub(crate) fn rounded(&self, bits: i32) -> Self {
        let Some(last) = self.height().map(|height| height - bits + 1) else {
            return Self::default();
        };
        let mut result = Limbs::from_canonical(self);
        // Half a unit up, then everything below the unit away.
        result.add_bits(self.negative, 1, last - 1);
        let mut result = result.canonical();
        let limb = (last >> 5) - result.low;
        for (i, digit) in result.digits.iter_mut().enumerate() {
            *digit = match (i as i32).cmp(&limb) {
                Ordering::Less => 0,
                Ordering::Equal => *digit & (u32::MAX << (last & 31)),
                Ordering::Greater => *digit,
            };
        }
        Limbs::from_canonical(&result).canonical()
    }

    /// Whether any bit below `2^exponent` is set.
    fn any_below(&self, exponent: i32) -> bool {
        let lowest =
            self.digits.first().map_or(i32::MAX, |digit| BITS * self.low + digit.trailing_zeros() as i32);
        lowest < exponent
    }

    /// The value times `2^shift`, rounded to the nearest f64, ties to even; infinite where it is too large.
    pub(crate) fn to_f64(&self, shift: i32) -> f64 {
        let Some(height) = self.height().map(|height| height + shift) else {
            return 0.0;
        };
        let sign = if self.negative { -1.0 } else { 1.0 };
        if height > 1023 {
            return sign * f64::INFINITY;
        }
        if height < -1075 {
            return sign * 0.0;
        }
        // The last bit kept: 53 bits from the top, but none below the least subnormal.
        let last = (height - 52).max(-1074);
        let kept = self.shifted(last - shift) & ((1 << 54) - 1);
        let half = self.shifted(last - 1 - shift) & 1 == 1;
        let beyond = self.any_below(last - 1 - shift);
        let up = half && (beyond || kept & 1 == 1);
        sign * ((kept + u64::from(up)) as f64 * power_of_two(last))
    }

    /// The value times `2^shift` as an unevaluated sum of two f64, each the nearest to what is left.
    pub(crate) fn to_dd(&self, shift: i32) -> Dd {
        let high = self.to_f64(shift);
        if !high.is_finite() || high == 0.0 {
            return Dd::from(high);
        }
        let mut rest = Limbs::from_canonical(self);
        let (negative, mantissa, exponent) = split(high);
        rest.add_bits(!negative, mantissa, exponent - shift);
        Dd::from_sum(high, rest.canonical().to_f64(shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number as it may stand just before its carries are worked off, and the same built afresh.
    fn full(sign: i64) -> (Limbs, Limbs) {
        let most = sign * ((i64::from(CARRY_AFTER) - 4) << BITS);
        let late = Limbs { low: -1, places: vec![most, most, most, 0, 0], pending: CARRY_AFTER - 4 };
        let mut fresh = Limbs::new();
        (0..3).for_each(|place| fresh.add_integer(most, BITS * (place - 1)));
        (late, fresh)
    }

    #[test]
    fn carries_come_in_time() {
        for sign in [1, -1] {
            for value in [f64::MAX, 1.5, -1.5, 2f64.powi(-32) * (1.0 + f64::EPSILON)] {
                let (mut late, mut fresh) = full(sign);
                assert_eq!(late, fresh);
                for _ in 0..10 {
                    late.add_f64(value);
                    fresh.add_f64(value);
                    assert_eq!(late, fresh);
                }
                assert!(late.pending < 10);
            }
        }
    }

    #[test]
    fn merging_works_off_the_carries_of_the_other() {
        for (a, b) in [(1, 1), (1, -1), (-1, -1)] {
            let ((mut late, mut fresh), (other, other_fresh)) = (full(a), full(b));
            for _ in 0..10 {
                late.merge(&other);
                fresh.merge(&other_fresh);
                assert_eq!(late, fresh);
            }
            for _ in 0..10 {
                late.subtract(&other_fresh);
            }
            assert_eq!(late, full(a).1);
        }
    }

    #[test]
    fn rounding_to_bits() {
        let number = |text: u64, exponent: i32| {
            let mut limbs = Limbs::new();
            limbs.add_bits(true, text, exponent);
            limbs.canonical()
        };
        for exponent in [-70, -32, -5, 0, 9, 64] {
            assert_eq!(number(0b1011_0111, exponent).rounded(5), number(0b10111, exponent + 3));
            assert_eq!(number(0b1111_1111, exponent).rounded(5), number(1, exponent + 8));
            assert_eq!(number(0b101, exponent).rounded(5), number(0b101, exponent));
        }
        assert!(Canonical::default().rounded(5).is_zero());
    }
}
