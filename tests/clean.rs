//! Stage `clean` through its real binary: what every stage refuses, duplicates, the ledger, where it
//! writes and what it logs. The contract, the split, fills and texts have files of their own.
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

use predicates::str::contains;
use serde_json::json;
use support::{cells, files, json, project, read, run, shell, stage, write};
use tempfile::TempDir;

const CONFIG: &str = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";
const RAW: &str = "x,y,part\n1,2,train\n3,4,test\n";

/// A project with the table `raw.csv`, made by hand.
fn by_hand(config: &str, raw: &str) -> TempDir {
    project(&[("pipeline.toml", config), ("raw.csv", raw)])
}

fn clean(folder: &TempDir, arguments: &[&str]) -> assert_cmd::assert::Assert {
    run("clean", folder.path(), &[&["-i", "raw.csv"], arguments].concat())
}

fn output(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/clean.csv"))
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join("data/processed/clean.csv.meta.json"))
}

/// Files of the output folder.
fn written(folder: &TempDir) -> Vec<String> {
    let all = files(folder.path()).into_iter();
    let below = all.filter_map(|p| {
        p.strip_prefix(folder.path().join("data/processed")).ok().map(|p| p.display().to_string())
    });
    below.collect()
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    stage("clean").arg("--inptu").assert().code(2).stderr(contains("--inptu"));
}

#[test]
fn a_missing_input_names_what_to_run() {
    let folder = by_hand(CONFIG, RAW);
    run("clean", folder.path(), &[])
        .code(13)
        .stdout("")
        .stderr(contains("data/interim/raw_ingested.csv: not there; run `ingest` first"));
    assert_eq!(written(&folder), [""; 0]);
}

#[test]
fn an_empty_input_is_no_table() {
    let folder = by_hand(CONFIG, "");
    clean(&folder, &[]).code(13).stderr(contains("raw.csv: is empty, not even a header"));
    assert_eq!(written(&folder), [""; 0]);
}

#[test]
fn a_header_alone_is_not_enough_rows() {
    for config in [CONFIG, "[project]\ntarget = \"y\"\ntime = \"x\"\n", "[project]\ntarget = \"y\"\n"] {
        let folder = by_hand(config, "x,y,part\n");
        clean(&folder, &[])
            .code(11)
            .stderr(contains("CRITICAL clean: raw.csv: no rows: a header and nothing else"));
        assert_eq!(written(&folder), [""; 0]);
    }
}

