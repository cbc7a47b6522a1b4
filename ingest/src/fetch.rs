//! Downloading: one request, its answer checked whole, in a temporary file until it is published.

use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use common::publish::{Output, Target, Written};
use common::{Class, Error, text};
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use crate::address::Address;
use crate::retry::Failure;
use crate::s3;

/// Most redirects followed.
const REDIRECTS: u32 = 5;

/// Bytes at the beginning of a body that tell a page from a table.
pub(crate) const HEAD: usize = 1024;

/// A body that came whole.
pub(crate) struct Fetched {
    /// The file, waiting for its name.
    pub(crate) file: Written,
    /// The server's word for this version.
    pub(crate) etag: Option<String>,
    /// When the server says it changed.
    pub(crate) last_modified: Option<String>,
}

/// What a download must keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Longest time, all in all.
    pub(crate) timeout: Duration,
    /// Largest body.
    pub(crate) bytes: u64,
}

/// Downloads `address` into a temporary file beside `target`.
///
/// # Errors
/// [`Failure::Unavailable`] for what may be better later: the network, 404, 408, 429, 5xx, a body cut
/// short. All else is final.
pub(crate) fn fetch(address: &Address, target: &Path, bounds: Bounds) -> Result<Fetched, Failure> {
    if s3::is_object(address) {
        return s3::fetch(address, target, bounds);
    }
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(bounds.timeout))
        .max_redirects(REDIRECTS)
        .https_only(address.is_secure())
        .http_status_as_error(false)
        .build()
        .into();
    let refused =
        |message: String| Failure::Final(Error::new(Class::Refused, message).at(Path::new(address.name())));
    let response = agent.get(address.request()).call().map_err(|e| failed(&e, &refused))?;
    check_status(response.status().as_u16(), &refused)?;
    let headers = response.headers().clone();
    let expected = content_length(&headers);
    let too_large = || {
        refused(format!(
            "sends more than {} bytes; raise `max_source_bytes` in [ingest] if it is meant",
            bounds.bytes
        ))
    };
    if expected.is_some_and(|n| n > bounds.bytes) {
        return Err(too_large());
    }
    if let Some(encoding) = word(&headers, "content-encoding").filter(|e| e != "identity") {
        return Err(refused(format!(
            "was sent encoded as `{}`, which was not asked for",
            text::shown(&encoding)
        )));
    }
    let (file, head) = save(response, target, bounds.bytes, &refused)?;
    if file.bytes > bounds.bytes {
        return Err(too_large());
    }
    if let Some(n) = expected.filter(|n| *n != file.bytes) {
        return Err(Failure::Unavailable(format!("cut short: {} of {n} bytes came", file.bytes)));
    }
    if let Some(problem) = no_table(&head) {
        return Err(refused(problem.to_owned()));
    }
    Ok(Fetched { file, etag: word(&headers, "etag"), last_modified: word(&headers, "last-modified") })
}

/// Copies the body, at most one byte more than `most`; returns its beginning too.
fn save(
    response: Response<Body>,
    target: &Path,
    most: u64,
    refused: &impl Fn(String) -> Failure,
) -> Result<(Written, Vec<u8>), Failure> {
    let mut body = response.into_body().into_reader().take(most.saturating_add(1));
    let mut output = Output::create(&Target::file(target))?;
    let mut head = Vec::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let n = match body.read(&mut block) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            result => result.map_err(|e| failed(&ureq::Error::from(e), refused))?,
        };
        if n == 0 {
            break;
        }
        head.extend_from_slice(&block[..n.min(HEAD - head.len().min(HEAD))]);
        output.write_bytes(&block[..n])?;
    }
    Ok((output.finish()?, head))
}

fn check_status(status: u16, refused: &impl Fn(String) -> Failure) -> Result<(), Failure> {
    match status {
        200 => Ok(()),
        404 | 408 | 429 | 500..=599 => Err(Failure::Unavailable(format!("status {status}"))),
        401 | 403 => Err(refused(format!("status {status}: the server refuses these credentials"))),
        410 => Err(refused("status 410: the server says it is gone for good".to_owned())),
        _ => Err(refused(format!("status {status}, expected 200"))),
    }
}

/// A failure of the client, in words that never hold the address: its own texts may.
fn failed(error: &ureq::Error, refused: &impl Fn(String) -> Failure) -> Failure {
    let later = |message: &str| Failure::Unavailable(message.to_owned());
    match error {
        ureq::Error::Timeout(_) => later("no whole answer within `timeout_seconds`"),
        ureq::Error::HostNotFound => later("the host was not found"),
        ureq::Error::TooManyRedirects => refused(format!("more than {REDIRECTS} redirects")),
        ureq::Error::RequireHttpsOnly(_) => {
            refused("redirects from https to an address without encryption".to_owned())
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RedirectFailed => {
            refused("redirects to what is no http or https address".to_owned())
        }
        ureq::Error::Rustls(e) => refused(format!("no trusted connection: {e}")),
        ureq::Error::Tls(e) => refused(format!("no trusted connection: {e}")),
        // A certificate that is not trusted comes as invalid data.
        ureq::Error::Io(e) if e.kind() == io::ErrorKind::InvalidData => {
            refused(format!("no trusted connection: {e}"))
        }
        ureq::Error::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof => later("the connection was cut"),
        ureq::Error::Io(e) => Failure::Unavailable(e.to_string()),
        ureq::Error::Protocol(_) => later("the answer is not valid HTTP"),
        _ => later("the connection failed"),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get("content-length")?.to_str().ok()?.trim().parse().ok()
}

/// A header's text, cut to what a lock file may hold.
fn word(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.chars().take(256).collect())
}

/// Why a body that begins with `head` is no table, where it is none.
pub(crate) fn no_table(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|t| t.eq_ignore_ascii_case(tag));
    if text.is_empty() {
        return Some("the body is empty");
    }
    (begins(b"<!doctype html") || begins(b"<html")).then_some("is a web page, expected a CSV file")
}
