//! What the tests of all stages share: a project folder, the built programs, reading what they wrote.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod contract;
pub(crate) mod http;
pub(crate) mod panel;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

/// A new project folder with `files` in it, given as paths below it and their text.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path().join(path), text);
    }
    folder
}

/// The folder of the workspace.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// `make` with the built programs, in `folder`.
pub(crate) fn make(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let programs = program("ingest").parent().unwrap().display().to_string();
    std::process::Command::new("make")
        .current_dir(folder)
        .arg("-f")
        .arg(repository().join("Makefile"))
        .arg(format!("BIN={programs}"))
        .args(arguments)
        .env_remove("MAKEFLAGS")
        .env_remove("MAKELEVEL")
        .output()
        .unwrap()
}

/// Writes a file, making its folder.
pub(crate) fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// The built program of a stage, without what the caller's environment could change.
pub(crate) fn stage(name: &str) -> Command {
    let mut command = Command::new(program(name));
    command.env_remove("RUST_LOG").env_remove("MILLRACE_RUN_ID");
    command
}

/// Runs a stage with the project `folder` as its working folder.
pub(crate) fn run(name: &str, folder: &Path, arguments: &[&str]) -> Assert {
    stage(name).current_dir(folder).args(arguments).assert()
}

/// Runs a shell script in `folder` with the folder of the built programs first in `PATH`.
pub(crate) fn shell(folder: &Path, script: &str) -> Assert {
    let programs = program("x").parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.env_remove("RUST_LOG").env_remove("MILLRACE_RUN_ID").env("PATH", path);
    command.current_dir(folder).args(["-c", script]).assert()
}

/// The rows of a CSV text, the header first, each cell unquoted.
pub(crate) fn cells(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let cell = rows.last_mut().unwrap().last_mut().unwrap();
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => rows.last_mut().unwrap().push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => cell.push(c),
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]), "the text ends with a line end");
    rows
}

/// The cells of one column of a CSV text.
pub(crate) fn column(text: &str, name: &str) -> Vec<String> {
    let rows = cells(text);
    let at =
        rows[0].iter().position(|n| n == name).unwrap_or_else(|| panic!("no column {name} in {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// Where the built program `name` stands: two folders above the running test.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join(name)
}

/// Says loudly what is not tested here and why; fails instead where `MILLRACE_NO_SKIP=1` says that all it
/// takes was installed.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var("MILLRACE_NO_SKIP").as_deref() != Ok("1"), "nothing is to be skipped here: {why}");
    // Not `eprintln`, which is captured where a test passes.
    std::io::Write::write_all(&mut std::io::stderr(), format!("skipped: {why}\n").as_bytes()).unwrap();
}

/// The text of a file.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The JSON value in a file.
pub(crate) fn json(path: impl AsRef<Path>) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// Every file below `folder`, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
