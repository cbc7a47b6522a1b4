//! A dialect as it is recorded: in the words of the keys of `[ingest]`.

use serde::{Deserialize, Serialize};
use strict_csv::{Dialect, LineEnd};

use crate::survey::Form;

/// A dialect, found or given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedDialect {
    encoding: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compression: Option<String>,
    delimiter: char,
    quote: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escape: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    header: bool,
    skip_lines: u64,
    footer_lines: u64,
    line_end: String,
}

impl RecordedDialect {
    pub(crate) fn of(form: &Form) -> Self {
        let Dialect {
            encoding,
            delimiter,
            quote,
            escape,
            comment,
            line_end,
            skip_lines,
            footer_lines,
            header,
        } = form.dialect.clone();
        Self {
            encoding: encoding.name(),
            compression: form.packing.name().map(str::to_owned),
            delimiter: char::from(delimiter),
            quote: quote.map(|q| char::from(q).to_string()).unwrap_or_default(),
            escape: escape.map(char::from),
            comment,
            header,
            skip_lines,
            footer_lines,
            line_end: match line_end {
                LineEnd::Lf => "lf or crlf".to_owned(),
                LineEnd::Cr => "cr".to_owned(),
            },
        }
    }

    /// In what this differs from `before`, key by key.
    pub(crate) fn difference(&self, before: &Self) -> String {
        let values = |one: &Self| serde_json::to_value(one).unwrap_or_default();
        let (now, before) = (values(self), values(before));
        let keys = now.as_object().into_iter().chain(before.as_object()).flat_map(serde_json::Map::keys);
        let mut keys: Vec<&String> = keys.filter(|key| now.get(*key) != before.get(*key)).collect();
        keys.sort();
        keys.dedup();
        let shown = |value: Option<&serde_json::Value>| value.map_or("none".to_owned(), ToString::to_string);
        let changes = keys.iter().map(|key| {
            format!("{key} is {}, was {}", shown(now.get(key.as_str())), shown(before.get(key.as_str())))
        });
        changes.collect::<Vec<_>>().join(", ")
    }
}
