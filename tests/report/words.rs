//! What the sections say, where the numbers leave something open.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{json, read, run, write};
use super::trained::{self, Case, case};
use super::{METRICS, REPORT, cells, draft, measured, report, without_hashes};

/// The draft of metrics that the test changes: without manifest they are taken as they are.
fn changed(case: &Case, change: impl FnOnce(&mut Value)) -> String {
    let folder = measured(case);
    altered(folder.path(), change);
    written(folder.path())
}

fn altered(folder: &Path, change: impl FnOnce(&mut Value)) {
    let mut metrics = json(folder.join(METRICS));
    change(&mut metrics);
    write(folder.join(METRICS), metrics.to_string());
    let _ = std::fs::remove_file(folder.join("reports/metrics.json.meta.json"));
}

fn written(folder: &Path) -> String {
    report(folder).success();
    without_hashes(&read(folder.join(REPORT)))
}

/// A project of this table and configuration, run through the stages before `report`.
fn chained(config: &str, csv: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("pipeline.toml"), config);
    write(folder.path().join("data/raw/a.csv"), csv);
    stages(folder.path());
    folder
}

fn stages(folder: &Path) {
    for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate"] {
        run(stage, folder, &[]).success();
    }
}

#[test]
fn what_cannot_be_told_has_its_size_and_limits() {
    let said = |limits: Value, expected: &str| {
        let text = changed(&case(), |metrics| {
            metrics["improvement"]["persistence"] = limits;
            metrics["improvement"]["persistence"]["verdict"] = json!("cannot_tell");
        });
        let expected = format!(
            "Whether it is better or worse than persistence **cannot be told**: {expected} (repeating the last known value misses by 5.000)."
        );
        assert!(text.contains(&expected), "{expected}\n{text}");
    };
    let shares = |upper: f64| json!({ "mae": -0.2, "mae_lower": -0.41, "mae_upper": upper });
    said(
        shares(0.05),
        "on these rows it is 20 % worse, with 95 % confidence between 41 % worse and 5.0 % better",
    );
    // Limits widened to just 0 say less than those of the difference, which go beyond it.
    let mut widened = shares(0.0);
    widened["difference"] = json!(-1.0);
    widened["difference_lower"] = json!(-2.05);
    widened["difference_upper"] = json!(1.088);
    said(
        widened.clone(),
        "on these rows it misses by 1.000 more on average, with 95 % confidence between 2.050 more and 1.088 less",
    );
    widened["difference_upper"] = json!(0.0);
    said(
        widened,
        "on these rows it is 20 % worse, with 95 % confidence between 41 % worse and no difference",
    );
    said(json!({ "mae": null }), "chance could explain the difference");
}

#[test]
fn the_share_of_the_variance_is_no_surer_than_its_limits() {
    let said = |r2: f64, limits: Value, expected: &str| {
        let text = changed(&case(), |metrics| {
            metrics["test"]["r2"] = json!(r2);
            metrics["test"]["confidence"]["r2"] = limits;
        });
        assert!(text.contains(expected), "{expected}\n{text}");
    };
    let limits = |lower: f64, upper: f64| json!({ "lower": lower, "upper": upper });
    said(
        0.79,
        limits(0.61, 0.9),
        "It accounts for 79 % of the variance of the outcomes (R² 0.7900, with 95 % confidence between 0.6100 and 0.9000).",
    );
    said(
        0.79,
        limits(-0.17, 0.91),
        "Whether it predicts better than the mean of these outcomes would **cannot be told** (R² 0.7900, with 95 % confidence between −0.1700 and 0.9100).",
    );
    said(
        -0.3,
        limits(-0.5, -0.1),
        "It predicts no better than the mean of these outcomes would (R² −0.3000,",
    );
    said(0.79, Value::Null, "Its R² is 0.7900 on these rows, too few to say how sure that is.");
    let text = changed(&case(), |metrics| {
        metrics["test"]["r2"] = Value::Null;
        metrics["test"]["absent"]["r2"] = json!("no_variance");
    });
    assert!(text.contains("R² cannot be stated: all outcomes of the test part are equal."), "{text}");
}

