//! What was read: every byte and every line of the sources, and what each line was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lines, and their bytes with their line ends, once inflated and decoded to UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Extent {
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Extent {
    fn and(self, other: Self) -> Self {
        Self { lines: self.lines.saturating_add(other.lines), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// What was read, of one source or of all. Every line is one of seven things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    /// Sources.
    pub sources: u64,
    /// Bytes as they came.
    pub bytes: u64,
    /// Bytes once inflated: the same where nothing was compressed.
    pub inflated_bytes: u64,
    /// Bytes once decoded to UTF-8: the same where all was UTF-8.
    pub text_bytes: u64,
    /// Of these the bytes of byte order marks, which are on no line.
    pub byte_order_mark_bytes: u64,
    /// Lines; the last of a source may lack its end.
    pub lines: u64,
    /// Lines skipped before the header.
    pub skipped: Extent,
    /// Lines of headers: one may span several.
    pub header: Extent,
    /// Lines without anything on them.
    pub blank: Extent,
    /// Comments.
    pub comments: Extent,
    /// Lines skipped after the last row.
    pub footer: Extent,
    /// Lines of records that break the form.
    pub rejected: Extent,
    /// Lines of rows.
    pub rows: Extent,
    /// Lines of rows after the first of each, where a row spans several.
    pub extra_lines: u64,
}

impl Read {
    /// This and what was read elsewhere.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = u64::saturating_add;
        Self {
            sources: sum(self.sources, other.sources),
            bytes: sum(self.bytes, other.bytes),
            inflated_bytes: sum(self.inflated_bytes, other.inflated_bytes),
            text_bytes: sum(self.text_bytes, other.text_bytes),
            byte_order_mark_bytes: sum(self.byte_order_mark_bytes, other.byte_order_mark_bytes),
            lines: sum(self.lines, other.lines),
            skipped: self.skipped.and(other.skipped),
            header: self.header.and(other.header),
            blank: self.blank.and(other.blank),
            comments: self.comments.and(other.comments),
            footer: self.footer.and(other.footer),
            rejected: self.rejected.and(other.rejected),
            rows: self.rows.and(other.rows),
            extra_lines: sum(self.extra_lines, other.extra_lines),
        }
    }

    /// Rows: lines of rows less those after the first of each.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.rows.lines.saturating_sub(self.extra_lines)
    }

    /// What every line was, in the order of a file, in the words of the manifest.
    #[must_use]
    pub fn went(&self) -> [(&'static str, Extent); 7] {
        [
            ("skipped", self.skipped),
            ("header", self.header),
            ("blank", self.blank),
            ("comments", self.comments),
            ("footer", self.footer),
            ("rejected", self.rejected),
            ("rows", self.rows),
        ]
    }

    /// Whether every line and every byte is somewhere.
    ///
    /// # Errors
    /// The numbers that do not add up.
    pub fn check(&self) -> Result<(), String> {
        let went = self.went();
        let all = went.iter().fold(Extent::default(), |all, (_, one)| all.and(*one));
        let parts = |of: fn(&Extent) -> u64| {
            went.iter().map(|(name, one)| format!("{} {name}", of(one))).collect::<Vec<_>>().join(" + ")
        };
        if all.lines != self.lines {
            let parts = parts(|one| one.lines);
            return Err(format!("{} lines read, but {parts} are {}", self.lines, all.lines));
        }
        let bytes = all.bytes.saturating_add(self.byte_order_mark_bytes);
        if bytes != self.text_bytes {
            let (parts, marks) = (parts(|one| one.bytes), self.byte_order_mark_bytes);
            return Err(format!(
                "{} bytes of text read, but {parts} + {marks} of byte order marks are {bytes}",
                self.text_bytes
            ));
        }
        if self.extra_lines > self.rows.lines {
            return Err(format!(
                "{} lines of rows, but {} after the first of each row",
                self.rows.lines, self.extra_lines
            ));
        }
        Ok(())
    }
}
