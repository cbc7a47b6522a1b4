//! `[train] model = "auto"` and the importance of features, through the real binary.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails by panicking and says what it skips"
)]

#[path = "train_auto/chain.rs"]
mod chain;
#[path = "support/fitted.rs"]
mod fitted;
mod support;

use fitted::{by_hand, fit, model, shuffled, table, uniform};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use support::panel::Panel;
use support::panel::Random;
use support::{project, run, write};

const AUTO: &str = "model = \"auto\"";

/// `rows` training rows of three features; `mean` gives the target without its noise.
fn rows(rows: usize, noise: f64, mean: impl Fn(f64, f64) -> f64) -> String {
    let mut random = Random(21);
    table(
        &["a", "b", "c"],
        rows,
        |_| "train",
        |_| {
            let [a, b, c, e] = std::array::from_fn(|_| uniform(&mut random));
            vec![a, b, c, mean(a, b) + noise * (e - 0.5)]
        },
    )
}

fn line(a: f64, b: f64) -> f64 {
    3.0 * a - 2.0 * b
}

fn step(a: f64, b: f64) -> f64 {
    f64::from((a > 0.3) != (b > 0.6))
}

#[test]
fn a_line_is_fitted_by_least_squares_and_a_step_by_trees() {
    let csv = rows(300, 1.0, line);
    let linear = fit(AUTO, &csv);
    let choice = &linear["choice"];
    assert_eq!((&choice["chosen"], &choice["fold_by"]), (&json!("ols"), &json!("key")));
    // Apart from how it came about, it is the model that `ols` gives.
    let alone = fit("model = \"ols\"", &csv);
    for key in
        ["function", "statistics", "hyperparameters", "training", "reference", "importance", "trained_on"]
    {
        assert_eq!(linear[key], alone[key], "{key}");
    }
    assert_eq!(alone["choice"], Value::Null);
    let trees = fit(AUTO, &rows(300, 0.2, step));
    assert_eq!(trees["choice"]["chosen"], "boosted");
    assert_eq!(trees["choice"]["reason"], "best");
    assert_eq!(trees["hyperparameters"]["model"], "boosted");
    assert!(trees["function"]["trees"]["trees"].as_array().unwrap().len() > 1);
}

