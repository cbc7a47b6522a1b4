//! Tail probabilities of Student's t and of F, and the quantile of t.
//!
//! Both come from the incomplete beta function by its continued fraction (DLMF 8.17.22), whose factor in front is
//! formed by logarithms in double-double: with ten million degrees of freedom those cancel to their eighth digit.
//! About 15 digits, and the same bits on every machine.

use crate::dd::Dd;

/// `1 / (2k (2k - 1)) B_2k` of Stirling's series, as fractions.
const STIRLING: [(f64, f64); 10] = [
    (1.0, 12.0),
    (-1.0, 360.0),
    (1.0, 1260.0),
    (-1.0, 1680.0),
    (1.0, 1188.0),
    (-691.0, 360_360.0),
    (1.0, 156.0),
    (-3617.0, 122_400.0),
    (43_867.0, 244_188.0),
    (-174_611.0, 125_400.0),
];
/// ln(2 pi) / 2.
const HALF_LN_TWO_PI: (f64, f64) = (0.918_938_533_204_672_8, -3.878_294_158_067_242e-17);

/// The logarithm of the gamma function of a positive number (DLMF 5.11.1 from 25 on, by recurrence below).
fn ln_gamma(value: f64) -> Dd {
    let (mut shift, mut z) = (Dd::ONE, Dd::from(value));
    while z < 25.0 {
        shift *= z;
        z += 1.0;
    }
    let (inverse, mut power) = (Dd::ONE / z, Dd::ONE / z);
    let mut series = Dd::from_sum(HALF_LN_TWO_PI.0, HALF_LN_TWO_PI.1);
    for (above, below) in STIRLING {
        series += power * (Dd::from(above) / below);
        power *= inverse * inverse;
    }
    (z - 0.5) * z.ln() - z + series - shift.ln()
}

