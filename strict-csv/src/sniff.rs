//! Finding what nobody told of a dialect, from the beginning of a source.
//!
//! What is found is only ever a way to read the source strictly: where the beginning misleads, the
//! records after it break the form and are named. Where two ways fit equally well, neither is taken.

use std::fmt;

use memchr::memchr_iter;

use crate::dialect::{Dialect, LineEnd};
use crate::encoding::Encoding;
use crate::limits::Limits;
use crate::record::Splitter;
use crate::walk::{End, Form};

/// Bytes of the beginning that tell enough.
pub const HEAD_BYTES: usize = 1 << 18;

/// The head is the limit.
const LIMITS: Limits = Limits {
    field_bytes: HEAD_BYTES,
    record_bytes: HEAD_BYTES,
    columns: HEAD_BYTES,
    name_bytes: HEAD_BYTES,
    block_bytes: HEAD_BYTES,
};

/// Delimiters that are looked for.
const CANDIDATES: [u8; 4] = *b",;\t|";

/// What else may part the cells of a source that seems to have one column. Too common in text to be
/// taken without being told.
const SUSPECTS: [u8; 7] = [b' ', b':', b'^', b'~', 0x01, 0x1e, 0x1f];

/// The parts of a dialect that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Character encoding.
    pub encoding: Option<Encoding>,
    /// What parts cells.
    pub delimiter: Option<u8>,
    /// What quotes cells; `Some(None)` says that nothing does.
    pub quote: Option<Option<u8>>,
    /// What escapes a character in a quoted cell.
    pub escape: Option<u8>,
    /// How lines that are comments begin.
    pub comment: Option<String>,
    /// Lines before the header.
    pub skip_lines: Option<u64>,
    /// Lines after the last record.
    pub footer_lines: Option<u64>,
    /// Whether there is a header.
    pub header: Option<bool>,
}

/// Why a dialect cannot be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Each of these parts the source into as many columns on every line.
    Delimiters(Vec<u8>),
    /// One column, in which this seems to part several.
    OneColumn(u8),
    /// A file of another kind.
    NotText(&'static str),
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delimiters(found) => {
                let names: Vec<String> = found.iter().map(|d| name(*d)).collect();
                write!(
                    f,
                    "cells could be parted by {}; say which, as in `delimiter = \";\"`",
                    names.join(" or by ")
                )
            }
            Self::OneColumn(found) => write!(
                f,
                "one column, whose cells seem to hold several parted by {}; give the `delimiter`",
                name(*found)
            ),
            Self::NotText(kind) => write!(f, "is {kind}"),
        }
    }
}

/// A delimiter in words.
#[must_use]
pub fn name(delimiter: u8) -> String {
    match delimiter {
        b',' => "commas".to_owned(),
        b';' => "semicolons".to_owned(),
        b'\t' => "tabs".to_owned(),
        b'|' => "bars".to_owned(),
        b' ' => "blanks".to_owned(),
        b':' => "colons".to_owned(),
        other => format!("`{}`", other.escape_ascii()),
    }
}

/// Refuses what its first bytes show to be no text.
///
/// # Errors
/// [`Unclear::NotText`].
pub fn refuse_other_kinds(head: &[u8]) -> Result<(), Unclear> {
    let kinds: [(&[u8], &str); 9] = [
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook; save it as CSV"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV"),
        (b"%PDF-", "a PDF document"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"BZh", "a bzip2 archive; use gzip or zstd"),
        (b"\xfd7zXZ\0", "an xz archive; use gzip or zstd"),
        (
            b"version https://git-lfs.github.com/spec/",
            "a Git LFS pointer, not the file it stands for; run `git lfs pull`",
        ),
    ];
    let found = kinds.into_iter().find(|(mark, _)| head.starts_with(mark));
    found.map_or(Ok(()), |(_, kind)| Err(Unclear::NotText(kind)))
}

