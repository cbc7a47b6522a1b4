//! Stage `clean` through its real binary: fills learned from training rows only, and indicators.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use support::{column, json, project, read, run, write};
use tempfile::TempDir;

const BY_COLUMN: &str =
    "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

fn by_hand(config: &str, raw: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("raw.csv", raw)])
}

fn clean(folder: &TempDir) -> Assert {
    run("clean", folder.path(), &["-i", "raw.csv"])
}

fn output(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/clean.csv"))
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/clean.csv.meta.json"))
}

#[test]
fn fills_are_learned_from_training_rows() {
    // Of the training rows x has 1 and 3, median 2, c has a and b, a tie; with the test rows these
    // would be 3 and z.
    let raw =
        "x,c,y,part\n1,b,10,train\n,a,20,train\n3,,,train\n100,z,,test\n101,z,5,test\n,z,40,calibration\n";
    let folder = by_hand(BY_COLUMN, raw);
    clean(&folder).success().stderr(contains("nulls in `x`: 2 (33.33 %) before, 0 (0.00 %) after"));
    let filled = "x,c,y,split\n1,b,10,train\n2,a,20,train\n3,a,,train\n100,z,,test\n101,z,5,test\n2,z,40,calibration\n";
    assert_eq!(output(&folder), filled);
    assert_eq!(
        manifest(&folder)["learned"]["fills"],
        json!([{"column": "x", "method": "median", "value": 2.0, "indicator": false},
            {"column": "c", "method": "mode", "value": "a", "indicator": false}])
    );
}

#[test]
fn each_method_fills_what_it_says() {
    let raw = "x,y,part\n1,1,train\n9,2,train\n2,3,train\n9,4,train\n,5,train\n500,6,test\n";
    for (method, filled) in [("mean", "5.25"), ("median", "5.5"), ("mode", "9"), ("none", "")] {
        let folder = by_hand(&format!("{BY_COLUMN}fill = {{ columns = {{ x = \"{method}\" }} }}\n"), raw);
        clean(&folder).success();
        assert_eq!(column(&output(&folder), "x")[4], filled, "{method}");
    }
}

#[test]
fn a_whole_column_with_a_fill_that_is_not_whole_becomes_numbers() {
    let folder = by_hand(BY_COLUMN, "x,y,part\n1,1,train\n4,1,train\n,1,train\n8,1,test\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1.0", "4.0", "2.5", "8.0"]);
    assert_eq!(manifest(&folder)["fields"][0], json!({"name": "x", "type": "number", "role": "input"}));
    let folder = by_hand(BY_COLUMN, "x,y,part\n1,1,train\n4,1,train\n8,1,test\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1", "4", "8"], "nothing was filled");
    assert_eq!(manifest(&folder)["learned"]["fills"][0]["value"], 2.5, "new rows may miss what these do not");
}

#[test]
fn large_whole_numbers_keep_every_digit_beside_a_fill() {
    let large = "9007199254740993";
    let folder =
        by_hand(BY_COLUMN, &format!("x,y,part\n{large},1,train\n{large},2,train\n,3,train\n-3,4,test\n"));
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x")[..2], [large, large]);
}

#[test]
fn a_column_without_training_values_stays_missing_with_a_warning() {
    let folder = by_hand(BY_COLUMN, "x,c,y,part\n,,1,train\n,,3,train\n5,a,1,test\n,,2,test\n");
    clean(&folder)
        .success()
        .stderr(contains("WARN clean: column `x` has no value in training rows"))
        .stderr(contains("WARN clean: column `c` has no value in training rows"));
    assert_eq!(output(&folder), "x,c,y,split\n,,1,train\n,,3,train\n5,a,1,test\n,,2,test\n");
}

#[test]
fn a_method_that_a_type_does_not_have_is_refused() {
    let folder = by_hand(&format!("{BY_COLUMN}fill = {{ text = \"median\" }}\n"), "c,y,part\na,1,train\n");
    clean(&folder).code(2).stderr(contains("[clean.fill] column `c` is a string, which has no median"));
}

