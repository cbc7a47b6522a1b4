//! The grammar of numbers: one scan, from which inference takes the kind and parsing the value.
//!
//! ```text
//! number   = [blanks] [sign] (whole [mark [digits]] | mark digits) [exponent] [blanks]
//! whole    = digits | 1 to 3 digits, then (thousands 3 digits) once or more
//! exponent = ("e" | "E") [sign] digits
//! ```
//! Digits, signs and blanks are those of ASCII (blank and tab): no other digit, no U+2212, no NO-BREAK
//! SPACE around. A group that begins with 0 is none: `0,123` is a decimal comma in the wrong column.

use super::kind::Kind;
use super::numerals::Numerals;

/// Whole numbers of so many digits fit 64 bits (9 223 372 036 854 775 807 has 19).
const SURE_DIGITS: usize = 18;

/// Numbers below 10^308 are finite: the greatest f64 is 1.797...e308.
const SURE_POWER: i64 = 308;

/// The kind of a number as most are: an integer of at most 18 digits, or as many with a mark among them,
/// and nothing around. Nothing where it takes a [`Literal`] to tell.
#[inline]
pub(super) fn short(text: &[u8], numerals: Numerals) -> Option<Kind> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let whole = after_digits(digits, 0);
    // So few digits fit 64 bits and are finite. `0` and `0.5` are numbers, `007` is an id.
    if !(1..=SURE_DIGITS).contains(&whole) || (whole > 1 && digits[0] == b'0') {
        return None;
    }
    if whole == digits.len() {
        return Some(Kind::Integer);
    }
    let marked = char::from(digits[whole]) == numerals.decimal();
    (marked && after_digits(digits, whole + 1) == digits.len()).then_some(Kind::Number)
}

/// Most digits of which every whole number is an f64: 10^15 is below 2^53.
const EXACT_DIGITS: usize = 15;

/// Powers of ten, all of them f64.
const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The value of a number as most are: at most 15 digits, a point among them or none, a minus before them or
/// none. Nothing where it takes a [`Literal`] to tell.
///
/// Source: Clinger, How to Read Floating Point Numbers Accurately (1990): of a whole number and a power of ten
/// that are both f64, the quotient is the nearest f64 to the decimal.
#[inline]
pub(super) fn short_number(text: &[u8], numerals: Numerals) -> Option<f64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.len() > EXACT_DIGITS + 1 || numerals.decimal() != '.' {
        return None;
    }
    let (mut whole, mut point) = (0u64, None);
    for (byte, at) in digits.iter().zip(1..) {
        match byte {
            b'0'..=b'9' => whole = whole * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let count = digits.len() - usize::from(point.is_some());
    if !(1..=EXACT_DIGITS).contains(&count) {
        return None;
    }
    let places = point.map_or(0, |point| digits.len() - point);
    let value = whole as f64 / POWERS[places];
    Some(if digits.len() < text.len() { -value } else { value })
}

/// The value of a whole number as most are: at most 18 digits, a minus before them or none.
#[inline]
pub(super) fn short_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if !(1..=SURE_DIGITS).contains(&digits.len()) {
        return None;
    }
    let add = |n: i64, b: &u8| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0'));
    let value = digits.iter().try_fold(0, add)?;
    Some(if digits.len() < text.len() { -value } else { value })
}

/// A number as it is written.
pub(super) struct Literal<'a> {
    /// From the sign to the last digit.
    text: &'a str,
    numerals: Numerals,
    /// Digits before the mark.
    whole: usize,
    exponent: i64,
    /// Nothing but a sign and digits, in groups or not.
    integral: bool,
    grouped: bool,
    /// A zero before other digits, as ids have it.
    padded: bool,
}

