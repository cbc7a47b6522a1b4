//! What was learned is applied to new rows: limits, fills, indicators, parts of dates, expressions, dialects.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use super::train;
use crate::support::{column, json, project, read, run, write};

/// The predictions of `new` by the model of `raw`, in a folder that holds nothing but the model.
fn predictions(config: &str, raw: &str, new: &str) -> Vec<String> {
    let folder =
        project(&[("pipeline.toml", &format!("{config}\n[train]\nmin_rows = 5\n")), ("raw.csv", raw)]);
    train(folder.path());
    let elsewhere = project(&[("new.csv", new)]);
    std::fs::copy(folder.path().join("models/model.pkl"), elsewhere.path().join("model.pkl")).unwrap();
    run("predict", elsewhere.path(), &["-q", "--model", "model.pkl", "-i", "new.csv", "-o", "out.csv"])
        .success();
    column(&read(elsewhere.path().join("out.csv")), "prediction")
}

const SOURCES: &str = "[ingest]\nsources = [\"raw.csv\"]\n";

/// All rows are for training.
const SPLIT: &str = "[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

#[test]
fn values_beyond_the_limits_are_moved_to_them() {
    let rows: String = (0..20).map(|i| format!("{},{},train\n", i % 10, 3 + 5 * (i % 10))).collect();
    let config = format!("[project]\ntarget = \"y\"\n{SOURCES}{SPLIT}winsorise = {{ w = [0.0, 1.0] }}\n");
    // The limits are 0 and 9.
    let found = predictions(&config, &format!("w,y,part\n{rows}"), "w\n4\n1000\n-1.5\n");
    assert_eq!(found, ["23.0", "48.0", "3.0"]);
}

#[test]
fn a_value_that_was_moved_to_a_limit_is_told() {
    // `y = 3 + 5 w + v` exactly, on all pairs of 0 to 9.
    let rows: String =
        (0..100).map(|i| format!("{},{},{},train\n", i % 10, i / 10, 3 + 5 * (i % 10) + i / 10)).collect();
    let limits = "winsorise = { w = [0.0, 1.0], v = [0.0, 1.0] }";
    let config = format!("[project]\ntarget = \"y\"\n{SOURCES}{SPLIT}{limits}\n[train]\nmin_rows = 5\n");
    let folder = project(&[
        ("pipeline.toml", &config),
        ("raw.csv", &format!("w,v,y,part\n{rows}")),
        ("new.csv", "w,v\n9,0\n9.5,0\n-1,1e300\n,4\n"),
    ]);
    train(folder.path());
    run("predict", folder.path(), &["-i", "new.csv", "-o", "out.csv"])
        .success()
        .stderr(contains("scored 4 rows, 3 of them flagged"))
        .stderr(contains("limited, rows by column: `v` 1, `w` 2"));
    let out = read(folder.path().join("out.csv"));
    assert_eq!(column(&out, "limited"), ["", "w", "v;w", ""]);
    // Moved, they are within the range of the training rows.
    assert_eq!(column(&out, "outside"), [""; 4]);
    let predictions = column(&out, "prediction");
    assert_eq!(predictions[..3], ["48.0", "48.0", "12.0"]);
    let flags = &json(folder.path().join("out.csv.meta.json"))["found"]["counts"]["flags"];
    assert_eq!(flags["limited"], serde_json::json!({ "v": 1, "w": 2 }));
}

