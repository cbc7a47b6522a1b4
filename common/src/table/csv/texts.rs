//! The cells of a CSV file as text that is not copied.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memchr::{memchr, memchr_iter};

use super::columns::end_of_cell;
use super::pieces::{Pieces, cut};
use super::{CsvBatches, Source, header};
use crate::error::{Error, Result};
use crate::text;

/// Bytes that one thread takes at a time, whatever the machine.
const SHARE: usize = 1 << 18;

/// The text of a CSV file, a piece at a time.
pub(in crate::table) struct CsvTexts {
    pieces: Pieces,
    shape: Arc<Shape>,
    first: bool,
}

/// Columns of a file and which of them are wanted.
struct Shape {
    names: Vec<String>,
    /// Positions of the columns that are picked, in their order.
    picked: Vec<usize>,
}

/// Some whole records of a piece, not looked at yet.
pub(in crate::table) struct Share {
    piece: Arc<Vec<u8>>,
    range: Range<usize>,
    shape: Arc<Shape>,
}

/// Records cut into cells.
pub(in crate::table) struct Cut<'a> {
    /// Cells, each followed by one byte that is none of it.
    text: Cow<'a, str>,
    /// Where each cell of all columns ends, row by row; before them all the byte before the first.
    ends: Vec<u32>,
    columns: usize,
    picked: &'a [usize],
    rows: usize,
}

/// What is wrong with a row of a share, from 0.
pub(in crate::table) struct Fault {
    pub(in crate::table) row: u64,
    pub(in crate::table) what: String,
}

impl CsvBatches {
    /// The same table as text; nothing where some of it was read already.
    pub(in crate::table) fn into_texts(self, picked: &[String]) -> Option<CsvTexts> {
        let Source::Closed(Some(batches)) = self.source else { return None };
        let names: Vec<String> = batches.fields.iter().map(|field| field.name.clone()).collect();
        let picked = (0..names.len()).filter(|at| picked.contains(&names[*at])).collect();
        Some(CsvTexts {
            pieces: batches.pieces,
            shape: Arc::new(Shape { names, picked }),
            first: batches.first,
        })
    }
}

impl CsvTexts {
    pub(in crate::table) fn path(&self) -> &Path {
        self.pieces.path()
    }

    /// The next piece, in shares; nothing at the end.
    pub(in crate::table) fn next(&mut self) -> Result<Option<Vec<Share>>> {
        let mut piece = self.pieces.next()?;
        let mut begin = 0;
        if std::mem::take(&mut self.first) {
            let (names, length) = header(self.pieces.path(), &piece)?;
            if names != self.shape.names {
                return Err(
                    Error::checkpoint("the header is not what its manifest says").at(self.pieces.path())
                );
            }
            begin = length;
            if piece.len() == length && !self.pieces.ended() {
                (piece, begin) = (self.pieces.next()?, 0);
            }
        }
        if piece.len() == begin {
            return Ok(None);
        }
        let ranges = cut(&piece[begin..], (piece.len() - begin).div_ceil(SHARE));
        let piece = Arc::new(piece);
        let share = |range: Range<usize>| Share {
            piece: Arc::clone(&piece),
            range: range.start + begin..range.end + begin,
            shape: Arc::clone(&self.shape),
        };
        Ok(Some(ranges.into_iter().map(share).collect()))
    }
}

