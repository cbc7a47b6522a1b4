//! Figure data beside `metrics.json`, through the binary.
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
mod support;
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;

use std::collections::BTreeSet;
use std::path::Path;

use support::panel::Random;
use support::{cells, column, files, json, project, read, run, write};
use trained::case;

const METRICS: &str = "reports/metrics.json";
const FIGURES: [&str; 5] = ["reliability", "deciles", "residuals", "predicted", "by_time"];

fn figure(folder: &Path, name: &str) -> String {
    read(folder.join(format!("{METRICS}.{name}.csv")))
}

fn numbers(text: &str, name: &str) -> Vec<f64> {
    column(text, name).iter().map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn figures_by_hand() {
    let folder = case().project();
    run("evaluate", folder.path(), &[]).success();
    // The test part: x = 0..39 in the months 80 to 119, 10 + 2 x predicted, outcomes 1, -1, -1, 1, ... higher.
    let predicted = figure(folder.path(), "predicted");
    let by_time = figure(folder.path(), "by_time");
    let mut rows = vec![["time", "entity", "predicted", "actual"].map(str::to_owned).to_vec()];
    let mut times = vec![["time", "mean_predicted", "mean_actual", "n"].map(str::to_owned).to_vec()];
    for i in 0..40 {
        let x = f64::from(i);
        let miss = if i % 4 == 0 || i % 4 == 3 { 1.0 } else { -1.0 };
        let [time, f, y] =
            [(80 + i).to_string(), format!("{:.1}", 10.0 + 2.0 * x), format!("{:.1}", 10.0 + 2.0 * x + miss)];
        rows.push(vec![time.clone(), "Austin".to_owned(), f.clone(), y.clone()]);
        times.push(vec![time, f, y, "1".to_owned()]);
    }
    assert_eq!(cells(&predicted), rows);
    assert_eq!(cells(&by_time), times);
    // Half of the residuals are -1, half 1. Their quartiles are 2 apart, 4 / cbrt(40) = 1.17, rounded up 2.
    assert_eq!(figure(folder.path(), "residuals"), "lower,upper,n\n-2.0,0.0,20\n0.0,2.0,20\n");
    // On the calibration part every outcome is 3 above its prediction: each is a step of its own.
    let reliability = figure(folder.path(), "reliability");
    let steps: Vec<Vec<String>> =
        cells(&reliability).into_iter().filter(|row| row[0] == "calibration").collect();
    let expected = (0..40).map(|i| {
        let f = 210.0 + 2.0 * f64::from(i);
        vec![
            "calibration".to_owned(),
            format!("{f:.1}"),
            format!("{f:.1}"),
            format!("{:.1}", f + 3.0),
            "1".to_owned(),
        ]
    });
    assert_eq!(steps, expected.collect::<Vec<_>>());
    // Outcomes 1, -1 off follow one another by 0, 2, 4, 2, ...: equal ones are pooled, none falls.
    let fitted: Vec<f64> = cells(&reliability)
        .iter()
        .filter(|row| row[0] == "test")
        .map(|row| row[3].parse().unwrap())
        .collect();
    assert!(fitted.windows(2).all(|pair| pair[0] < pair[1]), "{fitted:?}");
    assert_eq!(numbers(&reliability, "n").iter().sum::<f64>(), 120.0);
    // The table of `metrics.json`, bin by bin.
    let deciles = figure(folder.path(), "deciles");
    let metrics = json(folder.path().join(METRICS));
    let parts = column(&deciles, "part");
    for (row, part) in parts.iter().enumerate() {
        let bin = row - parts.iter().position(|p| p == part).unwrap();
        let of = &metrics[part]["calibration"]["deciles"][bin];
        assert_eq!(numbers(&deciles, "bin")[row], bin as f64 + 1.0);
        for key in ["n", "min_predicted", "max_predicted", "mean_predicted", "mean_actual", "sd_residual"] {
            assert_eq!(Some(numbers(&deciles, key)[row]), of[key].as_f64(), "{part} {bin} {key}");
        }
    }
    assert_eq!(parts.len(), 30);
}

#[test]
fn every_figure_is_listed_and_removed_by_reset() {
    let folder = case().project();
    run("evaluate", folder.path(), &[]).success();
    let manifest = json(folder.path().join("reports/metrics.json.meta.json"));
    let listed: Vec<&str> =
        manifest["companions"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(listed, FIGURES.map(|name| format!("{METRICS}.{name}.csv")));
    for (name, record) in listed.iter().zip(manifest["companions"].as_array().unwrap()) {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        assert_eq!(record["sha256"], common::hash::hex(&bytes), "{name}");
    }
    run("millrace", folder.path(), &["reset"]).success();
    assert_eq!(files(&folder.path().join("reports")), Vec::<std::path::PathBuf>::new());
}

#[test]
fn figures_do_not_depend_on_the_order_of_the_rows() {
    let (plain, mut turned) = (case().project(), case());
    turned.rows.reverse();
    let turned = turned.project();
    for folder in [&plain, &turned] {
        run("evaluate", folder.path(), &[]).success();
    }
    for name in FIGURES {
        assert_eq!(figure(plain.path(), name), figure(turned.path(), name), "{name}");
    }
}

#[test]
fn without_rows_or_time_a_figure_is_a_header() {
    let folder = case().without("test").project();
    run("evaluate", folder.path(), &[]).success();
    for name in ["residuals", "predicted", "by_time"] {
        assert_eq!(figure(folder.path(), name).lines().count(), 1, "{name}");
    }
    let mut random = Random(3);
    let part = |i| if i < 60 { "train" } else { "test" };
    let csv = fitted::table(&["a"], 100, part, |_| {
        vec![fitted::uniform(&mut random), 7.0 + fitted::uniform(&mut random)]
    });
    let folder = fitted::by_hand("", &csv);
    run("train-model", folder.path(), &["-i", "features.csv"]).success();
    run("evaluate", folder.path(), &["-i", "features.csv", "-i", "models/model.pkl"]).success();
    assert_eq!(figure(folder.path(), "by_time"), "time,mean_predicted,mean_actual,n\n");
    let predicted = figure(folder.path(), "predicted");
    assert!(cells(&predicted)[1..].iter().all(|row| row[0].is_empty() && row[1].is_empty()));
    // Ascending by prediction, with the outcomes of the table.
    let found = numbers(&predicted, "predicted");
    assert!(found.len() == 40 && found.windows(2).all(|pair| pair[0] <= pair[1]));
    let outcomes: BTreeSet<String> = column(&predicted, "actual").into_iter().collect();
    let rows = cells(&csv);
    assert_eq!(outcomes, rows.iter().filter(|row| row[2] == "test").map(|row| row[1].clone()).collect());
}

#[test]
fn of_many_rows_the_sample_is_those_with_the_least_hash() {
    let rows = 52_000;
    let mut random = Random(5);
    let part = |i| if i < 1_000 { "train" } else { "test" };
    let csv = fitted::table(&["a"], rows, part, |_| {
        vec![fitted::uniform(&mut random), fitted::uniform(&mut random)]
    });
    let sampled = |csv: &str| {
        let folder = fitted::by_hand("", csv);
        run("train-model", folder.path(), &["-q", "-i", "features.csv"]).success();
        run("evaluate", folder.path(), &["-q", "-i", "features.csv", "-i", "models/model.pkl"]).success();
        let model = fitted::model(folder.path());
        (figure(folder.path(), "predicted"), model["function"]["linear"].clone())
    };
    let (text, function) = sampled(&csv);
    let (intercept, slope) =
        (function["intercept"].as_f64().unwrap(), function["coefficients"][0].as_f64().unwrap());
    let mut all: Vec<(String, String)> = cells(&csv)[1_001..]
        .iter()
        .map(|row| {
            let predicted = intercept + slope * row[0].parse::<f64>().unwrap();
            let line = format!("\t\t{predicted:?}\t{:?}", row[1].parse::<f64>().unwrap());
            (common::hash::hex(line.as_bytes()), line)
        })
        .collect();
    all.sort();
    let expected: BTreeSet<String> = all.into_iter().take(10_000).map(|(_, line)| line).collect();
    let found: Vec<String> = cells(&text)[1..].iter().map(|row| row.join("\t")).collect();
    assert_eq!(found.len(), 10_000);
    assert!(found.iter().cloned().collect::<BTreeSet<_>>() == expected, "the rows of the least hash");
    assert!(sampled(&fitted::shuffled(&csv, 9)).0 == text, "the order of the rows does not matter");
}

#[test]
fn texts_are_quoted_where_they_must_be_and_come_back() {
    let cities = ["a,b", "say \"so\"", "two\nlines", "=1+1", " ", "größe"];
    let mut raw = "city,year,x,y\n".to_owned();
    let mut random = Random(11);
    for year in 1960..2020 {
        for city in cities {
            let [x, e] = std::array::from_fn(|_| fitted::uniform(&mut random));
            raw += &format!("\"{}\",{year},{x},{}\n", city.replace('"', "\"\""), 2.0 * x + e);
        }
    }
    let config = "[project]\ntarget = \"y\"\nentity = \"city\"\ntime = \"year\"\n[ingest]\nsources = [\"raw.csv\"]\n\
                  [clean]\nsplit = { calibration_from = \"2000\", test_from = \"2010\" }\n";
    let folder = project(&[("pipeline.toml", config), ("raw.csv", &raw)]);
    for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate"] {
        run(stage, folder.path(), &["-q"]).success();
    }
    let predicted = figure(folder.path(), "predicted");
    let found: BTreeSet<String> = column(&predicted, "entity").into_iter().collect();
    assert_eq!(found, cities.map(str::to_owned).into());
    assert_eq!(column(&predicted, "time").len(), 60);
    let by_time = figure(folder.path(), "by_time");
    let years: Vec<String> = (2010..2020).map(|year: i32| year.to_string()).collect();
    assert_eq!((column(&by_time, "time"), numbers(&by_time, "n")), (years, vec![6.0; 10]));
    // The first mean, by hand from the features table.
    let features = read(folder.path().join("data/processed/features.csv"));
    let of_year: Vec<f64> = column(&features, "year")
        .iter()
        .zip(numbers(&features, "y"))
        .filter(|(year, _)| *year == "2010")
        .map(|(_, y)| y)
        .collect();
    let mean = of_year.iter().sum::<f64>() / 6.0;
    assert!((numbers(&by_time, "mean_actual")[0] - mean).abs() < 1e-14);
    // No number of any figure is anything but finite.
    for name in FIGURES {
        for row in &cells(&figure(folder.path(), name))[1..] {
            let odd = |cell: &&String| cell.parse::<f64>().is_ok_and(|x| !x.is_finite());
            assert!(!row.iter().any(|cell| odd(&cell)), "{name}: {row:?}");
        }
    }
}

#[test]
fn a_pipe_has_figures_only_where_its_manifest_has_a_place() {
    let folder = case().project();
    run("evaluate", folder.path(), &["-o", "-"]).success();
    assert!(!folder.path().join("reports").exists());
    write(folder.path().join("out/keep"), "");
    run("evaluate", folder.path(), &["-o", "-", "--meta", "out/m.json"]).success();
    for name in FIGURES {
        assert!(folder.path().join(format!("out/m.json.{name}.csv")).exists(), "{name}");
    }
}
