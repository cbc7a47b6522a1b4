//! The data that ship with the repository: test rows scored from features and from raw rows alike.

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;

use super::train;
use crate::support::{self, cells, column, files, json, read, repository, run, write};

/// A copy of an example, with all its stages run.
fn example(name: &str) -> TempDir {
    let (from, to) = (repository().join(name), tempfile::tempdir().unwrap());
    for file in ["pipeline.toml", "schema.json"] {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.path().join(file)).unwrap();
        }
    }
    for file in files(&from.join("data/raw")) {
        write(to.path().join("data/raw").join(file.file_name().unwrap()), std::fs::read(&file).unwrap());
    }
    train(to.path());
    run("evaluate", to.path(), &["-q"]).success();
    to
}

/// Lines of all raw files, the header first, parted by what is new.
fn parted(folder: &Path, is_new: impl Fn(&[&str]) -> bool) -> (String, String) {
    let (mut earlier, mut new) = (String::new(), String::new());
    for (file, number) in files(&folder.join("data/raw")).iter().zip(0..) {
        for (line, i) in read(file).lines().zip(0..) {
            let row = format!("{line}\n");
            match i {
                0 if number == 0 => {
                    earlier.push_str(&row);
                    new.push_str(&row);
                }
                0 => {}
                _ if is_new(&line.split(',').collect::<Vec<_>>()) => new.push_str(&row),
                _ => earlier.push_str(&row),
            }
        }
    }
    (earlier, new)
}

/// The prediction of each row by its key columns.
fn by_key(text: &str, keys: &[&str]) -> BTreeMap<Vec<String>, String> {
    let columns: Vec<Vec<String>> = keys.iter().map(|k| column(text, k)).collect();
    let key = |i: usize| columns.iter().map(|c| c[i].clone()).collect();
    let found: BTreeMap<_, _> =
        column(text, "prediction").into_iter().enumerate().map(|(i, p)| (key(i), p)).collect();
    assert_eq!(found.len(), columns[0].len(), "keys are of one row");
    found
}

/// The largest error of the test rows is, to the bit, the one that `evaluate` found.
fn is_what_evaluate_used(folder: &Path, predictions: &str) {
    let metrics = json(folder.join("reports/metrics.json"));
    let features = read(folder.join("data/processed/features.csv"));
    let target = column(&features, metrics["target"]["column"].as_str().unwrap());
    let parts = column(&features, "split");
    let actual = target.iter().zip(&parts).filter(|(_, part)| *part == "test").map(|(y, _)| y);
    let predicted = column(predictions, "prediction");
    let errors: Vec<f64> = predicted
        .iter()
        .zip(actual)
        .map(|(f, y)| (f.parse::<f64>().unwrap() - y.parse::<f64>().unwrap()).abs())
        .collect();
    assert_eq!(errors.len() as u64, metrics["test"]["n"].as_u64().unwrap());
    let largest = errors.iter().copied().fold(0.0, f64::max);
    assert_eq!(largest, metrics["test"]["max_absolute_error"].as_f64().unwrap());
    let mae = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!((mae / metrics["test"]["mae"].as_f64().unwrap() - 1.0).abs() < 1e-12);
}

/// Test rows are scored from the features table and from raw rows with the rest as history, to the same bits.
fn agree(folder: &Path, keys: &[&str], is_new: impl Fn(&[&str]) -> bool) {
    run(
        "predict",
        folder,
        &["-q", "-i", "data/processed/features.csv", "--part", "test", "-o", "by_features.csv"],
    )
    .success();
    let by_features = read(folder.join("by_features.csv"));
    is_what_evaluate_used(folder, &by_features);
    let (earlier, new) = parted(folder, is_new);
    write(folder.join("earlier.csv"), earlier);
    write(folder.join("new.csv"), &new);
    run("predict", folder, &["-q", "-i", "new.csv", "--history", "earlier.csv", "-o", "by_raw.csv"])
        .success();
    let by_raw = read(folder.join("by_raw.csv"));
    assert_eq!(cells(&by_raw).len(), cells(&new).len(), "every new row is scored");
    let by_raw = by_key(&by_raw, keys);
    let wanted = by_key(&by_features, keys);
    assert!(wanted.len() > 500);
    for (key, prediction) in &wanted {
        assert_eq!(by_raw.get(key), Some(prediction), "{key:?}");
    }
    // The newest rows, whose target is not known yet, are the rest of them.
    run("predict", folder, &["-q"]).success();
    let forecast = by_key(&read(folder.join("reports/forecast.csv")), keys);
    for (key, prediction) in &forecast {
        assert_eq!(by_raw.get(key), Some(prediction), "{key:?}");
    }
    assert!(!forecast.is_empty());
}

#[test]
fn texas_is_scored_from_raw_rows_as_evaluate_scored_it() {
    let folder = example(".");
    let number = |cell: &str| cell.parse::<u64>().unwrap();
    agree(folder.path(), &["city", "year", "month"], |row| (number(row[1]), number(row[2])) >= (2012, 7));
    let forecast = read(folder.path().join("reports/forecast.csv"));
    assert!(column(&forecast, "rows_ahead").iter().all(|n| n == "1"));
    assert!(column(&forecast, "year").iter().zip(column(&forecast, "month")).all(|(y, m)| (
        y.as_str(),
        m.as_str()
    ) == (
        "2015", "7"
    )));
    assert_eq!(column(&forecast, "city").len(), 46);
}