/// What the report says has changed between a published version and now, both changed by the test.
fn since(then: impl FnOnce(&mut Value), now: impl FnOnce(&mut Value)) -> String {
    let folder = measured(&case());
    let sources = |metrics: &mut Value| {
        metrics["sources"] = json!([{ "uri": "data/raw/a.csv", "bytes": 900, "lines": 121, "rows": 120 }]);
    };
    altered(folder.path(), sources);
    let mut before = json(folder.path().join(METRICS));
    then(&mut before);
    let before = before.to_string();
    let version = folder.path().join("reports/published/1");
    write(version.join("metrics.json"), &before);
    let card = json!({
        "format": 1, "version": "1", "published": "2015-07-01", "before": null, "project": "p", "title": "p",
        "metrics_sha256": common::hash::hex(before.as_bytes()), "model_sha256": "", "words_sha256": "",
        "program_version": "0.1.0", "inputs": [], "files": [],
    });
    write(version.join("manifest.json"), card.to_string());
    altered(folder.path(), now);
    let text = written(folder.path());
    let (_, section) = text.split_once("## Since the last published version\n\n").unwrap();
    section.split_once('\n').unwrap().0.to_owned()
}

#[test]
fn a_version_is_compared_by_data_and_by_configuration() {
    let other_features = |metrics: &mut Value| metrics["inputs"][0]["sha256"] = json!("0");
    let said = |now: &dyn Fn(&mut Value), expected: &str| {
        let text = since(other_features, |metrics| now(metrics));
        assert!(text.ends_with(expected), "{expected}\n{text}");
    };
    let same_rows = "Both have 40 test rows of the same time, month 80 to month 119.";
    said(
        &|metrics| metrics["split"]["test_from"] = json!("81"),
        &format!(
            "The raw files are the same by name, size and rows (120 rows of 1 source); what changed is the configuration: the split. {same_rows}"
        ),
    );
    said(
        &|metrics| metrics["status"] = json!("warn"),
        &format!("what changed is how they were cleaned or made into features, or cells alone. {same_rows}"),
    );
    said(
        &|metrics| {
            metrics["sources"][0]["rows"] = json!(130);
            metrics["clock"]["last"]["test"] = json!("month 129");
            metrics["test"]["n"] = json!(50);
        },
        "The raw files changed: 120 rows of 1 source then, 130 rows of 1 source now. The test rows are others: 40 (month 80 to month 119) then, 50 (month 80 to month 129) now.",
    );
    said(
        &|metrics| {
            metrics["sources"][0]["bytes"] = json!(901);
            metrics["target"]["horizon"] = json!(2);
        },
        &format!("120 rows of 1 source now. The configuration changed too: the target. {same_rows}"),
    );
    // The same table, and another model.
    let text = since(|metrics| metrics["model"]["sha256"] = json!("0"), |_| ());
    assert!(text.ends_with("Both were measured on the same rows; the model is another."), "{text}");
    let text = since(|_| (), |metrics| metrics["status"] = json!("warn"));
    assert!(text.ends_with("Both were measured on the same rows; the model is the same."), "{text}");
}

#[test]
fn times_of_predictions_are_told_from_times_of_outcomes() {
    let text = draft(&case());
    assert!(text.contains("(the test part, made from rows of month 80 to month 119)"), "{text}");
    let header = |text: &str| {
        let (_, worst) = text.split_once("## Worst rows").unwrap();
        worst.lines().find(|line| line.starts_with('|')).unwrap().to_owned()
    };
    assert!(header(&text).contains("| Made from |"), "{text}");
    assert!(
        text.contains("row that a prediction was made from; the outcome is that of 1 row later."),
        "{text}"
    );
    let text = changed(&case(), |metrics| {
        metrics["target"]["horizon"] = json!(5);
        metrics["target"]["statistic"] = json!("mean");
    });
    assert!(text.contains("the outcome is the mean of the next 5 rows."), "{text}");
    let text = changed(&case(), |metrics| metrics["target"]["horizon"] = json!(0));
    assert!(text.contains("(the test part, month 80 to month 119)") && header(&text).contains("| Time |"));
    assert!(!text.contains("Made from"), "{text}");
}