#[test]
fn truth_values_and_dates_keep_their_type() {
    let raw =
        "b,d,y,part\ntrue,2020-01-01,1,train\n,,1,train\nFalse,2020-01-02,1,test\ntrue,2020-01-03,2,test\n";
    let folder = by_hand(BY_COLUMN, raw);
    clean(&folder).success();
    let expected = "b,d,y,split\ntrue,2020-01-01,1,train\ntrue,,1,train\nfalse,2020-01-02,1,test\ntrue,2020-01-03,2,test\n";
    assert_eq!(output(&folder), expected);
}

/// Fills by the last known value, of `city` in the order of `t`.
const BY_LAST: &str = "[project]\ntarget = \"y\"\nentity = \"city\"\ntime = \"t\"\n[clean]\n\
    split = { by = \"column\", column = \"part\" }\n[clean.fill.columns]\n\
    x = \"last\"\nc = \"last\"\nb = \"last\"\nd = \"last\"\n";

#[test]
fn the_last_known_value_is_that_of_the_entity_before_the_row() {
    // Training rows of x: 1, 2, 6, median 2; of c: p, p, q; of b: true, true, false. Rows are not in order of time.
    let raw = "city,t,x,c,b,d,y,part\n\
        a,3,,,,,1,train\n\
        a,1,1,p,true,2020-01-01,1,train\n\
        b,2,2,p,true,2020-02-02,1,train\n\
        b,1,,,,,1,train\n\
        a,2,6,q,false,,1,train\n\
        a,4,,,,,1,test\n\
        a,5,70,r,true,2020-03-03,1,test\n\
        a,6,,,,,1,test\n\
        b,9,,,,,1,calibration\n";
    let folder = by_hand(BY_LAST, raw);
    clean(&folder).success();
    let filled = output(&folder);
    assert_eq!(column(&filled, "x"), ["6", "1", "2", "2", "6", "6", "70", "70", "2"]);
    assert_eq!(column(&filled, "c"), ["q", "p", "p", "p", "q", "q", "r", "r", "p"]);
    assert_eq!(
        column(&filled, "b"),
        ["false", "true", "true", "true", "false", "false", "true", "true", "true"]
    );
    let (first, second, third) = ("2020-01-01", "2020-02-02", "2020-03-03");
    assert_eq!(
        column(&filled, "d"),
        [first, first, second, "", first, first, third, third, second],
        "a day without past has no fill"
    );
    assert_eq!(
        manifest(&folder)["learned"]["fills"],
        json!([{"column": "x", "method": "last", "value": 2.0, "indicator": false},
            {"column": "c", "method": "last", "value": "p", "indicator": false},
            {"column": "b", "method": "last", "value": true, "indicator": false},
            {"column": "d", "method": "last", "value": null, "indicator": false}])
    );
}

#[test]
fn rows_at_one_time_follow_one_another_as_in_the_table() {
    let raw = "city,t,x,c,b,d,y,part\na,1,,,,,1,train\na,1,5,,,,2,train\na,1,,,,,3,train\na,0,3,,,,4,train\n";
    let folder = by_hand(BY_LAST, raw);
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["3", "5", "5", "3"]);
}

#[test]
fn a_last_known_value_of_whole_numbers_stays_whole_where_no_median_is_needed() {
    // The median of 1 and 2 is 1.5, which only a row without past takes.
    let raw = |first: &str| {
        format!("city,t,x,c,b,d,y,part\na,1,{first},,,,1,train\na,2,2,,,,1,train\na,3,,,,,2,train\n")
    };
    let folder = by_hand(BY_LAST, &raw("1"));
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1", "2", "2"]);
    let folder = by_hand(BY_LAST, &format!("{}b,1,,,,,2,train\n", raw("1")));
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1.0", "2.0", "2.0", "1.5"]);
}

#[test]
fn a_last_known_value_needs_time() {
    for (fill, line) in [("fill = { columns = { x = \"last\" } }", 5), ("fill.number = \"last\"", 5)] {
        let folder = by_hand(&format!("{BY_COLUMN}{fill}\n"), "x,y,part\n1,1,train\n");
        clean(&folder).code(2).stderr(
            contains(format!("pipeline.toml:{line}: [clean] fill: ")).and(contains("without [project] time")),
        );
    }
}

