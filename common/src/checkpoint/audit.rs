//! Inputs that are hashed while they are read.
//!
//! A long checkpoint is compared with its manifest on a thread of its own. No output is complete before every such thread
//! has ended well, and where a stage fails, the failure of an input comes before its own.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::error::{Error, Result};
use crate::hash;

static UNDER_WAY: Mutex<Vec<JoinHandle<Result<()>>>> = Mutex::new(Vec::new());

/// Hashes `file` apart and has `judge` look at SHA-256 and number of bytes; here and now where there is no thread.
pub(super) fn begin(
    file: &File,
    judge: impl FnOnce(io::Result<(String, u64)>) -> Result<()> + Send + 'static,
) -> Result<()> {
    let mut own = match file.try_clone() {
        Ok(file) => FromStart { file, at: 0 },
        Err(e) => return judge(Err(e)),
    };
    let work = move || judge(hash::of_reader(&mut own));
    let thread = std::thread::Builder::new().name("audit".to_owned()).spawn(work);
    let thread = thread.map_err(|e| Error::unexpected(format!("cannot begin to check an input: {e}")))?;
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
    Ok(())
}

/// Waits until all inputs that were opened have been compared with their manifests.
///
/// # Errors
/// [`crate::Class::Checkpoint`] where one is not what its manifest says; told once.
pub(crate) fn settle() -> Result<()> {
    let threads = std::mem::take(&mut *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner));
    let ended = threads.into_iter().map(|thread| {
        thread.join().unwrap_or_else(|_| Err(Error::unexpected("the check of an input ended")))
    });
    // All of them, so that none is left behind the first failure.
    ended.fold(Ok(()), Result::and)
}

/// A file from its start, whoever else moves in it.
struct FromStart {
    file: File,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(bytes, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
