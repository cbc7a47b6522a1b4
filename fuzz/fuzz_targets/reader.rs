//! Any text in any dialect: the same records however it is read, every line accounted for, and the same
//! as two other readers say.

#![no_main]

use fuzz::{Drip, Item, Kind, Outcome, lines, read, slow};
use libfuzzer_sys::fuzz_target;
use strict_csv::{Dialect, Encoding, Held, Limits, LineEnd, Problem};

const CHUNKS: [usize; 4] = [1, 2, 7, 4096];
const BLOCKS: [usize; 4] = [1, 7, 64, 4096];

/// Bytes of an input that choose how the rest is read.
const CHOICE: usize = 5;

fn choose(choice: &[u8; CHOICE]) -> (Dialect, Limits, u64, u8) {
    let [form, lines, limits, block, ways] = *choice;
    let dialect = Dialect {
        encoding: Encoding::Utf8,
        delimiter: b",;\t| ,,,"[usize::from(form & 7)],
        quote: [Some(b'"'), Some(b'"'), Some(b'\''), None][usize::from(form >> 3 & 3)],
        escape: (form & 0x20 != 0).then_some(b'\\'),
        comment: [None, Some("#"), Some("##"), None][usize::from(form >> 6)].map(str::to_owned),
        line_end: if lines & 1 == 0 { LineEnd::Lf } else { LineEnd::Cr },
        header: lines & 2 == 0,
        skip_lines: u64::from(lines >> 2 & 3) % 3,
        footer_lines: u64::from(lines >> 4 & 3) % 3,
    };
    let usual = Limits::default();
    let limits = Limits {
        field_bytes: if limits & 15 == 0 { usual.field_bytes } else { usize::from(limits & 15) },
        record_bytes: if limits >> 4 == 0 { usual.record_bytes } else { 4 * usize::from(limits >> 4) },
        block_bytes: 1 + usize::from(block & 63),
        columns: if block & 0x80 == 0 { usual.columns } else { 3 },
        ..usual
    };
    (dialect, limits, if block & 0x40 == 0 { 0 } else { 3 }, ways)
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first_chunk::<CHOICE>() else { return };
    let (dialect, limits, offset, ways) = choose(choice);
    // Any bytes, or such as mean something.
    let dense: Vec<u8>;
    let text = if ways & 0x80 == 0 {
        text
    } else {
        let quote = dialect.quote.unwrap_or(b'"');
        let line_end = dialect.line_end.byte();
        let tokens: [&[u8]; 16] = [
            b"a",
            &[dialect.delimiter],
            &[dialect.delimiter, quote],
            &[quote, dialect.delimiter],
            &[quote],
            &[quote, quote],
            &[line_end],
            &[quote, line_end],
            b"\r\n",
            b"\r",
            b"\\",
            &[b'\\', quote],
            b"#",
            b"\0",
            b"\xc3",
            b"\xa9",
        ];
        dense = text.iter().flat_map(|b| tokens[usize::from(b & 15)]).copied().collect();
        &dense
    };
    let large = Limits { block_bytes: 1 << 19, ..limits };
    let first = read(text, &dialect, large, offset);
    // More columns than the limit are refused by who asks for the header.
    if first.header.as_ref().is_some_and(|h| h.cells.len() > limits.columns) {
        return;
    }
    // All ways for short texts, some for long ones.
    for (i, chunk) in CHUNKS.into_iter().enumerate() {
        for (j, block) in BLOCKS.into_iter().chain([limits.block_bytes]).enumerate() {
            if text.len() > 48 && (5 * i + j) % 7 != usize::from(ways) % 7 {
                continue;
            }
            let limits = Limits { block_bytes: block, ..limits };
            let other = read(Drip(chunk, text), &dialect, limits, offset);
            same(&first, &other, &format!("{chunk} bytes a read, blocks of {block}"));
        }
    }
    places(&first, text, &dialect, offset);
    if first.damage.is_none() {
        account(&first, text, &dialect, offset);
        without_the_bad(&first, text, &dialect, large, offset);
    }
    bad_by_themselves(&first, text, &dialect, large, offset);
    by_rules(&first, text, &dialect, &large, offset);
    if first.is_clean() {
        by_csv(&first, text, &dialect);
    }
});

