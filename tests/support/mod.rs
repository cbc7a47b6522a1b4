//! What the tests of all stages share: a project folder, the built programs, reading what they wrote.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod http;
pub(crate) mod panel;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A new project folder with `files` in it, given as paths below it and their text.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path().join(path), text);
    }
    folder
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

/// Where the built program `name` stands: two folders above the running test.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join(name)
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
