//! Temporary files: their names, their mode, and their removal when a signal ends the run.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::fs::Mode;
use rustix::process::umask;

static UMASK: OnceLock<u32> = OnceLock::new();
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

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
    remember_umask();
    Permissions::from_mode(0o666 & !UMASK.get().copied().unwrap_or(0o022))
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
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(prefix) && !open.contains(&path) {
            // A leftover that cannot be removed does no harm: nothing reads such names.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Remembers a temporary file that is open.
pub(super) fn opened(path: &Path) {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_path_buf());
}

/// Forgets a temporary file that was renamed or removed.
pub(super) fn closed(path: &Path) {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).retain(|p| p != path);
}

/// Removes every temporary file that is open: the last act of a run that a signal ends.
pub fn remove_all() {
    for path in OPEN.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = std::fs::remove_file(path);
    }
}