fn same(one: &Outcome, other: &Outcome, how: &str) {
    assert_eq!(one.header, other.header, "{how}");
    assert_eq!(one.damage, other.damage, "{how}");
    if one.damage.is_some() {
        // How many records come before the damage is the blocks' affair.
        let most = one.items.len().min(other.items.len());
        assert_eq!(one.items[..most], other.items[..most], "{how}");
        return;
    }
    assert_eq!(one.items, other.items, "{how}");
    assert_eq!(one.held, other.held, "{how}");
    assert_eq!(one.span, other.span, "{how}");
}

/// Each record and bad record is where it says.
fn places(outcome: &Outcome, text: &[u8], dialect: &Dialect, offset: u64) {
    let end = dialect.line_end.byte();
    let all = lines(text, dialect.line_end);
    let start_of = |line: u64| all[..line as usize - 1].iter().map(|l| l.len()).sum::<usize>();
    let mut free = 1 + dialect.skip_lines;
    if let Some(header) = &outcome.header {
        assert!(header.line >= free);
        if dialect.header {
            free = header.line + lines_of(&header.cells, end);
        }
    }
    for item in &outcome.items {
        match item {
            Item::Record { line, cells, plain } => {
                assert!(*line >= free, "records follow each other");
                free = line + lines_of(cells, end);
                let rest = &text[start_of(*line)..];
                if let Some(plain) = plain {
                    let after = rest.strip_prefix(plain.as_bytes()).expect("the record is on its line");
                    assert!(is_end_of_line(after, dialect.line_end));
                }
            }
            Item::Bad { line, lines, column, problem, raw, byte, end: past } => {
                assert!(*line >= free, "records follow each other");
                assert!(*lines > 0);
                free = line + lines;
                let (from, to) = ((byte - offset) as usize, (past - offset) as usize);
                assert_eq!(start_of(*line), from, "bad records begin with a line");
                assert_eq!(start_of(*line + *lines - 1) + all[(line + lines) as usize - 2].len(), to);
                assert!(text[from..to].starts_with(raw) && to - from <= raw.len() + 2);
                assert!(column.is_none_or(|c| c > 0));
                let quote = dialect.quote;
                let holds = |b: u8| raw.contains(&b);
                match problem {
                    Problem::Cells { found, expected } => {
                        assert_ne!(found, expected);
                        let dialect = Dialect { skip_lines: 0, footer_lines: 0, ..dialect.clone() };
                        let limits = Limits { field_bytes: usize::MAX >> 8, ..Limits::default() };
                        if let Some(pieces) = slow(&text[from..to], &dialect, &limits) {
                            let is_right =
                                |p: &fuzz::Piece| matches!(&p.kind, Kind::Record(c) if c.len() == *found);
                            assert!(pieces.len() == 1 && pieces.iter().all(is_right), "{pieces:?} {found}");
                        } else {
                            panic!("a number of cells, and broken otherwise");
                        }
                        assert_eq!(Some(*expected), outcome.header.as_ref().map(|h| h.cells.len()));
                    }
                    Problem::UnclosedQuote | Problem::TextAfterQuote | Problem::QuoteInText => {
                        assert!(quote.is_some_and(holds));
                    }
                    Problem::EscapeOutsideQuotes | Problem::UnknownEscape => {
                        assert!(dialect.escape.is_some());
                    }
                    Problem::Nul => assert!(holds(0)),
                    Problem::NotUtf8 => assert!(std::str::from_utf8(raw).is_err()),
                    Problem::StrayLineEnd => assert!(holds(b'\r' ^ b'\n' ^ end)),
                    // The first of its lines alone, where the others are records.
                    Problem::LongField(_) => {}
                    Problem::LongRecord(_) => panic!("a long record is damage"),
                }
            }
        }
    }
}

