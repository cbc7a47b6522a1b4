//! Prediction intervals through the real programs: values by hand and by other programs, what is missing and
//! refused, and that they keep their promise on made data whose truth is known.
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

#[path = "train_intervals/promise.rs"]
mod promise;
#[path = "train_intervals/shown.rs"]
mod shown;
mod support;

use std::path::Path;

use model::Model;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};
use support::{project, read, run, write};
use tempfile::TempDir;

/// A project of a table made by hand, with `train` as the rest of its section.
fn by_hand(train: &str, table: &str) -> TempDir {
    let config = format!("[project]\ntarget = \"y\"\n[train]\nmin_rows = 2\n{train}");
    project(&[("pipeline.toml", &config), ("features.csv", table)])
}

fn train(folder: &Path) -> assert_cmd::assert::Assert {
    run("train-model", folder, &["-i", "features.csv"])
}

/// The intervals of the model file.
fn intervals(folder: &Path) -> Value {
    let bytes = std::fs::read(folder.join("models/model.pkl")).unwrap();
    model::pickle::read(&bytes).unwrap()["intervals"].clone()
}

fn fitted(train_keys: &str, table: &str) -> (TempDir, Value) {
    let folder = by_hand(train_keys, table);
    train(folder.path()).success();
    let found = intervals(folder.path());
    (folder, found)
}

/// The metrics of the model that was fitted in `folder`.
fn metrics(folder: &Path) -> Value {
    run("evaluate", folder, &["-i", "features.csv", "-i", "models/model.pkl"]).success();
    support::json(folder.join("reports/metrics.json"))
}

fn opened(folder: &Path) -> Model {
    let path = folder.join("models/model.pkl");
    Model::from_bytes(&std::fs::read(&path).unwrap(), &path).unwrap()
}

fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

/// `y = 2 x + 1` in training; calibration misses by 1, -2, 3 and 4; test by 1 and -5.
const LINE: &str = "x,y,split\n1,3,train\n2,5,train\n4,9,train\n\
    1,4,calibration\n2,3,calibration\n3,10,calibration\n4,13,calibration\n10,22,test\n20,36,test\n";

#[test]
fn conformal_by_hand() {
    // Ranks 5 * 0.5 = 2.5, so 3, 5 * 0.8 = 4, and 5 * 0.9 = 4.5, so 5, which four rows do not have.
    let (folder, found) = fitted("intervals = { levels = [0.5, 0.8, 0.9] }\n", LINE);
    assert_eq!(
        found,
        json!({
            "method": "conformal", "levels": [0.5, 0.8, 0.9], "quantiles": [3.0, 4.0, null],
            "absent": [null, null, "too_few_rows"], "rows": 4, "scale": "constant",
        })
    );
    let found = metrics(folder.path());
    assert_eq!(found["intervals"]["method"], "conformal");
    assert_eq!(found["intervals"]["quantiles"], json!([3.0, 4.0, null]));
    let test = &found["test"]["intervals"];
    let at = &test[1];
    assert_eq!((&at["n"], &at["covered"], &at["coverage"]), (&json!(2), &json!(1), &json!(0.5)));
    close(&at["mean_width"], 8.0);
    // Outcomes 22 and 36; one of two lies 1 outside, at 2 / 0.2 for each unit.
    close(&at["mean_width_sd"], 8.0 / (14.0 / 2.0_f64.sqrt()));
    close(&at["winkler"], 13.0);
    // 3 outside of 6, at 2 / 0.5.
    close(&test[0]["winkler"], 6.0 + 4.0 * 2.0 / 2.0);
    assert_eq!(
        (&test[2]["coverage"], &test[2]["absent"]["coverage"]),
        (&Value::Null, &json!("too_few_rows"))
    );
    assert_eq!(test[2]["verdict"], "missing");
    // Of the rows that taught them, as many as the rank are covered, and nothing is judged.
    let at = &found["calibration"]["intervals"][0];
    assert_eq!((&at["covered"], &at["verdict"]), (&json!(3), &json!("in_sample")));
    assert_eq!((&at["band_lower"], &at["absent"]["band_lower"]), (&Value::Null, &json!("in_sample")));
    assert_eq!(found["train"]["intervals"][0]["verdict"], "in_sample");
}