impl<'a> Literal<'a> {
    /// `text` as a number, where it is one from end to end.
    #[inline]
    pub(super) fn scan(text: &'a str, numerals: Numerals) -> Option<Self> {
        let text = trimmed(text);
        let bytes = text.as_bytes();
        let begin = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
        let mut at = after_digits(bytes, begin);
        let mut whole = at - begin;
        let zero = bytes.get(begin) == Some(&b'0');
        let mut literal = Literal {
            text,
            numerals,
            whole,
            exponent: 0,
            integral: true,
            grouped: false,
            padded: zero && whole > 1,
        };
        if at == bytes.len() {
            return (whole > 0).then_some(literal);
        }
        if let Some(mark) = numerals.thousands().filter(|_| (1..=3).contains(&whole) && !zero) {
            at = after_groups(bytes, at, mark)?;
            literal.grouped = at > begin + whole;
            whole = bytes[begin..at].iter().filter(|b| b.is_ascii_digit()).count();
            literal.whole = whole;
        }
        let mut digits = whole;
        if bytes.get(at).is_some_and(|b| char::from(*b) == numerals.decimal()) {
            let end = after_digits(bytes, at + 1);
            digits += end - at - 1;
            at = end;
            literal.integral = false;
        }
        if digits == 0 {
            return None;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = bytes.get(at + 1);
            let first = at + 1 + usize::from(matches!(sign, Some(b'+' | b'-')));
            at = after_digits(bytes, first);
            literal.exponent = magnitude(&bytes[first..at])?;
            if sign == Some(&b'-') {
                literal.exponent = -literal.exponent;
            }
            literal.integral = false;
        }
        (at == bytes.len()).then_some(literal)
    }

    /// The narrowest kind that inference gives it: none where zeros are padded, since `007` is an id to
    /// whoever wrote it, or where it is beyond all f64.
    #[inline]
    pub(super) fn kind(&self) -> Option<Kind> {
        if self.padded {
            return None;
        }
        if self.integral && (self.whole <= SURE_DIGITS || self.integer().is_some()) {
            return Some(Kind::Integer);
        }
        let power = i64::try_from(self.whole).ok()? + self.exponent;
        (power <= SURE_POWER || self.number().is_some()).then_some(Kind::Number)
    }

    /// The whole number, where it is written as one and fits 64 bits.
    pub(super) fn integer(&self) -> Option<i64> {
        match (self.integral, self.grouped) {
            (false, _) => None,
            (true, false) => self.text.parse().ok(),
            (true, true) => self.plain().parse().ok(),
        }
    }

    /// The nearest f64, where there is a finite one.
    pub(super) fn number(&self) -> Option<f64> {
        let plain = !self.grouped && self.numerals.decimal() == '.';
        let value: f64 = if plain { self.text.parse() } else { self.plain().parse() }.ok()?;
        value.is_finite().then_some(value)
    }

    /// Its text with a decimal point and without groups.
    fn plain(&self) -> String {
        let digits = self.text.chars().filter(|c| Some(*c) != self.numerals.thousands());
        digits.map(|c| if c == self.numerals.decimal() { '.' } else { c }).collect()
    }
}

/// `text` without blanks and tabs around.
#[inline]
fn trimmed(text: &str) -> &str {
    let blank = |b: Option<&u8>| matches!(b, Some(b' ' | b'\t'));
    let bytes = text.as_bytes();
    // Most cells have none, and two bytes tell.
    if blank(bytes.first()) || blank(bytes.last()) { text.trim_matches([' ', '\t']) } else { text }
}