fn is_end_of_line(after: &[u8], end: LineEnd) -> bool {
    match end {
        LineEnd::Lf => after.is_empty() || after.starts_with(b"\n") || after.starts_with(b"\r\n"),
        LineEnd::Cr => after.is_empty() || after.starts_with(b"\r"),
    }
}

fn lines_of(cells: &[String], end: u8) -> u64 {
    1 + cells.iter().flat_map(|c| c.bytes()).filter(|b| *b == end).count() as u64
}

/// Every line is in one place: skipped or blank before the records, header, record, bad, blank, comment
/// or footer; and so is every byte.
fn account(outcome: &Outcome, text: &[u8], dialect: &Dialect, offset: u64) {
    let end = dialect.line_end.byte();
    let all = lines(text, dialect.line_end);
    let kept = all.len().saturating_sub(dialect.footer_lines as usize);
    let bytes = |n: usize| all[..n].iter().map(|l| l.len()).sum::<usize>();
    let skipped = kept.min(dialect.skip_lines as usize);
    let empty = |line: &[u8]| {
        let content = line.strip_suffix(&[end]).unwrap_or(line);
        let is_cut = dialect.line_end == LineEnd::Lf && content.len() < line.len();
        let content = if is_cut { content.strip_suffix(b"\r").unwrap_or(content) } else { content };
        content.is_empty() || dialect.comment.as_ref().is_some_and(|c| content.starts_with(c.as_bytes()))
    };
    let Some(header) = &outcome.header else {
        assert!(outcome.span.is_none() && outcome.items.is_empty());
        assert!(all[skipped..kept].iter().all(|line| empty(line)), "records are there, and none found");
        return;
    };
    let before = match outcome.span {
        None => kept as u64,
        Some((from, to)) => {
            assert_eq!((to - offset) as usize, bytes(kept), "the last block ends where the footer begins");
            let before = text[..(from - offset) as usize].iter().filter(|b| **b == end).count();
            assert_eq!(bytes(before), (from - offset) as usize, "blocks begin with a line");
            before as u64
        }
    };
    let first = if dialect.header {
        assert_eq!(before, header.line - 1 + lines_of(&header.cells, end), "blocks begin after the header");
        header.line - 1
    } else {
        before
    } as usize;
    assert!(first >= skipped, "skipped lines stay away");
    assert!(
        all[skipped..first].iter().all(|line| empty(line)),
        "nothing but blank lines and comments is dropped"
    );
    let taken: u64 = outcome
        .items
        .iter()
        .map(|item| match item {
            Item::Record { cells, .. } => lines_of(cells, end),
            Item::Bad { lines, .. } => *lines,
        })
        .sum();
    let Held { blank, comments, line_ends, .. } = outcome.held;
    assert_eq!(before + taken + blank.lines + comments.lines, kept as u64, "every line is somewhere");
    assert!(line_ends[0] + line_ends[1] <= kept as u64);
}

/// Without its bad records a text gives the same records, and no bad ones.
fn without_the_bad(outcome: &Outcome, text: &[u8], dialect: &Dialect, limits: Limits, offset: u64) {
    if outcome.is_clean() || !dialect.header {
        return;
    }
    let mut rest = text.to_vec();
    for item in outcome.items.iter().rev() {
        if let Item::Bad { byte, end, .. } = item {
            rest.drain((byte - offset) as usize..(end - offset) as usize);
        }
    }
    assert!(slow(&rest, dialect, &limits).is_some(), "broken, and not found: {outcome:?}");
    let again = read(&rest[..], dialect, limits, offset);
    assert!(again.is_clean(), "{again:?}");
    assert!(outcome.records().map(|(_, c)| c).eq(again.records().map(|(_, c)| c)));
    let held = |h: Held| (h.blank, h.comments);
    assert_eq!(held(outcome.held), held(again.held));
}

