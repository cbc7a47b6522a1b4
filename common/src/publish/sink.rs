//! The bytes of an output: handed to the system, hashed, and synced early where they are many.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::early::EarlySync;
use crate::hash::Apart;

/// Outputs below so many bytes are written by the thread that makes them.
const LONG: u64 = 4 << 20;
/// Blocks that may wait to be written.
const WAITING: usize = 2;

/// A file that takes blocks in their order; a thread of its own writes what comes after the first [`LONG`] bytes.
pub(super) enum Sink {
    Here(Here),
    There(SyncSender<Vec<u8>>, JoinHandle<io::Result<Here>>),
    /// A write failed, and its error was told.
    Failed,
}

/// Where the bytes go.
pub(super) struct Here {
    file: File,
    bytes: u64,
    hash: Apart,
    /// Nothing where nobody asks for them to be on disk.
    early: Option<EarlySync>,
}

impl Here {
    fn write(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.file.write_all(&block)?;
        self.bytes += block.len() as u64;
        if let Some(early) = &mut self.early {
            early.wrote(&self.file, block.len());
        }
        self.hash.add(block);
        Ok(())
    }
}

impl Sink {
    /// A sink into a file; `is_synced` where its bytes will be synced.
    pub(super) fn new(file: File, is_synced: bool) -> Self {
        let early = is_synced.then(EarlySync::default);
        Self::Here(Here { file, bytes: 0, hash: Apart::default(), early })
    }

    /// Takes a block.
    ///
    /// # Errors
    /// Of this or an earlier write.
    pub(super) fn write(&mut self, block: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Here(here) => {
                here.write(block)?;
                if here.bytes >= LONG {
                    self.move_away();
                }
                Ok(())
            }
            Self::There(blocks, _) => {
                if blocks.send(block).is_ok() {
                    return Ok(());
                }
                self.end().and_then(|_| Err(gone()))
            }
            Self::Failed => Err(gone()),
        }
    }

    fn move_away(&mut self) {
        let (sender, blocks) = sync_channel::<Vec<u8>>(WAITING);
        let (give, given) = sync_channel::<Here>(1);
        let write = move || {
            let mut here = given.recv().map_err(|_| gone())?;
            blocks.iter().try_for_each(|block| here.write(block))?;
            Ok(here)
        };
        // Without a thread it goes on here.
        let Ok(thread) = std::thread::Builder::new().name("write".to_owned()).spawn(write) else { return };
        if let Self::Here(here) = std::mem::replace(self, Self::There(sender, thread)) {
            // The thread waits for it.
            let _ = give.send(here);
        }
    }

    /// Waits until all blocks are written.
    fn end(&mut self) -> io::Result<Here> {
        match std::mem::replace(self, Self::Failed) {
            Self::Here(here) => Ok(here),
            Self::There(blocks, thread) => {
                drop(blocks);
                thread.join().unwrap_or_else(|_| Err(gone()))
            }
            Self::Failed => Err(gone()),
        }
    }

    /// The file, and the hash of its bytes once it is known.
    ///
    /// # Errors
    /// Of any write or early sync.
    pub(super) fn finish(mut self) -> io::Result<(File, Apart)> {
        let Here { file, hash, early, .. } = self.end()?;
        early.map_or(Ok(()), EarlySync::finish)?;
        Ok((file, hash))
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread that writes ended")
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;
    use crate::hash::Hasher;

    #[test]
    fn a_long_output_has_its_blocks_in_their_order() {
        let mut file = tempfile::tempfile().unwrap();
        let mut sink = Sink::new(file.try_clone().unwrap(), true);
        let mut whole = Vec::new();
        for i in 0..90_u8 {
            let block = vec![i; 1_000_003];
            whole.extend_from_slice(&block);
            sink.write(block).unwrap();
            assert_eq!(matches!(sink, Sink::There(..)), i >= 4, "{i}");
        }
        let (_, hash) = sink.finish().unwrap();
        let mut hasher = Hasher::default();
        hasher.update(&whole);
        assert_eq!(hash.finish().unwrap().hex(), hasher.hex());
        let mut read = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut read).unwrap();
        assert!(read == whole);
    }

    #[test]
    fn a_write_that_fails_behind_is_told_by_a_later_one() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let here = Here { file: full, bytes: LONG, hash: Apart::default(), early: None };
        let mut sink = Sink::Here(here);
        sink.move_away();
        let failed = (0..100).find_map(|_| sink.write(vec![0; 10]).err());
        assert_eq!(failed.and_then(|e| e.raw_os_error()), Some(28));
        assert!(sink.write(vec![0]).is_err());
        assert!(sink.finish().is_err());
    }
}
