//! Stage `feature-engineer` through its real binary: expressions, changes, parts of dates, windows of spans
//! and of all rows so far, worked out by hand.
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
use predicates::str::contains;
use serde_json::json;
use support::{cells, column, json, project, read, run};
use tempfile::TempDir;

const PLAIN: &str = "[project]\ntarget = \"y\"\n[features]\n";
const DAILY: &str = "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"d\"\n[features]\ncolumns = []\n";

/// Two entities by day, with days left out: `a` on the 1st, 2nd, 5th and 31st, `b` on the 2nd and 3rd.
const DAYS: &str = "e,d,x,y,split
a,2024-01-01,1,0,train
a,2024-01-02,3,0,train
b,2024-01-02,100,0,train
b,2024-01-03,,0,train
a,2024-01-05,8,0,train
a,2024-01-31,2,0,train
";

fn by_hand(config: &str, clean: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("clean.csv", clean)])
}

fn engineer(folder: &TempDir) -> Assert {
    run("feature-engineer", folder.path(), &["-i", "clean.csv"])
}

/// The features of `clean`, before they are filled: a missing one is filled with the median, which the
/// statistics in the manifest tell from a value.
fn made(config: &str, clean: &str) -> (TempDir, String) {
    let folder = by_hand(config, clean);
    engineer(&folder).success();
    let text = read(folder.path().join("data/processed/features.csv"));
    (folder, text)
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/features.csv.meta.json"))
}

/// Asserts the values of a feature; `None` is a missing one, whose number the manifest must know and which
/// is filled with the median of the others.
fn expect(folder: &TempDir, text: &str, name: &str, expected: &[Option<f64>]) {
    let mut known: Vec<f64> = expected.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    let n = known.len();
    let median = f64::midpoint(known[(n - 1) / 2], known[n / 2]);
    let found: Vec<f64> = column(text, name).iter().map(|c| c.parse().unwrap()).collect();
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let expected = expected.unwrap_or(median);
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs(),
            "{name}, row {row}: {found}, not {expected}"
        );
    }
    assert_eq!(found.len(), expected.len());
    let filled = &manifest(folder)["found"]["features"][name]["filled"]["train"];
    assert_eq!(*filled, json!(expected.len() - n), "{name}");
}

#[test]
fn expressions_are_row_wise_and_may_use_one_another() {
    let config = format!(
        "{PLAIN}columns = []\nexclude = [\"half\"]\nexpressions = {{ range = \"ln(High / Low)\", half = \"range / 2\", more = \"half + `a b` ^ 2\" }}\n"
    );
    let clean =
        "High,Low,a b,y,split\n2,1,3,0,train\n1,1,0,0,train\n1,0,1,0,train\n,1,1,0,train\n-1,1,2,0,train\n";
    let (folder, text) = made(&config, clean);
    let ln2 = 2.0_f64.ln();
    // ln(2/1), ln(1), then 1/0, a missing value, ln(-1).
    expect(&folder, &text, "range", &[Some(ln2), Some(0.0), None, None, None]);
    expect(&folder, &text, "more", &[Some(ln2 / 2.0 + 9.0), Some(0.0), None, None, None]);
    assert_eq!(cells(&text)[0], ["split", "range", "more", "y"], "`half` is no feature itself");
    assert_eq!(manifest(&folder)["found"]["undefined"]["range"], 2);
}

