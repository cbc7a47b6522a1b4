//! `[train] model = "boosted"` through the real binary: what it learns, that nothing but the rows decides the bytes,
//! constraints, small tables, refusals.
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

#[path = "support/fitted.rs"]
mod fitted;
mod support;

use fitted::{by_hand, fit, model, predict, shuffled, table, uniform};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use support::panel::Random;
use support::{project, run, skip, write};

const BOOSTED: &str = "model = \"boosted\"";

/// 600 training rows: y rises with a step in `a` and a product of `a` and `b`, plus noise.
fn rows(unit: f64) -> String {
    let mut random = Random(11);
    table(
        &["a", "b", "c"],
        600,
        |_| "train",
        |_| {
            let [a, b, c, noise] = std::array::from_fn(|_| uniform(&mut random));
            vec![a, b, c, unit * (20.0 * f64::from(a > 0.5) + 10.0 * a * b + noise)]
        },
    )
}

fn numbers(csv: &str) -> Vec<Vec<f64>> {
    let row = |line: &str| line.split(',').filter_map(|cell| cell.parse().ok()).collect();
    csv.lines().skip(1).map(row).collect()
}

#[test]
fn it_learns_what_no_line_can_and_its_training_errors_are_those_of_its_predictions() {
    let csv = rows(1.0);
    let model = fit(BOOSTED, &csv);
    let rows = numbers(&csv);
    let n = rows.len() as f64;
    let mean = rows.iter().map(|r| r[3]).sum::<f64>() / n;
    let total = rows.iter().map(|r| (r[3] - mean).powi(2)).sum::<f64>();
    let missed: Vec<f64> = rows.iter().map(|r| predict(&model, &r[..3]) - r[3]).collect();
    let squares = missed.iter().map(|e| e * e).sum::<f64>();
    let expected = [
        ("mae", missed.iter().map(|e| e.abs()).sum::<f64>() / n),
        ("rmse", (squares / n).sqrt()),
        ("r2", 1.0 - squares / total),
    ];
    for (key, expected) in expected {
        let found = model["training"][key].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-9 * expected, "{key} {found} {expected}");
    }
    // The noise alone has an sd of 0.29; the step, unseen by the fit's mean, 10.
    let new = [([0.25, 0.5, 0.5], 1.75), ([0.75, 0.5, 0.5], 24.25), ([0.9, 0.9, 0.1], 28.6)];
    for (row, expected) in new {
        let found = predict(&model, &row);
        assert!((found - expected).abs() < 2.0, "{row:?}: {found} is not {expected}");
    }
    assert_eq!(model["hyperparameters"]["model"], "boosted");
    assert_eq!(model["choice"], Value::Null);
    assert_eq!(model["importance"]["standardized"], serde_json::json!([]));
}

#[test]
fn the_bytes_depend_on_no_order_piece_or_thread() {
    let csv = rows(1.0);
    let bytes = |folder: &tempfile::TempDir| std::fs::read(folder.path().join("models/model.pkl")).unwrap();
    let folder = by_hand(BOOSTED, &csv);
    run("train-model", folder.path(), &["-q", "-i", "features.csv"]).success();
    let first = bytes(&folder);
    for seed in [1, 2] {
        write(folder.path().join("features.csv"), shuffled(&csv, seed));
        run("train-model", folder.path(), &["-q", "-i", "features.csv"]).success();
        assert!(bytes(&folder) == first, "another order of rows, other bytes");
    }
    let lines: Vec<&str> = csv.lines().collect();
    let piece = |lines: &[&str]| [&lines_of(&csv, 0)[..], lines].concat().join("\n") + "\n";
    write(folder.path().join("a.csv"), piece(&lines[201..]));
    write(folder.path().join("b.csv"), piece(&lines[1..201]));
    run("train-model", folder.path(), &["-q", "-i", "a.csv", "-i", "b.csv"]).success();
    assert!(bytes(&folder) == first, "in pieces, other bytes");
    let mut one = assert_cmd::Command::new("taskset");
    let one = one.current_dir(folder.path()).args(["-c", "0"]).arg(support::program("train-model"));
    match one.args(["-q", "-i", "features.csv"]).output() {
        Ok(done) if done.status.success() => assert!(bytes(&folder) == first, "on one thread, other bytes"),
        _ => skip("the same bytes on one thread: no taskset"),
    }
}

fn lines_of(csv: &str, line: usize) -> Vec<&str> {
    csv.lines().skip(line).take(1).collect()
}

#[test]
fn the_unit_of_the_target_does_not_matter() {
    // The booster itself works in f32 and has limits in units of the target.
    for unit in [1e-12, 1e12] {
        let model = fit(BOOSTED, &rows(unit));
        for (row, expected) in [([0.25, 0.5, 0.5], 1.75), ([0.75, 0.5, 0.5], 24.25), ([0.9, 0.9, 0.1], 28.6)]
        {
            let found = predict(&model, &row) / unit;
            assert!((found - expected).abs() < 2.0, "in units of {unit}: {found} is not {expected}");
        }
    }
}

