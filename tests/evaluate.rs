//! `evaluate` through its binary.
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

#[path = "evaluate/columns.rs"]
mod columns;
#[path = "evaluate/slices.rs"]
mod slices;
mod support;
#[path = "evaluate/threads.rs"]
mod threads;
#[path = "evaluate/traced.rs"]
mod traced;
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;

use std::path::Path;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};
use support::{json, project, read, run, stage, write};
use trained::case;

const FEATURES: &str = "data/processed/features.csv";
const MODEL: &str = "models/model.pkl";
const METRICS: &str = "reports/metrics.json";

fn evaluate(folder: &Path) -> assert_cmd::assert::Assert {
    stage("evaluate").arg("--project").arg(folder).assert()
}

/// The metrics of a project that must be good.
fn metrics(folder: &Path) -> Value {
    evaluate(folder).success();
    json(folder.join(METRICS))
}

fn number(value: &Value, pointer: &str) -> f64 {
    value
        .pointer(pointer)
        .and_then(Value::as_f64)
        .unwrap_or_else(|| panic!("{pointer}: {:?}", value.pointer(pointer)))
}

fn close(value: &Value, pointer: &str, expected: f64) {
    let found = number(value, pointer);
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "{pointer}: {found}, expected {expected}"
    );
}

#[test]
fn a_bad_flag_is_a_usage_error() {
    stage("evaluate").arg("--bad").assert().code(2).stderr(contains("--bad"));
}

#[test]
fn a_missing_input_is_named_with_what_to_run() {
    let folder = case().project();
    std::fs::remove_file(folder.path().join(MODEL)).unwrap();
    evaluate(folder.path()).code(13).stderr(contains("models/model.pkl: not there; run `train-model` first"));
    std::fs::remove_file(folder.path().join(FEATURES)).unwrap();
    evaluate(folder.path())
        .code(13)
        .stderr(contains("features.csv: not there; run `feature-engineer` first"));
    assert!(!folder.path().join(METRICS).exists());
}

#[test]
fn an_empty_input_is_damaged() {
    let folder = case().project();
    write(folder.path().join(FEATURES), "");
    evaluate(folder.path()).code(13).stderr(contains("features.csv: damaged or edited"));
    write(folder.path().join(MODEL), "");
    let folder = case().project();
    std::fs::remove_file(folder.path().join("models/model.pkl.meta.json")).unwrap();
    write(folder.path().join(MODEL), "");
    evaluate(folder.path()).code(13).stderr(contains("model.pkl: refused as a model"));
}

#[test]
fn a_table_without_rows_has_nothing_to_evaluate() {
    let mut case = case();
    case.rows.clear();
    let folder = case.project();
    evaluate(folder.path()).code(11).stderr(contains("CRITICAL").and(contains("features.csv: has no rows")));
    assert!(!folder.path().join(METRICS).exists());
}

#[test]
fn a_damaged_input_is_refused_with_its_place() {
    let folder = case().project();
    let path = folder.path().join(FEATURES);
    write(&path, read(&path).replacen("train", "trian", 1));
    evaluate(folder.path()).code(13).stderr(contains("features.csv: damaged or edited"));
    let folder = case().project();
    let path = folder.path().join("data/processed/features.csv.meta.json");
    write(&path, read(&path).replace("\"rows_out\": 120", "\"rows_out\": 119"));
    evaluate(folder.path()).code(13).stderr(contains(
        "features.csv.meta.json: the row ledger of feature_engineer does not balance: 125 in",
    ));
    let mut case = case();
    case.rows[2].part = "trian";
    let folder = case.project();
    let expected =
        "features.csv: data row 3: `split` is `trian`, expected one of `train`, `calibration`, `test`";
    evaluate(folder.path()).code(13).stderr(contains(expected));
}

#[test]
fn errors_by_hand() {
    let folder = case().project();
    let found = metrics(folder.path());
    // SSE = 40; SST = 4 * 40 (40^2 - 1) / 12 + 40, since the misses are uncorrelated with x.
    for part in ["/train", "/test"] {
        let at = |key: &str| format!("{part}/{key}");
        for (key, expected) in [
            ("n", 40.0),
            ("mae", 1.0),
            ("rmse", 1.0),
            ("r2", 1.0 - 40.0 / 21_360.0),
            ("bias", 0.0),
            ("median_absolute_error", 1.0),
            ("mean_actual", 49.0),
            ("mean_predicted", 49.0),
            ("mae_se", 0.0),
            // The misses have sum of squares 40 around 0.
            ("bias_se", (1.0_f64 / 39.0).sqrt()),
        ] {
            close(&found, &at(key), expected);
        }
    }
    // Every prediction is 3 too low.
    for (key, expected) in [("mae", 3.0), ("rmse", 3.0), ("bias", -3.0), ("median_absolute_error", 3.0)] {
        close(&found, &format!("/calibration/{key}"), expected);
    }
    assert_eq!(found["status"], "pass");
    assert_eq!(found["format"], 1);
}