#[test]
fn residuals_are_learned_from_calibration_rows_whatever_the_intervals() {
    let residual = |keys: &str, table: &str| {
        let (folder, _) = fitted(keys, table);
        let model = opened(folder.path());
        serde_json::to_value(model.reference.residual).unwrap()
    };
    for method in ["none", "conformal", "normalised", "t"] {
        let found = residual(&format!("intervals = {{ method = \"{method}\" }}\n"), LINE);
        assert_eq!(found["of"], "calibration", "{method}");
        // Prediction minus outcome.
        assert_eq!(found["reference"]["grid"]["points"], json!([-4.0, -3.0, -1.0, 2.0]), "{method}");
    }
    // Without calibration rows those that it was fitted to, which it hits.
    let found = residual("", &LINE.replace("calibration", "test"));
    assert_eq!((&found["of"], &found["reference"]["grid"]["points"]), (&json!("train"), &json!([0.0])));
    assert_eq!(found["reference"]["grid"]["at"], json!([3]));
}

#[test]
fn what_cannot_be_calibrated_is_missing_with_its_reason() {
    let no_calibration = LINE.replace("calibration", "test");
    let no_split: String = LINE.lines().map(|l| l.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    for table in [&no_calibration, &no_split] {
        for method in ["conformal", "normalised"] {
            let keys = format!("intervals = {{ method = \"{method}\" }}\n");
            // A scale needs errors, which these rows have only where all are training rows.
            let perfect = method == "normalised" && *table == no_calibration;
            let reason = if perfect { "perfect_fit" } else { "no_rows" };
            let (folder, found) = fitted(&keys, table);
            assert_eq!(found["absent"], json!([reason, reason]), "{method} {table}");
            assert_eq!(found["quantiles"], json!([null, null]));
            assert!(
                read(folder.path().join("logs/train_model.log"))
                    .contains("WARN train_model: no 80 % interval")
            );
        }
    }
    let (folder, found) = fitted("intervals = { method = \"none\" }\n", LINE);
    assert_eq!((&found["method"], &found["levels"]), (&json!("none"), &json!([])));
    assert_eq!(metrics(folder.path())["test"]["intervals"], json!([]));
}

/// `y = 0` in training, missed by 1 at x = 0 and by 3 at x = 2, so that the scale is `1 + x`.
const FAN: &str = "x,y,split\n0,1,train\n0,-1,train\n2,3,train\n2,-3,train\n\
    1,4,calibration\n3,-4,calibration\n0,0.5,calibration\n4,15,calibration\n9,19,test\n-5,0.5,test\n";

#[test]
fn normalised_by_hand() {
    // Scores 4 / 2, 4 / 4, 0.5 / 1, 15 / 5; ranks 5 * 0.6 = 3 and 5 * 0.8 = 4.
    let (folder, found) = fitted("intervals = { method = \"normalised\", levels = [0.6, 0.8] }\n", FAN);
    assert_eq!(found["quantiles"], json!([2.0, 3.0]));
    let scale = &found["scale"]["linear"];
    assert_eq!(
        (&scale["function"]["intercept"], &scale["function"]["coefficients"]),
        (&json!(1.0), &json!([1.0]))
    );
    // A tenth of the mean absolute error, 2.
    close(&scale["floor"], 0.2);
    let levels = opened(folder.path()).intervals(&[&[9.0, -5.0, f64::NAN]], &[0.0, 0.0, f64::NAN]);
    let bounds = levels[0].bounds.clone().unwrap();
    assert_eq!((bounds.lower[0], bounds.upper[0]), (-20.0, 20.0));
    assert_eq!((bounds.lower[1], bounds.upper[1]), (-0.4, 0.4));
    assert!(bounds.lower[2].is_nan() && bounds.upper[2].is_nan());
    let at = metrics(folder.path())["test"]["intervals"][0].clone();
    assert_eq!(at["covered"], 1);
    close(&at["mean_width"], 20.4);
    // The second outcome lies 0.1 outside, at 2 / 0.4.
    close(&at["winkler"], 20.4 + 5.0 * 0.1 / 2.0);
}

#[test]
fn a_scale_goes_with_any_family() {
    for family in ["ridge\"\nlambda = 0.1\n", "tweedie\"\npower = 1\n", "ols\"\nsolver = \"linfa\"\n"] {
        let keys = format!("model = \"{family}intervals = {{ method = \"normalised\" }}\n");
        let row = |i: u32, part: &str| {
            let x = f64::from(i) / 10.0;
            // Errors of -2 to 2 times 0.2 + x / 4.
            format!("{x},{},{part}\n", 6.0 + x + (f64::from(i * 7 % 5) - 2.0) * (0.2 + x / 4.0))
        };
        let rows = |part: &str| -> String { (0..40).map(|i| row(i, part)).collect() };
        let table = format!("x,y,split\n{}{}", rows("train"), rows("calibration"));
        let (_, found) = fitted(&keys, &table);
        let slope = found["scale"]["linear"]["function"]["coefficients"][0].as_f64().unwrap();
        assert!(slope > 0.2 && found["quantiles"][1].as_f64().unwrap() > 0.5, "{family}: {found}");
    }
}

/// By statsmodels 0.15, `get_prediction(...).summary_frame(alpha)`: level, prediction, lower and upper bound.
const BY_STATSMODELS: [(f64, [f64; 2], [f64; 2]); 2] = [
    (0.8, [5.199_042_612_443_474, 15.729_537_771_331_888], [7.595_116_501_353_106, 23.978_820_738_235_076]),
    (0.95, [4.069_067_716_180_42, 11.839_222_573_659_542], [8.725_091_397_616_16, 27.869_135_935_907_423]),
];
const WITHOUT_INTERCEPT: ([f64; 2], [f64; 2]) =
    ([3.674_926_497_603_103_3, 13.651_986_004_914_958], [7.687_502_974_683_657, 28.010_144_761_762_774]);
const PLANE: &str = "x,z,y,split\n1,3,2.1,train\n2,1,3.9,train\n4,4,6.2,train\n7,1,7.8,train\n8,5,9.7,train\n\
    11,9,12.1,train\n3,3,4,calibration\n";

fn bounds(folder: &Path, level: usize, columns: &[&[f64]]) -> (Vec<f64>, Vec<f64>) {
    let model = opened(folder);
    let bounds = model.intervals(columns, &model.predict(columns))[level].bounds.clone().unwrap();
    (bounds.lower, bounds.upper)
}

fn near(found: &[f64], expected: &[f64]) {
    for (f, e) in found.iter().zip(expected) {
        assert!((f - e).abs() < 1e-11 * e.abs(), "{f} is not {e}");
    }
}

#[test]
fn t_intervals_are_those_of_statsmodels() {
    let new: [&[f64]; 2] = [&[5.0, 20.0], &[2.0, -4.0]];
    let keys = "intervals = { method = \"t\", levels = [0.8, 0.95] }\n";
    let (folder, found) = fitted(keys, PLANE);
    assert_eq!(found["rows"], 3);
    close(&found["quantiles"][0], 1.637_744_353_696_210_3);
    close(&found["quantiles"][1], 3.182_446_305_284_263);
    for (at, (_, lower, upper)) in BY_STATSMODELS.iter().enumerate() {
        let (low, high) = bounds(folder.path(), at, &new);
        near(&low, lower);
        near(&high, upper);
    }
    let (folder, _) = fitted(&format!("intercept = false\n{keys}"), PLANE);
    let (low, high) = bounds(folder.path(), 0, &new);
    near(&low, &WITHOUT_INTERCEPT.0);
    near(&high, &WITHOUT_INTERCEPT.1);
    // A column that others determine takes no part.
    let more: String = PLANE
        .lines()
        .map(|l| if l.starts_with('x') { format!("w,{l}\n") } else { format!("7,{l}\n") })
        .collect();
    let (folder, _) = fitted(keys, &more);
    let (low, _) = bounds(folder.path(), 0, &[&[7.0, 7.0], new[0], new[1]]);
    near(&low, &BY_STATSMODELS[0].1);
}

#[test]
fn declared_decimals_change_no_t_interval() {
    let keys = "intervals = { method = \"t\", levels = [0.8] }\n";
    let folder = by_hand(keys, &PLANE.replace(".1,", ".10,"));
    let field = |name: &str, places: u32| {
        format!("{{ \"name\": \"{name}\", \"type\": \"number\", \"decimalPlaces\": {places} }}")
    };
    let schema = format!("{{ \"fields\": [{}, {}, {}] }}", field("x", 3), field("z", 1), field("y", 2));
    write(folder.path().join("schema.json"), schema);
    train(folder.path()).success();
    let (low, high) = bounds(folder.path(), 0, &[&[5.0, 20.0], &[2.0, -4.0]]);
    near(&low, &BY_STATSMODELS[0].1);
    near(&high, &BY_STATSMODELS[0].2);
}

/// The leverages of the training rows sum to the number of coefficients, here 11 of NIST's Filip, whose powers of
/// x all but determine one another: `x'Cx` with the f64 covariance has no right digit there.
#[test]
fn leverages_sum_to_the_number_of_coefficients() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/nist/Filip.csv");
    let table = read(path);
    let keys = "terms = [{ column = \"x\", degree = 10 }]\nintervals = { method = \"t\", levels = [0.5] }\n";
    let (folder, found) = fitted(keys, &table);
    let x: Vec<f64> = support::column(&table, "x").iter().map(|c| c.parse().unwrap()).collect();
    let (lower, upper) = bounds(folder.path(), 0, &[&x]);
    let sd = found["scale"]["leverage"]["residual_sd"].as_f64().unwrap();
    let t = found["quantiles"][0].as_f64().unwrap();
    let sum: f64 = lower.iter().zip(&upper).map(|(l, u)| ((u - l) / 2.0 / t / sd).powi(2) - 1.0).sum();
    assert!((sum - 11.0).abs() < 1e-4, "{sum}");
}

