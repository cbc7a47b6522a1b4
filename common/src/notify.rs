//! Telling somebody that a stage failed: a webhook, a command, or both, given a JSON payload.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::cli::CommonArgs;
use crate::error::{Class, Error};
use crate::logging;
use crate::task::Task;
use crate::text;

/// Detail lines sent with a payload; the log holds them all.
const DETAILS: usize = 20;
/// Log lines sent with a payload.
const LOG_LINES: usize = 20;

/// Section `[notify]`: affects no output's bytes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// URL that gets the payload by POST.
    pub webhook: Option<String>,
    /// Program and arguments that get the payload on standard input; no shell is involved.
    pub command: Vec<String>,
    /// Classes of failure worth telling: `schema`, `rows`, `unavailable`, ..., or `all`.
    pub on: Vec<On>,
    /// Longest wait for the webhook, in seconds.
    pub timeout_seconds: u64,
}

/// A class of failure, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// Every class.
    All,
    /// One class.
    #[serde(untagged)]
    Class(Class),
}

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "all" {
            return Ok(Self::All);
        }
        Class::deserialize(name.as_str().into_deserializer()).map(Self::Class)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            webhook: None,
            command: Vec::new(),
            on: [Class::Schema, Class::Rows, Class::Gate].map(On::Class).to_vec(),
            timeout_seconds: 10,
        }
    }
}

impl Settings {
    fn wants(&self, error: &Error) -> bool {
        self.on.iter().any(|on| *on == On::All || *on == On::Class(error.class()))
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    task: &'a str,
    run: String,
    class: Class,
    exit_code: u8,
    message: String,
    details: &'a [String],
    details_in_all: usize,
    log: Vec<String>,
}

/// Tells of a failed stage, if `settings` ask for it; whom it could not tell stands in the log.
pub fn failure(settings: &Settings, task: Task, args: &CommonArgs, error: &Error) {
    if !settings.wants(error) || (settings.webhook.is_none() && settings.command.is_empty()) {
        return;
    }
    let run = logging::run_id();
    let details = error.details();
    let payload = Payload {
        task: task.name(),
        class: error.class(),
        exit_code: error.class().exit_code(),
        message: error.to_string(),
        details: &details[..details.len().min(DETAILS)],
        details_in_all: details.len(),
        log: logging::tail(&args.project().log_of(task), &run, LOG_LINES),
        run,
    };
    let Ok(body) = serde_json::to_vec(&payload) else { return };
    if let Some(url) = &settings.webhook {
        tell("webhook", post(url, &body, settings.timeout_seconds));
    }
    if let [program, arguments @ ..] = settings.command.as_slice() {
        tell("command", call(program, arguments, &body));
    }
}

fn tell(what: &str, outcome: Result<(), String>) {
    match outcome {
        Ok(()) => log::info!("notified by {what}"),
        Err(reason) => log::error!("notification by {what} failed: {}", text::shown(&reason)),
    }
}

fn post(url: &str, body: &[u8], seconds: u64) -> Result<(), String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(seconds))).build().into();
    // The error's own text can hold the URL, and a webhook's URL is a secret.
    agent.post(url).header("Content-Type", "application/json").send(body).map(drop).map_err(|e| match e {
        ureq::Error::StatusCode(code) => format!("status {code}"),
        ureq::Error::Timeout(_) => format!("no answer within {seconds} s"),
        ureq::Error::Io(e) => e.to_string(),
        _ => "the request could not be sent".to_owned(),
    })
}

fn call(program: &str, arguments: &[String], body: &[u8]) -> Result<(), String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|e| format!("{program}: {e}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input is none of our business.
        let _ = stdin.write_all(body);
    }
    let status = child.wait().map_err(|e| format!("{program}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {status}")) }
}