/// A bad record by itself, after a header of the same width, is no record.
fn bad_by_themselves(outcome: &Outcome, text: &[u8], dialect: &Dialect, limits: Limits, offset: u64) {
    let Some(header) = &outcome.header else { return };
    let end = char::from(dialect.line_end.byte());
    let names = vec!["n"; header.cells.len()].join(&char::from(dialect.delimiter).to_string());
    if names.len() + 1 > limits.record_bytes {
        return;
    }
    let dialect = Dialect { skip_lines: 0, footer_lines: 0, header: true, ..dialect.clone() };
    for item in outcome.items.iter().take(3) {
        if let Item::Bad { byte, end: past, .. } = item {
            let bad = &text[(byte - offset) as usize..(past - offset) as usize];
            let text = [format!("{names}{end}").as_bytes(), bad].concat();
            assert!(slow(&text, &dialect, &limits).is_none(), "set aside, and not broken: {item:?}");
            let alone = read(&text[..], &dialect, limits, 0);
            assert_eq!(alone.records().count(), 0, "{alone:?}");
            assert!(!alone.is_clean());
        }
    }
}

/// The slow reader finds nothing broken where nothing is, and the same records.
fn by_rules(outcome: &Outcome, text: &[u8], dialect: &Dialect, limits: &Limits, offset: u64) {
    let Some(pieces) = slow(text, dialect, limits) else {
        assert!(!outcome.is_clean(), "the form is broken, and nothing found: {outcome:?}");
        return;
    };
    assert!(outcome.is_clean(), "nothing is broken: {outcome:?}");
    let mut records = pieces.iter().filter_map(|piece| match &piece.kind {
        Kind::Record(cells) => Some((piece.line, cells)),
        _ => None,
    });
    let header = if dialect.header { records.next() } else { records.clone().next() };
    assert_eq!(outcome.header.as_ref().map(|h| (h.line, &h.cells)), header);
    assert!(outcome.records().eq(records), "other records: {outcome:?}");
    let mut held = Held::default();
    let first = outcome.span.map_or(usize::MAX, |(from, _)| (from - offset) as usize);
    for piece in pieces.iter().filter(|p| p.byte >= first) {
        match piece.kind {
            Kind::Blank => held.blank.lines += 1,
            Kind::Comment => held.comments.lines += 1,
            Kind::Record(_) => {}
        }
        if dialect.line_end == LineEnd::Lf && !piece.ending.is_empty() {
            held.line_ends[piece.ending.len() - 1] += 1;
        }
    }
    let lines = |h: Held| (h.blank.lines, h.comments.lines, h.line_ends);
    assert_eq!(lines(outcome.held), lines(held));
}

/// The crate `csv` reads the same.
fn by_csv(outcome: &Outcome, text: &[u8], dialect: &Dialect) {
    // It ends comments with line feeds only, and knows comments of one byte.
    let comment = match dialect.comment.as_deref() {
        None => None,
        Some("#") if dialect.line_end == LineEnd::Lf => Some(b'#'),
        Some(_) => return,
    };
    let all = lines(text, dialect.line_end);
    let kept = all.len().saturating_sub(dialect.footer_lines as usize);
    let skipped = kept.min(dialect.skip_lines as usize);
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(dialect.delimiter).comment(comment);
    // Carriage returns outside quotes are only before line feeds here.
    builder.terminator(match dialect.line_end {
        LineEnd::Lf => csv::Terminator::CRLF,
        LineEnd::Cr => csv::Terminator::Any(b'\r'),
    });
    match dialect.quote {
        Some(quote) => builder.quote(quote).escape(dialect.escape),
        None => builder.quoting(false),
    };
    // Of the first bytes it drops a byte order mark; a comment that is the last line and has no end is a
    // record to it.
    let end = [dialect.line_end.byte()];
    let text = [b"first", &end[..], &all[skipped..kept].concat(), &end].concat();
    let theirs: Vec<Vec<String>> = builder
        .from_reader(&text[..])
        .into_records()
        .skip(1)
        .map(|r| r.expect("UTF-8").iter().map(str::to_owned).collect())
        .collect();
    let header = outcome.header.iter().filter(|_| dialect.header).map(|h| &h.cells);
    let ours: Vec<&Vec<String>> = header.chain(outcome.records().map(|(_, cells)| cells)).collect();
    assert!(ours.iter().copied().eq(theirs.iter()), "{ours:?} and {theirs:?}");
}
