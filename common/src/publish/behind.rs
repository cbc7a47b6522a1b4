//! Work on the blocks of a stream, in their order; where the stream is long, on a thread of its own.

use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use crate::hash::Hasher;

/// Streams below so many bytes are worked on where they are made.
const LONG: u64 = 4 << 20;

/// What is done with each block.
pub(super) trait Work: Send + 'static {
    /// That of the thread.
    const NAME: &'static str;
    /// Blocks that may wait for it.
    const WAITING: usize;

    fn take(&mut self, block: Vec<u8>) -> io::Result<()>;
}

impl Work for Hasher {
    const NAME: &'static str = "hash";
    const WAITING: usize = 4;

    fn take(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.update(&block);
        Ok(())
    }
}

/// Work that takes what comes after the first [`LONG`] bytes on a thread of its own.
pub(super) enum Behind<W> {
    /// With the bytes so far.
    Here(W, u64),
    There(SyncSender<Vec<u8>>, JoinHandle<io::Result<W>>),
    /// It failed, and its error was told.
    Failed,
}

impl<W: Work> Behind<W> {
    pub(super) fn new(work: W) -> Self {
        Self::Here(work, 0)
    }

    /// Adds a block.
    ///
    /// # Errors
    /// Of the work on this or an earlier block.
    pub(super) fn add(&mut self, block: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Here(work, bytes) => {
                *bytes += block.len() as u64;
                work.take(block)?;
                if *bytes >= LONG {
                    self.move_away();
                }
                Ok(())
            }
            Self::There(blocks, _) => {
                if blocks.send(block).is_ok() {
                    return Ok(());
                }
                self.end().and_then(|_| Err(gone::<W>()))
            }
            Self::Failed => Err(gone::<W>()),
        }
    }

    pub(super) fn move_away(&mut self) {
        let (sender, blocks) = sync_channel::<Vec<u8>>(W::WAITING);
        let (give, given) = sync_channel::<W>(1);
        let run = move || {
            let mut work = given.recv().map_err(|_| gone::<W>())?;
            blocks.iter().try_for_each(|block| work.take(block))?;
            Ok(work)
        };
        // Without a thread it goes on here.
        let Ok(thread) = Builder::new().name(W::NAME.to_owned()).spawn(run) else { return };
        if let Self::Here(work, _) = std::mem::replace(self, Self::There(sender, thread)) {
            // The thread waits for it.
            let _ = give.send(work);
        }
    }

    /// Waits until all blocks are worked on.
    fn end(&mut self) -> io::Result<W> {
        match std::mem::replace(self, Self::Failed) {
            Self::Here(work, _) => Ok(work),
            Self::There(blocks, thread) => {
                drop(blocks);
                thread.join().unwrap_or_else(|_| Err(gone::<W>()))
            }
            Self::Failed => Err(gone::<W>()),
        }
    }

    /// The work once it is done.
    ///
    /// # Errors
    /// Of the work on any block.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.end()
    }
}

fn gone<W: Work>() -> io::Error {
    io::Error::other(format!("the thread `{}` ended", W::NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stream_has_the_hash_of_its_bytes() {
        let block = |i: u8| vec![i; 1_000_000];
        let (mut apart, mut whole) = (Behind::new(Hasher::default()), Hasher::default());
        for i in 0..9 {
            apart.add(block(i)).unwrap();
            whole.update(&block(i));
            assert_eq!(matches!(apart, Behind::There(..)), i >= 4, "{i}");
        }
        let hasher = apart.finish().unwrap();
        assert_eq!(hasher.bytes(), 9_000_000);
        assert_eq!(hasher.hex(), whole.hex());
    }
}
