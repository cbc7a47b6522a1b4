//! Spans of time in the configuration: `"30d"`, `"3mo"`, or a plain number of steps.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of time above zero, as it is written: it is shown, and named in features, as that text.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    text: String,
    length: Length,
}

/// The length of a span in one of the units a clock may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Length {
    /// Microseconds of a calendar.
    Micros(i64),
    /// Calendar months.
    Months(u32),
    /// Units of a clock that is a plain number.
    Plain(f64),
}

const SECOND: i64 = 1_000_000;

/// Units of a calendar with their microseconds.
const UNITS: [(&str, i64); 5] = [
    ("s", SECOND),
    ("min", 60 * SECOND),
    ("h", 3600 * SECOND),
    ("d", 86_400 * SECOND),
    ("w", 7 * 86_400 * SECOND),
];

impl Span {
    /// Reads `30d`, `12h`, `15min`, `45s`, `2w`, `3mo`, `1y`, or a plain number above zero.
    ///
    /// # Errors
    /// A message without place.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is no span of time: a whole number and s, min, h, d, w, mo or y, such as \"30d\", or a plain number for times that are numbers",
                crate::text::shown(text)
            )
        };
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let whole = || number.parse::<u32>().ok().filter(|n| *n > 0);
        let months = |each: u32| whole().and_then(|n| n.checked_mul(each)).map(Length::Months);
        let length = match unit {
            "mo" => months(1),
            "y" => months(12),
            _ => match UNITS.iter().find(|(name, _)| *name == unit) {
                Some((_, micros)) => {
                    whole().and_then(|n| micros.checked_mul(i64::from(n))).map(Length::Micros)
                }
                None => text.parse::<f64>().ok().filter(|x| x.is_finite() && *x > 0.0).map(Length::Plain),
            },
        };
        Ok(Self { text: text.to_owned(), length: length.ok_or_else(wrong)? })
    }

    /// The text it was read from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn length(&self) -> Length {
        self.length
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Span;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a span of time such as \"30d\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Span, E> {
                Span::parse(text).map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, steps: u64) -> Result<Span, E> {
                self.visit_str(&steps.to_string())
            }
            fn visit_i64<E: serde::de::Error>(self, steps: i64) -> Result<Span, E> {
                self.visit_str(&steps.to_string())
            }
            fn visit_f64<E: serde::de::Error>(self, steps: f64) -> Result<Span, E> {
                self.visit_str(&steps.to_string())
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        let length = |text: &str| Span::parse(text).map(|s| s.length);
        assert_eq!(length("30d"), Ok(Length::Micros(30 * 86_400_000_000)));
        assert_eq!(length("15min"), Ok(Length::Micros(900_000_000)));
        assert_eq!(length("1y"), Ok(Length::Months(12)));
        assert_eq!(length("5"), Ok(Length::Plain(5.0)));
        assert_eq!(length("0.25"), Ok(Length::Plain(0.25)));
        for wrong in ["", "d", "0d", "-3d", "1.5d", "3 d", "3 days", "nan", "inf", "0", "99999999999d"] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }
}
