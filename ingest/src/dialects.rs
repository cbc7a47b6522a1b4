//! The keys of `[ingest]` that say how a source is written, for all sources or for one.

use std::collections::{BTreeMap, BTreeSet};

use common::schema::{Kind, Numerals};
use serde::Deserialize;
use serde_json::json;
use strict_csv::Encoding;
use strict_csv::sniff::Told;

/// Most lines of a footer.
const MOST_FOOTER_LINES: u64 = 10_000;

/// What was written; what is absent is found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DialectKeys {
    /// What parts cells: one ASCII character.
    pub delimiter: Option<String>,
    /// What quotes cells: one ASCII character, or nothing where quotes mean nothing.
    pub quote: Option<String>,
    /// What takes away the meaning of the next character in a quoted cell.
    pub escape: Option<String>,
    /// How lines begin that are no records.
    pub comment: Option<String>,
    /// Whether the first record holds names.
    pub header: Option<bool>,
    /// Lines before the header.
    pub skip_lines: Option<u64>,
    /// Lines after the last record.
    pub footer_lines: Option<u64>,
    /// Label of the character encoding.
    pub encoding: Option<String>,
    /// Names of the columns, in place of those of the header.
    pub names: Option<Vec<String>>,
    /// Cells that stand for a missing value, beside the empty cell.
    pub null_tokens: Option<Vec<String>>,
    /// Decimal mark of numbers.
    pub decimal: Option<char>,
    /// What groups the digits of numbers.
    pub thousands: Option<char>,
    /// Types of columns that are not to be found.
    pub types: BTreeMap<String, Kind>,
}

/// How the values of a source are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// Cells that stand for a missing value; always with the empty cell, which a table cannot tell from
    /// a missing value.
    pub(crate) null_tokens: BTreeSet<String>,
    pub(crate) numerals: Numerals,
}

/// What was given of the dialect of a source, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// Name of the entry of `sources` that it is for.
    pub(crate) entry: String,
    pub(crate) told: Told,
    /// Names of the columns, in place of those of the header.
    pub(crate) names: Option<Vec<String>>,
    pub(crate) spelling: Spelling,
}

impl DialectKeys {
    /// These keys where they are given, else those of `base`.
    pub(crate) fn over(self, base: &Self) -> Self {
        let base = base.clone();
        Self {
            delimiter: self.delimiter.or(base.delimiter),
            quote: self.quote.or(base.quote),
            escape: self.escape.or(base.escape),
            comment: self.comment.or(base.comment),
            header: self.header.or(base.header),
            skip_lines: self.skip_lines.or(base.skip_lines),
            footer_lines: self.footer_lines.or(base.footer_lines),
            encoding: self.encoding.or(base.encoding),
            names: self.names.or(base.names),
            null_tokens: self.null_tokens.or(base.null_tokens),
            decimal: self.decimal.or(base.decimal),
            thousands: self.thousands.or(base.thousands),
            types: self.types,
        }
    }

    /// Checks the keys.
    ///
    /// # Errors
    /// The key that is wrong, and what it should be.
    pub(crate) fn check(self, entry: String) -> Result<Given, (&'static str, String)> {
        let delimiter =
            self.delimiter.map(|text| one("delimiter", &text, "`;`, `|` or `\\t`")).transpose()?;
        let quote = match self.quote.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(text) => Some(Some(one("quote", text, "`\"` or `'`, or an empty text for none")?)),
        };
        let escape = match self.escape.as_deref() {
            None | Some("") => None,
            Some(text) => Some(one("escape", text, "`\\\\`, or an empty text for none")?),
        };
        let marks =
            [delimiter.unwrap_or(b','), quote.unwrap_or(Some(b'"')).unwrap_or(0), escape.unwrap_or(1)];
        if marks[0] == marks[1] || marks[0] == marks[2] {
            return Err(("delimiter", "parts cells, so it cannot quote or escape too".to_owned()));
        }
        if marks[1] == marks[2] {
            return Err((
                "escape",
                "a quote within a quoted cell is written twice without being told".to_owned(),
            ));
        }
        let encoding = match self.encoding.as_deref() {
            None => None,
            Some(label) => Some(Encoding::of_label(label).ok_or_else(|| {
                (
                    "encoding",
                    "a label such as `utf-8`, `windows-1252`, `latin-1`, `utf-16`, `shift_jis`".to_owned(),
                )
            })?),
        };
        let first = self.comment.as_ref().and_then(|comment| comment.bytes().next());
        if first.is_some_and(|first| marks.contains(&first)) {
            return Err(("comment", "begins with what parts, quotes or escapes cells".to_owned()));
        }
        if self.footer_lines.is_some_and(|n| n > MOST_FOOTER_LINES) {
            return Err(("footer_lines", format!("at most {MOST_FOOTER_LINES}")));
        }
        if self.comment.as_ref().is_some_and(|c| c.contains(['\n', '\r'])) {
            return Err(("comment", "how a line begins: no line end in it".to_owned()));
        }
        let told = Told {
            encoding,
            delimiter,
            quote,
            escape,
            comment: self.comment.filter(|c| !c.is_empty()),
            skip_lines: self.skip_lines,
            footer_lines: self.footer_lines,
            header: self.header,
        };
        let numerals = Numerals::new(self.decimal.unwrap_or('.'), self.thousands)
            .map_err(|message| (if self.thousands.is_some() { "thousands" } else { "decimal" }, message))?;
        let null_tokens = self.null_tokens.into_iter().flatten().chain([String::new()]).collect();
        let spelling = Spelling { null_tokens, numerals };
        Ok(Given { entry, told, names: self.names, spelling })
    }
}