#[test]
fn an_expression_with_a_fault_is_refused_before_any_data_is_read() {
    for (expression, message) in [
        ("ln(High / )", ":4: [features] expressions: `r`: character 11"),
        ("mean(High)", "other rows"),
        ("log(High) +", ":4: "),
        ("c + 1", "expressions names `c`, which is a string, no number"),
        ("Hihg + 1", "expressions names `Hihg`, which is no column (did you mean `High`?)"),
        ("y * 2", "expressions: `r` is made of the target itself"),
    ] {
        let config = format!("{PLAIN}expressions = {{ r = \"{expression}\" }}\n");
        let folder = by_hand(&config, "High,c,y,split\n2,a,1,train\nnot a number,a,1,train\n");
        // The broken second row makes `High` text, unless a fault is found first.
        let folder = if message.contains("no column") || expression.contains("y *") || expression == "c + 1" {
            by_hand(&config, "High,c,y,split\n2,a,1,train\n")
        } else {
            folder
        };
        engineer(&folder).code(2).stderr(contains(message));
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn steps_made_of_one_another_are_named() {
    let config = format!(
        "{DAILY}lags = [{{ columns = [\"r\"], rows = [1] }}]\nratios = {{ r = [\"x\", \"r_lag_1\"] }}\n"
    );
    engineer(&by_hand(&config, DAYS)).code(2).stderr(contains("`r_lag_1`, `r` are made of one another"));
}

#[test]
fn changes_compare_with_an_earlier_row_of_the_entity() {
    let config = format!(
        "{DAILY}differences = [{{ columns = [\"x\"], rows = [1, 2] }}]\npercent_changes = [{{ columns = [\"x\"], rows = [1] }}]\nlogs = [\"x\"]\n"
    );
    let (folder, text) = made(&config, DAYS);
    // `a` is 1 3 8 2 in rows 0 1 4 5, `b` 100 and missing.
    expect(&folder, &text, "x_diff_1", &[None, Some(2.0), None, None, Some(5.0), Some(-6.0)]);
    expect(&folder, &text, "x_diff_2", &[None, None, None, None, Some(7.0), Some(-1.0)]);
    expect(&folder, &text, "x_pct_1", &[None, Some(2.0), None, None, Some(5.0 / 3.0), Some(-0.75)]);
    let ln = |x: f64| Some(x.ln());
    expect(&folder, &text, "x_log", &[ln(1.0), ln(3.0), ln(100.0), None, ln(8.0), ln(2.0)]);
}

#[test]
fn a_step_may_be_made_of_any_other() {
    let config = format!(
        "{DAILY}exclude = [\"x_log\"]\nlogs = [\"x\"]\ndifferences = [{{ columns = [\"x_log\"], rows = [1] }}]\nrolling = [{{ columns = [\"x_log_diff_1\"], windows = [2], statistics = [\"sum\"] }}]\n"
    );
    let (folder, text) = made(&config, DAYS);
    let ratio = |a: f64, b: f64| Some((a / b).ln());
    expect(
        &folder,
        &text,
        "x_log_diff_1",
        &[None, ratio(3.0, 1.0), None, None, ratio(8.0, 3.0), ratio(2.0, 8.0)],
    );
    expect(&folder, &text, "x_log_diff_1_sum_2", &[None, None, None, None, ratio(8.0, 1.0), ratio(2.0, 3.0)]);
    assert!(!cells(&text)[0].contains(&"x_log".to_owned()));
}

#[test]
fn a_window_of_a_span_holds_the_rows_within_it() {
    let rolling = |min: &str| {
        format!(
            "{DAILY}rolling = [{{ columns = [\"x\"], windows = [\"4d\"], statistics = [\"sum\", \"median\"]{min} }}]\n"
        )
    };
    let (folder, text) = made(&rolling(", min_rows = 1"), DAYS);
    // On the 5th the four days are the 2nd to the 5th; on the 31st there is that day alone.
    expect(
        &folder,
        &text,
        "x_sum_4d",
        &[Some(1.0), Some(4.0), Some(100.0), Some(100.0), Some(11.0), Some(2.0)],
    );
    expect(
        &folder,
        &text,
        "x_median_4d",
        &[Some(1.0), Some(2.0), Some(100.0), Some(100.0), Some(5.5), Some(2.0)],
    );
    // Full where the history reaches back four days: on the 5th and the 31st of `a`.
    let (folder, text) = made(&rolling(""), DAYS);
    expect(&folder, &text, "x_sum_4d", &[None, None, None, None, Some(11.0), Some(2.0)]);
    let months = format!(
        "{DAILY}rolling = [{{ columns = [\"x\"], windows = [\"1mo\"], statistics = [\"max\"], min_rows = 1 }}]\n"
    );
    let (folder, text) = made(&months, DAYS);
    // A month before the 31st is the 31st of December: all of January is in.
    expect(
        &folder,
        &text,
        "x_max_1mo",
        &[Some(1.0), Some(3.0), Some(100.0), Some(100.0), Some(8.0), Some(8.0)],
    );
}

#[test]
fn a_span_must_fit_the_time_and_be_one() {
    let rolling = |window: &str| {
        format!("{DAILY}rolling = [{{ columns = [\"x\"], windows = [{window}], statistics = [\"sum\"] }}]\n")
    };
    engineer(&by_hand(&rolling("\"30\""), DAYS)).code(2).stderr(contains("`30` has no unit"));
    engineer(&by_hand(&rolling("\"30 days\""), DAYS)).code(2).stderr(contains(":7: "));
    let steps = DAYS.replace("2024-01-0", "").replace("2024-01-", "");
    engineer(&by_hand(&rolling("\"4d\""), &steps)).code(2).stderr(contains("`4d` is no whole number"));
    let (folder, text) = made(&rolling("\"4\""), &steps);
    expect(&folder, &text, "x_sum_4", &[None, None, None, None, Some(11.0), Some(2.0)]);
}

#[test]
fn expanding_statistics_hold_all_rows_so_far() {
    let config = format!(
        "{DAILY}expanding = [{{ columns = [\"x\"], statistics = [\"mean\", \"std\", \"min\", \"max\", \"sum\", \"median\"], min_rows = 2 }}]\n"
    );
    let (folder, text) = made(&config, DAYS);
    let six = |a: f64, b: f64, c: f64| [None, Some(a), None, None, Some(b), Some(c)];
    expect(&folder, &text, "x_mean_expanding", &six(2.0, 4.0, 3.5));
    expect(&folder, &text, "x_sum_expanding", &six(4.0, 12.0, 14.0));
    expect(&folder, &text, "x_median_expanding", &six(2.0, 3.0, 2.5));
    expect(&folder, &text, "x_min_expanding", &six(1.0, 1.0, 1.0));
    expect(&folder, &text, "x_max_expanding", &six(3.0, 8.0, 8.0));
    // Squares around 2: 2; around 4: 9 + 1 + 16 = 26 over 2; around 3.5: 6.25 + 0.25 + 20.25 + 2.25 = 29 over 3.
    expect(&folder, &text, "x_std_expanding", &six(2.0_f64.sqrt(), 13.0_f64.sqrt(), (29.0_f64 / 3.0).sqrt()));
}

#[test]
fn deviations_keep_their_digits_after_an_outlier_has_passed() {
    let mut clean = String::from("e,d,x,y,split\n");
    for (day, x) in
        [("01", "1e10"), ("02", "0.1"), ("03", "0.2"), ("04", "0.3"), ("05", "0.1"), ("06", "0.2")]
    {
        clean.push_str(&format!("a,2024-01-{day},{x},0,train\n"));
    }
    let config =
        format!("{DAILY}rolling = [{{ columns = [\"x\"], windows = [3], statistics = [\"std\"] }}]\n");
    let (_, text) = made(&config, &clean);
    let std: Vec<f64> = column(&text, "x_std_3").iter().map(|c| c.parse().unwrap()).collect();
    // 0.1, 0.2, 0.3 in any order: 0.1.
    for sd in &std[3..] {
        assert!((sd / 0.1 - 1.0).abs() < 1e-12, "{sd}");
    }
}

#[test]
fn parts_of_dates_are_numbers_or_places_on_a_circle() {
    let clean = "sold,y,split\n2024-12-30T14:05,0,train\n2024-04-01T00:00,0,train\n,0,train\n";
    let config = format!(
        "{PLAIN}calendar = [{{ column = \"sold\", parts = [\"year\", \"quarter\", \"month\", \"week\", \"day\", \"day_of_year\", \"weekday\", \"hour\", \"minute\"] }}, {{ column = \"sold\", parts = [\"month\"], cyclical = true }}]\n"
    );
    let (folder, text) = made(&config, clean);
    // The 30th of December 2024 is a Monday, day 365, in the first ISO week of 2025; the 1st of April a Monday too, day 92.
    for (part, first, second) in [
        ("year", 2024.0, 2024.0),
        ("quarter", 4.0, 2.0),
        ("month", 12.0, 4.0),
        ("week", 1.0, 14.0),
        ("day", 30.0, 1.0),
        ("day_of_year", 365.0, 92.0),
        ("weekday", 1.0, 1.0),
        ("hour", 14.0, 0.0),
        ("minute", 5.0, 0.0),
    ] {
        expect(&folder, &text, &format!("sold_{part}"), &[Some(first), Some(second), None]);
    }
    // December is 11/12 round, April a quarter.
    let sin: Vec<f64> = column(&text, "sold_month_sin").iter().map(|c| c.parse().unwrap()).collect();
    let cos: Vec<f64> = column(&text, "sold_month_cos").iter().map(|c| c.parse().unwrap()).collect();
    assert!((sin[0] + 0.5).abs() < 1e-15 && (cos[0] - 0.75_f64.sqrt()).abs() < 1e-15);
    assert!((sin[1] - 1.0).abs() < 1e-15 && cos[1].abs() < 1e-15);
}

#[test]
fn parts_of_the_time_and_what_it_has_not() {
    let config = DAILY.replace("columns = []\n", "columns = []\ncalendar = [{ parts = [\"weekday\"] }]\n");
    let (folder, text) = made(&config, DAYS);
    // The 1st of January 2024 was a Monday.
    expect(&folder, &text, "d_weekday", &[1.0, 2.0, 2.0, 3.0, 5.0, 3.0].map(Some));
    for (replaced, by, message) in [
        ("weekday", "hour", "calendar names `d`, of type date: it has no such part"),
        ("weekday", "years", "unknown value `years`"),
        ("[\"weekday\"]", "[\"year\"], cyclical = true", "years do not come again"),
        ("parts", "column = \"x\", parts", "calendar names `x`, of type integer"),
    ] {
        engineer(&by_hand(&config.replace(replaced, by), DAYS)).code(2).stderr(contains(message));
    }
    let months = "[project]\ntarget = \"y\"\ntime = [\"year\", \"month\"]\n[features]\ncolumns = []\ncalendar = [{ parts = [\"quarter\"] }]\n";
    let clean = "year,month,y,split\n2024,3,0,train\n2024,4,0,train\n";
    let (folder, text) = made(months, clean);
    expect(&folder, &text, "time_quarter", &[Some(1.0), Some(2.0)]);
    engineer(&by_hand(&months.replace("quarter", "day"), clean))
        .code(2)
        .stderr(contains("calendar: the day of a time of 2 columns"));
}

#[test]
fn tiny_denominators_are_missing_and_counted() {
    // 0.1 + 0.2 - 0.3 leaves 5.6e-17 where 0 is meant; the other denominators are 1 and 2.
    let clean = "a,b,y,split\n1,1,0,train\n1,2,0,train\n1,5.6e-17,0,train\n1,0,0,train\n1,1e-6,0,test\n";
    let config = format!("{PLAIN}columns = []\nratios = {{ r = [\"a\", \"b\"] }}\n");
    let folder = by_hand(&config, clean);
    engineer(&folder).success().stderr(contains("`r`: 2 rows without a finite result"));
    let text = read(folder.path().join("data/processed/features.csv"));
    // Filled with the median of 1 and 0.5; a small denominator is no tiny one.
    let r: Vec<f64> = column(&text, "r").iter().map(|c| c.parse().unwrap()).collect();
    assert_eq!(r, [1.0, 0.5, 0.75, 0.75, 1e6]);
    // Half of training denominators are at most (2 + 1) / 2... 0, 5.6e-17, 1, 2: the median is about 0.5.
    let tiny = manifest(&folder)["learned"]["tiny"]["r"].as_f64().unwrap();
    assert!((tiny - 0.5e-9).abs() < 1e-20, "{tiny}");
}

#[test]
fn beside_a_target_that_is_an_expression_others_may_be_made_of_steps() {
    let config = DAILY.replace("\"y\"", "\"double\"").replace("[features]", "horizon = 1\n[features]")
        + "expressions = { double = \"2 * x\", back = \"x_lag_1 + 1\" }\nlags = [{ columns = [\"x\"], rows = [1] }]\n";
    let (folder, text) = made(&config, DAYS);
    // Of `a` three rows have a target, of `b` none: its second cell is missing.
    assert_eq!(column(&text, "double_ahead_1"), ["6.0", "16.0", "4.0"]);
    expect(&folder, &text, "back", &[None, Some(2.0), Some(4.0)]);
}

#[test]
fn a_change_beyond_the_range_of_numbers_is_counted() {
    let config = format!("{DAILY}percent_changes = [{{ columns = [\"x\"], rows = [1] }}]\n");
    let clean = "e,d,x,y,split\na,2024-01-01,1e308,0,train\na,2024-01-02,-1e308,0,train\na,2024-01-03,-2e307,0,train\n";
    let (folder, text) = made(&config, clean);
    expect(&folder, &text, "x_pct_1", &[None, None, Some(-0.8)]);
    assert_eq!(manifest(&folder)["found"]["undefined"]["x_pct_1"], 1);
}

#[test]
fn only_values_that_stay_decimals_are_declared_to_be() {
    // Means of decimals, and what has the name of a decimal column, have other places.
    let config = "[project]\ntarget = \"y\"\ntime = \"t\"\nhorizon = HORIZON\nSTATISTIC[clean]\nsplit = { by = \"column\", column = \"part\" }\n\
        [features]\ncolumns = [\"y\"]\nexpressions = { x = \"y / 3\" }\nlags = [{ columns = [\"x\", \"y\"], rows = [1] }]\n";
    let of = |name: &str, kind: &str| format!("{{\"name\": \"{name}\", \"type\": {kind}}}");
    let number = "\"number\", \"decimalPlaces\": 1";
    let fields = [of("t", "\"integer\""), of("x", number), of("y", number), of("part", "\"string\"")];
    let schema = format!("{{\"fields\": [{}]}}", fields.join(", "));
    // The lag's missing first cell is filled with a median of one decimal place.
    let raw = "t,x,y,part\n1,0.3,0.6,train\n2,0.3,0.3,train\n3,0.3,0.4,train\n4,0.3,0.9,train\n5,0.3,0.8,train\n6,0.3,0.1,train\n";
    for (horizon, statistic, target) in
        [("1", "", json!(1)), ("2", "target_statistic = \"mean\"\n", json!(null))]
    {
        let config = config.replace("HORIZON", horizon).replace("STATISTIC", statistic);
        let folder = project(&[("pipeline.toml", &config), ("schema.json", &schema), ("raw.csv", raw)]);
        run("clean", folder.path(), &["-i", "raw.csv"]).success();
        run("feature-engineer", folder.path(), &[]).success();
        let manifest = manifest(&folder);
        let decimals = |role: &str| -> Vec<(String, serde_json::Value)> {
            let fields = manifest["fields"].as_array().unwrap().iter().filter(|f| f["role"] == role);
            fields.map(|f| (f["name"].as_str().unwrap().to_owned(), f["decimals"].clone())).collect()
        };
        let names: Vec<String> =
            decimals("feature").into_iter().filter(|(_, d)| !d.is_null()).map(|(n, _)| n).collect();
        assert_eq!(names, ["y", "y_lag_1"]);
        assert_eq!(decimals("target")[0].1, target);
    }
}
