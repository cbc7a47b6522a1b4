//! An S3 server in a process of its own, and `ingest` run with its credentials.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use assert_cmd::assert::Assert;

use crate::python::python_with;
use crate::support::{files, program, skip, stage, write};

/// Longest run: a guard against one that never ends, no measure.
const GUARD: Duration = Duration::from_mins(1);

/// A running server, which ends with this value.
pub(crate) struct Store {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// Where it listens.
    pub(crate) endpoint: String,
    /// A user who may read all but `private/`.
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Store {
    /// Starts a server; none, after saying why, where it or the program under test cannot be had.
    pub(crate) fn start() -> Option<Self> {
        if !program("ingest-s3").is_file() {
            skip("s3:// sources: ingest-s3 is not compiled; `make test` does, or `make build FEATURES=s3`");
            return None;
        }
        let python = python_with("requirements-s3.txt")?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/ingest_s3/server.py");
        let mut command = Command::new(python);
        command.args(["-I", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        for name in foreign() {
            command.env_remove(name);
        }
        command.env("NO_PROXY", "127.0.0.1");
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let [endpoint, id, secret] = serde_json::from_str(&line).expect("the server starts");
        let pipes = Mutex::new((child.stdin.take().unwrap(), output));
        Some(Self { child, pipes, endpoint, id, secret })
    }

    /// One server for all tests that do not stop it; it ends with this process.
    pub(crate) fn shared() -> Option<&'static Self> {
        static STORE: OnceLock<Option<Store>> = OnceLock::new();
        STORE.get_or_init(Self::start).as_ref()
    }

    /// Stores an object in bucket `lake`.
    pub(crate) fn put(&self, key: &str, body: impl AsRef<[u8]>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        write(&path, body);
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{}", serde_json::json!([key, path])).unwrap();
        let mut line = String::new();
        pipes.1.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n", "{key} is stored");
    }

    /// Ends the server.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Runs `ingest` as the user, with other variables for some, and sees that no secret comes out.
    pub(crate) fn ingest(&self, folder: &Path, arguments: &[&str], others: &[(&str, &str)]) -> Assert {
        self.run("ingest", folder, arguments, others)
    }

    /// Runs a program likewise.
    pub(crate) fn run(
        &self,
        name: &str,
        folder: &Path,
        arguments: &[&str],
        others: &[(&str, &str)],
    ) -> Assert {
        let own = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", &self.id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
            ("NO_PROXY", "127.0.0.1"),
        ];
        let mut command = stage(name);
        for name in foreign() {
            command.env_remove(name);
        }
        command.envs(own).envs(others.iter().copied()).current_dir(folder).args(arguments).timeout(GUARD);
        let assert = command.assert();
        let hidden = own[3..5].iter().chain(others).map(|(_, value)| *value).filter(|v| v.len() > 4);
        let output = assert.get_output();
        let mut told = vec![output.stdout.clone(), output.stderr.clone()];
        told.extend(files(folder).into_iter().map(|file| std::fs::read(file).unwrap()));
        for value in hidden {
            let shown = told.iter().any(|t| t.windows(value.len()).any(|part| part == value.as_bytes()));
            assert!(!shown, "{value} is shown: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The variables of the caller's that would reach the client.
fn foreign() -> Vec<OsString> {
    let reaches = |name: &OsString| {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        upper.starts_with("AWS_") || upper.ends_with("_PROXY")
    };
    std::env::vars_os().map(|(name, _)| name).filter(reaches).collect()
}
