//! The judge judged: each way of being wrong must be seen, or the score means nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::canonical::parse;
use super::entry::{Candidate, HeaderCheck, Outcome, Table};
use super::judge::{Case, Verdict, judge, judge_twice};
use super::run::{Mode, Run, bounded, config};

const REJECTS: &str = "source,line,byte,column,kind,raw\n";

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| (*c).to_owned()).collect()
}

/// A file of two columns and two rows, with a bad record in line 4 where it may be set aside.
fn case(outcome: Outcome) -> Case<'static> {
    let rows = vec![texts(&["1", "2"]), texts(&["3", "4"])];
    let table = Table { header: Some(texts(&["x", "y"])), rows };
    let bad_lines: &[u64] = if outcome == Outcome::RefuseOrQuarantine { &[4] } else { &[] };
    Case {
        file: "a.csv",
        outcome,
        candidates: vec![Candidate { table, bad_lines: bad_lines.to_vec() }],
        header_check: HeaderCheck::Exact,
        bad_lines,
        rare_option: None,
        mode: Mode::SetAside,
    }
}

/// A run that wrote `table`.
fn wrote(table: &str) -> Run {
    let files = [("raw_ingested.csv", table), ("raw_ingested.csv.meta.json", "{}")];
    let written = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    Run { code: Some(0), stderr: String::new(), written: written.collect() }
}

/// A run that wrote `table` and set the records of `rejects` aside.
fn set_aside(table: &str, rejects: &str) -> Run {
    let mut run = wrote(table);
    run.written.insert("raw_ingested.csv.rejects.csv".to_owned(), format!("{REJECTS}{rejects}").into_bytes());
    run
}

fn ended(code: Option<i32>, message: &str) -> Run {
    Run { code, stderr: format!("INFO ingest: start\n{message}\n"), written: [].into() }
}

fn refused(message: &str) -> Run {
    ended(Some(21), &format!("ERROR ingest: {message}"))
}

fn verdict(outcome: Outcome, run: &Run) -> Verdict {
    judge(&case(outcome), run).verdict
}

#[test]
fn what_is_right_is_judged_right() {
    let right = "x,y\n1,2\n\"3\",4\n";
    assert_eq!(verdict(Outcome::Table, &wrote(right)), Verdict::Read);
    assert_eq!(verdict(Outcome::TableOrRefuse, &wrote(right)), Verdict::Read);
    assert_eq!(verdict(Outcome::NoCrash, &wrote("other\n1\n")), Verdict::Read);
    let message = refused("/p/data/raw/a.csv:4: 1 cell, expected 2");
    for outcome in [Outcome::TableOrRefuse, Outcome::RefuseOrQuarantine, Outcome::Refuse, Outcome::NoCrash] {
        assert_eq!(verdict(outcome, &message), Verdict::Refused, "{outcome:?}");
    }
    let aside = set_aside(right, "data/raw/a.csv,4,12,2,ragged,5\n");
    assert_eq!(verdict(Outcome::RefuseOrQuarantine, &aside), Verdict::Refused);
}

#[test]
fn a_wrong_table_is_silently_wrong() {
    for (what, table) in [
        ("a padded row", "x,y\n1,2\n3,4\n5,\n"),
        ("a dropped row", "x,y\n1,2\n"),
        ("a dropped first row", "x,y\n3,4\n"),
        ("rows out of order", "x,y\n3,4\n1,2\n"),
        ("a merged cell", "x,y\n1,\"2\n3,4\"\n"),
        ("one column", "\"x,y\"\n\"1,2\"\n\"3,4\"\n"),
        ("another header", "x,z\n1,2\n3,4\n"),
        ("no header", "column_1,column_2\nx,y\n1,2\n3,4\n"),
        ("a column more", "x,y,z\n1,2,\n3,4,\n"),
        ("a trimmed cell", "x,y\n1,2 \n3,4\n"),
        ("a ragged table", "x,y\n1,2\n3\n"),
        ("a table cut off", "x,y\n1,2\n3,4"),
        ("a broken quote", "x,y\n1,2\n3,\"4\n"),
        ("nothing", ""),
    ] {
        for outcome in [Outcome::Table, Outcome::TableOrRefuse, Outcome::RefuseOrQuarantine] {
            assert_eq!(verdict(outcome, &wrote(table)), Verdict::SilentWrong, "{what}, {outcome:?}");
        }
    }
    assert_eq!(verdict(Outcome::Refuse, &wrote("x,y\n1,2\n3,4\n")), Verdict::SilentWrong);
    assert_eq!(verdict(Outcome::NoCrash, &wrote("x,y\n1\n")), Verdict::SilentWrong);
    let mut unvouched = wrote("x,y\n1,2\n3,4\n");
    unvouched.written.remove("raw_ingested.csv.meta.json");
    assert_eq!(verdict(Outcome::Table, &unvouched), Verdict::SilentWrong);
}

