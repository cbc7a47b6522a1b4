//! One run of a real program over one file, held to 10 s and 512 MiB.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::super::support::{files, program, project, write};

/// Longest run.
const TIME: Duration = Duration::from_secs(10);

/// What becomes of bad records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The default: the first refuses the file.
    Default,
    /// Set aside, however many.
    SetAside,
    /// Set aside, as many as the default allows.
    SetAsideFew,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Exit code; none after a signal or the time limit.
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    /// Files below the folder of the stage's output, by name.
    pub(crate) written: BTreeMap<String, Vec<u8>>,
}

/// Runs `ingest` over `bytes` in a new project, where they are the raw file `name`, told no more
/// than `dialect`.
pub(crate) fn ingest(name: &str, bytes: &[u8], dialect: &Map<String, Value>, mode: Mode) -> Run {
    stage("ingest", &raw(name, bytes, &config(name, dialect, mode)), "data/interim")
}

/// A new project, configured by `config`, where `bytes` are the raw file `name`.
pub(crate) fn raw(name: &str, bytes: &[u8], config: &str) -> TempDir {
    let folder = project(&[("pipeline.toml", config)]);
    write(folder.path().join("data/raw").join(name), bytes);
    folder
}

/// Runs a stage in a project; what it writes stands below `output`.
pub(crate) fn stage(name: &str, folder: &TempDir, output: &str) -> Run {
    let arguments = ["--project".as_ref(), folder.path().as_os_str()];
    let below = folder.path().join(output);
    let output = bounded(&program(name), TIME).args(arguments).output().unwrap();
    let name = |path: &Path| path.strip_prefix(&below).unwrap().to_str().unwrap().to_owned();
    let written = if below.exists() { files(&below) } else { Vec::new() };
    Run {
        code: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        written: written.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect(),
    }
}

/// `program` with at most 512 MiB of memory of its own and `time` to run in.
///
/// The limit is on data (heap and private maps), not on address space, most of which the threads
/// and the allocator only reserve.
pub(crate) fn bounded(program: &Path, time: Duration) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -d 524288 && exec \"$0\" \"$@\""]).arg(program);
    command.env_remove("RUST_LOG").env_remove("MILLRACE_RUN_ID").timeout(time);
    command
}

/// A `pipeline.toml` for one file.
pub(crate) fn config(name: &str, dialect: &Map<String, Value>, mode: Mode) -> String {
    let mut text = String::from("[project]\ntarget = \"y\"\n[ingest]\nretries = 0\n");
    text += &format!("sources = [{}]\n", toml(&Value::from(format!("data/raw/{name}"))));
    for (key, value) in dialect {
        text += &format!("{key} = {}\n", toml(value));
    }
    match mode {
        Mode::Default => {}
        Mode::SetAside => text += "rejects = \"file\"\nrejects_limit = 1.0\n",
        Mode::SetAsideFew => text += "rejects = \"file\"\n",
    }
    text
}

/// A JSON value as TOML: texts, truth values, whole numbers and lists are written alike, but for
/// DEL. What is null, such as no quote, is the empty text.
pub(crate) fn toml(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".to_owned(),
        value => value.to_string().replace('\u{7f}', "\\u007f"),
    }
}
