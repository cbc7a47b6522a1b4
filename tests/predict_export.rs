//! Models outside: as an ONNX graph, and in the plain Python of the documents.
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

#[path = "support/python.rs"]
mod python;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use model::{Function, Model};
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use support::{column, files, json, project, read, repository, run, write};
use tempfile::TempDir;

const FEATURES: &str = "data/processed/features.csv";
const MODEL: &str = "models/model.pkl";
const EXPORT: [&str; 4] = ["--export", "onnx", "-o", "model.onnx"];

/// The projects that ship with the repository: Texas, cars, stocks.
const EXAMPLES: [&str; 3] = [".", "examples/mpg", "examples/stocks"];

/// A project of the repository, run up to its metrics.
fn example(name: &str) -> TempDir {
    let (from, to) = (repository().join(name), tempfile::tempdir().unwrap());
    let raw = files(&from.join("data/raw")).into_iter();
    let settings = ["pipeline.toml", "schema.json"].map(|file| from.join(file)).into_iter();
    for file in raw.chain(settings.filter(|file| file.exists())) {
        write(to.path().join(file.strip_prefix(&from).unwrap()), std::fs::read(&file).unwrap());
    }
    for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate"] {
        run(stage, to.path(), &["-q"]).success();
    }
    to
}

/// A table of forty rows made by hand and what `[train]` says, fitted.
fn fitted(train: &str) -> TempDir {
    let config = format!("[project]\ntarget = \"y\"\n[train]\nmin_rows = 5\n{train}");
    let rows: String = (0..40)
        .map(|i| format!("{},{},{},train\n", i % 7, f64::from(i * 5 % 11) / 3.0, 3 + i % 7 + i % 3))
        .collect();
    let table = format!("x,z,y,split\n{rows}");
    let folder = project(&[("pipeline.toml", &config), (FEATURES, &table)]);
    run("train-model", folder.path(), &["-q"]).success();
    folder
}

fn load(folder: &Path) -> Model {
    let path = folder.join(MODEL);
    Model::from_bytes(&std::fs::read(&path).unwrap(), &path).unwrap()
}

/// What the model's own code predicts for all rows of the features table.
fn predicted(folder: &Path) -> Vec<f64> {
    let (model, table) = (load(folder), read(folder.join(FEATURES)));
    let columns: Vec<Vec<f64>> = model.features.iter().map(|name| numbers(&table, name)).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    model.predict(&slices)
}

fn numbers(table: &str, name: &str) -> Vec<f64> {
    column(table, name).iter().map(|cell| cell.parse().unwrap()).collect()
}

/// A block of the documents that says it is tested.
fn block(name: &str) -> String {
    let text = read(repository().join("docs/formats.md"));
    let mark = format!("<!-- tested: {name} -->\n```python\n");
    text.split(&mark).nth(1).unwrap().split("```").next().unwrap().to_owned()
}

/// The numbers that a script prints for a file of a model and the features table.
fn by(python: &Path, script: &str, folder: &Path, file: &str) -> Vec<f64> {
    let output =
        Command::new(python).args(["-I", "-c", script, file, FEATURES]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

/// Whether numbers are the same to within `share` of themselves.
fn same(found: &[f64], expected: &[f64], share: f64) {
    assert_eq!(found.len(), expected.len());
    assert!(!found.is_empty());
    for (row, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f - e).abs() <= share * e.abs(), "row {row}: {f} is not {e}");
    }
}

fn plain_python() -> Option<PathBuf> {
    let found = Command::new("python3").args(["-I", "-c", "pass"]).output().is_ok_and(|o| o.status.success());
    if !found {
        support::skip("no python3, so the script of the documents is not tested");
    }
    found.then(|| PathBuf::from("python3"))
}

#[test]
fn the_script_of_the_documents_predicts_the_same_bits_on_all_examples() {
    let script = block("predict.py");
    let whole = read(repository().join("examples/predict.py"));
    assert_eq!(
        whole.split_once('\n').unwrap().1,
        script,
        "examples/predict.py is the script of the documents"
    );
    let Some(python) = plain_python() else { return };
    for name in EXAMPLES {
        let folder = example(name);
        let found = by(&python, &script, folder.path(), MODEL);
        same(&found, &predicted(folder.path()), 0.0);
        let metrics = json(folder.path().join("reports/metrics.json"));
        let table = read(folder.path().join(FEATURES));
        let target = numbers(&table, metrics["target"]["column"].as_str().unwrap());
        let rows = column(&table, "split").into_iter().zip(&target).zip(&found);
        let errors: Vec<f64> =
            rows.filter(|((part, _), _)| part == "test").map(|((_, y), f)| (y - f).abs()).collect();
        assert_eq!(Some(errors.len() as u64), metrics["test"]["n"].as_u64());
        let mae = errors.iter().sum::<f64>() / errors.len() as f64;
        let expected = metrics["test"]["mae"].as_f64().unwrap();
        assert!((mae - expected).abs() <= 1e-12 * expected, "{name}: {mae} is not {expected}");
    }
}

#[test]
fn the_script_predicts_with_a_log_link_and_with_trees_and_refuses_terms() {
    let Some(python) = plain_python() else { return };
    let script = block("predict.py");
    let log = fitted("model = \"tweedie\"\npower = 2.0\n");
    // The exponential function is the system's, in both.
    same(&by(&python, &script, log.path(), MODEL), &predicted(log.path()), 1e-15);
    let trees = with_trees();
    same(&by(&python, &script, trees.path(), MODEL), &predicted(trees.path()), 0.0);
    let terms = fitted("terms = [{ column = \"x\", degree = 2 }]\n");
    let mut command = assert_cmd::Command::new(python);
    command.current_dir(&terms).args(["-I", "-c", &script, MODEL, FEATURES]);
    command.assert().code(1).stderr(contains("score it with `predict`"));
}

