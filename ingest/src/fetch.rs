//! Downloading: the bytes of an address, whole or not at all, in a temporary file until it is published.

use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use common::publish::{Output, Target, Written};
use common::{Class, Error};

use crate::address::Address;
use crate::body::{self, Utf8Watch};
use crate::clock::Clock;
use crate::http;
use crate::retry::Failure;
use crate::s3;

/// What a server says of one version of its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Version {
    /// The server's word for this version.
    pub(crate) etag: Option<String>,
    /// When the server says it changed.
    pub(crate) last_modified: Option<String>,
}

/// A body that came whole.
pub(crate) struct Fetched {
    /// The file, waiting for its name.
    pub(crate) file: Written,
    /// What the server says of it.
    pub(crate) version: Version,
    /// Label of the encoding that the server names.
    pub(crate) charset: Option<String>,
    /// Whether it is UTF-8, and not ASCII alone.
    pub(crate) is_utf8_beyond_ascii: bool,
}

/// What came of asking.
pub(crate) enum Answer {
    /// The version that was asked about is still the server's.
    Unchanged,
    /// Another version, or the first.
    Body(Fetched),
}

/// What a download must keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Longest wait for a connection, for an answer, and for the next bytes of one.
    pub(crate) timeout: Duration,
    /// Longest time, all in all.
    pub(crate) deadline: Duration,
    /// Slowest that is waited for: bytes a second, over each stretch of `timeout`.
    pub(crate) least_rate: u64,
    /// Largest body.
    pub(crate) bytes: u64,
    /// What all these times go by.
    pub(crate) clock: Clock,
}

/// Downloads `address` into a temporary file beside `target`, unless it is still at the version `known`.
///
/// # Errors
/// [`Failure::Unavailable`] and [`Failure::Busy`] for what may be better later: the network, a body cut
/// short. All else is final.
pub(crate) fn fetch(
    address: &Address,
    target: &Path,
    bounds: &Bounds,
    known: Option<&Version>,
) -> Result<Answer, Failure> {
    match address.scheme_name() {
        "http" | "https" => http::fetch(address, target, bounds, known),
        "s3" => s3::fetch(address, target, bounds),
        other => Err(refused(address, format!("sources of the kind `{other}://` are not read"))),
    }
}

/// A final failure of `address`, which is named without its secrets.
pub(crate) fn refused(address: &Address, message: impl Into<String>) -> Failure {
    Failure::Final(Error::new(Class::Refused, message).at(Path::new(address.name())))
}

/// The refusal of a body larger than `bounds` allow.
pub(crate) fn too_large(address: &Address, bounds: &Bounds) -> Failure {
    let bytes = bounds.bytes;
    let message =
        format!("sends more than {bytes} bytes; raise `max_source_bytes` in [ingest] if it is meant");
    refused(address, message)
}

/// A body on the disk, and what was seen of it on the way.
pub(crate) struct Saved {
    pub(crate) file: Written,
    /// Its beginning, at most [`body::HEAD`] bytes.
    pub(crate) head: Vec<u8>,
    pub(crate) is_utf8_beyond_ascii: bool,
}

/// Copies a body into a temporary file beside `target`, which is removed where this fails.
///
/// # Errors
/// What `failed` makes of a failed read; a body too large or too slow; a file that cannot be written.
pub(crate) fn save(
    body: impl Read,
    address: &Address,
    target: &Path,
    bounds: &Bounds,
    failed: impl Fn(std::io::Error) -> Failure,
) -> Result<Saved, Failure> {
    let mut body = body.take(bounds.bytes.saturating_add(1));
    let mut output = Output::create(&Target::file(target))?;
    let mut pace = Pace { begun: bounds.clock.elapsed(), bytes: 0 };
    let (mut head, mut utf8) = (Vec::new(), Utf8Watch::default());
    let mut block = vec![0; 1 << 16];
    loop {
        let n = match body.read(&mut block) {
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            result => result.map_err(&failed)?,
        };
        if n == 0 {
            break;
        }
        pace.keep(n as u64, bounds)?;
        head.extend_from_slice(&block[..n.min(body::HEAD - head.len())]);
        utf8.take(&block[..n]);
        output.write_bytes(&block[..n])?;
    }
    let file = output.finish()?;
    if file.bytes > bounds.bytes {
        return Err(too_large(address, bounds));
    }
    Ok(Saved { file, head, is_utf8_beyond_ascii: utf8.is_utf8_beyond_ascii() })
}

/// How much came since when.
struct Pace {
    begun: Duration,
    bytes: u64,
}

impl Pace {
    fn keep(&mut self, bytes: u64, bounds: &Bounds) -> Result<(), Failure> {
        self.bytes += bytes;
        let now = bounds.clock.elapsed();
        let taken = now.saturating_sub(self.begun);
        if taken < bounds.timeout {
            return Ok(());
        }
        let rate = self.bytes as f64 / taken.as_secs_f64();
        if rate < bounds.least_rate as f64 {
            return Err(Failure::Unavailable(format!(
                "sends {rate:.0} bytes a second, less than `least_bytes_per_second` = {}",
                bounds.least_rate
            )));
        }
        *self = Self { begun: now, bytes: 0 };
        Ok(())
    }
}