#[test]
fn equal_outcomes_are_nothing_to_predict() {
    let rows: String = (0..300).map(|i| format!("{i},{},7\n", i % 7)).collect();
    let config = "[project]\nname = \"flat\"\ntarget = \"y\"\n[ingest]\nsources = [\"data/raw/a.csv\"]\n";
    let folder = chained(config, &format!("x,z,y\n{rows}"));
    let text = written(folder.path());
    assert!(
        text.contains(
            "**There is nothing to predict: all outcomes of “y” are equal, 7.000, in every part.**"
        ),
        "{text}"
    );
    for wrong in ["cannot be told**: ", "too wide", "between 0 and 0", "misses by", "## Worst rows"] {
        assert!(!text.contains(wrong), "{wrong}\n{text}");
    }
    // One outcome that differs is something.
    let folder = chained(config, &format!("x,z,y\n{}", rows.replacen(",7\n", ",8\n", 1)));
    assert!(!written(folder.path()).contains("nothing to predict"));
}

/// The draft where features and all else have these verdicts.
fn drifting(features: &[(&str, &str)], others: &str) -> String {
    changed(&case(), |metrics| {
        let drift = &mut metrics["drift"];
        let mut set = |path: &str, verdict: &str| {
            let of = drift.pointer_mut(path).unwrap();
            of["verdict"] = json!(verdict);
            of["alarm"] = json!(verdict == "large");
        };
        features.iter().for_each(|(name, verdict)| set(&format!("/features/{name}/test"), verdict));
        ["target", "prediction", "residual"].iter().for_each(|what| set(&format!("/{what}/test"), others));
    })
}

#[test]
fn features_are_counted_the_same_everywhere() {
    let text = drifting(&[("x", "large"), ("unused", "stable")], "stable");
    // The second one is left out of the fit, and watched for drift all the same.
    assert!(text.contains("from 1 of 2 features."), "{text}");
    assert!(text.contains("**1 of 2 features drifted between training and test**: “x”. The leak"), "{text}");
}

