//! The figures of `report` through its binary: well-formed, true to the numbers, the same everywhere.
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

#[path = "report_figures/drawn.rs"]
mod drawn;
#[path = "report_figures/extremes.rs"]
mod extremes;
#[path = "report_figures/places.rs"]
mod places;
mod support;
#[path = "report_figures/told.rs"]
mod told;
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;

use std::path::Path;

use drawn::Drawing;
use predicates::str::contains;
use serde_json::{Value, json};
use support::{files, read, run, stage, write};
use tempfile::TempDir;
use trained::{Case, case};

const METRICS: &str = "reports/metrics.json";
const MANIFEST: &str = "reports/metrics.json.meta.json";
const REPORT: &str = "reports/report.md";
const FOLDER: &str = "reports/report.figures";

/// A project that `evaluate` has measured.
fn measured(case: &Case) -> TempDir {
    let folder = case.project();
    run("evaluate", folder.path(), &[]).success();
    folder
}

/// A measured project whose metrics the test changes: without manifest they are taken as they are.
fn changed(case: &Case, change: impl FnOnce(&mut Value)) -> TempDir {
    let folder = measured(case);
    let mut metrics = support::json(folder.path().join(METRICS));
    change(&mut metrics);
    write(folder.path().join(METRICS), metrics.to_string());
    std::fs::remove_file(folder.path().join(MANIFEST)).unwrap();
    folder
}

/// Conformal intervals of one level in the metrics.
fn with_intervals(metrics: &mut Value, half_width: f64) {
    metrics["intervals"] = json!({
        "method": "conformal", "rows": 40, "levels": [0.9], "quantiles": [half_width], "absent": [null]
    });
    metrics["test"]["intervals"] = json!([{
        "level": 0.9, "n": 40, "missing": 0, "covered": 36, "coverage": 0.9, "band_lower": 0.8, "band_upper": 1.0,
        "verdict": "holds", "mean_width": 2.0 * half_width, "mean_width_sd": 0.1, "winkler": 4.0
    }]);
}

/// Runs `report`, and all its figures by name.
fn figures(folder: &Path) -> Vec<Drawing> {
    run("report", folder, &[]).success();
    let folder = folder.join(FOLDER);
    if !folder.exists() {
        return Vec::new();
    }
    let mut paths = files(&folder);
    paths.sort();
    paths.iter().map(|path| Drawing::read(path)).collect()
}

fn names(figures: &[Drawing]) -> Vec<&str> {
    figures.iter().map(|figure| figure.name.as_str()).collect()
}

#[test]
fn each_figure_is_well_formed_and_says_what_it_shows() {
    let folder = changed(&case(), |metrics| with_intervals(metrics, 1.5));
    let figures = figures(folder.path());
    let all = ["by_time", "coefficients", "drift", "over_time", "predicted", "reliability", "residuals"];
    assert_eq!(names(&figures), all);
    let report = read(folder.path().join(REPORT));
    for figure in &figures {
        figure.check();
        let image = format!("](report.figures/{}.svg)", figure.name);
        let lines: Vec<&str> = report.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("![") && line.ends_with(&image)).unwrap();
        let alt = &lines[at][2..lines[at].len() - image.len()];
        assert!(alt.len() > 60 && alt.chars().any(|c| c.is_ascii_digit()), "{alt}");
        let caption = lines[at + 2];
        assert!(caption.starts_with('*') && caption.ends_with(".*") && caption.len() > 40, "{caption}");
    }
}

#[test]
fn trees_have_their_importance_instead_of_coefficients() {
    let folder = tempfile::tempdir().unwrap();
    support::panel::Panel::small(1).write(folder.path());
    let path = folder.path().join("pipeline.toml");
    let config = read(&path);
    let train = config.find("[train]").unwrap();
    let rest = config[train + 7..].find("\n[").map_or("", |end| &config[train + 7 + end..]);
    write(&path, format!("{}[train]\nmodel = \"boosted\"\n{rest}", &config[..train]));
    for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate"] {
        run(stage, folder.path(), &[]).success();
    }
    let figures = figures(folder.path());
    assert!(names(&figures).contains(&"importance") && !names(&figures).contains(&"coefficients"));
    figures.iter().for_each(Drawing::check);
    let report = read(folder.path().join(REPORT));
    assert!(report.contains("](report.figures/importance.svg)") && report.contains("two standard errors"));
}

#[test]
fn the_same_run_gives_the_same_bytes_whatever_the_surroundings() {
    let folder = measured(&case());
    let draw = |variables: &[(&str, &str)]| {
        let mut report = stage("report");
        report.arg("--project").arg(folder.path()).envs(variables.iter().copied()).assert().success();
        let mut paths = files(&folder.path().join(FOLDER));
        paths.sort();
        let drawn: Vec<_> = paths.iter().map(|path| (path.clone(), read(path))).collect();
        std::fs::remove_dir_all(folder.path().join(FOLDER)).unwrap();
        drawn
    };
    let first = draw(&[]);
    assert!(first.len() > 4);
    assert_eq!(first, draw(&[]));
    assert_eq!(first, draw(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kathmandu")]));
}

#[test]
fn a_report_to_a_pipe_has_no_figures() {
    let folder = measured(&case());
    let out = run("report", folder.path(), &["-o", "-"]).success();
    let text = String::from_utf8(out.get_output().stdout.clone()).unwrap();
    assert!(text.contains("## Drift") && !text.contains(".svg"), "{text}");
    assert!(!folder.path().join(FOLDER).exists());
}

#[test]
fn figures_stand_beside_the_report_whatever_its_name() {
    let folder = measured(&case());
    run("report", folder.path(), &["-o", "reports/my report (1).md"]).success();
    let text = read(folder.path().join("reports/my report (1).md"));
    assert!(text.contains("](my%20report%20%281%29.figures/drift.svg)"), "{text}");
    assert!(folder.path().join("reports/my report (1).figures/drift.svg").exists());
}

#[test]
fn figure_data_that_are_not_there_leave_their_figure_out() {
    let folder = measured(&case());
    std::fs::remove_file(folder.path().join("reports/metrics.json.residuals.csv")).unwrap();
    run("report", folder.path(), &[]).success().stderr(contains("metrics.json.residuals.csv: not there"));
    assert!(!folder.path().join(FOLDER).join("residuals.svg").exists());
    assert!(!read(folder.path().join(REPORT)).contains("residuals.svg"));
    assert!(folder.path().join(FOLDER).join("predicted.svg").exists());
}

#[test]
fn damaged_figure_data_are_refused() {
    let folder = measured(&case());
    let path = folder.path().join("reports/metrics.json.predicted.csv");
    let good = read(&path);
    write(&path, good.replacen("11", "12", 1));
    run("report", folder.path(), &[]).code(13).stderr(contains("is not the file that the manifest"));
    // Without a manifest what cannot be read is found by reading it.
    std::fs::remove_file(folder.path().join(MANIFEST)).unwrap();
    for (bad, why) in [
        ("time,entity,predicted,actual\n1,a,x,2\n", "line: 2"),
        ("time,entity,predicted,actual\n1,a,NaN,2\n", "not a finite number"),
        ("time,entity,predicted,actual\n1,a,2\n", "line: 2"),
        ("time,entity,predicted\n1,a,2\n", "actual"),
    ] {
        write(&path, bad);
        run("report", folder.path(), &[])
            .code(13)
            .stderr(contains("damaged as figure data"))
            .stderr(contains(why));
    }
}
