//! The whole pipeline under the real Makefile, with the real programs, on the data that ship with it.
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

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{files, json, program, read, repository};
use tempfile::TempDir;

/// Stages in data order, as their recipes name them.
const STAGES: [&str; 6] = ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"];

/// A copy of a project of this repository, without what a run of it wrote.
fn copy_of(project: &str) -> TempDir {
    let (from, to) = (repository().join(project), tempfile::tempdir().unwrap());
    std::fs::copy(from.join("pipeline.toml"), to.path().join("pipeline.toml")).unwrap();
    if from.join("schema.json").exists() {
        std::fs::copy(from.join("schema.json"), to.path().join("schema.json")).unwrap();
    }
    for file in files(&from.join("data/raw")) {
        let name = file.file_name().unwrap().to_owned();
        support::write(to.path().join("data/raw").join(name), std::fs::read(file).unwrap());
    }
    to
}

fn make(project: &Path, arguments: &[&str]) -> Output {
    let programs = program("ingest").parent().unwrap().display().to_string();
    Command::new("make")
        .arg("-C")
        .arg(repository())
        .arg(format!("PROJECT={}", project.display()))
        .arg(format!("BIN={programs}"))
        .args(arguments)
        .env_remove("MAKEFLAGS")
        .env_remove("MAKELEVEL")
        .output()
        .unwrap()
}

/// Runs make and returns the stages whose recipes it ran.
fn stages_run(project: &Path, arguments: &[&str]) -> Vec<&'static str> {
    let output = make(project, arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "make {arguments:?}\n{out}\n{err}");
    STAGES.into_iter().filter(|s| out.lines().any(|l| l.contains(&format!("/{s}' -")))).collect()
}

