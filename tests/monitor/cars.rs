//! Rows by hand, good and bad: what is counted, what is judged, what is refused.

use std::path::Path;

use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

use super::{monitor, train};
use crate::support::{project, read, run, write};

/// Cars without time: `y = 1 + 2 x + 4 [red] + e` with `e` +1 and -1 by turns, for x from 0 to 19 in blue and in red.
pub(crate) fn cars() -> TempDir {
    let rows: String = (0..80)
        .map(|i| {
            let (x, red, up) = (i / 4, i % 2, i / 2 % 2);
            format!("{x},{},{},train\n", ["blue", "red"][red], 1 + 2 * x + 4 * red + 2 * up - 1)
        })
        .collect();
    let raw = format!("x,colour,y,part\n{rows}3,blue,8,test\n4,red,12,test\n5,red,16,test\n");
    let folder = project(&[
        (
            "pipeline.toml",
            "[project]\ntarget = \"y\"\n[ingest]\nsources = [\"raw.csv\"]\n\
             [clean]\nsplit = { by = \"column\", column = \"part\" }\n[train]\nmin_rows = 10\nintervals = { method = \"none\" }\n",
        ),
        ("raw.csv", &raw),
    ]);
    train(folder.path());
    folder
}

/// `n` red cars with `x` from 0 to 19 in turn, whose `y` is `off` above and below the line by turns.
fn rows(n: i32, off: i32) -> String {
    let row =
        |i: i32| format!("{},red,{}\n", i % 20, 5 + 2 * (i % 20) + if i / 20 % 2 == 0 { off } else { -off });
    format!("x,colour,y\n{}", (0..n).map(row).collect::<String>())
}

fn found(folder: &Path, new: &str) -> Value {
    write(folder.join("new.csv"), new);
    monitor(folder, &["-i", "new.csv"])
}

#[test]
fn cells_that_stand_out_are_counted() {
    let folder = cars();
    let found = found(folder.path(), "x,colour,y\n5,red,15\n6,green,13\n-1,green,\n100,blue,201\n,red,24\n");
    let cells = &found["cells"];
    assert_eq!(cells["unseen"], serde_json::json!({ "colour": 2 }));
    // A colour that was never seen is another one, which no training row was.
    assert_eq!(cells["outside"], serde_json::json!({ "x": 2, "colour=(other)": 2 }));
    assert_eq!(cells["filled"], serde_json::json!({ "x": 1 }));
    assert_eq!(found["rows"], serde_json::json!({ "n": 5, "without_outcome": 1, "without_prediction": 0 }));
    assert_eq!((&found["error"]["n"], &found["error"]["missing"]), (&4.into(), &1.into()));
    // Of the rows in the bins of `x` none is missing: `clean` filled it, in training rows, too, before they were counted.
    let psi = &found["drift"]["features"]["x"];
    assert_eq!((&psi["n"], &psi["missing_share"]), (&5.into(), &0.0.into()));
    assert_eq!((&psi["share_below"], &psi["share_above"]), (&0.2.into(), &0.2.into()));
    // The outcome that is not known is none that is missing.
    assert_eq!(
        (&found["drift"]["target"]["n"], &found["drift"]["target"]["missing_share"]),
        (&4.into(), &0.0.into())
    );
    assert_eq!(found["drift"]["prediction"]["n"], 5);
}