/// The dialect of a source that begins with `head`, all of it where `whole`; its encoding is known.
///
/// # Errors
/// [`Unclear`] where the source could be read in more than one way.
pub fn find(head: &[u8], whole: bool, encoding: Encoding, told: &Told) -> Result<Dialect, Unclear> {
    refuse_other_kinds(head)?;
    let plain = Dialect::default();
    let mut dialect = Dialect {
        encoding,
        delimiter: told.delimiter.unwrap_or(plain.delimiter),
        quote: told.quote.unwrap_or(plain.quote),
        escape: told.escape,
        comment: told.comment.clone(),
        line_end: LineEnd::Lf,
        skip_lines: told.skip_lines.unwrap_or(0),
        footer_lines: told.footer_lines.unwrap_or(0),
        header: told.header.unwrap_or(true),
    };
    dialect.line_end = line_end(after_lines(head, dialect.skip_lines), whole, dialect.quote);
    if told.skip_lines.is_none() && separator_line(head, &dialect).is_some_and(|d| told.delimiter == Some(d))
    {
        dialect.skip_lines = 1;
    }
    if told.delimiter.is_some() {
        refuse_one_column(records_of(head, whole, &dialect), whole, &dialect)?;
        return Ok(dialect);
    }
    if told.skip_lines.is_none()
        && let Some(delimiter) = separator_line(head, &dialect)
    {
        return Ok(Dialect { delimiter, skip_lines: 1, ..dialect });
    }
    let head = records_of(head, whole, &dialect);
    dialect.delimiter = delimiter(head, whole, &dialect)?;
    Ok(dialect)
}

/// `head` after so many lines, whatever ends them.
fn after_lines(mut head: &[u8], lines: u64) -> &[u8] {
    for _ in 0..lines {
        let Some(at) = memchr::memchr2(b'\n', b'\r', head) else { return &[] };
        let end = if head[at..].starts_with(b"\r\n") { at + 2 } else { at + 1 };
        head = &head[end..];
    }
    head
}

/// Carriage returns end lines where no line feed outside quotes does; anywhere, where the quotes of a whole
/// source are odd, as after one in a line that is to be skipped.
fn line_end(head: &[u8], whole: bool, quote: Option<u8>) -> LineEnd {
    let mut quoted = false;
    let mut returns = false;
    for byte in head {
        match byte {
            b if Some(*b) == quote => quoted = !quoted,
            b'\n' if !quoted => return LineEnd::Lf,
            b'\r' if !quoted => returns = true,
            _ => {}
        }
    }
    match returns {
        _ if quoted && whole => line_end(head, whole, None),
        true => LineEnd::Cr,
        false => LineEnd::Lf,
    }
}

