//! Marks of numbers: what parts the decimals from the whole, and what groups the whole by threes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The marks with which the numbers of a column are written. Declared by a person, never guessed:
/// `1,234` is a thousand to one and little more than one to another, and no cell says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Declared")]
pub struct Numerals {
    decimal: char,
    #[serde(skip_serializing_if = "Option::is_none")]
    thousands: Option<char>,
}

/// The same as it comes from a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    #[serde(default = "point")]
    decimal: char,
    #[serde(default)]
    thousands: Option<char>,
}

fn point() -> char {
    Numerals::PLAIN.decimal
}

impl Numerals {
    /// A decimal point and no groups: the form of our own files, and of most others.
    pub const PLAIN: Self = Self { decimal: '.', thousands: None };

    /// Marks that group the whole part: comma, point, apostrophes, the blank and its unbreakable
    /// forms (NO-BREAK SPACE, NARROW NO-BREAK SPACE).
    /// Source: Unicode CLDR, Numbers, the `group` symbols of its locales.
    const GROUPING: [char; 7] = [',', '.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}'];

    /// Numbers with these marks.
    ///
    /// # Errors
    /// What is wrong with them: marks that are no such marks, or one mark for both.
    pub fn new(decimal: char, thousands: Option<char>) -> Result<Self, String> {
        if !matches!(decimal, '.' | ',') {
            return Err(format!("the decimal mark is `.` or `,`, not {}", shown(decimal)));
        }
        match thousands {
            Some(mark) if !Self::GROUPING.contains(&mark) => Err(format!(
                "the thousands mark is `,`, `.`, an apostrophe, a blank, U+00A0 or U+202F, not {}",
                shown(mark)
            )),
            Some(mark) if mark == decimal => {
                Err(format!("{} cannot be both the decimal and the thousands mark", shown(mark)))
            }
            _ => Ok(Self { decimal, thousands }),
        }
    }

    /// What parts the decimals.
    #[must_use]
    pub fn decimal(&self) -> char {
        self.decimal
    }

    /// What groups the whole part.
    #[must_use]
    pub fn thousands(&self) -> Option<char> {
        self.thousands
    }
}

impl Default for Numerals {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl TryFrom<Declared> for Numerals {
    type Error = String;

    fn try_from(declared: Declared) -> Result<Self, String> {
        Self::new(declared.decimal, declared.thousands)
    }
}

impl fmt::Display for Numerals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decimal mark {}", shown(self.decimal))?;
        self.thousands.map_or(Ok(()), |mark| write!(f, " and thousands mark {}", shown(mark)))
    }
}

/// A mark in a message: a blank, which nobody can tell from another, by its number.
fn shown(mark: char) -> String {
    if mark.is_whitespace() || mark.is_control() {
        format!("U+{:04X}", u32::from(mark))
    } else {
        format!("`{mark}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_checked() {
        assert_eq!(Numerals::new('.', None), Ok(Numerals::PLAIN));
        for mark in Numerals::GROUPING.into_iter().filter(|m| *m != ',') {
            assert_eq!(Numerals::new(',', Some(mark)).unwrap().thousands(), Some(mark));
        }
        for (decimal, thousands, message) in [
            (';', None, "the decimal mark is `.` or `,`, not `;`"),
            ('.', Some('_'), "a blank, U+00A0 or U+202F, not `_`"),
            ('.', Some('\u{2009}'), "not U+2009"),
            (',', Some(','), "`,` cannot be both the decimal and the thousands mark"),
        ] {
            let error = Numerals::new(decimal, thousands).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn marks_come_from_files_checked_and_go_back() {
        let read = |text: &str| serde_json::from_str::<Numerals>(text);
        assert_eq!(read("{}").unwrap(), Numerals::PLAIN);
        let swiss = read(r#"{"decimal": ".", "thousands": "’"}"#).unwrap();
        assert_eq!(serde_json::to_string(&swiss).unwrap(), r#"{"decimal":".","thousands":"’"}"#);
        assert_eq!(serde_json::to_string(&Numerals::PLAIN).unwrap(), r#"{"decimal":"."}"#);
        assert!(read(r#"{"decimal": ",", "thousands": ","}"#).is_err());
        assert!(read(r#"{"decimal": ",", "group": "."}"#).is_err());
        assert!(read(r#"{"decimal": ".,"}"#).is_err());
        assert_eq!(
            Numerals::new(',', Some('\u{202f}')).unwrap().to_string(),
            "decimal mark `,` and thousands mark U+202F"
        );
    }
}
