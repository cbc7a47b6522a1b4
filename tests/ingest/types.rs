//! Types: found over whole columns, declared, warned of where one cell or two patterns stand in the way.
//! The cells stay text as it stood.

use serde_json::json;
use tempfile::TempDir;

use super::support::{column, read, write};
use super::{ingest, log, manifest, one, raw, refused, setup, stage};

/// The type of each column in the manifest, with its format where it has one.
fn types(folder: &TempDir) -> Vec<String> {
    let types = manifest(folder)["found"]["types"].clone();
    let text = |t: &serde_json::Value, key: &str| t[key].as_str().unwrap_or_default().to_owned();
    let one = |t| [text(t, "type"), text(t, "format")].join(" ").trim_end().to_owned();
    types.as_array().unwrap().iter().map(one).collect()
}

/// The types that are found where `bytes` are the one source, and the warnings.
fn found(section: &str, bytes: &str) -> (Vec<String>, Vec<String>) {
    let folder = setup(&format!("sources = [\"a.csv\"]\n{section}"), &[("a.csv", bytes)]);
    ingest(&folder, &[]).success();
    let shown = format!("{}/", folder.path().display());
    let log = log(&folder).replace(&shown, "");
    let warnings =
        log.lines().filter_map(|l| l.split_once(" WARN ingest: ")).map(|(_, what)| what.to_owned());
    (types(&folder), warnings.collect())
}

#[test]
fn types_are_found_over_the_whole_column_with_the_null_tokens_given() {
    let rows: String = (0..70_000).map(|i| format!("{i},NA\n")).collect();
    let folder = setup(
        "sources = [\"a.csv\"]\nnull_tokens = [\"NA\"]",
        &[("a.csv", &format!("x,y\n{rows}1.5,\n7,3\n"))],
    );
    ingest(&folder, &[]).success();
    let found = manifest(&folder)["found"].clone();
    assert_eq!(found["null_tokens"], serde_json::json!(["", "NA"]));
    assert_eq!(found["types"][0], serde_json::json!({"name": "x", "type": "number", "nulls": 0}));
    assert_eq!(found["types"][1], serde_json::json!({"name": "y", "type": "integer", "nulls": 70_001}));
    assert!(raw(&folder).ends_with("69999,NA\n1.5,\n7,3\n"));
}

#[test]
fn the_missing_values_of_a_schema_hold() {
    let folder = one("x\n-\n3\n");
    let schema = r#"{"fields": [{"name": "x", "type": "integer"}], "missingValues": ["-"]}"#;
    write(folder.path().join("schema.json"), schema);
    ingest(&folder, &[]).success();
    let found = &manifest(&folder)["found"];
    assert_eq!(found["null_tokens"], serde_json::json!(["", "-"]));
    assert_eq!(found["types"][0], serde_json::json!({"name": "x", "type": "integer", "nulls": 1}));
}

#[test]
fn numbers_with_leading_zeros_stay_text() {
    let bytes = "zip,n,m\n02134,0,0.5\n90210,10,00.5\n60601,-7,1\n";
    let (types, warnings) = found("", bytes);
    assert_eq!(types, ["string", "integer", "string"]);
    assert_eq!(
        warnings,
        [
            "column `zip` is text: 1 cell of 3 not like the others, the first at a.csv:2",
            "column `m` is text: 1 cell of 3 not like the others, the first at a.csv:3",
        ]
    );
    let declared = "types = { zip = \"string\", m = \"number\" }";
    assert_eq!(
        found(declared, bytes),
        (vec!["string".into(), "integer".into(), "number".into()], Vec::new())
    );
}

#[test]
fn a_contract_takes_the_place_of_what_is_found() {
    let folder = one("zip,d\n02134,1/2/2020\n90210,3/4/2020\n60601,5/6/2020\n");
    let schema = r#"{"fields": [{"name": "zip", "type": "string"}, {"name": "d", "type": "string"}]}"#;
    write(folder.path().join("schema.json"), schema);
    ingest(&folder, &[]).success();
    assert!(!log(&folder).contains("WARN"), "{}", log(&folder));
}

