//! What the lines of a source are: every line, and every byte of it, is one of these.

use memchr::memchr_iter;

use crate::dialect::LineEnd;

/// Lines, and their bytes with their line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Lines; the last of a source may lack its end.
    pub lines: u64,
    /// Bytes, once inflated and decoded.
    pub bytes: u64,
}

impl Extent {
    /// All lines of `text`.
    pub(crate) fn of(text: &[u8], line_end: LineEnd) -> Self {
        Self { lines: lines_of(text, line_end), bytes: text.len() as u64 }
    }

    pub(crate) fn add(&mut self, lines: u64, bytes: usize) {
        self.lines += lines;
        self.bytes += bytes as u64;
    }

    /// This and another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { lines: self.lines + other.lines, bytes: self.bytes + other.bytes }
    }
}

/// Lines of `text`, of which the last may lack its end.
pub(crate) fn lines_of(text: &[u8], line_end: LineEnd) -> u64 {
    let partial = text.last().is_some_and(|last| *last != line_end.byte());
    memchr_iter(line_end.byte(), text).count() as u64 + u64::from(partial)
}

/// What a block held, or a source outside its blocks, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Lines before the header that were skipped as the dialect says.
    pub skipped: Extent,
    /// Lines of the header.
    pub header: Extent,
    /// Lines without anything on them.
    pub blank: Extent,
    /// Lines that are comments.
    pub comments: Extent,
    /// Lines after the last record, as many as the dialect says.
    pub footer: Extent,
    /// Lines of bad records.
    pub rejected: Extent,
    /// Lines of records.
    pub rows: Extent,
    /// Lines of records after the first of each.
    pub extra_lines: u64,
    /// Lines of blocks that end with a line feed alone, and with a carriage return before it.
    pub line_ends: [u64; 2],
}

impl Held {
    /// What this and another held.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            skipped: self.skipped.and(other.skipped),
            header: self.header.and(other.header),
            blank: self.blank.and(other.blank),
            comments: self.comments.and(other.comments),
            footer: self.footer.and(other.footer),
            rejected: self.rejected.and(other.rejected),
            rows: self.rows.and(other.rows),
            extra_lines: self.extra_lines + other.extra_lines,
            line_ends: [self.line_ends[0] + other.line_ends[0], self.line_ends[1] + other.line_ends[1]],
        }
    }

    /// All lines and all their bytes.
    #[must_use]
    pub fn total(self) -> Extent {
        let all = [self.skipped, self.header, self.blank, self.comments, self.footer, self.rejected];
        all.into_iter().fold(self.rows, Extent::and)
    }
}
