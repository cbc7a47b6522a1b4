//! What the fuzz targets share: ways to read a text, and a slow reader written from the rules alone.

use std::io::Read;

use strict_csv::{Block, Blocks, Damage, Dialect, Header, Held, Limits, LineEnd, Problem};

/// Reads at most so many bytes at a time.
pub struct Drip<R>(pub usize, pub R);

impl<R: Read> Read for Drip<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = out.len().min(self.0);
        self.1.read(&mut out[..n])
    }
}

/// What a reading gives, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Record { line: u64, cells: Vec<String>, plain: Option<String> },
    Bad { line: u64, lines: u64, column: Option<usize>, problem: Problem, raw: Vec<u8>, byte: u64, end: u64 },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub header: Option<Header>,
    /// Where the first block begins and the last one ends.
    pub span: Option<(u64, u64)>,
    pub items: Vec<Item>,
    pub held: Held,
    pub damage: Option<String>,
}

impl Outcome {
    pub fn is_clean(&self) -> bool {
        self.damage.is_none() && self.items.iter().all(|item| matches!(item, Item::Record { .. }))
    }

    pub fn records(&self) -> impl Iterator<Item = (u64, &Vec<String>)> {
        self.items.iter().filter_map(|item| match item {
            Item::Record { line, cells, .. } => Some((*line, cells)),
            Item::Bad { .. } => None,
        })
    }
}

/// Reads a text whole.
pub fn read(source: impl Read, dialect: &Dialect, limits: Limits, offset: u64) -> Outcome {
    let mut out = Outcome::default();
    if let Err(damage) = read_into(&mut out, source, dialect, limits, offset) {
        out.damage = Some(match damage {
            Damage::At { line, problem } => format!("line {line}: {problem:?}"),
            Damage::Io(error) => format!("{error}"),
        });
    }
    out
}

fn read_into(
    out: &mut Outcome,
    source: impl Read,
    dialect: &Dialect,
    limits: Limits,
    offset: u64,
) -> Result<(), Damage> {
    let mut blocks = Blocks::new(source, dialect, limits, offset);
    out.header = blocks.header()?;
    // A source without a record is refused; what its blocks hold says nothing.
    let Some(width) = out.header.as_ref().map(|h| h.cells.len()) else { return Ok(()) };
    if width > limits.columns {
        return Ok(());
    }
    while let Some(block) = blocks.next_block()? {
        let (from, to) = (block.offset(0), block.offset(block.bytes()));
        assert!(from < to, "an empty block");
        if let Some((_, end)) = out.span {
            assert_eq!(end, from, "blocks follow each other");
        }
        out.span = Some((out.span.map_or(from, |(start, _)| start), to));
        read_block(out, &block, dialect, &limits, width);
    }
    Ok(())
}

fn read_block(out: &mut Outcome, block: &Block, dialect: &Dialect, limits: &Limits, width: usize) {
    let items = std::cell::RefCell::new(&mut out.items);
    let held = block.read(
        dialect,
        limits,
        width,
        |record| {
            let cells: Vec<String> = record.cells.iter().map(str::to_owned).collect();
            assert_eq!(cells.len(), width);
            assert!((0..width).all(|i| record.cells.get(i) == cells[i]));
            if let Some(plain) = record.plain {
                assert!(plain.split(char::from(dialect.delimiter)).eq(cells.iter()));
            }
            let plain = record.plain.map(str::to_owned);
            items.borrow_mut().push(Item::Record { line: record.line, cells, plain });
        },
        |bad| {
            assert!(bad.start < bad.end);
            items.borrow_mut().push(Item::Bad {
                line: bad.line,
                lines: bad.lines,
                column: bad.column,
                problem: bad.problem,
                raw: block.raw(&bad).to_vec(),
                byte: block.offset(bad.start),
                end: block.offset(bad.end),
            });
        },
    );
    out.held = out.held.and(held);
}

/// The lines of a text, each with its end.
pub fn lines(text: &[u8], end: LineEnd) -> Vec<&[u8]> {
    text.split_inclusive(|b| *b == end.byte()).collect()
}

/// What a run of whole lines is, to the slow reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Blank,
    Comment,
    Record(Vec<String>),
}

