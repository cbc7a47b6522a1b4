//! A number as it was written, and what rounds to it.

use crate::memory::money;
use crate::number;

/// Blanks that group digits by thousands or part a number from its unit.
pub(super) const THIN: [char; 3] = ['\u{a0}', '\u{202f}', '\u{2009}'];
/// Characters of the longest number looked at.
const LONGEST: usize = 40;
/// Largest step of a number that is rounded by its words, beside the number.
const COARSEST: f64 = 0.1;

/// How a number was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Numeral {
    /// What it says, in the unit of the figures: a percentage as a share, `8.8k` as 8,800.
    pub(super) value: f64,
    /// The place of its last digit that counts, in the same unit.
    pub(super) step: f64,
    /// Digits that say something: without zeros in front, and without those that end a whole number.
    pub(super) digits: usize,
    /// No point, no percent, no currency, no grouping: it may count anything.
    pub(super) plain: bool,
    pub(super) percent: bool,
    /// A sign was written.
    pub(super) signed: bool,
    /// What it is multiplied with to give the value.
    scale: f64,
    suffix: String,
    decimals: usize,
    group: Option<char>,
    prefix: String,
}

impl Numeral {
    /// Reads a number such as `$8,838`, `8'838 EUR`, `−3.1`, `18 %`, `.92`, `1.2e-5`, `8.8k` or `1.2 million`.
    /// `about` tells that the text around it allows for its last zeros being rounded: `about 8,800`.
    pub(super) fn parse(written: &str, about: bool) -> Option<Self> {
        if written.chars().count() > LONGEST {
            return None;
        }
        let mut rest = written;
        let mut sign = take(&mut rest, &['-', '−', '+']);
        let (prefix, amount) = rest.split_at(money::prefix(rest));
        rest = amount;
        sign = sign.or_else(|| take(&mut rest, &['-', '−', '+']));
        let end = rest
            .char_indices()
            .find(|(i, c)| !(c.is_ascii_digit() || is_inner(&rest[*i..], *c)))
            .map_or(rest.len(), |(i, _)| i);
        let (body, mut suffix) = rest.split_at(end);
        let mut power = 0;
        if let Some(exponent) = suffix.strip_prefix(['e', 'E']) {
            power = exponent.parse::<i32>().ok().filter(|p| p.abs() <= 300)?;
            suffix = "";
        }
        let (scale, percent) = unit(money::without(suffix))?;
        let currency = !prefix.is_empty() || money::without(suffix).len() < suffix.len();
        let (digits, decimals, group) = plain_digits(body)?;
        let scale = scale * 10_f64.powi(power);
        let whole: f64 = digits.parse().ok()?;
        let value = whole * scale;
        let counted = digits.trim_start_matches(['0', '.']);
        let zeros = counted.len() - counted.trim_end_matches('0').len();
        let informative = counted.chars().filter(char::is_ascii_digit).count();
        let ends_in_zeros = decimals == 0 && zeros > 0;
        let step = if ends_in_zeros && about {
            // Nobody calls 14,000 about 10,000.
            10_f64.powi(i32::try_from(zeros).ok()?).min(whole * COARSEST)
        } else {
            10_f64.powi(-i32::try_from(decimals).ok()?)
        };
        let negative = matches!(sign, Some('-' | '−'));
        Some(Self {
            value: if negative { -value } else { value },
            step: step * scale,
            digits: informative - if ends_in_zeros { zeros } else { 0 },
            plain: decimals == 0 && group.is_none() && suffix.is_empty() && !currency && power == 0,
            percent,
            signed: sign.is_some(),
            scale,
            suffix: suffix.to_owned(),
            decimals,
            group,
            prefix: prefix.to_owned(),
        })
    }

    pub(super) fn has_currency(&self) -> bool {
        !self.prefix.is_empty() || money::without(&self.suffix).len() < self.suffix.len()
    }