#[test]
fn dates_are_found_by_the_one_pattern_that_fits_them_all() {
    for (cells, expected) in [
        (["1/2/2020", "13/2/2020"], "date %d/%m/%Y"),
        (["1/2/2020", "2/13/2020"], "date %m/%d/%Y"),
        (["1.2.2020", "3.4.2020"], "date %d.%m.%Y"),
        (["2020/1/2", "2020/12/31"], "date %Y/%m/%d"),
        (["31-12-2020 9:30", "1-2-2020 10:15"], "datetime %d-%m-%Y %H:%M"),
        (["2020-01-02", "2020-12-31"], "date"),
        (["2020-01-02T09:30", "2020-12-31 10:15:59.5"], "datetime"),
    ] {
        let bytes = format!("d\n{}\n", cells.join("\n"));
        assert_eq!(found("", &bytes), (vec![expected.to_owned()], Vec::new()), "{cells:?}");
    }
}

#[test]
fn dates_that_two_patterns_read_are_text_with_a_warning() {
    let message =
        "column `d` is text: its dates could be %d/%m/%Y or %m/%d/%Y; give the `format` in schema.json";
    assert_eq!(found("", "d\n1/2/2020\n3/4/2020\n"), (vec!["string".into()], vec![message.into()]));
}

#[test]
fn day_and_month_are_never_mixed_in_a_column() {
    let message = "column `d` is text: 1 cell of 3 not like the others, the first at a.csv:3";
    let bytes = "d\n13/2/2020\n2/14/2020\n15/2/2020\n";
    assert_eq!(found("", bytes), (vec!["string".into()], vec![message.into()]));
}

#[test]
fn decimal_commas_and_thousands_are_read_only_where_declared() {
    let bytes = "v;w\n1,5;1.234\n2,5;12.000\n";
    assert_eq!(found("", bytes).0, ["string", "number"]);
    assert_eq!(found("decimal = \",\"", bytes).0, ["number", "string"]);
    assert_eq!(found("decimal = \",\"\nthousands = \".\"", bytes).0, ["number", "integer"]);
    assert_eq!(found("thousands = \"'\"", "v\n1'234.5\n25\n").0, ["number"]);
    assert_eq!(found("", "v\n1'234.5\n25\n").0, ["string"]);
    assert_eq!(found("thousands = \"'\"", "v\n12'34.5\n25\n").0, ["string"]);
    let folder = setup(
        "sources = [\"a.csv\"]\ndecimal = \",\"\nthousands = \"\u{202f}\"",
        &[("a.csv", "v;w\n1,5;2\n")],
    );
    ingest(&folder, &[]).success();
    assert_eq!(manifest(&folder)["found"]["numerals"], json!({"decimal": ",", "thousands": "\u{202f}"}));
    assert_eq!(raw(&folder), "v,w\n\"1,5\",2\n");
}

#[test]
fn what_only_looks_like_a_number_is_text() {
    for cell in ["inf", "NaN", "1e999", "5%", "$5", "(5)", "5-", "0x1F", "1_000", "\u{2212}5", "\u{ff15}"] {
        assert_eq!(found("", &format!("v\n{cell}\n{cell}\n")).0, ["string"], "{cell}");
    }
    assert_eq!(found("", "v\n9223372036854775807\n").0, ["integer"]);
    assert_eq!(found("", "v\n9223372036854775808\n").0, ["number"]);
}

#[test]
fn a_header_that_stands_again_and_a_line_of_totals_are_told() {
    let (types, warnings) = found("", "x,y\n1,a\n3,b\nx,y\n5,c\nTotal,\n");
    assert_eq!(types, ["string", "string"]);
    assert_eq!(warnings, ["column `x` is text: 2 cells of 5 not like the others, the first at a.csv:4"]);
}

