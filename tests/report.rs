//! `report` through its binary.
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

#[path = "report/desk.rs"]
mod desk;
#[path = "report/edits.rs"]
mod edits;
#[path = "report/forecast.rs"]
mod forecast;
#[path = "report/numbers.rs"]
mod numbers;
#[path = "report/reference.rs"]
mod reference;
#[path = "report/release.rs"]
mod release;
mod support;
#[path = "report/template.rs"]
mod template;
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;
#[path = "report/words.rs"]
mod words;

use std::path::Path;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;
use support::{json, read, stage, write};
use tempfile::TempDir;
use trained::{Case, case};

const METRICS: &str = "reports/metrics.json";
const REPORT: &str = "reports/report.md";
const NEW: &str = "reports/report.new.md";
const MANIFEST: &str = "reports/report.md.meta.json";

fn report(folder: &Path) -> assert_cmd::assert::Assert {
    stage("report").arg("--project").arg(folder).assert()
}

fn evaluate(folder: &Path) {
    stage("evaluate").arg("--project").arg(folder).assert().success();
}

/// A project that `evaluate` has measured.
fn measured(case: &Case) -> TempDir {
    let folder = case.project();
    evaluate(folder.path());
    folder
}

/// The draft of a project that must be good, without the hashes of its blocks.
fn draft(case: &Case) -> String {
    let folder = measured(case);
    report(folder.path()).success();
    without_hashes(&read(folder.path().join(REPORT)))
}

fn without_hashes(report: &str) -> String {
    let line = |line: &str| match line.split_once("<!-- millrace:end ") {
        Some(("", rest)) => format!("<!-- millrace:end {} -->\n", rest.split(' ').next().unwrap()),
        _ => line.to_owned(),
    };
    report.split_inclusive('\n').map(line).collect()
}

/// A draft without its figures, as a pipe has it.
fn without_figures(report: &str) -> String {
    let mut out = Vec::new();
    let mut all = report.split("\n\n");
    while let Some(paragraph) = all.next() {
        if paragraph.starts_with("![") {
            assert!(all.next().is_some_and(|caption| caption.starts_with('*')), "{paragraph}");
        } else {
            out.push(paragraph);
        }
    }
    out.join("\n\n")
}

/// Every case with other numbers than the standard one.
fn other() -> Case {
    let mut other = case();
    other.rows.iter_mut().filter(|row| row.part == "test").for_each(|row| row.y += 2.0);
    other
}

/// The cells of the table row that begins with these.
fn cells(text: &str, first: &[&str]) -> Vec<String> {
    let row = text
        .lines()
        .map(split)
        .find(|cells| cells.iter().zip(first).all(|(a, b)| a == b) && cells.len() > first.len());
    row.unwrap_or_else(|| panic!("no row {first:?} in\n{text}"))
}

/// The cells of a row of a table: what stands between bars that are not escaped.
fn split(line: &str) -> Vec<String> {
    let cells = line.strip_prefix("| ").and_then(|l| l.strip_suffix(" |")).unwrap_or_default();
    cells.split(" | ").map(str::to_owned).collect()
}

#[test]
fn a_bad_flag_is_a_usage_error() {
    stage("report").arg("--bad").assert().code(2).stderr(contains("--bad"));
}

#[test]
fn a_missing_input_is_named_with_what_to_run() {
    let folder = case().project();
    report(folder.path()).code(13).stderr(contains("reports/metrics.json: not there; run `evaluate` first"));
    evaluate(folder.path());
    std::fs::remove_file(folder.path().join("models/model.pkl")).unwrap();
    report(folder.path()).code(13).stderr(contains("model.pkl: not there; run `train-model` first"));
    assert!(!folder.path().join(REPORT).exists());
}

#[test]
fn an_empty_input_is_damaged() {
    let folder = measured(&case());
    write(folder.path().join(METRICS), "");
    report(folder.path()).code(13).stderr(contains("metrics.json: damaged or edited"));
    std::fs::remove_file(folder.path().join("reports/metrics.json.meta.json")).unwrap();
    report(folder.path()).code(13).stderr(contains("metrics.json: damaged as metrics"));
}

