//! http and https: one request, its redirects, its answer checked.

use std::io;
use std::path::Path;
use std::time::Duration;

use common::{Error, text};
use strict_csv::Encoding;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{Connector as _, DefaultConnector};
use ureq::{Agent, Body, Timeout};

use crate::address::Address;
use crate::body;
use crate::excess::{Excess, Watch};
use crate::fetch::{self, Answer, Bounds, Fetched, Version, refused};
use crate::reach::{FurtherIn, Guard};
use crate::retry::Failure;
use crate::retry_after;

/// Most redirects followed.
const REDIRECTS: usize = 5;

/// Longest word of a server that is kept.
const LONGEST_WORD: usize = 256;

/// Names a PEM file of the authorities to trust, in place of the public ones, as for other programs.
const AUTHORITIES: &str = "SSL_CERT_FILE";

/// Asks for `address`, unless it is still at the version `known`.
///
/// # Errors
/// As [`fetch::fetch`].
pub(crate) fn fetch(
    address: &Address,
    target: &Path,
    bounds: &Bounds,
    known: Option<&Version>,
) -> Result<Answer, Failure> {
    let excess = Excess::default();
    let agent = agent(bounds, &excess)?;
    let response = follow(&agent, address, bounds, known)?;
    let status = response.status().as_u16();
    if status == 304 && known.is_some() {
        return Ok(Answer::Unchanged);
    }
    let headers = response.headers().clone();
    check_status(status, &headers, address, bounds)?;
    let expected = length(&headers)?;
    if expected.is_some_and(|n| n > bounds.bytes) {
        return Err(fetch::too_large(address, bounds));
    }
    // Over https too: the client takes a connection that ends without notice for the end of the body.
    if expected.is_none() && !is_chunked(&headers) {
        return Err(refused(
            address,
            "sends neither Content-Length nor chunks, so that a body cut short would look whole; download it \
             by hand",
        ));
    }
    let reader = response.into_body().into_reader();
    let saved =
        fetch::save(reader, address, target, bounds, |e| failed(&ureq::Error::from(e), address, bounds))?;
    // What is left on the connection is seen when it is closed.
    drop(agent);
    if let Some(n) = expected.filter(|n| *n != saved.file.bytes) {
        return Err(Failure::Unavailable(format!("cut short: {} of {n} bytes came", saved.file.bytes)));
    }
    if excess.is_seen() {
        return Err(Failure::Unavailable("sends more bytes than it says it would".to_owned()));
    }
    check_packing(&headers, &saved.head, address)?;
    if let Some(problem) = body::no_table(&saved.head) {
        return Err(refused(address, problem));
    }
    Ok(Answer::Body(Fetched {
        file: saved.file,
        version: Version { etag: word(&headers, "etag"), last_modified: word(&headers, "last-modified") },
        charset: charset(&headers),
        is_utf8_beyond_ascii: saved.is_utf8_beyond_ascii,
    }))
}

fn agent(bounds: &Bounds, excess: &Excess) -> Result<Agent, Failure> {
    let real = |time| Some(bounds.clock.real(time));
    let mut config = Agent::config_builder()
        .timeout_resolve(real(bounds.timeout))
        .timeout_connect(real(bounds.timeout))
        .timeout_recv_response(real(bounds.timeout))
        .timeout_per_read(real(bounds.timeout))
        .max_redirects(0)
        .http_status_as_error(false);
    if let Some(path) = std::env::var_os(AUTHORITIES).filter(|path| !path.is_empty()) {
        config = config.tls_config(TlsConfig::builder().root_certs(authorities(Path::new(&path))?).build());
    }
    let connector = DefaultConnector::new().chain(Watch(excess.clone()));
    Ok(Agent::with_parts(config.build(), connector, Guard::default()))
}

