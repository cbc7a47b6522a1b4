//! What happens to rows that repeat another, as it is configured.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What happens to rows that repeat another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Duplicates {
    /// Rows equal in every cell.
    Equal(Equal),
    /// Rows of one key.
    Key(KeyRule),
}

/// What happens to rows that are equal in every cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Equal {
    /// The first stays.
    Drop,
    /// All stay.
    Keep,
    /// They break the contract.
    Error,
}

/// What happens to rows of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRule {
    /// Its columns.
    pub(crate) key: Vec<String>,
    /// Which row stays.
    #[serde(default)]
    pub(crate) keep: Keep,
}

/// Which row of a key stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keep {
    /// The first in the order of the table.
    #[default]
    First,
    /// The last.
    Last,
    /// Rows that differ break the contract.
    Error,
}

impl Default for Duplicates {
    fn default() -> Self {
        Self::Equal(Equal::Drop)
    }
}

impl Duplicates {
    /// Columns of the key; none where rows are compared as a whole.
    pub(crate) fn key(&self) -> &[String] {
        match self {
            Self::Equal(_) => &[],
            Self::Key(rule) => &rule.key,
        }
    }

    /// Says what is wrong with the key, if anything.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let Self::Key(KeyRule { key, .. }) = self else { return Ok(()) };
        let sound = |(i, name): (usize, &String)| !name.trim().is_empty() && !key[..i].contains(name);
        if !key.is_empty() && key.iter().enumerate().all(sound) {
            return Ok(());
        }
        Err("key names one column or more, each once")
    }
}

impl<'de> Deserialize<'de> for Duplicates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Duplicates;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "\"drop\", \"keep\", \"error\", or { key = [\"city\", \"date\"], keep = \"first\" }",
                )
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Duplicates, E> {
                Equal::deserialize(StrDeserializer::new(name)).map(Duplicates::Equal)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Duplicates, A::Error> {
                KeyRule::deserialize(MapAccessDeserializer::new(map)).map(Duplicates::Key)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
