//! From raw files to slices and the worst rows, through the real programs.
//!
//! The target of a row is `1 + 2 x` of the entity's row before it, plus a miss that is zero in the training part: the
//! fit finds the line exactly, and every error is known.

use std::fmt::Write as _;

use predicates::str::contains;
use serde_json::{Value, json};

use super::support::{cells, json, project, read, run, write};
use super::{METRICS, close, number};

const CONFIG: &str = "[project]\ntarget = \"y\"\nhorizon = 1\nentity = \"city\"\ntime = \"day\"\n\
    [ingest]\nsources = [\"raw/*.csv\"]\n\
    [clean]\nsplit = { calibration_from = \"2014-12-15\", test_from = \"2014-12-22\" }\n\
    [features]\ncolumns = [\"x\", \"w\"]\nleaks = \"off\"\n\
    [train]\nintervals = { levels = [0.5, 0.8] }\n\
    [evaluate]\nperiod = \"week\"\nsegments = [\"kind\", \"x\"]\n";

/// Values of the segment column, hostile ones among them.
const KINDS: [&str; 3] = ["a|b", "(other)", "two\nlines"];

/// A raw row with what is known of it.
struct Raw {
    source: &'static str,
    line: u64,
    city: &'static str,
    day: usize,
    kind: String,
    /// By how much the prediction made from it is too high.
    error: f64,
}

/// Days from 2014-11-20 on.
fn date(day: usize) -> String {
    let (month, of_month) = match day {
        0..=10 => ("2014-11", day + 20),
        11..=41 => ("2014-12", day - 10),
        _ => ("2015-01", day - 41),
    };
    format!("{month}-{of_month:02}")
}

/// Days of the parts: 2014-12-15 is day 25, 2014-12-22 day 32, and the last, 2015-01-18, day 59.
const CALIBRATION: usize = 25;
const TEST: usize = 32;
const LAST: usize = 59;

fn miss(city: usize, day: usize) -> f64 {
    let i = day * 2 + city;
    if day < CALIBRATION { 0.0 } else { ((i * 37 % 101) as f64 - 50.3) / 4.0 }
}

/// A file of one city; returns the rows whose target is known and in their own part.
fn file(source: &'static str, city: usize, end: &str) -> (String, Vec<Raw>) {
    let name = ["Austin", "Bryan"][city];
    let x = |day: usize| ((day * 7 + city * 3) % 11) as f64;
    let (mut text, mut line, mut rows) = (format!("city,day,x,w,kind,note,y{end}"), 2, Vec::new());
    for day in 0..=LAST {
        let kind = KINDS[(day + city) % 3];
        let y = if day == 0 { 5.0 } else { 1.0 + 2.0 * x(day - 1) + miss(city, day - 1) };
        let w = if day % 5 == 2 { String::new() } else { (day % 4).to_string() };
        let quoted = kind.replace('\n', end);
        let note = if day % 7 == 3 { format!("\"two{end}lines\"") } else { "n".to_owned() };
        let record = format!("{name},{},{},{w},\"{quoted}\",{note},{y}{end}", date(day), x(day));
        let lines = record.matches('\n').count() as u64;
        // Some rows stand there twice.
        let copies = if day % 9 == 4 { 2 } else { 1 };
        let is_purged = day + 1 == CALIBRATION || day + 1 == TEST || day == LAST;
        if !is_purged {
            let (kind, error) = (quoted.clone(), -miss(city, day));
            rows.push(Raw { source, line, city: name, day, kind, error });
        }
        for _ in 0..copies {
            text += &record;
            line += lines;
        }
    }
    (text, rows)
}

/// The metrics, and the rows of the test part.
fn measured() -> (tempfile::TempDir, Value, Vec<Raw>) {
    let (a, mut rows) = file("raw/a.csv", 0, "\r\n");
    let (b, more) = file("raw/b.csv", 1, "\n");
    rows.extend(more);
    let folder = project(&[("pipeline.toml", CONFIG), ("raw/a.csv", &a), ("raw/b.csv", &b)]);
    for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"] {
        run(stage, folder.path(), &[]).success();
    }
    let metrics = json(folder.path().join(METRICS));
    (folder, metrics, rows)
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
}