#[test]
fn t_without_an_error_to_go_by_is_missing() {
    let keys = "intervals = { method = \"t\" }\n";
    let (_, perfect) = fitted(keys, LINE);
    assert_eq!(perfect["absent"], json!(["perfect_fit", "perfect_fit"]));
    let (_, full) = fitted(keys, "x,y,split\n1,3,train\n2,6,train\n3,1,test\n");
    assert_eq!(full["absent"], json!(["too_few_rows", "too_few_rows"]));
}

#[test]
fn keys_with_a_fault_are_refused_with_their_line() {
    for (keys, message) in [
        ("method = \"t\"", "method \"t\" is for model = \"ols\" with the exact solver"),
        ("levels = []", "takes 1 to 20 levels"),
        ("levels = [0.9, 0.8]", "levels are shares between 0 and 1, ascending"),
        ("levels = [0.9, 0.9]", "levels are shares between 0 and 1, ascending"),
        (
            "levels = [0.8, 0.9, 0.9000005]",
            "levels are shares between 0 and 1, ascending by more than 0.000001",
        ),
        ("levels = [90]", "levels are shares between 0 and 1, ascending"),
        ("levels = [0]", "levels are shares between 0 and 1, ascending"),
        ("levels = [nan]", "levels are shares between 0 and 1, ascending"),
        ("level = [0.9]", "unknown key `level` (did you mean `levels`?)"),
        ("method = \"cqr\"", "unknown value `cqr`"),
    ] {
        let folder = by_hand(&format!("model = \"ridge\"\nintervals = {{ {keys} }}\n"), LINE);
        let place = if message.starts_with("unknown") {
            "pipeline.toml:6: "
        } else {
            "pipeline.toml:6: [train] intervals: "
        };
        train(folder.path()).code(2).stderr(contains(format!("{place}{message}")));
    }
    // Their columns have names of their own as soon as they are further apart.
    let apart = by_hand("intervals = { levels = [0.5, 0.500002] }\n", LINE);
    train(apart.path()).success();
    write(apart.path().join("new.csv"), "x\n1\n");
    run("predict", apart.path(), &["-q", "-i", "new.csv", "-o", "out.csv"]).success();
    let header = read(apart.path().join("out.csv"));
    assert!(header.contains(",lower_50,upper_50,lower_50.0002,upper_50.0002,"), "{header}");
    let linfa = by_hand("solver = \"linfa\"\nintervals = { method = \"t\" }\n", LINE);
    train(linfa.path()).code(2).stderr(contains("pipeline.toml:6: [train] intervals: method \"t\""));
}

