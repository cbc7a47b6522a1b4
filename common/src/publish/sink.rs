//! The bytes of an output: handed to the system, hashed, and synced early where they are many.

use std::fs::File;
use std::io::{self, Write as _};

use super::behind::{Behind, Work};
use super::early::EarlySync;
use crate::hash::Hasher;

/// A file that takes blocks in their order, with the hash of its bytes.
pub(super) struct Sink {
    file: File,
    hash: Behind<Hasher>,
    /// Nothing where nobody asks for them to be on disk.
    early: Option<EarlySync>,
}

impl Sink {
    /// A sink into a file; `is_synced` where its bytes will be synced.
    pub(super) fn new(file: File, is_synced: bool) -> Self {
        let early = is_synced.then(EarlySync::default);
        Self { file, hash: Behind::new(Hasher::default()), early }
    }

    /// The file, and the hash of its bytes once it is known.
    ///
    /// # Errors
    /// Of any early sync.
    pub(super) fn finish(self) -> io::Result<(File, Behind<Hasher>)> {
        self.early.map_or(Ok(()), EarlySync::finish)?;
        Ok((self.file, self.hash))
    }
}

impl Work for Sink {
    const NAME: &'static str = "write";
    const WAITING: usize = 2;

    fn take(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.file.write_all(&block)?;
        if let Some(early) = &mut self.early {
            early.wrote(&self.file, block.len());
        }
        self.hash.add(block)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[test]
    fn a_long_output_has_its_blocks_in_their_order() {
        let mut file = tempfile::tempfile().unwrap();
        let mut sink = Behind::new(Sink::new(file.try_clone().unwrap(), true));
        let mut whole = Vec::new();
        for i in 0..90_u8 {
            let block = vec![i; 1_000_003];
            whole.extend_from_slice(&block);
            sink.add(block).unwrap();
            assert_eq!(matches!(sink, Behind::There(..)), i >= 4, "{i}");
        }
        let (_, hash) = sink.finish().unwrap().finish().unwrap();
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
        let mut sink = Behind::new(Sink::new(full, false));
        sink.move_away();
        let failed = (0..100).find_map(|_| sink.add(vec![0; 10]).err());
        assert_eq!(failed.and_then(|e| e.raw_os_error()), Some(28));
        assert!(sink.add(vec![0]).is_err());
        assert!(sink.finish().is_err());
    }
}