/// Compares a slice with the errors that are known of its rows.
fn same(slice: &Value, errors: &[f64], half_widths: &[f64; 2]) {
    let n = errors.len() as f64;
    assert_eq!(number(slice, "/n"), n, "{slice}");
    near(number(slice, "/mae"), errors.iter().map(|e| e.abs()).sum::<f64>() / n);
    near(number(slice, "/bias"), errors.iter().sum::<f64>() / n);
    near(number(slice, "/rmse"), (errors.iter().map(|e| e * e).sum::<f64>() / n).sqrt());
    let over: Vec<f64> = errors.iter().copied().filter(|e| *e > 0.0).collect();
    near(number(slice, "/share_over"), over.len() as f64 / n);
    near(number(slice, "/mean_over"), over.iter().sum::<f64>() / over.len() as f64);
    for (level, half) in half_widths.iter().enumerate() {
        let of = &slice["intervals"][level];
        let covered = errors.iter().filter(|e| e.abs() <= *half).count();
        assert_eq!(number(of, "/covered"), covered as f64, "level {level} of {slice}");
        near(number(of, "/mean_width"), 2.0 * half);
    }
}

#[test]
fn slices_of_a_whole_chain_are_those_of_its_known_errors() {
    let (_folder, found, rows) = measured();
    let in_part = |from: usize, to: usize| rows.iter().filter(move |r| (from..to).contains(&r.day));
    // Of m calibration rows, the half width of level p is the ceil((m + 1) p)-th smallest error: 12 rows, 7 and 11.
    let mut sizes: Vec<f64> = in_part(CALIBRATION, TEST).map(|r| r.error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    assert_eq!(sizes.len(), 12);
    let half = [sizes[6], sizes[10]];
    near(number(&found, "/train/mae"), 0.0);

    // ISO weeks begin on Monday: 22 December, 29 December, 5 January, 12 January.
    assert_eq!(found["periods"]["unit"], "week");
    let weeks = [("2014-W51", 25), ("2014-W52", 32), ("2015-W01", 39), ("2015-W02", 46), ("2015-W03", 53)];
    let told = found["periods"]["rows"].as_array().unwrap();
    assert_eq!(told.len(), weeks.len());
    for ((label, from), slice) in weeks.iter().zip(told) {
        let part = if *from < TEST { "calibration" } else { "test" };
        assert_eq!((&slice["period"], &slice["part"]), (&json!(label), &json!(part)));
        let errors: Vec<f64> = in_part(*from, from + 7).map(|r| r.error).collect();
        same(slice, &errors, &half);
    }
    assert_eq!(told[0]["intervals"][0]["verdict"], "in_sample");
    assert_ne!(told[1]["intervals"][0]["verdict"], "in_sample");

    let segments = found["segments"].as_array().unwrap();
    let columns: Vec<_> = segments.iter().map(|s| s["column"].as_str().unwrap()).collect();
    assert_eq!(columns, ["city", "kind", "x"]);
    // The line end within a cell is that of its file, so that there are two of that kind.
    assert_eq!((&segments[1]["levels"], &segments[2]["levels"]), (&json!(4), &json!(11)));
    for (segment, key) in segments.iter().zip([|r: &Raw| r.city.to_owned(), |r: &Raw| r.kind.clone()]) {
        for slice in segment["rows"].as_array().unwrap() {
            assert_eq!(slice.get("joined"), None);
            let level = slice["level"].as_str().unwrap();
            let errors: Vec<f64> = in_part(TEST, LAST).filter(|r| key(r) == level).map(|r| r.error).collect();
            same(slice, &errors, &half);
        }
    }
}

#[test]
fn the_worst_rows_name_their_lines_in_the_raw_files() {
    let (folder, found, rows) = measured();
    let mut test: Vec<&Raw> = rows.iter().filter(|r| r.day >= TEST).collect();
    // A stable sort: of equal errors the first row.
    test.sort_by(|a, b| b.error.abs().total_cmp(&a.error.abs()));
    let worst = found["worst"].as_array().unwrap();
    assert_eq!(worst.len(), 20);
    for (row, known) in worst.iter().zip(test) {
        let places = (&row["source"], &row["line"], &row["entity"], &row["time"]);
        let expected =
            (&json!(known.source), &json!(known.line), &json!(known.city), &json!(date(known.day)));
        assert_eq!(places, expected);
        close(row, "/error", known.error);
        near(number(row, "/predicted") - number(row, "/actual"), known.error);
        assert_eq!(number(row, "/level"), 0.8);
        assert!(number(row, "/lower") < number(row, "/predicted"));
    }
    // Every row of the table can be traced, and the index is a companion of its table.
    for (table, of_raw) in [("clean", None), ("features", Some(&rows))] {
        let manifest = json(folder.path().join(format!("data/processed/{table}.csv.meta.json")));
        let name = format!("data/processed/{table}.csv.lines.csv");
        let companions = manifest["companions"].as_array().unwrap();
        assert!(companions.iter().any(|c| c["name"] == name.as_str()), "{companions:?}");
        let index = cells(&read(folder.path().join(&name)));
        assert_eq!(index[0], ["row", "source", "line"]);
        let runs: Vec<[u64; 3]> =
            index[1..].iter().map(|run| [0, 1, 2].map(|i| run[i].parse().unwrap())).collect();
        for (i, row) in of_raw.into_iter().flatten().zip(0..).map(|(row, i)| (i, row)) {
            let run = runs.iter().rev().find(|run| run[0] <= i).unwrap();
            let source = u64::from(row.source.ends_with("b.csv"));
            assert_eq!((run[1], run[2] + i - run[0]), (source, row.line), "{table} row {i}");
        }
    }
    // A table that is gone, damaged or not listed.
    let index = folder.path().join("data/processed/features.csv.lines.csv");
    let kept = read(&index);
    write(&index, kept.replacen("0,0,2", "0,0,3", 1));
    run("evaluate", folder.path(), &[]).code(13).stderr(contains("is not the file that the manifest of"));
    std::fs::remove_file(&index).unwrap();
    run("evaluate", folder.path(), &[]).success();
    let found = json(folder.path().join(METRICS));
    assert_eq!((&found["worst"][0]["source"], &found["worst"][0]["line"]), (&Value::Null, &Value::Null));
}

#[test]
fn the_report_shows_hostile_levels_on_one_line() {
    let (folder, ..) = measured();
    let draft = read(folder.path().join("reports/report.md"));
    for title in ["## By period", "## By segment", "## Worst rows"] {
        assert!(draft.contains(title), "{title}");
    }
    assert!(
        draft.contains("| a&#124;b | ")
            && draft.contains("| (other) | ")
            && draft.contains("two\\\\r\\\\nlines")
    );
    assert!(draft.contains("| 2015-W01 | 14 | ") && draft.contains("raw/b.csv, line "));
    // Every line of a table has as many cells as the line above it.
    let lines: Vec<&str> = draft.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair.iter().all(|line| line.starts_with('|'))) {
        assert_eq!(pair[0].matches('|').count(), pair[1].matches('|').count(), "{pair:?}");
    }
}