impl Share {
    /// Cuts the records into cells.
    ///
    /// # Errors
    /// The first row that is none of the table.
    pub(in crate::table) fn cut(&self) -> std::result::Result<Cut<'_>, Fault> {
        let part = &self.piece[self.range.clone()];
        let text = std::str::from_utf8(part).map_err(|e| {
            let row = memchr_iter(b'\n', &part[..e.valid_up_to()]).count();
            Fault { row: row as u64, what: "is not UTF-8".to_owned() }
        })?;
        if u32::try_from(text.len()).is_err() {
            return Err(Fault { row: 0, what: "is longer than 4 GiB".to_owned() });
        }
        let columns = self.shape.names.len();
        let mut ends = Vec::with_capacity(text.len() / 6 + columns);
        // The byte after it is the first.
        ends.push(u32::MAX);
        let text = if memchr(b'"', part).is_none() {
            self.cut_plain(part, &mut ends)?;
            Cow::Borrowed(text)
        } else {
            Cow::Owned(self.cut_quoted(text, &mut ends)?)
        };
        let rows = (ends.len() - 1) / columns.max(1);
        Ok(Cut { text, ends, columns, picked: &self.shape.picked, rows })
    }

    /// Cuts records without quotes, eight bytes at a time.
    fn cut_plain(&self, part: &[u8], ends: &mut Vec<u32>) -> std::result::Result<(), Fault> {
        let columns = self.shape.names.len();
        let mut number = 0;
        let mut end = |at: usize, ends: &mut Vec<u32>| {
            let is_last = number + 1 == columns;
            if is_last == (part[at] == b',') {
                return Err(self.fault(ends.len() - 1, number));
            }
            number = if is_last { 0 } else { number + 1 };
            ends.push(position(at));
            Ok(())
        };
        let mut words = part.chunks_exact(8);
        let mut at = 0;
        for word in &mut words {
            let mut eight = [0; 8];
            eight.copy_from_slice(word);
            let mut marks = ends_in(u64::from_le_bytes(eight));
            while marks != 0 {
                end(at + marks.trailing_zeros() as usize / 8, ends)?;
                marks &= marks - 1;
            }
            at += 8;
        }
        for (byte, more) in words.remainder().iter().zip(0..) {
            if matches!(byte, b',' | b'\n') {
                end(at + more, ends)?;
            }
        }
        self.last_line(part, number, ends)
    }

    /// The last record may lack its line end.
    fn last_line(&self, part: &[u8], number: usize, ends: &mut Vec<u32>) -> std::result::Result<(), Fault> {
        if number + 1 == self.shape.names.len() && part.last() != Some(&b'\n') {
            ends.push(position(part.len()));
        } else if number != 0 || part.last() != Some(&b'\n') {
            return Err(self.fault(ends.len() - 1, number));
        }
        Ok(())
    }

    /// Cuts records of which some cells are in quotes; returns the text without these.
    fn cut_quoted(&self, text: &str, ends: &mut Vec<u32>) -> std::result::Result<String, Fault> {
        let (bytes, columns) = (text.as_bytes(), self.shape.names.len());
        let mut out = String::with_capacity(text.len());
        let (mut at, mut number) = (0, 0);
        loop {
            let row = (ends.len() - 1) / columns;
            let fault = |what: String| Fault { row: row as u64, what };
            let end = end_of_cell(bytes, at).ok_or_else(|| fault("a quote is not closed".to_owned()))?;
            if bytes.get(at) == Some(&b'"') {
                if !matches!(bytes.get(end), None | Some(b',' | b'\n')) {
                    let name = text::name(&self.shape.names[number]);
                    return Err(fault(format!("text after a closing quote in column {name}")));
                }
                // What stands between doubled quotes, each pair of which is one.
                for (between, i) in text[at + 1..end - 1].split("\"\"").zip(0u64..) {
                    if i > 0 {
                        out.push('"');
                    }
                    out.push_str(between);
                }
            } else {
                out.push_str(&text[at..end]);
            }
            ends.push(position(out.len()));
            out.push('\n');
            let is_last = number + 1 == columns;
            match bytes.get(end) {
                Some(b',') if !is_last => (at, number) = (end + 1, number + 1),
                Some(b'\n') if is_last => (at, number) = (end + 1, 0),
                None if is_last => return Ok(out),
                _ => return Err(self.fault(ends.len() - 2, number)),
            }
            if number == 0 && at == bytes.len() {
                return Ok(out);
            }
        }
    }

    /// A record that ends after, or goes on beyond, its cell `number`; `before` cells were whole.
    fn fault(&self, before: usize, number: usize) -> Fault {
        let columns = self.shape.names.len();
        let expected = text::count(columns as u64, "cell");
        let found = if number + 1 == columns { "more".to_owned() } else { (number + 1).to_string() };
        Fault { row: (before / columns.max(1)) as u64, what: format!("has {found}, expected {expected}") }
    }
}