#[test]
fn calibration_by_hand() {
    let folder = case().project();
    let found = metrics(folder.path());
    // Bins of four rows each, over which the misses sum to zero, so that the line is y = f; the residuals are the
    // misses, with sum of squares 40, and the predictions have S_ff = 21,320.
    for (key, expected) in [
        ("/test/calibration_error", 0.0),
        ("/test/calibration_error_sd", 0.0),
        ("/test/calibration/slope", 1.0),
        ("/test/calibration/intercept", 0.0),
        ("/test/calibration/slope_se", (40.0_f64 / 38.0 / 21_320.0).sqrt()),
        ("/test/calibration/joint_f", 0.0),
        ("/test/calibration/joint_p", 1.0),
        // Each bin: s = sqrt(4 / 3), times sqrt(2 / (4 pi)).
        ("/test/calibration_error_floor", (4.0_f64 / 3.0).sqrt() * (0.5 / std::f64::consts::PI).sqrt()),
        ("/calibration/calibration_error", 3.0),
        ("/calibration/calibration/slope", 1.0),
        ("/calibration/calibration/intercept", 3.0),
        ("/calibration/calibration_error_floor", 0.0),
    ] {
        close(&found, key, expected);
    }
    let bins = found["test"]["calibration"]["deciles"].as_array().unwrap();
    assert_eq!(bins.len(), 10);
    assert_eq!((number(&bins[0], "/mean_predicted"), number(&bins[0], "/mean_actual")), (13.0, 13.0));
    // No residual is left around the line, so that no F exists.
    assert_eq!(found["calibration"]["absent"]["calibration.joint_f"], "perfect_fit");
    assert_eq!(found["calibration"]["calibration"]["joint_f"], Value::Null);
}

#[test]
fn baselines_by_hand() {
    let folder = case().project();
    let found = metrics(folder.path());
    close(&found, "/baselines/persistence/test/mae", 5.0);
    close(&found, "/baselines/persistence/test/bias", -5.0);
    close(&found, "/baselines/persistence/calibration/mae", 5.0);
    // In the first two training rows (y = 11 and 11) the median 49 stood in: (38 * 5 + 2 * 38) / 40.
    close(&found, "/baselines/persistence/train/mae", 266.0 / 40.0);
    assert_eq!(found["baselines"]["persistence"]["train"]["fallback"], 2);
    assert_eq!(found["baselines"]["persistence"]["test"]["fallback"], 0);
    // |y - 49| with y = 2 i + 10 and a miss that cancels: twice the sum of 1, 3, ..., 39, over 40.
    close(&found, "/baselines/train_median/test/mae", 20.0);
    close(&found, "/improvement/persistence/mae", 0.8);
    close(&found, "/improvement/persistence/difference", 4.0);
    close(&found, "/improvement/train_median/mae", 0.95);
    assert_eq!(found["improvement"]["persistence"]["verdict"], "better");
}

#[test]
fn drift_by_hand() {
    let folder = case().project();
    let found = metrics(folder.path());
    // Ten bins of four training rows; the test part is the same, the calibration part all in the last bin.
    // With halves: r = 4.5 / 45, c = 0.5 / 45 nine times and 40.5 / 45 once.
    close(&found, "/drift/features/x/calibration/psi", 1.6 * 9.0_f64.ln());
    close(&found, "/drift/features/x/test/psi", 0.0);
    close(&found, "/drift/features/x/test/expected", 0.45);
    assert_eq!(found["drift"]["features"]["x"]["calibration"]["verdict"], "large");
    assert_eq!(found["drift"]["features"]["x"]["test"]["verdict"], "not_enough_rows");
    assert_eq!(found["drift"]["alarms"], json!({ "calibration": 1, "test": 0 }));
    close(&found, "/drift/prediction/calibration/psi", 1.6 * 9.0_f64.ln());
    close(&found, "/drift/target/calibration/share_above", 1.0);
    // All of the calibration part lies above: x is 100 larger throughout, and the variance is 40 * 41 / 12.
    let sd = (40.0_f64 * 41.0 / 12.0).sqrt();
    close(&found, "/drift/features/x/calibration/ks", 1.0);
    close(&found, "/drift/features/x/calibration/wasserstein", 100.0 / sd);
    close(&found, "/drift/prediction/calibration/wasserstein", 100.0 / sd);
    close(&found, "/drift/features/x/test/ks", 0.0);
    close(&found, "/drift/features/x/test/wasserstein", 0.0);
    close(&found, "/drift/features/x/test/ks_threshold_99", 1.627_623_611_518_950_4 * 0.05_f64.sqrt());
    assert_eq!(found["drift"]["features"]["unused"]["test"]["absent"]["wasserstein"], "no_variance");
}

