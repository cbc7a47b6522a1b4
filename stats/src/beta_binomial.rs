//! The count that a beta-binomial distribution gives, by sums of its terms.

/// The beta-binomial distribution: how many of `rows` rows are covered, where the coverage itself is drawn
/// from a beta distribution with parameters `a` and `b`, at least 1.
///
/// Only the four operations are used, so that the same counts come out on every machine.
pub(crate) struct BetaBinomial {
    rows: u64,
    a: f64,
    b: f64,
    mode: u64,
    /// Sums of the terms up to and with the mode, and above it; the term of the mode is 1.
    low: f64,
    high: f64,
}

/// Terms below this share of the largest count for nothing.
const NOTHING: f64 = 1e-30;

impl BetaBinomial {
    pub(crate) fn new(rows: u64, a: u64, b: u64) -> Self {
        let (a, b) = (a.max(1) as f64, b.max(1) as f64);
        let mut of = Self { rows, a, b, mode: 0, low: 1.0, high: 0.0 };
        let share = if a + b > 2.0 { (a - 1.0) / (a + b - 2.0) } else { 0.5 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the rows")]
        let mode = ((rows as f64 + 1.0) * share) as u64;
        of.mode = mode.min(rows);
        let (mut at, mut term) = (of.mode, 1.0);
        while at > 0 && term > NOTHING {
            term /= of.step(at - 1);
            at -= 1;
            of.low += term;
        }
        (at, term) = (of.mode, 1.0);
        while at < rows && term > NOTHING {
            term *= of.step(at);
            at += 1;
            of.high += term;
        }
        of
    }

    /// The term of `count + 1` over that of `count`.
    fn step(&self, count: u64) -> f64 {
        let (i, k) = (count as f64, self.rows as f64);
        (k - i) * (self.a + i) / ((i + 1.0) * (self.b + k - i - 1.0))
    }

    /// The least count whose cumulative probability is at least `p`.
    pub(crate) fn quantile(&self, p: f64) -> u64 {
        let target = p * (self.low + self.high);
        let (mut at, mut term, mut sum) = (self.mode, 1.0, self.low);
        if sum < target {
            while sum < target && at < self.rows {
                term *= self.step(at);
                at += 1;
                sum += term;
            }
            return at;
        }
        while at > 0 && sum - term >= target {
            sum -= term;
            term /= self.step(at - 1);
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles by scipy 1.17, `betabinom(k, a, b).ppf`.
    #[test]
    fn quantiles_by_another_program() {
        for (rows, a, b, low, high) in BY_SCIPY {
            let of = BetaBinomial::new(rows, a, b);
            assert_eq!((of.quantile(0.025), of.quantile(0.975)), (low, high), "{rows} {a} {b}");
        }
    }

    const BY_SCIPY: [(u64, u64, u64, u64, u64); 9] = [
        (20, 18, 2, 13, 20),
        (40, 37, 4, 30, 40),
        (100, 16, 4, 59, 95),
        (100, 91, 10, 81, 97),
        (1000, 901, 100, 873, 925),
        (1000, 81, 20, 715, 877),
        (1, 1, 1, 0, 1),
        (50, 19, 1, 40, 50),
        (100_000, 900, 101, 87_962, 91_707),
    ];

    /// The terms of the sum itself, in logarithms of the gamma function.
    #[test]
    fn cumulative_sums_of_the_formula() {
        let ln_choose = |n: f64, k: f64| {
            use statrs::function::gamma::ln_gamma;
            ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
        };
        for (rows, a, b) in
            [(1, 1, 1), (5, 2, 1), (40, 37, 4), (100, 16, 4), (1000, 81, 20), (3000, 900, 101)]
        {
            let ln_beta = |x: f64, y: f64| {
                use statrs::function::gamma::ln_gamma;
                ln_gamma(x) + ln_gamma(y) - ln_gamma(x + y)
            };
            let of = BetaBinomial::new(rows, a, b);
            let (k, a, b) = (rows as f64, a as f64, b as f64);
            let term = |i: u64| {
                let i = i as f64;
                (ln_choose(k, i) + ln_beta(i + a, k - i + b) - ln_beta(a, b)).exp()
            };
            for p in [0.025, 0.3, 0.5, 0.9, 0.975] {
                let mut sum = 0.0;
                let truth = (0..=rows).find(|i| {
                    sum += term(*i);
                    sum >= p - 1e-9
                });
                assert_eq!(Some(of.quantile(p)), truth, "{rows} {a} {b} {p}");
            }
        }
    }
}
