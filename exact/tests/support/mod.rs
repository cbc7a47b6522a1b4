//! Big rationals to measure against.
pub mod least_squares;
pub mod nist;

use exact::{Dd, Sum};
use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// The exact value of a finite f64.
pub fn rational(value: f64) -> BigRational {
    let bits = value.to_bits();
    let field = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if field == 0 { fraction } else { fraction | (1 << 52) };
    let exponent = field.max(1) - 1075;
    let sign = if value < 0.0 { -1 } else { 1 };
    let number = BigRational::from_integer(BigInt::from(mantissa) * sign);
    number * two_to(exponent)
}

pub fn two_to(exponent: i32) -> BigRational {
    let power = BigRational::from_integer(BigInt::one() << exponent.unsigned_abs());
    if exponent < 0 { power.recip() } else { power }
}

pub fn rational_dd(value: Dd) -> BigRational {
    rational(value.hi()) + rational(value.lo())
}

/// The exact value of a sum, read from its serialised form.
pub fn rational_sum(sum: &Sum) -> BigRational {
    let json = serde_json::to_string(sum).unwrap();
    let (negative, low, digits): (bool, i32, Vec<u32>) = serde_json::from_str(&json).unwrap();
    let magnitude = BigInt::from_biguint(Sign::Plus, BigUint::new(digits));
    let value = BigRational::from_integer(magnitude) * two_to(32 * low);
    if negative { -value } else { value }
}

/// The nearest f64, ties to even, from the definition: bits of the quotient, one by one integer division.
pub fn nearest(value: &BigRational) -> f64 {
    if value.is_zero() {
        return 0.0;
    }
    let (above, below) = (value.numer().magnitude().clone(), value.denom().magnitude().clone());
    let guess = above.bits() as i64 - below.bits() as i64;
    // The exponent of the leading bit is `guess` or one less.
    let height =
        if above >= shifted(&below, guess) && guess >= 0 || guess < 0 && shifted(&above, -guess) >= below {
            guess
        } else {
            guess - 1
        };
    let last = (height - 52).max(-1074);
    let (above, below) = (shifted(&above, (-last).max(0)), shifted(&below, last.max(0)));
    let mut kept = &above / &below;
    let twice_rest = (&above - &kept * &below) * 2u32;
    if twice_rest > below || twice_rest == below && kept.bit(0) {
        kept += 1u32;
    }
    let mut result = kept.to_f64().unwrap();
    let mut left = last;
    while left != 0 {
        let step = left.clamp(-50, 1000);
        // Division by 2^50 at a time is exact until the last, which was arranged to be so as well.
        result *= 2f64.powi(step as i32);
        left -= step;
    }
    if value.is_negative() { -result } else { result }
}

fn shifted(value: &BigUint, by: i64) -> BigUint {
    if by >= 0 { value << by as u64 } else { value.clone() }
}

/// |value - truth| / |truth|, or |value| where the truth is zero.
pub fn relative_error(value: &BigRational, truth: &BigRational) -> f64 {
    let error = (value - truth).abs();
    let error = if truth.is_zero() { error } else { error / truth.abs() };
    nearest(&error)
}