#[test]
fn residuals_drift_from_those_of_the_calibration_rows() {
    let found = metrics(case().project().path());
    let residual = &found["drift"]["residual"];
    // Predictions are 3 too low in calibration, and 1 too low or too high in the test.
    assert_eq!((&residual["of"], &residual["calibration"]), (&json!("calibration"), &Value::Null));
    assert_eq!(residual["absent"], json!({ "calibration": "in_sample" }));
    close(residual, "/test/ks", 1.0);
    close(residual, "/test/share_above", 1.0);
    assert_eq!(residual["test"]["verdict"], "large");
    assert_eq!(residual["test"]["absent"]["wasserstein"], "no_variance");
    // Without calibration rows the training rows are the reference, and nothing is in sample.
    let found = metrics(case().without("calibration").project().path());
    let residual = &found["drift"]["residual"];
    assert_eq!(
        (&residual["of"], &residual["calibration"]["absent"]["ks"]),
        (&json!("train"), &json!("no_rows"))
    );
    close(residual, "/test/ks", 0.0);
    close(residual, "/test/wasserstein", 0.0);
    assert!(residual.get("absent").is_none());
}

/// Normal numbers by Box and Muller (1958) from a generator with a seed.
fn normals(rows: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    (0..rows).map(|_| (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()).collect()
}

#[test]
fn a_shift_of_one_standard_deviation_is_measured_as_one() {
    let rows = |part: &str, seed: u64, shift: f64| -> String {
        let of = |(x, e): (f64, f64)| format!("{},{},{part}\n", x + shift, 3.0 * (x + shift) + e);
        normals(4000, seed).into_iter().zip(normals(4000, seed + 50)).map(of).collect()
    };
    let clean = format!(
        "x,y,split\n{}{}{}",
        rows("train", 1, 0.0),
        rows("calibration", 2, 0.0),
        rows("test", 3, 1.0)
    );
    let folder = project(&[("pipeline.toml", "[project]\ntarget = \"y\"\n"), ("clean.csv", &clean)]);
    run("feature-engineer", folder.path(), &["-i", "clean.csv"]).success();
    run("train-model", folder.path(), &[]).success();
    let found = metrics(folder.path());
    let x = &found["drift"]["features"]["x"];
    // KS of two normal distributions one sd apart: 2 Phi(1/2) - 1. The noise of 4000 rows a side is 0.03 and 0.02.
    let near = |value: &Value, pointer: &str, expected: f64, by: f64| {
        let found = number(value, pointer);
        assert!((found - expected).abs() < by, "{pointer}: {found}, expected {expected}");
    };
    near(x, "/test/ks", 0.382_925, 0.04);
    near(x, "/test/wasserstein", 1.0, 0.07);
    assert!(number(x, "/calibration/ks") < 0.04 && number(x, "/calibration/wasserstein") < 0.07);
    assert_eq!((&x["test"]["verdict"], &x["calibration"]["verdict"]), (&json!("large"), &json!("stable")));
    // The outcomes move with x, so what the model misses does not.
    assert_eq!(found["drift"]["residual"]["test"]["verdict"], "stable");
    assert!(number(&found, "/drift/residual/test/ks") < 0.04);
}

#[test]
fn cells_that_were_missing_before_they_were_filled_are_drift() {
    // 40 rows a part; x is 0 to 39 in training and in the test, where 24 of the cells are missing.
    let rows = |part: &str, missing: usize| -> String {
        (0..40)
            .map(|i| {
                let x = if i < missing { String::new() } else { i.to_string() };
                format!("{x},{},{},{part}\n", (i * 7) % 40, i + (i * 7) % 11)
            })
            .collect()
    };
    let clean = format!("x,z,y,split\n{}{}{}", rows("train", 0), rows("calibration", 0), rows("test", 24));
    let folder = project(&[("pipeline.toml", "[project]\ntarget = \"y\"\n"), ("clean.csv", &clean)]);
    run("feature-engineer", folder.path(), &["-i", "clean.csv"]).success();
    run("train-model", folder.path(), &[]).success();
    run("evaluate", folder.path(), &[]).success();
    let found = metrics(folder.path());
    let x = &found["drift"]["features"]["x"];
    assert_eq!((&x["test"]["missing_share"], &x["calibration"]["missing_share"]), (&json!(0.6), &json!(0.0)));
    assert_eq!((&x["test"]["verdict"], &x["test"]["df"]), (&json!("large"), &json!(10)));
    assert_eq!(found["drift"]["features"]["z"]["test"]["verdict"], "not_enough_rows");
}

#[test]
fn what_the_report_needs_is_carried_on() {
    let folder = case().project();
    let found = metrics(folder.path());
    let target = json!({
        "column": "price_ahead_1", "source": "price", "expression": null, "horizon": 1, "statistic": "value",
        "entity": "city", "time": ["month"],
        "unit_note": "the unit of `price`, as the raw data have it"
    });
    assert_eq!(found["target"], target);
    assert_eq!(found["split"]["test_from"], "80");
    assert_eq!(found["clock"]["last"]["test"], "month 119");
    assert_eq!(found["ledger"][2]["parts"], json!({ "train": 40, "calibration": 40, "test": 40 }));
    let model = std::fs::read(folder.path().join(MODEL)).unwrap();
    assert_eq!(found["model"]["sha256"], common::hash::hex(&model));
    assert_eq!((&found["model"]["solver"], &found["model"]["features"]), (&json!("qr"), &json!(2)));
    // The effect of one standard deviation of 0..39, whose variance is 40 * 41 / 12.
    close(&found, "/coefficients/0/effect", 2.0 * (40.0_f64 * 41.0 / 12.0).sqrt());
    let manifest = json(folder.path().join("reports/metrics.json.meta.json"));
    assert_eq!((&manifest["stage"], &manifest["inputs"][1]["name"]), (&json!("evaluate"), &json!(MODEL)));
    assert_eq!(manifest["ledger"], found["ledger"]);
}

#[test]
fn the_log_shows_errors_calibration_baselines_and_drift() {
    let folder = case().project();
    evaluate(folder.path()).success();
    let log = read(folder.path().join("logs/evaluate.log"));
    for expected in [
        "test: 40 rows, MAE 1.0000, RMSE 1.0000",
        "calibration error 3.0000",
        "test, beside persistence: MAE 5.0000",
        "the model is better",
        "drift: feature `x` in calibration: PSI 3.5156",
    ] {
        assert!(log.contains(expected), "{expected}\n{log}");
    }
}

#[test]
fn a_part_without_rows_is_there_with_reasons() {
    let folder = case().without("test").project();
    let found = metrics(folder.path());
    assert_eq!((&found["test"]["n"], &found["test"]["mae"]), (&json!(0), &Value::Null));
    for key in ["mae", "rmse", "r2", "bias", "calibration_error", "calibration.slope", "calibration.mcb"] {
        assert_eq!(found["test"]["absent"][key], "no_rows", "{key}");
    }
    assert_eq!(found["baselines"]["persistence"]["test"]["absent"]["mae"], "no_rows");
    assert_eq!(found["improvement"]["persistence"]["verdict"], "too_few_rows");
    assert_eq!(found["drift"]["features"]["x"]["test"]["verdict"], "not_enough_rows");
    assert!(!read(folder.path().join(METRICS)).contains("NaN"));
}

#[test]
fn every_null_has_a_reason_and_every_reason_a_null() {
    for part in ["test", "calibration", "train"] {
        let folder = case().without(part).project();
        let found = metrics(folder.path());
        for part in trained::PARTS {
            let part = &found[part];
            for (key, reason) in part["absent"].as_object().unwrap() {
                let pointer = format!("/{}", key.replace('.', "/"));
                // The deciles are an empty list.
                let value = part.pointer(&pointer).unwrap_or_else(|| panic!("{key} is no key"));
                assert!(value.is_null() || *value == json!([]), "{key}: {reason}");
            }
            let inner =
                part["calibration"].as_object().unwrap().iter().map(|(k, v)| (format!("calibration.{k}"), v));
            for (key, value) in part.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v)).chain(inner) {
                assert!(
                    !value.is_null() || !part["absent"][&key].is_null(),
                    "{key} is null without a reason"
                );
            }
        }
    }
}

