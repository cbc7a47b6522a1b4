//! Stage `train-model` through its real binary: what every stage refuses, fits by hand, and that it
//! knows training rows only. The model file has tests of its own.
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
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use support::panel::{Panel, Random};
use support::{files, json, project, read, run, shell, stage, write};
use tempfile::TempDir;

const CONFIG: &str = "[project]\ntarget = \"y\"\n[train]\nmin_rows = 3\n";
/// y = 2 x + 1.
const LINE: &str = "x,y,split\n1,3,train\n2,5,train\n4,9,train\n5,0,test\n";

/// A project with the features table `features.csv`, made by hand.
fn by_hand(config: &str, features: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("features.csv", features)])
}

fn train(folder: &TempDir) -> Assert {
    run("train-model", folder.path(), &["-i", "features.csv"])
}

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

/// The model of `features` has this intercept and these coefficients.
fn fits(features: &str, intercept: f64, coefficients: &[f64]) -> (TempDir, Value) {
    let folder = by_hand(CONFIG, features);
    train(&folder).success();
    let model = model(&folder);
    close(&model["function"]["linear"]["intercept"], intercept);
    let found = model["function"]["linear"]["coefficients"].as_array().unwrap();
    assert_eq!(found.len(), coefficients.len());
    found.iter().zip(coefficients).for_each(|(f, e)| close(f, *e));
    (folder, model)
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
fn an_unknown_flag_is_a_usage_error() {
    stage("train-model").arg("--inptu").assert().code(2).stderr(contains("--inptu"));
}

#[test]
fn a_missing_input_names_what_to_run() {
    let folder = by_hand(CONFIG, LINE);
    run("train-model", folder.path(), &[])
        .code(13)
        .stderr(contains("data/processed/features.csv: not there; run `feature-engineer` first"));
}

#[test]
fn an_empty_input_is_no_table() {
    train(&by_hand(CONFIG, "")).code(13).stderr(contains("features.csv: is empty, not even a header"));
}

#[test]
fn a_header_alone_is_not_enough_rows() {
    let folder = by_hand(CONFIG, "x,y,split\n");
    train(&folder).code(11).stderr(contains("CRITICAL train_model: "));
    assert!(!folder.path().join("models").exists());
}

#[test]
fn a_malformed_cell_is_named() {
    train(&by_hand(CONFIG, "x,y,split\n1,2,train\n3,4,train\n5,train\n"))
        .code(13)
        .stderr(contains("features.csv: cannot be read as CSV").and(contains("line: 4")));
    train(&by_hand(CONFIG, "x,z,y,split\n1,2,3,train\n,5,6,train\n7,8,9,train\n4,4,4,train\n"))
        .code(10)
        .stderr(contains("features.csv: column `x` is missing in"));
    train(&by_hand(CONFIG, "x,y,split\n1,2,train\n2,,train\n3,4,train\n"))
        .code(10)
        .stderr(contains("column `y` is missing in"));
    train(&by_hand(CONFIG, "x,y,split\n1,2,train\n2,oops,train\n3,4,train\n"))
        .code(13)
        .stderr(contains("column `y` is no number"));
    let one_text = LINE
        .replace("x,y", "w,x,y")
        .replace("\n1", "\n1,1")
        .replace("\n2", "\n1.2.3,2")
        .replace("\n4", "\n3,4")
        .replace("\n5", "\n4,5");
    train(&by_hand(CONFIG, &one_text))
        .success()
        .stderr(contains("WARN train_model: not used, since no numbers: `w`"));
}

// Fits by hand.

#[test]
fn a_line_through_points_has_their_slope() {
    let (folder, model) = fits(LINE, 1.0, &[2.0]);
    assert_eq!((&model["features"], &model["function"]["linear"]["aliased"]), (&json!(["x"]), &json!([])));
    assert_eq!((&model["training"]["rows"], &model["training"]["target_median"]), (&json!(3), &json!(5.0)));
    assert!(model["training"]["mae"].as_f64().unwrap() < 1e-12);
    assert_eq!(
        (&model["target"], &model["target_column"], &model["horizon"]),
        (&json!("y"), &json!("y"), &json!(0))
    );
    let log = read(folder.path().join("logs/train_model.log"));
    for line in [
        "hyperparameter model = \"ols\"",
        "hyperparameter min_rows = 3",
        "hyperparameter intercept = true",
        "training MAE 0.000000 on 3 rows",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn the_error_of_a_line_that_misses_is_right() {
    // Through (0, 0), (1, 0), (2, 3), (3, 3): slope 6/5, intercept -3/10; errors 0.3, -0.9, 0.9, -0.3.
    let (_, model) = fits("x,y,split\n0,0,train\n1,0,train\n2,3,train\n3,3,train\n", -0.3, &[1.2]);
    close(&model["training"]["mae"], 0.6);
    close(&model["training"]["rmse"], 0.45_f64.sqrt());
    // Squares about the mean: 9; left: 1.8.
    close(&model["training"]["r2"], 0.8);
}

#[test]
fn a_plane_has_its_slopes() {
    // y = 3 - 2 u + 0.5 v.
    let points = [(0.0, 0.0), (1.0, 0.0), (0.0, 2.0), (3.0, 1.0), (-2.0, 5.0)];
    let rows: String =
        points.iter().map(|(u, v)| format!("{u},{v},{},train\n", 3.0 - 2.0 * u + 0.5 * v)).collect();
    fits(&format!("u,v,y,split\n{rows}"), 3.0, &[-2.0, 0.5]);
    // The same in units a hundred orders of magnitude apart.
    let rows: String = points
        .iter()
        .map(|(u, v)| format!("{:e},{:e},{},train\n", u * 1e50, v * 1e-50, 3.0 - 2.0 * u + 0.5 * v))
        .collect();
    let (_, model) = fits_only(&format!("u,v,y,split\n{rows}"));
    close(&json!(model["function"]["linear"]["coefficients"][0].as_f64().unwrap() * 1e50), -2.0);
    close(&json!(model["function"]["linear"]["coefficients"][1].as_f64().unwrap() * 1e-50), 0.5);
}

fn fits_only(features: &str) -> (TempDir, Value) {
    let folder = by_hand(CONFIG, features);
    train(&folder).success();
    let model = model(&folder);
    (folder, model)
}

#[test]
fn columns_that_others_determine_are_left_out_by_name() {
    // one is constant, copy = 2 x + 3, sum = x + z; y = 1 + 2 x - z.
    let points =
        [(1.0, 4.0), (2.0, 1.0), (5.0, 2.0), (7.0, 7.0), (8.0, 3.0), (3.0, 3.5), (4.0, 9.0), (6.0, 0.5)];
    let rows: String = points
        .iter()
        .map(|(x, z)| format!("5,{x},{},{z},{},{},train\n", 2.0 * x + 3.0, x + z, 1.0 + 2.0 * x - z))
        .collect();
    let (folder, model) =
        fits(&format!("one,x,copy,z,sum,y,split\n{rows}"), 1.0, &[0.0, 2.0, 0.0, -1.0, 0.0]);
    assert_eq!(model["function"]["linear"]["aliased"], json!(["one", "copy", "sum"]));
    let log = read(folder.path().join("logs/train_model.log"));
    for name in ["`one`", "`copy`", "`sum`"] {
        assert!(
            log.contains(&format!("WARN train_model: left out {name}: determined by")),
            "{name} in {log}"
        );
    }
}

#[test]
fn constant_features_leave_the_mean_and_a_constant_target_has_no_r2() {
    let (_, model) = fits("x,y,split\n5,1,train\n5,2,train\n5,6,train\n", 3.0, &[0.0]);
    close(&model["training"]["mae"], 2.0);
    let (_, model) = fits("x,y,split\n1,4,train\n2,4,train\n9,4,train\n", 4.0, &[0.0]);
    assert_eq!(model["training"]["r2"], Value::Null);
}

#[test]
fn too_few_rows_are_critical_and_keep_the_old_model() {
    let rows = |n: u32| (0..n).fold("x,y,split\n".to_owned(), |all, i| format!("{all}{i},{},train\n", i * i));
    let plain = "[project]\ntarget = \"y\"\n";
    let folder = by_hand(plain, &rows(30));
    train(&folder).success();
    let before = std::fs::read(folder.path().join("models/model.pkl")).unwrap();
    write(folder.path().join("features.csv"), rows(29));
    train(&folder)
        .code(11)
        .stderr(contains("CRITICAL train_model: not enough rows: 29 to train on, 30 needed ([train] min_rows = 30, 2 coefficients); nothing was written"));
    assert!(
        read(folder.path().join("logs/train_model.log")).contains(" CRITICAL train_model: not enough rows")
    );
    assert_eq!(std::fs::read(folder.path().join("models/model.pkl")).unwrap(), before);
    let wide = by_hand(CONFIG, "a,b,c,y,split\n1,2,3,4,train\n2,1,5,3,train\n4,4,1,2,train\n");
    train(&wide).code(11).stderr(contains("3 to train on, 4 needed ([train] min_rows = 3, 4 coefficients)"));
    let test_only = by_hand(CONFIG, &LINE.replace("train", "test"));
    train(&test_only).code(11).stderr(contains("0 to train on"));
    let no_feature = by_hand(CONFIG, "y,split\n1,train\n2,train\n3,train\n");
    train(&no_feature).code(11).stderr(contains("the features table has no feature"));
    assert!(!wide.path().join("models").exists());
}

#[test]
fn a_failure_for_lack_of_rows_is_told() {
    let folder = by_hand(
        &format!("{CONFIG}[notify]\ncommand = [\"sh\", \"-c\", \"cat > told.json\"]\n"),
        "x,y,split\n1,2,train\n",
    );
    train(&folder).code(11);
    let told = json(folder.path().join("told.json"));
    assert_eq!(
        (&told["task"], &told["class"], &told["exit_code"]),
        (&json!("train_model"), &json!("rows"), &json!(11))
    );
}

#[test]
fn garbage_in_test_rows_changes_only_the_identity() {
    let mut random = Random(5);
    let mut table = |test: &str| {
        let rows: String =
            (0..40).map(|i| format!("{i},{},{},train\n", (i * 7) % 11, (i * i) % 13)).collect();
        let tests: String = (0..10).map(|_| format!("{test},{test},{},test\n", random.below(9))).collect();
        let (_, mut model) = fits_only(&format!("x,z,y,split\n{rows}{tests}"));
        let identity = model.as_object_mut().unwrap().remove("trained_on").unwrap();
        (model, identity)
    };
    let (usual, garbage) = (table("1"), table("-987654321"));
    assert_eq!(usual.0, garbage.0);
    assert_ne!(usual.1, garbage.1);
}

#[test]
fn the_bytes_do_not_depend_on_where_and_how_it_runs() {
    let settings = [
        [("TZ", "UTC"), ("LANG", "C"), ("POLARS_MAX_THREADS", "1")],
        [("TZ", "Asia/Kathmandu"), ("LANG", "de_DE.UTF-8"), ("POLARS_MAX_THREADS", "2")],
    ];
    let outputs = settings.map(|environment| {
        let folder = chained();
        stage("train-model")
            .envs(environment)
            .arg("--project")
            .arg(folder.path())
            .current_dir(std::env::temp_dir())
            .assert()
            .success();
        files(&folder.path().join("models")).iter().map(|f| std::fs::read(f).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(outputs[0].len(), 2);
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn a_configuration_with_a_fault_is_refused_with_its_line() {
    for (section, message) in [
        ("min_row = 3\n", ":4: unknown key `min_row` (did you mean `min_rows`?)"),
        ("min_rows = 1\n", ":4: [train] min_rows: is at least 2"),
        ("min_rows = -1\n", ":4: "),
        ("min_rows = \"3\"\n", ":4: "),
        ("model = \"old\"\n", ":4: unknown value `old`"),
    ] {
        let folder = by_hand(&format!("[project]\ntarget = \"y\"\n[train]\n{section}"), LINE);
        train(&folder).code(2).stderr(contains(format!("ERROR train_model: pipeline.toml{message}")));
    }
    let misnamed = by_hand(&CONFIG.replace("\"y\"", "\"yy\""), LINE);
    train(&misnamed).code(10).stderr(contains("features.csv: has no column `yy` (did you mean `y`?)"));
}

#[test]
fn what_cannot_be_written_fails_and_changes_nothing() {
    let folder = by_hand(CONFIG, LINE);
    for (output, code) in [("/dev/full", 22), ("features.csv", 2), ("logs", 22)] {
        run("train-model", folder.path(), &["-i", "features.csv", "-o", output]).code(code);
    }
    assert_eq!(read(folder.path().join("features.csv")), LINE);
    shell(folder.path(), "train-model -i features.csv -o - > /dev/full")
        .code(22)
        .stderr(contains("no space left"));
    train(&folder).success();
    let piped = shell(folder.path(), "train-model -q -i - -o - < features.csv 2>&-").success();
    let bytes = std::fs::read(folder.path().join("models/model.pkl")).unwrap();
    assert_eq!(piped.get_output().stdout, bytes);
    let printed = run("train-model", folder.path(), &["--print-config"])
        .success()
        .stderr("")
        .get_output()
        .stdout
        .clone();
    assert_eq!(serde_json::from_slice::<Value>(&printed).unwrap()["min_rows"], 3);
}

#[test]
fn a_term_that_is_none_is_refused_with_its_line() {
    for term in [
        "product = [\"a\", \"b\", \"c\"]",
        "product = [\"a\"]",
        "column = \"a\", degree = 1",
        "column = \"a\"",
    ] {
        let config = format!("[project]\ntarget = \"y\"\n[train]\nterms = [{{ {term} }}]\n");
        let folder = project(&[("pipeline.toml", &config), ("f.csv", "a,b,c,y,split\n1,2,3,4,train\n")]);
        run("train-model", folder.path(), &["-i", "f.csv"])
            .code(2)
            .stderr(contains("pipeline.toml:4: [train] terms: a term is"));
    }
}
