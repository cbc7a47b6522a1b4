//! Which files are read: patterns, odd names, the same file twice, files of another kind, many files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;
use std::time::Duration;

use predicates::prelude::*;

use super::support::{read, write};
use super::{ingest, limited, log, manifest, raw, refused, setup};

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
fn a_copy_of_another_source_is_read_and_told() {
    let folder =
        setup("sources = [\"*.csv\"]", &[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n"), ("c.csv", "x\n1\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x\n1\n2\n1\n");
    let told: Vec<String> =
        log(&folder).lines().filter(|line| line.contains("WARN")).map(str::to_owned).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    assert!(
        told[0].ends_with(&format!("{} holds the same bytes as {}", at("c.csv"), at("a.csv"))),
        "{told:?}"
    );
}

#[test]
fn only_regular_files_are_read() {
    let folder = setup("sources = [\"r*\"]", &[("raw/a.csv", "x\n1\n")]);
    refused(&folder, 21, "raw: is a folder");
    refused(&setup("sources = [\"/dev/zero\"]", &[]), 21, "/dev/zero: is a device or a pipe");
    let folder = setup("sources = [\"fifo\"]", &[]);
    let made = Command::new("mkfifo").arg(folder.path().join("fifo")).status().unwrap();
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
fn names_that_could_be_commands_or_flags_are_names() {
    let names = [
        "-rf.csv",
        "a  b.csv",
        "a,b.csv",
        "a;touch x.csv",
        "a\"'`$(touch x).csv",
        "a\\b.csv",
        "a\u{202e}b.csv",
    ];
    let folder = setup("sources = [\"raw/*\"]", &[]);
    for name in names {
        write(folder.path().join("raw").join(name), "x\n1\n");
    }
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x\n{}", "1\n".repeat(names.len())));
    let found = manifest(&folder)["found"]["sources"].clone();
    let uris: Vec<&str> = found.as_array().unwrap().iter().map(|s| s["uri"].as_str().unwrap()).collect();
    let mut sorted: Vec<String> = names.iter().map(|name| format!("raw/{name}")).collect();
    sorted.sort();
    assert_eq!(uris, sorted);
    assert!(log(&folder).contains("a\\u{202e}b.csv"), "what turns text around is escaped");
}

#[test]
fn a_name_that_begins_with_a_dash_is_a_source_as_an_argument_too() {
    let folder = setup("sources = [\"a.csv\"]", &[("-i.csv", "x\n1\n")]);
    super::stage("ingest").current_dir(folder.path()).arg("--input=-i.csv").assert().success();
    assert_eq!(raw(&folder), "x\n1\n");
}

#[test]
fn names_that_are_not_utf_8_are_told_apart() {
    let folder = setup("sources = [\"raw/*.csv\"]", &[]);
    for name in [b"\xfe.csv", b"\xff.csv"] {
        write(folder.path().join("raw").join(OsStr::from_bytes(name)), "x\n1\n");
    }
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x\n1\n1\n");
    let sources = manifest(&folder)["found"]["sources"].clone();
    assert_ne!(sources[0]["uri"], sources[1]["uri"]);
    write(folder.path().join("raw").join(OsStr::from_bytes(b"\xff.csv")), "x\n1,2\n");
    ingest(&folder, &[]).code(21).stderr(predicate::str::contains("\\xff.csv:2: 2 cells"));
}

#[test]
fn thousands_of_files_are_read_with_few_descriptors() {
    let folder = setup("sources = [\"raw/*.csv\"]", &[]);
    std::fs::create_dir(folder.path().join("raw")).unwrap();
    for n in 0..5000 {
        std::fs::write(folder.path().join(format!("raw/{n:04}.csv")), format!("x,y\n{n},a\n")).unwrap();
    }
    limited("-n 64", &folder).success();
    let rows: String = (0..5000).map(|n| format!("{n},a\n")).collect();
    assert_eq!(raw(&folder), format!("x,y\n{rows}"));
    let lines = read(folder.path().join(format!("{}.lines.csv", super::RAW)));
    assert_eq!(lines.lines().nth(5000), Some("4999,4999,2"));
    let found = &manifest(&folder)["found"];
    assert_eq!(found["sources"].as_array().unwrap().len(), 5000);
    assert_eq!(found["dialects"].as_array().unwrap().len(), 1);
}
