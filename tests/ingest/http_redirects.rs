//! Redirects: how many, to where, and never further in than the address itself.

use std::net::{TcpListener, UdpSocket};

use super::support::http::{Answer, Server};
use super::support::skip;
use super::{ingest, raw, refused, remote, snapshots};

fn to(location: &str) -> Answer {
    Answer::status(302).header("Location", location)
}

#[test]
fn five_redirects_are_followed_and_a_sixth_is_not() {
    let chain = |n: usize| (0..n).map(|_| to("next")).chain([Answer::ok("x\n1\n")]).collect::<Vec<_>>();
    let server = Server::start(chain(5));
    let folder = remote(&server.url("/a/b.csv"), "");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x\n1\n");
    let lines: Vec<String> = server.requests().into_iter().map(|r| r.line).collect();
    assert_eq!(lines[0], "GET /a/b.csv HTTP/1.1");
    assert_eq!(lines[1..], vec!["GET /a/next HTTP/1.1"; 5]);
    let server = Server::start(chain(6));
    let folder = remote(&server.url("/a/b.csv"), "");
    refused(&folder, 21, "/a/b.csv: more than 5 redirects");
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn a_redirect_loop_ends() {
    let server = Server::start(vec![to("/a.csv")]);
    refused(&remote(&server.url("/a.csv"), ""), 21, "/a.csv: more than 5 redirects");
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn every_kind_of_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(vec![to("/b.csv").with_status(status), Answer::ok("x\n1\n")]);
        let folder = remote(&server.url("/a.csv"), "");
        ingest(&folder, &[]).success();
        assert_eq!(server.requests()[1].line, "GET /b.csv HTTP/1.1", "{status}");
    }
    for status in [300, 305, 306, 399] {
        let server = Server::start(vec![to("/b.csv").with_status(status)]);
        refused(&remote(&server.url("/a.csv"), ""), 21, &format!("status {status}, expected 200"));
    }
}

#[test]
fn a_redirect_to_another_scheme_or_nowhere_is_refused() {
    for location in
        ["file:///etc/passwd", "FILE:/etc/passwd", "ftp://127.0.0.1/x", "data:,x", "gopher://h", "http://"]
    {
        let server = Server::start(vec![to(location)]);
        let folder = remote(&server.url("/a.csv"), "");
        refused(&folder, 21, "/a.csv: redirects to what is no http or https address");
        assert_eq!(server.requests().len(), 1, "{location}");
        assert!(snapshots(&folder).is_empty());
    }
    let server = Server::start(vec![Answer::status(302)]);
    refused(&remote(&server.url("/a.csv"), ""), 21, "redirects without saying where to");
}

#[test]
fn a_redirect_further_in_is_refused_and_nothing_is_asked_there() {
    // Where machines of a cloud find their credentials.
    for location in ["http://169.254.169.254/latest/meta-data", "http://[fe80::1]/x"] {
        let server = Server::start(vec![to(location)]);
        let folder = remote(&server.url("/a.csv"), "retries = 0\ntimeout_seconds = 2");
        refused(&folder, 21, "/a.csv: redirects to a link-local address");
    }
    // From an address of this machine that others reach, to one that only it reaches.
    let outside =
        UdpSocket::bind("0.0.0.0:0").and_then(|s| s.connect("192.0.2.1:9").and_then(|()| s.local_addr()));
    let Some(listener) =
        outside.ok().filter(|a| !a.ip().is_loopback()).and_then(|a| TcpListener::bind((a.ip(), 0)).ok())
    else {
        skip("this machine has no address but its own loopback");
        return;
    };
    let inside = Server::start(vec![Answer::ok("x\n1\n")]);
    let outside = Server::serve("http", &listener, vec![to(&inside.url("/b.csv"))], |s| Some(Box::new(s)));
    refused(&remote(&outside.url("/a.csv"), ""), 21, "/a.csv: redirects to this machine, further in");
    assert!(inside.requests().is_empty());
    // The other way is open, and so is an address written by hand.
    let listener = TcpListener::bind((listener.local_addr().unwrap().ip(), 0)).unwrap();
    let outside = Server::serve("http", &listener, vec![Answer::ok("x\n2\n")], |s| Some(Box::new(s)));
    let inside = Server::start(vec![to(&outside.url("/b.csv"))]);
    for url in [inside.url("/a.csv"), outside.url("/a.csv")] {
        let folder = remote(&url, "retries = 0");
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x\n2\n");
    }
}

#[test]
fn user_and_password_go_to_their_own_host_alone() {
    let other = Server::start(vec![Answer::ok("x\n1\n")]);
    let server = Server::start(vec![to("/b.csv"), to(&other.url("/c.csv"))]);
    let folder = remote(&format!("http://me:s3cret@{}/a.csv", server.address()), "");
    ingest(&folder, &[]).success();
    let sent: Vec<_> =
        server.requests().iter().map(|r| r.header("authorization").map(str::to_owned)).collect();
    // `me:s3cret` by `base64`.
    assert_eq!(sent, vec![Some("Basic bWU6czNjcmV0".to_owned()); 2]);
    assert_eq!(other.requests()[0].header("authorization"), None);
}
