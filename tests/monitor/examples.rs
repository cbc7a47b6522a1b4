//! The data that ship with the repository: the test part, as raw rows, beside what `evaluate` found of it.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{backwards, example, height, is_what_evaluate_found, keys_of, monitor, part};
use crate::support::{cells, column, files, json, read, write};

const TEXAS: [&str; 3] = ["city", "year", "month"];
const STOCKS: [&str; 2] = ["Ticker", "Date"];

/// The test rows from the features table, and from raw rows with all others given along, are those of `evaluate`.
fn agrees(folder: &Path, keys: &[&str]) -> Value {
    let features = monitor(folder, &["-i", "data/processed/features.csv", "--part", "test"]);
    is_what_evaluate_found(folder, &features, "test");
    let test = keys_of(folder, "test", keys);
    part(folder, keys, |key| test.contains(key));
    assert_eq!(height(&read(folder.join("new.csv"))), test.len() as u64);
    let raw = monitor(folder, &["-i", "new.csv", "--history", "rest.csv"]);
    is_what_evaluate_found(folder, &raw, "test");
    let rows: u64 = raw["periods"].as_array().unwrap().iter().map(|p| p["rows"]["n"].as_u64().unwrap()).sum();
    assert_eq!(rows, test.len() as u64);
    raw
}

#[test]
fn texas() {
    let folder = example(".", |config| config);
    let raw = agrees(folder.path(), &TEXAS);
    let periods = raw["periods"].as_array().unwrap();
    let ends = [&periods[0]["label"], &periods[periods.len() - 1]["label"]];
    assert_eq!((ends, periods.len()), ([&Value::from("2012-07"), &Value::from("2015-06")], 36));
    assert!(raw["status"] == "warn" && raw["drift"]["alarms"].as_u64() > Some(0));
    // The order of rows in a file leaves no trace but the hash of the file.
    let folder = folder.path();
    write(folder.join("turned.csv"), backwards(&read(folder.join("new.csv"))));
    let mut turned = monitor(folder, &["-i", "turned.csv", "--history", "rest.csv"]);
    assert_ne!(turned["inputs"], raw["inputs"]);
    turned["inputs"] = raw["inputs"].clone();
    assert_eq!(turned, raw);
}

#[test]
fn stocks() {
    let folder = example("examples/stocks", |config| config);
    let raw = agrees(folder.path(), &STOCKS);
    let weeks = monitor(folder.path(), &["-i", "new.csv", "--history", "rest.csv", "--period", "week"]);
    assert_eq!(weeks["error"], raw["error"]);
    assert!(weeks["periods"].as_array().unwrap().iter().all(|p| p["label"].as_str().unwrap().contains("-W")));
    // The first test day, 2010-07-27, is a Tuesday in week 30.
    assert_eq!(weeks["periods"][0]["label"], "2010-W30");
}

#[test]
fn cars_without_time() {
    let folder = example("examples/mpg", |config| config);
    cars(&folder);
}

#[test]
fn trees_with_intervals_as_wide_as_the_row_asks_for() {
    let folder = example("examples/mpg", |config| {
        config + "\n[train]\nmodel = \"boosted\"\nintervals = { method = \"normalised\" }\n"
    });
    let metrics = json(folder.path().join("reports/metrics.json"));
    assert_eq!(
        (&metrics["intervals"]["method"], &metrics["model"]["kind"]),
        (&"normalised".into(), &"boosted tree".into())
    );
    cars(&folder);
}

/// As [`agrees`]; rows have no key, and `clean` dropped those that repeat another.
fn cars(folder: &TempDir) {
    let folder = folder.path();
    let features = monitor(folder, &["-i", "data/processed/features.csv", "--part", "test"]);
    is_what_evaluate_found(folder, &features, "test");
    let text = read(&files(&folder.join("data/raw"))[0]);
    let parts = column(&read(folder.join("data/processed/features.csv")), "split");
    let mut seen = std::collections::HashSet::new();
    let unlike: Vec<&str> = text.lines().skip(1).filter(|line| seen.insert(*line)).collect();
    assert_eq!(unlike.len(), parts.len());
    let test: Vec<&str> =
        unlike.iter().zip(&parts).filter(|(_, part)| *part == "test").map(|(l, _)| *l).collect();
    write(folder.join("new.csv"), format!("{}\n{}\n", text.lines().next().unwrap(), test.join("\n")));
    let raw = monitor(folder, &["-i", "new.csv"]);
    is_what_evaluate_found(folder, &raw, "test");
    assert_eq!((&raw["period"], raw["periods"].as_array().unwrap().len()), (&Value::Null, 0));
}

#[test]
fn training_rows_do_not_drift_and_have_the_training_error() {
    let folder = example(".", |config| config);
    let folder = folder.path();
    let train = keys_of(folder, "train", &TEXAS);
    part(folder, &TEXAS, |key| train.contains(key));
    let model = json(folder.join("models/model.pkl.meta.json"));
    let features = monitor(folder, &["-i", "data/processed/features.csv", "--part", "train"]);
    let raw = monitor(folder, &["-i", "new.csv", "--history", "rest.csv"]);
    for found in [&features, &raw] {
        assert_eq!(found["drift"]["alarms"], 0);
        for psi in found["drift"]["features"].as_object().unwrap().values() {
            assert_eq!(psi["psi"], 0.0);
        }
        assert_eq!(
            (&found["drift"]["target"]["psi"], &found["drift"]["prediction"]["psi"]),
            (&0.0.into(), &0.0.into())
        );
        assert_eq!((&found["status"], &found["warnings"]), (&"pass".into(), &Value::Array(Vec::new())));
        assert_eq!(found["error"]["mae"], model["found"]["training"]["mae"]);
        assert_eq!(found["drift"], features["drift"]);
    }
    is_what_evaluate_found(folder, &features, "train");
    // Training rows judge no intervals, and the file of raw rows does not say that it is of them.
    assert_eq!(features["error"]["intervals"][0]["verdict"], "in_sample");
    assert_eq!(raw["error"]["intervals"][0]["coverage"], features["error"]["intervals"][0]["coverage"]);
    assert_eq!(cells(&read(folder.join("new.csv"))).len() as u64 - 1, raw["rows"]["n"].as_u64().unwrap());
}
