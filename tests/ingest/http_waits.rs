//! Servers that do not answer now: waits, Retry-After, time-outs, deadlines, slow bodies. The clock is the
//! stage's own, made faster.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use predicates::prelude::*;

use super::support::http::{Answer, Server};
use super::{log, raw, refused, remote, with_clock};

/// A server that reads nothing and gives each connection to `act`, then closes it.
fn server(act: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| act(&mut stream.unwrap())));
    format!("http://{address}/a.csv")
}

/// Sends pieces of a long body, each after `wait`, until nobody listens.
fn trickle(piece: &'static [u8], wait: Duration) -> String {
    server(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n");
        while stream.write_all(piece).is_ok() {
            std::thread::sleep(wait);
        }
    })
}

#[test]
fn an_overloaded_server_is_left_alone_for_10_20_and_40_seconds_by_the_clock() {
    for status in [500, 502, 503, 504, 429, 408, 404] {
        let server = Server::start(vec![Answer::status(status)]);
        let folder = remote(&server.url("/a.csv"), "");
        with_clock(&folder, 200)
            .code(20)
            .stderr(predicate::str::contains(format!("/a.csv: status {status}; given up after 4 tries")));
        let times: Vec<Instant> = server.requests().iter().map(|r| r.at).collect();
        let gaps: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(gaps.len(), 3);
        for (gap, seconds) in gaps.iter().zip([10, 20, 40]) {
            assert!(*gap >= Duration::from_secs(seconds) / 200, "{gaps:?}");
            assert!(log(&folder).contains(&format!("of 3 in {seconds} s")), "{}", log(&folder));
        }
    }
}

#[test]
fn retry_after_lengthens_a_wait_up_to_the_cap_and_never_shortens_it() {
    for (header, said) in [
        ("30", "status 503, with Retry-After; retry 1 of 3 in 30 s"),
        ("5", "status 503, with Retry-After; retry 1 of 3 in 10 s"),
        ("86400", "status 503, with Retry-After above 300 s; retry 1 of 3 in 300 s"),
        ("99999999999999999999999", "with Retry-After above 300 s; retry 1 of 3 in 300 s"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "with Retry-After above 300 s; retry 1 of 3 in 300 s"),
        ("Sat, 01 Jan 2000 00:00:00 GMT", "status 503; retry 1 of 3 in 10 s"),
        ("-30", "status 503; retry 1 of 3 in 10 s"),
        ("soon", "status 503; retry 1 of 3 in 10 s"),
        ("", "status 503; retry 1 of 3 in 10 s"),
    ] {
        for status in [503, 429] {
            let busy = Answer::status(status).header("Retry-After", header);
            let server = Server::start(vec![busy, Answer::ok("x\n1\n")]);
            let folder = remote(&server.url("/a.csv"), "");
            with_clock(&folder, 1000).success();
            let said = said.replace("503", &status.to_string());
            assert!(log(&folder).contains(&said), "{header}: {said} in {}", log(&folder));
            assert_eq!(raw(&folder), "x\n1\n");
        }
    }
}

#[test]
fn retry_after_as_a_date_is_a_wait_until_then() {
    let then = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 200;
    let date = chrono::DateTime::from_timestamp(i64::try_from(then).unwrap(), 0).unwrap();
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let server = Server::start(vec![Answer::status(429).header("Retry-After", &date), Answer::ok("x\n1\n")]);
    let folder = remote(&server.url("/a.csv"), "");
    with_clock(&folder, 100).success();
    let log = log(&folder);
    let wait = log.split("retry 1 of 3 in ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let wait: f64 = wait.parse().unwrap();
    assert!(wait > 10.0 && wait <= 200.0, "{wait} s until {date}");
}

#[test]
fn a_host_that_is_not_there_is_tried_again_then_given_up() {
    // Nobody listens on a port that was given back.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = remote(&format!("http://{free}/a.csv"), "");
    with_clock(&folder, 1000).code(20).stderr(
        predicate::str::contains("the connection failed: ").and(predicate::str::contains("after 4 tries")),
    );
    // RFC 2606 keeps this name for nobody.
    let folder = remote("http://nowhere.invalid/a.csv", "retries = 1\ntimeout_seconds = 20");
    with_clock(&folder, 10).code(20).stderr(
        predicate::str::contains("nowhere.invalid/a.csv: ").and(predicate::str::contains("after 2 tries")),
    );
}

#[test]
fn a_server_that_says_nothing_is_given_up_at_the_time_out_within_a_second() {
    let silent = || server(|_| std::thread::sleep(Duration::from_secs(20)));
    let half = || {
        server(|stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx\n1");
            std::thread::sleep(Duration::from_secs(20));
        })
    };
    let header = || {
        server(|stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(b"X: y\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    };
    for url in [silent(), half(), header()] {
        let folder = remote(&url, "retries = 0\ntimeout_seconds = 0.5");
        let begun = Instant::now();
        refused(&folder, 20, "given up after 1 try");
        let taken = begun.elapsed();
        assert!(taken >= Duration::from_millis(500) && taken < Duration::from_millis(1500), "{taken:?}");
    }
    refused(
        &remote(&silent(), "retries = 0\ntimeout_seconds = 0.1"),
        20,
        "silent for `timeout_seconds` = 0.1",
    );
}

#[test]
fn a_body_that_comes_steadily_is_given_up_at_the_deadline_within_a_second() {
    let url = trickle(&[b'x'; 4096], Duration::from_millis(10));
    let folder = remote(&url, "retries = 0\ndeadline_seconds = 1.0\ntimeout_seconds = 0.3");
    let begun = Instant::now();
    refused(&folder, 20, "not whole after `deadline_seconds` = 1; given up after 1 try");
    let taken = begun.elapsed();
    assert!(taken >= Duration::from_secs(1) && taken < Duration::from_secs(2), "{taken:?}");
}

#[test]
fn a_byte_a_second_is_given_up_after_a_minute_of_the_clock() {
    let url = trickle(b"x", Duration::from_millis(10));
    let folder = remote(&url, "retries = 0");
    let begun = Instant::now();
    with_clock(&folder, 100)
        .code(20)
        .stderr(predicate::str::contains("bytes a second, less than `least_bytes_per_second` = 1024"));
    assert!(begun.elapsed() >= Duration::from_millis(600));
    // Who wants to wait for it can.
    let folder = remote(&url, "retries = 0\nleast_bytes_per_second = 0\ndeadline_seconds = 120");
    with_clock(&folder, 100).code(20).stderr(predicate::str::contains("`deadline_seconds` = 120"));
}

#[test]
fn a_clock_that_is_none_is_a_usage_error() {
    let folder = remote("http://127.0.0.1:9/a.csv", "");
    with_clock(&folder, 0).code(2).stderr(predicate::str::contains("MILLRACE_TEST_CLOCK"));
}
