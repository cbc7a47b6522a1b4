//! Lock files: what a stage found and a person accepted, which a later run must find again.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Class, Error, Result, reason};
use crate::{json, publish};

/// Largest lock read, in bytes.
const LARGEST: u64 = 256 << 20;

/// Reads the lock at `path`; nothing where there is none.
///
/// # Errors
/// [`Class::Usage`] with the line where it is no lock file.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if path.metadata().is_ok_and(|m| !m.is_file() || m.len() > LARGEST) {
        return Err(Error::usage("a lock is a regular file of at most 256 MiB").at(path));
    }
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::usage(format!("cannot read: {}", reason(&e))).at(path)),
    };
    serde_json::from_str(&text).map(Some).map_err(|e| {
        Error::usage("is not what `make accept` writes; restore it, or run `make accept`")
            .at_line(path, (e.line() as u64).max(1))
    })
}

/// Writes the lock at `path`, where it changes.
///
/// # Errors
/// [`Class::Write`].
pub fn write<T: Serialize>(path: &Path, accepted: &T) -> Result<()> {
    publish::write_if_changed(path, json::pretty(accepted)?.as_bytes()).map(drop)
}

/// Refuses `changes` against the lock at `path`, if there are any; `command` takes them, and at most `shown`
/// are listed below the first.
///
/// # Errors
/// [`Class::Schema`] with the changes.
pub fn refuse(changes: &[String], path: &Path, command: &str, shown: usize) -> Result<()> {
    let Some(first) = changes.first() else { return Ok(()) };
    let more = match changes.len() {
        1 => String::new(),
        n => format!("; {n} changes in all"),
    };
    let message =
        format!("not what was accepted: {first}{more}; `make accept` (`{command}`) takes what is found now");
    let others = changes.iter().skip(1).take(shown).cloned().collect();
    Err(Error::new(Class::Schema, message).at(path).with_details(others))
}
