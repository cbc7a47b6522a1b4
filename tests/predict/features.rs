//! Rows whose features are made: features tables, the newest rows, tables made by hand.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{cars, panel};
use crate::support::{cells, column, json, project, read, run, shell, write};

#[test]
fn a_features_table_is_scored_whole_or_by_part() {
    let folder = panel();
    let folder = folder.path();
    let features = "data/processed/features.csv";
    run("predict", folder, &["-q", "-i", features, "-o", "all.csv"]).success();
    run("predict", folder, &["-q", "-i", features, "-o", "test.csv", "--part", "test"]).success();
    let (all, test) = (read(folder.join("all.csv")), read(folder.join("test.csv")));
    assert_eq!(cells(&all)[0], ["e", "t", "rows_ahead", "prediction", "absent", "outside"]);
    let target: Vec<f64> =
        column(&read(folder.join(features)), "y").iter().map(|y| y.parse().unwrap()).collect();
    let found: Vec<f64> = column(&all, "prediction").iter().map(|y| y.parse().unwrap()).collect();
    assert_eq!(found, target, "the fit is exact");
    assert_eq!(column(&test, "t").first().map(String::as_str), Some("31"));
    assert_eq!(column(&test, "t").len(), 20);
    run("predict", folder, &["-i", features, "--part", "tset"])
        .code(2)
        .stderr(contains("--part `tset` is none of `train`, `calibration`, `test`"));
}

#[test]
fn nothing_is_pending_where_the_row_itself_is_predicted() {
    let folder = cars();
    run("predict", folder.path(), &[])
        .code(2)
        .stderr(contains("nothing is pending"))
        .stderr(contains("make predict NEW=FILE"));
    assert!(!folder.path().join("reports/forecast.csv").exists());
}

#[test]
fn the_newest_rows_belong_to_their_features_table() {
    let folder = panel();
    let folder = folder.path();
    let config = read(folder.join("pipeline.toml")).replace("entity", "horizon = 2\nentity");
    write(folder.join("pipeline.toml"), config);
    super::train(folder);
    run("predict", folder, &["-q"]).success();
    let forecast = read(folder.join("reports/forecast.csv"));
    assert_eq!(column(&forecast, "t"), ["39", "39", "40", "40"]);
    assert_eq!(column(&forecast, "rows_ahead"), ["2"; 4]);
    let pending = folder.join("data/processed/features.csv.pending.csv");
    write(&pending, read(&pending).replacen('3', "4", 1));
    run("predict", folder, &[]).code(13).stderr(contains("is not the file that the manifest of"));
}

/// The panel with a target two rows ahead, trained in CSV, and one more time in its raw rows since.
fn grown() -> tempfile::TempDir {
    let folder = panel();
    let config = read(folder.path().join("pipeline.toml")).replace("entity", "horizon = 2\nentity");
    write(folder.path().join("pipeline.toml"), config);
    super::train(folder.path());
    write(folder.path().join("raw.csv"), super::panel_rows(1..=41, true));
    run("ingest", folder.path(), &["-q"]).success();
    run("clean", folder.path(), &["-q"]).success();
    folder
}

#[test]
fn the_newest_rows_are_of_the_table_that_the_model_was_trained_on() {
    let folder = grown();
    let folder = folder.path();
    let times = || {
        run("predict", folder, &["-q"]).success();
        column(&read(folder.join("reports/forecast.csv")), "t")
    };
    // The table in CSV is of the run before.
    let table = "data/processed/features.parquet";
    run("feature-engineer", folder, &["-q", "-o", table]).success();
    run("train-model", folder, &["-q", "-i", table]).success();
    assert_eq!(times(), ["40", "40", "41", "41"]);
    // A model alone does not say what it was trained on: the format of the project does.
    std::fs::remove_file(folder.join("models/model.pkl.meta.json")).unwrap();
    assert_eq!(times(), ["39", "39", "40", "40"]);
    write(folder.join(".millrace/format"), "parquet\n");
    assert_eq!(times(), ["40", "40", "41", "41"]);
}

