//! The model file that `train-model` writes: plain data that any language reads and applies.
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

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::{Value, json};
use support::panel::Panel;
use support::{json, project, read, run, write};
use tempfile::TempDir;

/// The model file, read by Python with an unpickler that knows no class.
fn model(folder: &TempDir) -> Value {
    let script = "import io, json, pickle\n\
                  class Plain(pickle.Unpickler):\n    def find_class(self, *name): raise ValueError(name)\n\
                  print(json.dumps(Plain(io.BytesIO(open('models/model.pkl', 'rb').read())).load()))";
    serde_json::from_str(&python(folder, script)).unwrap()
}

fn python(folder: &TempDir, script: &str) -> String {
    let done = Command::new("python3").current_dir(folder).args(["-c", script]).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-10 * expected.abs().max(1.0), "{found} is not {expected}");
}

/// A project whose features table comes from the stages before.
fn chained() -> TempDir {
    let folder = project(&[]);
    Panel::small(3).write(folder.path());
    for name in ["ingest", "clean", "feature-engineer"] {
        run(name, folder.path(), &["-q"]).success();
    }
    folder
}

#[test]
fn the_model_is_a_pickle_of_plain_data() {
    let folder = chained();
    run("train-model", folder.path(), &[]).success();
    let opcodes = python(
        &folder,
        "import pickletools\nprint(*sorted({op.name for op, _, _ in pickletools.genops(open('models/model.pkl', 'rb').read())}))",
    );
    let plain = "APPEND APPENDS BINFLOAT BINGET BININT BININT1 BININT2 BINPUT BINUNICODE EMPTY_DICT EMPTY_LIST FRAME LONG1 LONG_BINGET \
                 LONG_BINPUT MARK MEMOIZE NEWFALSE NEWTRUE NONE PROTO SETITEM SETITEMS SHORT_BINUNICODE STOP";
    for opcode in opcodes.split_whitespace() {
        assert!(plain.split_whitespace().any(|p| p == opcode), "{opcode} is not plain data");
    }
    let model = model(&folder);
    for key in [
        "fields",
        "preparation",
        "reference",
        "trained_on",
        "features",
        "function",
        "hyperparameters",
        "training",
    ] {
        assert!(!model[key].is_null(), "{key}");
    }
    assert_eq!(
        model["preparation"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["clean", "feature_engineer"]
    );
    assert!(
        model["preparation"]["clean"]["fills"].is_array()
            && model["preparation"]["feature_engineer"]["recipe"].is_object()
    );
    let features = json(folder.path().join("data/processed/features.csv.meta.json"));
    assert_eq!(model["reference"]["target"], features["found"]["reference"]["target"]);
    let manifest = json(folder.path().join("models/model.pkl.meta.json"));
    assert_eq!(manifest["ledger"], features["ledger"]);
    assert_eq!(manifest["inputs"][0]["sha256"], features["output"]["sha256"]);
}

#[test]
fn ten_lines_of_python_reproduce_its_training_error() {
    let folder = chained();
    run("train-model", folder.path(), &[]).success();
    let script = "import csv, json, pickle\n\
                  model = pickle.load(open('models/model.pkl', 'rb'))\n\
                  errors = []\n\
                  for row in csv.DictReader(open('data/processed/features.csv', newline='')):\n\
                  \x20   prediction = model['function']['linear']['intercept']\n\
                  \x20   for name, coefficient in zip(model['features'], model['function']['linear']['coefficients']):\n\
                  \x20       prediction += coefficient * float(row[name])\n\
                  \x20   if row['split'] == 'train':\n\
                  \x20       errors.append(abs(prediction - float(row[model['target_column']])))\n\
                  print(json.dumps([len(errors), sum(errors) / len(errors)]))";
    let found: Value = serde_json::from_str(&python(&folder, script)).unwrap();
    let training = &model(&folder)["training"];
    assert_eq!(found[0], training["rows"]);
    close(&found[1], training["mae"].as_f64().unwrap());
    assert!(training["mae"].as_f64().unwrap() > 0.1, "the fit is not perfect, so the check means something");
}

#[test]
fn another_program_finds_the_same_coefficients() {
    let folder = chained();
    run("train-model", folder.path(), &[]).success();
    // Normal equations in fractions: exact.
    let script = "import csv, json, pickle\nfrom fractions import Fraction\n\
                  model = pickle.load(open('models/model.pkl', 'rb'))\n\
                  kept = [n for n in model['features'] if n not in model['function']['linear']['aliased']]\n\
                  rows = [r for r in csv.DictReader(open('data/processed/features.csv', newline='')) if r['split'] == 'train']\n\
                  x = [[Fraction(1)] + [Fraction(float(r[n])) for n in kept] for r in rows]\n\
                  y = [Fraction(float(r[model['target_column']])) for r in rows]\n\
                  p = len(kept) + 1\n\
                  a = [[sum(r[i] * r[j] for r in x) for j in range(p)] + [sum(r[i] * t for r, t in zip(x, y))] for i in range(p)]\n\
                  for i in range(p):\n\
                  \x20   a[i] = [v / a[i][i] for v in a[i]]\n\
                  \x20   for k in range(p):\n\
                  \x20       if k != i: a[k] = [v - a[k][i] * w for v, w in zip(a[k], a[i])]\n\
                  print(json.dumps([float(r[p]) for r in a]))";
    let exact: Vec<f64> = serde_json::from_str(&python(&folder, script)).unwrap();
    let linear = &model(&folder)["function"]["linear"];
    let aliased = linear["aliased"].as_array().unwrap().len();
    let found: Vec<f64> = linear["coefficients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_f64().unwrap())
        .filter(|c| *c != 0.0)
        .collect();
    assert_eq!(found.len() + 1, exact.len(), "{aliased} aliased");
    for (found, exact) in [linear["intercept"].as_f64().unwrap()].iter().chain(&found).zip(&exact) {
        assert!((found - exact).abs() <= 1e-7 * exact.abs().max(1e-3), "{found} is not {exact}");
    }
}

#[test]
fn a_table_without_manifest_gives_the_same_fit_and_no_preparation() {
    let folder = chained();
    run("train-model", folder.path(), &[]).success();
    let chained = model(&folder);
    std::fs::remove_file(folder.path().join("data/processed/features.csv.meta.json")).unwrap();
    run("train-model", folder.path(), &[])
        .success()
        .stderr(contains("a table without manifest: features are its numeric columns"));
    let by_hand = model(&folder);
    assert_eq!((&by_hand["features"], &by_hand["function"]), (&chained["features"], &chained["function"]));
    assert_eq!(by_hand["preparation"], json!({}));
    // What the stage before recorded knows which cells were missing before they were filled.
    for part in ["target", "prediction"] {
        assert_eq!(by_hand["reference"][part], chained["reference"][part]);
    }
    let (whole, known) = (&by_hand["reference"]["features"], &chained["reference"]["features"]);
    assert_eq!(whole["sales"], known["sales"]);
    assert_eq!(whole["price"]["missing"], 0);
    assert!(known["price"]["missing"].as_u64() > Some(0));
}

#[test]
fn a_features_table_for_another_target_is_refused() {
    let folder = chained();
    let config = read(folder.path().join("pipeline.toml"));
    write(folder.path().join("pipeline.toml"), config.replace("horizon = 1", "horizon = 2"));
    run("train-model", folder.path(), &[]).code(13).stderr(contains("run `feature-engineer` again"));
}
