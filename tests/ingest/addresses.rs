//! Sources at addresses: downloads, retries, refusals, secrets.

use std::time::Duration;

use predicates::prelude::*;

use super::support::http::{Answer, Server};
use super::support::{files, json, read, stage, write};
use super::{ingest, log, manifest, one, raw, refused, setup};

#[test]
fn a_download_is_kept_and_used_again() {
    let server = Server::start(vec![
        Answer::ok("x\n1\n")
            .header("ETag", "\"v1\"")
            .header("Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT"),
        Answer::ok("x\n2\n"),
    ]);
    let url = server.url("/data/Sales%202.csv");
    let folder = setup(&format!("sources = [\"{url}\"]"), &[]);
    ingest(&folder, &[]).success();
    ingest(&folder, &[]).success().stderr(predicate::str::contains("using the snapshot"));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(raw(&folder), "x\n1\n");
    let lock = json(folder.path().join("sources.lock"));
    assert_eq!(lock[&url]["bytes"], 4);
    assert_eq!(lock[&url]["etag"], "\"v1\"");
    assert_eq!(lock[&url]["last_modified"], "Sat, 01 Jan 2022 00:00:00 GMT");
    let snapshot = lock[&url]["snapshot"].as_str().unwrap();
    assert!(snapshot.starts_with("data/snapshots/sales-202-"), "{snapshot}");
    assert_eq!(read(folder.path().join(snapshot)), "x\n1\n");
    assert_eq!(manifest(&folder)["inputs"][0]["name"], url.as_str());

    ingest(&folder, &["--refresh"]).success();
    assert_eq!(server.requests().len(), 2);
    assert_eq!(raw(&folder), "x\n2\n");
    assert_ne!(json(folder.path().join("sources.lock"))[&url]["sha256"], lock[&url]["sha256"]);
}

#[test]
fn a_hash_that_is_not_the_lock_s_is_refused_with_both() {
    let server = Server::start(vec![Answer::ok("x\n1\n"), Answer::ok("x\n2\n")]);
    let url = server.url("/a.csv");
    let folder = setup(&format!("sources = [\"{url}\"]"), &[]);
    ingest(&folder, &[]).success();
    let entry = json(folder.path().join("sources.lock"))[&url].clone();
    let snapshot = folder.path().join(entry["snapshot"].as_str().unwrap());
    let pinned = entry["sha256"].as_str().unwrap().to_owned();
    let both = |what: &str, text: &str| {
        let found = common::hash::hex(text.as_bytes());
        format!("{what} has sha256 {found}, sources.lock says {pinned}; `make refresh`")
    };
    write(&snapshot, "x\n9\n");
    ingest(&folder, &[]).code(21).stderr(predicate::str::contains(both("the snapshot", "x\n9\n")));
    std::fs::remove_file(&snapshot).unwrap();
    ingest(&folder, &[]).code(21).stderr(predicate::str::contains(both("the download", "x\n2\n")));
    assert!(!snapshot.exists());
    ingest(&folder, &["--refresh"]).success();
    ingest(&folder, &[]).success();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn what_may_be_better_later_is_tried_again() {
    let whole = Answer::ok("x\n1\n");
    for (bad, reason) in [
        (Answer::status(500), "status 500"),
        (Answer::status(404), "status 404"),
        (Answer::status(429), "status 429"),
        (whole.clone().cut(0), "the connection"),
        (whole.clone().length(9), "the connection was cut"),
        (Answer::ok("x\n1\n2\n").length(7).cut(4), "the connection was cut"),
    ] {
        let server = Server::start(vec![bad.clone(), bad, whole.clone()]);
        let url = server.url("/a.csv");
        let folder = setup(&format!("sources = [\"{url}\"]"), &[]);
        ingest(&folder, &[]).success();
        assert_eq!(server.requests().len(), 3, "{reason}");
        assert_eq!(raw(&folder), "x\n1\n");
        let log = log(&folder);
        assert_eq!(log.matches(&format!("WARN ingest: {url}: {reason}")).count(), 2, "{reason} in {log}");
    }
}

#[test]
fn what_does_not_come_is_given_up() {
    let server = Server::start(vec![Answer::status(503)]);
    let folder = setup(&format!("sources = [\"{}\"]", server.url("/a.csv")), &[]);
    refused(&folder, 20, "/a.csv: status 503; given up after 4 tries");
    assert_eq!(server.requests().len(), 4);
    // Nobody listens on a port that was given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(
        &setup(&format!("sources = [\"http://{free}/a.csv\"]\nretries = 0"), &[]),
        20,
        "given up after 1 try",
    );
}