#[test]
fn without_a_persistence_column_there_is_no_persistence() {
    let mut case = case();
    case.persistence = false;
    let folder = case.project();
    let found = metrics(folder.path());
    assert!(
        found["baselines"].get("persistence").is_none() && found["improvement"].get("persistence").is_none()
    );
    close(&found, "/baselines/train_median/test/mae", 20.0);
}

#[test]
fn the_configuration_is_printed_checked_and_used() {
    let folder = case().project();
    let print = || stage("evaluate").arg("--print-config").arg("--project").arg(folder.path()).assert();
    print().success().stdout("{\n  \"deciles\": 10,\n  \"period\": \"auto\",\n  \"segments\": []\n}\n");
    assert!(!folder.path().join("logs").exists());
    write(folder.path().join("pipeline.toml"), "[evaluate]\ndeciles = 5\n");
    assert_eq!(metrics(folder.path())["test"]["calibration"]["deciles"].as_array().unwrap().len(), 5);
    for (text, expected) in [
        ("[evaluate]\n\ndecile = 5\n", "pipeline.toml:3: unknown key `decile` (did you mean `deciles`?)"),
        ("[evaluate]\ndeciles = 1\n", "pipeline.toml:2: [evaluate] deciles: expected 2 to 100"),
        ("[evaluate]\ndeciles = \"ten\"\n", "pipeline.toml:2: "),
    ] {
        write(folder.path().join("pipeline.toml"), text);
        print().code(2).stdout("").stderr(contains(expected));
    }
}