#[test]
fn metrics_without_content_are_refused() {
    let folder = measured(&case());
    std::fs::remove_file(folder.path().join("reports/metrics.json.meta.json")).unwrap();
    for (text, expected) in [
        ("{}", "no metrics: has no `format`; run `evaluate` again"),
        ("{\"format\": 2}", "metrics format 2, this version reads 1"),
        ("{\"format\": 1}", "damaged as metrics (missing field"),
    ] {
        write(folder.path().join(METRICS), text);
        report(folder.path()).code(13).stderr(contains(expected));
    }
}

#[test]
fn a_damaged_input_is_refused() {
    let folder = measured(&case());
    let path = folder.path().join(METRICS);
    write(&path, read(&path).replacen("\"mae\": 1.0", "\"mae\": 0.1", 1));
    report(folder.path()).code(13).stderr(contains("metrics.json: damaged or edited"));
}

#[test]
fn metrics_of_another_model_are_refused_naming_both() {
    let folder = measured(&case());
    let kept = read(folder.path().join(METRICS));
    let vouched = read(folder.path().join("reports/metrics.json.meta.json"));
    other().write(folder.path());
    assert_eq!(
        (kept, vouched),
        (read(folder.path().join(METRICS)), read(folder.path().join("reports/metrics.json.meta.json")))
    );
    let expected =
        contains("metrics.json: evaluate measured a model of sha256").and(contains("train_model has"));
    report(folder.path()).code(13).stderr(expected.and(contains("run `evaluate` again")));
}

