//! Where records end: the only code that knows how quotes, line ends and comments go together.

use memchr::{memchr, memchr2};

use crate::bad::Problem;
use crate::dialect::{Dialect, LineEnd};
use crate::limits::Limits;

/// A dialect as bytes to look for.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
    pub(crate) escape: Option<u8>,
    comment: Option<Vec<u8>>,
    pub(crate) line_end: LineEnd,
    pub(crate) field_bytes: usize,
    /// Cells of a record that are kept; more are only counted.
    pub(crate) columns: usize,
}

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The next one begins at `next`; `quoted` says whether it holds a quoted cell.
    At { next: usize, quoted: bool },
    /// Not within these bytes.
    More,
    /// Never: at `at` the form is broken.
    Broken { at: usize, problem: Problem },
}

impl Form {
    pub(crate) fn of(dialect: &Dialect, limits: &Limits) -> Self {
        Self {
            delimiter: dialect.delimiter,
            quote: dialect.quote,
            escape: dialect.escape,
            comment: dialect.comment.as_ref().map(|c| c.as_bytes().to_vec()),
            line_end: dialect.line_end,
            field_bytes: limits.field_bytes,
            columns: limits.columns,
        }
    }

    /// Finds the end of what begins at `from`, the start of a line: a record, a blank line or a comment.
    /// `ended` says that nothing follows `text`.
    pub(crate) fn end_of_record(&self, text: &[u8], from: usize, ended: bool) -> End {
        let line_end = self.line_end.byte();
        let to_line_end = |from: usize| match memchr(line_end, &text[from..]) {
            Some(n) => End::At { next: from + n + 1, quoted: false },
            None if ended => End::At { next: text.len(), quoted: false },
            None => End::More,
        };
        let Some(quote) = self.quote else { return to_line_end(from) };
        if let Some(comment) = &self.comment {
            let rest = &text[from..];
            if rest.len() < comment.len() && !ended && comment.starts_with(rest) {
                return End::More;
            }
            if rest.starts_with(comment) {
                return to_line_end(from);
            }
        }
        let mut at = from;
        let mut quoted = false;
        loop {
            let Some(n) = memchr2(quote, line_end, &text[at..]) else {
                return if ended { End::At { next: text.len(), quoted } } else { End::More };
            };
            let found = at + n;
            if text[found] == line_end {
                return End::At { next: found + 1, quoted };
            }
            if found > from && text[found - 1] != self.delimiter {
                return End::Broken { at: found, problem: Problem::QuoteInText };
            }
            quoted = true;
            match self.end_of_quotes(text, found, quote, ended) {
                Ok(after) => at = after,
                Err(end) => return end,
            }
        }
    }

    /// The place after the closing quote of the cell that begins at `open`.
    fn end_of_quotes(&self, text: &[u8], open: usize, quote: u8, ended: bool) -> Result<usize, End> {
        let line_end = self.line_end.byte();
        let broken = |at, problem| Err(End::Broken { at, problem });
        // The limit decides by the text alone, however much of it is at hand.
        let most = open + 1 + self.field_bytes;
        let window = &text[..text.len().min(most + 1)];
        let mut at = open + 1;
        loop {
            let rest = window.get(at..).unwrap_or_default();
            let found = match self.escape {
                None => memchr(quote, rest),
                Some(escape) => memchr2(quote, escape, rest),
            };
            let Some(found) = found.map(|n| at + n) else {
                return match window.len() {
                    n if n > most => broken(open, Problem::LongField(self.field_bytes)),
                    _ if ended => broken(open, Problem::UnclosedQuote),
                    _ => Err(End::More),
                };
            };
            if self.escape == Some(text[found]) {
                match text.get(found + 1) {
                    None if !ended => return Err(End::More),
                    Some(next) if *next != quote && self.escape != Some(*next) => {
                        return broken(found, Problem::UnknownEscape);
                    }
                    _ => at = found + 2,
                }
                continue;
            }
            return match text.get(found + 1) {
                None if !ended => Err(End::More),
                Some(next) if *next == quote => {
                    at = found + 2;
                    continue;
                }
                Some(b'\r') if line_end == b'\n' => match text.get(found + 2) {
                    Some(b'\n') => Ok(found + 1),
                    None if !ended => Err(End::More),
                    _ => broken(found + 1, Problem::StrayLineEnd),
                },
                Some(next) if *next != self.delimiter && *next != line_end => {
                    broken(found + 1, Problem::TextAfterQuote)
                }
                _ => Ok(found + 1),
            };
        }
    }