#[test]
fn a_rerun_gives_the_same_bytes() {
    let (a, b) = (case().project(), case().project());
    let run = |folder: &Path| {
        evaluate(folder).success().stdout("");
        (read(folder.join(METRICS)), read(folder.join("reports/metrics.json.meta.json")))
    };
    let first = run(a.path());
    assert_eq!(first, run(a.path()));
    assert_eq!(first, run(b.path()));
    stage("evaluate").args(["-o", "-"]).arg("--project").arg(b.path()).assert().success().stdout(first.0);
}

#[test]
fn strict_passes_where_no_gate_fails() {
    let folder = case().project();
    stage("evaluate").arg("--strict").arg("--project").arg(folder.path()).assert().success();
}

/// Limits that allow for rows that depend on each other: by hand where nothing varies, by a property where it does.
#[test]
fn limits_follow_what_depends_on_what() {
    let folder = case().project();
    let found = metrics(folder.path());
    let confidence = &found["test"]["confidence"];
    assert_eq!((&confidence["dependence"], &confidence["level"]), (&json!("time"), &json!(0.95)));
    // Every row is missed by 1, persistence misses by 5: so in every resample.
    for (pointer, expected) in [
        ("/test/confidence/mae/lower", 1.0),
        ("/test/confidence/mae/upper", 1.0),
        ("/improvement/persistence/difference_lower", 4.0),
        ("/improvement/persistence/difference_upper", 4.0),
        ("/improvement/persistence/mae_lower", 0.8),
        ("/test/mase", 1.0 / number(&found, "/baselines/persistence/train/mae")),
    ] {
        close(&found, pointer, expected);
    }
    assert_eq!(found["train"]["absent"]["confidence"], "in_sample");
    // Within each time all rows are copies of one another: ten of each say no more than one.
    let spread = |copies: usize| {
        let mut case = case();
        let rows = std::mem::take(&mut case.rows);
        for (i, mut row) in rows.into_iter().enumerate() {
            row.y += [0.0, 3.0, -2.0, 0.5, 7.0][i % 5] * f64::from(u8::from(row.part == "test"));
            case.rows.extend(std::iter::repeat_n(row, copies));
        }
        let folder = case.project();
        let found = metrics(folder.path());
        let of = |end: &str| number(&found, &format!("/test/confidence/mae/{end}"));
        (of("lower"), of("upper"), number(&found, "/test/mae_se"))
    };
    let (one, ten) = (spread(1), spread(10));
    assert!(one.0 < one.1, "{one:?}");
    assert!((one.0 - ten.0).abs() < 1e-9 && (one.1 - ten.1).abs() < 1e-9, "{one:?} {ten:?}");
    assert!(ten.2 < 0.4 * one.2, "errors that take rows as independent do shrink: {one:?} {ten:?}");
}
