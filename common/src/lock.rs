//! One run at a time: kernel locks on a file or folder that is open anyway.
//!
//! A kernel lock is free the moment its holder dies, however it dies, and leaves nothing behind.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Error, Result};

/// Takes the exclusive lock of `file`, waiting for another holder after saying so.
///
/// # Errors
/// Where the file system has no locks.
pub fn exclusive(file: &File, path: &Path, what: &str) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            log::warn!("waiting: another run of {what} holds this project");
            file.lock().map_err(|e| refused(path, &e))
        }
        Err(TryLockError::Error(e)) => Err(refused(path, &e)),
    }
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::unexpected(format!("cannot lock: {error}")).at(path)
}