#[test]
fn what_no_wait_makes_better_is_refused_at_once() {
    for (answer, reason) in [
        (Answer::status(401), "status 401"),
        (Answer::status(403), "status 403"),
        (Answer::status(410), "status 410"),
        (Answer::status(400), "status 400"),
        (Answer::status(204), "status 204"),
        (Answer::ok("x\n1\n").with_status(206), "status 206"),
        (Answer::ok(" <!DOCTYPE HTML><p>no"), "is a web page"),
        (Answer::ok("<html>"), "is a web page"),
        (Answer::ok(""), "the body is empty"),
        (Answer::ok("x\n1\n").header("Content-Encoding", "gzip"), "was sent encoded as `gzip`"),
        (Answer::ok("x\n".repeat(100)), "sends more than 99 bytes"),
    ] {
        let server = Server::start(vec![answer]);
        let folder = setup(&format!("sources = [\"{}\"]\nmax_source_bytes = 99", server.url("/a.csv")), &[]);
        refused(&folder, 21, reason);
        assert!(
            !folder.path().join("data/snapshots").exists()
                || files(&folder.path().join("data/snapshots")).is_empty()
        );
        assert!(!log(&folder).contains("retry"), "{reason}");
    }
    refused(
        &setup("sources = [\"ftp://me:s3cret@h/x\"]", &[]),
        21,
        "sources of the kind `ftp://` are not read",
    );
}

#[test]
fn secrets_reach_the_server_and_nothing_else() {
    let moved = |server: &Server| Answer::status(302).header("Location", &server.url("/b.csv?token=s3cret2"));
    let target = Server::start(vec![Answer::ok("x\n1\n"), Answer::status(500)]);
    let server = Server::start(vec![Answer::status(500), moved(&target), moved(&target)]);
    let url = format!("http://me:s3cret@{}/a.csv?token=s3cret&n=1", server.address());
    let folder = setup(&format!("sources = [\"{url}\"]\nretries = 2"), &[]);
    let run = |arguments: &[&str]| {
        stage("ingest")
            .env("RUST_LOG", "trace")
            .arg("--project")
            .arg(folder.path())
            .args(arguments)
            .arg("-vv")
            .assert()
    };
    let good = run(&[]).success();
    let bad = run(&["--refresh"]).code(20);
    let list = run(&["--list-sources"]).success();
    let config = run(&["--print-config"]).success();
    let request = &server.requests()[0];
    assert_eq!(request.line, "GET /a.csv?token=s3cret&n=1 HTTP/1.1");
    assert!(
        request.headers.iter().any(|h| h.eq_ignore_ascii_case("authorization: Basic bWU6czNjcmV0")),
        "{request:?}"
    );
    assert!(
        !target.requests()[0].headers.iter().any(|h| h.to_ascii_lowercase().starts_with("authorization"))
    );
    for output in [&good, &bad, &list, &config] {
        let output = output.get_output();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("s3cret") && !text.contains("bWU6"), "{text}");
    }
    assert!(String::from_utf8_lossy(&good.get_output().stderr).contains("/a.csv?…"));
    for path in files(folder.path()) {
        let text = read(&path) + &path.to_string_lossy();
        assert!(path.ends_with("pipeline.toml") || !text.contains("s3cret"), "{}", path.display());
    }
    // A text in place of a list is taken as one, and a mistake beside it shows nothing of it.
    let folder = setup(&format!("sources = {{ a = \"{url}\" }}"), &[]);
    let output = ingest(&folder, &[]).code(2);
    assert!(!String::from_utf8_lossy(&output.get_output().stderr).contains("s3cret"));
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    let rows = "123456789,123456789\n".repeat(400_000);
    let folder = one(format!("x,y\n{rows}"));
    let path = folder.path().join("a.csv");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let writer = std::thread::spawn(move || {
        use std::io::Write as _;
        let mut file = std::fs::File::options().append(true).open(path).unwrap();
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            file.write_all(b"1,2\n").unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    refused(&folder, 21, "a.csv: changed while it was read");
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
}
