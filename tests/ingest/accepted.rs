//! `ingest --accept`: what was found becomes what every later run must find.

use predicates::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::support::{json, read, write};
use super::{ingest, log, manifest, raw, refused, setup, written};

const FIRST: &str = "x,d,t\n1,13/2/2020,a\n";

/// A project with `a.csv` as [`FIRST`], what is found there accepted, and `a.csv` then as `bytes`.
fn accepted(bytes: &str) -> TempDir {
    let folder = setup("sources = [\"*.csv\"]", &[("a.csv", FIRST)]);
    ingest(&folder, &["--accept"]).success();
    assert_eq!(raw(&folder), FIRST);
    std::fs::remove_dir_all(folder.path().join("data")).unwrap();
    write(folder.path().join("a.csv"), bytes);
    folder
}

#[test]
fn the_lock_holds_columns_types_and_dialects() {
    let folder = accepted(FIRST);
    let columns = json!([{"name": "x", "type": "integer"}, {"name": "d", "type": "date", "format": "%d/%m/%Y"},
                         {"name": "t", "type": "string"}]);
    let dialect = json!({"encoding": "utf-8", "delimiter": ",", "quote": "\"", "header": true, "skip_lines": 0,
                         "footer_lines": 0, "line_end": "lf or crlf"});
    let lock = json(folder.path().join("ingest.lock"));
    assert_eq!(lock, json!({"columns": columns, "dialects": {"*.csv": [dialect]}}));
    ingest(&folder, &[]).success();
    assert_eq!(written(&folder).len(), 3);
}

#[test]
fn what_changed_is_refused_by_name_and_can_be_accepted() {
    for (bytes, changes) in [
        ("x,d,t\nq,13/2/2020,a\n", &["column `x` is string, was integer"][..]),
        ("x,d,t\n1.5,13/2/2020,a\n", &["column `x` is number, was integer"]),
        ("x,d,t\n1,2/13/2020,a\n", &["column `d` is date (%m/%d/%Y), was date (%d/%m/%Y)"]),
        ("x,d,t,u\n1,13/2/2020,a,b\n", &["column `u` is new"]),
        ("x;d;t\n1;13/2/2020;a\n", &["*.csv: delimiter is \";\", was \",\""]),
        ("x,d,t\r1,13/2/2020,a\r", &["*.csv: line_end is \"cr\", was \"lf or crlf\""]),
        (
            "x;d\nq;13/2/2020\n",
            &["column `t` is gone; 3 changes in all", "column `x` is string", "*.csv: delimiter"],
        ),
    ] {
        let folder = accepted(bytes);
        refused(&folder, 10, &format!("ingest.lock: not what was accepted: {}", changes[0]));
        let log = log(&folder);
        assert!(log.contains("`make accept` (`ingest --accept`) takes what is found now"), "{log}");
        assert!(changes.iter().all(|change| log.contains(change)), "{changes:?} in {log}");
        ingest(&folder, &["--accept"]).success();
        ingest(&folder, &[]).success();
    }
}

#[test]
fn what_fits_is_read_by_what_was_accepted() {
    for bytes in
        ["x,d,t\n2,1/2/2020,b\n", "x,d,t\n2,1/2/2020,5\n", "t,d,x\nb,,\n", "x,d,t\r\n2,14/2/2020,b\r\n"]
    {
        let folder = accepted(bytes);
        ingest(&folder, &[]).success();
        let types = manifest(&folder)["found"]["types"].clone();
        let of = |name: &str| types.as_array().unwrap().iter().find(|t| t["name"] == name).unwrap().clone();
        assert_eq!(of("x")["type"], "integer", "{bytes:?}");
        assert_eq!((&of("d")["type"], &of("d")["format"]), (&json!("date"), &json!("%d/%m/%Y")), "{bytes:?}");
        assert_eq!(of("t")["type"], "string", "{bytes:?}");
        assert!(!log(&folder).contains("WARN"), "{}", log(&folder));
    }
}

#[test]
fn a_lock_that_is_none_is_refused_and_can_be_written_anew() {
    let folder = accepted(FIRST);
    write(folder.path().join("ingest.lock"), "{\n\"columns\": 3}");
    refused(&folder, 2, "ingest.lock:2: is not what `make accept` writes; restore it, or run `make accept`");
    ingest(&folder, &["--accept"]).success();
    ingest(&folder, &[]).success();
}

#[test]
fn a_run_that_fails_accepts_nothing() {
    let folder = accepted("x,d,t\n1\n");
    let lock = read(folder.path().join("ingest.lock"));
    ingest(&folder, &["--accept"]).code(21).stderr(predicate::str::contains("a.csv:2: 1 cell"));
    assert_eq!(read(folder.path().join("ingest.lock")), lock);
}
