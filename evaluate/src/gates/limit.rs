//! What a figure is held against.

use std::fmt;

use common::text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form::Kind;

/// A limit: of a number `max`, `min` or both, bounds included; of a text or a truth value `is` or `not`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The largest number that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The least number that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The only value that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Word>,
    /// The only value that does not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Word>,
}

/// A figure, or what it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text in quotes, or true or false")]
pub enum Word {
    /// A truth value.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Limit {
    /// Checks the limit by itself, and for a figure of this kind.
    ///
    /// # Errors
    /// A message without place.
    pub(super) fn check(&self, kind: &Kind) -> Result<(), String> {
        let of_numbers = [self.max, self.min].into_iter().flatten().collect::<Vec<_>>();
        let of_words = [&self.is, &self.not].into_iter().flatten().collect::<Vec<_>>();
        match (of_numbers.as_slice(), of_words.as_slice()) {
            ([], []) => return Err("no limit is given: `max`, `min`, `is` or `not`".to_owned()),
            ([_, ..], [_, ..]) => {
                return Err("`max` and `min` are of numbers, `is` and `not` of texts: not both".to_owned());
            }
            ([], [_, _]) => return Err("`is` and `not` exclude each other".to_owned()),
            (_, [Word::Number(_)]) => {
                return Err("a number has `max` and `min`, not `is` or `not`".to_owned());
            }
            (numbers, _) if numbers.iter().any(|x| !x.is_finite()) => {
                return Err("`max` and `min` are finite numbers".to_owned());
            }
            _ => {}
        }
        if let (Some(max), Some(min)) = (self.max, self.min)
            && max < min
        {
            return Err(format!("`max` {max} is below `min` {min}: nothing could keep both"));
        }
        match (kind, of_words.as_slice()) {
            (Kind::Unknown, _) | (Kind::Number, []) | (Kind::Truth, [Word::Truth(_)]) => Ok(()),
            (Kind::Number, _) => Err("is a number: give `max` or `min`".to_owned()),
            (Kind::Truth, _) => Err("is true or false: give `is = true` or `is = false`".to_owned()),
            (Kind::Text(known), [Word::Text(word)]) => {
                if known.is_empty() || known.contains(word) {
                    return Ok(());
                }
                let near = text::did_you_mean(word, known.iter().map(String::as_str));
                Err(format!("is never {}{near}; known values: {}", text::name(word), known.join(", ")))
            }
            (Kind::Text(_), _) => Err("is a text: give `is` or `not` with a text in quotes".to_owned()),
        }
    }

    /// Whether a value keeps it.
    pub(super) fn holds(&self, value: &Word) -> bool {
        let within = match value {
            Word::Number(x) => self.max.is_none_or(|max| *x <= max) && self.min.is_none_or(|min| *x >= min),
            Word::Truth(_) | Word::Text(_) => self.max.is_none() && self.min.is_none(),
        };
        within && self.is.as_ref().is_none_or(|is| is == value) && self.not.as_ref() != Some(value)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max, &self.is, &self.not) {
            (Some(min), Some(max), ..) => write!(f, "{min} to {max}"),
            (Some(min), ..) => write!(f, "at least {min}"),
            (_, Some(max), ..) => write!(f, "at most {max}"),
            (.., Some(is), _) => write!(f, "{is}"),
            (.., Some(not)) => write!(f, "anything but {not}"),
            _ => f.write_str("anything"),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Number(x) => write!(f, "{x}"),
            Self::Text(word) => f.write_str(&text::name(word)),
        }
    }
}