    /// `line` without its line end.
    pub(crate) fn content<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        self.line_end.strip(line)
    }

    /// Whether a line is a comment.
    pub(crate) fn is_comment(&self, line: &[u8]) -> bool {
        self.comment.as_ref().is_some_and(|comment| line.starts_with(comment))
    }

    /// Whether a byte that must stand in quotes stands outside them in a record of the right form.
    pub(crate) fn outside_quotes(&self, record: &[u8], byte: u8) -> bool {
        let Some(quote) = self.quote else { return memchr(byte, record).is_some() };
        let mut at = 0;
        while let Some(n) = memchr2(quote, byte, &record[at..]) {
            if record[at + n] == byte && Some(byte) != self.quote {
                return true;
            }
            match self.end_of_quotes(record, at + n, quote, true) {
                Ok(after) => at = after,
                Err(_) => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str, ended: bool, dialect: &Dialect) -> End {
        Form::of(dialect, &Limits::default()).end_of_record(text.as_bytes(), 0, ended)
    }

    #[test]
    fn records_end_outside_quotes_only() {
        let at = |next, quoted| End::At { next, quoted };
        let broken = |at, problem| End::Broken { at, problem };
        let limits = Limits { field_bytes: 3, ..Limits::default() };
        let long = |text: &str, ended| {
            Form::of(&Dialect::default(), &limits).end_of_record(text.as_bytes(), 0, ended)
        };
        for ended in [false, true] {
            assert_eq!(long("\"abc\"\n", ended), End::At { next: 6, quoted: true });
            assert_eq!(long("\"abcd\"\n", ended), End::Broken { at: 0, problem: Problem::LongField(3) });
            assert_eq!(long("\"abcd", ended), End::Broken { at: 0, problem: Problem::LongField(3) });
        }
        let plain = Dialect::default();
        for (text, ended, expected) in [
            ("a,b\n1", false, at(4, false)),
            ("a,b", true, at(3, false)),
            ("a,b", false, End::More),
            ("", true, at(0, false)),
            ("\n", false, at(1, false)),
            ("\"a\nb\",c\nd", false, at(8, true)),
            ("\"a\"\"\n\"\n", false, at(7, true)),
            ("\"a\"\r\n", false, at(5, true)),
            ("\"a\"\r", false, End::More),
            ("\"a\"", false, End::More),
            ("\"a\"", true, at(3, true)),
            ("x,\"", true, broken(2, Problem::UnclosedQuote)),
            ("\"a\"\rb", false, broken(3, Problem::StrayLineEnd)),
            ("\"a\"b\n", false, broken(3, Problem::TextAfterQuote)),
            ("x,\"a\" ,b\n", false, broken(5, Problem::TextAfterQuote)),
            ("a\"b\n", false, broken(1, Problem::QuoteInText)),
            ("a, \"b\"\n", false, broken(3, Problem::QuoteInText)),
        ] {
            assert_eq!(end(text, ended, &plain), expected, "{text:?}");
        }
        let comment = Dialect { comment: Some("##".to_owned()), ..plain.clone() };
        assert_eq!(end("##\"\nx", false, &comment), at(4, false));
        assert_eq!(end("#", false, &comment), End::More);
        assert_eq!(end("#\"\n", false, &comment), broken(1, Problem::QuoteInText));
        let escape = Dialect { escape: Some(b'\\'), ..plain.clone() };
        assert_eq!(end("\"a\\\"\n\"\n", false, &escape), at(7, true));
        assert_eq!(end("\"a\\", true, &escape), broken(0, Problem::UnclosedQuote));
        let none = Dialect { quote: None, ..plain.clone() };
        assert_eq!(end("a\"\nb\"\n", false, &none), at(3, false));
        let cr = Dialect { line_end: LineEnd::Cr, ..plain };
        assert_eq!(end("\"a\rb\"\rc", false, &cr), at(6, true));
    }
}
