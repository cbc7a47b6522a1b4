//! `s3://` sources: objects and patterns of objects, had through the program `ingest-s3`.
//!
//! That program is built in a workspace of its own, since the client of object stores would have Polars
//! built with other features. What a pattern stands for is a snapshot too: a list of objects, pinned in
//! `sources.lock`, so that a rerun asks for nothing.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use common::publish::{Output, Target};
use common::{Class, Error, Result, text};
use glob::{MatchOptions, Pattern};
use serde::Deserialize;

use crate::address::Address;
use crate::body;
use crate::fetch::{self, Answer, Bounds, Fetched, Version, refused};
use crate::retry::Failure;
use crate::sources::unreadable;

/// The program, which stands beside the stage's own.
const PROGRAM: &str = "ingest-s3";

/// Longest first line of an answer, and longest message, in bytes.
const LONGEST_LINE: u64 = 1 << 14;

/// As patterns of files: `*` stays within a folder, names that begin with a dot never match.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// What stands before an object, in the answer to `get`.
#[derive(Deserialize)]
struct Head {
    bytes: u64,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// The name `s3://bucket/key` of a text that begins with `s3://`, in any case.
///
/// # Errors
/// [`Class::Refused`], showing nothing of the text, which may hold a password where none belongs.
pub(crate) fn name(text: &str) -> Result<String> {
    let refused = |message: &str| Err(Error::new(Class::Refused, format!("an s3:// address {message}")));
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let Some((bucket, key)) = rest.split_once('/').filter(|(_, key)| !key.is_empty()) else {
        return refused("without a key; expected s3://bucket/key");
    };
    if bucket.is_empty() || !bucket.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        return refused(
            "whose bucket is no name; expected s3://bucket/key, with credentials in the AWS_ variables",
        );
    }
    if key.contains('?') || key.chars().any(char::is_control) {
        return refused("with `?` or control characters; a pattern is written with `*`, `**` and `[...]`");
    }
    if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return refused("that names a folder or has an empty part; its objects are `folder/*.csv`");
    }
    if Pattern::new(key).is_err() {
        return refused("whose pattern is not valid; expected `*`, `[...]`, and `**` between slashes");
    }
    Ok(format!("s3://{bucket}/{key}"))
}

/// Whether an address is that of an object or of a pattern of objects.
pub(crate) fn is_object(address: &Address) -> bool {
    address.scheme_name() == "s3"
}

/// Whether an address is a pattern of objects.
pub(crate) fn is_pattern(address: &Address) -> bool {
    is_object(address) && address.name().contains(['*', '['])
}

/// The objects in `list`, the snapshot of a pattern.
///
/// # Errors
/// [`Class::Refused`] where it cannot be read.
pub(crate) fn objects(list: &Path) -> Result<Vec<Address>> {
    let text = std::fs::read_to_string(list).map_err(|e| unreadable(list, &e))?;
    text.lines().map(Address::parse).collect()
}

/// Downloads an object, or the list of the objects of a pattern, into a temporary file beside `target`. No
/// store is asked whether it still has a version: a change is told by the hash.
///
/// # Errors
/// [`Failure::Unavailable`] for what may be better later: the network, no such object or bucket, a store
/// that is busy. All else is final.
pub(crate) fn fetch(
    address: &Address,
    target: &Path,
    bounds: &Bounds,
) -> std::result::Result<Answer, Failure> {
    let rest = address.name().strip_prefix("s3://").unwrap_or_default();
    let (bucket, key) = rest.split_once('/').unwrap_or_default();
    if !is_pattern(address) {
        let call = Call::start(address, bounds, ["get", bucket, key])?;
        return object(call, address, target, bounds).map(Answer::Body);
    }
    // Everything before the last slash that no wildcard comes before.
    let plain = key.find(['*', '[']).unwrap_or(key.len());
    let folder = key[..plain].rfind('/').map_or("", |end| &key[..end]);
    let below = key[folder.len()..].trim_start_matches('/').contains('/');
    let call = Call::start(address, bounds, [if below { "walk" } else { "list" }, bucket, folder])?;
    list(call, address, target).map(Answer::Body)
}

fn object(
    mut call: Call,
    address: &Address,
    target: &Path,
    bounds: &Bounds,
) -> std::result::Result<Fetched, Failure> {
    let Some(line) = call.line()? else { return Err(call.failure()) };
    let head: Head = serde_json::from_str(&line).map_err(|_| call.failure())?;
    if head.bytes > bounds.bytes {
        return Err(fetch::too_large(address, bounds));
    }
    let saved = fetch::save(&mut call.output, address, target, bounds, |e| {
        let message = format!("cannot read what {PROGRAM} sends: {}", common::error::reason(&e));
        Failure::Final(Error::new(Class::Unexpected, message))
    })?;
    call.end()?;
    if saved.file.bytes != head.bytes {
        let message = format!("cut short: {} of {} bytes came", saved.file.bytes, head.bytes);
        return Err(Failure::Unavailable(message));
    }
    if let Some(problem) = body::no_table(&saved.head) {
        return Err(refused(address, problem));
    }
    Ok(Fetched {
        file: saved.file,
        version: Version { etag: head.etag, last_modified: head.last_modified },
        charset: None,
        is_utf8_beyond_ascii: saved.is_utf8_beyond_ascii,
    })
}

