//! `clean --accept`: what was found becomes what every later run must find, by hand and through make.
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

mod support;

use std::path::Path;
use std::process::Command;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use support::{column, json, program, project, read, run, write};
use tempfile::TempDir;

const CONFIG: &str = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

/// Thirty rows: `city` has three levels ten times each, `id` is another text in each row.
fn rows(n: usize) -> String {
    let row = |i: usize| format!("{},id{i},{i},{i}.5,train\n", ["Oslo", "Rome", "Bern"][i % 3]);
    let rows: String = (0..n).map(row).collect();
    format!("city,id,k,y,part\n{rows}")
}

/// A project with a table whose every column is accepted, and then another table.
fn accepted(then: &str) -> TempDir {
    let folder = project(&[("pipeline.toml", CONFIG), ("raw.csv", &rows(30))]);
    clean(&folder, &["--accept"]).success();
    std::fs::remove_dir_all(folder.path().join("data")).unwrap();
    write(folder.path().join("raw.csv"), then);
    folder
}

fn clean(folder: &TempDir, arguments: &[&str]) -> Assert {
    run("clean", folder.path(), &[&["-i", "raw.csv"], arguments].concat())
}

fn changes(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/clean.csv.meta.json"))["found"]["changes"].clone()
}

#[test]
fn the_lock_holds_columns_levels_and_rows() {
    let folder = accepted(&rows(30));
    assert_eq!(
        json(folder.path().join("clean.lock")),
        json!({"columns": [
            {"name": "city", "type": "string", "levels": ["Bern", "Oslo", "Rome"]},
            {"name": "id", "type": "string"},
            {"name": "k", "type": "integer"},
            {"name": "y", "type": "number"},
            {"name": "part", "type": "string"}
        ], "rows": 30})
    );
    clean(&folder, &[]).success();
    assert_eq!(changes(&folder), json!([]));
    let (first, written) = (read(folder.path().join("data/processed/clean.csv")), "data/processed/clean.csv");
    clean(&folder, &["--accept"]).success();
    assert_eq!(read(folder.path().join(written)), first, "accepting is an ordinary run");
}

#[test]
fn the_order_of_rows_does_not_matter_to_the_lock() {
    let folder = accepted(&rows(30));
    let lock = read(folder.path().join("clean.lock"));
    let all = rows(30);
    let mut lines: Vec<&str> = all.lines().collect();
    lines[1..].reverse();
    write(folder.path().join("raw.csv"), lines.join("\n") + "\n");
    clean(&folder, &["--accept"]).success();
    assert_eq!(read(folder.path().join("clean.lock")), lock);
}

#[test]
fn each_change_is_named_with_what_was_and_what_is() {
    let base = rows(30);
    for (then, expected) in [
        (base.replace("city,", "town,"), vec!["column `city` is gone", "column `town` is new"]),
        (base.replace(",k,", ",j,"), vec!["column `k` is gone", "column `j` is new"]),
        (base.replace(",7,7.5", ",7x,7.5"), vec!["column `k` is string, was integer"]),
        (base.replace(",7,7.5", ",7.25,7.5"), vec!["column `k` is number, was integer"]),
        (
            base.replacen("Rome", "Paris", 2).replacen("Bern", "Lima", 1),
            vec![
                "column `city` has the new level `Paris` in 2 rows, the first raw.csv:3",
                "column `city` has the new level `Lima` in 1 row, the first raw.csv:4",
            ],
        ),
        (rows(61), vec!["61 rows, was 30: more than 2 times as many"]),
        (rows(14), vec!["14 rows, was 30: more than 2 times fewer"]),
    ] {
        let folder = accepted(&then);
        let mut said =
            contains(format!("ERROR clean: clean.lock: not what was accepted: {}", expected[0])).boxed();
        for change in &expected {
            said = said.and(contains(*change)).boxed();
        }
        clean(&folder, &[])
            .code(10)
            .stderr(said)
            .stderr(contains("`make accept` (`clean --accept`) takes what is found now"));
        assert!(!folder.path().join("data/processed/clean.csv").exists());
        clean(&folder, &["--accept"]).success();
        clean(&folder, &[]).success();
    }
}

#[test]
fn all_changes_are_found_in_one_run_and_told() {
    let then = rows(90).replace(",id,", ",ident,").replace(",k,", ",kk,").replace("Oslo", "Wien");
    let folder = accepted(&then);
    write(
        folder.path().join("pipeline.toml"),
        format!("{CONFIG}[notify]\ncommand = [\"sh\", \"-c\", \"cat > told.json\"]\n"),
    );
    clean(&folder, &[]).code(10).stderr(contains("column `id` is gone; 6 changes in all"));
    let told = json(folder.path().join("told.json"));
    assert_eq!((&told["class"], &told["exit_code"]), (&json!("schema"), &json!(10)));
    assert_eq!(
        told["details"],
        json!([
            "column `k` is gone",
            "column `ident` is new",
            "column `kk` is new",
            "column `city` has the new level `Wien` in 30 rows, the first raw.csv:2",
            "90 rows, was 30: more than 2 times as many"
        ])
    );
}