#[test]
fn stocks_are_scored_from_raw_rows_as_evaluate_scored_them() {
    let folder = example("examples/stocks");
    let folder = folder.path();
    agree(folder, &["Ticker", "Date"], |row| row[1] >= "2010-07-27");
    // All tickers are traded to the end: five rows of each wait, and none has ended.
    let forecast = read(folder.join("reports/forecast.csv"));
    let days = column(&forecast, "Date");
    let found = &json(folder.join("reports/forecast.csv.meta.json"))["found"];
    assert_eq!(found["times"]["first"], days.iter().min().unwrap().as_str());
    assert_eq!(found["times"]["last"], days.iter().max().unwrap().as_str());
    assert_eq!(found["ended"], serde_json::json!({ "entities": 0, "rows": 0 }));
}

#[test]
fn cars_are_scored_from_raw_rows_as_evaluate_scored_them() {
    let folder = example("examples/mpg");
    let folder = folder.path();
    let features = "data/processed/features.csv";
    run("predict", folder, &["-q", "-i", features, "--part", "test", "-o", "test.csv"]).success();
    is_what_evaluate_used(folder, &read(folder.join("test.csv")));
    run("predict", folder, &["-q", "-i", features, "-o", "by_features.csv"]).success();
    // `clean` drops rows that repeat another; rows without time are scored one by one.
    let raw = read(folder.join("data/raw/mpg.csv"));
    let mut seen = std::collections::HashSet::new();
    let unlike: String =
        raw.lines().filter(|line| seen.insert(*line)).map(|line| format!("{line}\n")).collect();
    assert!(unlike.len() < raw.len());
    write(folder.join("new.csv"), unlike);
    run("predict", folder, &["-q", "-i", "new.csv", "-o", "by_raw.csv"]).success();
    let predictions = |name: &str| column(&read(folder.join(name)), "prediction");
    assert_eq!(predictions("by_raw.csv"), predictions("by_features.csv"));
    assert_eq!(predictions("by_raw.csv").len(), 225);
}

/// Whether `make` with the built programs did it, and what it said on both outputs.
fn make(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = support::make(folder, arguments);
    let [out, err] = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned());
    (output.status.success(), out, err)
}

#[test]
fn make_predict_scores_a_file_or_the_newest_rows() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    crate::support::panel::Panel::small(4).write(folder);
    let (done, _, said) = make(folder, &["predict"]);
    assert!(done, "{said}");
    let forecast = column(&read(folder.join("reports/forecast.csv")), "city").len();
    assert_eq!(forecast, 20);
    let raw = files(&folder.join("data/raw"));
    let (last, earlier) = raw.split_last().unwrap();
    std::fs::copy(last, folder.join("the new.csv")).unwrap();
    std::fs::create_dir(folder.join("before")).unwrap();
    for file in earlier {
        std::fs::copy(file, folder.join("before").join(file.file_name().unwrap())).unwrap();
    }
    let (done, _, said) =
        make(folder, &["predict", "NEW=the new.csv", "HISTORY=before/*.csv", "OUT=scored.csv"]);
    assert!(done, "{said}");
    let keys = ["city", "date"];
    let scored = by_key(&read(folder.join("scored.csv")), &keys);
    assert_eq!(scored, by_key(&read(folder.join("reports/forecast.csv")), &keys));
    // In another format the newest rows stand beside another table.
    let (done, _, said) = make(folder, &["predict", "FORMAT=parquet", "OUT=again.csv"]);
    assert!(done, "{said}");
    assert_eq!(by_key(&read(folder.join("again.csv")), &keys), scored);
}

#[test]
fn status_and_reset_know_the_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    crate::support::panel::Panel::small(4).write(folder);
    let ask = |goal: &str| {
        let (done, out, err) = make(folder, &[goal]);
        assert!(done, "{goal}: {out}{err}");
        out
    };
    let forecast = || {
        let said = ask("status");
        said.lines().find_map(|line| line.strip_prefix("predict ")).map(|said| said.trim().to_owned())
    };
    let (file, manifest) = ("reports/forecast.csv", "reports/forecast.csv.meta.json");
    ask("model");
    assert_eq!(forecast(), None);
    ask("predict");
    assert_eq!(forecast().as_deref(), Some("fresh"));
    // A model that is to be made again, and one that was.
    let config = read(folder.join("pipeline.toml"));
    write(folder.join("pipeline.toml"), config.replace("min_rows = 20\n", "min_rows = 21\n"));
    assert_eq!(forecast().as_deref(), Some("stale: train_model before it is stale"));
    write(
        folder.join("pipeline.toml"),
        config.replace("min_rows = 20\n", "min_rows = 20\nmodel = \"ridge\"\n"),
    );
    ask("model");
    assert_eq!(forecast().as_deref(), Some("stale: input changed: models/model.pkl"));
    ask("predict");
    assert_eq!(forecast().as_deref(), Some("fresh"));
    let made = read(folder.join(file));
    write(folder.join(file), format!("{made}by hand"));
    assert_eq!(forecast().unwrap(), format!("stale: output changed since it was written: {file}"));
    // What was edited stays, and so does what vouches for it.
    let said = ask("reset");
    assert!(said.contains(&format!("kept {file}: it was edited since it was written")), "{said}");
    assert!(folder.join(file).is_file() && folder.join(manifest).is_file());
    write(folder.join(file), made);
    let said = ask("reset");
    assert!(
        said.contains(&format!("removed {file}\n")) && said.contains(&format!("removed {manifest}\n")),
        "{said}"
    );
    assert!(!folder.join(file).exists() && !folder.join(manifest).exists());
    // Nothing vouches for a file made by hand.
    write(folder.join(file), "by hand\n");
    assert!(forecast().unwrap().starts_with(&format!("stale: output missing: {manifest}")));
    assert!(ask("reset").contains(&format!("kept {file}: it has no manifest")));
}