#[test]
fn what_too_few_rows_tell_of_target_and_residuals_is_said() {
    let whether = "Whether the target, the predictions and the residuals drifted **cannot be told**";
    let text = drifting(&[("x", "stable"), ("unused", "stable")], "not_enough_rows");
    let expected = format!("No feature has drifted between training and test. {whether}: too few rows.");
    assert!(text.contains(&expected), "{text}");
    let text = drifting(&[("x", "not_enough_rows"), ("unused", "stable")], "not_enough_rows");
    let expected = format!("but 1 of 2 have too few rows to tell. {whether} either: too few rows.");
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn numbers_below_zero_have_a_minus_sign() {
    let text = draft(&case());
    // Calibration outcomes are 3 above their predictions.
    assert_eq!(cells(&text, &["Bias", "**the model**"])[3], "**−3.000**");
    let hyphen = |line: &&str| {
        let line = line.replace("---", "");
        let after = |c: char| c.is_ascii_digit();
        line.match_indices('-').any(|(i, _)| {
            let before = line[..i].chars().next_back().is_none_or(|c| " *|(“".contains(c));
            before && line[i + 1..].starts_with(after)
        })
    };
    assert_eq!(text.lines().find(hyphen), None);
}

#[test]
fn every_program_has_the_configuration_of_its_manifest() {
    // The table is made by hand: nothing is known of what was before it.
    let text = draft(&case());
    assert!(text.contains("The configuration of `ingest` and `clean` is not known here"), "{text}");
    assert_eq!(cells(&text, &["clean"])[1..], ["–", "–"]);

    let folder = tempfile::tempdir().unwrap();
    super::support::panel::Panel::small(1).write(folder.path());
    let said = |form: &str| {
        let [raw, clean, features] = ["interim/raw_ingested", "processed/clean", "processed/features"]
            .map(|table| format!("data/{table}.{form}"));
        let model = "models/model.pkl";
        let run = |stage: &str, args: &[&str]| run(stage, folder.path(), args).success();
        run("ingest", &["-o", &raw]);
        run("clean", &["-i", &raw, "-o", &clean]);
        run("feature-engineer", &["-i", &clean, "-o", &features]);
        run("train-model", &["-i", &features]);
        run("evaluate", &["-i", &features, "-i", model]);
        let text = written(folder.path());
        for (program, file) in [
            ("ingest", raw.as_str()),
            ("clean", &clean),
            ("feature-engineer", &features),
            ("train-model", model),
            ("evaluate", METRICS),
        ] {
            let manifest = json(folder.path().join(format!("{file}.meta.json")));
            let (version, config) =
                (manifest["version"].as_str().unwrap(), manifest["config_sha256"].as_str().unwrap());
            let told = [version.to_owned(), format!("`{config}`")];
            assert_eq!(cells(&text, &[program])[1..], told, "{program} {form}");
        }
        assert!(
            !text.contains("is not known here")
                && text.contains("gives the generated part of this report byte for byte")
        );
        text
    };
    said("arrow");
    said("parquet");
    let text = said("csv");
    // Settings that are empty say nothing.
    let (_, settings) = text.split_once("Settings of the fit: ").unwrap();
    assert!(!settings.lines().next().unwrap().contains('['), "{settings}");
    // A manifest of another file vouches for nothing.
    let path = folder.path().join("data/processed/clean.csv.meta.json");
    let mut manifest = json(&path);
    manifest["output"]["sha256"] = json!("0");
    write(&path, manifest.to_string());
    assert!(written(folder.path()).contains("The configuration of `ingest` and `clean` is not known here"));
}

#[test]
fn it_is_said_which_groups_are_shown() {
    // Groups of this many rows, with errors that fall from group to group.
    let said = |sizes: &[u64]| {
        let text = changed(&case(), |metrics| {
            let mut slice = metrics["periods"]["rows"][0].clone();
            slice["intervals"] = json!([]);
            let one = |(i, n): (usize, &u64)| {
                let mut row = slice.clone();
                row["level"] = json!(format!("g{i}"));
                row["n"] = json!(n);
                row["mae"] = json!(100 - i);
                row
            };
            let rows: Vec<Value> = sizes.iter().enumerate().map(one).collect();
            metrics["segments"] = json!([{ "column": "g", "rows": rows }]);
        });
        let (_, section) = text.split_once("## By segment").unwrap();
        let section = section.split_once("<!--").unwrap().0.to_owned();
        let shown: Vec<String> = section
            .lines()
            .filter_map(|l| l.strip_prefix("| g")?.split(' ').next().map(str::to_owned))
            .collect();
        (shown.into_iter().skip(1).collect::<Vec<_>>().join(" "), section)
    };
    let is = |sizes: &[u64], shown: &str, sentence: &str| {
        let (found, section) = said(sizes);
        assert_eq!(found, shown, "{section}");
        assert!(section.contains(sentence), "{sentence}\n{section}");
    };
    is(
        &[9; 60],
        "0 1 2 3 4 5 6 7 8 9",
        "Shown are the 10 with the largest errors of 60 groups by “g”. All have fewer than 20 rows, so that chance alone may have put these first. All are in `metrics.json`.",
    );
    is(
        &[[9; 12], [30; 12]].concat(),
        "12 13 14 15 16 19 20 21 22 23",
        "Shown are the 5 worst and the 5 best of 12 groups by “g”; 12 of the 24 have fewer than 20 rows.",
    );
    is(
        &[&[9; 12][..], &[30; 3]].concat(),
        "12 13 14 0 1 2 3 4 5 6",
        "Shown of 15 groups by “g” are all with at least 20 rows, 3, and the 7 with the largest errors of the other 12.",
    );
    is(
        &[&[9; 2][..], &[30; 10]].concat(),
        "2 3 4 5 6 7 8 9 10 11",
        "Shown are the 10 groups by “g” with at least 20 rows, of 12.",
    );
    assert!(!said(&[30, 30]).1.contains("Shown"));
}

#[test]
fn the_template_of_the_documentation_holds_with_and_without_time() {
    let docs = read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/report.md"));
    let (_, rest) = docs.split_once("```\n<!-- millrace:begin errors -->").unwrap();
    let template = format!("<!-- millrace:begin errors -->{}", rest.split_once("```").unwrap().0);
    let made = |case: &Case| {
        let folder = measured(case);
        let path = folder.path().join("pipeline.toml");
        write(&path, read(&path) + "[report]\ntemplate = \"t.md\"\n");
        write(folder.path().join("t.md"), &template);
        written(folder.path())
    };
    // The model misses by 1, persistence by 5.
    assert!(made(&case()).contains("That is 80 % less than the last known value does."));
    let mut alone = trained::case();
    alone.persistence = false;
    let text = made(&alone);
    assert!(text.contains("It misses by 1.000") && !text.contains("last known value"), "{text}");
}