    /// True where `figure`, rounded as this number is, gives it; a number without a sign says nothing of the sign.
    pub(super) fn is_of(&self, figure: f64) -> bool {
        let size = figure.abs();
        if self.signed && self.value != 0.0 && (self.value < 0.0) != (figure < 0.0) {
            return false;
        }
        // Either way of rounding a half is right; the last bits of the step are not known.
        let half = self.step * 0.5 * (1.0 + 1e-9);
        let rounds = (size - self.value.abs()).abs() <= half + size * 4.0 * f64::EPSILON;
        // The report never rounds a share up to all.
        let cut = self.percent && (0.995..1.0).contains(&size);
        rounds || cut && (0.0..self.step).contains(&(size - self.value.abs()))
    }

    /// Least and greatest size of a figure that may be meant.
    pub(super) fn reach(&self) -> (f64, f64) {
        let size = self.value.abs();
        (size - self.step * 1.001, size + self.step * 1.001)
    }

    /// `figure` in the way this number was written, with its sign where `signed`.
    pub(super) fn show(&self, figure: f64, signed: bool) -> String {
        let sign = if figure < 0.0 { "−" } else { "" };
        let plus = if signed && figure > 0.0 { "+" } else { "" };
        let size = figure.abs() / self.scale;
        let fixed = format!("{size:.*}", self.decimals);
        let nothing = !fixed.contains(|c: char| ('1'..='9').contains(&c)) && figure != 0.0;
        let body = if size >= 1e15 || nothing { number::figure(size) } else { group(&fixed, self.group) };
        let sign =
            if signed || self.signed || figure < 0.0 { format!("{sign}{plus}") } else { String::new() };
        format!("{sign}{}{body}{}", self.prefix, self.suffix)
    }
}

fn take(rest: &mut &str, any: &[char]) -> Option<char> {
    let first = rest.chars().next().filter(|c| any.contains(c))?;
    *rest = &rest[first.len_utf8()..];
    Some(first)
}

/// A point, a comma, a blank or an apostrophe before another digit.
fn is_inner(from: &str, c: char) -> bool {
    let joins = matches!(c, '.' | ',' | ' ' | '\'' | '’') || THIN.contains(&c);
    joins && from[c.len_utf8()..].starts_with(|n: char| n.is_ascii_digit())
}

/// What the figure is multiplied with under this unit, and whether it is a percentage.
fn unit(suffix: &str) -> Option<(f64, bool)> {
    let word = suffix.trim_matches(|c: char| c.is_whitespace() || c == '\0' || THIN.contains(&c));
    Some(match word.to_ascii_lowercase().as_str() {
        "" => (1.0, false),
        "%" | "percent" | "pct" | "per cent" | "percentage points" | "percentage point" | "pp" => {
            (0.01, true)
        }
        "k" | "thousand" => (1e3, false),
        "million" | "mn" => (1e6, false),
        "m" if word == "M" => (1e6, false),
        "billion" | "bn" => (1e9, false),
        _ => return None,
    })
}

