//! From values to places on an axis, and the ticks of that axis.

/// Free space beside the outermost values, as a share of their range.
const MARGIN: f64 = 0.04;
/// Values beyond this have no axis: their range may not be finite.
const LARGEST: f64 = 1e306;
/// Ranges below this have no axis: steps between ticks would lose their digits.
const SMALLEST: f64 = 1e-280;
/// Ranges below this share of the values have no axis: labels could not tell ticks apart.
const NARROWEST: f64 = 1e-9;

/// Values from here on are written with powers of ten, where that takes few digits.
const LARGE: f64 = 1e8;
/// Values from here on always are.
const LARGEST_PLAIN: f64 = 1e15;
/// Digits of a label with a power of ten at most.
const DIGITS: f64 = 4.0;

/// An axis over a range of finite values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    /// The step between ticks is `digit * 10^power`.
    digit: i64,
    power: i32,
}

/// A tick with its label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Scale {
    /// Over all of `values`, with about `ticks` ticks; `None` where they have no spread that can be shown.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, ticks: u8) -> Option<Self> {
        let (low, high) = range(values)?;
        let margin = MARGIN * (high - low);
        Self::new(low - margin, high + margin, ticks)
    }

    /// Over all of `values` and zero, with a margin only where they go beyond it.
    pub(super) fn with_zero(values: impl IntoIterator<Item = f64>, ticks: u8) -> Option<Self> {
        let (low, high) = range(values.into_iter().chain([0.0]))?;
        let margin = MARGIN * (high - low);
        let beyond = |end: f64, margin: f64| if end == 0.0 { end } else { end + margin };
        Self::new(beyond(low, -margin), beyond(high, margin), ticks)
    }

    fn new(low: f64, high: f64, ticks: u8) -> Option<Self> {
        let least = (high - low) / f64::from(ticks);
        let mut power = least.log10().floor();
        let mantissa = least / 10f64.powf(power);
        let mut digit = [1, 2, 5].into_iter().find(|digit| *digit as f64 >= mantissa);
        if digit.is_none() {
            (digit, power) = (Some(1), power + 1.0);
        }
        let power = format!("{power:.0}").parse().ok()?;
        Some(Self { low, high, digit: digit?, power })
    }

    /// Where a value lies: 0 at the low end, 1 at the high end; values beyond an end lie at it.
    pub(super) fn place(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The ticks, ascending.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let step = decimal(self.digit, self.power);
        let first = (self.low / step).ceil();
        let places = (0..32).map(|i| first + f64::from(i)).take_while(|place| place * step <= self.high);
        // Whole numbers far below 2^53, since a range is no narrower than a billionth of its values.
        let counts: Vec<i64> = places.filter_map(|place| format!("{place:.0}").parse().ok()).collect();
        let all: Vec<i64> = counts.iter().map(|count| count * self.digit).collect();
        let most = self.low.abs().max(self.high.abs());
        // Near 1e9 with steps of 5 a power of ten would save nothing: 9.99999995e8.
        let digits = most.log10().floor() - f64::from(self.power) + 1.0;
        let plain = self.power >= -6 && (most < LARGE || (most < LARGEST_PLAIN && digits > DIGITS));
        let label = |n: i64| if plain { plainly(n, self.power) } else { scientific(n, self.power) };
        all.into_iter().map(|n| Tick { value: decimal(n, self.power), label: label(n) }).collect()
    }
}

/// Least and largest value, where they are far enough apart.
fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        if value.is_nan() || value.abs() > LARGEST {
            return None;
        }
        (low, high) = (low.min(value), high.max(value));
    }
    let spread = high - low;
    (spread >= SMALLEST && spread >= NARROWEST * low.abs().max(high.abs())).then_some((low, high))
}

/// `n * 10^power`, rounded once.
fn decimal(n: i64, power: i32) -> f64 {
    format!("{n}e{power}").parse().unwrap_or(0.0)
}

