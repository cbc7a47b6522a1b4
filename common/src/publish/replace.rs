//! Replacing a file that a person may be saving at this moment.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::output::Written;
use super::{sync_folder, temps};
use crate::error::{Error, Result};
use crate::hash;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// The new file has the name.
    Done,
    /// Another file had been saved there, and still has the name: read it, and begin again.
    Changed,
}

/// Gives `file` its name, but only in place of a file whose SHA-256 is `expected` (`None`: of no file).
///
/// The two change places in one step, and only then is the old one looked at, so that nothing saved at the
/// last moment is lost. Where a run is killed between the two, the old file is found by [`set_aside`].
///
/// # Errors
/// [`crate::Class::Write`] where it cannot be renamed.
pub fn replace(file: Written, expected: Option<&str>) -> Result<Replaced> {
    let (temporary, path) = file.into_places()?;
    let failed = |e: &io::Error| Error::write(&path, e);
    // A file that is complete has another name than one that is being written: see `set_aside`.
    let aside = temps::set_aside(temporary, &path).map_err(|e| failed(&e))?;
    let mut swapped = false;
    let outcome = swap(&aside, &path, expected, &mut swapped);
    if outcome.is_ok() || !swapped {
        // What was replaced, or the new file; the next run removes a leftover.
        let _ = std::fs::remove_file(&aside);
    }
    let outcome = outcome.map_err(|e| failed(&e))?;
    if outcome == Replaced::Done {
        sync_folder(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    }
    Ok(outcome)
}

fn swap(new: &Path, path: &Path, expected: Option<&str>, swapped: &mut bool) -> io::Result<Replaced> {
    let Some(expected) = expected else {
        return match renameat_with(CWD, new, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(Replaced::Done),
            Err(Errno::EXIST) => Ok(Replaced::Changed),
            Err(e) if unsupported(e) => checked(new, path, None),
            Err(e) => Err(e.into()),
        };
    };
    match renameat_with(CWD, new, CWD, path, RenameFlags::EXCHANGE) {
        Ok(()) => *swapped = true,
        // Removed by its author.
        Err(Errno::NOENT) => return Ok(Replaced::Changed),
        Err(e) if unsupported(e) => return checked(new, path, Some(expected)),
        Err(e) => return Err(e.into()),
    }
    if sha256_of(new)?.as_deref() == Some(expected) {
        return Ok(Replaced::Done);
    }
    renameat_with(CWD, new, CWD, path, RenameFlags::EXCHANGE)?;
    Ok(Replaced::Changed)
}

/// Where the file system cannot swap: looked at just before.
fn checked(new: &Path, path: &Path, expected: Option<&str>) -> io::Result<Replaced> {
    if sha256_of(path)?.as_deref() != expected {
        return Ok(Replaced::Changed);
    }
    std::fs::rename(new, path)?;
    Ok(Replaced::Done)
}

fn unsupported(e: Errno) -> bool {
    matches!(e, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

/// SHA-256 of the file at `path`, in hex; nothing where there is none.
fn sha256_of(path: &Path) -> io::Result<Option<String>> {
    match File::open(path) {
        Ok(mut file) => hash::of_reader(&mut file).map(|(sha256, _)| Some(sha256)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Files that [`replace`] had set aside for `path` when it was killed: the new one, or what it replaced.
#[must_use]
pub fn set_aside(path: &Path) -> Vec<PathBuf> {
    temps::found_aside(path)
}
