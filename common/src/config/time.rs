//! Times in the configuration: the columns that hold them, and single moments.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Names of the columns that give a row's time, coarsest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TimeColumns(pub Vec<String>);

/// Year, month, day, hour, minute, second.
pub const MOST_PARTS: usize = 6;

impl TimeColumns {
    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Says what is wrong with the list, if anything.
    ///
    /// # Errors
    /// A message without place.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.0.is_empty() || self.0.len() > MOST_PARTS {
            return Err("names one column, or up to six: year, month, day, hour, minute, second".to_owned());
        }
        for (i, name) in self.0.iter().enumerate() {
            if name.trim().is_empty() || self.0[..i].contains(name) {
                return Err("column names must be different and not empty".to_owned());
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for TimeColumns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = TimeColumns;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column name or a list of column names")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<TimeColumns, E> {
                Ok(TimeColumns(vec![name.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TimeColumns, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element::<String>()? {
                    if names.len() == MOST_PARTS {
                        return Err(A::Error::custom("at most six columns: year to second"));
                    }
                    names.push(name);
                }
                Ok(TimeColumns(names))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// A single value as text: a string, a number or a TOML date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Integer(n) => Ok(Self(n.to_string())),
            toml::Value::Float(x) if x.is_finite() => Ok(Self(x.to_string())),
            toml::Value::Datetime(time) => Ok(Self(time.to_string())),
            other => Err(D::Error::custom(format!(
                "expected a date, a number or text, found {}",
                other.type_str()
            ))),
        }
    }
}