#[test]
fn missing_text_may_be_a_category_of_its_own() {
    let config = format!("{BY_COLUMN}fill.text = \"missing\"\n");
    let folder = by_hand(&config, "c,y,part\na,1,train\n,2,train\n,3,test\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "c"), ["a", "(missing)", "(missing)"]);
    assert_eq!(
        manifest(&folder)["learned"]["fills"],
        json!([{"column": "c", "method": "missing", "value": "(missing)", "indicator": false}])
    );
    // A cell of that text would be taken for a missing one.
    write(folder.path().join("raw.csv"), "c,y,part\na,1,train\n,2,train\n(missing),3,test\n");
    clean(&folder).code(10).stderr(contains(
        "raw.csv:4: column `c` (1): found `(missing)`, which [clean.fill] makes of missing cells",
    ));
    write(folder.path().join("raw.csv"), "c,b,y,part\na,true,1,train\n");
    clean(&folder).code(2).stderr(contains(
        "pipeline.toml:5: [clean.fill] column `b` is a boolean, and only text has a category of its own",
    ));
}

#[test]
fn constants_have_the_type_of_their_column() {
    let columns = "x = { constant = -1.5 }\nn = { constant = 9007199254740993 }\nb = { constant = true }\n\
        c = { constant = \"none\" }\nd = { constant = 1999-12-31 }\ns = { constant = \"2020-01-01T12:30\", indicator = true }\n";
    let config = format!("{BY_COLUMN}[clean.fill.columns]\n{columns}");
    let raw = "x,n,b,c,d,s,y,part\n0.5,1,false,a,2020-01-01,2020-01-02T00:00:00,1,train\n,,,,,,2,train\n";
    let folder = by_hand(&config, raw);
    clean(&folder).success();
    let row = output(&folder).lines().nth(2).unwrap().to_owned();
    assert_eq!(row, "-1.5,9007199254740993,true,none,1999-12-31,2020-01-01T12:30:00,2,true,train");
    let fills = &manifest(&folder)["learned"]["fills"];
    assert_eq!(
        fills[1],
        json!({"column": "n", "method": "constant", "value": 9_007_199_254_740_993_i64, "indicator": false})
    );
    assert_eq!(
        fills[5],
        json!({"column": "s", "method": "constant", "value": "2020-01-01T12:30:00", "indicator": true})
    );
}

#[test]
fn filled_columns_and_indicators_are_the_same_in_every_format() {
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\n[clean]\nsplit = { by = \"column\", column = \"split\" }\n\
        fill.indicators = true\n[clean.fill.columns]\nd = \"last\"\nm = { constant = 1999-12-31T23:59:59 }\nb = \"last\"\nc = \"missing\"\n";
    let raw = "t,d,m,b,c,x,y,split\n1,2020-01-01,2020-01-02T00:00:00,true,a,1,1,train\n2,,,,,,2,train\n3,,,,,,3,test\n";
    let folder = by_hand(config, raw);
    clean(&folder).success();
    let expected = output(&folder);
    assert!(
        expected.contains(
            "\n3,2020-01-01,1999-12-31T23:59:59,true,(missing),1,3,test,true,true,true,true,true\n"
        ),
        "{expected}"
    );
    let again = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"split\" }\n";
    write(folder.path().join("again.toml"), again);
    for format in ["parquet", "arrow"] {
        let file = format!("typed.{format}");
        run("clean", folder.path(), &["-i", "raw.csv", "-o", &file]).success();
        std::fs::remove_file(folder.path().join(format!("{file}.meta.json"))).unwrap();
        run("clean", folder.path(), &["--config", "again.toml", "-i", &file]).success();
        assert_eq!(output(&folder), expected, "{format}");
    }
}

#[test]
fn what_is_no_fill_is_refused_with_its_line() {
    let raw = "x,n,b,c,d,y,part\n0.5,1,false,a,2020-01-01,1,train\n";
    for (fill, message) in [
        ("x = { constant = \"abc\" }", "[clean.fill] column `x` is a number, and the constant `abc` is none"),
        ("n = { constant = 1.5 }", "column `n` is an integer, and the constant `1.5` is none"),
        ("b = { constant = 1 }", "column `b` is a boolean, and the constant `1` is none"),
        ("d = { constant = \"2020-02-30\" }", "column `d` is a date, and the constant `2020-02-30` is none"),
        ("d = \"mode\"", "column `d` is a date, which has no mode here"),
        ("d = \"median\"", "column `d` is a date, which has no median"),
        ("c = \"mean\"", "column `c` is a string, which has no mean"),
        ("n = \"missing\"", "column `n` is an integer, and only text"),
        ("x = \"avg\"", "unknown value `avg`"),
        ("x = \"medain\"", "(did you mean `median`?)"),
        ("x = \"constant\"", "a constant is given as { constant = 0 }"),
        ("x = { method = \"mean\", constant = 1 }", "a constant is given alone, without a method"),
        ("x = { indicator = true }", "give a method, such as"),
        ("x = { constant = [1] }", "a constant is text, a number, true, false or a date"),
        ("x = { constant = inf }", "a constant is text, a number, true, false or a date"),
        ("x = { methd = \"mean\" }", "unknown key `methd` (did you mean `method`?)"),
        ("x = 5", "expected a method such as"),
        ("y = \"mean\"", "[clean] fill: `y` is the target or a key, which is never filled"),
        ("part = \"mode\"", "[clean] fill: `part` is the target or a key, which is never filled"),
    ] {
        let folder = by_hand(&format!("{BY_COLUMN}[clean.fill.columns]\n{fill}\n"), raw);
        clean(&folder).code(2).stderr(contains("pipeline.toml:6: ").and(contains(message)));
    }
    let folder = by_hand(&format!("{BY_COLUMN}[clean.fill.columns]\nxx = \"mean\"\n"), raw);
    clean(&folder)
        .code(10)
        .stderr(contains("[clean.fill.columns] names it, and it is no column (did you mean `x`?)"));
}

// Indicators.

#[test]
fn an_indicator_says_where_cells_were_missing() {
    let config = format!(
        "{BY_COLUMN}[clean.fill.columns]\nx = {{ method = \"median\", indicator = true }}\n\
         z = {{ method = \"none\", indicator = true }}\n"
    );
    let folder = by_hand(&config, "x,z,y,part\n1,5,1,train\n,,2,train\n3,,3,test\n");
    clean(&folder).success();
    assert_eq!(
        output(&folder),
        "x,z,y,x_missing,z_missing,split\n1,5,1,false,false,train\n1,,2,true,true,train\n3,,3,false,true,test\n"
    );
    let fields = &manifest(&folder)["fields"];
    assert_eq!(fields[3], json!({"name": "x_missing", "type": "boolean", "role": "input"}));
    assert_eq!(fields[5], json!({"name": "split", "type": "string", "role": "split"}));
    let fills = &manifest(&folder)["learned"]["fills"];
    assert_eq!(fills[1], json!({"column": "z", "method": "none", "value": null, "indicator": true}));
    // The whole column known: the indicator is there all the same, since new rows may miss cells.
    write(folder.path().join("raw.csv"), "x,z,y,part\n1,5,1,train\n");
    clean(&folder).success();
    assert_eq!(output(&folder), "x,z,y,x_missing,z_missing,split\n1,5,1,false,false,train\n");
}

#[test]
fn indicators_of_all_are_made_where_training_rows_miss_cells() {
    // x misses in training, z in the test part only, c has no training value to be filled with; y is the target.
    let raw = "x,z,c,y,part\n1,5,,1,train\n,5,,,train\n3,,q,3,test\n";
    let folder = by_hand(&format!("{BY_COLUMN}fill.indicators = true\n"), raw);
    clean(&folder).success();
    assert_eq!(
        output(&folder),
        "x,z,c,y,x_missing,split\n1,5,,1,false,train\n1,5,,,true,train\n3,5,q,3,false,test\n"
    );
}

#[test]
fn the_name_of_an_indicator_must_be_free() {
    let raw = "x,x_missing,y,part\n1,2,1,train\n";
    for (fill, line) in [
        ("fill.columns.x = { method = \"mean\", indicator = true }", 5),
        ("fill = {\n indicators = true }", 6),
    ] {
        let folder = by_hand(&format!("{BY_COLUMN}{fill}\n"), raw);
        clean(&folder).code(2).stderr(contains(format!(
            "pipeline.toml:{line}: [clean.fill] the indicator of `x` would be `x_missing`, which is a column already"
        )));
    }
}

// Tables that have little to learn from.

#[test]
fn one_row_is_learned_from() {
    let config = format!("{BY_COLUMN}winsorise = {{ x = [0.1, 0.9] }}\nfill.indicators = true\n");
    let folder = by_hand(&config, "x,c,y,part\n7,a,1,train\n");
    clean(&folder).success();
    assert_eq!(output(&folder), "x,c,y,split\n7,a,1,train\n");
    assert_eq!(manifest(&folder)["learned"]["winsorised"][0]["limits"], json!([7.0, 7.0]));
}

#[test]
fn a_column_without_any_value_stays_empty_whatever_the_fill() {
    let raw = "t,x,y,part\n1,,1,train\n2,,2,train\n3,,3,test\n";
    for fill in ["\"median\"", "\"mode\"", "\"last\"", "\"none\""] {
        let config = format!(
            "{}[clean.fill.columns]\nx = {fill}\n",
            BY_COLUMN.replace("[clean]", "time = \"t\"\n[clean]")
        );
        let folder = by_hand(&config, raw);
        // Nothing says what type such a column has, so it is text.
        if fill == "\"median\"" {
            let schema = r#"{"fields":[{"name":"t","type":"integer"},{"name":"x","type":"number"},{"name":"y","type":"number"},{"name":"part","type":"string"}]}"#;
            write(folder.path().join("schema.json"), schema);
        }
        clean(&folder).success();
        assert_eq!(column(&output(&folder), "x"), [""; 3], "{fill}");
    }
}

#[test]
fn a_column_that_only_test_rows_miss_takes_the_training_fill() {
    let folder = by_hand(BY_COLUMN, "x,y,part\n1,1,train\n3,2,train\n,3,test\n");
    clean(&folder).success();
    assert_eq!(column(&output(&folder), "x"), ["1", "3", "2"]);
}

/// The decimal places of column `x` once it was filled, declared with one place.
fn places_after(clean_section: &str, x: &[&str]) -> serde_json::Value {
    let schema = r#"{"fields": [{"name": "x", "type": "number", "decimalPlaces": 1}, {"name": "y"}, {"name": "part"}]}"#;
    let rows: String = x.iter().map(|cell| format!("{cell},1,train\n")).collect();
    let folder = by_hand(&format!("{BY_COLUMN}{clean_section}"), &format!("x,y,part\n{rows}"));
    write(folder.path().join("schema.json"), schema);
    clean(&folder).success();
    manifest(&folder)["fields"][0].get("decimals").cloned().unwrap_or_default()
}

#[test]
fn a_fill_of_many_places_makes_plain_numbers_of_decimals() {
    let mean = "fill.number = \"mean\"\n";
    assert_eq!(places_after(mean, &["4.4", "5.3"]), 1, "nothing was filled");
    assert_eq!(places_after(mean, &["4.4", "5.3", ""]), 2, "4.85");
    // 4.766666666666667 has 15 places, and with so many 4.4 has more digits than f64 holds.
    assert_eq!(places_after(mean, &["4.4", "5.3", "4.6", ""]), json!(null));
    assert_eq!(places_after("fill.number = { constant = 0.12345 }\n", &["4.4", ""]), 5);
    let limits = "winsorise = { x = [0.1, 0.9] }\n";
    assert_eq!(places_after(limits, &["4.4", "5.3"]), 2, "4.49 and 5.21");
    let limits = "winsorise = { x = [0.123456789012345, 1.0] }\n";
    assert_eq!(places_after(limits, &["4.4", "5.3", "987.6"]), json!(null));
}

#[test]
fn zero_of_either_sign_is_one_number_of_a_mode() {
    // Four zeros and three fives.
    let cells = ["0", "-0.0", "0.0", "-0", "5", "5", "5", "", "1.5"];
    let rows: String = cells.iter().map(|cell| format!("{cell},1,train\n")).collect();
    let folder = by_hand(&format!("{BY_COLUMN}fill.number = \"mode\"\n"), &format!("x,y,part\n{rows}"));
    clean(&folder).success();
    assert_eq!(manifest(&folder)["learned"]["fills"][0]["value"], 0.0);
}