#[test]
fn predictions_keep_to_a_monotone_constraint_where_the_rows_do_not() {
    let mut random = Random(5);
    // y falls with `a` in the middle.
    let bump = |a: f64| if (0.4..0.6).contains(&a) { 5.0 } else { 10.0 * a };
    let csv = table(
        &["a", "b"],
        800,
        |_| "train",
        |_| {
            let [a, b, noise] = std::array::from_fn(|_| uniform(&mut random));
            vec![a, b, bump(a) + 8.0 * f64::from(a < 0.2) - 3.0 * b + noise]
        },
    );
    let grid = |model: &Value, b: f64| -> Vec<f64> {
        (0..=400).map(|i| predict(model, &[f64::from(i) / 400.0, b])).collect()
    };
    let free = fit(BOOSTED, &csv);
    assert!(grid(&free, 0.5).windows(2).any(|w| w[1] < w[0]));
    assert!(grid(&free, 0.5).windows(2).any(|w| w[1] > w[0]));
    for budget in ["0.5", "1.0", "1.5"] {
        for (direction, sign) in [("increasing", 1.0), ("decreasing", -1.0)] {
            let keys = format!("{BOOSTED}\nbudget = {budget}\nmonotone = {{ a = \"{direction}\" }}");
            let bound = fit(&keys, &csv);
            for b in [0.05, 0.5, 0.95] {
                let kept = grid(&bound, b).windows(2).all(|w| sign * (w[1] - w[0]) >= -1e-12);
                assert!(kept, "{direction} is broken at budget {budget}, b = {b}");
            }
        }
    }
}

#[test]
fn small_and_hostile_tables_have_clear_results() {
    let constant = fit(BOOSTED, &table(&["a"], 40, |_| "train", |i| vec![i as f64, 7.5]));
    assert_eq!(predict(&constant, &[3.0]), 7.5);
    assert_eq!(constant["training"]["mae"], 0.0);
    assert_eq!(constant["training"]["r2"], Value::Null);
    // Features that say nothing: every prediction is near the mean.
    let flat = fit(BOOSTED, &table(&["a"], 40, |_| "train", |i| vec![5.0, (i % 2) as f64]));
    assert!((predict(&flat, &[5.0]) - 0.5).abs() < 1e-6);
    // The largest numbers there are.
    let large = |i: usize| if i < 20 { f64::MIN } else { f64::MAX };
    let huge = fit(BOOSTED, &table(&["a"], 40, |_| "train", |i| vec![large(i), (i / 20) as f64]));
    assert!(predict(&huge, &[f64::MIN]) < 0.2 && predict(&huge, &[f64::MAX]) > 0.8);
    for rows in [1, 29] {
        let csv = table(&["a"], rows, |_| "train", |i| vec![i as f64, i as f64]);
        let folder = by_hand(BOOSTED, &csv);
        run("train-model", folder.path(), &["-i", "features.csv"])
            .code(11)
            .stderr(contains("not enough rows"));
        assert!(!folder.path().join("models/model.pkl").exists());
    }
    let two = fit("model = \"boosted\"\nmin_rows = 2", "a,y,split\n1,3,train\n2,5,train\n");
    assert!((predict(&two, &[1.0]) - 4.0).abs() <= 1.0);
    let missing = by_hand(BOOSTED, "a,y,split\n1,3,train\n,5,train\n");
    run("train-model", missing.path(), &["-i", "features.csv"]).code(10).stderr(contains("is missing"));
}

#[test]
fn what_does_not_go_with_it_is_refused_by_name_and_line() {
    let csv = rows(1.0);
    for (keys, line, message) in [
        ("model = \"boosted\"\nmonotone = { aa = \"increasing\" }", 5, "is no feature (did you mean `a`?)"),
        ("model = \"boosted\"\nmonotone = { a = \"up\" }", 5, "unknown value `up`"),
        ("monotone = { a = \"increasing\" }", 4, "needs model = \"boosted\""),
        ("model = \"boosted\"\nbudget = 0", 5, "budget"),
        ("model = \"boosted\"\nbudget = nan", 5, "budget"),
        ("model = \"boosted\"\nmemory_limit = 0", 5, "memory_limit"),
        ("model = \"boosted\"\nsolver = \"linfa\"", 5, "linfa is for ols"),
        ("model = \"boosted\"\nterms = [{ column = \"a\", degree = 2 }]", 5, "trees find powers"),
    ] {
        let folder = by_hand(keys, &csv);
        run("train-model", folder.path(), &["-i", "features.csv"])
            .code(2)
            .stderr(contains(message).and(contains(format!("pipeline.toml:{line}"))));
    }
    for flag in ["--summary", "--from-summaries"] {
        let folder = by_hand(BOOSTED, &csv);
        run("train-model", folder.path(), &[flag, "-i", "features.csv", "-o", "out"])
            .code(2)
            .stderr(contains("boosted").and(contains("all rows at once")));
    }
}

#[test]
fn it_goes_through_the_whole_chain() {
    let folder = project(&[]);
    support::panel::Panel::small(3).write(folder.path());
    let config = support::read(folder.path().join("pipeline.toml"));
    write(folder.path().join("pipeline.toml"), config.replace("[train]\n", "[train]\nmodel = \"boosted\"\n"));
    for name in ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"] {
        run(name, folder.path(), &["-q"]).success();
    }
    let metrics = support::json(folder.path().join("reports/metrics.json"));
    assert_eq!(metrics["model"]["kind"], "boosted tree");
    assert_eq!(metrics["importance"], model(folder.path())["importance"]);
    let report = support::read(folder.path().join("reports/report.md"));
    assert!(report.contains("A boosted tree model, fitted to"), "{report}");
    assert!(report.contains("### What matters"));
}