#[test]
fn a_model_of_a_table_made_by_hand_knows_features_only() {
    let rows: String = (0..40).map(|i| format!("{i},{},{}\n", i % 7, 3 + 2 * i + i % 7)).collect();
    let folder = project(&[
        (
            "pipeline.toml",
            "[project]\ntarget = \"y\"\n[train]\nmin_rows = 10\nintervals = { method = \"none\" }\n",
        ),
        ("features.csv", &format!("a,b,y,split\n{}", rows.replace('\n', ",train\n"))),
        ("new.csv", "b,a,name\n1,2,this\n0,,that\n"),
        ("raw.csv", "a,c\n1,2\n"),
    ]);
    let folder = folder.path();
    run("train-model", folder, &["-q", "-i", "features.csv"]).success();
    run("predict", folder, &["-i", "new.csv", "-o", "out.csv"])
        .success()
        .stderr(contains("1 row without a prediction: missing_feature"));
    let expected = "source,line,rows_ahead,prediction,absent,outside\n\
                    new.csv,2,0,8.0,,\nnew.csv,3,0,,missing_feature,\n";
    assert_eq!(read(folder.join("out.csv")), expected);
    run("predict", folder, &["-i", "raw.csv", "-o", "out.csv"])
        .code(13)
        .stderr(contains("has no column `b`, which the model needs"));
    assert_eq!(read(folder.join("out.csv")), expected, "what was there stays");
}

/// The panel with a feature `w`, trained, then its settings changed and its features made again.
fn remade(before: (&str, &str), after: (&str, &str)) -> tempfile::TempDir {
    let folder = panel();
    let path = folder.path().join("pipeline.toml");
    let with_w = read(&path)
        .replace("lags = ", "expressions = { w = \"z + 1\" }\nlags = ")
        .replace(before.0, before.1);
    write(&path, &with_w);
    super::train(folder.path());
    run("predict", folder.path(), &["-q", "-i", "data/processed/features.csv", "-o", "out.csv"]).success();
    let changed = with_w.replace(after.0, after.1);
    assert_ne!(changed, with_w);
    write(path, changed);
    run("clean", folder.path(), &["-q"]).success();
    run("feature-engineer", folder.path(), &["-q"]).success();
    folder
}

#[test]
fn a_table_made_in_another_way_than_the_model_s_is_refused() {
    let limits = "test_from = 31 }\nwinsorise = { x = [0.05, 1.0] }";
    for (after, what) in [
        (
            ("z + 1", "z * 2"),
            "its features were made by another recipe than the model's, which differs in `recipe`",
        ),
        (
            ("test_from = 31 }", limits),
            "its rows were cleaned in another way than the model's, which differs in `winsorised`",
        ),
        (
            ("\"last\"", "\"mode\""),
            "its rows were cleaned in another way than the model's, which differs in `fills`",
        ),
        (("target = \"y\"", "target = \"x\""), "its target is `x`, the model predicts `y`"),
    ] {
        let folder = remade(("", ""), after);
        run("predict", folder.path(), &["-i", "data/processed/features.csv", "-o", "again.csv"])
            .code(13)
            .stderr(contains("features.csv: does not belong to the model"))
            .stderr(contains(what))
            .stderr(contains("run `train-model` again"));
        assert!(!folder.path().join("again.csv").exists());
    }
}

#[test]
fn the_newest_rows_wait_for_the_target_of_the_model() {
    let folder = remade(("entity", "horizon = 2\nentity"), ("horizon = 2", "horizon = 3"));
    run("predict", folder.path(), &[])
        .code(13)
        .stderr(contains("features.csv.pending.csv: does not belong to the model"))
        .stderr(contains(
            "its target is `y_ahead_3`, the model predicts `y_ahead_2`; run `train-model` again",
        ));
}

#[test]
fn a_part_of_another_table_may_hold_rows_that_the_model_was_trained_on() {
    let folder = panel();
    let folder = folder.path();
    let part = ["-i", "data/processed/features.csv", "--part", "test", "-o", "out.csv"];
    let warned =
        "these are not the rows of the table that the model was trained on: rows of its part `test` may be";
    run("predict", folder, &part).success().stderr(contains(warned).not());
    write(folder.join("raw.csv"), super::panel_rows(1..=41, true));
    for stage in ["ingest", "clean", "feature-engineer"] {
        run(stage, folder, &["-q"]).success();
    }
    run("predict", folder, &part).success().stderr(contains(warned));
    run("predict", folder, &part[..2]).success().stderr(contains("trained on").not());
}

