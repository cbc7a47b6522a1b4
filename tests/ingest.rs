//! Stage `ingest` through its real binary: first what every stage refuses, then the good paths, then
//! each way in which a source can be broken, absent or secret.
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

#[path = "ingest/addresses.rs"]
mod addresses;
mod support;

use std::path::Path;
use std::time::Duration;

use assert_cmd::assert::Assert;
use common::checkpoint::Places;
use common::table::TableReader;
use common::{CommonArgs, Task};
use predicates::prelude::*;
use support::http::{Answer, Server};
use support::{files, json, project, read, stage, write};
use tempfile::TempDir;

const RAW: &str = "data/interim/raw_ingested.csv";

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
    stage("ingest").arg("--project").arg(folder.path()).args(arguments).assert()
}

/// Runs and expects `code` and `message` on standard error, with nothing written.
fn refused(folder: &TempDir, code: i32, message: &str) {
    ingest(folder, &[]).code(code).stdout("").stderr(predicate::str::contains(message));
    let written =
        files(folder.path()).into_iter().filter(|p| p.starts_with(folder.path().join("data/interim")));
    assert_eq!(written.count(), 0, "a failed run leaves nothing behind");
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
    refused(&folder, 11, "CRITICAL ingest: no rows: 1 source with a header and nothing else");
    assert!(log(&folder).contains("a.csv holds a header and no row"));
}

#[test]
fn rows_of_a_wrong_length_are_refused_by_line_and_counted() {
    refused(&one("x,y\n1,2\n\n3\n4,5\n"), 21, "a.csv:4: 1 cell, expected 2 as in the header\n");
    let rows: String = (0..12).map(|_| "1,2,3\n").collect();
    let folder = one(format!("x,y\n1,2\n\"a\nb\",2\n{rows}"));
    refused(&folder, 21, "a.csv:5: 3 cells, expected 2 as in the header; 12 rows like it in all\n");
    let log = log(&folder);
    assert!(log.contains("a.csv:14: 3 cells") && !log.contains("a.csv:15: 3 cells"), "{log}");
}

// The good paths.