/// A blank line, a comment or a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub kind: Kind,
    pub line: u64,
    pub byte: usize,
    /// How its last line ends.
    pub ending: Vec<u8>,
}

/// Reads a text byte by byte; nothing where anything in it breaks the form.
pub fn slow(text: &[u8], dialect: &Dialect, limits: &Limits) -> Option<Vec<Piece>> {
    let all = lines(text, dialect.line_end);
    let kept = all.len().saturating_sub(usize::try_from(dialect.footer_lines).ok()?);
    let skipped = usize::try_from(dialect.skip_lines).ok()?.min(kept);
    if all[..skipped].iter().any(|line| line.len() > limits.record_bytes) {
        return None;
    }
    let bytes = |n: usize| all[..n].iter().map(|line| line.len()).sum::<usize>();
    let mut slow = Slow { text: &text[..bytes(kept)], at: bytes(skipped), dialect, limits };
    let mut pieces = Vec::new();
    let mut width = None;
    while slow.at < slow.text.len() {
        let byte = slow.at;
        let line = 1 + text[..byte].iter().filter(|b| **b == dialect.line_end.byte()).count() as u64;
        let (kind, ending) = slow.piece()?;
        if slow.at - byte > limits.record_bytes {
            return None;
        }
        if let Kind::Record(cells) = &kind
            && *width.get_or_insert(cells.len()) != cells.len()
        {
            return None;
        }
        pieces.push(Piece { kind, line, byte, ending });
    }
    Some(pieces)
}

struct Slow<'a> {
    text: &'a [u8],
    at: usize,
    dialect: &'a Dialect,
    limits: &'a Limits,
}

impl Slow<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Takes the end of a line, where one is.
    fn ending(&mut self) -> Option<Vec<u8>> {
        let rest = &self.text[self.at..];
        let ends: &[&[u8]] = match self.dialect.line_end {
            LineEnd::Lf => &[b"\n", b"\r\n"],
            LineEnd::Cr => &[b"\r"],
        };
        let found = if rest.is_empty() { &[][..] } else { ends.iter().find(|e| rest.starts_with(e))? };
        self.at += found.len();
        Some(found.to_vec())
    }

    fn piece(&mut self) -> Option<(Kind, Vec<u8>)> {
        if let Some(comment) = &self.dialect.comment
            && self.text[self.at..].starts_with(comment.as_bytes())
        {
            loop {
                // A carriage return at the very end is the comment's own.
                if let Some(ending) = self.ending() {
                    return Some((Kind::Comment, ending));
                }
                self.at += 1;
            }
        }
        if let Some(ending) = self.ending() {
            return Some((Kind::Blank, ending));
        }
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell()?);
            if self.peek() == Some(self.dialect.delimiter) {
                self.at += 1;
                continue;
            }
            return Some((Kind::Record(cells), self.ending()?));
        }
    }

    fn cell(&mut self) -> Option<String> {
        let mut cell = Vec::new();
        let start = self.at;
        let special = |byte: u8, which: Option<u8>| Some(byte) == which;
        let (quote, escape) = (self.dialect.quote, self.dialect.escape);
        if quote.is_some() && self.peek() == quote {
            self.at += 1;
            loop {
                let byte = self.peek()?;
                self.at += 1;
                if special(byte, escape) {
                    let next = self.peek()?;
                    if !special(next, quote) && !special(next, escape) {
                        return None;
                    }
                    self.at += 1;
                    cell.push(next);
                } else if special(byte, quote) {
                    if self.peek() != quote {
                        break;
                    }
                    self.at += 1;
                    cell.push(byte);
                } else if byte == 0 {
                    return None;
                } else {
                    cell.push(byte);
                }
            }
            if self.at - start - 2 > self.limits.field_bytes {
                return None;
            }
        } else {
            while let Some(byte) = self.peek() {
                if byte == self.dialect.delimiter {
                    break;
                }
                let here = self.at;
                if self.ending().is_some() {
                    self.at = here;
                    break;
                }
                if special(byte, quote) || special(byte, escape) || matches!(byte, 0 | b'\r' | b'\n') {
                    return None;
                }
                self.at += 1;
                cell.push(byte);
            }
            if cell.len() > self.limits.field_bytes {
                return None;
            }
        }
        String::from_utf8(cell).ok()
    }
}