#[test]
fn the_answer_says_what_the_numbers_say() {
    let text = draft(&case());
    for expected in [
        "# House prices\n",
        "A linear model predicts “price” one row ahead within each “city” from 1 of 2 features.",
        "it misses by **1.000** on average, in the unit of “price”",
        // Every row is missed by 1, and by 5: so it is in every resample.
        "it misses by **1.000** on average, in the unit of “price” (with 95 % confidence between 1.000 and 1.000).",
        // And what the limits allow for stands with the errors.
        "resamples of the 40 test times, drawn in blocks, since rows of one time and the times around it move together.",
        "It is **better than persistence by 80 %**, with 95 % confidence by 80 % to 80 % (repeating the last known value misses by 5.000).",
        // Prices rise from the training median on, and with them its errors, from 0 to 39: so few blocks of months say little.
        "Whether it is better or worse than the training median **cannot be told**: on these rows it ",
        " (always predicting it misses by 20.00).",
        "neither too high nor too low",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // A model that is worse, one that nothing can be said of, and one without test rows.
    let mut worse = case();
    worse.rows.iter_mut().for_each(|row| row.last = Some(row.y));
    assert!(
        draft(&worse).contains("**worse than persistence** (repeating the last known value misses by 0)")
    );
    let mut few = case();
    few.rows.retain(|row| row.part != "test" || row.month < 87);
    let text = draft(&few);
    assert!(
        text.contains("It **cannot be compared** with persistence")
            && text.contains("7 test rows of 7 times are too few"),
        "{text}"
    );
    let text = draft(&case().without("test"));
    assert!(
        text.contains("**There are no test rows, so nothing here says how well") && !text.contains("NaN"),
        "{text}"
    );
    let mut alone = case();
    alone.persistence = false;
    assert!(!draft(&alone).contains("persistence"));
}

#[test]
fn tables_hold_the_figures_of_the_metrics() {
    let text = draft(&case());
    assert_eq!(
        cells(&text, &["Mean absolute error", "**the model**"])[2..],
        ["**1.000**", "**3.000**", "**1.000**"]
    );
    assert_eq!(cells(&text, &["", "persistence"])[2..], ["6.650", "5.000", "5.000"]);
    assert_eq!(cells(&text, &["Calibration", "40", "1.000"])[3..5], ["3.000", "3.000"]);
    assert_eq!(cells(&text, &["x", "3.516"])[1..3], ["3.516", "**large drift**"]);
    assert_eq!(cells(&text, &["x", "2.000"])[1..], ["2.000", "–", "–", "11.69", "23.38"]);
    assert_eq!(cells(&text, &["Test", "40", "month 80"])[3], "month 119");
    assert!(text.contains("Left out, because they are zero in all training rows or the features before them determine them: “unused”."));
}

#[test]
fn the_row_ledger_adds_up() {
    let text = draft(&case());
    let number = |cells: &[String]| {
        let cell = cells.last().unwrap().trim_matches('*').replace(',', "").replace('−', "-");
        cell.parse::<i64>().unwrap()
    };
    let read = number(&cells(&text, &["read", "ingest"]));
    let lost: i64 = text.lines().filter(|l| l.starts_with("| dropped: ")).map(|l| number(&split(l))).sum();
    let left = number(&cells(&text, &["**left to fit and to test**"]));
    assert_eq!((read, lost, left), (132, -12, 120));
    let parts = ["training", "calibration", "the test"]
        .map(|p| number(&cells(&text, &[&format!("of these for {p}")])));
    assert_eq!(parts.iter().sum::<i64>(), left);
}

#[test]
fn the_row_ledger_begins_with_bytes_and_lines() {
    let folder = case().project();
    let path = folder.path().join("data/processed/features.csv.meta.json");
    let mut manifest = json(&path);
    let of = |lines: u64, bytes: u64| json!({ "lines": lines, "bytes": bytes });
    // 132 rows and broken lines came in, 4 of them broken; two rows span two lines each.
    manifest["ledger"][0]["dropped"] = json!({ "rejected": 4 });
    manifest["ledger"][0]["read"] = json!({
        "sources": 1, "bytes": 500, "inflated_bytes": 1341, "text_bytes": 1341, "byte_order_mark_bytes": 3,
        "lines": 139, "skipped": of(0, 0), "header": of(1, 10), "blank": of(3, 3), "comments": of(0, 0),
        "footer": of(1, 5), "rejected": of(4, 20), "rows": of(130, 1300), "extra_lines": 2,
    });
    write(&path, manifest.to_string());
    evaluate(folder.path());
    report(folder.path()).success();
    let text = without_hashes(&read(folder.path().join(REPORT)));
    let (_, rest) = text.split_once("## Where every row went\n\n").unwrap();
    let expected = "1 source of 500 bytes (1,341 once inflated) was read to the last byte: 1,300 bytes are rows, \
                    41 are headers and all else that is no row.\n";
    assert!(rest.starts_with(expected), "{rest}");
    let (table, _) = rest.split_once("<!-- millrace:end ledger -->").unwrap();
    let table: Vec<Vec<String>> = table
        .lines()
        .filter(|l| l.starts_with("| "))
        .map(|l| [split(l)[0].clone(), split(l)[2].clone()].to_vec())
        .collect();
    let expected = [
        ["", "Count"],
        ["---", "---:"],
        ["lines read", "139"],
        ["no row: headers", "−1"],
        ["no row: blank lines", "−3"],
        ["no row: skipped after the last row", "−1"],
        ["no row: broken records, kept with line and text in the file of rejects", "−4"],
        ["no row: further lines of rows that span several", "−2"],
        ["**rows read**", "**128**"],
        ["dropped: equal to another row in every cell", "−3"],
        ["dropped: the target is missing", "−5"],
        ["**left to fit and to test**", "**120**"],
        ["of these for training", "40"],
        ["of these for calibration", "40"],
        ["of these for the test", "40"],
    ];
    assert_eq!(table, expected);
}

#[test]
fn nothing_from_data_is_markup() {
    for name in [
        "a|b",
        "<script>alert(1)</script>",
        "two\nlines",
        "$(touch x)",
        "[x](http://x)",
        "`x`",
        "<!-- millrace:end answer -->",
        "# x",
        "*x*_y_",
    ] {
        let mut case = case();
        case.feature = name.to_owned();
        case.source = name.to_owned();
        case.entity = format!("{name} of");
        case.config = format!("[project]\nname = {name:?}\ntarget = \"y\"\n[report]\nauthor = {name:?}\n");
        let text = draft(&case);
        let plain = draft(&trained::case());
        // The same lines, blocks and cells as with harmless names: nothing opened or closed anything.
        let shape = |text: &str| -> Vec<(usize, usize)> {
            let lines = text.lines().filter(|l| !l.starts_with("Author: "));
            lines
                .filter(|l| !l.is_empty())
                .map(|l| (l.matches('|').count(), l.matches(['<', '>']).count()))
                .collect()
        };
        assert_eq!(shape(&text), shape(&plain), "{text}");
        assert!(!text.contains("<script") && !text.contains("](http:"), "{text}");
    }
}

#[test]
fn blocks_are_marked_and_closed() {
    let text = draft(&case());
    let marks: Vec<&str> = text.lines().filter(|l| l.starts_with("<!-- millrace:")).collect();
    let names: Vec<&str> = marks.iter().step_by(2).map(|l| l.split(' ').nth(2).unwrap()).collect();
    // One entity is no segment to tell apart, no limits are set, and nothing is forecast.
    let order =
        "title answer data ledger model errors periods worst calibration intervals drift leaks reproduce";
    assert_eq!(names, order.split(' ').collect::<Vec<_>>());
    for pair in marks.chunks(2) {
        assert_eq!(pair[0].replace(":begin ", ":end "), pair[1]);
    }
    assert!(text.ends_with("-->\n") && text.contains("## Notes of the analyst"));
}

#[test]
fn a_rerun_gives_the_same_bytes() {
    let (a, b) = (measured(&case()), measured(&case()));
    let run = |folder: &Path| {
        report(folder).success().stdout("");
        (read(folder.join(REPORT)), read(folder.join(MANIFEST)))
    };
    let first = run(a.path());
    assert_eq!(first, run(a.path()));
    assert_eq!(first, run(b.path()));
    let piped = stage("report").args(["-o", "-"]).arg("--project").arg(b.path()).assert().success();
    let piped = String::from_utf8(piped.get_output().stdout.clone()).unwrap();
    assert_eq!(without_hashes(&piped), without_figures(&without_hashes(&first.0)));
    assert_eq!(json(a.path().join(MANIFEST))["found"]["edited"], json!(false));
    assert!(!a.path().join(NEW).exists());
}

#[test]
fn the_configuration_is_printed_and_checked() {
    let folder = measured(&case());
    let print = || stage("report").arg("--print-config").arg("--project").arg(folder.path()).assert();
    let expected = "{\n  \"project\": \"House prices\",\n  \"title\": \"House prices\",\n  \"author\": null,\n  \"template\": null\n}\n";
    print().success().stdout(expected);
    let project = "[project]\ntarget = \"price\"\n";
    write(
        folder.path().join("pipeline.toml"),
        format!("{project}[report]\ntitle = \"Prices\"\nauthor = \"A. Analyst\"\n"),
    );
    report(folder.path()).success();
    assert!(read(folder.path().join(REPORT)).contains("# Prices\n\nAuthor: A. Analyst\n"));
    for (text, expected) in [
        ("[report]\ntitel = \"x\"\n", "pipeline.toml:4: unknown key `titel` (did you mean `title`?)"),
        ("[report]\ntitle = \" \"\n", "pipeline.toml:4: [report] title: must not be empty"),
        ("[report]\ntitle = 5\n", "pipeline.toml:4: "),
    ] {
        write(folder.path().join("pipeline.toml"), format!("{project}{text}"));
        print().code(2).stdout("").stderr(contains(expected));
    }
}
