//! Stage `ingest` through its real binary: first what every stage refuses, then the good paths; the
//! modules below have one subject each.
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

#[path = "ingest/accepted.rs"]
mod accepted;
#[path = "ingest/addresses.rs"]
mod addresses;
#[path = "ingest/carried.rs"]
mod carried;
#[path = "ingest/compressed.rs"]
mod compressed;
#[path = "ingest/configuration.rs"]
mod configuration;
#[path = "ingest/corpus.rs"]
mod corpus;
#[path = "ingest/dialects.rs"]
mod dialects;
#[path = "ingest/encodings.rs"]
mod encodings;
#[path = "ingest/files.rs"]
mod files;
#[path = "ingest/folders.rs"]
mod folders;
#[path = "ingest/form.rs"]
mod form;
#[path = "ingest/http_body.rs"]
mod http_body;
#[path = "ingest/http_redirects.rs"]
mod http_redirects;
#[path = "ingest/http_refresh.rs"]
mod http_refresh;
#[path = "ingest/http_secrets.rs"]
mod http_secrets;
#[path = "ingest/http_tls.rs"]
mod http_tls;
#[path = "ingest/http_waits.rs"]
mod http_waits;
#[path = "ingest/ledger.rs"]
mod ledger;
#[path = "ingest/limits.rs"]
mod limits;
#[path = "ingest/pipes.rs"]
mod pipes;
#[path = "ingest/processors.rs"]
mod processors;
#[path = "ingest/progress.rs"]
mod progress;
#[path = "ingest/quotes.rs"]
mod quotes;
#[path = "ingest/rejects.rs"]
mod rejects;
#[path = "ingest/shapes.rs"]
mod shapes;
mod support;
#[path = "ingest/types.rs"]
mod types;
#[path = "ingest/union.rs"]
mod union;

use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use common::checkpoint::Places;
use common::table::TableReader;
use common::{CommonArgs, Task};
use predicates::prelude::*;
use support::{json, program, project, read, stage, write};
use tempfile::TempDir;

const RAW: &str = "data/interim/raw_ingested.csv";

/// Longest run: a guard against one that never ends, no measure.
const GUARD: Duration = Duration::from_mins(1);

/// What a refused bad record ends with.
const HINT: &str = "; `rejects = \"file\"` in [ingest] sets bad records aside";

/// A project whose `[ingest]` section is `section` and which waits a hundredth of a second.
fn setup(section: &str, files: &[(&str, &str)]) -> TempDir {
    let config = format!("[project]\ntarget = \"y\"\n[ingest]\nfirst_wait_seconds = 0.01\n{section}\n");
    let folder = project(files);
    write(folder.path().join("pipeline.toml"), config);
    folder
}

/// A project with one source, `a.csv`.
fn one(bytes: impl AsRef<[u8]>) -> TempDir {
    let folder = setup("sources = [\"a.csv\"]", &[]);
    write(folder.path().join("a.csv"), bytes);
    folder
}

fn ingest(folder: &TempDir, arguments: &[&str]) -> Assert {
    stage("ingest").arg("--project").arg(folder.path()).args(arguments).timeout(GUARD).assert()
}

/// A project with one remote source.
fn remote(url: &str, section: &str) -> TempDir {
    setup(&format!("sources = [\"{url}\"]\n{section}"), &[])
}

/// Runs with a clock that is `rate` times faster, and the waits that are the default.
fn with_clock(folder: &TempDir, rate: u32) -> Assert {
    let path = folder.path().join("pipeline.toml");
    write(&path, read(&path).replace("first_wait_seconds = 0.01\n", ""));
    let mut command = stage("ingest");
    command.env("MILLRACE_TEST_CLOCK", rate.to_string()).timeout(GUARD);
    command.arg("--project").arg(folder.path()).assert()
}

/// The files of snapshots, temporary ones too.
fn snapshots(folder: &TempDir) -> Vec<std::path::PathBuf> {
    let path = folder.path().join("data/snapshots");
    if path.exists() { support::files(&path) } else { Vec::new() }
}

/// Runs under limits of the shell's `ulimit`.
fn limited(limits: &str, folder: &TempDir) -> Assert {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limits} && exec \"$0\" \"$@\"")]).arg(program("ingest"));
    command.env_remove("RUST_LOG").env_remove("MILLRACE_RUN_ID").timeout(GUARD);
    command.arg("--project").arg(folder.path()).assert()
}

/// Runs and expects `code` and `message` on standard error, with nothing written.
fn refused(folder: &TempDir, code: i32, message: &str) {
    ingest(folder, &[]).code(code).stdout("").stderr(predicate::str::contains(message));
    assert!(written(folder).is_empty(), "a failed run leaves nothing behind: {:?}", written(folder));
}