#[test]
fn a_text_that_comes_late_makes_the_column_text_and_is_told() {
    let rows: String = (1..=3000).map(|i| format!("{i},{i}.5\n")).collect();
    let (types, warnings) = found("", &format!("x,y\n{rows}n/a,-\n"));
    assert_eq!(types, ["string", "string"]);
    assert_eq!(
        warnings,
        [
            "column `x` is text: 1 cell of 3001 not like the others, the first at a.csv:3002",
            "column `y` is text: 1 cell of 3001 not like the others, the first at a.csv:3002",
        ]
    );
}

#[test]
fn the_first_cell_that_does_not_fit_is_told_by_its_own_file() {
    let folder = setup(
        "sources = [\"*.csv\"]\nunion = \"fill\"",
        &[("a.csv", "x\n1\n2\n"), ("b.csv", "x\n\"3\"\n\n-\n"), ("c.csv", "x\n-\n4\n")],
    );
    ingest(&folder, &[]).success();
    let log = log(&folder);
    assert!(log.contains("column `x` is text: 2 cells of 6 not like the others, the first at "), "{log}");
    assert!(log.contains("/b.csv:4\n"), "{log}");
}

#[test]
fn a_null_token_is_no_misfit() {
    let bytes = "x\n1\n2\n-\nNA\n";
    assert_eq!(found("null_tokens = [\"-\", \"NA\"]", bytes), (vec!["integer".into()], Vec::new()));
    assert_eq!(found("null_tokens = [\"-\"]", bytes).0, ["string"]);
}

#[test]
fn a_type_that_is_none_is_refused() {
    let folder = setup("sources = [\"a.csv\"]\ntypes = { x = \"zip\" }", &[("a.csv", "x\n1\n")]);
    refused(
        &folder,
        2,
        "unknown value `zip`; known values: string, integer, number, boolean, date, datetime",
    );
}

#[test]
fn each_source_can_write_its_values_in_its_own_way() {
    let folder = setup(
        "sources = [\"a.csv\", { path = \"b.csv\", decimal = \",\", thousands = \".\", null_tokens = [\"NA\"] }]\nnull_tokens = [\"-\"]",
        &[("a.csv", "y,z\n1.5,a\n-,b\n"), ("b.csv", "y;z\n2,5;c\n1.234,5;d\nNA;e\n")],
    );
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "y,z\n1.5,a\n-,b\n\"2,5\",c\n\"1.234,5\",d\nNA,e\n");
    let found = manifest(&folder)["found"].clone();
    assert_eq!(found["types"][0], json!({"name": "y", "type": "number", "nulls": 2}));
    assert_eq!(found["numerals"], json!({"decimal": "."}));
    assert_eq!(found["null_tokens"], json!(["", "-"]));
    assert_eq!(found["sources"][1]["numerals"], json!({"decimal": ",", "thousands": "."}));
    assert_eq!(found["sources"][1]["null_tokens"], json!(["", "NA"]));
    // The stage after it reads each row as its source wrote it.
    stage("clean").arg("--project").arg(folder.path()).assert().success();
    let clean = read(folder.path().join("data/processed/clean.csv"));
    assert_eq!(column(&clean, "y"), ["1.5", "", "2.5", "1234.5", ""]);
    assert_eq!(column(&clean, "z"), ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_type_can_be_given_for_one_source_and_not_two_for_a_column() {
    let files = [("a.csv", "z\n1\n"), ("b.csv", "z\n007\n")];
    let with = |kind: &str| format!("{{ path = \"a.csv\", types = {{ z = \"{kind}\" }} }}");
    let of = |a: &str| format!("sources = [{a}, {{ path = \"b.csv\", types = {{ z = \"string\" }} }}]");
    let folder = setup(&of(&with("string")), &files);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "z\n1\n007\n");
    let message = "[ingest] types: column `z` is given two types";
    refused(&setup(&of(&with("integer")), &files), 2, message);
}