#[test]
fn what_fits_is_no_change() {
    let base = rows(30);
    for then in [
        // New texts in a column that is not categorical.
        base.replace(",id", ",other").replacen(",other,", ",id,", 1),
        // Half as many and twice as many rows are not beyond the factor.
        rows(15),
        rows(60),
        // An integer column where a number was accepted.
        base.replace(".5,train", ",train"),
        // A level that is not seen any more, missing cells, other order of columns and rows.
        base.replace("Rome", ""),
        base.replace("Rome", "Oslo"),
        "part,y,k,id,city\n".to_owned() + &"train,1.5,2,a,Rome\ntest,2.5,3,b,Oslo\n".repeat(8),
    ] {
        let folder = accepted(&then);
        clean(&folder, &[]).success();
        assert_eq!(changes(&folder), json!([]));
    }
}

/// The table of `rows` with no value in column `k`.
fn emptied(n: usize) -> String {
    let emptied = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if cells[2] != "k" {
            cells[2] = "";
        }
        cells.join(",") + "\n"
    };
    rows(n).lines().map(emptied).collect()
}

#[test]
fn a_column_that_lost_all_values_is_a_change() {
    let folder = accepted(&emptied(30));
    clean(&folder, &[]).code(10).stderr(contains("column `k` has no value, was integer"));
    // Accepted without values it is of any type.
    clean(&folder, &["--accept"]).success();
    clean(&folder, &[]).success();
    write(folder.path().join("raw.csv"), rows(30));
    clean(&folder, &[]).success();
    assert_eq!(changes(&folder), json!([]));
}

#[test]
fn few_levels_seen_often_make_a_column_categorical() {
    let table = |levels: usize, each: usize| {
        let rows: String = (0..levels * each).map(|i| format!("l{},{i},train\n", i % levels)).collect();
        format!("x,y,part\n{rows}")
    };
    for (levels, each, categorical) in
        [(1, 10, true), (1, 9, false), (100, 10, true), (101, 10, false), (100, 9, false), (2, 5, false)]
    {
        let folder = project(&[("pipeline.toml", CONFIG), ("raw.csv", &table(levels, each))]);
        clean(&folder, &["--accept"]).success();
        let lock = json(folder.path().join("clean.lock"));
        let found = lock["columns"][0]["levels"].as_array().map(Vec::len);
        assert_eq!(found, categorical.then_some(levels), "{levels} levels {each} times");
        assert_eq!(lock["columns"][2].get("levels"), None, "the parts of the split are known");
    }
}

#[test]
fn many_new_levels_are_counted() {
    let strange: String = (0..30).map(|i| format!("l{i},id{i},{i},{i}.5,train\n")).collect();
    let folder = accepted(&format!("city,id,k,y,part\n{strange}"));
    clean(&folder, &[])
        .code(10)
        .stderr(contains("column `city` has the new level `l9` in 1 row, the first raw.csv:11"))
        .stderr(contains("column `city` has 20 more new levels"))
        .stderr(contains("`l10`").not());
}

#[test]
fn a_person_can_choose_to_be_warned_only_and_where_rows_jump() {
    let folder = accepted(&rows(70).replacen("Rome", "Paris", 1));
    write(folder.path().join("pipeline.toml"), format!("{CONFIG}accepted = \"warn\"\n"));
    clean(&folder, &[]).success().stderr(contains(
        "WARN clean: clean.lock: not what was accepted: 70 rows, was 30: more than 2 times as many",
    ));
    assert_eq!(
        changes(&folder),
        json!([
            "column `city` has the new level `Paris` in 1 row, the first raw.csv:3",
            "70 rows, was 30: more than 2 times as many"
        ])
    );
    write(folder.path().join("pipeline.toml"), format!("{CONFIG}accepted_rows_factor = 1.5\n"));
    write(folder.path().join("raw.csv"), rows(46));
    clean(&folder, &[]).code(10).stderr(contains("46 rows, was 30: more than 1.5 times as many"));
    for (line, message) in [
        ("accepted_rows_factor = 0.5", ":5: [clean] accepted_rows_factor: a number of at least 1"),
        ("accepted_rows_factor = inf", ":5: [clean] accepted_rows_factor: a number of at least 1"),
        ("accepted = \"wran\"", ":5: unknown value `wran` (did you mean `warn`?)"),
    ] {
        write(folder.path().join("pipeline.toml"), format!("{CONFIG}{line}\n"));
        clean(&folder, &[]).code(2).stderr(contains(format!("pipeline.toml{message}")));
    }
}

