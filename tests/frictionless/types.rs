//! Every type with good and bad cells.

use serde_json::json;

use super::case::{Case, cells, cells_with};

pub(crate) fn cases() -> Vec<Case> {
    [numbers(), marks(), texts(), dates(), missing()].concat()
}

fn numbers() -> Vec<Case> {
    let integers = ["0", "-7", "+7", "007", "9223372036854775807", "-9223372036854775808", "", "-0"];
    let no_integers =
        ["1.0", "1e3", "abc", "1 0", "1,0", "--1", "-", "$3", "5%", "0x1F", "inf", "nan", "½", "1.", "true"];
    let numbers =
        ["0", "-7.25", "+.5", ".5", "5.", "1e3", "1E-3", "1e+3", "007.50", "", "12345678901234567890"];
    let no_numbers =
        ["abc", "1,5", "1 0", "--1", "$3", "5%", "0x1F", "1e", "e5", ".", "1.2.3", "+-1", "1e1.5", "½"];
    vec![
        cells("whole numbers", "integer", "", &integers, &no_integers),
        cells("blanks around", "integer", "", &[" 1", "1 ", "\t-1"], &["- 1", "1 1"]),
        cells("decimals", "number", "", &numbers, &no_numbers),
        cells("blanks around", "number", "", &[" 1.5", "1.5 ", "\t.5"], &["1. 5", "- 1"]),
    ]
}

fn marks() -> Vec<Case> {
    let both = r#""decimalChar": ",", "groupChar": ".""#;
    let comma = r#""groupChar": ",""#;
    let blank = r#""groupChar": " ""#;
    vec![
        cells(
            "a comma",
            "number",
            r#""decimalChar": ",""#,
            &["1,5", ",5", "-1", "1,5e3", ""],
            &["1.5", "1,5,5", ","],
        ),
        cells("a point, given", "number", r#""decimalChar": ".""#, &["1.5", "-1"], &["1,5"]),
        cells(
            "a comma and groups of a point",
            "number",
            both,
            &["1.234,5", "1.234.567", "1234", "0,5"],
            &["1,5,5"],
        ),
        cells(
            "groups of a comma",
            "number",
            comma,
            &["1,234", "-1,234,567.5", "1234.5"],
            &["1.234.567", "x,234"],
        ),
        cells("groups of a blank", "number", blank, &["1 234", "-12 345.5"], &["1,234"]),
    ]
}

fn texts() -> Vec<Case> {
    let all = ["a", "1", " ", "null", "NA", "é", "東京", "a,b", "say \"so\"", "true", "2024-01-01", "''", ""];
    let truth = ["true", "True", "TRUE", "false", "False", "FALSE", ""];
    vec![
        cells("anything", "string", "", &all, &[]),
        cells("`default` is no pattern", "string", r#""format": "default""#, &all, &[]),
        cells(
            "truth",
            "boolean",
            "",
            &truth,
            &["yes", "no", "tRUE", "t", "T", "2", "0.0", "on", " true", "wahr"],
        ),
    ]
}

fn dates() -> Vec<Case> {
    let wrong = [
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "29/02/2024",
        "2024/02/29",
        "2024-02",
        "2024-02-29T00:00:00",
        " 2024-02-29",
        "x",
    ];
    let day_first = r#""format": "%d/%m/%Y""#;
    let of_month = r#""format": "%d %b %Y""#;
    let minutes = r#""format": "%d.%m.%Y %H:%M""#;
    vec![
        cells("days", "date", "", &["2024-02-29", "0001-01-01", "9999-12-31", ""], &wrong),
        cells("`default` is ISO 8601", "date", r#""format": "default""#, &["2024-02-29"], &["29/02/2024"]),
        cells(
            "day, month, year",
            "date",
            day_first,
            &["29/02/2024", "01/12/1999", "1/2/1999", ""],
            &["02/29/2024", "2024-02-29", "29/02/24", "29-02-2024"],
        ),
        cells(
            "a month by name",
            "date",
            of_month,
            &["29 Feb 2024", "01 Dec 1999"],
            &["29 Foo 2024", "29 02 2024"],
        ),
        cells("compact", "date", r#""format": "%Y%m%d""#, &["20240229"], &["20230229", "2024-02-29"]),
        cells(
            "moments",
            "datetime",
            "",
            &[
                "2024-02-29T12:30:59",
                "2024-02-29T00:00:00",
                "2024-02-29T12:30:59.25",
                "2024-02-29T12:30:59.123456789",
                "",
            ],
            &[
                "2024-02-29",
                "2024-02-29T25:00:00",
                "2024-02-29T12:60:00",
                "2023-02-29T12:30:00",
                "12:30:59",
                "x",
            ],
        ),
        cells(
            "moments by a pattern",
            "datetime",
            minutes,
            &["29.02.2024 12:30", "01.12.1999 00:00"],
            &["2024-02-29T12:30:00", "29.02.2024", "29.02.2024 24:30", "30.02.2024 12:30"],
        ),
    ]
}

fn missing() -> Vec<Case> {
    let tokens = json!({ "missingValues": ["", "NA", "-", "-999"] });
    let only_na = json!({ "missingValues": ["NA"] });
    let none = json!({ "missingValues": [] });
    let labelled = json!({ "missingValues": [{ "value": "-99", "label": "refused" }, { "value": "-98" }] });
    let own = r#""missingValues": ["?"]"#;
    let required = r#""constraints": {"required": true}"#;
    vec![
        cells_with(
            "tokens",
            "integer",
            "",
            &tokens,
            &["", "NA", "-", "-999", "-998"],
            &["na", "N/A", "--", "null"],
        ),
        cells_with(
            "tokens",
            "number",
            "",
            &tokens,
            &["", "NA", "-", "-999", "-999.5"],
            &["na", " NA", "NaN."],
        ),
        cells_with("tokens", "date", "", &tokens, &["", "NA", "-", "2024-01-01"], &["na"]),
        cells_with("tokens", "boolean", "", &tokens, &["", "NA", "true"], &["na"]),
        cells_with("the empty cell is no token", "integer", "", &only_na, &["NA", "1"], &["", "na"]),
        cells_with("the empty cell is no token", "string", required, &only_na, &["", "na", "-"], &["NA"]),
        cells_with("tokens and required", "integer", required, &tokens, &["1"], &["", "NA", "-", "-999"]),
        cells_with("tokens with labels", "integer", "", &labelled, &["-99", "-98", "-97"], &["", "refused"]),
        cells_with("tokens of the column", "integer", own, &tokens, &["?", "-999", "1"], &["", "NA", "-"]),
        cells_with("no tokens", "number", "", &none, &["1"], &["", "NA"]),
        cells_with("no tokens and required", "string", required, &none, &["a", "", "NA"], &[]),
    ]
}
