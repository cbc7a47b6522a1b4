//! Whole records of a CSV file, a piece at a time.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr2_iter, memrchr};

use crate::error::{Error, Result};

/// Bytes read at a time. Batches are as long, whatever the machine: they may show in what is written of them.
const PIECE: usize = 8 << 20;

/// The pieces of a file, each of whole records.
pub(super) struct Pieces {
    path: PathBuf,
    file: File,
    rest: Vec<u8>,
    ended: bool,
}

impl Pieces {
    pub(super) fn new(path: &Path, mut file: File) -> Result<Self> {
        file.rewind().map_err(|e| Error::read(path, &e))?;
        Ok(Self { path: path.to_path_buf(), file, rest: Vec::new(), ended: false })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the last piece was the last.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The next piece that ends with the end of a record; empty at the end of the file.
    pub(super) fn next(&mut self) -> Result<Vec<u8>> {
        let mut piece = std::mem::take(&mut self.rest);
        while !self.ended {
            piece.reserve(PIECE);
            let read = (&mut self.file).take(PIECE as u64).read_to_end(&mut piece);
            let read = read.map_err(|e| Error::read(&self.path, &e))?;
            if read < PIECE {
                self.ended = true;
            } else if let Some(end) = last_record_end(&piece) {
                self.rest = piece.split_off(end);
                break;
            }
        }
        Ok(piece)
    }
}

/// The end of the last whole record of `piece`, which begins at the start of one. A line end inside
/// quotes is no end; quotes are balanced in our own form, so parity tells.
fn last_record_end(piece: &[u8]) -> Option<usize> {
    if memchr(b'"', piece).is_none() {
        return memrchr(b'\n', piece).map(|at| at + 1);
    }
    record_ends(piece).last()
}

/// The ends of all records.
fn record_ends(piece: &[u8]) -> impl Iterator<Item = usize> {
    let mut quoted = false;
    memchr2_iter(b'"', b'\n', piece).filter_map(move |at| {
        if piece[at] == b'"' {
            quoted = !quoted;
            return None;
        }
        (!quoted).then_some(at + 1)
    })
}

/// `piece` cut at ends of records into `count` ranges at most, of about one length.
pub(super) fn cut(piece: &[u8], count: usize) -> Vec<Range<usize>> {
    let share = piece.len().div_ceil(count.max(1)).max(1);
    let mut starts = vec![0];
    if count > 1 && memchr(b'"', piece).is_none() {
        for target in (share..piece.len()).step_by(share) {
            if let Some(at) = memchr(b'\n', &piece[target..]) {
                starts.push(target + at + 1);
            }
        }
    } else if count > 1 {
        let mut target = share;
        for end in record_ends(piece) {
            if end >= target {
                starts.push(end);
                target = (end / share + 1) * share;
            }
        }
    }
    starts.dedup();
    starts.push(piece.len());
    starts.windows(2).map(|ends| ends[0]..ends[1]).filter(|range| !range.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_ends_with_the_last_whole_record() {
        assert_eq!(last_record_end(b"a,b\n1,2\n3"), Some(8));
        assert_eq!(last_record_end(b"a,b\n1,\"x\ny\"\n\"3\n"), Some(12));
        assert_eq!(last_record_end(b"abc"), None);
    }

    #[test]
    fn cuts_lie_at_ends_of_records_and_leave_nothing_out() {
        let plain: Vec<u8> = (0..100).flat_map(|i| format!("{i},{}\n", i * i).into_bytes()).collect();
        let quoted: Vec<u8> = (0..100).flat_map(|i| format!("{i},\"a\n\"\"{i}\"\n").into_bytes()).collect();
        for text in [plain, quoted] {
            let ends: Vec<usize> = record_ends(&text).collect();
            assert_eq!(ends.len(), 100);
            for count in [1, 2, 3, 7, 64, 1000] {
                let cuts = cut(&text, count);
                assert!(cuts.len() <= count, "{count}");
                assert!(cuts.iter().all(|range| ends.contains(&range.end)));
                let all: Vec<u8> = cuts.iter().flat_map(|range| text[range.clone()].to_vec()).collect();
                assert_eq!(all, text);
            }
        }
        assert!(cut(b"", 4).is_empty());
    }
}
