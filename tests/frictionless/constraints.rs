//! Every constraint with good and bad cells.

use serde_json::json;

use super::case::{Case, cells, cells_with};

pub(crate) fn cases() -> Vec<Case> {
    [limits(), lengths(), patterns(), values(), unique(), truths(), faults()].concat()
}

/// A column under constraints, given as JSON without the outer brackets.
fn under(name: &str, kind: &str, constraints: &str, good: &[&str], bad: &[&str]) -> Case {
    cells(name, kind, &format!("\"constraints\": {{{constraints}}}"), good, bad)
}

fn limits() -> Vec<Case> {
    let exclusive = r#""exclusiveMinimum": 0, "exclusiveMaximum": 1"#;
    vec![
        under("required", "string", r#""required": true"#, &["a", " ", "NA"], &["", ""]),
        under("required", "integer", r#""required": true"#, &["1"], &["", "x"]),
        under("required", "date", r#""required": true"#, &["2024-01-01"], &["", "x"]),
        under("required", "boolean", r#""required": true"#, &["true"], &[""]),
        under("not required", "string", r#""required": false"#, &["a", ""], &[]),
        under(
            "minimum",
            "number",
            r#""minimum": 0.5"#,
            &["0.5", "0.50", "5e-1", "9", ""],
            &["0.49", "-1", "x"],
        ),
        under("maximum", "number", r#""maximum": 0.5"#, &["0.5", "-9", ""], &["0.51", "1e3"]),
        under("minimum", "integer", r#""minimum": 3"#, &["3", "003", "4", ""], &["2", "-3"]),
        under("maximum", "integer", r#""maximum": -3"#, &["-3", "-4", ""], &["-2", "3"]),
        under("both", "integer", r#""minimum": 1, "maximum": 12"#, &["1", "12"], &["0", "13", "1.5"]),
        under(
            "exclusive limits",
            "number",
            exclusive,
            &["0.001", "0.999", ""],
            &["0", "-0", "1", "1.0", "2", "-1"],
        ),
        under(
            "exclusive limits",
            "integer",
            r#""exclusiveMinimum": 0, "exclusiveMaximum": 3"#,
            &["1", "2", ""],
            &["0", "3"],
        ),
        under(
            "minimum",
            "date",
            r#""minimum": "2020-02-01""#,
            &["2020-02-01", "2021-01-01", ""],
            &["2020-01-31"],
        ),
        under("maximum", "date", r#""maximum": "2020-02-01""#, &["2020-02-01", ""], &["2020-02-02"]),
        under(
            "exclusive limits",
            "date",
            r#""exclusiveMinimum": "2020-01-01", "exclusiveMaximum": "2020-01-03""#,
            &["2020-01-02"],
            &["2020-01-01", "2020-01-03"],
        ),
        under(
            "limits",
            "datetime",
            r#""minimum": "2020-01-01T12:00:00", "maximum": "2020-01-01T13:00:00""#,
            &["2020-01-01T12:00:00", "2020-01-01T13:00:00"],
            &["2020-01-01T11:59:59", "2020-01-01T13:00:01"],
        ),
    ]
}

fn lengths() -> Vec<Case> {
    vec![
        under(
            "minLength",
            "string",
            r#""minLength": 2"#,
            &["ab", "  ", "éé", "東京", ""],
            &["a", "é", "東", "\u{1f600}"],
        ),
        under(
            "maxLength",
            "string",
            r#""maxLength": 2"#,
            &["ab", "a", "éé", "東京", "\u{1f600}\u{1f600}", ""],
            &["abc", "ééé"],
        ),
        under(
            "both",
            "string",
            r#""minLength": 3, "maxLength": 3"#,
            &["abc", "007", "e\u{301}x"],
            &["ab", "abcd"],
        ),
        under("none at all", "string", r#""maxLength": 0"#, &[""], &["a"]),
        cells_with(
            "an empty text",
            "string",
            r#""constraints": {"minLength": 1}"#,
            &json!({ "missingValues": ["NA"] }),
            &["a", "NA"],
            &[""],
        ),
    ]
}

fn patterns() -> Vec<Case> {
    vec![
        under(
            "zip",
            "string",
            r#""pattern": "[0-9]{5}""#,
            &["12345", "00000", ""],
            &["1234", "123456", "a12345", " 12345"],
        ),
        under("its own anchors", "string", r#""pattern": "^[A-Z]+$""#, &["ABC", ""], &["abc", "ABc", "A B"]),
        under(
            "a choice in brackets",
            "string",
            r#""pattern": "(north|south)""#,
            &["north", "south"],
            &["northern", "west"],
        ),
        under("any letters", "string", r#""pattern": "a.c""#, &["abc", "a\u{e9}c", "a c"], &["ac", "abbc"]),
        under("digits", "string", r#""pattern": "\\d+""#, &["12", "٣"], &["1a", "x"]),
        under("with lengths", "string", r#""pattern": "[a-z]*", "maxLength": 3"#, &["abc"], &["abcd", "AB"]),
    ]
}

fn values() -> Vec<Case> {
    vec![
        under(
            "enum",
            "string",
            r#""enum": ["a", "b c", "1"]"#,
            &["a", "b c", "1", ""],
            &["A", "b", "a ", "1.0"],
        ),
        under(
            "enum by value",
            "number",
            r#""enum": [1, 2.5]"#,
            &["1", "1.0", "2.50", "25e-1", ""],
            &["2", "2.51", "x"],
        ),
        under("enum by value", "integer", r#""enum": [1, 2]"#, &["1", "01", "+2", ""], &["3", "-1", "1.0"]),
        under("enum of texts", "integer", r#""enum": ["1", "2"]"#, &["1", "02"], &["3"]),
        under("enum", "date", r#""enum": ["2020-01-01"]"#, &["2020-01-01", ""], &["2020-01-02"]),
        under("enum", "boolean", r#""enum": [true]"#, &["true", "TRUE", ""], &["false"]),
        under("enum and required", "string", r#""enum": ["a"], "required": true"#, &["a"], &["", "b"]),
        cells_with(
            "enum and a token",
            "string",
            r#""constraints": {"enum": ["a"]}"#,
            &json!({ "missingValues": ["", "-"] }),
            &["a", "-"],
            &["b"],
        ),
    ]
}

fn unique() -> Vec<Case> {
    let of = |kind, good: &[&str], bad: &[&str]| under("unique", kind, r#""unique": true"#, good, bad);
    vec![
        of("string", &["a", "b", "A", "a ", "", ""], &["a", "b", "a"]),
        of("integer", &["1", "2", "-1", "", ""], &["1", "01", "+2"]),
        of("number", &["1", "2.5", "", ""], &["1.0", "25e-1", "1"]),
        of("date", &["2020-01-01", "2020-01-02"], &["2020-01-01"]),
        under(
            "unique and required",
            "string",
            r#""unique": true, "required": true"#,
            &["a", "b"],
            &["", "", "a"],
        ),
        under("not unique", "string", r#""unique": false"#, &["a", "a"], &[]),
        under("unique and mistyped", "integer", r#""unique": true"#, &["1"], &["x", "x", "1"]),
    ]
}

/// Contracts that neither takes.
fn faults() -> Vec<Case> {
    let fault = |kind, words| cells("a fault", kind, words, &["1"], &[]).whole();
    vec![
        fault("integer", r#""constraints": {"minLength": 1}"#),
        fault("number", r#""constraints": {"pattern": "1"}"#),
        fault("string", r#""constraints": {"minimum": "1"}"#),
        fault("boolean", r#""constraints": {"maximum": 1}"#),
        fault("string", r#""constraints": {"minimun": 1}"#),
        fault("string", r#""constraints": {"maxLength": "1"}"#),
        fault("string", r#""constraints": {"enum": "1"}"#),
        fault("string", r#""constraints": {"required": "yes"}"#),
        fault("string", r#""constraints": {"pattern": "("}"#),
        fault("integer", r#""example": "x""#),
        fault("boolean", r#""trueValues": "1""#),
    ]
}

fn truths() -> Vec<Case> {
    let german = r#""trueValues": ["ja"], "falseValues": ["nein", "nie"]"#;
    vec![
        cells(
            "trueValues, falseValues",
            "boolean",
            german,
            &["ja", "nein", "nie", ""],
            &["true", "Ja", "1", "FALSE"],
        ),
        cells(
            "trueValues",
            "boolean",
            r#""trueValues": ["T", "1"]"#,
            &["T", "1", "false"],
            &["t", "true", "F"],
        ),
    ]
}
