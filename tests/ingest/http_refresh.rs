//! `ingest --refresh`: the server is asked for changes, and what changed is told and taken up.

use predicates::prelude::*;

use super::support::http::{Answer, Server};
use super::support::{read, write};
use super::{ingest, json, log, raw, remote, snapshots};

const OLD: &str = "x\n1\n";
const NEW: &str = "x\n2\n";

fn sha(text: &str) -> String {
    common::hash::hex(text.as_bytes())
}

#[test]
fn a_rerun_asks_nothing_and_a_refresh_asks_for_changes() {
    let server = Server::start(vec![
        Answer::ok(OLD).header("ETag", "W/\"v1\"").header("Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT"),
        Answer::status(304),
    ]);
    let folder = remote(&server.url("/a.csv"), "");
    ingest(&folder, &[]).success();
    let lock = read(folder.path().join("sources.lock"));
    ingest(&folder, &[]).success().stderr(predicate::str::contains("using the snapshot"));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].header("if-none-match"), None);
    ingest(&folder, &["--refresh"])
        .success()
        .stderr(predicate::str::contains("asking for changes"))
        .stderr(predicate::str::contains(format!("/a.csv: unchanged, sha256 {}", sha(OLD))));
    assert_eq!(server.requests()[1].header("if-none-match"), Some("W/\"v1\""));
    assert_eq!(raw(&folder), OLD);
    assert_eq!(read(folder.path().join("sources.lock")), lock, "304 leaves the lock as it is");
}

#[test]
fn a_server_without_etags_is_asked_by_date() {
    let date = "Sat, 01 Jan 2022 00:00:00 GMT";
    let server = Server::start(vec![Answer::ok(OLD).header("Last-Modified", date), Answer::status(304)]);
    let folder = remote(&server.url("/a.csv"), "");
    ingest(&folder, &[]).success();
    ingest(&folder, &["--refresh"]).success();
    assert_eq!(server.requests()[1].header("if-modified-since"), Some(date));
}

#[test]
fn a_change_is_named_with_both_hashes_and_taken_up() {
    let server = Server::start(vec![
        Answer::ok(OLD).header("ETag", "\"v1\""),
        Answer::ok(NEW).header("ETag", "\"v2\""),
        Answer::ok(NEW).header("ETag", "\"v3\""),
    ]);
    let url = server.url("/a.csv");
    let folder = remote(&url, "");
    ingest(&folder, &[]).success();
    let said = format!("WARN ingest: {url}: changed: sha256 was {}, is {} (4 bytes)", sha(OLD), sha(NEW));
    ingest(&folder, &["--refresh"]).success().stderr(predicate::str::contains(&said));
    assert!(log(&folder).contains(&said));
    assert_eq!(raw(&folder), NEW);
    let lock = || json(folder.path().join("sources.lock"))[&url].clone();
    assert_eq!((lock()["sha256"].clone(), lock()["etag"].clone()), (sha(NEW).into(), "\"v2\"".into()));
    // Sent again without a change: the same bytes, and the server's new word for them.
    ingest(&folder, &["--refresh"]).success().stderr(predicate::str::contains("the same bytes"));
    assert_eq!(lock()["etag"], "\"v3\"");
    ingest(&folder, &[]).success();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_snapshot_that_is_gone_or_damaged_is_downloaded_whole() {
    let server = Server::start(vec![Answer::ok(OLD).header("ETag", "\"v1\"")]);
    let folder = remote(&server.url("/a.csv"), "");
    ingest(&folder, &[]).success();
    let snapshot = snapshots(&folder).remove(0);
    write(&snapshot, "x\n9\n");
    ingest(&folder, &["--refresh"]).success();
    std::fs::remove_file(&snapshot).unwrap();
    ingest(&folder, &["--refresh"]).success();
    for request in &server.requests()[1..] {
        assert_eq!(request.header("if-none-match"), None, "nothing sound is at hand to ask about");
    }
    assert_eq!(read(&snapshot), OLD);
}

#[test]
fn a_refresh_that_fails_keeps_what_was() {
    let server = Server::start(vec![
        Answer::ok(OLD).header("ETag", "\"v1\""),
        Answer::status(503),
        Answer::status(410),
        Answer::ok("<html>"),
    ]);
    let folder = remote(&server.url("/a.csv"), "retries = 0");
    ingest(&folder, &[]).success();
    let lock = read(folder.path().join("sources.lock"));
    for code in [20, 21, 21] {
        ingest(&folder, &["--refresh"]).code(code);
        assert_eq!(read(folder.path().join("sources.lock")), lock);
        assert_eq!(snapshots(&folder).len(), 1);
    }
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), OLD);
}

#[test]
fn upstream_changed_since_the_lock_is_refused_with_both_hashes() {
    let server = Server::start(vec![Answer::ok(OLD), Answer::ok(NEW)]);
    let folder = remote(&server.url("/a.csv"), "");
    ingest(&folder, &[]).success();
    // As for a colleague who has the lock from the repository, and no snapshot.
    std::fs::remove_dir_all(folder.path().join("data/snapshots")).unwrap();
    let both = format!("has sha256 {}, sources.lock says {}; `make refresh`", sha(NEW), sha(OLD));
    ingest(&folder, &[]).code(21).stderr(predicate::str::contains(both));
    assert!(snapshots(&folder).is_empty());
}

#[test]
fn fetching_alone_waits_for_no_file_and_reads_nothing() {
    let server = Server::start(vec![Answer::ok("<h1>no table, and nobody reads it"), Answer::ok(NEW)]);
    let section = format!("sources = [\"missing.csv\", \"{}\"]", server.url("/a.csv"));
    let folder = super::setup(&section, &[]);
    ingest(&folder, &["--fetch-only"]).success();
    assert!(super::written(&folder).is_empty());
    assert_eq!(read(&snapshots(&folder)[0]), "<h1>no table, and nobody reads it");
    ingest(&folder, &["--fetch-only"]).success();
    assert_eq!(server.requests().len(), 1);
    ingest(&folder, &["--refresh", "--fetch-only"]).success();
    assert_eq!(read(&snapshots(&folder)[0]), NEW);
    let folder = super::setup("sources = [\"missing.csv\"]", &[]);
    ingest(&folder, &["--refresh", "--fetch-only"])
        .success()
        .stderr(predicate::str::contains("nothing to ask"));
}

#[test]
fn help_says_which_command_asks() {
    let help = ingest(&super::setup("", &[]), &["--help"]).success();
    let help = String::from_utf8(help.get_output().stdout.clone()).unwrap();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("--refresh Ask the servers of remote sources for changes"), "{help}");
    assert!(help.contains("Without this, a snapshot at hand is used and nothing is downloaded"), "{help}");
}