#[test]
fn sources_are_combined_by_column_name() {
    let folder = setup(
        "sources = [\"raw/2010.csv\", \"raw/b *.csv\"]",
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
fn a_byte_order_mark_is_dropped_and_noted() {
    let folder = one("\u{feff}x,y\n1,2\n");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n");
    assert_eq!(manifest(&folder)["found"]["sources"][0]["byte_order_mark"], true);
}

#[test]
fn types_are_found_over_the_whole_column_with_the_null_tokens_given() {
    let rows: String = (0..70_000).map(|i| format!("{i},NA\n")).collect();
    let folder = setup(
        "sources = [\"a.csv\"]\nnull_tokens = [\"NA\"]",
        &[("a.csv", &format!("x,y\n{rows}1.5,\n7,3\n"))],
    );
    ingest(&folder, &[]).success();
    let found = manifest(&folder)["found"].clone();
    assert_eq!(found["null_tokens"], serde_json::json!(["", "NA"]));
    assert_eq!(found["types"][0], serde_json::json!({"name": "x", "type": "number", "nulls": 0}));
    assert_eq!(found["types"][1], serde_json::json!({"name": "y", "type": "integer", "nulls": 70_001}));
    assert!(raw(&folder).ends_with("69999,NA\n1.5,\n7,3\n"));
}

#[test]
fn the_missing_values_of_a_schema_hold() {
    let folder = one("x\n-\n3\n");
    let schema = r#"{"fields": [{"name": "x", "type": "integer"}], "missingValues": ["-"]}"#;
    write(folder.path().join("schema.json"), schema);
    ingest(&folder, &[]).success();
    let found = &manifest(&folder)["found"];
    assert_eq!(found["null_tokens"], serde_json::json!(["", "-"]));
    assert_eq!(found["types"][0], serde_json::json!({"name": "x", "type": "integer", "nulls": 1}));
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

// The form of a file.

#[test]
fn a_broken_form_is_refused_by_line() {
    for (bytes, message) in [
        (&b"x,y\n1,2\n3,\"4\n5,6\n"[..], "a.csv:3: a quoted cell begins here and its quote is never closed"),
        (b"x,y\n1,\"2\"3\n", "a.csv:2: text after a closing quote"),
        (b"x,y\n1,2\n3,4\"\n", "a.csv:3: a quote within a cell"),
        (b"x,y\n1,\0\n", "a.csv:2: a NUL byte"),
        (b"x,y\n1,2\n\xe9,3\n", "a.csv:3: bytes that are not UTF-8"),
        (b"x,y\r1,2\r", "a.csv:1: a carriage return without a line feed"),
        (b"x,y\n1,2\r3,4\n", "a.csv:2: a carriage return without a line feed"),
        (b"\xff\xfex\0,\0y\0", "a.csv:1: the file is UTF-16"),
        (b"x,,y\n1,2,3\n", "a.csv:1: column 2 has no name"),
        (b"x, ,y\n1,2,3\n", "a.csv:1: column 2 has no name"),
        (b"\xef\xbb\xbf\xef\xbb\xbfx,y\n1,2\n", "a.csv:1: a second byte order mark"),
        (b"x;y\n1;2\n", "a.csv:1: one column, whose name seems to hold several parted by semicolons"),
        (b"x\ty\n1\t2\n", "a.csv:1: one column, whose name seems to hold several parted by tabs"),
        (b"\n\nx,y,x\n1,2,3\n", "a.csv:3: columns 1 and 3 are both named `x`"),
    ] {
        refused(&one(bytes), 21, message);
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let cell = "x".repeat((1 << 20) + 1);
    refused(
        &one(format!("x,y\n1,2\n3,\"{cell}\n4,5\n")),
        21,
        "a.csv:3: a cell of more than 1 MiB begins here",
    );
    let cell = "x".repeat(1 << 20);
    let names: String = (0..9).map(|i| format!("c{i},")).collect();
    let row = [cell.as_str(); 9].join(",");
    refused(&one(format!("{names}z\n{row},1\n")), 21, "a.csv:2: a record of more than 8 MiB begins here");
    refused(&one(format!("{}\n", ",".repeat(16_384))), 21, "a.csv:1: more than 16384 columns");
    refused(
        &one(format!("{},y\n1,2\n", "x".repeat(1025))),
        21,
        "a.csv:1: the name of column 1 has 1025 bytes",
    );
    let folder = setup("sources = [\"a.csv\"]\nmax_source_bytes = 3", &[("a.csv", "x\n1\n")]);
    refused(&folder, 21, "a.csv: is larger than 3 bytes");
}

#[test]
fn a_table_as_wide_as_can_be_is_read() {
    let names: Vec<String> = (0..16_384).map(|i| format!("c{i}")).collect();
    let row = vec!["1"; 16_384].join(",");
    let folder = one(format!("{}\n{row}\n{row}\n", names.join(",")));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("{}\n{row}\n{row}\n", names.join(",")));
}

#[test]
fn files_with_other_columns_are_all_named() {
    let folder = setup(
        "sources = [\"*.csv\"]",
        &[
            ("a.csv", "x,y\n1,2\n"),
            ("b.csv", "x,z\n1,2\n"),
            ("c.csv", "y,x\n1,2\n"),
            ("d.csv", "x,y,w\n\"\n"),
        ],
    );
    refused(&folder, 21, "b.csv: columns differ from ");
    let log = log(&folder);
    assert!(log.contains("missing `y`; extra `z`; 1 more source too"), "{log}");
    assert!(log.contains("d.csv: extra `w`"), "{log}");
    assert!(!log.contains("c.csv"), "{log}");
}

// Which files.

#[test]
fn hidden_and_temporary_files_never_match() {
    let folder = setup(
        "sources = [\"raw/*.csv\"]",
        &[("raw/a.csv", "x\n1\n"), ("raw/.b.csv", "x\n2\n"), ("raw/.c.csv.tmp-abc.csv", "x\n3\n")],
    );
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x\n1\n");
}

#[test]
fn odd_names_work() {
    let name = "raw/a $HOME `id` 'q' \"d\"\n%:[x].csv";
    let folder = setup("sources = [\"raw/*\"]", &[(name, "x\n1\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(manifest(&folder)["inputs"][0]["name"], name);
    assert!(log(&folder).contains("\"d\"\\n%:[x].csv"));
    let folder = setup("sources = [\"a[1].csv\"]", &[("a[1].csv", "x\n1\n")]);
    ingest(&folder, &[]).success();
}

#[test]
fn the_same_file_twice_is_refused() {
    let folder = setup("sources = [\"a.csv\", \"b.csv\"]", &[("a.csv", "x\n1\n")]);
    std::fs::hard_link(folder.path().join("a.csv"), folder.path().join("b.csv")).unwrap();
    refused(&folder, 21, "b.csv: is the same file as ");
    let folder = setup("sources = [\"a.csv\", \"*.csv\"]", &[("a.csv", "x\n1\n")]);
    refused(&folder, 21, "a.csv: stands twice among the sources");
    let folder = setup("sources = [\"http://h/x?a\", \"http://h/x?a\"]", &[]);
    refused(&folder, 21, "stands twice among the sources");
}

#[test]
fn only_regular_files_are_read() {
    let folder = setup("sources = [\"raw\"]", &[("raw/a.csv", "x\n1\n")]);
    refused(&folder, 21, "raw: is a folder");
    refused(&setup("sources = [\"/dev/zero\"]", &[]), 21, "/dev/zero: is a device or a pipe");
    let folder = setup("sources = [\"fifo\"]", &[]);
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("fifo")).status().unwrap();
    assert!(made.success());
    refused(&folder, 21, "fifo: is a device or a pipe");
}

#[test]
fn an_output_that_is_a_source_is_refused() {
    let folder = setup("sources = [\"data/*.csv\"]", &[("data/a.csv", "x\n1\n")]);
    let path = folder.path().join("data/a.csv");
    ingest(&folder, &["-o", path.to_str().unwrap()])
        .code(2)
        .stderr(predicate::str::contains("is also an input"));
    assert_eq!(read(path), "x\n1\n");
}

#[test]
fn a_file_that_appears_during_the_wait_is_read() {
    let folder = setup("sources = [\"raw/*.csv\"]\nfirst_wait_seconds = 0.4", &[]);
    let config = read(folder.path().join("pipeline.toml")).replace("first_wait_seconds = 0.01\n", "");
    write(folder.path().join("pipeline.toml"), config);
    let path = folder.path().join("raw/late.csv");
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        write(path, "x\n1\n");
    });
    ingest(&folder, &[])
        .success()
        .stderr(predicate::str::contains("raw/*.csv: no file matches; retry 1 of 3 in 0.4 s"));
    writer.join().unwrap();
    assert_eq!(raw(&folder), "x\n1\n");
}

#[test]
fn a_failed_run_keeps_the_last_good_output() {
    let folder = one("x\n1\n");
    ingest(&folder, &[]).success();
    write(folder.path().join("a.csv"), "x\n1\n\"");
    ingest(&folder, &[]).code(21);
    assert_eq!(raw(&folder), "x\n1\n");
    assert_eq!(files(&folder.path().join("data/interim")).len(), 3);
}

// Configuration and lists.

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    for (section, message) in [
        ("", "pipeline.toml:3: [ingest] sources: name the raw files"),
        ("sources = []", "pipeline.toml:5: [ingest] sources: name the raw files"),
        ("source = [\"a\"]", "pipeline.toml:5: unknown key `source` (did you mean `sources`?)"),
        ("sources = [\"-\"]", "standard input is given as `-i -`"),
        ("sources = [\"a\"]\nretries = 99", "pipeline.toml:6: [ingest] retries: at most 12"),
        ("sources = [\"a\"]\ntimeout_seconds = nan", "pipeline.toml:6: [ingest] timeout_seconds"),
        ("sources = 3", "pipeline.toml:5: expected a list of texts"),
    ] {
        refused(&setup(section, &[]), 2, message);
    }
    let folder = project(&[("pipeline.toml", "[ingest]\nsources = [\"a\"]\n")]);
    ingest(&folder, &[]).code(2).stderr(predicate::str::contains("[project]"));
}

#[test]
fn the_effective_configuration_holds_what_affects_the_bytes() {
    let folder =
        setup("sources = [\"raw/*.csv\", \"https://u:s3cret@h/x.csv?k=s3cret\"]\ntimeout_seconds = 5", &[]);
    let output = ingest(&folder, &["--print-config"]).success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["sources"][0], "raw/*.csv");
    assert_eq!(value["null_tokens"], serde_json::json!([""]));
    assert_eq!(value["limits"]["columns"], 16_384);
    assert!(!text.contains("s3cret") && !text.contains("wait") && !text.contains("timeout"), "{text}");
    assert_eq!(files(folder.path()).len(), 1, "an answer writes nothing");
}

#[test]
fn the_list_of_sources_tells_what_changed_and_waits_for_nothing() {
    let server = Server::start(vec![Answer::ok("x\n1\n")]);
    let url = server.url("/a.csv");
    let folder = setup(
        &format!("sources = [\"a b.csv\", \"raw/*.csv\", \"{url}\"]\nfirst_wait_seconds = 60"),
        &[("a b.csv", "x\n1\n")],
    );
    let config = read(folder.path().join("pipeline.toml")).replace("first_wait_seconds = 0.01\n", "");
    write(folder.path().join("pipeline.toml"), config);
    let output = ingest(&folder, &["--list-sources"]).success().stderr("");
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("a b.csv\t4\t"), "{text}");
    assert_eq!(lines[1..], ["raw/*.csv\tmissing".to_owned(), format!("{url}\t-")]);
    assert!(server.requests().is_empty());
    assert_eq!(files(folder.path()).len(), 2, "an answer writes nothing");
    write(folder.path().join("raw/1\n.csv"), "x\n2\n");
    ingest(&folder, &[]).success();
    let hash = json(folder.path().join("sources.lock"))[&url]["sha256"].as_str().unwrap().to_owned();
    let listed = predicate::str::contains(format!("{url}\t{hash}\n"))
        .and(predicate::str::contains("raw/1\\n.csv\t4\t"));
    ingest(&folder, &["--list-sources"]).success().stdout(listed);
}
