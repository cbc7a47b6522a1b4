//! The list `sources` of `[ingest]`: paths, patterns and addresses, each with its own dialect where it
//! has one.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::dialects::DialectKeys;

/// One source as it was written: a text, or `{ path = "...", delimiter = ";" }`.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Path, pattern or address.
    pub path: String,
    /// The keys of its dialect.
    pub keys: DialectKeys,
}

/// One source, or a list.
#[derive(Clone, Debug, Default)]
pub struct WantedList(pub Vec<Wanted>);

/// The table of one source. A failure to parse it never shows a text, which may hold a password.
#[derive(Deserialize)]
struct Table {
    path: String,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

struct WantedVisitor;

impl<'de> Visitor<'de> for WantedVisitor {
    type Value = Wanted;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a table with `path`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Wanted, E> {
        Ok(Wanted { path: text.to_owned(), keys: DialectKeys::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Wanted, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        let keys =
            DialectKeys::deserialize(serde_json::Value::Object(table.rest)).map_err(de::Error::custom)?;
        Ok(Wanted { path: table.path, keys })
    }
}

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WantedVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = WantedList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts, or of tables with `path`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<WantedList, E> {
        WantedVisitor.visit_str(text).map(|one| WantedList(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WantedList, A::Error> {
        WantedVisitor.visit_map(map).map(|one| WantedList(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<WantedList, A::Error> {
        let mut wanted = Vec::new();
        while let Some(one) = list.next_element()? {
            wanted.push(one);
        }
        Ok(WantedList(wanted))
    }
}

impl<'de> Deserialize<'de> for WantedList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_tables_are_sources() {
        let list: WantedList =
            serde_json::from_value(json!(["a.csv", {"path": "b.csv", "delimiter": ";"}])).unwrap();
        assert_eq!(list.0[0].path, "a.csv");
        assert_eq!((list.0[1].path.as_str(), list.0[1].keys.delimiter.as_deref()), ("b.csv", Some(";")));
        let one: WantedList = serde_json::from_value(json!("a.csv")).unwrap();
        assert_eq!(one.0.len(), 1);
        let unknown = serde_json::from_value::<WantedList>(json!([{"path": "b.csv", "delimeter": ";"}]));
        assert!(unknown.unwrap_err().to_string().contains("delimeter"));
        assert!(serde_json::from_value::<WantedList>(json!([1])).is_err());
    }
}
