//! The reader as a whole: what it gives does not depend on how a source is cut into reads and blocks, and
//! a second reader agrees where nothing is bad.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::io::Read;

use proptest::prelude::*;
use strict_csv::{Blocks, Damage, Dialect, Extent, Held, Limits, LineEnd, Problem};

/// Gives so many bytes a read.
struct Drip<'a>(usize, &'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.min(self.1.len()).min(out.len());
        out[..n].copy_from_slice(&self.1[..n]);
        self.1 = &self.1[n..];
        Ok(n)
    }
}

/// All that comes of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    header: Vec<String>,
    records: Vec<(u64, Vec<String>)>,
    /// Line, lines, byte, problem and text.
    bad: Vec<(u64, u64, u64, Problem, Vec<u8>)>,
    damage: Option<(u64, Problem)>,
    held: Held,
}

impl Found {
    fn cells(&self) -> Vec<Vec<&str>> {
        self.records.iter().map(|(_, cells)| cells.iter().map(String::as_str).collect()).collect()
    }

    fn problems(&self) -> Vec<(u64, Problem)> {
        self.bad.iter().map(|(line, _, _, problem, _)| (*line, *problem)).collect()
    }
}

fn read_as(text: &[u8], dialect: &Dialect, limits: Limits, drip: usize) -> Found {
    let mut read = Found::default();
    let mut blocks = Blocks::new(Drip(drip, text), dialect, limits, 0);
    let mut all = || -> Result<(), Damage> {
        let Some(header) = blocks.header()? else { return Ok(()) };
        let width = header.cells.len();
        read.header = header.cells;
        while let Some(block) = blocks.next_block()? {
            let records = &mut read.records;
            let bad = &mut read.bad;
            let held = block.read(
                dialect,
                &limits,
                width,
                |record| records.push((record.line, record.cells.iter().map(str::to_owned).collect())),
                |one| {
                    let raw = block.raw(&one).to_vec();
                    bad.push((one.line, one.lines, block.offset(one.start), one.problem, raw));
                },
            );
            read.held = read.held.and(held);
        }
        read.held = read.held.and(blocks.outside());
        every_line_is_somewhere(&read, text, dialect, blocks.lines());
        Ok(())
    };
    match all() {
        Ok(()) => {}
        Err(Damage::At { line, problem }) => read.damage = Some((line, problem)),
        Err(Damage::Io(error)) => panic!("{error}"),
    }
    read
}

/// Every line of the text, counted here by itself, and every byte is one of the things that were held.
fn every_line_is_somewhere(read: &Found, text: &[u8], dialect: &Dialect, counted: u64) {
    let end = dialect.line_end.byte();
    let all = text.split_inclusive(|b| *b == end).count() as u64;
    assert_eq!(counted, all, "{:?}", text.escape_ascii());
    assert_eq!(
        read.held.total(),
        Extent { lines: all, bytes: text.len() as u64 },
        "{:?}",
        text.escape_ascii()
    );
    let held = &read.held;
    assert_eq!(held.rows.lines - held.extra_lines, read.records.len() as u64, "{:?}", text.escape_ascii());
    assert_eq!(held.rejected.lines, read.bad.iter().map(|(_, lines, ..)| lines).sum::<u64>());
    assert!(held.skipped.lines <= dialect.skip_lines && held.footer.lines <= dialect.footer_lines);
    assert_eq!(held.header.lines > 0, dialect.header);
}

/// Reads in every way; all must give the same.
fn read_with(text: &[u8], dialect: &Dialect, limits: Limits) -> Found {
    let whole = read_as(text, dialect, limits, usize::MAX);
    for block_bytes in [1, 7, 64] {
        for drip in [1, 2, 7] {
            let limits = Limits { block_bytes, ..limits };
            let mut other = read_as(text, dialect, limits, drip);
            if whole.damage.is_some() {
                // What was read before the damage depends on the blocks; nobody uses it.
                other = Found { damage: other.damage, ..whole.clone() };
            }
            assert_eq!(other, whole, "{:?}, blocks of {block_bytes}, reads of {drip}", text.escape_ascii());
        }
    }
    whole
}

fn read(text: &[u8]) -> Found {
    read_with(text, &Dialect::default(), Limits::default())
}

#[test]
fn two_halves_of_a_character_in_two_cells_are_no_character() {
    let found = read(b"a,b\n\"\xc3\",\"\xa9\"\n1,2\n");
    assert_eq!(found.problems(), [(2, Problem::NotUtf8)]);
    assert_eq!(found.cells(), [["1", "2"]]);
    assert_eq!(read(b"\"\xc3\",\"\xa9\"\n1,2\n").damage, Some((1, Problem::NotUtf8)));
}