#[test]
fn names_need_only_differ_where_the_file_repeats_them() {
    let judged = |table: &str| {
        let case = Case { header_check: HeaderCheck::Distinct, ..case(Outcome::TableOrRefuse) };
        judge(&case, &wrote(table)).verdict
    };
    assert_eq!(judged("x,x_2\n1,2\n3,4\n"), Verdict::Read);
    for table in ["x,x\n1,2\n3,4\n", "x,\n1,2\n3,4\n", "x,y,z\n1,2,\n3,4,\n", "x,x_2\n1,2\n"] {
        assert_eq!(judged(table), Verdict::SilentWrong, "{table}");
    }
    let distinct = Case { header_check: HeaderCheck::Distinct, ..case(Outcome::RefuseOrQuarantine) };
    assert_eq!(judge(&distinct, &refused("/p/data/raw/a.csv:1: no name")).verdict, Verdict::Refused);
    assert_eq!(judge(&distinct, &refused("no name")).verdict, Verdict::WrongRefusal);
}

#[test]
fn a_file_without_header_is_compared_by_rows_and_columns() {
    let mut case = case(Outcome::Table);
    case.candidates[0].table.header = None;
    let judged = |table: &str| judge(&case, &wrote(table)).verdict;
    assert_eq!(judged("column_1,column_2\n1,2\n3,4\n"), Verdict::Read);
    assert_eq!(judged("1,2\n3,4\n"), Verdict::SilentWrong);
    assert_eq!(judged("column_1,column_2,column_3\n1,2,\n3,4,\n"), Verdict::SilentWrong);
}

#[test]
fn other_records_set_aside_than_the_bad_ones_are_silently_wrong() {
    let right = "x,y\n1,2\n3,4\n";
    let row = |line: u64| format!("data/raw/a.csv,{line},12,2,ragged,5\n");
    for (what, table, rejects) in [
        ("none", right, String::new()),
        ("another line", right, row(3)),
        ("a line too many", right, row(4) + &row(5)),
        ("a line twice", right, row(4) + &row(4)),
        ("another file", right, row(4).replace("a.csv", "b.csv")),
        ("no line", right, row(4).replace(",4,", ",,")),
        ("no kind", right, row(4).replace("ragged", "")),
        ("the table wrong", "x,y\n1,2\n", row(4)),
    ] {
        let run = set_aside(table, &rejects);
        assert_eq!(verdict(Outcome::RefuseOrQuarantine, &run), Verdict::SilentWrong, "{what}");
        assert_eq!(verdict(Outcome::Refuse, &run), Verdict::SilentWrong, "{what}");
    }
    let good = set_aside(right, &row(4));
    assert_eq!(verdict(Outcome::Table, &good), Verdict::SilentWrong);
    let unasked = Case { mode: Mode::Default, ..case(Outcome::RefuseOrQuarantine) };
    assert_eq!(judge(&unasked, &good).verdict, Verdict::SilentWrong);
}

#[test]
fn a_refusal_must_be_allowed_and_say_where() {
    let by_line = refused("/p/data/raw/a.csv:4: broken");
    assert_eq!(verdict(Outcome::Table, &by_line), Verdict::WrongRefusal);
    for (what, run) in [
        ("no file", refused("broken")),
        ("another file", refused("/p/data/raw/b.csv:4: broken")),
        ("no message", ended(Some(21), "INFO ingest: a.csv:4: fine")),
        ("control characters", refused("/p/data/raw/a.csv:4: \u{1b}[2J")),
        ("usage", ended(Some(2), "ERROR ingest: pipeline.toml:5: unknown key `quote`")),
    ] {
        for outcome in
            [Outcome::TableOrRefuse, Outcome::RefuseOrQuarantine, Outcome::Refuse, Outcome::NoCrash]
        {
            assert_eq!(verdict(outcome, &run), Verdict::WrongRefusal, "{what}, {outcome:?}");
        }
    }
    for message in ["/p/data/raw/a.csv: broken", "/p/data/raw/a.csv:40: broken", "/p/data/raw/a.csv:3: 4"] {
        assert_eq!(verdict(Outcome::RefuseOrQuarantine, &refused(message)), Verdict::WrongRefusal);
        assert_eq!(verdict(Outcome::Refuse, &refused(message)), Verdict::Refused);
    }
    let left = Run { written: wrote("x,y\n").written, ..by_line };
    assert_eq!(verdict(Outcome::Refuse, &left), Verdict::WrongRefusal);
}

