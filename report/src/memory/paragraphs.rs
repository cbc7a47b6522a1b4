//! Where the paragraphs of a text stand.

use std::ops::Range;

/// Byte ranges of the paragraphs of `text`, in order, without the line end of their last line.
///
/// Paragraphs are parted by blank lines. The items of a list stay together, also where a blank line
/// parts them from their own indented lines; fenced code is one paragraph to its closing fence or the end.
pub(crate) fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    let mut open: Option<Open> = None;
    // A list that a blank line ended: the next item of it, or what is indented, belongs to it.
    let mut list: Option<usize> = None;
    for line in lines(text) {
        let shown = &text[line.clone()];
        let blank = shown.trim().is_empty();
        if let Some(paragraph) = &mut open {
            if !blank || paragraph.fence.is_some() {
                paragraph.take(shown, line.end);
                continue;
            }
            list = paragraph.list.then_some(all.len());
            all.push(paragraph.range.clone());
            open = None;
        }
        if blank {
            continue;
        }
        let goes_on = list.take().filter(|_| is_item(shown) || is_indented(shown));
        open = Some(match goes_on.and_then(|_| all.pop()) {
            Some(before) => {
                let mut paragraph = Open { range: before, list: true, fence: None };
                paragraph.take(shown, line.end);
                paragraph
            }
            None => Open::new(shown, line),
        });
    }
    all.extend(open.map(|paragraph| paragraph.range));
    all
}

/// A paragraph whose end is not yet known.
struct Open {
    range: Range<usize>,
    list: bool,
    fence: Option<(char, usize)>,
}

impl Open {
    fn new(line: &str, range: Range<usize>) -> Self {
        Self { range, list: is_item(line), fence: fence(line) }
    }

    fn take(&mut self, line: &str, end: usize) {
        self.range.end = end;
        match (self.fence, fence(line)) {
            (None, opening) => self.fence = opening,
            (Some((mark, count)), Some((same, more)))
                if mark == same && more >= count && line.trim().chars().all(|c| c == mark) =>
            {
                self.fence = None;
            }
            _ => {}
        }
    }
}

/// Byte ranges of the lines, without their ends.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = from;
        from += line.len();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    })
}

/// The mark of a fence of code and how often it stands there.
pub(super) fn fence(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == mark).count();
    // A span of code that begins a line is no fence.
    let info = line.get(count..).unwrap_or("");
    (count >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, count))
}

fn is_indented(line: &str) -> bool {
    line.starts_with("  ") || line.starts_with('\t')
}

fn is_item(line: &str) -> bool {
    item(line).is_some()
}

/// Length of the blanks and the mark that make `line` an item of a list.
pub(super) fn item(line: &str) -> Option<usize> {
    let rest = line.trim_start();
    let blanks = line.len() - rest.len();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mark = rest.as_bytes().get(digits)?;
    let marked = if digits == 0 { b"-*+".contains(mark) } else { digits < 10 && b".)".contains(mark) };
    let after = rest.as_bytes().get(digits + 1);
    (marked && after.is_none_or(u8::is_ascii_whitespace)).then_some(blanks + digits + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        paragraphs(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn blank_lines_part_paragraphs() {
        assert_eq!(split("one\nstill one\n\n \t\ntwo\r\n\r\nthree"), ["one\nstill one", "two", "three"]);
        assert_eq!(split("\n\n"), [""; 0]);
    }

    #[test]
    fn lists_tables_and_code_stay_whole() {
        assert_eq!(split("1. a\n\n2. b\n\n   more of b\n\nend"), ["1. a\n\n2. b\n\n   more of b", "end"]);
        assert_eq!(split("- a\n- b\n\n**bold** text"), ["- a\n- b", "**bold** text"]);
        assert_eq!(split("| a |\n| --- |\n| 1 |\n\nend"), ["| a |\n| --- |\n| 1 |", "end"]);
        assert_eq!(split("```\na\n\nb\n```\n\nend"), ["```\na\n\nb\n```", "end"]);
        assert_eq!(
            split("text\n~~~\na\n\n```\n\n~~~\nmore\n\nend"),
            ["text\n~~~\na\n\n```\n\n~~~\nmore", "end"]
        );
        assert_eq!(split("~~~\nnever closed\n\nend"), ["~~~\nnever closed\n\nend"]);
    }
}