#[test]
fn the_table_of_candidates_adds_up() {
    let choice = &fit(AUTO, &rows(200, 1.0, line))["choice"];
    let all = choice["candidates"].as_array().unwrap();
    assert_eq!(all.iter().map(|c| &c["model"]).collect::<Vec<_>>(), ["ols", "ridge", "boosted"]);
    let weights: Vec<f64> = choice["rows"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    let repeats = choice["repeats"].as_f64().unwrap();
    assert_eq!(weights.iter().sum::<f64>(), 200.0 * repeats);
    assert_eq!(choice["groups"], 200);
    let least = all.iter().map(|c| c["mae"].as_f64().unwrap()).fold(f64::INFINITY, f64::min);
    for c in all {
        let (mae, difference) = (c["mae"].as_f64().unwrap(), c["difference"].as_f64().unwrap());
        assert!((mae - least - difference).abs() < 1e-12);
        // Every row counts once in each dealing, so the folds weighted by their rows give the whole.
        let folds = c["folds"].as_array().unwrap().iter().zip(&weights);
        let mean = folds.map(|(f, n)| f.as_f64().unwrap() * n).sum::<f64>() / (200.0 * repeats);
        assert!((mean - mae).abs() < 1e-12 * mae);
        assert_eq!(c["standard_error"].is_null(), difference == 0.0);
    }
}

#[test]
fn the_bytes_depend_on_no_order_and_no_piece() {
    let csv = rows(150, 0.5, step);
    let folder = by_hand(AUTO, &csv);
    let fitted = |inputs: &[&str]| {
        run("train-model", folder.path(), &[&["-q"], inputs].concat()).success();
        std::fs::read(folder.path().join("models/model.pkl")).unwrap()
    };
    let first = fitted(&["-i", "features.csv"]);
    write(folder.path().join("features.csv"), shuffled(&csv, 3));
    assert!(fitted(&["-i", "features.csv"]) == first);
    let lines: Vec<&str> = csv.lines().collect();
    write(folder.path().join("a.csv"), [&lines[..1], &lines[91..]].concat().join("\n") + "\n");
    write(folder.path().join("b.csv"), lines[..91].join("\n") + "\n");
    assert!(fitted(&["-i", "a.csv", "-i", "b.csv"]) == first);
}

#[test]
fn a_candidate_that_cannot_be_fitted_says_why_and_another_is_taken() {
    // 40 columns and 35 rows: least squares has no answer.
    let names: Vec<String> = (0..40).map(|j| format!("x{j}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut random = Random(4);
    let csv = table(
        &names,
        35,
        |_| "train",
        |_| {
            let mut row: Vec<f64> = (0..40).map(|_| uniform(&mut random)).collect();
            row.push(row[0] + row[1]);
            row
        },
    );
    let choice = &fit(AUTO, &csv)["choice"];
    let ols = &choice["candidates"][0];
    assert!(ols["failed"].as_str().unwrap().contains("rows"), "{ols}");
    assert_eq!((&ols["mae"], &ols["folds"]), (&Value::Null, &json!([])));
    assert_ne!(choice["chosen"], "ols");
    let folder = by_hand("model = \"auto\"\ncandidates = [\"ols\", \"lasso\"]\nlambda = 1.0", &csv);
    run("train-model", folder.path(), &["-q", "-i", "features.csv"]).success();
    assert_eq!(model(folder.path())["choice"]["reason"], "only");
}

#[test]
fn folds_of_time_train_on_the_past_and_the_report_tells() {
    let folder = project(&[]);
    Panel::small(3).write(folder.path());
    let config = support::read(folder.path().join("pipeline.toml"));
    write(
        folder.path().join("pipeline.toml"),
        config.replace("[train]\n", "[train]\nmodel = \"auto\"\nfolds = 3\n"),
    );
    for name in ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"] {
        run(name, folder.path(), &["-q"]).success();
    }
    let model = model(folder.path());
    let choice = &model["choice"];
    assert_eq!((&choice["fold_by"], &choice["repeats"]), (&json!("time"), &json!(1)));
    let measured: u64 = choice["rows"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
    // About the second half of the rows is measured, none twice.
    let share = measured as f64 / model["training"]["rows"].as_f64().unwrap();
    assert!((0.4..=0.6).contains(&share), "{share}");
    let metrics = support::json(folder.path().join("reports/metrics.json"));
    assert_eq!(metrics["choice"], *choice);
    let report = support::read(folder.path().join("reports/report.md"));
    for text in [
        "### How it was chosen",
        "| least squares |",
        "| boosted trees |",
        "**chosen**",
        "what came before it",
    ] {
        assert!(report.contains(text), "{text}: {report}");
    }
}

#[test]
fn candidates_that_make_no_choice_are_refused_with_their_line() {
    let csv = rows(60, 1.0, line);
    for (candidates, message) in [
        ("[\"ols\"]", "two families or more"),
        ("[\"ols\", \"ols\"]", "none twice"),
        ("[\"ols\", \"auto\"]", "families of least squares"),
        ("[\"ols\", \"tweedie\"]", "families of least squares"),
        ("[\"ols\", \"boostd\"]", "did you mean `boosted`?"),
    ] {
        let folder = by_hand(&format!("{AUTO}\ncandidates = {candidates}"), &csv);
        run("train-model", folder.path(), &["-i", "features.csv"])
            .code(2)
            .stderr(contains(message).and(contains("pipeline.toml:5")));
    }
    for flag in ["--summary", "--from-summaries"] {
        let folder = by_hand(AUTO, &csv);
        run("train-model", folder.path(), &[flag, "-i", "features.csv", "-o", "out"])
            .code(2)
            .stderr(contains("compares on rows"));
    }
    let few = by_hand(AUTO, &rows(20, 1.0, line));
    run("train-model", few.path(), &["-i", "features.csv"]).code(11).stderr(contains("not enough rows"));
}

#[test]
fn importance_is_what_shuffling_costs_and_slopes_in_standard_units() {
    // y = 3 x exactly, z says nothing; 40 rows train, 101 calibrate with x = 0..100.
    let part = |i: usize| if i < 40 { "train" } else { "calibration" };
    let csv = |calibration: usize| {
        table(&["x", "z"], 40 + calibration, part, |i| {
            let x = if i < 40 { 2.5 * i as f64 } else { (i - 40) as f64 };
            vec![x, ((i * 7919) % 31) as f64, 3.0 * x]
        })
    };
    let found = &fit("model = \"ols\"", &csv(101))["importance"];
    assert_eq!(found["standardized"][0], json!({ "column": "x", "coefficient": 1.0 }));
    let permutation = &found["permutation"];
    assert_eq!((&permutation["rows"], &permutation["absent"]), (&json!(101), &Value::Null));
    let [x, z] = [0, 1].map(|i| permutation["features"][i]["increase"].as_f64().unwrap());
    let error = permutation["features"][0]["standard_error"].as_f64().unwrap();
    // The mean distance of two of the numbers 0 to 100 is (n^2 - 1) / (3 n) = 33.66; times the slope.
    assert!((x - 3.0 * 33.66).abs() < 4.0 * error && (1.0..15.0).contains(&error), "{x} {error}");
    assert!(z.abs() < 1e-9);
    assert_eq!(permutation["mae"].as_f64().unwrap().round(), 0.0);
    for (rows, reason) in [(0, "no_rows"), (19, "too_few_rows")] {
        let nothing = &fit("model = \"ols\"", &csv(rows))["importance"]["permutation"];
        assert_eq!((&nothing["absent"], &nothing["features"]), (&json!(reason), &json!([])));
    }
}

#[test]
fn importance_depends_on_no_order_of_rows() {
    let part = |i: usize| if i.is_multiple_of(2) { "train" } else { "calibration" };
    let mut random = Random(8);
    let csv = table(&["a", "b"], 200, part, |_| {
        let [a, b, e] = std::array::from_fn(|_| uniform(&mut random));
        vec![a, b, step(a, b) + e]
    });
    for keys in ["model = \"ols\"", "model = \"boosted\""] {
        let first = fit(keys, &csv);
        assert!(first["importance"]["permutation"]["features"][0]["increase"].as_f64().unwrap() != 0.0);
        assert_eq!(first["importance"], fit(keys, &shuffled(&csv, 9))["importance"]);
    }
}