fn ln_beta(a: f64, b: f64) -> Dd {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// The regularised incomplete beta function `I_x(a, b)`; `rest` is `1 - x`, which may be far smaller than its rounding.
fn incomplete_beta(a: f64, b: f64, x: Dd, rest: Dd) -> Dd {
    if x.is_zero() || rest.is_zero() {
        return if x.is_zero() { Dd::ZERO } else { Dd::ONE };
    }
    // Beyond its bulk the fraction converges slowly, and the other tail is the small one.
    if x.hi() > (a + 1.0) / (a + b + 2.0) {
        return Dd::ONE - tail(b, a, rest, x);
    }
    tail(a, b, x, rest)
}

/// The same by the fraction as it is: `x^a (1-x)^b / (a B(a,b)) / (1 + d1/(1 + d2/(1 + ...)))`.
fn tail(a: f64, b: f64, x: Dd, rest: Dd) -> Dd {
    let front = (x.ln() * a + rest.ln() * b - ln_beta(a, b)).exp() / a;
    // Lentz's method, from a `c` so large that its first reciprocal is nothing.
    let (tiny, below_rounding) = (Dd::from(1e-200), 1e-24);
    let (mut c, mut d) = (Dd::from(1e200), Dd::ZERO);
    let mut fraction = Dd::ONE;
    for k in 0..200_000_u32 {
        let m = f64::from(k / 2);
        let term = match k {
            0 => Dd::ZERO,
            // Exact products: near the bulk of a large `a` the fraction cancels to five digits at each step.
            k if k % 2 == 0 => x * (b - m) * m / Dd::from_product(a + 2.0 * m - 1.0, a + 2.0 * m),
            _ => -(x * (a + m) * (a + b + m)) / Dd::from_product(a + 2.0 * m, a + 2.0 * m + 1.0),
        };
        d = Dd::ONE + term * d;
        d = Dd::ONE / if d.is_zero() { tiny } else { d };
        if k == 0 {
            // The first step only takes the reciprocal of 1.
            continue;
        }
        c = Dd::ONE + term / c;
        c = if c.is_zero() { tiny } else { c };
        let change = c * d;
        fraction *= change;
        if (change - 1.0).abs() < below_rounding {
            break;
        }
    }
    front * fraction
}

/// The chance that F with `above` and `below` degrees of freedom is larger than `f`.
pub(super) fn f_tail(f: Dd, above: f64, below: f64) -> f64 {
    if f.hi() <= 0.0 {
        return 1.0;
    }
    let total = f * above + below;
    incomplete_beta(below / 2.0, above / 2.0, Dd::from(below) / total, f * above / total).to_f64()
}

/// The chance that t with these degrees of freedom is further from zero than `t`, on either side.
pub(super) fn t_tail(t: Dd, degrees: f64) -> f64 {
    f_tail(t * t, 1.0, degrees)
}

/// The `t` that is exceeded, on either side, with this chance (between 0 and 1), for so many degrees of freedom.
#[must_use]
pub fn t_quantile(chance: Dd, degrees: f64) -> f64 {
    let scale = ln_beta(degrees / 2.0, 0.5);
    // Newton's method: the tail is convex, so the steps from zero never overshoot.
    let mut t = Dd::ZERO;
    for _ in 0..2000 {
        let square = t * t;
        let total = square + degrees;
        let rest = incomplete_beta(degrees / 2.0, 0.5, Dd::from(degrees) / total, square / total) - chance;
        let density = ((Dd::from(degrees) / total).ln() * (degrees / 2.0 + 0.5) - scale).exp()
            / Dd::from(degrees).sqrt()
            * 2.0;
        let step = rest / density;
        t += step;
        if step.abs() <= t.abs() * 1e-17 {
            break;
        }
    }
    t.to_f64()
}

#[cfg(test)]
#[expect(clippy::excessive_precision, reason = "known values, to the bit")]
mod tests {
    use super::*;

    fn close(value: f64, truth: f64) {
        assert!((value - truth).abs() <= 1e-15 * truth.abs(), "{value:e} is not {truth:e}");
    }

    /// True values by 60-digit arithmetic.
    #[test]
    fn tails_of_t() {
        for (t, degrees, truth) in [
            (0.001, 1.0, 0.999_363_380_439_838_9),
            (0.5, 3.0, 0.651_447_964_848_151),
            (2.0, 10.0, 0.073_388_034_770_740_37),
            (12.706, 1.0, 0.050_000_802_358_133_19),
            (1e6, 2.0, 9.999_999_999_985e-13),
            (5.0, 30.0, 2.329_668_546_700_779_5e-5),
            (40.0, 100.0, 2.462_107_602_140_071e-63),
            (1.96, 1000.0, 0.050_273_184_955_748_72),
            (1e-8, 7.0, 0.999_999_992_300_171),
            (1.96, 1e5, 0.049_998_563_194_301_64),
            (0.3, 1e7, 0.764_177_161_857_785_4),
            (6.0, 1e7, 1.973_242_733_367_783_5e-9),
            (20.0, 1e7, 5.529_431_206_957_701e-89),
        ] {
            close(t_tail(Dd::from(t), degrees), truth);
            close(t_tail(Dd::from(-t), degrees), truth);
        }
        close(t_tail(Dd::ZERO, 5.0), 1.0);
    }

    #[test]
    fn tails_of_f() {
        for (f, above, below, truth) in [
            (3.5, 2.0, 10.0, 0.070_429_627_772_374_26),
            (0.1, 5.0, 20.0, 0.990_991_126_257_219_7),
            (1.2, 50.0, 1000.0, 0.164_724_727_268_729_87),
            (300.0, 11.0, 70.0, 2.803_392_391_858_369_5e-54),
            (1.01, 20.0, 99_979.0, 0.445_496_667_609_987_5),
            (0.98, 200.0, 3.0, 0.615_352_573_637_227_9),
        ] {
            close(f_tail(Dd::from(f), above, below), truth);
        }
    }

    #[test]
    fn quantiles_of_t() {
        for (chance, degrees, truth) in [
            (0.05, 1.0, 12.706_204_736_174_704),
            (0.05, 2.0, 4.302_652_729_749_464),
            (0.05, 10.0, 2.228_138_851_986_274_7),
            (0.01, 30.0, 2.749_995_653_567_225_3),
            (1e-9, 1.0, 636_619_772.367_581_3),
            (0.05, 1000.0, 1.962_339_080_826_408_5),
            (0.9, 4.0, 0.133_830_367_111_943_3),
        ] {
            close(t_quantile(Dd::from(chance), degrees), truth);
        }
    }
}