#[test]
fn without_a_header_a_first_record_that_is_broken_is_one_bad_record() {
    let dialect = Dialect { header: false, skip_lines: 1, ..Dialect::default() };
    let found = read_with(b"s,s\n\n\"a\"b\n1,2\n", &dialect, Limits::default());
    assert_eq!(found.problems(), [(3, Problem::TextAfterQuote)]);
    assert_eq!(found.records, [(4, vec!["1".to_owned(), "2".to_owned()])]);
    let found = read_with(b"s,s\n\"a\"b\n\"c\"d\n", &dialect, Limits::default());
    assert_eq!(found.problems(), [(2, Problem::TextAfterQuote), (3, Problem::TextAfterQuote)]);
}

#[test]
fn a_bad_record_keeps_the_byte_that_is_wrong() {
    assert_eq!(read(b"x\na\r").bad, [(2, 1, 2, Problem::StrayLineEnd, b"a\r".to_vec())]);
    let cr = Dialect { line_end: LineEnd::Cr, ..Dialect::default() };
    let found = read_with(b"x\rb\n\rc\r", &cr, Limits::default());
    assert_eq!(found.bad, [(2, 1, 2, Problem::StrayLineEnd, b"b\n".to_vec())]);
}

#[test]
fn a_stray_quote_that_swallowed_whole_records_is_blamed_alone() {
    let found = read(b"a,b\n3,\",7\n7,8\n9,\"\r=1+1\"\n5,6\n");
    assert_eq!(found.problems(), [(2, Problem::UnclosedQuote)]);
    assert_eq!(found.cells(), [vec!["7", "8"], vec!["9", "\r=1+1"], vec!["5", "6"]]);
    let found = read(b"a,b\n1,\"x\n2,3\n4,5\n");
    assert_eq!(found.problems(), [(2, Problem::UnclosedQuote)]);
    assert_eq!(found.cells(), [["2", "3"], ["4", "5"]]);
}

#[test]
fn a_stray_quote_that_swallowed_anything_else_takes_it_along() {
    let found = read(b"a,b\n1,\"x\nno record\n2,\"y\"z\n4,5\n");
    assert_eq!(found.bad[0].1, 3, "{found:?}");
    assert_eq!(found.cells(), [["4", "5"]]);
    assert_eq!(read(b"a,b\n1,\"x\nno record\n2,3\n").damage, Some((2, Problem::UnclosedQuote)));
}

#[test]
fn limits_hold_however_much_is_at_hand() {
    let limits = Limits { field_bytes: 8, record_bytes: 32, ..Limits::default() };
    let long = |text: &[u8]| read_with(text, &Dialect::default(), limits);
    assert_eq!(long(b"a,b\n12345678,\"12345678\"\n").cells(), [["12345678", "12345678"]]);
    assert_eq!(long(b"a,b\n1,123456789\n3,4\n").problems(), [(2, Problem::LongField(8))]);
    assert_eq!(long(b"a,b\n1,\"123456789\"\n3,4\n").problems(), [(2, Problem::LongField(8))]);
    let record = b"a,b\n12345678,1234567,1234567,1234567\n";
    assert_eq!(long(record).damage, Some((2, Problem::LongRecord(32))));
}

#[test]
fn a_byte_order_mark_within_the_text_is_text() {
    let found = read("a,b\n\u{feff}\"x\",1\n\u{feff}y,\"2\"\n".as_bytes());
    assert_eq!(found.problems(), [(2, Problem::QuoteInText)]);
    assert_eq!(found.cells(), [["\u{feff}y", "2"]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_read_the_same_however_it_comes(text in "[a,\"\n\r#\\\\é\u{0}]{0,60}", escape: bool, comment: bool, cr: bool, header: bool, skip_lines in 0u64..3, footer_lines in 0u64..3) {
        let dialect = Dialect {
            escape: escape.then_some(b'\\'),
            comment: comment.then(|| "#".to_owned()),
            line_end: if cr { LineEnd::Cr } else { LineEnd::Lf },
            header,
            skip_lines,
            footer_lines,
            ..Dialect::default()
        };
        read_with(text.as_bytes(), &dialect, Limits { field_bytes: 8, record_bytes: 40, ..Limits::default() });
    }

    #[test]
    fn a_second_reader_agrees_where_nothing_is_bad(text in "([a-c ]{0,2}|\"[a,\n]{0,3}\"|\"\"|[,\n])*") {
        let found = read(text.as_bytes());
        if found.bad.is_empty() && found.damage.is_none() {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .terminator(csv::Terminator::Any(b'\n'))
                .from_reader(text.as_bytes());
            let all: Vec<Vec<String>> =
                reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            let ours: Vec<Vec<String>> = found.records.iter().map(|(_, cells)| cells.clone()).collect();
            prop_assert_eq!(all.first().cloned().unwrap_or_default(), found.header);
            prop_assert_eq!(all.get(1..).unwrap_or_default(), ours.as_slice());
        }
    }
}
