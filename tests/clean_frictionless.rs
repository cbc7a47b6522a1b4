//! `clean` beside `frictionless`, the validator of Table Schema's own makers: both take the same tables
//! and blame the same cells, but where we differ on purpose, which is listed with the reason.
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

#[path = "frictionless/case.rs"]
mod case;
#[path = "frictionless/constraints.rs"]
mod constraints;
#[path = "frictionless/differences.rs"]
mod differences;
#[path = "support/python.rs"]
mod python;
#[path = "frictionless/tables.rs"]
mod tables;
#[path = "frictionless/types.rs"]
mod types;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use case::{Agreement, Case};
use serde_json::{Value, json};
use support::{column, project, read, stage};

const CONFIG: &str = "[project]\ntarget = \"n\"\n[ingest]\nsources = [\"data.csv\"]\n\
                      [clean]\nsplit = { by = \"hash\" }\nduplicates = \"keep\"\n";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/frictionless/validate.py");

/// What a validator says of a table.
#[derive(Debug, PartialEq)]
struct Verdict {
    valid: bool,
    /// Cells, labels and rows at fault, by line and column; nothing where the whole table is.
    cells: Option<BTreeSet<(u64, String)>>,
    /// In its own words.
    said: String,
}

/// What `ingest` and `clean` say.
fn ours(case: &Case) -> Verdict {
    let schema = case.schema.to_string();
    let folder = project(&[("pipeline.toml", CONFIG), ("schema.json", &schema), ("data.csv", &case.csv)]);
    for program in ["ingest", "clean"] {
        let output = stage(program).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match (program, output.status.code()) {
            // Too few rows for what comes after the contract, which holds.
            (_, Some(0)) | ("clean", Some(11)) => {}
            (_, Some(10)) => {
                let found = read(folder.path().join("data/processed/clean.csv.violations.csv"));
                let lines = column(&found, "line").into_iter().map(|line| line.parse().unwrap());
                let cells = Some(lines.zip(column(&found, "column")).collect());
                return Verdict { valid: false, cells, said: found };
            }
            (_, Some(2 | 11 | 21)) => return Verdict { valid: false, cells: None, said },
            other => panic!("{}: {other:?}\n{said}", case.name),
        }
    }
    Verdict { valid: true, cells: Some(BTreeSet::new()), said: "valid".to_owned() }
}

/// What `frictionless` says of all cases, in one process.
fn theirs(python: &Path, cases: &[Case]) -> Vec<Verdict> {
    let input: Vec<Value> = cases.iter().map(|c| json!({ "schema": c.schema, "csv": c.csv })).collect();
    let folder = project(&[("cases.json", &json!(input).to_string())]);
    let output = Command::new(python).args(["-I", SCRIPT, "cases.json"]).current_dir(folder.path()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found.len(), cases.len());
    found.iter().map(verdict).collect()
}

fn verdict(found: &Value) -> Verdict {
    let errors = found["errors"].as_array().unwrap();
    let cell = |error: &Value| {
        let column = error["column"].as_str().unwrap_or_default().to_owned();
        error["line"].as_u64().map(|line| (line, column))
    };
    let cells = errors.iter().map(cell).collect();
    Verdict { valid: found["valid"] == json!(true), cells, said: json!(errors).to_string() }
}

/// Why the verdicts are not what the case says, if so.
fn disagreement(case: &Case, ours: &Verdict, theirs: &Verdict) -> Option<&'static str> {
    let wrong = |what, is: bool| is.then_some(what);
    match case.agreement {
        Agreement::Stricter(_) => wrong("is to be refused by clean alone", ours.valid || !theirs.valid),
        Agreement::Looser(_) => wrong("is to be refused by frictionless alone", !ours.valid || theirs.valid),
        Agreement::OtherCells(_) => {
            wrong("other cells are to be blamed", ours.valid || theirs.valid || ours.cells == theirs.cells)
        }
        Agreement::Same => match &case.bad {
            // Where the whole table is at fault there is no cell to compare.
            None => wrong("is to be refused by both", ours.valid || theirs.valid),
            Some(bad) => {
                let bad = Some(bad.iter().cloned().collect());
                wrong("the cells at fault are others", ours.cells != bad || theirs.cells != bad)
            }
        },
    }
}

#[test]
fn clean_and_frictionless_agree_but_for_the_differences_listed() {
    let Some(python) = python::python() else { return };
    let cases = [types::cases(), constraints::cases(), tables::cases(), differences::cases()].concat();
    assert!(cases.len() > 100, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .zip(theirs(&python, &cases))
        .filter_map(|(case, theirs)| {
            let ours = ours(case);
            let what = disagreement(case, &ours, &theirs)?;
            Some(format!(
                "{}: {what}\n{}\n{}by hand: {:?}\nclean: {}\nfrictionless: {}\n",
                case.name, case.schema, case.csv, case.bad, ours.said, theirs.said
            ))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
