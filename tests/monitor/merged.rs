//! What merges: pieces of the rows give what one run over all of them gives, whatever the order.

use std::path::Path;

use predicates::str::contains;
use serde_json::Value;

use super::{example, keys_of, monitor, raw};
use crate::support::{json, read, run, write};

const KEYS: [&str; 2] = ["Ticker", "Date"];

/// The test rows of the stocks in a file a year: the rows of the others are earlier or later ones to each.
fn years(folder: &Path) -> Vec<String> {
    let test = keys_of(folder, "test", &KEYS);
    let (header, rows) = raw(folder, &KEYS);
    let of = |year: Option<&str>| -> String {
        let of_year = |key: &Vec<String>| match year {
            Some(year) => test.contains(key) && key[1].starts_with(year),
            None => !test.contains(key),
        };
        rows.iter().filter(|(key, _)| of_year(key)).map(|(_, line)| line.as_str()).collect()
    };
    write(folder.join("rest.csv"), format!("{header}{}", of(None)));
    let mut years: Vec<String> = test.iter().map(|key| key[1][..4].to_owned()).collect();
    years.sort();
    years.dedup();
    for year in &years {
        write(folder.join(format!("{year}.csv")), format!("{header}{}", of(Some(year))));
    }
    years
}

#[test]
fn years_add_up_to_all_of_them_in_any_order() {
    let folder = example("examples/stocks", |config| config);
    let folder = folder.path();
    let years = years(folder);
    assert!(years.len() >= 3, "{years:?}");
    let named = |flag: &str, names: &mut dyn Iterator<Item = String>| -> Vec<String> {
        names.flat_map(|name| [flag.to_owned(), name]).collect()
    };
    let call = |arguments: &[Vec<String>], output: &str| {
        let all: Vec<&str> =
            arguments.iter().flatten().map(String::as_str).chain(["-q", "-o", output]).collect();
        run("monitor", folder, &all).success();
        ["", ".state.json"].map(|ending| read(folder.join(format!("{output}{ending}"))))
    };
    let csv = |year: &String| format!("{year}.csv");
    let rest = || vec!["--history".to_owned(), "rest.csv".to_owned()];
    let whole = call(&[named("-i", &mut years.iter().map(csv)), rest()], "whole.json");
    let turned = call(&[named("-i", &mut years.iter().rev().map(csv)), rest()], "turned.json");
    assert_eq!(whole, turned, "the order of files leaves no trace");
    for year in &years {
        let others = years.iter().filter(|other| *other != year).map(csv);
        let history = named("--history", &mut others.chain(["rest.csv".to_owned()]));
        call(&[named("-i", &mut [csv(year)].into_iter()), history], &format!("{year}.json"));
    }
    let json_of = |year: &String| format!("{year}.json");
    let forwards = call(&[named("--merge", &mut years.iter().map(json_of))], "forwards.json");
    assert_eq!(forwards, whole);
    let backwards = call(&[named("--merge", &mut years.iter().rev().map(json_of))], "backwards.json");
    assert_eq!(backwards, whole);
    // What was merged merges; a state may be named by itself, and without a manifest.
    let state = |name: &str| format!("{name}.json.state.json");
    call(&[named("--merge", &mut years[1..].iter().map(json_of))], "later.json");
    std::fs::remove_file(folder.join("later.json.meta.json")).unwrap();
    let steps = call(&[named("--merge", &mut [state("later"), state(&years[0])].into_iter())], "steps.json");
    assert_eq!(steps, whole);
    // The manifest names model and states.
    let manifest = json(folder.join("forwards.json.meta.json"));
    assert_eq!(manifest["inputs"].as_array().unwrap().len(), years.len() + 1);
    assert_eq!(manifest["companions"][0]["name"], "forwards.json.state.json");
}

#[test]
fn rows_do_not_count_twice() {
    let folder = example("examples/mpg", |config| config);
    let folder = folder.path();
    let table = "data/processed/features.csv";
    for (arguments, name) in [
        (vec!["--part", "test"], "test.json"),
        (vec!["--part", "calibration"], "calibration.json"),
        (vec![], "all.json"),
    ] {
        run("monitor", folder, &[&["-q", "-i", table, "-o", name], arguments.as_slice()].concat()).success();
    }
    let merged = |files: [&str; 2]| {
        run("monitor", folder, &["--merge", files[0], "--merge", files[1], "-o", "sum.json"])
    };
    merged(["test.json", "test.json"]).code(13).stderr(contains("its rows would count twice"));
    merged(["test.json", "all.json"])
        .code(13)
        .stderr(contains("which another of the merged files counts too"));
    merged(["test.json", "calibration.json"]).success();
    let rows = |name: &str| json(folder.join(name))["rows"]["n"].as_u64().unwrap();
    assert_eq!(rows("sum.json"), rows("test.json") + rows("calibration.json"));
    // Of other periods: a table without time has none, so one is made to say so.
    let state = read(folder.join("test.json.state.json"));
    write(folder.join("weeks.json.state.json"), state.replace("\"period\":null", "\"period\":\"week\""));
    write(folder.join("weeks.json"), "{}");
    merged(["calibration.json", "weeks.json"])
        .code(13)
        .stderr(contains("periods are of another length (week)"));
    run("monitor", folder, &["--merge", "test.json", "--part", "test"]).code(2);
    run("monitor", folder, &["--merge", "test.json", "-o", "test.json"])
        .code(2)
        .stderr(contains("also an input"));
}

#[test]
fn a_state_is_of_one_model() {
    let folder = example("examples/mpg", |config| config);
    let folder = folder.path();
    let before: Value = monitor(folder, &["-i", "data/processed/features.csv", "--part", "test"]);
    std::fs::copy(folder.join("models/model.pkl"), folder.join("old.pkl")).unwrap();
    let config = read(folder.join("pipeline.toml"));
    write(folder.join("pipeline.toml"), format!("{config}\n[train]\nmodel = \"ridge\"\n"));
    run("train-model", folder, &["-q"]).success();
    run("monitor", folder, &["--merge", "reports/monitor.json", "-o", "sum.json"])
        .code(13)
        .stderr(contains("its rows were scored by the model of sha256"));
    run(
        "monitor",
        folder,
        &["-q", "--merge", "reports/monitor.json", "--model", "old.pkl", "-o", "sum.json"],
    )
    .success();
    assert_eq!(json(folder.join("sum.json")), before);
}