fn list(mut call: Call, address: &Address, target: &Path) -> std::result::Result<Fetched, Failure> {
    let rest = address.name().strip_prefix("s3://").unwrap_or_default();
    let (bucket, pattern) = rest.split_once('/').unwrap_or_default();
    let pattern = Pattern::new(pattern).map_err(|_| refused(address, "is no valid pattern"))?;
    let mut names = Vec::new();
    while let Some(line) = call.line()? {
        let key: String = serde_json::from_str(&line).map_err(|_| call.failure())?;
        if pattern.matches_with(&key, MATCHING) {
            if key.contains(['*', '[', '?']) || key.chars().any(char::is_control) {
                let message = format!(
                    "matches the key {}; one with `*`, `?`, `[` or control characters is not read",
                    text::shown(&key)
                );
                return Err(refused(address, message));
            }
            names.push(format!("s3://{bucket}/{key}\n"));
        }
    }
    call.end()?;
    if names.is_empty() {
        return Err(Failure::Unavailable("no object matches".to_owned()));
    }
    names.sort_unstable();
    let mut output = Output::create(&Target::file(target))?;
    output.write_bytes(names.concat().as_bytes())?;
    let file = output.finish()?;
    Ok(Fetched { file, version: Version::default(), charset: None, is_utf8_beyond_ascii: false })
}

/// A running program, which ends with this value.
struct Call {
    address: Address,
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Call {
    fn start(address: &Address, bounds: &Bounds, [verb, bucket, key]: [&str; 3]) -> Result<Self> {
        let refused = |message: String| Error::new(Class::Refused, message).at(Path::new(address.name()));
        let [silence, deadline] =
            [bounds.timeout, bounds.deadline].map(|time| bounds.clock.real(time).as_secs_f64().to_string());
        let child = Command::new(program())
            .args([verb, &silence, &deadline, bucket, key])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => refused(format!(
                "s3:// sources are read by the program `{PROGRAM}`, which is not compiled; `make report FEATURES=s3` does"
            )),
            _ => refused(format!("cannot run {PROGRAM}: {}", common::error::reason(&e))),
        })?;
        let output = child.stdout.take().ok_or_else(|| refused(format!("{PROGRAM} has no output")))?;
        Ok(Self { address: address.clone(), child, output: BufReader::new(output) })
    }

    /// The next line without its end; none where the output has ended.
    fn line(&mut self) -> std::result::Result<Option<String>, Failure> {
        let mut line = Vec::new();
        let read = (&mut self.output).take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.is_err() || line.pop().is_some_and(|end| end != b'\n') {
            return Err(self.failure());
        }
        match String::from_utf8(line) {
            _ if matches!(read, Ok(0)) => Ok(None),
            line => line.map(Some).map_err(|_| self.failure()),
        }
    }

    /// Waits for the end of the program.
    fn end(&mut self) -> std::result::Result<(), Failure> {
        if self.child.wait().is_ok_and(|status| status.success()) { Ok(()) } else { Err(self.failure()) }
    }

    /// Why the program failed: its own words, and its exit code for whether to try again.
    fn failure(&mut self) -> Failure {
        // One that goes on would wait for a reader of its output; one that has ended keeps its exit code.
        let _ = self.child.kill();
        let mut words = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            // What cannot be read is told as nothing.
            let _ = stderr.take(LONGEST_LINE).read_to_string(&mut words);
        }
        let words = text::one_line(words.lines().next().unwrap_or_default());
        match self.child.wait().ok().and_then(|status| status.code()) {
            Some(20) => Failure::Unavailable(words),
            Some(21) => refused(&self.address, words),
            code => {
                let code = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
                let message = format!("{PROGRAM} ended with {code} {words}");
                Failure::Final(Error::new(Class::Unexpected, message.trim_end().to_owned()))
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the program is to be found: nowhere else, lest another one be run.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name(PROGRAM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_bucket_or_key_is_refused_and_nothing_of_it_shown() {
        for text in [
            "s3://",
            "s3:///k",
            "s3://b",
            "s3://b/",
            "s3://b/a/",
            "s3://b/a//c",
            "s3://b/../c",
            "s3://AKIA:s3cret@b/k",
            "s3://b/k?token=s3cret",
            "s3://b/a\nb",
            "s3://b/a**",
            "s3://b/[",
        ] {
            let error = name(text).unwrap_err().to_string();
            assert!(error.contains("s3://") && !error.contains("s3cret"), "{text}: {error}");
        }
        assert_eq!(name("S3://b/a b/ü#1.csv").unwrap(), "s3://b/a b/ü#1.csv");
    }

    #[test]
    fn only_addresses_of_objects_are_patterns() {
        let pattern = |text| is_pattern(&Address::parse(text).unwrap());
        assert!(pattern("s3://b/a/*.csv") && pattern("s3://b/**/[ab].csv"));
        assert!(!pattern("s3://b/a.csv") && !pattern("https://h/*.csv"));
    }
}
