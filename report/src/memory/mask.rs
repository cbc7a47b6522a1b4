//! What of a paragraph is prose: the rest is blanked out, byte for byte, so that places stay.

use crate::memory::paragraphs::{self, Code};

/// Takes the place of every byte that is no prose. It parts numbers, and is no blank between a number and its unit.
pub(super) const MASK: u8 = 0;

/// The text with code, comments, addresses, references and tags blanked out.
pub(super) struct Prose {
    /// For numbers.
    pub(super) numbers: String,
    /// For words: spans of code are left, since names of columns stand in them.
    pub(super) words: String,
}

impl Prose {
    pub(super) fn of(text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        blocks(text, &mut bytes);
        spans(&mut bytes);
        let words = bytes.clone();
        code(&mut bytes);
        Self { numbers: string(bytes), words: string(words) }
    }
}

/// Whole characters are blanked, so this loses nothing.
fn string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Code that is fenced or indented, comments that nothing closes, definitions of links, marks of lists and numbers of
/// headings.
fn blocks(text: &str, bytes: &mut [u8]) {
    let mut code = Code::default();
    // The lines that begin a paragraph: later ones may be indented and are its text.
    let mut indented = true;
    for line in paragraphs::lines(text) {
        let shown = &text[line.clone()];
        let commented = code.holds();
        indented &= paragraphs::is_code(shown) || shown.trim().is_empty();
        if code.line(shown, &text[line.end..]) || indented {
            bytes[line].fill(MASK);
            continue;
        }
        if code.holds() && !text[line.start..].contains("-->") {
            bytes[line.start..].fill(MASK);
            return;
        }
        if commented {
            continue;
        }
        let quoted = shown.len() - shown.trim_start_matches(['>', ' ', '\t']).len();
        let inner = &shown[quoted..];
        let masked = if definition(inner) {
            inner.len()
        } else if let Some(length) = paragraphs::item(inner) {
            length
        } else {
            heading(inner)
        };
        bytes[line.start + quoted..line.start + quoted + masked].fill(MASK);
    }
}

/// `[label]: address`, also of a footnote.
fn definition(line: &str) -> bool {
    line.strip_prefix('[').and_then(|l| l.split_once(']')).is_some_and(|(label, rest)| {
        !label.starts_with('^') && rest.starts_with(':') && !rest.starts_with("::")
    })
}

/// Length of the marks and the number that begin a heading: `## 2.1 Data`.
fn heading(line: &str) -> usize {
    let rest = line.trim_start_matches('#');
    if rest.len() == line.len() || !rest.starts_with([' ', '\t']) {
        return 0;
    }
    let title = rest.trim_start();
    line.len() - title.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')')).len()
}

/// What is no prose from its opening to its closing: comments, references, targets of links, notes, entities, tags.
const PAIRS: [(&[u8], &[u8], usize); 7] = [
    (b"<!--", b"-->", usize::MAX),
    (b"{{", b"}}", 400),
    (b"{%", b"%}", 400),
    (b"](", b")", 2_000),
    (b"[^", b"]", 80),
    (b"&", b";", 12),
    (b"<", b">", 1_000),
];