/// A model of two trees, over the features of the one made by hand.
fn with_trees() -> TempDir {
    let folder = fitted("");
    let mut model = load(folder.path());
    let tree = |threshold: f64| model::Tree {
        feature: vec![0, 1, -1, -1, -1],
        threshold: vec![threshold, 0.5, 0.0, 0.0, 0.0],
        left: vec![1, 3, 0, 0, 0],
        right: vec![2, 4, 0, 0, 0],
        value: vec![0.0, 0.0, 100.0, 1.1, 10.3],
    };
    model.function = Function::Trees(model::Trees { base: 0.1, trees: vec![tree(2.0), tree(4.5)] });
    std::fs::remove_file(folder.path().join("models/model.pkl.meta.json")).unwrap();
    write(folder.path().join(MODEL), model.to_bytes().unwrap());
    folder
}

#[test]
fn onnxruntime_predicts_the_same_on_all_rows_of_all_examples() {
    let Some(python) = python::python_with("requirements-onnx.txt") else { return };
    let check = "import onnx, sys\nonnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)";
    let log = fitted("model = \"tweedie\"\npower = 2.0\n");
    for folder in EXAMPLES.map(example).into_iter().chain([log]) {
        run("predict", folder.path(), &EXPORT).success();
        assert_eq!(by(&python, check, folder.path(), "model.onnx"), [0.0; 0]);
        let found = by(&python, &block("onnx"), folder.path(), "model.onnx");
        same(&found, &predicted(folder.path()), 1e-12);
    }
}

#[test]
fn a_graph_says_what_it_is_of() {
    let Some(python) = python::python_with("requirements-onnx.txt") else { return };
    let folder = fitted("model = \"tweedie\"\npower = 2.0\n");
    run("predict", folder.path(), &EXPORT).success();
    let script = "import json, onnx, sys\n\
                  m = onnx.load(sys.argv[1])\n\
                  shape = lambda v: [v.name, v.type.tensor_type.elem_type] + [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]\n\
                  found = [m.ir_version, m.opset_import[0].version, [n.op_type for n in m.graph.node],\n\
                  \x20   [shape(v) for v in m.graph.input], [shape(v) for v in m.graph.output],\n\
                  \x20   {p.key: p.value for p in m.metadata_props}, m.producer_name]\n\
                  expected = [7, 13, ['MatMul', 'Add', 'Exp'], [['features', 11, 'N', 2]], [['prediction', 11, 'N', 1]],\n\
                  \x20   {'features': '[\"x\",\"z\"]', 'horizon': '0', 'target': 'y', 'target_column': 'y', 'version': m.producer_version}, 'millrace']\n\
                  assert found == expected, found";
    by(&python, script, folder.path(), "model.onnx");
}

#[test]
fn the_same_model_gives_the_same_bytes_wherever_it_is_written() {
    let (a, b) = (fitted(""), fitted(""));
    run("predict", a.path(), &EXPORT).success().stdout("");
    let first = std::fs::read(a.path().join("model.onnx")).unwrap();
    let model = a.path().join(MODEL);
    let arguments = ["--export", "onnx", "--model", model.to_str().unwrap(), "-o", "-"];
    let output = run("predict", b.path(), &arguments).success().get_output().stdout.clone();
    assert_eq!(output, first);
    let manifest = json(a.path().join("model.onnx.meta.json"));
    assert_eq!((&manifest["stage"], &manifest["inputs"][0]["name"]), (&"predict".into(), &MODEL.into()));
    assert_eq!(manifest["output"]["sha256"], common::hash::hex(&first));
}

#[test]
fn what_a_graph_cannot_hold_is_refused_by_name() {
    let terms = fitted("terms = [{ column = \"x\", degree = 2 }, { product = [\"x\", \"z\"] }]\n");
    let expected = contains("models/model.pkl: cannot be exported as ONNX: its terms `x^2`, `x*z`")
        .and(contains("only linear models without terms can"));
    run("predict", terms.path(), &EXPORT).code(2).stderr(expected);
    run("predict", with_trees().path(), &EXPORT).code(2).stderr(contains("it is a sum of trees"));
    assert!(!terms.path().join("model.onnx").exists());
}

#[test]
fn a_wrong_command_line_is_told() {
    let folder = fitted("");
    for (arguments, expected) in [
        (&["--export", "onnx"][..], "--export needs -o FILE"),
        (&["--export", "pmml", "-o", "x"], "invalid value 'pmml'"),
        (&["--export", "onnx", "-o", "x", "-i", FEATURES], "reads the model and no rows"),
        (&["--export", "onnx", "-o", MODEL], "models/model.pkl"),
    ] {
        run("predict", folder.path(), arguments).code(2).stderr(contains(expected));
    }
    let elsewhere = ["--export", "onnx", "-o", "x", "--model", "none.pkl"];
    run("predict", folder.path(), &elsewhere)
        .code(13)
        .stderr(contains("none.pkl: not there; run `train-model` first"));
    assert_eq!(load(folder.path()).features, ["x", "z"], "the model is as it was");
}
