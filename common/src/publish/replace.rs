//! Replacing a file that a person may be saving at this moment.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::output::Written;
use super::{parent, sync_folder, temps};
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
/// last moment is lost. What was replaced stands aside until [`settle`]; where a run is killed before that, it
/// is found by [`set_aside`].
///
/// # Errors
/// [`crate::Class::Write`] where it cannot be renamed.
pub fn replace(file: Written, expected: Option<&str>) -> Result<Replaced> {
    let new = file.sha256.clone();
    let (temporary, path) = file.into_places()?;
    let failed = |e: &io::Error| Error::write(&path, e);
    // A signal waits until everything has its name.
    let mut open = temps::open_now();
    // A file that is complete has another name than one that is being written: see `set_aside`.
    let aside = open.set_aside(temporary, &path).map_err(|e| failed(&e))?;
    let mut swapped = false;
    let outcome = match expected {
        None => put(&aside, &path),
        Some(expected) => swap(&aside, &path, &new, expected, &mut swapped),
    };
    if !swapped {
        // The new file, where it did not get its name; the next run removes a leftover.
        let _ = std::fs::remove_file(&aside);
    }
    let outcome = outcome.map_err(|e| failed(&e))?;
    if outcome == Replaced::Changed {
        return Ok(outcome);
    }
    if let (true, Some(expected)) = (swapped, expected) {
        open.aside.push((aside, expected.to_owned()));
    }
    drop(open);
    sync_folder(parent(&path))?;
    Ok(outcome)
}

/// Removes what was replaced. [`Replaced::Changed`] where somebody who had it open wrote to it since: it then
/// stays for [`set_aside`].
///
/// # Errors
/// [`crate::Class::Write`] where it cannot be read or removed.
pub fn settle() -> Result<Replaced> {
    let mut open = temps::open_now();
    let mut outcome = Replaced::Done;
    for (aside, expected) in std::mem::take(&mut open.aside) {
        match sha256_of(&aside).map_err(|e| Error::write(&aside, &e))? {
            Some(found) if found != expected => outcome = Replaced::Changed,
            _ => super::remove(&aside)?,
        }
    }
    Ok(outcome)
}

/// Where there was no file.
fn put(new: &Path, path: &Path) -> io::Result<Replaced> {
    match renameat_with(CWD, new, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(Replaced::Done),
        Err(Errno::EXIST) => Ok(Replaced::Changed),
        Err(e) if unsupported(e) => checked(new, path, None),
        Err(e) => Err(e.into()),
    }
}

/// The file at `aside`, of SHA-256 `new`, and the one at `path` change places; where the latter is not the one
/// expected, they change back. `swapped` says whether the one at `aside` may be an author's.
fn swap(aside: &Path, path: &Path, new: &str, expected: &str, swapped: &mut bool) -> io::Result<Replaced> {
    let exchange = || renameat_with(CWD, aside, CWD, path, RenameFlags::EXCHANGE);
    match exchange() {
        Ok(()) => *swapped = true,
        // Removed by its author.
        Err(Errno::NOENT) => return Ok(Replaced::Changed),
        Err(e) if unsupported(e) => return checked(aside, path, Some(expected)),
        Err(e) => return Err(e.into()),
    }
    let mut found = sha256_of(aside)?;
    if found.as_deref() == Some(expected) {
        return Ok(Replaced::Done);
    }
    let mut given = Some(new.to_owned());
    loop {
        exchange()?;
        let replaced = sha256_of(aside)?;
        if replaced == given {
            // Of two that were saved meanwhile, the later has the name, and the earlier stays aside.
            *swapped = given.as_deref() != Some(new);
            return Ok(Replaced::Changed);
        }
        (given, found) = (found, replaced);
    }
}

/// Where the file system cannot swap: looked at just before.
fn checked(new: &Path, path: &Path, expected: Option<&str>) -> io::Result<Replaced> {
    if sha256_of(path)?.as_deref() != expected {
        return Ok(Replaced::Changed);
    }
    std::fs::rename(new, path)?;
    Ok(Replaced::Done)
}

/// Whether the file system knows no such renaming.
pub(super) fn unsupported(e: Errno) -> bool {
    matches!(e, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

/// SHA-256 of the file at `path`, in hex; nothing where there is none.
pub(super) fn sha256_of(path: &Path) -> io::Result<Option<String>> {
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