/// Comments, references, targets of links, addresses, tags and entities.
fn spans(bytes: &mut [u8]) {
    // Where each closing stands next: every byte is looked at once for each, whatever opens how often.
    let mut closings = [0; PAIRS.len()];
    let mut at = 0;
    while at < bytes.len() {
        let found = PAIRS.iter().position(|(open, _, _)| bytes[at..].starts_with(open));
        let end = match found {
            Some(pair) => closed(bytes, at, pair, &mut closings[pair]),
            None => address(bytes, at),
        };
        match end {
            Some(end) => {
                bytes[at..end].fill(MASK);
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The end of the span of this pair that opens here; `next` is where a closing was seen last.
fn closed(bytes: &[u8], at: usize, pair: usize, next: &mut usize) -> Option<usize> {
    let (open, close, longest) = PAIRS[pair];
    let from = at + open.len();
    if *next < from {
        let more = bytes[from..].windows(close.len()).position(|w| w == close);
        *next = more.map_or(usize::MAX, |n| from + n);
    }
    if *next == usize::MAX || *next - from > longest {
        return None;
    }
    let inner = &bytes[from..*next];
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'#';
    let fits = match open {
        // `R & D; 5` has no entity, `5 < 6` no tag.
        b"&" => inner.iter().all(word),
        b"<" => inner.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/'),
        _ => true,
    };
    fits.then_some(*next + close.len())
}

/// The end of an address that begins here.
fn address(bytes: &[u8], at: usize) -> Option<usize> {
    if !matches!(bytes[at], b'h' | b'f' | b'w' | b's' | b'm')
        || at > 0 && bytes[at - 1].is_ascii_alphanumeric()
    {
        return None;
    }
    let known: [&[u8]; 6] = [b"http://", b"https://", b"ftp://", b"www.", b"s3://", b"mailto:"];
    known.iter().find(|k| bytes[at..].starts_with(k))?;
    let rest = &bytes[at..];
    let end = |b: &u8| b.is_ascii_whitespace() || matches!(*b, MASK | b'>' | b')' | b'"' | b'|');
    Some(at + rest.iter().position(end).unwrap_or(rest.len()))
}

/// Spans of code: from a run of backquotes to the next run of the same length.
pub(super) fn code(bytes: &mut [u8]) {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|b| **b == b'`').count();
        if length > 0 && !(at > 0 && bytes[at - 1] == b'\\') {
            runs.push((at, length));
        }
        at += length.max(1);
    }
    // For each run the next one of its length, found from the end in one pass.
    let mut later = std::collections::BTreeMap::new();
    let mut closing = vec![None; runs.len()];
    for (i, (_, length)) in runs.iter().enumerate().rev() {
        closing[i] = later.insert(*length, i);
    }
    let mut i = 0;
    while i < runs.len() {
        if let Some(close) = closing[i] {
            let (end, length) = runs[close];
            bytes[runs[i].0..end + length].fill(MASK);
            i = close;
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> String {
        Prose::of(text).numbers.replace('\0', "")
    }

    #[test]
    fn only_prose_is_left() {
        for (text, prose) in [
            ("an `x = 12` and ``a ` 3``", "an  and "),
            ("```\n12\n```\n13", "\n\n\n13"),
            ("see [page 4](p.html?x=12) and <https://x.org/12>", "see [page 4 and "),
            ("see http://x.org/12, 5", "see  5"),
            ("<!-- 12 -->a 13<!-- 14", "a 13<!-- 14"),
            ("12\n\n<!-- 13\n\n14", "12\n\n"),
            ("<!-- 12\n```\n13 -->14\n\n15", "14\n\n15"),
            ("    12\n\t13\n14\n    15", "\n\n14\n    15"),
            ("[^1]: 12\n\n    13", ": 12\n\n    13"),
            ("{{ test.mae | 2 }} of 3", " of 3"),
            ("<span title=\"12\">13</span>", "13"),
            ("1. one 2\n2) two 3\n> 3. three", " one 2\n two 3\n>  three"),
            ("## 2.1 Data of 2 kinds", " Data of 2 kinds"),
            ("[1]: http://x.org/7", ""),
            ("note[^12] 3", "note 3"),
            ("18&nbsp;% R & D; 5", "18% R & D; 5"),
            ("5 < 6 and ` 7", "5 < 6 and ` 7"),
        ] {
            assert_eq!(left(text), prose, "{text}");
        }
    }

    #[test]
    fn many_openings_take_no_more_than_one_pass() {
        for open in ["<!--", "{{", "](", "<a", "`", "[^", "&"] {
            let text = open.repeat(300_000);
            assert_eq!(Prose::of(&text).words.len(), text.len());
        }
    }
}