#[test]
fn a_contract_decides_the_types_that_are_accepted() {
    let folder = accepted(&rows(30));
    let fields = |k: &str| {
        let names = ["city", "id", "y", "part"].map(|n| {
            format!("{{\"name\": \"{n}\", \"type\": \"{}\"}}", if n == "y" { "number" } else { "string" })
        });
        format!("{{\"fields\": [{}, {{\"name\": \"k\", \"type\": \"{k}\"}}]}}", names.join(","))
    };
    write(folder.path().join("schema.json"), fields("integer"));
    clean(&folder, &[]).success();
    write(folder.path().join("schema.json"), fields("string"));
    clean(&folder, &[]).code(10).stderr(contains("column `k` is string, was integer"));
    // The contract goes first: what breaks it is no matter of acceptance.
    write(folder.path().join("schema.json"), fields("date"));
    clean(&folder, &["--accept"]).code(10).stderr(contains("30 breaches of the contract: `k` 30"));
    assert_eq!(json(folder.path().join("clean.lock"))["columns"][2]["type"], "integer");
}

#[test]
fn a_lock_that_is_none_is_refused_and_can_be_written_anew() {
    let folder = accepted(&rows(30));
    for damage in [
        "",
        "{\n\"columns\": 3}",
        "{\"columns\": [],\n\"rows\": 1, \"more\": 1}",
        "{\"columns\": [], \"rows\": -1}",
    ] {
        write(folder.path().join("clean.lock"), damage);
        clean(&folder, &[])
            .code(2)
            .stderr(contains("is not what `make accept` writes; restore it, or run `make accept`"));
    }
    clean(&folder, &["--accept"]).success();
    clean(&folder, &[]).success();
}

#[test]
fn a_run_that_fails_accepts_nothing() {
    let folder = project(&[("pipeline.toml", CONFIG), ("raw.csv", "x,y,part\n1,2,test\n")]);
    clean(&folder, &["--accept"]).code(11);
    assert!(!folder.path().join("clean.lock").exists());
}

// Through make.

fn make(project: &Path, goals: &[&str]) -> (bool, String) {
    let programs = program("ingest").parent().unwrap().to_owned();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut make = Command::new("make");
    for name in ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MILLRACE_INNER", "MILLRACE_STALE", "MILLRACE_RUN_ID"] {
        make.env_remove(name);
    }
    make.arg("-C").arg(repository).arg(format!("PROJECT={}", project.display()));
    let output = make.arg(format!("BIN={}", programs.display())).args(goals).output().unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stderr).unwrap() + &String::from_utf8_lossy(&output.stdout),
    )
}

#[test]
fn make_accept_takes_what_both_stages_found() {
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw.csv\"]\n");
    let folder = project(&[("pipeline.toml", &config), ("raw.csv", &rows(30))]);
    let make = |goals: &[&str]| make(folder.path(), goals);
    let (ok, said) = make(&["accept"]);
    assert!(ok, "{said}");
    assert!(folder.path().join("ingest.lock").exists() && folder.path().join("clean.lock").exists());
    let cities = column(&read(folder.path().join("data/processed/clean.csv")), "city");
    assert_eq!(cities.len(), 30);
    // Both wrote their checkpoints: nothing is left to do.
    let (ok, said) = make(&["cleaned"]);
    assert!(ok && said.contains("cleaned: up to date"), "{said}");
    write(folder.path().join("raw.csv"), rows(30).replacen("Oslo", "Wien", 1));
    let (ok, said) = make(&["cleaned"]);
    assert!(
        !ok && said.contains("column `city` has the new level `Wien` in 1 row, the first raw.csv:2"),
        "{said}"
    );
    assert!(said.contains("Error 10"), "{said}");
    let (ok, said) = make(&["accept"]);
    assert!(ok, "{said}");
    let (ok, said) = make(&["cleaned"]);
    assert!(ok && said.contains("cleaned: up to date"), "{said}");
    // A lock of another machine is found by its time.
    let lock = read(folder.path().join("clean.lock"));
    write(folder.path().join("clean.lock"), lock.replace("\"rows\": 30", "\"rows\": 300"));
    let (_, said) = make(&["status"]);
    assert!(said.contains("clean             stale: clean.lock changed"), "{said}");
    let (ok, said) = make(&["cleaned"]);
    assert!(!ok && said.contains("30 rows, was 300: more than 2 times fewer"), "{said}");
}