#[test]
fn the_error_is_judged_from_twenty_rows_on_beside_what_is_to_be_expected() {
    let folder = cars();
    let folder = folder.path();
    let verdict = |n: i32, off: i32| {
        let found = found(folder, &rows(n, off));
        assert_eq!(
            (&found["expected"]["from"], found["error"]["n"].as_i64()),
            (&"training".into(), Some(n.into()))
        );
        let (mae, expected) =
            (found["error"]["mae"].as_f64().unwrap(), found["expected"]["mae"].as_f64().unwrap());
        assert!((mae - f64::from(off)).abs() < 1e-9 && (expected - 1.0).abs() < 1e-9, "{mae} {expected}");
        assert!((found["verdict"]["ratio"].as_f64().unwrap() - mae / expected).abs() < 1e-12);
        let warned = found["warnings"].as_array().unwrap().iter().any(|w| w["kind"] == "error");
        assert_eq!(warned, found["verdict"]["error"] == "larger");
        found["verdict"]["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(40, 1), "as_expected");
    assert_eq!(verdict(40, 3), "larger");
    assert_eq!(verdict(20, 3), "larger");
    assert_eq!(verdict(19, 3), "not_enough_rows");
    assert_eq!(verdict(40, 0), "smaller");
}

#[test]
fn rows_without_target_are_monitored_for_drift() {
    let folder = cars();
    for new in ["x,colour\n5,red\n6,blue\n", "x,colour,y\n5,red,\n6,blue,\n"] {
        let found = found(folder.path(), new);
        assert_eq!(
            found["rows"],
            serde_json::json!({ "n": 2, "without_outcome": 2, "without_prediction": 0 })
        );
        assert_eq!((&found["error"]["n"], &found["error"]["mae"]), (&0.into(), &Value::Null));
        assert_eq!(found["error"]["absent"]["mae"], "no_rows");
        assert_eq!(found["verdict"], serde_json::json!({ "error": "not_enough_rows", "ratio": null }));
        assert_eq!(found["drift"]["target"]["verdict"], "not_enough_rows");
    }
}

#[test]
fn one_row_and_rows_without_any_value_say_little() {
    let folder = cars();
    let one = found(folder.path(), "x,colour,y\n5,red,17\n");
    assert!((one["error"]["mae"].as_f64().unwrap() - 2.0).abs() < 1e-9);
    assert_eq!((&one["verdict"]["error"], &one["status"]), (&"not_enough_rows".into(), &"pass".into()));
    let empty = found(folder.path(), "x,colour,y\n,,\n,,\n");
    assert_eq!((&empty["rows"]["n"], &empty["cells"]["filled"]["x"]), (&2.into(), &2.into()));
}

#[test]
fn what_cannot_be_read_is_refused_and_the_last_file_stays() {
    let folder = cars();
    let folder = folder.path();
    found(folder, &rows(20, 1));
    let paths =
        ["", ".state.json", ".meta.json"].map(|ending| folder.join(format!("reports/monitor.json{ending}")));
    let before = paths.each_ref().map(read);
    for (new, code, said) in [
        ("", 21, "new.csv: is empty"),
        ("x,colour\n", 11, "no row to monitor"),
        ("x,color,y\n5,red,1\n", 10, "has no column `colour`, which the model needs (did you mean `color`?)"),
        ("x,colour,y\n5,red,1\nfive,red,1\n", 10, "new.csv:3: column `x` (1): found `five`"),
        ("x,colour,y\n5,red,much\n", 10, "column `y` (3): found `much`"),
        ("x,colour,y\n5,red,1\n5,red\n", 21, "new.csv:3"),
    ] {
        write(folder.join("new.csv"), new);
        run("monitor", folder, &["-i", "new.csv"]).code(code).stderr(contains(said));
        assert_eq!(paths.each_ref().map(read), before, "{said}");
    }
    run("monitor", folder, &[]).code(2).stderr(contains("name new rows by -i FILE"));
    run("monitor", folder, &["-i", "gone.csv"]).code(20);
    run("monitor", folder, &["-i", "new.csv", "--period", "fortnight"]).code(2);
    run("monitor", folder, &["-i", "models/model.pkl"]).code(2);
    run("monitor", folder, &["-i", "raw.csv", "--model", "raw.csv"]).code(13);
}

#[test]
fn a_file_that_is_given_twice_is_told() {
    let folder = cars();
    let folder = folder.path();
    found(folder, &rows(20, 1));
    run("monitor", folder, &["-i", "new.csv", "-i", "new.csv"]).code(21).stderr(contains("stands twice"));
    std::fs::copy(folder.join("new.csv"), folder.join("copy.csv")).unwrap();
    let both = run("monitor", folder, &["-i", "new.csv", "-i", "copy.csv"]).success();
    both.stderr(contains("new.csv and copy.csv are the same file: rows that have no time count twice"));
}

#[test]
fn a_copy_of_the_model_is_all_it_takes() {
    let trained = cars();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::copy(trained.path().join("models/model.pkl"), folder.join("m.pkl")).unwrap();
    write(folder.join("new.csv"), rows(20, 1));
    let output = run("monitor", folder, &["-q", "--model", "m.pkl", "-i", "new.csv", "-o", "-"]).success();
    let here: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(here, found(trained.path(), &rows(20, 1)));
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