impl Cut<'_> {
    /// Number of rows.
    pub(in crate::table) fn rows(&self) -> usize {
        self.rows
    }

    /// The cell in `row` of the picked column `number`.
    #[inline]
    pub(in crate::table) fn cell(&self, row: usize, number: usize) -> &str {
        let at = row * self.columns + self.picked[number];
        &self.text[self.ends[at].wrapping_add(1) as usize..self.ends[at + 1] as usize]
    }
}

/// A place in a share, which is shorter than 4 GiB.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "checked for the share as a whole")]
fn position(at: usize) -> u32 {
    at as u32
}

/// The highest bit of every byte that ends a cell.
#[inline]
fn ends_in(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const LOW: u64 = ONES * 0x7f;
    let zeros = |word: u64| !(((word & LOW) + LOW) | word | LOW);
    zeros(word ^ (ONES * u64::from(b','))) | zeros(word ^ (ONES * u64::from(b'\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str, columns: usize) -> Share {
        let names = ('a'..).take(columns).map(String::from).collect();
        let shape = Arc::new(Shape { names, picked: (0..columns).collect() });
        Share { range: 0..text.len(), piece: Arc::new(text.as_bytes().to_vec()), shape }
    }

    fn cells(text: &str, columns: usize) -> std::result::Result<Vec<Vec<String>>, (u64, String)> {
        let share = share(text, columns);
        let cut = share.cut().map_err(|fault| (fault.row, fault.what))?;
        let row = |row| (0..columns).map(|column| cut.cell(row, column).to_owned()).collect();
        Ok((0..cut.rows()).map(row).collect())
    }

    #[test]
    fn cells_with_and_without_quotes_by_hand() {
        let plain = cells("a,bb,\n,,é\nlonger than eight,1,-2.5\n", 3).unwrap();
        assert_eq!(plain, [["a", "bb", ""], ["", "", "é"], ["longer than eight", "1", "-2.5"]]);
        let quoted = cells("\"a,\"\"b\"\"\n\",\"\"\nx,\"\"\"\"", 2).unwrap();
        assert_eq!(quoted, [["a,\"b\"\n", ""], ["x", "\""]]);
        assert_eq!(cells("1\n2", 1).unwrap(), [["1"], ["2"]]);
        assert_eq!(cells("1,\n2,", 2).unwrap(), [["1", ""], ["2", ""]]);
    }

    #[test]
    fn a_row_of_another_length_is_named() {
        for quote in ["", "\"q\",1\n"] {
            let rows = u64::from(!quote.is_empty());
            let found = |text: &str| cells(&format!("{quote}{text}"), 2).unwrap_err();
            assert_eq!(found("1,2\n3\n"), (rows + 1, "has 1, expected 2 cells".to_owned()));
            assert_eq!(found("1,2,3\n"), (rows, "has more, expected 2 cells".to_owned()));
            assert_eq!(found("1,2\n3"), (rows + 1, "has 1, expected 2 cells".to_owned()));
            assert_eq!(found("1,2\n\n3,4\n"), (rows + 1, "has 1, expected 2 cells".to_owned()));
        }
        assert_eq!(cells("1,\"2", 2).unwrap_err(), (0, "a quote is not closed".to_owned()));
        let after = (1, "text after a closing quote in column `b`".to_owned());
        assert_eq!(cells("1,2\n1,\"2\"x\n", 2).unwrap_err(), after);
    }

    #[test]
    fn ends_are_found_in_any_bytes() {
        let mut state = 1u64;
        for _ in 0..10_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Often a comma, a line end, or a byte beside them.
            let bytes = state
                .to_be_bytes()
                .map(|byte| if byte < 128 { b"\n,+-\x0b\t\xac\x8a"[usize::from(byte) % 8] } else { byte });
            let expected = bytes.map(|byte| if matches!(byte, b',' | b'\n') { 0x80 } else { 0 });
            assert_eq!(ends_in(u64::from_le_bytes(bytes)), u64::from_le_bytes(expected));
        }
    }
}