#[test]
fn an_option_not_offered_excuses_only_what_may_be_refused() {
    let run = ended(Some(2), "ERROR ingest: pipeline.toml:5: `delimiter`: one character");
    let judged = |outcome, rare_option| judge(&Case { rare_option, ..case(outcome) }, &run).verdict;
    assert_eq!(judged(Outcome::TableOrRefuse, Some("delimiter")), Verdict::NotOffered);
    assert_eq!(judged(Outcome::TableOrRefuse, Some("encoding")), Verdict::WrongRefusal);
    assert_eq!(judged(Outcome::TableOrRefuse, None), Verdict::WrongRefusal);
    assert_eq!(judged(Outcome::Table, Some("delimiter")), Verdict::WrongRefusal);
    assert!(Verdict::NotOffered.is_right() && !Verdict::WrongRefusal.is_right());
}

#[test]
fn an_end_that_is_not_clean_is_a_crash() {
    for code in [None, Some(1), Some(22), Some(101), Some(134), Some(137)] {
        let run = ended(code, "ERROR ingest: /p/data/raw/a.csv:4: broken");
        assert_eq!(verdict(Outcome::NoCrash, &run), Verdict::Crash, "{code:?}");
    }
    let panic = Run { stderr: "thread 'x' panicked at y\n".to_owned(), ..wrote("x,y\n1,2\n3,4\n") };
    assert_eq!(verdict(Outcome::Table, &panic), Verdict::Crash);
}

#[test]
fn two_runs_that_differ_are_wrong() {
    let case = case(Outcome::NoCrash);
    let (one, other) = (wrote("x\n1\n"), wrote("x\n2\n"));
    assert_eq!(judge_twice(&case, &one, &one).verdict, Verdict::Read);
    assert_eq!(judge_twice(&case, &one, &other).verdict, Verdict::SilentWrong);
    assert_eq!(judge_twice(&case, &one, &refused("a.csv: broken")).verdict, Verdict::Crash);
}

#[test]
fn a_run_is_held_to_its_time_and_memory() {
    let begun = Instant::now();
    let late = bounded(Path::new("sleep"), Duration::from_millis(50)).arg("9").output().unwrap();
    assert_eq!(late.status.code(), None);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let allocates = |size: &str| {
        let arguments = ["if=/dev/zero", "of=/dev/null", "count=1", size];
        bounded(Path::new("dd"), Duration::from_secs(9)).args(arguments).output().unwrap().status.success()
    };
    assert!(allocates("bs=16M"));
    assert!(!allocates("bs=600M"));
}

#[test]
fn only_what_is_told_is_configured() {
    let dialect = json!({
        "comment": "#\u{7f}", "delimiter": "\u{1f}", "escape": "\\", "header": false,
        "null_tokens": ["", "\""], "quote": null, "skip_lines": 2,
    });
    let text = config("a.csv", dialect.as_object().unwrap(), Mode::SetAside);
    let project = "[project]\ntarget = \"y\"\n[ingest]\nretries = 0\nsources = [\"data/raw/a.csv\"]\n";
    let told = r##"comment = "#\u007f"
delimiter = "\u001f"
escape = "\\"
header = false
null_tokens = ["","\""]
quote = ""
skip_lines = 2
"##;
    assert_eq!(text, format!("{project}{told}rejects = \"file\"\nrejects_limit = 1.0\n"));
    assert_eq!(config("a.csv", &serde_json::Map::new(), Mode::Default), project);
}

#[test]
fn the_output_is_read_strictly() {
    let right = b"a,\"b\"\"\n\",c\n,\"\r\",\" \"\n";
    assert_eq!(parse(right), Ok(vec![texts(&["a", "b\"\n", "c"]), texts(&["", "\r", " "])]));
    assert_eq!(parse(b"a\n\n"), Ok(vec![texts(&["a"]), texts(&[""])]));
    for wrong in ["", "a", "a,b\nc\n", "a\"\n", "\"a\"b\n", "\"a\n", "a\nb\"c\"\n"] {
        assert!(parse(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
    assert!(parse(b"\xff\n").is_err());
}