/// The names of the files beside the table.
fn written(folder: &TempDir) -> Vec<String> {
    let interim = folder.path().join("data/interim");
    let found = if interim.exists() { support::files(&interim) } else { Vec::new() };
    found.iter().map(|path| path.strip_prefix(&interim).unwrap().to_str().unwrap().to_owned()).collect()
}

fn raw(folder: &TempDir) -> String {
    read(folder.path().join(RAW))
}

fn manifest(folder: &TempDir) -> serde_json::Value {
    json(folder.path().join(format!("{RAW}.meta.json")))
}

fn log(folder: &TempDir) -> String {
    read(folder.path().join("logs/ingest.log"))
}

// What every stage refuses.

#[test]
fn an_unknown_flag_is_a_usage_error() {
    stage("ingest").arg("--inptu").assert().code(2).stderr(predicate::str::contains("--inptu"));
}

#[test]
fn a_missing_input_is_tried_again_then_given_up() {
    let folder = setup("sources = [\"a.csv\"]", &[]);
    refused(&folder, 20, "ERROR ingest: a.csv: no such file; given up after 4 tries");
    let log = log(&folder);
    for line in [
        "WARN ingest: a.csv: no such file; retry 1 of 3 in 0.01 s",
        "WARN ingest: a.csv: no such file; retry 2 of 3 in 0.02 s",
        "WARN ingest: a.csv: no such file; retry 3 of 3 in 0.04 s",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn an_empty_input_is_refused_by_name() {
    refused(&one(""), 21, "a.csv: is empty");
    refused(&one("\n\r\n"), 21, "a.csv: is empty");
    refused(&one("\u{feff}"), 21, "a.csv: is empty");
}

#[test]
fn a_header_alone_is_no_row() {
    let folder = one("x,y\n");
    refused(&folder, 11, "a.csv: no rows: 1 source with a header and nothing else");
    assert!(log(&folder).contains("a.csv holds a header and no row"));
    let folder = setup("sources = [\"*.csv\"]", &[("b.csv", "x\n"), ("a.csv", "x\n")]);
    refused(&folder, 11, "a.csv: no rows: 2 sources with a header and nothing else");
}

#[test]
fn rows_of_a_wrong_length_are_refused_by_line_and_counted() {
    let folder = one("x,y\n1,2\n\n3\n4,5\n");
    refused(&folder, 21, &format!("a.csv:4: 1 cell, expected 2 as in the header{HINT}\n"));
    let rows: String = (0..12).map(|_| "1,2,3\n").collect();
    let folder = one(format!("x,y\n1,2\n\"a\nb\",2\n{rows}"));
    let count = "3 cells, expected 2 as in the header; 12 lines with bad records in all";
    refused(&folder, 21, &format!("a.csv:5: {count}{HINT}\n"));
    let log = log(&folder);
    assert!(log.contains("a.csv:14: 3 cells") && !log.contains("a.csv:15: 3 cells"), "{log}");
}

// The good paths.

#[test]
fn sources_are_combined_by_column_name() {
    let folder = setup(
        "sources = [\"raw/2010.csv\", \"raw/b *.csv\"]\ntypes = { x = \"string\" }",
        &[
            ("raw/2010.csv", "city,x,y\nAustin,1,0.5\n\"Bryan, TX\",,2\n"),
            ("raw/b 2.csv", "y,city,x\r\n3,\"say \"\"hi\"\"\",007\r\n\r\n4,\"two\nlines\",8\r\n5,z,9"),
            ("raw/b 1.csv", "x,y,city\n"),
        ],
    );
    ingest(&folder, &[]).success().stdout("");
    assert_eq!(
        raw(&folder),
        "city,x,y\nAustin,1,0.5\n\"Bryan, TX\",,2\n\"say \"\"hi\"\"\",007,3\n\"two\nlines\",8,4\nz,9,5\n"
    );
    assert_eq!(
        read(folder.path().join(format!("{RAW}.lines.csv"))),
        "row,source,line\n0,0,2\n2,2,2\n3,2,4\n4,2,6\n"
    );
    let manifest = manifest(&folder);
    assert_eq!(manifest["stage"], "ingest");
    assert_eq!(manifest["inputs"][0]["name"], "raw/2010.csv");
    assert_eq!(manifest["inputs"][0]["bytes"], 37);
    assert_eq!(manifest["companions"][0]["name"], format!("{RAW}.lines.csv"));
    assert_eq!(manifest["ledger"][0]["rows_in"], 5);
    assert_eq!(manifest["ledger"][0]["rows_out"], 5);
    assert_eq!(manifest["fields"][1], serde_json::json!({"name": "x", "type": "string", "role": "input"}));
    assert_eq!(
        manifest["found"]["types"],
        serde_json::json!([
            {"name": "city", "type": "string", "nulls": 0},
            {"name": "x", "type": "string", "nulls": 1},
            {"name": "y", "type": "number", "nulls": 0},
        ])
    );
    let uris: Vec<_> = manifest["found"]["sources"].as_array().unwrap().iter().map(|s| &s["uri"]).collect();
    assert_eq!(uris, ["raw/2010.csv", "raw/b 1.csv", "raw/b 2.csv"]);
    assert_eq!(manifest["found"]["sources"][2]["rows"], 3);
    assert_eq!(manifest["found"]["sources"][2]["line_ends"], "crlf");
    let log = log(&folder);
    for line in [
        "read 2 rows from ",
        "read 0 rows from ",
        "raw/b 2.csv",
        "skipped 1 blank line in ",
        "wrote 5 rows to ",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
}

#[test]
fn text_comes_back_from_every_format_as_it_stood() {
    let text = "a \"b\",c\nd\n\u{feff}\n 1 ,\"\"\n'',\"x\ry\"\n\"\"\"\",\"p,q\"\nNA,\"é\n\"\n";
    let text =
        text.replace("a \"b\"", "\"a \"\"b\"\"\"").replace("\u{feff}\n", "").replace("c\nd", "\"c\nd\"");
    let folder = one(text);
    for output in [RAW, "out.parquet", "out.arrow"] {
        let path = folder.path().join(output);
        ingest(&folder, &["-o", path.to_str().unwrap()]).success();
        let args = CommonArgs { input: vec![path], ..common_args(folder.path()) };
        let checkpoint = Places::new(Task::Clean, &args).unwrap().open(0, Task::Ingest).unwrap();
        let table = TableReader::open(&checkpoint, None).unwrap().read_all().unwrap();
        let cells = |column: &str| -> Vec<Option<String>> {
            table.column(column).unwrap().str().unwrap().iter().map(|c| c.map(str::to_owned)).collect()
        };
        let some = |texts: &[&str]| texts.iter().map(|t| Some((*t).to_owned())).collect::<Vec<_>>();
        assert_eq!(cells("a \"b\""), some(&[" 1 ", "''", "\"", "NA"]), "{output}");
        let mut expected = some(&["", "x\ry", "p,q", "é\n"]);
        expected[0] = None;
        assert_eq!(cells("c\nd"), expected, "{output}");
    }
}

fn common_args(folder: &Path) -> CommonArgs {
    CommonArgs {
        project: folder.to_path_buf(),
        input: Vec::new(),
        output: None,
        meta: None,
        config: None,
        verbose: 0,
        quiet: true,
        print_config: false,
    }
}

#[test]
fn a_pipe_carries_the_table_and_its_manifest_travels_beside() {
    let folder = one("x\n1\n");
    let meta = folder.path().join("m.json");
    stage("ingest")
        .arg("--project")
        .arg(folder.path())
        .args(["-i", "-", "-o", "-", "--meta"])
        .arg(&meta)
        .write_stdin("p,q\n1,2\n")
        .assert()
        .success()
        .stdout("p,q\n1,2\n");
    assert_eq!(json(&meta)["inputs"][0]["name"], "-");
    assert_eq!(read(folder.path().join("m.json.lines.csv")), "row,source,line\n0,0,2\n");
}

#[test]
fn inputs_on_the_command_line_replace_the_sources() {
    let folder =
        setup("sources = [\"a.csv\"]", &[("a.csv", "x\n1\n"), ("b[1].csv", "x\n2\n"), ("c.csv", "x\n3\n")]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    ingest(&folder, &["-i", &path("c.csv"), "-i", &path("b[1].csv")]).success();
    assert_eq!(raw(&folder), "x\n3\n2\n");
    assert_eq!(manifest(&folder)["inputs"][0]["name"], "c.csv");
}

#[test]
fn the_same_input_gives_the_same_bytes_wherever_it_lies() {
    let make = || setup("sources = [\"*.csv\"]", &[("b.csv", "x\n2\n"), ("a.csv", "x\n1\n")]);
    let (a, b) = (make(), make());
    ingest(&a, &[]).success();
    stage("ingest")
        .current_dir(b.path())
        .env("TZ", "Asia/Tokyo")
        .env("POLARS_MAX_THREADS", "1")
        .assert()
        .success();
    for name in [RAW.to_owned(), format!("{RAW}.lines.csv"), format!("{RAW}.meta.json")] {
        assert_eq!(read(a.path().join(&name)), read(b.path().join(&name)));
    }
    assert_eq!(raw(&a), "x\n1\n2\n");
}

#[test]
fn a_failed_run_keeps_the_last_good_output() {
    let folder = one("x\n1\n");
    ingest(&folder, &[]).success();
    write(folder.path().join("a.csv"), "x\n1\n\"");
    ingest(&folder, &[]).code(21);
    assert_eq!(raw(&folder), "x\n1\n");
    assert_eq!(written(&folder).len(), 3);
}
