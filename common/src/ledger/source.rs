//! What was read of one source, as `found.sources` has it: in few words, for there may be many sources.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::is_zero;
use super::read::{Extent, Read};

/// Bytes and lines of one source; what is usual is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRead {
    /// Rows.
    pub rows: u64,
    /// Lines of records that break the form.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rejected: u64,
    /// Bytes as they came.
    pub bytes: u64,
    /// Bytes once inflated, of a compressed source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inflated_bytes: Option<u64>,
    /// Bytes as UTF-8, of a source in another encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_bytes: Option<u64>,
    /// Lines.
    pub lines: u64,
    /// Lines skipped before the header.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped_lines: u64,
    /// Lines of the header; left out where it is one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub header_lines: u64,
    /// Lines without anything on them.
    pub blank_lines: u64,
    /// Comments.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub comment_lines: u64,
    /// Lines skipped after the last row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub footer_lines: u64,
    /// Lines of rows after the first of each.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub extra_lines: u64,
}

const fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_one(n: &u64) -> bool {
    *n == 1
}

impl SourceRead {
    /// The short form of what was read of one source that gave `rows`.
    #[must_use]
    pub fn of(read: &Read, rows: u64, is_compressed: bool, is_decoded: bool) -> Self {
        Self {
            rows,
            rejected: read.rejected.lines,
            bytes: read.bytes,
            inflated_bytes: is_compressed.then_some(read.inflated_bytes),
            text_bytes: is_decoded.then_some(read.text_bytes),
            lines: read.lines,
            skipped_lines: read.skipped.lines,
            header_lines: read.header.lines,
            blank_lines: read.blank.lines,
            comment_lines: read.comments.lines,
            footer_lines: read.footer.lines,
            extra_lines: read.extra_lines,
        }
    }

    /// What it says of the whole; it has no bytes of each kind of line.
    fn expand(&self) -> Read {
        let of = |lines| Extent { lines, bytes: 0 };
        let inflated_bytes = self.inflated_bytes.unwrap_or(self.bytes);
        Read {
            sources: 1,
            bytes: self.bytes,
            inflated_bytes,
            text_bytes: self.text_bytes.unwrap_or(inflated_bytes),
            byte_order_mark_bytes: 0,
            lines: self.lines,
            skipped: of(self.skipped_lines),
            header: of(self.header_lines),
            blank: of(self.blank_lines),
            comments: of(self.comment_lines),
            footer: of(self.footer_lines),
            rejected: of(self.rejected),
            rows: of(self.rows.saturating_add(self.extra_lines)),
            extra_lines: self.extra_lines,
        }
    }
}

/// Whether the sources, as a manifest lists them, add up to what was read in all.
///
/// # Errors
/// The first numbers that do not.
pub(super) fn check(read: &Read, sources: &[Value]) -> Result<(), String> {
    let mut all = Read::default();
    for (source, number) in sources.iter().zip(0..) {
        let one = SourceRead::deserialize(source).map_err(|e| format!("source {number}: {e}"))?.expand();
        let lines = one.went().iter().fold(0, |sum: u64, (_, of)| sum.saturating_add(of.lines));
        if lines != one.lines {
            return Err(format!(
                "source {number} has {} lines, but what they are adds up to {lines}",
                one.lines
            ));
        }
        all = all.and(one);
    }
    let figures = |read: &Read| {
        let totals = [
            ("sources", read.sources),
            ("bytes", read.bytes),
            ("bytes once inflated", read.inflated_bytes),
            ("bytes as UTF-8", read.text_bytes),
            ("lines", read.lines),
            ("lines of rows after the first", read.extra_lines),
        ];
        totals.into_iter().chain(read.went().map(|(name, of)| (name, of.lines)))
    };
    match figures(&all).zip(figures(read)).find(|((_, sum), (_, total))| sum != total) {
        Some(((name, sum), (_, total))) => {
            Err(format!("its sources add up to {sum} {name}, the ledger has {total}"))
        }
        None => Ok(()),
    }
}