fn authorities(path: &Path) -> Result<RootCerts, Failure> {
    let problem = |why: String| Failure::Final(Error::usage(format!("{AUTHORITIES}: {why}")).at(path));
    let pem = std::fs::read(path).map_err(|e| problem(common::error::reason(&e)))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(problem("holds no certificate in PEM form".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// Asks, and asks on where a redirect leads: at most [`REDIRECTS`] times, never from https to http, to
/// another scheme, or further in (see [`Guard`]).
fn follow(
    agent: &Agent,
    address: &Address,
    bounds: &Bounds,
    known: Option<&Version>,
) -> Result<Response<Body>, Failure> {
    let begun = bounds.clock.elapsed();
    let mut at = address.clone();
    for _ in 0..=REDIRECTS {
        let left = bounds.deadline.saturating_sub(bounds.clock.elapsed().saturating_sub(begun));
        let left = bounds.clock.real(left).max(Duration::from_millis(1));
        // Bytes as they are: what is packed stays packed, and its length can be checked.
        let mut request = agent.get(at.request()).header("Accept-Encoding", "identity");
        request = request.header("Connection", "close");
        if let Some(etag) = known.and_then(|v| v.etag.as_ref()) {
            request = request.header("If-None-Match", etag);
        } else if let Some(date) = known.and_then(|v| v.last_modified.as_ref()) {
            request = request.header("If-Modified-Since", date);
        }
        let request = request.config().timeout_global(Some(left)).build();
        let response = request.call().map_err(|e| failed(&e, address, bounds))?;
        if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok(response);
        }
        let location = response.headers().get("location").map(ureq::http::HeaderValue::as_bytes);
        let location = location.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let location = location.ok_or_else(|| refused(address, "redirects without saying where to"))?;
        at = at.redirected(location).map_err(|problem| refused(address, problem))?;
    }
    Err(refused(address, format!("more than {REDIRECTS} redirects")))
}

fn check_status(status: u16, headers: &HeaderMap, address: &Address, bounds: &Bounds) -> Result<(), Failure> {
    match status {
        200 => Ok(()),
        404 | 408 | 429 | 500..=599 => {
            let asked = headers.get("retry-after").and_then(|value| value.to_str().ok());
            match asked.and_then(|asked| retry_after::wait(asked, bounds.clock.date())) {
                Some(wait) if wait == retry_after::MOST => {
                    let most = wait.as_secs();
                    Err(Failure::Busy(format!("status {status}, with Retry-After above {most} s"), wait))
                }
                Some(wait) => Err(Failure::Busy(format!("status {status}, with Retry-After"), wait)),
                None => Err(Failure::Unavailable(format!("status {status}"))),
            }
        }
        401 | 403 => Err(refused(address, format!("status {status}: the server refuses these credentials"))),
        407 => Err(refused(address, "status 407: the proxy refuses these credentials")),
        410 => Err(refused(address, "status 410: the server says it is gone for good")),
        206 => Err(refused(address, "status 206: sends a part of the file, and all of it was asked for")),
        304 => Err(refused(address, "status 304: says it is unchanged, and was not asked whether it is")),
        _ => Err(refused(address, format!("status {status}, expected 200"))),
    }
}

/// A failure of the client, in words that never hold the address: its own texts may.
fn failed(error: &ureq::Error, address: &Address, bounds: &Bounds) -> Failure {
    let later = |message: &str| Failure::Unavailable(message.to_owned());
    let untrusted = |e: &dyn std::fmt::Display| {
        refused(
            address,
            format!("no trusted connection: {e}; {AUTHORITIES} names other authorities to trust"),
        )
    };
    match error {
        ureq::Error::Timeout(Timeout::Global) => Failure::Unavailable(format!(
            "not whole after `deadline_seconds` = {}",
            bounds.deadline.as_secs_f64()
        )),
        ureq::Error::Timeout(_) => {
            Failure::Unavailable(format!("silent for `timeout_seconds` = {}", bounds.timeout.as_secs_f64()))
        }
        ureq::Error::HostNotFound => later("the host was not found"),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => refused(address, "is no http or https address"),
        ureq::Error::InvalidProxyUrl => refused(address, "the address of the proxy is none"),
        ureq::Error::ConnectProxyFailed(_) => later("the proxy does not connect to the host"),
        ureq::Error::Rustls(e) => untrusted(e),
        ureq::Error::Tls(e) => untrusted(e),
        // A certificate that is not trusted comes as invalid data.
        ureq::Error::Io(e) if e.kind() == io::ErrorKind::InvalidData => untrusted(e),
        ureq::Error::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => later("the connection was cut"),
        ureq::Error::Io(e) => {
            Failure::Unavailable(format!("the connection failed: {}", common::error::reason(e)))
        }
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            later("the answer is not valid HTTP")
        }
        ureq::Error::Other(e) if e.is::<FurtherIn>() => refused(address, e.to_string()),
        _ => later("the connection failed"),
    }
}

/// The length that all headers agree on.
fn length(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let values = headers.get_all("content-length").iter();
    let mut lengths = values.flat_map(|value| value.to_str().unwrap_or("?").split(',')).map(|text| {
        let text = text.trim();
        // `parse` would take a sign.
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten()
    });
    let Some(first) = lengths.next() else { return Ok(None) };
    match first {
        Some(_) if lengths.all(|other| other == first) => Ok(first),
        _ => Err(Failure::Unavailable("the answer is not valid HTTP: its Content-Length".to_owned())),
    }
}

fn is_chunked(headers: &HeaderMap) -> bool {
    let last = headers.get_all("transfer-encoding").iter().next_back();
    last.and_then(|v| v.to_str().ok()).is_some_and(|v| v.to_ascii_lowercase().trim_end().ends_with("chunked"))
}

/// Refuses a body that is not packed as its header says. One that is stays as it came: `ingest` reads
/// gzip and Zstandard.
fn check_packing(headers: &HeaderMap, head: &[u8], address: &Address) -> Result<(), Failure> {
    let values: Vec<String> = headers
        .get_all("content-encoding")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    match values.as_slice() {
        [] => Ok(()),
        [one] if body::is_packed_as(one, head) => Ok(()),
        all => {
            let all = text::shown(&all.join(", "));
            Err(refused(
                address,
                format!("was sent encoded as `{all}`, which was not asked for and does not fit"),
            ))
        }
    }
}

/// A header's text, where it can be sent back as it is.
fn word(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= LONGEST_WORD).then(|| text.to_owned())
}

/// The encoding of the header `Content-Type`, where it is one that says more than ASCII.
fn charset(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("content-type")?.to_str().ok()?;
    let label = value.split(';').skip(1).find_map(|parameter| {
        let (name, label) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| label.trim().trim_matches('"').to_ascii_lowercase())
    })?;
    let is_ascii = matches!(label.as_str(), "us-ascii" | "ascii");
    (!is_ascii && Encoding::of_label(&label).is_some()).then_some(label)
}
