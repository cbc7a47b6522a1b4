//! What cannot be scored is refused by file, line and column, and nothing is written.

use predicates::str::contains;

use super::{cars, panel, panel_rows};
use crate::support::{read, run, write};

/// Scores `new` with the model of the cars: the exit code and what is said; no output.
fn refused(new: &str, code: i32, said: &[&str]) {
    let folder = cars();
    write(folder.path().join("new.csv"), new);
    let mut done = run("predict", folder.path(), &["-i", "new.csv", "-o", "out.csv"]).code(code);
    for message in said {
        done = done.stderr(contains(*message));
    }
    assert!(!folder.path().join("out.csv").exists());
}

#[test]
fn files_without_rows_are_refused() {
    refused("", 21, &["new.csv: is empty"]);
    refused("x,colour\n", 11, &["no row to score"]);
}

#[test]
fn a_missing_column_is_named_with_the_nearest() {
    refused(
        "x,color\n5,red\n",
        10,
        &["new.csv: has no column `colour`, which the model needs (did you mean `color`?)"],
    );
    refused("x:colour\n5:red\n", 21, &["one column, whose cells seem to hold several parted by colons"]);
}

#[test]
fn every_cell_that_is_no_value_is_listed() {
    let folder = cars();
    write(folder.path().join("new.csv"), "colour,x\nred,5\nred,five\nblue,1e999\n");
    run("predict", folder.path(), &["-i", "new.csv", "-o", "out.csv"])
        .code(10)
        .stderr(contains("2 breaches of the contract: `x` 2"))
        .stderr(contains("new.csv:3: column `x` (2): found `five`, expected a number"))
        .stderr(contains("new.csv:4: column `x` (2): found `1e999`"));
    assert!(read(folder.path().join("out.csv.violations.csv")).lines().count() == 3);
    assert!(!folder.path().join("out.csv").exists());
}

#[test]
fn broken_records_are_refused_by_line() {
    refused("x,colour\n5,red\n6,blue,1\n", 21, &["new.csv:3"]);
    refused("x,colour\n5,\"red\n", 21, &["new.csv:2"]);
}

#[test]
fn rows_without_entity_or_time_are_refused() {
    let folder = panel();
    let folder = folder.path();
    write(folder.join("new.csv"), "e,t,x,z\na,41,1,1\n,41,1,1\nb,,1,1\nb,4.5,1,1\n");
    run("predict", folder, &["-i", "new.csv", "-o", "out.csv"])
        .code(10)
        .stderr(contains("new.csv:3: column `e` (1): is missing, and must not be"))
        .stderr(contains("new.csv:4: column `t` (2): is missing, and must not be"))
        .stderr(contains("new.csv:5: column `t` (2): found `4.5`, expected an integer"));
    write(folder.join("new.csv"), "e,x,z\na,1,1\n");
    run("predict", folder, &["-i", "new.csv", "-o", "out.csv"])
        .code(10)
        .stderr(contains("new.csv: has no column `t`"));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = panel();
    let folder = folder.path();
    write(folder.join("new.csv"), panel_rows(41..=41, false));
    let refused = |arguments: &[&str], code: i32, message: &'static str| {
        run("predict", folder, arguments).code(code).stderr(contains(message));
    };
    refused(&["-i", "new.csv", "-o", "new.csv"], 2, "the output is also an input");
    refused(&["-i", "new.csv", "--history", "new.csv"], 21, "stands twice among the sources");
    refused(&["-i", "gone.csv"], 20, "gone.csv: no such file");
    refused(&["-i", "new.csv", "--model", "gone.pkl"], 13, "gone.pkl: not there");
    refused(&["-i", "new.csv", "--model", "new.csv"], 13, "new.csv: refused as a model");
    refused(&["-i", "data/processed/clean.csv"], 2, "is a checkpoint of clean");
    refused(&["-i", "new.csv", "--part", "test"], 2, "raw rows have no part");
    refused(&["-i", "new.csv", "--like", "a.csv"], 2, "all sources were written in one way");
    refused(&["--history", "new.csv"], 2, "--history is for raw rows");
    assert!(!folder.join("reports/forecast.csv").exists());
}