#[test]
fn of_rows_with_history_the_row_s_own_cells_are_told() {
    let folder = super::panel();
    let folder = folder.path();
    let config = read(folder.join("pipeline.toml"));
    write(
        folder.join("pipeline.toml"),
        config.replace("fill = {", "winsorise = { z = [0.0, 1.0] }\nfill = {"),
    );
    train(folder);
    // Of the history the row before is beyond the limits, 0 and 2, of the new rows that of `b`.
    write(folder.join("history.csv"), super::panel_rows(1..=40, true).replace("a,40,5,1", "a,40,5,7"));
    write(folder.join("new.csv"), "e,t,x,z\na,41,9,\nb,41,9,3\n");
    run("predict", folder, &["-q", "-i", "new.csv", "--history", "history.csv", "-o", "out.csv"]).success();
    let out = read(folder.join("out.csv"));
    assert_eq!(column(&out, "limited"), ["", "z"]);
    assert_eq!(column(&out, "filled"), ["z", ""]);
    // 10 + 5 + 5 * 2 for both: what is filled with the last known value is filled with its limit.
    assert_eq!(column(&out, "prediction"), ["25.0", "25.0"]);
}

#[test]
fn a_missing_cell_is_filled_and_has_its_indicator() {
    let rows: String = (0..19).map(|x| format!("{x},{},train\n,25,train\n", 2 * x)).collect();
    let config = format!(
        "[project]\ntarget = \"y\"\n{SOURCES}{SPLIT}fill = {{ columns = {{ x = {{ method = \"median\", indicator = true }} }} }}\n"
    );
    // The median is 9: 2 * 9 + 7.
    let found = predictions(&config, &format!("x,y,part\n{rows}"), "x,k\n3,a\n,b\n");
    assert_eq!(found, ["6.0", "25.0"]);
}

#[test]
fn dates_are_read_by_the_pattern_that_was_found() {
    let rows: String = (0..48)
        .map(|i| format!("{:02}.{:02}.{},{}\n", 13 + i % 9, 1 + i % 12, 2000 + i / 12, 10 * (1 + i % 12)))
        .collect();
    let config = format!(
        "[project]\ntarget = \"y\"\ntime = \"d\"\n{SOURCES}[clean]\nsplit = {{ test_from = \"2003-06-01\" }}\n\
         [features]\ncolumns = []\ncalendar = [{{ parts = [\"month\"] }}]\n"
    );
    let found = predictions(&config, &format!("d,y\n{rows}"), "d\n1.3.2010\n25.12.1999\n");
    assert_eq!(found, ["30.0", "120.0"]);
}

#[test]
fn what_only_the_target_is_made_of_is_not_asked_for() {
    let rows: String = (1..20).map(|x| format!("{x},{},2,train\n", 4 * x)).collect();
    let config = format!(
        "[project]\ntarget = \"r\"\n{SOURCES}{SPLIT}[features]\ncolumns = [\"x\"]\nexpressions = {{ r = \"a / b\" }}\n"
    );
    let found = predictions(&config, &format!("x,a,b,part\n{rows}"), "x\n7\n0.5\n");
    assert_eq!(found, ["14.0", "1.0"]);
}

#[test]
fn a_raw_table_made_by_hand_tells_how_others_are_read() {
    let rows: String = (0..20).map(|x| format!("{x},{},train\n", 2 * x)).collect();
    let folder = project(&[
        ("pipeline.toml", &format!("[project]\ntarget = \"y\"\n{SPLIT}[train]\nmin_rows = 5\n")),
        ("raw.csv", &format!("x,y,part\n{rows}")),
        ("new.csv", "x;k\n3;a\n;b\n"),
    ]);
    let folder = folder.path();
    run("clean", folder, &["-q", "-i", "raw.csv"]).success();
    run("feature-engineer", folder, &["-q"]).success();
    run("train-model", folder, &["-q"]).success();
    run("predict", folder, &["-q", "-i", "new.csv", "-o", "out.csv"]).success();
    // The median of `x` is 9.5.
    assert_eq!(column(&read(folder.join("out.csv")), "prediction"), ["6.0", "19.0"]);
}

