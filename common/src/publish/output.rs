//! A file being written under a temporary name, and one that is complete and waits for its name.

use std::fs::File;
use std::io::{self, Seek as _, Write};
use std::path::PathBuf;

use tempfile::TempPath;

use super::behind::Behind;
use super::sink::Sink;
use super::target::Target;
use super::{make_parent, temps};
use crate::checkpoint;
use crate::error::{Class, Error, Result};

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 18;

/// A file being written; dropped unfinished, it is gone.
///
/// Where the file is long, threads of their own write, hash and sync what was made, in its order.
pub struct Output {
    sink: Behind<Sink>,
    buffer: Vec<u8>,
    place: Place,
}

/// A complete and synced file under its temporary name.
pub struct Written {
    place: Place,
    file: File,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Number of bytes.
    pub bytes: u64,
}

/// The temporary and the final name.
struct Place {
    temporary: Option<TempPath>,
    target: Target,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(path) = self.temporary.take() {
            temps::discard(path);
        }
    }
}

impl Output {
    /// Opens a new temporary file beside `target` (for standard output: one without a name, copied
    /// there when all is well), after removing what an earlier run that was killed left.
    ///
    /// # Errors
    /// [`Class::Write`] where the folder cannot be made or written.
    pub fn create(target: &Target) -> Result<Self> {
        let failed = |e: &io::Error| Error::write(target.shown(), e);
        let (file, temporary) = match target {
            Target::Stdout => (tempfile::tempfile().map_err(|e| failed(&e))?, None),
            Target::File(path) => {
                super::target::refuse_unless_regular(path)?;
                let folder = make_parent(path)?;
                let prefix = temps::prefix(path);
                temps::remove_stale(&folder, &prefix);
                let (file, temporary) = temps::create(&folder, &prefix).map_err(|e| failed(&e))?;
                (file, Some(temporary))
            }
        };
        let sink = Behind::new(Sink::new(file, temporary.is_some()));
        Ok(Self { sink, buffer: Vec::new(), place: Place { temporary, target: target.clone() } })
    }

    /// As [`Output::write_bytes`], without a copy where there are many.
    ///
    /// # Errors
    /// [`Class::Write`] with the path.
    pub fn write_block(&mut self, block: Vec<u8>) -> Result<()> {
        if block.len() < BUFFER {
            return self.write_bytes(&block);
        }
        let written = self.hand_over().and_then(|()| self.sink.add(block));
        written.map_err(|e| Error::write(self.place.target.shown(), &e))
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// [`Class::Write`] with the path.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|e| Error::write(self.place.target.shown(), &e))
    }

    /// Flushes, sets the mode and syncs: every byte is on disk when this returns.
    ///
    /// # Errors
    /// Of an input that is not what its manifest says; [`Class::Write`]: a failed sync is never tried again, since the kernel may have dropped the
    /// pages.
    pub fn finish(mut self) -> Result<Written> {
        // Nothing is complete that rests on an input which is not what it should be.
        checkpoint::settle()?;
        let handed_over = self.hand_over();
        let Self { sink, place, .. } = self;
        let failed = |e: &io::Error| Error::write(place.target.shown(), e);
        let (file, hash) = handed_over.and_then(|()| sink.finish()?.finish()).map_err(|e| failed(&e))?;
        if place.temporary.is_some() {
            file.set_permissions(temps::mode()).map_err(|e| failed(&e))?;
            file.sync_all().map_err(|e| failed(&e))?;
        }
        let hasher = hash.finish().map_err(|e| failed(&e))?;
        let bytes = hasher.bytes();
        Ok(Written { place, file, sha256: hasher.hex(), bytes })
    }

    /// Hands what was collected to the system.
    fn hand_over(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.buffer);
        if block.is_empty() { Ok(()) } else { self.sink.add(block) }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.hand_over()?;
        }
        if bytes.len() >= BUFFER {
            self.sink.add(bytes.to_vec())?;
        } else {
            if self.buffer.capacity() == 0 {
                self.buffer.reserve(BUFFER);
            }
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}

impl Written {
    /// Where it will go.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.place.target
    }

    /// Its temporary and its final path.
    ///
    /// # Errors
    /// Where it is standard output, which cannot be replaced.
    pub(super) fn into_places(mut self) -> Result<(TempPath, PathBuf)> {
        match (&self.place.target, self.place.temporary.take()) {
            (Target::File(path), Some(temporary)) => Ok((temporary, path.clone())),
            (target, _) => Err(Error::new(Class::Write, "is no file").at(target.shown())),
        }
    }

    /// Gives the file its final name and returns the folder, or copies it to standard output.
    pub(super) fn publish(mut self) -> Result<Option<PathBuf>> {
        match (&self.place.target, self.place.temporary.take()) {
            (Target::File(path), Some(temporary)) => {
                temps::rename(temporary, path).map_err(|e| Error::write(path, &e))?;
                Ok(Some(super::parent(path).to_path_buf()))
            }
            (target, _) => {
                let failed = |e: &io::Error| Error::write(target.shown(), e);
                self.file.rewind().map_err(|e| failed(&e))?;
                let mut out = io::stdout().lock();
                io::copy(&mut self.file, &mut out).and_then(|_| out.flush()).map_err(|e| failed(&e))?;
                Ok(None)
            }
        }
    }
}

/// Refuses an output that is one of the inputs, by whatever name.
///
/// # Errors
/// [`Class::Usage`] naming both.
pub fn refuse_same_file(target: &Target, input: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let Target::File(path) = target else { return Ok(()) };
    if let (Ok(a), Ok(b)) = (path.metadata(), input.metadata())
        && (a.dev(), a.ino()) == (b.dev(), b.ino())
    {
        return Err(
            Error::new(Class::Usage, "the output is also an input; name another file with -o").at(path)
        );
    }
    Ok(())
}