/// The digits without grouping, how many stand after the point, and what grouped them.
fn plain_digits(body: &str) -> Option<(String, usize, Option<char>)> {
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    if let Some(separator) = separator {
        let groups: Vec<&str> = whole.split(separator).collect();
        let (first, rest) = groups.split_first()?;
        let all_digits = |g: &&str| g.bytes().all(|b| b.is_ascii_digit());
        let right = (1..=3).contains(&first.len()) && rest.iter().all(|g| g.len() == 3);
        if !right || !groups.iter().all(all_digits) || first.starts_with('0') {
            return None;
        }
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let digits = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
    Some((digits, fraction.len(), separator))
}

/// Groups the digits before the point by thousands.
fn group(fixed: &str, separator: Option<char>) -> String {
    let (whole, fraction) = fixed.split_at(fixed.find('.').unwrap_or(fixed.len()));
    // What had too few digits to be grouped is grouped as the report does it.
    let Some(separator) = separator.or((whole.len() > 4).then_some(',')) else { return fixed.to_owned() };
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(written: &str, figure: f64) -> bool {
        Numeral::parse(written, false).is_some_and(|n| n.is_of(figure))
    }

    #[test]
    fn a_figure_rounds_to_what_was_written() {
        for (written, figure) in [
            ("8,838", 8_837.904_88),
            ("8838", 8_837.904_88),
            ("8\u{a0}838", 8_837.904_88),
            ("8\u{2009}837.9", 8_837.904_88),
            ("8 837.9", 8_837.904_88),
            ("8'838", 8_837.904_88),
            ("1’234’567", 1_234_567.0),
            ("US$8,838", 8_837.904_88),
            ("-USD 8,838", -8_837.904_88),
            ("8,838$", 8_837.904_88),
            ("8.8k€", 8_837.904_88),
            ("8,838 EUR", 8_837.904_88),
            ("$8,838", 8_837.904_88),
            ("8.8k", 8_837.904_88),
            ("8.8 thousand", 8_837.904_88),
            ("1.2 million", 1_234_567.0),
            ("18 %", 0.176_128),
            ("17.6%", 0.176_128),
            ("17.6 percent", 0.176_128),
            ("0.9164", 0.916_380_78),
            (".92", 0.916_380_78),
            ("−2,549", -2_549.046_5),
            ("-2,549", -2_549.046_5),
            ("2,549", -2_549.046_5),
            ("-$2,549", -2_549.046_5),
            ("1.2e-5", 0.000_012_08),
            ("-1.497e-6", -1.496_9e-6),
            ("99.9 %", 0.999_99),
            ("0.5", 0.45),
            ("0.4", 0.45),
        ] {
            assert!(of(written, figure), "{written} {figure}");
        }
        for (written, figure) in [
            ("8,839", 8_837.904_88),
            ("8,837", 8_837.904_88),
            ("8,800", 8_837.904_88),
            ("18", 0.176_128),
            ("-2,549", 2_549.046_5),
            ("+2,549", -2_549.046_5),
            ("17 %", 0.176_128),
            ("8.9k", 8_837.904_88),
        ] {
            assert!(!of(written, figure), "{written} {figure}");
        }
    }

    #[test]
    fn zeros_count_unless_the_words_around_say_about() {
        let about = |written| Numeral::parse(written, true).map(|n| (n.is_of(8_837.9), n.digits));
        assert_eq!(about("8,800"), Some((true, 2)));
        assert_eq!(about("9,000"), Some((true, 1)));
        assert_eq!(about("8,000"), Some((false, 1)));
        assert_eq!(about("8,838"), Some((true, 4)));
        assert_eq!(about("10,000"), Some((false, 1)));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "8'83",
            "8 83",
            "8 838,120",
            "$",
            "EUR",
            "8USDX",
            "8,83",
            "0,92",
            "8,838,9",
            "1.2.3",
            "12km",
            "1st",
            "8.838,5",
            "1e999",
            "1e",
            "5m",
            "0,838",
        ] {
            assert_eq!(Numeral::parse(text, false), None, "{text}");
        }
    }

    #[test]
    fn the_new_value_is_shown_as_the_old_was_written() {
        let show =
            |written: &str, figure| Numeral::parse(written, false).map(|n| n.show(figure, false)).unwrap();
        assert_eq!(show("8,838", 9_120.4), "9,120");
        assert_eq!(show("8838", 9_120.4), "9120");
        assert_eq!(show("8838", 12_120.4), "12,120");
        assert_eq!(show("$8.8k", 9_120.4), "$9.1k");
        assert_eq!(show("8'838", 12_120.4), "12'120");
        assert_eq!(show("8 838 €", 9_120.4), "9 120 €");
        assert_eq!(show("USD 8,838", -9_120.4), "−USD 9,120");
        assert_eq!(show("18 %", 0.213), "21 %");
        assert_eq!(show("−2,549", -100.0), "−100");
        assert_eq!(show("0.92", 0.000_12), "0.0001200");
        assert_eq!(show("0.92", 0.0), "0.00");
        assert_eq!(show("12", 1e300), "1.000e300");
    }
}
