//! The only code that opens a file for writing.
//!
//! An output is written under a temporary name in the folder it will live in, flushed, synced, given
//! the mode the umask asks for, and renamed; then the folder is synced. Several outputs are renamed
//! together, the manifest last, so that whatever happens in between the old state or the new one is
//! found, never half of one. (Pillai et al. 2014: missing syncs before the rename and of the folder
//! are the typical faults.)

mod behind;
mod early;
mod folder;
mod output;
mod replace;
mod sink;
mod target;
mod temps;
mod tick;

use std::fs::File;
use std::path::{Path, PathBuf};

pub use folder::folder;
pub use output::{Output, Written, refuse_same_file};
pub use replace::{Replaced, replace, set_aside, settle};
pub use target::Target;
pub use temps::{remember_umask, remove_all as remove_temporary_files};
pub use tick::wait_for_next_tick;

use crate::error::{Error, Result};

/// Renames all of `files` to their final names, in order: pass the manifest last.
///
/// # Errors
/// Where a rename or the sync of a folder fails; files not yet renamed are removed.
pub fn publish(files: Vec<Written>) -> Result<()> {
    for file in files {
        // A file must have its name on disk before the manifest that vouches for it gets its own.
        if let Some(folder) = file.publish()? {
            sync_folder(&folder)?;
        }
    }
    Ok(())
}

/// Writes one small file, whole or not at all, and only if its bytes change.
///
/// Returns whether it was written.
///
/// # Errors
/// As [`publish`].
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    publish(vec![of_bytes(&Target::file(path), bytes)?])?;
    Ok(true)
}

/// A complete file of `bytes`, waiting to be published under `target`.
///
/// # Errors
/// Where it cannot be written.
pub fn of_bytes(target: &Target, bytes: &[u8]) -> Result<Written> {
    let mut output = Output::create(target)?;
    output.write_bytes(bytes)?;
    output.finish()
}

/// Opens a log for appending, making its folder.
///
/// # Errors
/// Where it cannot be opened, or is no regular file.
pub fn append_to(path: &Path) -> Result<File> {
    target::refuse_unless_regular(path)?;
    make_parent(path)?;
    File::options().create(true).append(true).open(path).map_err(|e| Error::write(path, &e))
}

/// Removes a file that is no longer wanted; one that is not there is fine.
///
/// # Errors
/// Where it cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::write(path, &e)),
        _ => Ok(()),
    }
}

/// The folder that `path` stands in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn make_parent(path: &Path) -> Result<PathBuf> {
    let folder = parent(path).to_path_buf();
    let missing: Vec<PathBuf> =
        folder.ancestors().take_while(|f| !f.exists()).map(Path::to_path_buf).collect();
    std::fs::create_dir_all(&folder).map_err(|e| Error::write(&folder, &e))?;
    // A folder must have its own name on disk before a file in it counts as kept.
    for made in &missing {
        if let Some(parent) = made.parent() {
            sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })?;
        }
    }
    Ok(folder)
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Error::write(folder, &e))
}
