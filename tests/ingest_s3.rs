//! Stage `ingest` reading `s3://` sources from a server that checks signatures, on this machine.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

#[path = "support/python.rs"]
mod python;
#[path = "ingest_s3/store.rs"]
mod store;
mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use store::Store;
use support::{column, files, json, program, project, read, write};
use tempfile::TempDir;

const RAW: &str = "data/interim/raw_ingested.csv";
const NONE: &[(&str, &str)] = &[];

/// A project that reads `sources`, a list in TOML, and waits a hundredth of a second.
fn setup(sources: &str, more: &str) -> TempDir {
    let config = format!(
        "[project]\ntarget = \"y\"\n[ingest]\nfirst_wait_seconds = 0.01\nsources = {sources}\n{more}\n"
    );
    project(&[("pipeline.toml", &config)])
}

#[test]
fn a_rerun_asks_for_nothing() {
    let Some(mut store) = Store::start() else { return };
    store.put("dir/one ü.csv", "a,y\n7,2\n");
    let folder = setup(r#"["s3://lake/dir/one ü.csv", "s3://lake/many/[01]0[09]0.csv"]"#, "");
    store.ingest(folder.path(), &[], NONE).success();
    let raw = read(folder.path().join(RAW));
    // 1000 and 1090 stand on the second page of the listing.
    assert_eq!(column(&raw, "a"), ["7", "0", "90", "1000", "1090"]);
    let lock = json(folder.path().join("sources.lock"));
    let entry = &lock["s3://lake/dir/one ü.csv"];
    // By `sha256sum` and `md5sum` of the eight bytes; the store's tag is their MD5.
    assert_eq!(entry["sha256"], "3d8f3c3130377983bc9a44a5677437f56946c0d7ce315c4a9157ae53a0606c7e");
    assert_eq!(entry["etag"], "\"84dd9899e6743149a1cbaaca669f5476\"");
    assert_eq!(lock.as_object().unwrap().len(), 6, "the list, the four objects on it, one more: {lock}");
    let listed = store.ingest(folder.path(), &["--list-sources"], NONE).success();
    // Neither hashes nor what a pattern matched: a run that finds them must not have to run again.
    listed.stdout("s3://lake/dir/one ü.csv\tremote\ns3://lake/many/[01]0[09]0.csv\tremote\n");

    store.stop();
    store.ingest(folder.path(), &[], NONE).success();
    assert_eq!(read(folder.path().join(RAW)), raw);
    let down = store.ingest(folder.path(), &["--refresh"], NONE).code(20);
    down.stderr(contains("s3://lake/dir/one ü.csv: no connection to the server; given up after 4 tries"));
    assert_eq!(read(folder.path().join(RAW)), raw, "the last good table stays");
}

#[test]
fn what_is_not_there_is_waited_for() {
    let Some(store) = Store::shared() else { return };
    for (source, why) in [
        ("s3://lake/none.csv", "no such object"),
        ("s3://sea/one.csv", "no such bucket"),
        ("s3://lake/none/*.csv", "no object matches"),
        ("s3://lake/*/none.csv", "no object matches"),
        ("s3://sea/*.csv", "no such bucket"),
    ] {
        let folder = setup(&format!("[\"{source}\"]"), "");
        let waited = store.ingest(folder.path(), &[], NONE).code(20);
        waited.stderr(contains(format!("{source}: {why}; given up after 4 tries")));
        assert!(!folder.path().join("sources.lock").exists(), "{source}");
    }
}

#[test]
fn access_that_is_denied_is_refused_at_once() {
    let Some(store) = Store::shared() else { return };
    store.put("private/p.csv", "a,y\n1,2\n");
    store.put("open.csv", "a,y\n1,2\n");
    let wrong_secret = [("AWS_SECRET_ACCESS_KEY", "not-the-secret")];
    let wrong_id = [("AWS_ACCESS_KEY_ID", "AKIANOBODY"), ("AWS_SESSION_TOKEN", "some-session-token")];
    for (source, others, why) in [
        ("s3://lake/private/p.csv", NONE, "AccessDenied"),
        ("s3://lake/open.csv", &wrong_secret, "SignatureDoesNotMatch"),
        ("s3://lake/*.csv", &wrong_secret, "SignatureDoesNotMatch"),
        ("s3://lake/open.csv", &wrong_id, "InvalidAccessKeyId"),
    ] {
        let folder = setup(&format!("[\"{source}\"]"), "");
        let refused = store.ingest(folder.path(), &[], others).code(21);
        let said = contains(format!("{source}: access is denied ({why})")).and(contains("retry").not());
        refused.stderr(said);
    }
}

#[test]
fn an_environment_that_cannot_work_is_refused_and_not_shown() {
    let Some(store) = Store::shared() else { return };
    let folder = setup(r#"["s3://lake/many/0001.csv"]"#, "");
    for (name, value, why) in [
        ("AWS_ALLOW_HTTP", "", "AWS_ENDPOINT_URL is an address without encryption; AWS_ALLOW_HTTP=true"),
        ("AWS_ENDPOINT_URL", "hidden-place", "AWS_ENDPOINT_URL is no http or https address"),
        ("AWS_ACCESS_KEY_ID", "two\nlines", "AWS_ACCESS_KEY_ID holds characters"),
        ("AWS_SKIP_SIGNATURE", "perhaps", "an AWS_ variable holds no valid value"),
    ] {
        store.ingest(folder.path(), &[], &[(name, value)]).code(21).stderr(contains(why));
    }
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let Some(store) = Store::shared() else { return };
    let folder = setup(r#"["s3://lake/many/0001.csv"]"#, "retries = 1\ntimeout_seconds = 0.5");
    // Connections are taken by the system and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let down = store.ingest(folder.path(), &[], &[("AWS_ENDPOINT_URL", &endpoint)]).code(20);
    down.stderr(contains("silent for `timeout_seconds`; given up after 2 tries"));
}

#[test]
fn an_object_that_is_no_longer_the_locks_is_refused_with_both_hashes() {
    let Some(store) = Store::shared() else { return };
    let folder = setup(r#"["s3://lake/moving/*.csv"]"#, "");
    store.put("moving/a.csv", "a,y\n1,2\n");
    store.ingest(folder.path(), &[], NONE).success();
    let name = "s3://lake/moving/a.csv";
    let before = json(folder.path().join("sources.lock"))[name]["sha256"].as_str().unwrap().to_owned();
    store.put("moving/a.csv", "a,y\n1,3\n");
    store.put("moving/b.csv", "a,y\n5,6\n");
    store.ingest(folder.path(), &[], NONE).success();
    assert_eq!(column(&read(folder.path().join(RAW)), "y"), ["2"], "the snapshot is read");

    let snapshots: Vec<_> = files(&folder.path().join("data")).into_iter().collect();
    let snapshot = snapshots.iter().find(|f| f.file_name().unwrap().to_string_lossy().starts_with("a-"));
    std::fs::remove_file(snapshot.unwrap()).unwrap();
    let after = common::hash::hex(b"a,y\n1,3\n");
    let refused = store.ingest(folder.path(), &[], NONE).code(21);
    refused.stderr(contains(name).and(contains(&before)).and(contains(&after)).and(contains("--refresh")));

    store.ingest(folder.path(), &["--refresh"], NONE).success();
    assert_eq!(column(&read(folder.path().join(RAW)), "y"), ["3", "6"]);
}

#[test]
fn a_refresh_alone_names_what_changed_with_both_hashes() {
    let Some(store) = Store::shared() else { return };
    let folder = setup(r#"["s3://lake/fresh/*.csv"]"#, "");
    let (old, new) = ("a,y\n1,2\n", "a,y\n1,9\n");
    let sha = |text: &str| common::hash::hex(text.as_bytes());
    store.put("fresh/a.csv", old);
    store.ingest(folder.path(), &["--fetch-only"], NONE).success();
    let lock = || json(folder.path().join("sources.lock"));
    let before = lock();
    let again = store.ingest(folder.path(), &["--refresh", "--fetch-only"], NONE).success();
    again.stderr(contains(format!("fresh/a.csv: the same bytes, sha256 {}", sha(old))));
    assert_eq!(lock(), before, "where nothing changed, nothing is to run again");

    store.put("fresh/a.csv", new);
    store.put("fresh/b.csv", old);
    let fresh = store.ingest(folder.path(), &["--refresh", "--fetch-only"], NONE).success();
    let [one, two] = ["s3://lake/fresh/a.csv\n", "s3://lake/fresh/a.csv\ns3://lake/fresh/b.csv\n"];
    fresh.stderr(
        contains(format!("fresh/a.csv: changed: sha256 was {}, is {} (8 bytes)", sha(old), sha(new)))
            .and(contains(format!("fresh/*.csv: changed: sha256 was {}, is {}", sha(one), sha(two)))),
    );
    assert_eq!(lock()["s3://lake/fresh/a.csv"]["sha256"], sha(new));
    assert!(!folder.path().join(RAW).exists(), "nothing is read");
}

/// A store that answers the first request so, byte by byte from then on, and its endpoint.
fn drip(length: usize, pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // An answer before the question would be a broken connection.
        let _ = stream.read(&mut [0; 1 << 14]);
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nETag: \"e\"\r\n\
             Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT\r\n\r\na,y\n"
        );
        // The client goes away.
        while stream.write_all(b"1").is_ok() {
            std::thread::sleep(pause);
        }
    });
    endpoint
}

#[test]
fn an_object_that_comes_too_slowly_is_given_up() {
    let Some(store) = Store::shared() else { return };
    let quick = Duration::from_millis(20);
    for (pause, more, why) in [
        (Duration::from_secs(20), "timeout_seconds = 0.5", "silent for `timeout_seconds`"),
        (quick, "timeout_seconds = 0.5", "less than `least_bytes_per_second` = 1024"),
        (
            quick,
            "timeout_seconds = 0.5\ndeadline_seconds = 1.5\nleast_bytes_per_second = 0",
            "not whole after `deadline_seconds`",
        ),
    ] {
        let folder = setup(r#"["s3://lake/slow.csv"]"#, &format!("retries = 0\n{more}"));
        let endpoint = drip(1_000_000, pause);
        let begun = Instant::now();
        store.ingest(folder.path(), &[], &[("AWS_ENDPOINT_URL", &endpoint)]).code(20).stderr(contains(why));
        assert!(begun.elapsed() < Duration::from_secs(15), "{why}");
        assert!(files(folder.path()).iter().all(|file| !file.to_string_lossy().contains("snapshots")));
    }
}

#[test]
fn patterns_are_those_of_files_and_objects_may_be_compressed() {
    let Some(store) = Store::shared() else { return };
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(b"a,y\n2,0\n").unwrap();
    store.put("deep/b.csv.gz", gz.finish().unwrap());
    for (key, a) in [("deep/a.csv", 1), ("deep/x/y/c.csv", 3), ("deep/.d.csv", 4), ("deeper/e.csv", 5)] {
        store.put(key, format!("a,y\n{a},0\n"));
    }
    for (pattern, expected) in [
        ("deep/*", vec!["1", "2"]),
        ("deep/b.csv.gz", vec!["2"]),
        ("deep/**/*.csv", vec!["1", "3"]),
        ("deep*/[a-e].csv", vec!["1", "5"]),
        ("deep/*/*/*.csv", vec!["3"]),
    ] {
        let folder = setup(&format!("[\"s3://lake/{pattern}\"]"), "");
        store.ingest(folder.path(), &[], NONE).success();
        assert_eq!(column(&read(folder.path().join(RAW)), "a"), expected, "{pattern}");
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let Some(store) = Store::shared() else { return };
    store.put("empty.csv", "");
    store.put("page.csv", "<!DOCTYPE html><html></html>");
    store.put("large.csv", "a,y\n1,2\n");
    for (key, more, why) in [
        ("empty.csv", "", "the body is empty"),
        ("page.csv", "", "is a web page, expected a CSV file"),
        ("large.csv", "max_source_bytes = 7", "sends more than 7 bytes"),
    ] {
        let folder = setup(&format!("[\"s3://lake/{key}\"]"), more);
        let refused = store.ingest(folder.path(), &[], NONE).code(21);
        refused.stderr(contains(format!("s3://lake/{key}: {why}")));
        assert!(!folder.path().join("sources.lock").exists(), "{key}");
    }
}

#[test]
fn an_object_that_stands_twice_is_refused() {
    let Some(store) = Store::shared() else { return };
    let folder = setup(r#"["s3://lake/many/0003.csv", "s3://lake/many/000[23].csv"]"#, "");
    store.ingest(folder.path(), &[], NONE).code(21).stderr(contains("stands twice among the sources"));
}

#[test]
fn without_the_program_an_address_is_refused_with_how_to_build_it() {
    let folder = setup(r#"["s3://lake/a.csv"]"#, "");
    let bin = tempfile::tempdir().unwrap();
    let alone = bin.path().join("ingest");
    write(&alone, "");
    std::fs::copy(program("ingest"), &alone).unwrap();
    let assert = Command::new(alone).current_dir(folder.path()).assert().code(21);
    assert.stderr(contains("s3://lake/a.csv: ").and(contains("`make report FEATURES=s3`")));
}

#[test]
fn an_address_that_is_none_is_refused_and_not_shown() {
    for source in ["s3://AKIA:hidden@lake/a.csv", "s3://lake/a.csv?token=hidden", "s3://lake", "s3://lake/a/"]
    {
        let folder = setup(&format!("[\"{source}\"]"), "");
        let assert = support::run("ingest", folder.path(), &[]).code(21);
        assert.stderr(contains("s3://bucket/key").or(contains("pattern")).or(contains("folder")));
        for file in files(folder.path()).into_iter().filter(|f| !f.ends_with("pipeline.toml")) {
            assert!(!read(&file).contains("hidden"), "{}", file.display());
        }
    }
}

#[test]
fn a_new_project_is_made_of_objects() {
    let Some(store) = Store::shared() else { return };
    for (key, first) in [("new/a.csv", 0), ("new/b.csv", 50)] {
        let rows: String =
            (first..first + 50).map(|i| format!("{i},{},{}\n", (i * 37) % 11, (i * i) % 89)).collect();
        store.put(key, format!("n,x,y\n{rows}"));
    }
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--project", "p", "--raw", "s3://lake/new/*.csv", "--target", "y"];
    store.run("new-project", folder.path(), &arguments, NONE).success();
    let config = read(folder.path().join("p/pipeline.toml"));
    assert!(config.contains("sources = [\"s3://lake/new/*.csv\"]"), "{config}");
    // What was looked at is what is read: nothing is downloaded twice.
    let down = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];
    store.ingest(&folder.path().join("p"), &[], &down).success();
    assert_eq!(column(&read(folder.path().join("p").join(RAW)), "n").len(), 100);
}