#[test]
fn a_model_that_does_not_say_how_raw_rows_are_read_is_refused() {
    let folder = super::cars();
    let folder = folder.path();
    let manifest = folder.join("data/processed/features.csv.meta.json");
    let mut changed = json(&manifest);
    changed["learned_before"]["clean"].as_object_mut().unwrap().remove("raw").unwrap();
    write(&manifest, changed.to_string());
    run("train-model", folder, &["-q"]).success();
    write(folder.join("new.csv"), "x,colour\n5,red\n");
    run("predict", folder, &["-i", "new.csv", "-o", "out.csv"]).code(13).stderr(contains(
        "models/model.pkl: it was made by a version that did not record how raw rows are read",
    ));
    // A features table needs nothing of it.
    run("predict", folder, &["-q", "-i", "data/processed/features.csv", "-o", "out.csv"]).success();
}

#[test]
fn rare_levels_are_not_unseen_ones() {
    let rows: String = (0..20)
        .map(|i| {
            let level = ["a", "a", "b", "b", "b", "c", "d"][i % 7];
            format!("{i},{level},{},train\n", 2 * i)
        })
        .collect();
    let folder = project(&[
        (
            "pipeline.toml",
            &format!(
                "[project]\ntarget = \"y\"\n{SOURCES}{SPLIT}[features]\nmax_categories = 3\n[train]\nmin_rows = 5\n"
            ),
        ),
        ("raw.csv", &format!("x,k,y,part\n{rows}")),
        ("new.csv", "x,k\n1,a\n1,c\n1,d\n1,e\n"),
    ]);
    train(folder.path());
    run("predict", folder.path(), &["-q", "-i", "new.csv", "-o", "out.csv"]).success();
    assert_eq!(column(&read(folder.path().join("out.csv")), "unseen"), ["", "", "", "k"]);
}

#[test]
fn files_are_read_like_the_source_that_is_named() {
    let one: String = (0..10).map(|i| format!("{i},5;{}\n", 2 * i + 1)).collect();
    let other: String = (0..10).map(|i| format!("{i}.5|{}\n-|10\n", 2 * i + 1)).collect();
    let folder = project(&[
        (
            "pipeline.toml",
            "[project]\ntarget = \"y\"\n[ingest]\nsources = [{ path = \"a.csv\", decimal = \",\" }, \
             { path = \"b.csv\", null_tokens = [\"-\"] }]\n[features]\nfill = \"mean\"\n\
             [clean]\nsplit = { by = \"hash\", key = [\"x\"], calibration = 0, test = 0.1 }\nfill = { number = \"none\" }\n\
             [train]\nmin_rows = 5\n",
        ),
        ("a.csv", &format!("x;y\n{one}")),
        ("b.csv", &format!("x|y\n{other}")),
        ("new.csv", "x;k\n1,5;q\n"),
        ("new.b.csv", "x|k\n1.5|q\n-|q\n"),
    ]);
    let folder = folder.path();
    train(folder);
    run("predict", folder, &["-i", "new.csv"]).code(2).stderr(
        contains("say which one by --like, one of `b.csv`, `a.csv`").or(contains("one of `a.csv`, `b.csv`")),
    );
    run("predict", folder, &["-q", "-i", "new.csv", "--like", "a.csv", "-o", "a.out.csv"]).success();
    run("predict", folder, &["-q", "-i", "new.b.csv", "--like", "b.csv", "-o", "b.out.csv"]).success();
    let (a, b) = (read(folder.join("a.out.csv")), read(folder.join("b.out.csv")));
    assert_eq!(column(&a, "prediction")[0], column(&b, "prediction")[0]);
    assert_eq!(column(&b, "filled"), ["", "x"]);
    // Without a decimal comma `1,5` is no number.
    run("predict", folder, &["-i", "new.csv", "--like", "b.csv", "-o", "c.out.csv"])
        .code(10)
        .stderr(contains("new.csv:2: column `x` (1): found `1,5`"));
    write(folder.join("new.csv"), "x;k\n1.5;q\n");
    run("predict", folder, &["-i", "new.csv", "--like", "a.csv", "-o", "c.out.csv"]).code(10);
}
