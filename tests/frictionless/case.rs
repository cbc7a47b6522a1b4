//! One table under one contract, and what the two validators are to say of it.

use serde_json::{Value, json};

/// Whether the validators agree on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// On validity, and on the cells at fault.
    Same,
    /// `clean` alone refuses, for this reason.
    Stricter(&'static str),
    /// Frictionless alone refuses, for this reason.
    Looser(&'static str),
    /// Both refuse, each other cells, for this reason.
    OtherCells(&'static str),
}

/// A case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) schema: Value,
    pub(crate) csv: String,
    /// What is worked out by hand: the cells at fault by line and column; nothing where the table as a
    /// whole is, or where the case only asks for a difference.
    pub(crate) bad: Option<Vec<(u64, String)>>,
    pub(crate) agreement: Agreement,
}

/// A column `x` of a type, with further words of its field as JSON without the outer brackets.
fn field(kind: &str, words: &str) -> Value {
    let comma = if words.is_empty() { "" } else { ", " };
    let text = format!("{{\"name\": \"x\", \"type\": \"{kind}\"{comma}{words}}}");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// A schema of fields and further words.
fn schema(fields: Value, rest: &Value) -> Value {
    let mut schema = rest.clone();
    schema["fields"] = fields;
    schema
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A table of `n`, which counts, and `x`, one row a cell. `rest` is what the schema has beside its fields.
fn column(name: &str, kind: &str, words: &str, rest: &Value, cells: &[&str]) -> Case {
    let schema = schema(json!([{ "name": "n", "type": "integer" }, field(kind, words)]), rest);
    let rows: String = cells.iter().zip(1..).map(|(cell, n)| format!("{n},{}\n", quoted(cell))).collect();
    let csv = format!("n,x\n{rows}");
    Case { name: format!("{kind}: {name}"), schema, csv, bad: None, agreement: Agreement::Same }
}

/// A column `x` whose `good` cells keep its contract and whose `bad` ones, below them, do not.
pub(crate) fn cells(name: &str, kind: &str, words: &str, good: &[&str], bad: &[&str]) -> Case {
    cells_with(name, kind, words, &json!({}), good, bad)
}

/// The same where the schema has more words than its fields.
pub(crate) fn cells_with(
    name: &str,
    kind: &str,
    words: &str,
    rest: &Value,
    good: &[&str],
    bad: &[&str],
) -> Case {
    let lines = (good.len() as u64 + 2..).take(bad.len());
    let at_fault = lines.map(|line| (line, "x".to_owned())).collect();
    Case { bad: Some(at_fault), ..column(name, kind, words, rest, &[good, bad].concat()) }
}

/// A whole table: its fields, further words of its schema, its text, and the cells at fault.
pub(crate) fn table(name: &str, fields: Value, rest: &Value, csv: &str, bad: &[(u64, &str)]) -> Case {
    let schema = schema(fields, rest);
    let bad = bad.iter().map(|(line, column)| (*line, (*column).to_owned())).collect();
    let (name, csv) = (name.to_owned(), csv.to_owned());
    Case { name, schema, csv, bad: Some(bad), agreement: Agreement::Same }
}

impl Case {
    /// The table as a whole is at fault.
    pub(crate) fn whole(mut self) -> Self {
        self.bad = None;
        self
    }

    /// The validators are to differ.
    pub(crate) fn differs(mut self, agreement: Agreement) -> Self {
        self.agreement = agreement;
        self.bad = None;
        self
    }
}

/// A column `x` all of whose cells `clean` refuses and Frictionless takes.
pub(crate) fn stricter(why: &'static str, kind: &str, words: &str, cells: &[&str]) -> Vec<Case> {
    each(why, kind, words, cells, Agreement::Stricter(why))
}

/// A column `x` all of whose cells `clean` takes and Frictionless refuses.
pub(crate) fn looser(why: &'static str, kind: &str, words: &str, cells: &[&str]) -> Vec<Case> {
    each(why, kind, words, cells, Agreement::Looser(why))
}

/// One case a cell, so that each is seen to differ.
fn each(why: &str, kind: &str, words: &str, cells: &[&str], agreement: Agreement) -> Vec<Case> {
    let case = |cell: &&str| {
        column(&format!("`{cell}`, {why}"), kind, words, &json!({}), &[cell]).differs(agreement)
    };
    cells.iter().map(case).collect()
}