/// The delimiter that a first line such as `sep=;` names, as spreadsheets write it.
fn separator_line(head: &[u8], dialect: &Dialect) -> Option<u8> {
    let line = head.split(|b| matches!(b, b'\n' | b'\r')).next()?;
    let line = line.strip_prefix(b"\"").and_then(|l| l.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep")
                && (delimiter.is_ascii_punctuation() || matches!(delimiter, b'\t' | b' '))
                && Some(*delimiter) != dialect.quote
                && Some(*delimiter) != dialect.escape =>
        {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// `head` without the lines to skip, those at its end that may be a footer, and one cut off.
fn records_of<'a>(head: &'a [u8], whole: bool, dialect: &Dialect) -> &'a [u8] {
    let end = dialect.line_end.byte();
    let times = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let start = match dialect.skip_lines {
        0 => 0,
        n => memchr_iter(end, head).nth(times(n) - 1).map_or(head.len(), |at| at + 1),
    };
    let head = &head[start..];
    let partial = head.last().is_some_and(|b| *b != end);
    let dropped =
        if whole && !partial { dialect.footer_lines } else { dialect.footer_lines.max(u64::from(!whole)) };
    if dropped == 0 {
        return head;
    }
    let before = if partial { times(dropped) - 1 } else { times(dropped) };
    memchr::memrchr_iter(end, head).nth(before).map_or(&[], |at| &head[..=at])
}

/// How a delimiter parts the records of a head.
#[derive(Clone, Copy, Debug)]
struct Parted {
    delimiter: u8,
    /// Cells of the first record.
    columns: usize,
    /// Whether all records have as many, and have the right form.
    consistent: bool,
    records: usize,
    /// Records that have as many.
    agreeing: usize,
    /// Lines that begin no record of the right form.
    broken: usize,
}

fn delimiter(head: &[u8], whole: bool, dialect: &Dialect) -> Result<u8, Unclear> {
    let parted = CANDIDATES.map(|delimiter| part(head, whole, &Dialect { delimiter, ..dialect.clone() }));
    let fits: Vec<u8> =
        parted.iter().filter(|p| p.columns > 1 && p.consistent).map(|p| p.delimiter).collect();
    match fits.as_slice() {
        // One record shows no pattern; what else it holds is text.
        [b',', ..] if parted[0].records == 1 => return Ok(b','),
        [one] => {
            // Another that parts the header and most records may have met one bad record.
            let rivals = parted.iter().filter(|p| p.delimiter != *one && p.columns > 1);
            let rivals: Vec<u8> =
                rivals.filter(|p| 2 * p.agreeing > p.records + p.broken).map(|p| p.delimiter).collect();
            return if rivals.is_empty() {
                Ok(*one)
            } else {
                Err(Unclear::Delimiters([fits, rivals].concat()))
            };
        }
        [_, _, ..] => return Err(Unclear::Delimiters(fits)),
        [] => {}
    }
    // Nothing fits: the strict reader is to say where what seems meant is broken.
    if parted[0].columns > 1 {
        return Ok(b',');
    }
    if let Some(widest) = parted.iter().filter(|p| p.columns > 1).max_by_key(|p| p.columns) {
        return Ok(widest.delimiter);
    }
    let suspects = SUSPECTS.map(|delimiter| part(head, whole, &Dialect { delimiter, ..dialect.clone() }));
    match suspects.iter().find(|p| p.columns > 1 && p.consistent && p.records > 1) {
        Some(suspect) => Err(Unclear::OneColumn(suspect.delimiter)),
        None if has_runs_of_blanks(head, dialect) => Err(Unclear::OneColumn(b' ')),
        None => Ok(b','),
    }
}

/// Refuses a delimiter that leaves one column where another would part every record.
fn refuse_one_column(head: &[u8], whole: bool, dialect: &Dialect) -> Result<(), Unclear> {
    if part(head, whole, dialect).columns > 1 {
        return Ok(());
    }
    let parted = CANDIDATES.map(|delimiter| part(head, whole, &Dialect { delimiter, ..dialect.clone() }));
    let better = parted.iter().find(|p| p.columns > 1 && p.consistent && p.records > 1);
    better.map_or(Ok(()), |better| Err(Unclear::OneColumn(better.delimiter)))
}

fn part(head: &[u8], whole: bool, dialect: &Dialect) -> Parted {
    let form = Form::of(dialect, &LIMITS);
    let mut splitter = Splitter::new(&form);
    let mut parted = Parted {
        delimiter: dialect.delimiter,
        columns: 0,
        consistent: true,
        records: 0,
        agreeing: 0,
        broken: 0,
    };
    let mut at = 0;
    while at < head.len() {
        let end = form.end_of_record(head, at, whole);
        if end == End::More {
            // A cell of several lines that the head cuts off.
            parted.consistent &= parted.records > 0;
            break;
        }
        let End::At { next, quoted } = end else {
            parted.consistent = false;
            parted.broken += 1;
            at = memchr::memchr(dialect.line_end.byte(), &head[at..]).map_or(head.len(), |n| at + n + 1);
            continue;
        };
        let content = form.content(&head[at..next]);
        at = next;
        if content.is_empty() || form.is_comment(content) {
            continue;
        }
        let columns = splitter.split(content, quoted).map_or(0, |s| s.cells);
        if parted.records == 0 {
            parted.columns = columns;
        }
        parted.records += 1;
        parted.agreeing += usize::from(columns == parted.columns);
        parted.consistent &= columns == parted.columns;
    }
    parted
}

/// Whether the first record looks like columns of fixed width.
fn has_runs_of_blanks(head: &[u8], dialect: &Dialect) -> bool {
    let form = Form::of(dialect, &LIMITS);
    let lines = head.split(|b| *b == dialect.line_end.byte());
    let first = lines.map(<[u8]>::trim_ascii).find(|line| !line.is_empty() && !form.is_comment(line));
    first.is_some_and(|line| line.windows(2).any(|pair| pair == b"  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<(u8, u64), Unclear> {
        find(text.as_bytes(), true, Encoding::Utf8, &Told::default()).map(|d| (d.delimiter, d.skip_lines))
    }

    #[test]
    fn the_delimiter_that_fits_all_records_is_found() {
        for (text, delimiter, skipped) in [
            ("a,b\n1,2\n", b',', 0),
            ("a;b\n1,5;2,5\n", b';', 0),
            ("a\tb\n1\t2\n", b'\t', 0),
            ("a|b\n1|\"x\n|y\"\n", b'|', 0),
            ("sep=;\na;b\n1;2\n", b';', 1),
            ("a\n1\n", b',', 0),
            ("city\nNew York\nRome\n", b',', 0),
            ("a,b\n1,2\n3\n", b',', 0),
            ("a;b\n1;2\n3\n", b';', 0),
            ("", b',', 0),
        ] {
            assert_eq!(found(text), Ok((delimiter, skipped)), "{text:?}");
        }
    }

    #[test]
    fn two_ways_are_no_way() {
        assert_eq!(found("a,b;c\n1,2;3\n"), Err(Unclear::Delimiters(b",;".to_vec())));
        assert_eq!(found("sep=\"\na\"b\n1\"2\n"), Ok((b',', 0)));
        assert_eq!(found("a b\n1 2\n"), Err(Unclear::OneColumn(b' ')));
        assert_eq!(found("a:b\n1:2\n"), Err(Unclear::OneColumn(b':')));
        assert_eq!(found("id    name\n1     x\n"), Err(Unclear::OneColumn(b' ')));
        let told = Told { delimiter: Some(b','), ..Told::default() };
        let wrong = find(b"a;b\n1;2\n", true, Encoding::Utf8, &told);
        assert_eq!(wrong, Err(Unclear::OneColumn(b';')));
        assert!(matches!(found("PK\x03\x04rest"), Err(Unclear::NotText(_))));
    }

    #[test]
    fn what_is_told_is_taken() {
        let told =
            Told { delimiter: Some(b' '), skip_lines: Some(1), header: Some(false), ..Told::default() };
        let dialect = find(b"x\na b\r1 2\r", true, Encoding::Utf8, &told).unwrap();
        assert_eq!((dialect.delimiter, dialect.skip_lines, dialect.header), (b' ', 1, false));
        let told = Told { footer_lines: Some(1), skip_lines: Some(1), ..Told::default() };
        let dialect = find(b"Report, 2024\na;b\n1;2\nTotal\n", true, Encoding::Utf8, &told).unwrap();
        assert_eq!(dialect.delimiter, b';');
        let dialect = find(b"a,b\r\"1\n\",2\r", true, Encoding::Utf8, &Told::default()).unwrap();
        assert_eq!(dialect.line_end, LineEnd::Cr);
        let told = Told { skip_lines: Some(1), ..Told::default() };
        let dialect = find(b"x\ry 5\" pipe\na,b\n1,2\n", true, Encoding::Utf8, &told).unwrap();
        assert_eq!(dialect.line_end, LineEnd::Lf);
        let dialect = find(b"5\" pipe\ra,b\r1,2\r", false, Encoding::Utf8, &told).unwrap();
        assert_eq!(dialect.line_end, LineEnd::Cr);
    }

    #[test]
    fn a_record_cut_off_by_the_head_does_not_count() {
        let dialect = find(b"a;b\n1;2\n3", false, Encoding::Utf8, &Told::default()).unwrap();
        assert_eq!(dialect.delimiter, b';');
        let head = b"x;\"a\"\n1,5;x\n2,5;y\n3;\"p\nq\nr";
        assert_eq!(find(head, false, Encoding::Utf8, &Told::default()).unwrap().delimiter, b';');
    }
}
