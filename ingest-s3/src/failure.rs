//! Why an object could not be had, in words that hold no secret: the client's own may.

use std::error::Error;
use std::fmt;
use std::io;

use object_store::client::{HttpError, HttpErrorKind};

/// Why an object could not be had.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Not there now; it may be later.
    Later(String),
    /// Refused for good.
    Never(String),
    /// The call itself is wrong, or the machine fails.
    Broken(String),
}

impl Failure {
    pub(crate) fn usage() -> Self {
        Self::Broken("run by `ingest`: ingest-s3 get|list|walk SILENCE DEADLINE BUCKET KEY".to_owned())
    }

    pub(crate) fn io(error: &io::Error) -> Self {
        Self::Broken(error.kind().to_string())
    }

    pub(crate) fn silent() -> Self {
        Self::Later("silent for `timeout_seconds`".to_owned())
    }

    /// The exit code, as of the stages.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Later(_) => 20,
            Self::Never(_) => 21,
            Self::Broken(_) => 2,
        }
    }

    /// What the client met.
    pub(crate) fn of(error: &object_store::Error) -> Self {
        if matches!(error, object_store::Error::InvalidPath { .. }) {
            return Self::Never("holds a key with an empty part, `.` or `..`, which is not read".to_owned());
        }
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        let mut found = None;
        while let Some(one) = cause {
            // The client keeps this type to itself: its text is all there is.
            let text = one.to_string();
            if let Some(status) = status(&text) {
                return of_status(status, &code(&text));
            }
            if text.starts_with("Received redirect") {
                return elsewhere();
            }
            if let Some(http) = one.downcast_ref::<HttpError>() {
                found = Some(of_kind(http.kind()));
            }
            if let Some(untrusted) = untrusted(one) {
                return Self::Never(format!("no trusted connection: {untrusted}"));
            }
            cause = one.source();
        }
        found.unwrap_or_else(|| Self::Never("the answer is not that of an object store".to_owned()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Later(text) | Self::Never(text) | Self::Broken(text)) = self;
        f.write_str(text)
    }
}

fn of_status(status: u16, code: &str) -> Failure {
    match (status, code) {
        (404, "NoSuchBucket") => Failure::Later("no such bucket".to_owned()),
        (404, _) => Failure::Later("no such object".to_owned()),
        (408 | 429 | 500..=599, _) => Failure::Later(format!("status {status}{}", bracketed(code))),
        (401 | 403, _) => Failure::Never(format!("access is denied{}{}", bracketed(code), no_credentials())),
        (300..=399, _) => elsewhere(),
        _ => Failure::Never(format!("status {status}{}, expected 200", bracketed(code))),
    }
}

fn of_kind(kind: HttpErrorKind) -> Failure {
    match kind {
        HttpErrorKind::Timeout => Failure::silent(),
        HttpErrorKind::Connect => Failure::Later(format!("no connection to the server{}", no_credentials())),
        _ => Failure::Later("the connection was cut".to_owned()),
    }
}

fn elsewhere() -> Failure {
    Failure::Never("the bucket is in another region; name it in AWS_REGION".to_owned())
}

/// What is wrong with a certificate, where that is the cause; it comes wrapped in errors of the system,
/// once or more.
fn untrusted<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut one = error;
    loop {
        if let Some(found) = one.downcast_ref() {
            return Some(found);
        }
        one = one.downcast_ref::<io::Error>()?.get_ref()?;
    }
}

/// The status in a text of the client that begins with one.
fn status(text: &str) -> Option<u16> {
    let rest = text.strip_prefix("Server returned non-2xx status code: ")?;
    rest.split(' ').next()?.parse().ok()
}

/// The word for the failure in an answer of S3: `<Code>AccessDenied</Code>`.
fn code(body: &str) -> String {
    let code = body.split_once("<Code>").map_or("", |(_, rest)| rest.split('<').next().unwrap_or_default());
    let word = code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if word { code.to_owned() } else { String::new() }
}

fn bracketed(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(" ({code})") }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A hint, where the environment names no credentials of any kind.
fn no_credentials() -> &'static str {
    let kinds = [
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_SKIP_SIGNATURE",
    ];
    if kinds.iter().any(|name| variable(name).is_some()) {
        return "";
    }
    "; AWS_ACCESS_KEY_ID is not set (AWS_SKIP_SIGNATURE=true reads what is public)"
}

/// Refuses values that the client would stumble over, and an endpoint without encryption that was not
/// asked for.
pub(crate) fn check_environment() -> Result<(), Failure> {
    let ours = std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"AWS_"));
    for (name, value) in ours {
        if !value.as_encoded_bytes().iter().all(|b| (b' '..=b'~').contains(b)) {
            let name = name.to_string_lossy().into_owned();
            return Err(Failure::Never(format!("{name} holds characters that are not printable ASCII")));
        }
    }
    let endpoints = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
    for (name, value) in endpoints.into_iter().filter_map(|name| Some((name, variable(name)?))) {
        let url = reqwest::Url::parse(&value).ok().filter(reqwest::Url::has_host);
        let Some(scheme) = url.map(|url| url.scheme().to_owned()).filter(|s| s.starts_with("http")) else {
            return Err(Failure::Never(format!("{name} is no http or https address")));
        };
        let allowed = variable("AWS_ALLOW_HTTP").unwrap_or_default().to_ascii_lowercase();
        if scheme == "http" && !["true", "1", "yes", "on", "y"].contains(&allowed.as_str()) {
            return Err(Failure::Never(format!(
                "{name} is an address without encryption; AWS_ALLOW_HTTP=true allows it"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_word_is_taken_from_an_answer() {
        assert_eq!(code("<Error><Code>SlowDown</Code><AWSAccessKeyId>AKIA</AWSAccessKeyId>"), "SlowDown");
        assert_eq!(code("<Code>a b</Code>"), "");
        assert_eq!(code("<html>"), "");
    }

    #[test]
    fn the_status_is_read_from_the_text_of_the_client() {
        assert_eq!(status("Server returned non-2xx status code: 404 Not Found: <Error>"), Some(404));
        assert_eq!(status("Error performing GET http://h/Server returned"), None);
    }

    #[test]
    fn a_certificate_that_is_not_trusted_is_found_below_errors_of_the_system() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        assert_eq!(untrusted(&io::Error::other(inner)), Some(&rustls::Error::DecryptError));
        assert_eq!(untrusted(&io::Error::other("another")), None);
    }

    #[test]
    fn what_may_be_better_later_is_told_from_what_is_refused() {
        let codes = [404, 408, 429, 500, 503].map(|status| of_status(status, "").exit_code());
        assert_eq!(codes, [20; 5]);
        assert_eq!([301, 400, 401, 403, 416].map(|status| of_status(status, "").exit_code()), [21; 5]);
    }
}
