//! Secrets reach the servers they are for, and nothing that is written or shown.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;

use super::support::http::{Answer, Server};
use super::support::{files, read, stage};
use super::{GUARD, remote};

/// `me:s3cret` by `base64`, and what no output may hold.
const SECRETS: [&str; 4] = ["s3cret", "bWU6czNjcmV0", "bWU6", "t0ken"];

fn run(folder: &Path, proxy: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = stage("ingest");
    command.env("RUST_LOG", "trace").timeout(GUARD);
    if let Some(proxy) = proxy {
        command.env("http_proxy", proxy).env("HTTP_PROXY", proxy).env("ALL_PROXY", proxy);
    }
    command.arg("--project").arg(folder).args(arguments).arg("-vv").output().unwrap()
}

/// Looks into everything below the folder but the configuration, and into all that was said.
fn tells_nothing(folder: &Path, outputs: &[Output]) {
    for output in outputs {
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        for secret in SECRETS {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
    for path in files(folder).iter().filter(|path| !path.ends_with("pipeline.toml")) {
        let text =
            String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned() + &path.to_string_lossy();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
    }
}

#[test]
fn neither_user_nor_token_is_written_whatever_the_server_does() {
    let other = Server::start(vec![Answer::ok("x\n1\n")]);
    let moved = Answer::status(302).header("Location", &other.url("/b.csv?sig=t0ken"));
    for answer in [
        Answer::ok("x\n1\n").header("ETag", "\"v1\""),
        moved,
        Answer::status(503).header("Retry-After", "1"),
        Answer::status(401).header("WWW-Authenticate", "Basic realm=\"s3cret\""),
        Answer::status(302).header("Location", "ftp://me:s3cret@h/?t0ken"),
        Answer::status(302).header("Location", "http://me:s3cret@h h/?t0ken"),
        Answer::status(302).header("Location", "/again?sig=t0ken"),
        Answer::ok("<html>t0ken"),
        Answer::ok("x\n1\n").header("Content-Encoding", "zip"),
        Answer::ok("x\n1\n").length(99),
        Answer::raw("nonsense t0ken s3cret\r\n\r\n"),
    ] {
        let server = Server::start(vec![answer]);
        let url = format!("http://me:s3cret@{}/a.csv?key=t0ken&n=1", server.address());
        let folder = remote(&url, "retries = 1\nmax_source_bytes = 1000");
        let outputs: Vec<Output> = [&[][..], &["--refresh"], &["--list-sources"], &["--print-config"]]
            .iter()
            .map(|arguments| run(folder.path(), None, arguments))
            .collect();
        assert_eq!(server.requests()[0].line, "GET /a.csv?key=t0ken&n=1 HTTP/1.1");
        assert_eq!(server.requests()[0].header("authorization"), Some("Basic bWU6czNjcmV0"));
        tells_nothing(folder.path(), &outputs);
        assert!(read(folder.path().join("logs/ingest.log")).contains("/a.csv?…"), "the rest is shown");
    }
}

#[test]
fn a_proxy_is_used_and_its_password_is_not_told() {
    let server = Server::start(vec![Answer::ok("x\n1\n")]);
    let target = server.address().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://me:s3cret@{}", listener.local_addr().unwrap());
    let (sender, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut client = stream.unwrap();
            let mut reader = BufReader::new(client.try_clone().unwrap());
            let mut head = String::new();
            while reader.read_line(&mut head).unwrap_or(0) > 2 {}
            sender.send(head).unwrap();
            let mut upstream = TcpStream::connect(&target).unwrap();
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
            let mut back = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut reader, &mut upstream);
            });
            let _ = std::io::copy(&mut back.0, &mut back.1);
            let _ = client.shutdown(std::net::Shutdown::Both);
        }
    });
    // A name that only the proxy finds.
    let folder = remote("http://data.invalid/a.csv?key=t0ken", "retries = 0");
    let output = run(folder.path(), Some(&proxy), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(asked.recv().unwrap().contains("bWU6czNjcmV0"), "the proxy is told");
    tells_nothing(folder.path(), &[output]);
    // A proxy that is not there, and one that is no address.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for proxy in [format!("http://me:s3cret@{free}"), "http://me:s3cret@ /".to_owned()] {
        let folder = remote("http://data.invalid/a.csv?key=t0ken", "retries = 0");
        let output = run(folder.path(), Some(&proxy), &[]);
        assert_eq!(output.status.code(), Some(20));
        tells_nothing(folder.path(), &[output]);
    }
}