#[test]
fn a_malformed_cell_is_named_by_source_line_and_column() {
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw/*.csv\"]\n");
    let schema = r#"{"fields":[{"name":"x","type":"number"},{"name":"y","type":"number"},{"name":"part","type":"string"}]}"#;
    let folder = project(&[
        ("pipeline.toml", &config),
        ("schema.json", schema),
        ("raw/a.csv", RAW),
        ("raw/b.csv", "part,x,y\ntrain,1,2\ntest,1.2.3,4\n"),
    ]);
    run("ingest", folder.path(), &[]).success();
    run("clean", folder.path(), &[])
        .code(10)
        .stdout("")
        .stderr(contains("ERROR clean: raw/b.csv:3: column `x` (1): found `1.2.3`, expected a number"));
    assert_eq!(written(&folder), ["clean.csv.violations.csv"]);
}

#[test]
fn rows_equal_in_every_cell_are_dropped_and_both_lines_kept() {
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw/*.csv\"]\n");
    let folder = project(&[
        ("pipeline.toml", &config),
        ("raw/a.csv", "x,y,part\n1,2,train\n\n3,4,test\n"),
        ("raw/b.csv", "part,y,x\ntest,4,3\ntrain,2,1\ntest,4,3.0\n"),
    ]);
    run("ingest", folder.path(), &[]).success();
    run("clean", folder.path(), &[])
        .success()
        .stderr(contains("dropped 2 rows: equal to an earlier row in every cell"));
    // `3.0` is another text than `3`.
    assert_eq!(output(&folder), "x,y,split\n1.0,2,train\n3.0,4,test\n3.0,4,test\n");
    assert_eq!(
        read(folder.path().join("data/processed/clean.csv.dropped.csv")),
        "source,line,reason,kept_source,kept_line\n\
         raw/b.csv,2,duplicate,raw/a.csv,4\nraw/b.csv,3,duplicate,raw/a.csv,2\n"
    );
    assert_eq!(
        manifest(&folder)["ledger"][1],
        json!({"stage": "clean", "rows_in": 5, "dropped": {"duplicate": 2}, "apart": {}, "rows_out": 3,
            "parts": {"train": 1, "calibration": 0, "test": 2}})
    );
    let ingested = &manifest(&folder)["ledger"][0];
    assert_eq!((&ingested["stage"], &ingested["rows_out"]), (&json!("ingest"), &json!(5)));
}

#[test]
fn equal_rows_stay_or_break_the_contract_where_told() {
    let twice = "x,y,part\n1,2,train\n3,4,test\n1,2,train\n";
    let folder = by_hand(&format!("{CONFIG}duplicates = \"keep\"\n"), twice);
    clean(&folder, &[]).success();
    assert_eq!(output(&folder), "x,y,split\n1,2,train\n3,4,test\n1,2,train\n");
    assert_eq!(manifest(&folder)["ledger"][0]["dropped"]["duplicate"], 0);
    let folder = by_hand(&format!("{CONFIG}duplicates = \"error\"\n"), twice);
    clean(&folder, &[]).code(10).stderr(contains("raw.csv:4: column `x` (1): the row equals raw.csv:2"));
    assert_eq!(written(&folder), ["clean.csv.violations.csv"]);
}

#[test]
fn rows_of_the_interim_file_that_agree_in_nulls_are_duplicates_too() {
    let folder = by_hand(CONFIG, "x,y,part\n,2,train\n,2,train\n5,2,train\n");
    clean(&folder, &[]).success();
    assert_eq!(output(&folder), "x,y,split\n5,2,train\n5,2,train\n");
}

#[test]
fn lines_of_a_table_made_by_hand_are_its_own() {
    let raw = "\u{feff}x,y,part\r\n1,2,train\r\n\r\n\"3\n3\",4,test\r\n1,2,train\r\n";
    let folder = by_hand(CONFIG, raw);
    clean(&folder, &[]).success();
    let dropped = read(folder.path().join("data/processed/clean.csv.dropped.csv"));
    assert!(dropped.ends_with("raw.csv,6,duplicate,raw.csv,2\n"), "{dropped}");
    assert_eq!(cells(&output(&folder))[2], ["3\n3", "4", "test"]);
}

#[test]
fn a_table_made_by_hand_is_taken_as_it_is_which_is_logged() {
    let folder = by_hand(CONFIG, RAW);
    clean(&folder, &[]).success().stderr(contains("WARN clean: raw.csv: no manifest; taken as it is"));
    assert_eq!(output(&folder), "x,y,split\n1,2,train\n3,4,test\n");
}

#[test]
fn an_input_that_was_edited_is_refused() {
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw.csv\"]\n");
    let folder = by_hand(&config, RAW);
    run("ingest", folder.path(), &[]).success();
    let raw = folder.path().join("data/interim/raw_ingested.csv");
    write(&raw, read(&raw).replace('3', "5"));
    run("clean", folder.path(), &[])
        .code(13)
        .stderr(contains("damaged or edited"))
        .stderr(contains("run `ingest` again"));
}

#[test]
fn a_long_input_that_was_edited_is_refused_whatever_is_wrong_with_it() {
    // Above four mebibytes an input is hashed while it is read.
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw.csv\"]\n");
    let rows: String = (0..450_000).map(|i| format!("{},{},train\n", i % 1000, i % 7)).collect();
    let folder = by_hand(&config, &format!("x,y,part\n1,2,test\n{rows}"));
    run("ingest", folder.path(), &[]).success();
    let raw = folder.path().join("data/interim/raw_ingested.csv");
    let whole = read(&raw);
    assert!(whole.len() > 4 << 20, "{}", whole.len());
    let end = "999,4,train\n";
    assert!(whole.ends_with(end));
    // Another number, no number, another part, a quote that is not closed, a record of another form, other text after all.
    for edited in [
        "998,4,train\n",
        "9x9,4,train\n",
        "999,4,trian\n",
        "\"99,4,train\n",
        "999,4 train\n",
        "999,4,trai\n\n",
    ] {
        write(&raw, format!("{}{edited}", &whole[..whole.len() - end.len()]));
        run("clean", folder.path(), &[])
            .code(13)
            .stderr(contains("raw_ingested.csv: damaged or edited"))
            .stderr(contains("run `ingest` again"));
        let left = std::fs::read_dir(folder.path().join("data/processed"));
        assert_eq!(left.map_or(0, Iterator::count), 0, "{edited}");
    }
    write(&raw, &whole);
    run("clean", folder.path(), &[]).success();
}

#[test]
fn a_failed_run_keeps_the_old_output() {
    let folder = by_hand(CONFIG, RAW);
    clean(&folder, &[]).success();
    let before = (output(&folder), manifest(&folder));
    write(folder.path().join("raw.csv"), "x,y,part\n1,2,trian\n");
    clean(&folder, &[]).code(10);
    assert_eq!((output(&folder), manifest(&folder)), before);
    assert!(written(&folder).contains(&"clean.csv.violations.csv".to_owned()));
    write(folder.path().join("raw.csv"), RAW);
    clean(&folder, &[]).success();
    assert_eq!(written(&folder), ["clean.csv", "clean.csv.dropped.csv", "clean.csv.meta.json"]);
}

#[test]
fn what_cannot_be_an_output_is_refused_before_work() {
    let folder = by_hand(CONFIG, RAW);
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    std::os::unix::fs::symlink("elsewhere.csv", folder.path().join("link.csv")).unwrap();
    std::fs::hard_link(folder.path().join("raw.csv"), folder.path().join("same.csv")).unwrap();
    for (output, code, message) in [
        ("/dev/full", 22, "/dev/full: is a device or a pipe"),
        ("folder.csv", 22, "folder.csv: is a folder"),
        ("link.csv", 22, "link.csv: is a link"),
        ("raw.csv/x.csv", 22, "raw.csv: not a folder"),
        ("raw.csv", 2, "the output is also an input"),
        ("same.csv", 2, "the output is also an input"),
        ("out.txt", 2, "the ending of a table's name is .csv, .parquet or .arrow"),
    ] {
        clean(&folder, &["-o", output]).code(code).stdout("").stderr(contains(message));
    }
    clean(&folder, &["-o", "-", "--meta", "raw.csv"]).code(2).stderr(contains("the output is also an input"));
    assert_eq!(read(folder.path().join("raw.csv")), RAW);
    assert_eq!(written(&folder), [""; 0]);
}

#[test]
fn a_full_standard_output_is_a_failed_write() {
    let folder = by_hand(CONFIG, RAW);
    shell(folder.path(), "clean -i raw.csv -o - --meta m.json > /dev/full")
        .code(22)
        .stderr(contains("no space left"));
    assert!(!folder.path().join("m.json").exists());
}

#[test]
fn a_closed_or_full_standard_error_changes_nothing() {
    let folder = by_hand(CONFIG, RAW);
    clean(&folder, &[]).success();
    let before = (output(&folder), manifest(&folder));
    for closed in ["2>&-", "2>/dev/full", "<&- >&- 2>&-"] {
        std::fs::remove_dir_all(folder.path().join("data")).unwrap();
        shell(folder.path(), &format!("clean -i raw.csv {closed}")).success();
        assert_eq!((output(&folder), manifest(&folder)), before, "{closed}");
    }
}

#[test]
fn a_closed_standard_input_is_an_empty_one() {
    let folder = by_hand(CONFIG, RAW);
    shell(folder.path(), "clean -i - <&-").code(13).stderr(contains("-: is empty, not even a header"));
    assert_eq!(written(&folder), [""; 0]);
}

#[test]
fn how_much_is_said_is_chosen_and_the_log_carries_the_run_id() {
    let folder = by_hand(CONFIG, RAW);
    clean(&folder, &["-q"]).success().stderr("");
    let quiet = stage("clean").current_dir(&folder).args(["-i", "raw.csv"]).env("RUST_LOG", "error").assert();
    quiet.success().stderr("");
    clean(&folder, &["-q", "-v"]).code(2);
    let log = folder.path().join("logs/clean.log");
    std::fs::remove_file(&log).unwrap();
    let named = stage("clean")
        .current_dir(&folder)
        .args(["-i", "raw.csv", "-q"])
        .env("MILLRACE_RUN_ID", "run-7")
        .assert();
    named.success();
    let text = read(log);
    assert!(text.contains("split: train 1, calibration 0, test 1"), "{text}");
    assert!(text.lines().all(|line| line.contains(" run-7 ")), "{text}");
}

#[test]
fn the_printed_configuration_holds_only_what_affects_bytes() {
    let rest = "[notify]\nwebhook = \"http://127.0.0.1:1/token\"\n[ingest]\nsources = [\"a.csv\"]\nfirst_wait_seconds = 77\n";
    let folder = by_hand(&format!("{CONFIG}{rest}"), RAW);
    let printed = clean(&folder, &["--print-config"]).success().stderr("").get_output().stdout.clone();
    let printed = String::from_utf8(printed).unwrap();
    assert!(!printed.contains("token") && !printed.contains("77"), "{printed}");
    let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&value["duplicates"], &value["split"]["column"]), (&json!("drop"), &json!("part")));
    let bare = by_hand(CONFIG, RAW);
    clean(&bare, &["--print-config"]).success().stdout(printed);
    assert_eq!(files(bare.path()).len(), 2, "no log, no output");
}
