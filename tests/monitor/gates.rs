//! Limits on figures of `monitor.json`, and its schema.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::cars::cars;
use super::repository;
use crate::support::{json, read, run, stage, write};

const FOUND: &str = "reports/monitor.json";

/// 40 red cars off by 1, as in training, or by `off`.
fn new(off: i32) -> String {
    let row =
        |i: i32| format!("{},red,{}\n", i % 20, 5 + 2 * (i % 20) + if i / 20 == 0 { off } else { -off });
    format!("x,colour,y\n{}", (0..40).map(row).collect::<String>())
}

#[test]
fn a_broken_gate_is_written_told_and_ends_with_its_code() {
    let folder = cars();
    let folder = folder.path();
    let config = read(folder.join("pipeline.toml"));
    let with = |gates: &str| write(folder.join("pipeline.toml"), format!("{config}{gates}"));
    with(
        "[monitor.gates.fail]\n\"error.mae\" = { max = 2 }\n\"verdict.error\" = { not = \"larger\" }\n\
          [monitor.gates.warn]\n\"rows.n\" = { min = 41 }\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> told.json\"]\n",
    );
    // Rows as in training: only the warning is broken.
    write(folder.join("new.csv"), new(1));
    run("monitor", folder, &["-i", "new.csv"]).success().stderr(contains("gate broken: `rows.n` is 40"));
    let found = json(folder.join(FOUND));
    assert_eq!((&found["status"], found["gates"].as_array().unwrap().len()), (&json!("warn"), 3));
    assert!(!folder.join("told.json").exists());
    // Off by 5: both limits are broken, the file is there, and it is told once.
    write(folder.join("new.csv"), new(5));
    run("monitor", folder, &["-i", "new.csv"])
        .code(12)
        .stderr(contains("2 gates broken").and(contains("`error.mae` is 5")));
    let found = json(folder.join(FOUND));
    assert_eq!(found["status"], "fail");
    let kept: Vec<bool> =
        found["gates"].as_array().unwrap().iter().map(|g| g["kept"].as_bool().unwrap()).collect();
    assert_eq!(kept, [false, false, false]);
    let told = read(folder.join("told.json"));
    assert_eq!(told.matches("\"task\"").count(), 1, "{told}");
    assert!(told.contains("error.mae"), "{told}");
    run("monitor", folder, &["-i", "new.csv", "--lenient"]).success().stderr(contains("2 gates broken"));
    assert_eq!(read(folder.join("told.json")).matches("\"task\"").count(), 2);
    // A colour that was never unseen is counted 0 times.
    with("[monitor.gates.fail]\n\"cells.unseen.colour\" = { max = 0 }\n");
    run("monitor", folder, &["-i", "new.csv"]).success();
    assert_eq!(json(folder.join(FOUND))["gates"][0]["value"], 0.0);
    write(folder.join("odd.csv"), new(1).replacen("red", "green", 3));
    run("monitor", folder, &["-i", "odd.csv"]).code(12).stderr(contains("`cells.unseen.colour` is 3"));
    write(folder.join("new.csv"), new(5));
    with("[monitor.gates.fail]\n\"error.mae\" = { max = 2 }\n");
    run("monitor", folder, &["-i", "new.csv"]).code(12);
    // What monitor.json can never hold, and what is no length.
    with("[monitor.gates.fail]\n\"error.r3\" = { min = 0.5 }\n");
    run("monitor", folder, &["-i", "new.csv"])
        .code(2)
        .stderr(contains("pipeline.toml:").and(contains("error.r2")));
    with("[monitor]\nperiod = \"weak\"\n");
    run("monitor", folder, &["-i", "new.csv"])
        .code(2)
        .stderr(contains("pipeline.toml:").and(contains("week")));
    assert_eq!(json(folder.join(FOUND))["status"], "fail", "the file of the last good run stays");
}

#[test]
fn the_committed_schema_is_the_one_of_the_program() {
    let output = stage("monitor").arg("--schema").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let again = "target/debug/monitor --schema > docs/monitor.schema.json";
    let committed = read(repository().join("docs/monitor.schema.json"));
    assert!(String::from_utf8(output.stdout).unwrap() == committed, "another schema: `{again}`");
}
