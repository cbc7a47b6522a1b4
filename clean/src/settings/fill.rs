//! What missing cells are filled with, as it is configured.

use std::collections::BTreeMap;
use std::fmt;

use common::config::Scalar;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What missing cells are filled with: values learned from training rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Fill {
    /// Numbers.
    pub(crate) number: FillRule,
    /// Text and truth values.
    pub(crate) text: FillRule,
    /// Whether every filled column that training rows miss cells of gets an indicator.
    pub(crate) indicators: bool,
    /// Single columns, by name.
    pub(crate) columns: BTreeMap<String, FillRule>,
}

impl Default for Fill {
    fn default() -> Self {
        let (number, text) = (FillRule::of(Method::Median), FillRule::of(Method::Mode));
        Self { number, text, indicators: false, columns: BTreeMap::new() }
    }
}

/// How the missing cells of a column are filled.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FillRule {
    pub(crate) method: Method,
    /// The constant, as a cell would hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) constant: Option<String>,
    /// Whether a column of its own says where cells were missing.
    pub(crate) indicator: bool,
}

impl FillRule {
    /// A method without indicator.
    pub(crate) fn of(method: Method) -> Self {
        Self { method, constant: None, indicator: false }
    }
}

/// How a fill value is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    /// Median of the numbers.
    Median,
    /// Mean of the numbers.
    Mean,
    /// Most frequent value, the first in byte order among equals.
    Mode,
    /// The last known value of the entity; without one the median of numbers, the mode of text.
    Last,
    /// A category of its own.
    Missing,
    /// A value of the configuration.
    Constant,
    /// Missing cells stay missing.
    None,
}

/// What a table in place of a method may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    method: Option<Method>,
    constant: Option<Constant>,
    #[serde(default)]
    indicator: bool,
}

/// A value as a cell would hold it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a constant is text, a number, true, false or a date")]
enum Constant {
    Truth(bool),
    Other(Scalar),
}

impl Keys {
    fn rule(self) -> Result<FillRule, &'static str> {
        let constant = self.constant.map(|value| match value {
            Constant::Truth(truth) => truth.to_string(),
            Constant::Other(scalar) => scalar.0,
        });
        let method = match (self.method, &constant) {
            (None | Some(Method::Constant), Some(_)) => Method::Constant,
            (Some(_), Some(_)) => return Err("a constant is given alone, without a method"),
            (Some(Method::Constant), None) => return Err("a constant is given as { constant = 0 }"),
            (Some(method), None) => method,
            (None, None) => return Err("give a method, such as \"median\", or a constant"),
        };
        Ok(FillRule { method, constant, indicator: self.indicator })
    }
}

impl<'de> Deserialize<'de> for FillRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = FillRule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a method such as \"median\", { constant = 0 }, or { method = \"median\", indicator = true }")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<FillRule, E> {
                match Method::deserialize(StrDeserializer::new(name))? {
                    Method::Constant => Err(E::custom("a constant is given as { constant = 0 }")),
                    method => Ok(FillRule::of(method)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FillRule, A::Error> {
                Keys::deserialize(MapAccessDeserializer::new(map))?.rule().map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