/// `-12500` and 0 give `−12,500`, `5` and -2 give `0.05`.
fn plainly(n: i64, power: i32) -> String {
    let decimals = usize::try_from(-power).unwrap_or(0);
    let zeros = usize::try_from(power).unwrap_or(0);
    let digits = format!("{}{}", n.unsigned_abs(), if n == 0 { String::new() } else { "0".repeat(zeros) });
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let whole = crate::number::grouped(whole);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{whole}{point}{fraction}", sign(n))
}

/// `15` and 8 give `1.5e9`.
fn scientific(n: i64, power: i32) -> String {
    if n == 0 {
        return "0".to_owned();
    }
    let digits = n.unsigned_abs().to_string();
    let exponent = i64::from(power) + i64::from(n.unsigned_abs().ilog10());
    let digits = digits.trim_end_matches('0');
    let (first, rest) = digits.split_at(1.min(digits.len()));
    let point = if rest.is_empty() { "" } else { "." };
    format!("{}{first}{point}{rest}e{exponent}", sign(n))
}

fn sign(n: i64) -> &'static str {
    if n < 0 { "−" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        Scale::over([low, high], 5).unwrap().ticks().into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_as_people_write_them() {
        assert_eq!(labels(60_000.0, 310_000.0), ["100,000", "200,000", "300,000"]);
        assert_eq!(labels(-1.0, 1.0), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.012, 0.057), ["0.02", "0.03", "0.04", "0.05"]);
        assert_eq!(labels(1e-9, 3e-9), ["1e-9", "1.5e-9", "2e-9", "2.5e-9", "3e-9"]);
        assert_eq!(labels(-2e300, 2e300), ["−2e300", "−1e300", "0", "1e300", "2e300"]);
        assert_eq!(labels(1e12, 1e12 + 4e3).first().map(String::as_str), Some("1,000,000,000,000"));
        assert_eq!(labels(999_999_993.0, 1_000_000_006.0), ["999,999,995", "1,000,000,000", "1,000,000,005"]);
        assert_eq!(labels(1e9, 2e9), ["1e9", "1.5e9", "2e9"]);
    }

    #[test]
    fn what_has_no_spread_that_can_be_shown_has_no_axis() {
        for values in [
            &[][..],
            &[3.0],
            &[3.0, 3.0],
            &[0.0, 5e-324],
            &[1.0, 1.0 + f64::EPSILON],
            &[f64::MIN, f64::MAX],
            &[0.0, f64::NAN],
            &[0.0, f64::INFINITY],
        ] {
            assert_eq!(Scale::over(values.iter().copied(), 5), None, "{values:?}");
        }
    }

    #[test]
    fn any_other_range_has_a_few_ticks_within() {
        let ends = [-1e306, -1e300, -3.7, -1e-200, 0.0, 1e-279, 1e-9, 0.1, 1.0, 99.0, 12345.678, 1e15, 1e306];
        for low in ends {
            for high in ends.into_iter().filter(|high| *high > low) {
                let scale = Scale::over([low, high], 5).unwrap();
                let ticks = scale.ticks();
                assert!((2..=7).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
                assert!(
                    ticks.windows(2).all(|two| two[0].value < two[1].value && two[0].label != two[1].label)
                );
                assert!(ticks.iter().all(|tick| (0.0..=1.0).contains(&scale.place(tick.value))));
                assert!(ticks.iter().all(|tick| scale.low <= tick.value && tick.value <= scale.high));
            }
        }
    }

    #[test]
    fn values_have_their_share_of_the_axis() {
        // Zero at the low end without a margin; 96.15... at 10 of 10 * 1.04.
        let scale = Scale::with_zero([10.0], 5).unwrap();
        assert_eq!((scale.low, scale.high), (0.0, 10.4));
        assert!((scale.place(5.2) - 0.5).abs() < 1e-15);
        assert_eq!((scale.place(-1.0), scale.place(11.0)), (0.0, 1.0));
    }
}
