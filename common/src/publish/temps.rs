//! Temporary files: their names, their mode, and their removal when a signal ends the run.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::fs::Mode;
use rustix::process::umask;
use tempfile::TempPath;

static UMASK: OnceLock<u32> = OnceLock::new();
static OPEN: Mutex<Open> = Mutex::new(Open { temporary: Vec::new(), aside: Vec::new() });

/// What a signal has to tidy up.
pub(super) struct Open {
    /// Files that are being written, or wait for their name.
    temporary: Vec<PathBuf>,
    /// Files that were replaced, with the SHA-256 that they were replaced for.
    pub(super) aside: Vec<(PathBuf, String)>,
}

/// Reads the umask while there is one thread: the only way to read it is to set it.
pub fn remember_umask() {
    UMASK.get_or_init(|| {
        let mask = umask(Mode::from_raw_mode(0o077));
        umask(mask);
        mask.as_raw_mode()
    });
}

/// The mode of a new file: what the umask leaves of 0666.
pub(super) fn mode() -> Permissions {
    Permissions::from_mode(0o666 & left_by_umask())
}

/// The bits of a mode that the umask leaves.
pub(super) fn left_by_umask() -> u32 {
    remember_umask();
    !UMASK.get().copied().unwrap_or(0o022)
}

/// Beginning of the temporary name of `file`.
pub(super) fn prefix(file: &Path) -> String {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // Room for the random ending within the 255 bytes that file systems allow.
    let short: String = name.chars().take(60).collect();
    format!(".{short}.tmp-")
}

/// Removes temporary files of `file` that a run which was killed left behind.
pub(super) fn remove_stale(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let open = open_now();
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(prefix) && !open.temporary.contains(&path) {
            // A leftover that cannot be removed does no harm: nothing reads such names.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// For as long as this is held, a signal waits.
pub(super) fn open_now() -> MutexGuard<'static, Open> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a temporary file and remembers it; a signal comes before both or after both.
pub(super) fn create(folder: &Path, prefix: &str) -> io::Result<(File, TempPath)> {
    let mut open = open_now();
    let (file, path) = tempfile::Builder::new().prefix(prefix).tempfile_in(folder)?.into_parts();
    open.temporary.push(path.to_path_buf());
    Ok((file, path))
}

/// Gives a temporary file its final name, or removes it where that fails, and forgets it.
pub(super) fn rename(temporary: TempPath, path: &Path) -> io::Result<()> {
    open_now().rename(temporary, path)
}

/// What the names of files that were complete and waited to replace another begin with.
fn aside_prefix(file: &Path) -> String {
    prefix(file).replace(".tmp-", ".aside-")
}

impl Open {
    fn rename(&mut self, temporary: TempPath, path: &Path) -> io::Result<()> {
        self.temporary.retain(|p| **p != *temporary);
        temporary.persist(path).map_err(|e| e.error)
    }

    /// Takes a complete temporary file out of the care of [`remove_all`], under a name of its own.
    pub(super) fn set_aside(&mut self, temporary: TempPath, path: &Path) -> io::Result<PathBuf> {
        let name = temporary.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let aside = path.with_file_name(name.replacen(&prefix(path), &aside_prefix(path), 1));
        self.rename(temporary, &aside)?;
        Ok(aside)
    }
}

/// The files that stand aside for `path`.
pub(super) fn found_aside(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(super::parent(path)) else { return Vec::new() };
    let prefix = aside_prefix(path);
    let ours = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(&prefix);
    let mut found: Vec<PathBuf> = entries.flatten().filter(ours).map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Removes a temporary file and forgets it.
pub(super) fn discard(temporary: TempPath) {
    let mut open = open_now();
    open.temporary.retain(|p| **p != *temporary);
    // A leftover that cannot be removed does no harm: nothing reads such names.
    let _ = temporary.close();
}

/// Removes every temporary file that is open: the last act of a run that a signal ends.
///
/// From here on no other is made and none gets its final name: whoever tries waits for the end.
pub fn remove_all() {
    let open = open_now();
    for path in &open.temporary {
        let _ = std::fs::remove_file(path);
    }
    for (path, sha256) in &open.aside {
        // What somebody wrote to it since, the next run finds.
        if super::replace::sha256_of(path).is_ok_and(|found| found.as_ref() == Some(sha256)) {
            let _ = std::fs::remove_file(path);
        }
    }
    std::mem::forget(open);
}
