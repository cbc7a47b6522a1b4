//! `docs/metrics.schema.json` against what `evaluate` writes, by an independent validator, the Python package `jsonschema`.
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

#[path = "support/fitted.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod fitted;
#[path = "support/python.rs"]
mod python;
mod support;
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use support::panel::Random;
use support::{files, json, read, repository, run, stage, write};
use tempfile::TempDir;
use trained::case;

const METRICS: &str = "reports/metrics.json";

/// Says of each file `ok`, or where and why it is not valid; first whether the schema is one.
const SCRIPT: &str = "\
import json, sys
from jsonschema import Draft202012Validator as Validator
schema = json.load(open(sys.argv[1]))
assert schema['$schema'] == Validator.META_SCHEMA['$id']
Validator.check_schema(schema)
for name in sys.argv[2:]:
    errors = [f'{e.json_path}: {e.message[:300]}' for e in Validator(schema).iter_errors(json.load(open(name)))]
    print('; '.join(errors) or 'ok')
";

fn schema() -> PathBuf {
    repository().join("docs/metrics.schema.json")
}

/// What the validator says of each file; nothing where there is none here.
fn validated(files: &[PathBuf]) -> Option<Vec<String>> {
    let python = python::python()?;
    let mut command = Command::new(python);
    let output = command.args(["-I", "-c", SCRIPT]).arg(schema()).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(said.len(), files.len());
    Some(said)
}

#[test]
fn the_committed_schema_is_the_one_of_the_program() {
    let output = stage("evaluate").arg("--schema").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let again = "target/debug/evaluate --schema > docs/metrics.schema.json";
    assert!(String::from_utf8(output.stdout).unwrap() == read(schema()), "another schema: `{again}`");
}

/// A project of the repository, run to its metrics.
fn example(path: &str, more: &str) -> TempDir {
    let (from, to) = (repository().join(path), tempfile::tempdir().unwrap());
    write(to.path().join("pipeline.toml"), read(from.join("pipeline.toml")) + more);
    if from.join("schema.json").exists() {
        std::fs::copy(from.join("schema.json"), to.path().join("schema.json")).unwrap();
    }
    for file in files(&from.join("data/raw")) {
        write(to.path().join("data/raw").join(file.file_name().unwrap()), std::fs::read(&file).unwrap());
    }
    for name in ["ingest", "clean", "feature-engineer", "train-model", "evaluate"] {
        run(name, to.path(), &["-q"]).success();
    }
    to
}

/// A features table made by hand, fitted as `train` says, run to its metrics.
fn by_hand(train: &str, rows: usize) -> TempDir {
    let mut random = Random(7);
    let part = move |i: usize| match i * 10 / rows {
        0..6 => "train",
        6..8 => "calibration",
        _ => "test",
    };
    let csv = fitted::table(&["a", "b"], rows, part, |_| {
        let [a, b, e] = std::array::from_fn(|_| fitted::uniform(&mut random));
        vec![a, b, f64::from(a > 0.4) + b + 0.1 * e]
    });
    let folder = fitted::by_hand(train, &csv);
    run("train-model", folder.path(), &["-q", "-i", "features.csv"]).success();
    run("evaluate", folder.path(), &["-q", "-i", "features.csv", "-i", "models/model.pkl"]).success();
    folder
}

/// The case whose figures are known, with what `change` makes of it.
fn known(change: impl Fn(&mut trained::Case)) -> TempDir {
    let mut case = case();
    change(&mut case);
    let folder = case.project();
    run("evaluate", folder.path(), &["-q"]).success();
    folder
}

#[test]
fn all_that_evaluate_writes_is_valid() {
    let limits = "[gates.fail]\n\"test.mae\" = { max = 1e9, min = 0 }\n\"test.intervals.90.verdict\" = { not = \"too_narrow\" }\n\
                  [gates.warn]\n\"drift.target.test.alarm\" = { is = true }\n\"drift.alarms.test\" = { max = 3 }\n";
    let all = [
        ("Texas", example(".", limits)),
        ("stocks", example("examples/stocks", "")),
        ("mpg", example("examples/mpg", "")),
        ("a table made by hand", by_hand("", 200)),
        ("few rows", by_hand("min_rows = 3", 10)),
        ("auto", by_hand("model = \"auto\"", 200)),
        ("trees", by_hand("model = \"boosted\"\nbudget = 0.3", 200)),
        ("ridge", by_hand("model = \"ridge\"", 200)),
        ("Student's t", by_hand("intervals = { method = \"t\" }", 200)),
        ("no intervals", by_hand("intervals = { method = \"none\" }", 200)),
        ("known", known(|_| ())),
        ("no test rows", known(|case| case.rows.retain(|row| row.part != "test"))),
        ("one row each", known(|case| case.rows.retain(|row| row.x % 100.0 == 0.0))),
        ("no persistence", known(|case| case.persistence = false)),
        (
            "no value",
            known(|case| {
                case.rows.retain(|row| row.part == "train");
                case.config += "[gates.warn]\n\"test.mae\" = { max = 1 }\n";
            }),
        ),
    ];
    let paths: Vec<PathBuf> = all.iter().map(|(_, folder)| folder.path().join(METRICS)).collect();
    let Some(said) = validated(&paths) else { return };
    let wrong: Vec<String> = all
        .iter()
        .zip(said)
        .filter(|(_, said)| said != "ok")
        .map(|((name, _), said)| format!("{name}: {said}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_of_the_form_is_found() {
    let folder = known(|case| case.config += "[gates.fail]\n\"test.mae\" = { max = 9 }\n");
    let good = json(folder.path().join(METRICS));
    let wrong = [
        ("", "new", json!(1)),
        ("/test", "new", json!(1)),
        ("/test/calibration", "new", Value::Null),
        ("/drift/features/x/test", "new", json!("a")),
        ("/gates/0", "new", json!(true)),
        ("/gates/0/limit", "new", json!(1)),
        ("/ledger/0", "new", json!(1)),
        ("/importance/permutation", "new", json!(1)),
        ("/test", "mae", json!("1")),
        ("/test", "n", json!(-1)),
        ("/test", "n", json!(1.5)),
        ("", "status", json!("failed")),
        ("/drift/target/test", "verdict", json!("huge")),
        ("/test/absent", "mae", json!("because")),
        ("", "test", json!([])),
    ];
    let mut paths = vec![folder.path().join(METRICS)];
    let mut save = |value: &Value, name: String| {
        let path = folder.path().join(name);
        write(&path, value.to_string());
        paths.push(path);
    };
    for (i, (place, key, value)) in wrong.iter().enumerate() {
        let mut bad = good.clone();
        bad.pointer_mut(place).unwrap()[*key] = value.clone();
        save(&bad, format!("wrong-{i}.json"));
    }
    for (i, place) in ["", "/test", "/model", "/drift/target/test", "/gates/0"].iter().enumerate() {
        let mut bad = good.clone();
        let keys = bad.pointer_mut(place).unwrap().as_object_mut().unwrap();
        let first = keys.keys().next().unwrap().clone();
        keys.remove(&first);
        save(&bad, format!("lacks-{i}.json"));
    }
    let Some(said) = validated(&paths) else { return };
    assert_eq!(said[0], "ok");
    for (path, said) in paths.iter().zip(&said).skip(1) {
        assert_ne!(said, "ok", "{}: {:?}", path.display(), wrong);
    }
}
