//! Hashing a long stream on a thread of its own.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::Hasher;

/// Streams below so many bytes are hashed where they are made.
const LONG: u64 = 4 << 20;
/// Blocks that may wait to be hashed.
const WAITING: usize = 4;

/// A hash of blocks in their order.
pub(crate) enum Apart {
    Here(Hasher),
    There(SyncSender<Vec<u8>>, JoinHandle<Hasher>),
}

impl Default for Apart {
    fn default() -> Self {
        Self::Here(Hasher::default())
    }
}

impl Apart {
    /// Adds a block.
    pub(crate) fn add(&mut self, block: Vec<u8>) {
        match self {
            Self::Here(hasher) => {
                hasher.update(&block);
                if hasher.bytes() >= LONG {
                    self.move_away();
                }
            }
            // The thread takes blocks for as long as there are any.
            Self::There(blocks, _) => drop(blocks.send(block)),
        }
    }

    fn move_away(&mut self) {
        let Self::Here(hasher) = self else { return };
        let mut hasher = hasher.clone();
        let (sender, blocks) = sync_channel::<Vec<u8>>(WAITING);
        let hash = move || {
            blocks.iter().for_each(|block| hasher.update(&block));
            hasher
        };
        // Without a thread it goes on here.
        if let Ok(thread) = std::thread::Builder::new().name("hash".to_owned()).spawn(hash) {
            *self = Self::There(sender, thread);
        }
    }

    /// The hash of all blocks; nothing where the thread ended before them.
    pub(crate) fn finish(self) -> Option<Hasher> {
        match self {
            Self::Here(hasher) => Some(hasher),
            Self::There(blocks, thread) => {
                drop(blocks);
                thread.join().ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stream_has_the_hash_of_its_bytes() {
        let block = |i: u8| vec![i; 1_000_000];
        let (mut apart, mut whole) = (Apart::default(), Hasher::default());
        for i in 0..9 {
            apart.add(block(i));
            whole.update(&block(i));
            assert_eq!(matches!(apart, Apart::There(..)), i >= 4, "{i}");
        }
        let hasher = apart.finish().unwrap();
        assert_eq!(hasher.bytes(), 9_000_000);
        assert_eq!(hasher.hex(), whole.hex());
    }
}