#[test]
fn a_segment_that_is_no_column_is_refused_before_any_work() {
    let (text, _) = file("raw/a.csv", 0, "\n");
    let config = CONFIG.replace("\"kind\"", "\"kin\"");
    let folder = project(&[("pipeline.toml", &config), ("raw/a.csv", &text)]);
    for stage in ["ingest", "clean"] {
        run(stage, folder.path(), &[]).success();
    }
    run("feature-engineer", folder.path(), &[])
        .code(2)
        .stderr(contains("[evaluate] segments names `kin`, which is no column (did you mean `kind`?)"));
}

#[test]
fn ten_thousand_entities_leave_two_hundred_and_the_rest() {
    let mut raw = "id,x,y,part\n".to_owned();
    for i in 0..40 {
        writeln!(raw, "t,{i},{},train", 2 * i + i % 2).unwrap();
        writeln!(raw, "c,{i},{},calibration", 2 * i).unwrap();
    }
    // `(other)` has three rows, the level with a bar two, all others one.
    for (level, rows) in [("(other)", 3), ("\"a|b\"", 2)] {
        (0..rows).for_each(|i| writeln!(raw, "{level},{i},{},test", 2 * i + 100).unwrap());
    }
    (2..10_000).for_each(|i| writeln!(raw, "e{i:05},{},{i},test", i % 40).unwrap());
    let config = "[project]\ntarget = \"y\"\nentity = \"id\"\n[ingest]\nsources = [\"raw.csv\"]\n\
        [clean]\nsplit = { column = \"part\" }\n[features]\nleaks = \"off\"\ncolumns = [\"x\"]\n";
    let folder = project(&[("pipeline.toml", config), ("raw.csv", &raw)]);
    for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"] {
        run(stage, folder.path(), &[]).success();
    }
    let found = json(folder.path().join(METRICS));
    let segment = &found["segments"][0];
    let rows = segment["rows"].as_array().unwrap();
    assert_eq!((&segment["levels"], rows.len(), &found["periods"]), (&json!(10_000), 201, &Value::Null));
    let named: Vec<_> = rows.iter().map(|r| r["level"].as_str().unwrap()).collect();
    assert_eq!(named[..3], ["(other)", "a|b", "e00002"]);
    assert_eq!(named[199..], ["e00199", "(other)"]);
    assert_eq!((rows[0].get("joined"), &rows[200]["joined"]), (None, &json!(9_800)));
    assert_eq!((&rows[0]["n"], &rows[200]["n"]), (&json!(3), &json!(9_800)));
    let draft = read(folder.path().join("reports/report.md"));
    assert!(draft.contains("| *9,800 others* | 9,800 | "), "{draft}");
}
