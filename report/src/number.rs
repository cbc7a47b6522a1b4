//! Numbers as people read them. `metrics.json` has all digits; here are four, and no false ones.

use std::collections::BTreeMap;

use stats::Reason;

use crate::words;

/// Digits that count in a figure below 1,000.
const DIGITS: i32 = 4;
/// Power of ten from which on a figure is written with powers of ten: nobody reads more digits.
const LARGE: i32 = 12;
/// What stands beside a figure in powers of ten is written as that from here on.
const BESIDE_LARGE: f64 = 1e6;
/// Largest share shown as a number of percent.
const MOST_SHARE: f64 = 1e4;
/// The sign of numbers below zero; a hyphen is none.
const MINUS: &str = "−";

/// A figure with four digits that count, at least all before the point, and commas by thousands.
pub(crate) fn figure(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let (rounded, power) = scientific(value);
    if !(-4..LARGE).contains(&power) {
        return rounded;
    }
    let decimals = usize::try_from(DIGITS - 1 - power).unwrap_or(0);
    grouped(&format!("{value:.decimals$}"))
}

/// A figure in the form of the largest that it stands beside: with powers of ten where that has them.
pub(crate) fn like(value: f64, largest: f64) -> String {
    let (rounded, _) = scientific(value);
    if value.abs() >= BESIDE_LARGE && scientific(largest).1 >= LARGE { rounded } else { figure(value) }
}

/// Four digits and a power of ten, and that power.
fn scientific(value: f64) -> (String, i32) {
    let rounded = format!("{value:.3e}");
    let power = rounded.split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
    // The power keeps its hyphen, as programs read it.
    (rounded.strip_prefix('-').map_or_else(|| rounded.clone(), |size| format!("{MINUS}{size}")), power)
}

/// A figure, or why there is none.
pub(crate) fn cell(value: Option<f64>, key: &str, absent: &BTreeMap<String, Reason>) -> String {
    value.map_or_else(
        || absent.get(key).map_or_else(|| "–".to_owned(), |r| words::reason(*r).to_owned()),
        figure,
    )
}

/// The value, or 0 where it is nothing but rounding beside `scale`.
pub(crate) fn beside(value: Option<f64>, scale: Option<f64>) -> Option<f64> {
    let rounding = |v: f64| scale.is_some_and(|s| v.abs() < 1e-9 * s.abs());
    value.map(|v| if rounding(v) { 0.0 } else { v })
}

/// A figure, or a dash.
pub(crate) fn or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), figure)
}

/// A count with commas by thousands.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A count with a noun that agrees.
pub(crate) fn counted(value: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A share in percent, without sign: one decimal below 10 %, and no number above a million percent.
pub(crate) fn percent(share: f64) -> String {
    if share.abs() > MOST_SHARE {
        return format!("more than {} %", count(1_000_000));
    }
    let percent = 100.0 * share.abs();
    if (99.5..100.0).contains(&percent) {
        // What is not all is not shown as all.
        return format!("{:.1} %", (percent * 10.0).floor() / 10.0);
    }
    let decimals = usize::from(percent > 0.0 && percent < 9.95);
    format!("{} %", grouped(&format!("{percent:.decimals$}")))
}

/// A share in percent, with its sign unless it is shown as zero.
pub(crate) fn signed_percent(share: f64) -> String {
    let shown = percent(share);
    let zero = !shown.contains(|c: char| ('1'..='9').contains(&c));
    match shown.strip_prefix("more than ") {
        _ if share >= 0.0 || zero => shown,
        Some(most) => format!("less than {MINUS}{most}"),
        None => format!("{MINUS}{shown}"),
    }
}

/// A whole number with commas by thousands.
pub(crate) fn whole(value: i128) -> String {
    grouped(&value.to_string())
}

/// A level as people write it: `90 %`, `99.5 %`.
pub(crate) fn level(share: f64) -> String {
    // Ten decimals, so that 0.07 is not shown as 7.000000000000001 %.
    format!("{} %", (share * 1e12).round() / 1e10)
}

/// A number with a fixed count of decimals, or a dash.
pub(crate) fn fixed(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| grouped(&format!("{v:.decimals$}")))
}

/// A chance, such as `of 0.030` or `below 0.001`.
pub(crate) fn chance(p: f64) -> String {
    if p < 0.001 { "below 0.001".to_owned() } else { format!("of {p:.3}") }
}

/// Commas by thousands before the point, and the sign of numbers below zero.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| (MINUS, rest));
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    // A number that rounds to zero has no sign.
    let zero = !rest.contains(|c: char| ('1'..='9').contains(&c));
    format!("{}{out}{fraction}", if zero { "" } else { sign })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_four_digits_that_count() {
        for (value, text) in [
            (8_764.613, "8,765"),
            (143_211.4, "143,211"),
            (999.96, "1,000"),
            (0.916_34, "0.9163"),
            (-12.345_6, "−12.35"),
            (-0.000_012_34, "−1.234e-5"),
            (999_444_444_444.0, "999,444,444,444"),
            (-1_263_675_024_159.0, "−1.264e12"),
            (0.000_123_45, "0.0001234"),
            (0.0, "0"),
            (-0.0, "0"),
            (1e20, "1.000e20"),
            (1.0, "1.000"),
        ] {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn shares_counts_and_chances() {
        assert_eq!(
            (percent(0.211), percent(-0.0314), percent(12.0)),
            ("21 %".into(), "3.1 %".into(), "1,200 %".into())
        );
        assert_eq!(
            (count(1_234_567), counted(1, "row"), counted(1_000, "row")),
            ("1,234,567".into(), "1 row".into(), "1,000 rows".into())
        );
        assert_eq!((chance(0.000_2), chance(0.034_4)), ("below 0.001".into(), "of 0.034".into()));
        assert_eq!((level(0.8), level(0.07), level(0.995)), ("80 %".into(), "7 %".into(), "99.5 %".into()));
        assert_eq!(
            [0.211, -0.0314, -0.000_1, 0.0].map(signed_percent),
            ["21 %", "−3.1 %", "0.0 %", "0 %"].map(str::to_owned)
        );
        assert_eq!([-12_345, 0, 1_000].map(whole), ["−12,345", "0", "1,000"].map(str::to_owned));
        assert_eq!((fixed(Some(-0.000_1), 2), percent(0.0)), ("0.00".into(), "0 %".into()));
        assert_eq!(
            (percent(0.999_99), percent(0.995), percent(1.0)),
            ("99.9 %".into(), "99.5 %".into(), "100 %".into())
        );
    }

    #[test]
    fn what_nobody_reads_is_not_written_out() {
        assert_eq!(
            [1e4, 1.000_1e4, f64::MAX, -1e4, -2e4].map(signed_percent),
            [
                "1,000,000 %",
                "more than 1,000,000 %",
                "more than 1,000,000 %",
                "−1,000,000 %",
                "less than −1,000,000 %"
            ]
        );
        // Beside trillions all is in powers of ten, but not what is small.
        assert_eq!(
            [8.583e11, -2e6, 19.25, 0.0].map(|value| like(value, 2.4e12)),
            ["8.583e11", "−2.000e6", "19.25", "0"]
        );
        assert_eq!(like(8.583e11, 9e11), "858,300,000,000");
    }

    #[test]
    fn what_is_only_rounding_is_zero() {
        assert_eq!(beside(Some(-1.2e-11), Some(9_405.0)), Some(0.0));
        assert_eq!(beside(Some(0.01), Some(9_405.0)), Some(0.01));
        assert_eq!((beside(Some(0.01), None), beside(None, Some(1.0))), (Some(0.01), None));
    }
}
