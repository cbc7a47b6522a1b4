//! A folder of files that appears whole or not at all, and is not written again.

use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::replace::unsupported;
use super::{make_parent, sync_folder, temps};
use crate::error::{Class, Error, Result};

/// Writes `files`, by their names below `path`, into a new folder `path`, read-only.
///
/// # Errors
/// [`Class::Write`] where it cannot be written, or is there already; nothing is half written then.
pub fn folder(path: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    let parent = make_parent(path)?;
    let prefix = temps::prefix(path);
    remove_stale(&parent, &prefix);
    let failed = |e: &std::io::Error| Error::write(path, e);
    let temporary = tempfile::Builder::new().prefix(&prefix).tempdir_in(&parent).map_err(|e| failed(&e))?;
    let mut folders = vec![temporary.path().to_path_buf()];
    for (name, bytes) in files {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(Error::new(Class::Write, "is no name of a file in a folder").at(Path::new(name)));
        }
        let file = temporary.path().join(name);
        let made = make_parent(&file)?;
        write(&file, bytes).map_err(|e| failed(&e))?;
        if !folders.contains(&made) {
            folders.push(made);
        }
    }
    for made in &folders {
        std::fs::set_permissions(made, Permissions::from_mode(0o777 & temps::left_by_umask()))
            .map_err(|e| failed(&e))?;
        sync_folder(made)?;
    }
    rename_new(temporary.path(), path).map_err(|e| failed(&e))?;
    // It has another name now; there is nothing to remove.
    let _ = temporary.keep();
    sync_folder(&parent)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    let mode = temps::mode().mode() & 0o444;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

/// Renames, but never over a folder that is there.
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(e) if unsupported(e) && !to.exists() => std::fs::rename(from, to),
        outcome => outcome.map_err(Into::into),
    }
}

/// Removes what a run that was killed left.
fn remove_stale(parent: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            // A leftover that cannot be removed does no harm: nothing reads such names.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