#[test]
fn calibration_rows_that_lack_something_are_left_out_and_told() {
    // The row without an outcome is not one of the four that the ranks are taken of.
    let table = LINE.replace("10,22,test", "9,,calibration\n10,22,test");
    let (folder, found) = fitted("intervals = { levels = [0.5, 0.8] }\n", &table);
    assert_eq!((&found["quantiles"], &found["rows"]), (&json!([3.0, 4.0]), &json!(4)));
    assert!(read(folder.path().join("logs/train_model.log")).contains("1 calibration row"));
    // Beyond the range of f64 there is no width, and none is made up.
    let huge = LINE.replace("4,13,calibration", "5e307,-1.7e308,calibration");
    let (_, found) = fitted("intervals = { levels = [0.5] }\n", &huge);
    assert_eq!(found["absent"], json!(["overflow"]));
}

#[test]
fn summaries_give_t_intervals_alone() {
    let t = by_hand("intervals = { method = \"t\" }\n", PLANE);
    train(t.path()).success();
    let direct = intervals(t.path());
    let summarised = |folder: &Path| {
        run("train-model", folder, &["--summary", "-i", "features.csv", "-o", "a.json"]).success();
        run("train-model", folder, &["--from-summaries", "-i", "a.json"]).success();
        intervals(folder)
    };
    assert_eq!(summarised(t.path()), direct);
    for method in ["conformal", "normalised"] {
        let folder = by_hand(&format!("intervals = {{ method = \"{method}\" }}\n"), PLANE);
        let found = summarised(folder.path());
        assert_eq!((&found["method"], &found["absent"]), (&json!(method), &json!(["not_read", "not_read"])));
    }
}