/// The position after the digits that begin at `from`.
#[inline]
fn after_digits(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// The position after the groups that begin at `at`; nothing where one has not three digits.
fn after_groups(bytes: &[u8], mut at: usize, mark: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let mark = mark.encode_utf8(&mut buffer).as_bytes();
    while bytes[at..].starts_with(mark) {
        let first = at + mark.len();
        at = after_digits(bytes, first);
        if at - first != 3 {
            return None;
        }
    }
    Some(at)
}

/// The value of an exponent's digits; one too long to matter is as good as 10^9.
fn magnitude(digits: &[u8]) -> Option<i64> {
    let add = |n: i64, b: &u8| (n * 10 + i64::from(b - b'0')).min(1_000_000_000);
    (!digits.is_empty()).then(|| digits.iter().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numerals(decimal: char, thousands: Option<char>) -> Numerals {
        Numerals::new(decimal, thousands).unwrap()
    }

    fn value(text: &str, numerals: Numerals) -> Option<f64> {
        Literal::scan(text, numerals).and_then(|l| l.number())
    }

    #[test]
    fn the_short_way_is_the_long_way() {
        let letters = ["0", "1", "9", "-", "+", ".", ",", "e", " "];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = |text: &String| letters.map(|letter| format!("{text}{letter}"));
            let longer: Vec<String> = texts.iter().flat_map(longer).collect();
            texts.extend(longer);
            texts.sort_unstable();
            texts.dedup();
        }
        assert_eq!(texts.len(), (0..=5).map(|n| 9_usize.pow(n)).sum::<usize>());
        for marks in
            [Numerals::PLAIN, numerals(',', None), numerals('.', Some(',')), numerals(',', Some('.'))]
        {
            for text in &texts {
                let literal = Literal::scan(text, marks);
                let kind = literal.as_ref().and_then(Literal::kind);
                assert!(short(text.as_bytes(), marks).is_none_or(|k| Some(k) == kind), "{text:?} {marks}");
                same_values(text, marks);
            }
        }
    }

    /// The short ways to a value give that of the long one, or none; returns which gave one.
    fn same_values(text: &str, marks: Numerals) -> (bool, bool) {
        let literal = Literal::scan(text, marks);
        let (number, integer) = (short_number(text.as_bytes(), marks), short_integer(text.as_bytes()));
        let long = literal.as_ref().and_then(Literal::number);
        assert!(number.is_none_or(|x| Some(x.to_bits()) == long.map(f64::to_bits)), "{text:?} {marks}");
        let long = literal.as_ref().and_then(Literal::integer);
        assert!(integer.is_none_or(|n| Some(n) == long), "{text:?} {marks}");
        (number.is_some(), integer.is_some())
    }

    #[test]
    fn the_short_ways_end_where_a_value_could_be_another() {
        for (text, short) in [
            ("999999999999999", (true, true)),
            ("-999999999999.999", (true, false)),
            ("9999999999999999", (false, true)),
            ("9007199254740993", (false, true)),
            ("0.000000000000001", (false, false)),
            ("0.00000000000001", (true, false)),
            ("999999999999999999", (false, true)),
            ("-999999999999999999", (false, true)),
            ("9223372036854775807", (false, false)),
            ("9223372036854775808", (false, false)),
            ("-0", (true, true)),
            ("-0.0", (true, false)),
            ("5.", (true, false)),
            (".5", (true, false)),
            ("007.50", (true, false)),
            ("-", (false, false)),
            (".", (false, false)),
            ("-.", (false, false)),
            ("1.2.3", (false, false)),
            ("+5", (false, false)),
            (" 5", (false, false)),
            ("1e5", (false, false)),
            ("", (false, false)),
        ] {
            assert_eq!(same_values(text, Numerals::PLAIN), short, "{text:?}");
        }
        // Under a comma for the decimals a point may group: `1.234` is then a thousand and more.
        assert_eq!(same_values("1.234", numerals(',', Some('.'))), (false, false));
        assert_eq!(same_values("1234.5", numerals('.', Some(','))), (true, false));
    }

    #[test]
    fn groups_have_three_digits_and_stand_before_the_mark() {
        let english = numerals('.', Some(','));
        for (text, expected) in [
            ("1,234.5", Some(1234.5)),
            ("12,345,678", Some(12_345_678.0)),
            ("-1,000.25", Some(-1000.25)),
            ("1234567.5", Some(1_234_567.5)),
            ("1,234e2", Some(123_400.0)),
            ("12,34", None),
            ("1,2345", None),
            ("1234,567", None),
            ("1,234,56", None),
            ("0.123,456", None),
            (",123", None),
            ("1,,234", None),
            ("1,234,", None),
            ("0,123", None),
            ("1.234,5", None),
        ] {
            assert_eq!(value(text, english), expected, "{text}");
        }
        for mark in ['.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}'] {
            let text = format!("-12{mark}345{mark}678,5");
            assert_eq!(value(&text, numerals(',', Some(mark))), Some(-12_345_678.5), "{text}");
            let other = numerals(',', Some(if mark == '.' { ' ' } else { '.' }));
            assert_eq!(value(&text, other), None, "{text}");
        }
    }

    #[test]
    fn the_marks_are_those_declared_and_no_others() {
        let comma = numerals(',', None);
        assert_eq!(value("3,15", comma), Some(3.15));
        assert_eq!(value(" -,5\t", comma), Some(-0.5));
        assert_eq!(value("1,5e-3", comma), Some(0.0015));
        for text in ["2.5", "1,000,5", "1.000,25", "1 000"] {
            assert_eq!(value(text, comma), None, "{text}");
        }
        assert_eq!(value("3,15", Numerals::PLAIN), None);
    }

    #[test]
    fn what_is_not_all_ascii_digits_is_no_number() {
        for text in [
            "",
            " ",
            "-",
            "+",
            ".",
            "e5",
            "1e",
            "1e+",
            "1e5.5",
            "++5",
            "+ 5",
            "+-5",
            "5-",
            "(5)",
            "$5",
            "5%",
            "1_0",
            "0x1F",
            "inf",
            "nan",
            "Infinity",
            "\u{a0}5",
            "5\u{a0}",
            "\u{2212}5",
            "１２",
            "١٢",
            "1\n",
            "1e400",
            "-1e400",
            "1 2",
            "1.2.3",
        ] {
            assert_eq!(value(text, Numerals::PLAIN), None, "{text:?}");
        }
    }

    #[test]
    fn values_are_the_nearest_f64_to_the_last_bit() {
        for (text, bits) in [
            ("5e-324", 1),
            ("2.2250738585072011e-308", 0x000f_ffff_ffff_ffff),
            ("2.2250738585072014e-308", 0x0010_0000_0000_0000),
            ("+0.1", 0x3fb9_9999_9999_999a),
            ("00.5", 0x3fe0_0000_0000_0000),
            ("\t5. ", 0x4014_0000_0000_0000),
            ("-0", 0x8000_0000_0000_0000),
            ("1.7976931348623157e308", 0x7fef_ffff_ffff_ffff),
        ] {
            assert_eq!(value(text, Numerals::PLAIN).map(f64::to_bits), Some(bits), "{text}");
        }
        let long = format!("{}.5e-400", "9".repeat(500));
        assert_eq!(value(&long, Numerals::PLAIN), Some(1e100));
        assert_eq!(Literal::scan(&long, Numerals::PLAIN).unwrap().kind(), Some(Kind::Number));
        let beyond = format!("1{}", "0".repeat(309));
        assert_eq!(Literal::scan(&beyond, Numerals::PLAIN).unwrap().kind(), None);
    }

    #[test]
    fn whole_numbers_fit_64_bits() {
        let whole = |text: &str| Literal::scan(text, Numerals::PLAIN).and_then(|l| l.integer());
        assert_eq!(whole("9223372036854775807"), Some(i64::MAX));
        assert_eq!(whole("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(whole("+0000000000000000000000007"), Some(7));
        for text in ["9223372036854775808", "-9223372036854775809", "1.0", "1e3"] {
            assert_eq!(whole(text), None, "{text}");
        }
        let english = numerals('.', Some(','));
        let grouped = Literal::scan("9,223,372,036,854,775,808", english).unwrap();
        assert_eq!((grouped.integer(), grouped.kind()), (None, Some(Kind::Number)));
    }
}