fn edit(path: PathBuf, from: &str, to: &str) {
    let text = read(&path);
    assert!(text.contains(from), "{} holds no {from:?}", path.display());
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn number(value: &serde_json::Value, path: &str) -> f64 {
    let found = path.split('.').fold(value, |v, key| &v[key]);
    found.as_f64().unwrap_or_else(|| panic!("{path} is {found}"))
}

/// MAE and R2 of the test rows, from plain Python that knows only the model file and the features.
fn by_python(project: &Path) -> Option<(f64, f64)> {
    let features = project.join("data/processed/features.csv");
    let output = Command::new("python3")
        .arg(repository().join("examples/predict.py"))
        .arg(project.join("models/model.pkl"))
        .arg(&features)
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let predicted: Vec<f64> =
        String::from_utf8(output.stdout).unwrap().lines().map(|l| l.parse().unwrap()).collect();
    let mut reader = csv::Reader::from_path(features).unwrap();
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (part, target) = (
        column("split"),
        column(json(project.join("reports/metrics.json"))["target"]["column"].as_str().unwrap()),
    );
    let rows = reader.records().map(Result::unwrap).zip(&predicted).filter(|(r, _)| &r[part] == "test");
    let pairs: Vec<(f64, f64)> = rows.map(|(r, f)| (r[target].parse().unwrap(), *f)).collect();
    let n = pairs.len() as f64;
    let mean = pairs.iter().map(|(y, _)| y).sum::<f64>() / n;
    let mae = pairs.iter().map(|(y, f)| (y - f).abs()).sum::<f64>() / n;
    let sse: f64 = pairs.iter().map(|(y, f)| (y - f).powi(2)).sum();
    let sst: f64 = pairs.iter().map(|(y, _)| (y - mean).powi(2)).sum();
    Some((mae, 1.0 - sse / sst))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs()
}

#[test]
fn texas_is_forecast_better_than_persistence_and_the_numbers_are_those_of_plain_python() {
    let project = copy_of(".");
    assert_eq!(stages_run(project.path(), &["report"]), STAGES);
    let metrics = json(project.path().join("reports/metrics.json"));
    let (mae, r2) = (number(&metrics, "test.mae"), number(&metrics, "test.r2"));
    assert!(r2 > 0.90, "R2 {r2}");
    assert!(mae < 0.9 * number(&metrics, "baselines.persistence.test.mae"), "MAE {mae}");
    match by_python(project.path()) {
        Some((python_mae, python_r2)) => {
            assert!(close(mae, python_mae), "{mae} {python_mae}");
            assert!(close(r2, python_r2), "{r2} {python_r2}");
        }
        None => support::skip("no python3, so its numbers are not compared"),
    }
    // 16 files hold 8,602 rows; 46 cities have no month after the last one.
    let ledger = &metrics["ledger"];
    assert_eq!(ledger[0]["rows_out"], 8602);
    assert_eq!(ledger[2]["apart"]["not_yet_known"], 46);
    let report = read(project.path().join("reports/report.md"));
    let answer = report.split("## The answer").nth(1).unwrap().split("## ").next().unwrap();
    assert!(answer.contains("better") && answer.contains("persistence"), "{answer}");
}

#[test]
fn a_second_make_runs_nothing_and_a_change_reruns_what_it_must() {
    let project = copy_of(".");
    let root = project.path();
    assert_eq!(stages_run(root, &["report"]), STAGES);
    assert_eq!(stages_run(root, &["report"]), [""; 0]);

    edit(root.join("pipeline.toml"), "[ingest]", "[report]\nauthor = \"A\"\n\n[ingest]");
    assert_eq!(stages_run(root, &["report"]), ["report"]);

    edit(
        root.join("pipeline.toml"),
        "[ingest]",
        "[notify]\nwebhook = \"http://127.0.0.1:9/secret\"\n\n[ingest]\nfirst_wait_seconds = 1",
    );
    assert_eq!(stages_run(root, &["report"]), [""; 0]);

    edit(root.join("pipeline.toml"), "rows = [11]", "rows = [1, 11]");
    assert_eq!(stages_run(root, &["report"]), STAGES[2..]);

    let rows = read(root.join("data/raw/txhousing_2015.csv"));
    let august: Vec<String> =
        rows.lines().filter(|l| l.contains(",2015,7,")).map(|l| l.replace(",2015,7,", ",2015,8,")).collect();
    assert_eq!(august.len(), 46);
    support::write(
        root.join("data/raw/new.csv"),
        format!("{}\n{}\n", rows.lines().next().unwrap(), august.join("\n")),
    );
    assert_eq!(stages_run(root, &["report"]), STAGES);
    assert_eq!(json(root.join("reports/metrics.json"))["ledger"][0]["rows_out"], 8602 + 46);

    std::fs::remove_file(root.join("data/raw/new.csv")).unwrap();
    assert_eq!(stages_run(root, &["report"]), STAGES, "a source that is gone reruns all");
    assert!(!files(root).iter().any(
        |f| std::fs::read(f).unwrap().windows(6).any(|w| w == b"secret") && !f.ends_with("pipeline.toml")
    ));
}

#[test]
fn every_format_gives_the_same_metrics() {
    let project = copy_of(".");
    let metrics = |format: &str| {
        stages_run(project.path(), &["report", &format!("FORMAT={format}")]);
        let metrics = json(project.path().join("reports/metrics.json"));
        [
            metrics["train"].clone(),
            metrics["test"].clone(),
            metrics["drift"].clone(),
            metrics["baselines"].clone(),
        ]
    };
    let csv = metrics("csv");
    assert_eq!(csv, metrics("parquet"));
    assert_eq!(csv, metrics("arrow"));
    for name in ["raw_ingested.arrow", "raw_ingested.parquet"] {
        assert!(project.path().join("data/interim").join(name).exists());
    }
}

#[test]
fn a_table_without_time_or_entity_has_no_persistence_and_a_report() {
    let project = copy_of("examples/mpg");
    assert_eq!(stages_run(project.path(), &["report"]), STAGES);
    let metrics = json(project.path().join("reports/metrics.json"));
    assert!(metrics["baselines"].get("persistence").is_none());
    assert!(number(&metrics, "test.mae") < number(&metrics, "baselines.train_median.test.mae"));
    // mpg holds nine rows that repeat another: counted with `sort | uniq -d`.
    assert_eq!(metrics["ledger"][1]["dropped"]["duplicate"], 9);
    if let Some((mae, _)) = by_python(project.path()) {
        assert!(close(number(&metrics, "test.mae"), mae));
    }
}

#[test]
fn the_range_of_stocks_is_that_of_pandas_and_scikit_learn() {
    let project = copy_of("examples/stocks");
    assert_eq!(stages_run(project.path(), &["report"]), STAGES);
    let metrics = json(project.path().join("reports/metrics.json"));
    // pandas 3.1.1 and scikit-learn 1.9.1: ln(High / Low), its rolling means of 5 and 22 rows by ticker, missing
    // ones at the training median, LinearRegression on rows whose target ends before 2008-08-14, tested from
    // 2010-07-27 on; persistence is the mean of the last five rows.
    for (figure, expected) in [
        ("train.n", 7362.0),
        ("test.n", 2787.0),
        ("test.r2", 0.547_723_782_658_558_8),
        ("test.mae", 0.004_288_957_315_512_094),
        ("baselines.persistence.test.r2", 0.436_390_379_337_409_4),
        ("baselines.persistence.test.mae", 0.004_610_382_389_174_185),
    ] {
        let found = number(&metrics, figure);
        assert!((found / expected - 1.0).abs() < 1e-11, "{figure}: {found}, not {expected}");
    }
    assert_eq!(metrics["leaks"], serde_json::json!([]));
    // Four tickers lose five rows at each limit of the split, five tickers wait for five outcomes.
    assert_eq!(metrics["ledger"][2]["dropped"]["purged"], 40);
    assert_eq!(metrics["ledger"][2]["apart"]["not_yet_known"], 25);
}

#[test]
fn a_mistake_anywhere_in_the_configuration_stops_before_ingest() {
    let project = copy_of("examples/mpg");
    edit(project.path().join("pipeline.toml"), "[ingest]", "[report]\ntitel = \"x\"\n\n[ingest]");
    let output = make(project.path(), &["report"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(err.contains("unknown key `titel` (did you mean `title`?)"), "{err}");
    assert!(!project.path().join("data/interim").exists());
}

#[test]
fn the_script_in_the_readme_runs() {
    let project = copy_of(".");
    let readme = read(repository().join("README.md"));
    let block =
        readme.split("<!-- tested: compose -->\n```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let scratch = project.path().join("scratch");
    std::fs::create_dir(&scratch).unwrap();
    let programs = program("ingest").parent().unwrap().display().to_string();
    let script =
        block.replace("/tmp/", &format!("{}/", scratch.display())).replace("$PWD/target/debug", &programs);
    let output = Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", &script])
        .current_dir(project.path())
        .output()
        .unwrap();
    if !Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success()) {
        support::skip("the script in the README needs python3");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mae: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    stages_run(project.path(), &["report"]);
    assert!(close(mae, number(&json(project.path().join("reports/metrics.json")), "test.mae")));
}
