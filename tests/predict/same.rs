//! Rows of one entity and time, in new files and in the history.

use predicates::str::contains;

use super::{panel, panel_rows, train};
use crate::support::{column, json, project, read, run, write};

#[test]
fn a_new_row_replaces_the_row_of_the_history_at_its_entity_and_time() {
    let folder = panel();
    let folder = folder.path();
    write(folder.join("history.csv"), panel_rows(1..=40, true));
    // Of a the month 40 comes again in other text, of b with `x` 7 in place of 5 and `z` 2 in place of 1.
    write(folder.join("new.csv"), "e,t,x,z\na,40,5.0,1\nb,40,7,2\na,41,9,2\nb,41,9,2\n");
    let with_rule = |rule: &str| {
        let config = read(folder.join("pipeline.toml"));
        write(
            folder.join("pipeline.toml"),
            config.replace("fill = {", &format!("duplicates = {rule}\nfill = {{")),
        );
        train(folder);
        write(folder.join("pipeline.toml"), config);
    };
    let rules = [None, Some("first"), Some("last"), Some("error")];
    for rule in rules {
        if let Some(keep) = rule {
            with_rule(&format!("{{ key = [\"e\", \"t\"], keep = \"{keep}\" }}"));
        }
        run("predict", folder, &["-i", "new.csv", "--history", "history.csv", "-o", "out.csv"])
            .success()
            .stderr(contains("0 of the new rows repeat another, 2 a row of the history"));
        // `x` at 39 is 273 % 11 = 9 of a and 391 % 11 = 6 of b.
        let expected = ["24.0", "26.0", "25.0", "27.0"];
        assert_eq!(column(&read(folder.join("out.csv")), "prediction"), expected, "{rule:?}");
        let step = &json(folder.join("out.csv.meta.json"))["ledger"][0];
        let counts = [&step["rows_in"], &step["dropped"]["replaced"], &step["apart"]["history"]];
        assert_eq!(counts.map(|n| n.as_u64().unwrap()), [84, 2, 78]);
    }
}

#[test]
fn a_missing_target_is_that_of_the_history() {
    let mut y = vec![10_i32];
    (2..=41_i32).for_each(|t| y.push(30 - y[y.len() - 1] + t % 3));
    let row = |t: usize, y: &str| format!("{t},{},{y}\n", t % 3);
    let history: String = (1..=40).map(|t| row(t, &y[t - 1].to_string())).collect();
    let folder = project(&[
        (
            "pipeline.toml",
            "[project]\ntarget = \"y\"\ntime = \"t\"\n[ingest]\nsources = [\"history.csv\"]\n[clean]\nsplit = { test_from = 31 }\n\
             [features]\ncolumns = [\"z\"]\nlags = [{ columns = [\"y\"], rows = [1] }]\n\
             [train]\nmin_rows = 10\nintervals = { method = \"none\" }\n",
        ),
        ("history.csv", &format!("t,z,y\n{history}")),
        ("new.csv", &format!("t,z,y\n{}{}", row(40, ""), row(41, ""))),
    ]);
    let folder = folder.path();
    train(folder);
    let known = format!("t,z,y\n{}{}", row(40, &y[39].to_string()), row(41, ""));
    write(folder.join("known.csv"), known);
    let scored = |new: &str| {
        run("predict", folder, &["-q", "-i", new, "--history", "history.csv", "-o", "out.csv"]).success();
        read(folder.join("out.csv"))
    };
    let out = scored("new.csv");
    assert_eq!(out, scored("known.csv"));
    assert_eq!(column(&out, "filled"), ["", ""]);
}

#[test]
fn two_new_rows_of_one_entity_and_time_are_refused() {
    let folder = panel();
    let folder = folder.path();
    write(folder.join("new.csv"), "e,t,x,z\na,41,9,2\nb,41,9,2\n");
    write(folder.join("more.csv"), "e,t,x,z\na,41,9,2\nb,41,8,2\n");
    // Line 2 of both is one row; line 3 is not.
    run("predict", folder, &["-i", "new.csv", "-i", "more.csv", "-o", "out.csv"])
        .code(10)
        .stderr(contains("1 row to score that another new row stands for too"))
        .stderr(contains("more.csv:3: the row has the values of new.csv:3 in `e`, `t`"));
    assert!(!folder.join("out.csv").exists());
}