#[test]
fn entities_that_ended_before_the_others_are_named() {
    // Two rows ahead: `a` and `b` wait at 39 and 40, `d` at 38 and 39, which is one of these times, `c` at 19 and 20.
    let ends = [("c", 20), ("d", 39), ("e;\u{1b}", 20)];
    let rows: String = ends
        .iter()
        .flat_map(|(entity, last)| (1..=*last).map(move |t| format!("{entity},{t},{},1,{}\n", t % 5, t % 7)))
        .collect();
    let folder = panel();
    let folder = folder.path();
    let config = read(folder.join("pipeline.toml")).replace("entity", "horizon = 2\nentity");
    write(folder.join("pipeline.toml"), config);
    super::train(folder);
    run("predict", folder, &[]).success().stderr(contains("ended before").not());
    let found = |key: &str| json(folder.join("reports/forecast.csv.meta.json"))["found"][key].clone();
    assert_eq!(found("times"), serde_json::json!({ "first": "39", "last": "40" }));
    assert_eq!(found("ended"), serde_json::json!({ "entities": 0, "rows": 0 }));
    write(folder.join("raw.csv"), super::panel_rows(1..=40, true) + &rows);
    super::train(folder);
    run("predict", folder, &[])
        .success()
        .stderr(contains(
            "2 of 5 values of `e` ended before 39, the oldest row whose target is not known yet",
        ))
        .stderr(contains("for a time that has passed: `c` (20), `e;\\u{1b}` (20)\n"));
    let forecast = read(folder.join("reports/forecast.csv"));
    assert_eq!(column(&forecast, "e").len(), 10, "they are scored all the same");
    assert_eq!(found("times"), serde_json::json!({ "first": "19", "last": "40" }));
    assert_eq!(found("ended"), serde_json::json!({ "entities": 2, "rows": 4 }));
    // A part of a table is no forecast.
    run("predict", folder, &["-q", "-i", "data/processed/features.csv", "-o", "all.csv"]).success();
    assert!(json(folder.join("all.csv.meta.json"))["found"].get("times").is_none());
}

#[test]
fn a_features_table_that_lost_its_manifest_is_recognised() {
    // The features are `x` and `colour=red`; the raw rows have `colour`.
    let folder = cars();
    let folder = folder.path();
    std::fs::copy(folder.join("data/processed/features.csv"), folder.join("sent.csv")).unwrap();
    let told = "it has the features of the model, but a features table is known by its manifest: copy its sent.csv.meta.json beside it";
    let sent = ["-i", "sent.csv", "-o", "out.csv"];
    run("predict", folder, &sent)
        .code(10)
        .stderr(contains("sent.csv: has no column `colour`, which the model needs"))
        .stderr(contains(told));
    // Of rows kept apart it is the manifest of their table; standard input has none beside it.
    std::fs::copy(folder.join("sent.csv"), folder.join("features.csv.pending.csv")).unwrap();
    run("predict", folder, &["-i", "features.csv.pending.csv", "-o", "out.csv"])
        .code(10)
        .stderr(contains("copy its features.csv.meta.json beside it"));
    shell(folder, "predict -i - -o - <sent.csv")
        .code(10)
        .stderr(contains("name the file by -i, with the manifest"));
    // Where one feature is missing too, it is no features table.
    write(folder.join("raw.csv"), "x,color\n1,red\n");
    run("predict", folder, &["-i", "raw.csv", "-o", "out.csv"])
        .code(10)
        .stderr(contains("has no column `colour`, which the model needs (did you mean `color`?)"))
        .stderr(contains("features").not());
    // What it says helps.
    let manifest = "data/processed/features.csv.meta.json";
    std::fs::copy(folder.join(manifest), folder.join("sent.csv.meta.json")).unwrap();
    run("predict", folder, &sent).success();
}