fn one(key: &'static str, text: &str, example: &str) -> Result<u8, (&'static str, String)> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r') => Ok(*byte),
        _ => Err((key, format!("one ASCII character, as {example}"))),
    }
}

impl Given {
    /// The same, in the encoding that has this label.
    pub(crate) fn encoded(&self, label: &str) -> Self {
        let told = Told { encoding: Encoding::of_label(label), ..self.told.clone() };
        Self { told, ..self.clone() }
    }

    /// The keys given, as another run can take them.
    pub(crate) fn recorded(&self) -> serde_json::Value {
        let mut keys = self.effective(&self.spelling);
        keys["null_tokens"] = json!(self.spelling.null_tokens);
        keys["decimal"] = json!(self.spelling.numerals.decimal());
        keys["thousands"] = json!(self.spelling.numerals.thousands());
        if let Some(keys) = keys.as_object_mut() {
            keys.remove("path");
        }
        keys
    }

    /// The keys given, as they affect the output's bytes; those of `all` are told once for all sources.
    pub(crate) fn effective(&self, all: &Spelling) -> serde_json::Value {
        let text = |byte: u8| char::from(byte).to_string();
        let mut keys = serde_json::Map::new();
        let mut put = |key: &str, value: serde_json::Value| {
            if !value.is_null() {
                keys.insert(key.to_owned(), value);
            }
        };
        put("delimiter", json!(self.told.delimiter.map(text)));
        put("quote", json!(self.told.quote.map(|q| q.map(text).unwrap_or_default())));
        put("escape", json!(self.told.escape.map(text)));
        put("comment", json!(self.told.comment));
        put("header", json!(self.told.header));
        put("skip_lines", json!(self.told.skip_lines));
        put("footer_lines", json!(self.told.footer_lines));
        put("encoding", json!(self.told.encoding.map(Encoding::name)));
        put("names", json!(self.names));
        put("path", json!(self.entry));
        if self.spelling != *all {
            put("null_tokens", json!(self.spelling.null_tokens));
            put("numerals", json!(self.spelling.numerals));
        }
        keys.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(value: serde_json::Value) -> Result<Given, (&'static str, String)> {
        serde_json::from_value::<DialectKeys>(value).unwrap().check("a.csv".to_owned())
    }

    #[test]
    fn keys_are_checked() {
        let given = keys(json!({"delimiter": "\t", "quote": "", "encoding": "latin-1"})).unwrap();
        assert_eq!((given.told.delimiter, given.told.quote), (Some(b'\t'), Some(None)));
        assert_eq!(
            given.effective(&given.spelling),
            json!({"path": "a.csv", "delimiter": "\t", "quote": "", "encoding": "iso-8859-1"})
        );
        for (wrong, key) in [
            (json!({"delimiter": "::"}), "delimiter"),
            (json!({"delimiter": "ß"}), "delimiter"),
            (json!({"delimiter": "\""}), "delimiter"),
            (json!({"quote": "\n"}), "quote"),
            (json!({"escape": "\""}), "escape"),
            (json!({"encoding": "klingon"}), "encoding"),
            (json!({"footer_lines": 100_000}), "footer_lines"),
            (json!({"comment": "#\n"}), "comment"),
        ] {
            assert_eq!(keys(wrong).unwrap_err().0, key);
        }
    }

    #[test]
    fn the_keys_of_one_source_go_before_those_of_all() {
        let all: DialectKeys = serde_json::from_value(json!({"delimiter": ";", "header": false})).unwrap();
        let own: DialectKeys = serde_json::from_value(json!({"delimiter": "|"})).unwrap();
        let given = own.over(&all).check(String::new()).unwrap();
        assert_eq!((given.told.delimiter, given.told.header), (Some(b'|'), Some(false)));
    }
}