#[test]
fn the_bytes_are_the_same_for_any_pieces_in_any_order() {
    for method in ["conformal", "normalised", "t"] {
        let folder =
            by_hand(&format!("intervals = {{ method = \"{method}\", levels = [0.5, 0.9, 0.99] }}\n"), "");
        let rows = promise::fan(5, 300, 150, 10).rows();
        let model = |pieces: usize, turn: usize| {
            let mut arguments = Vec::new();
            for piece in 0..pieces {
                let mut mine: Vec<&String> = rows.iter().skip(piece).step_by(pieces).collect();
                mine.rotate_left(turn % 7);
                let name = format!("{pieces}_{turn}_{piece}.csv");
                let text: String = mine.iter().map(|r| r.as_str()).collect();
                write(folder.path().join(&name), format!("x,y,split\n{text}"));
                arguments.extend(["-i".to_owned(), name]);
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            run("train-model", folder.path(), &arguments).success();
            std::fs::read(folder.path().join("models/model.pkl")).unwrap()
        };
        let whole = model(1, 0);
        assert!(intervals(folder.path())["quantiles"][2].is_f64());
        for (pieces, turn) in [(1, 3), (2, 1), (9, 5)] {
            assert!(model(pieces, turn) == whole, "{method} {pieces} {turn}");
        }
    }
}

#[test]
fn a_model_file_with_unsound_intervals_is_refused() {
    let (folder, _) = fitted("intervals = { levels = [0.5, 0.8] }\n", LINE);
    let path = folder.path().join("models/model.pkl");
    let sound = model::pickle::read(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::remove_file(folder.path().join("models/model.pkl.meta.json")).unwrap();
    for (key, value, reason) in [
        ("levels", json!([0.8, 0.5]), "its intervals: levels do not ascend between 0 and 1"),
        ("levels", json!([0.5, 1.0]), "its intervals: levels do not ascend between 0 and 1"),
        ("levels", json!([0.5]), "its intervals: levels, quantiles and reasons are not of one number"),
        ("quantiles", json!([3.0, -4.0]), "its intervals: quantiles do not ascend from 0"),
        ("quantiles", json!([3.0, null]), "its intervals: a level has either a quantile or a reason"),
        ("scale", json!({ "linear": {} }), "missing field"),
        ("more", json!(1), "unknown field `more`"),
    ] {
        let mut broken = sound.clone();
        broken["intervals"][key] = value;
        write(&path, model::pickle::write(&broken).unwrap());
        run("evaluate", folder.path(), &["-i", "features.csv", "-i", "models/model.pkl"])
            .code(13)
            .stderr(contains("refused as a model").and(contains(reason)));
    }
}
