//! Where references may stand: outside code spans, fenced code and comments.

/// A piece of a document; the pieces in order are the whole of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Kept as it is.
    Text(&'a str),
    /// What stands between `{{` and `}}`.
    Reference { expression: &'a str, line: usize },
    /// From a `{{` that is not closed to the end of its line.
    Open { text: &'a str, line: usize },
}

/// Cuts a document.
pub(super) fn pieces(document: &str) -> Vec<Piece<'_>> {
    let mut scan = Scan { document, from: 0, at: 0, line: 1, pieces: Vec::new() };
    let mut fence: Option<(char, usize)> = None;
    while scan.at < document.len() {
        let line = line_at(document, scan.at);
        let marks = fence_of(line);
        match (fence, marks) {
            (Some((mark, least)), Some((found, length, bare)))
                if mark == found && length >= least && bare =>
            {
                fence = None;
                scan.skip(line.len());
            }
            (Some(_), _) => scan.skip(line.len()),
            (None, Some((mark, length, _))) => {
                fence = Some((mark, length));
                scan.skip(line.len());
            }
            (None, None) => scan.line(line),
        }
    }
    scan.text_up_to(document.len());
    scan.pieces
}

/// A line with its end.
fn line_at(document: &str, at: usize) -> &str {
    let rest = &document[at..];
    &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)]
}

/// The fence that a line is: its mark, how long, and whether nothing follows it. Quotes and lists may hold it.
fn fence_of(line: &str) -> Option<(char, usize, bool)> {
    let inner = line.trim_start_matches([' ', '>', '\t']).trim_end();
    let mark = inner.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = inner.chars().take_while(|c| *c == mark).count();
    let info = &inner[length..];
    // Backticks after backticks are a code span.
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length, info.is_empty()))
}

struct Scan<'a> {
    document: &'a str,
    /// Where the text that is kept begins.
    from: usize,
    at: usize,
    line: usize,
    pieces: Vec<Piece<'a>>,
}

impl Scan<'_> {
    /// Goes on by some bytes, which are kept.
    fn skip(&mut self, bytes: usize) {
        self.line += self.document[self.at..self.at + bytes].matches('\n').count();
        self.at += bytes;
    }

    fn text_up_to(&mut self, end: usize) {
        if self.from < end {
            self.pieces.push(Piece::Text(&self.document[self.from..end]));
        }
        self.from = end;
    }

    /// A line of prose; a comment or a code span may lead over its end.
    fn line(&mut self, line: &str) {
        let end = self.at + line.len();
        while self.at < end {
            let rest = &self.document[self.at..];
            if let Some(after) = rest.strip_prefix('\\') {
                // The next character is not what it seems, and `\{{` is no reference.
                let escaped = after.chars().next().map_or(0, char::len_utf8);
                self.skip(1 + if after.starts_with("{{") { 2 } else { escaped });
            } else if rest.starts_with("<!--") {
                self.skip(rest.find("-->").map_or(rest.len(), |close| close + 3));
            } else if rest.starts_with('`') {
                self.skip(code_span(rest));
            } else if rest.starts_with("{{") {
                self.reference(end);
            } else {
                self.skip(rest.chars().next().map_or(1, char::len_utf8));
            }
        }
    }

    fn reference(&mut self, end: usize) {
        let (line, start) = (self.line, self.at);
        self.text_up_to(start);
        let rest = &self.document[start + 2..end];
        if let Some(close) = closing(rest).or_else(|| rest.find("}}")) {
            self.pieces.push(Piece::Reference { expression: &rest[..close], line });
            self.skip(close + 4);
        } else {
            let open = self.document[start..end].trim_end_matches(['\n', '\r']);
            self.pieces.push(Piece::Open { text: open, line });
            self.skip(open.len());
        }
        self.from = self.at;
    }
}

/// Where `}}` stands outside quotation marks.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '}' if !quoted && text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    None
}

/// Length of the code span that `text` begins with; of the backticks alone where nothing closes it in its paragraph.
fn code_span(text: &str) -> usize {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let mut at = ticks;
    while let Some(found) = text[at..].find(['`', '\n']) {
        at += found;
        if text[at..].starts_with('\n') {
            at += 1;
            if line_at(text, at).trim().is_empty() {
                break;
            }
            continue;
        }
        let run = text[at..].len() - text[at..].trim_start_matches('`').len();
        at += run;
        if run == ticks {
            return at;
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(document: &str) -> Vec<(usize, &str)> {
        let pieces = pieces(document);
        let whole: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Open { text, .. } => (*text).to_owned(),
                Piece::Reference { expression, .. } => format!("{{{{{expression}}}}}"),
            })
            .collect();
        assert_eq!(whole, document, "the pieces are the whole");
        let one = |piece: Piece<'_>| match piece {
            Piece::Reference { expression, line } => {
                Some((line, &document[document.find(expression)?..][..expression.len()]))
            }
            _ => None,
        };
        pieces.into_iter().filter_map(one).collect()
    }

    #[test]
    fn code_and_comments_hold_no_references() {
        for document in [
            "`{{ a }}`",
            "`` x ` {{ a }} ``",
            "`over\n{{ a }} lines`",
            "```\n{{ a }}\n```\n",
            "~~~ text\n```\n{{ a }}\n~~~~\n",
            "> ```\n> {{ a }}\n> ```\n",
            "<!-- {{ a }} -->",
            "<!-- over\n\n{{ a }}\n-->",
            "\\{{ a }}",
            "{{ not closed",
            "```\nnot closed {{ a }}",
            "\\\n",
            "é\\é",
        ] {
            assert_eq!(references(document), [], "{document}");
        }
    }

    #[test]
    fn prose_does() {
        for (document, found) in [
            ("{{ a }}", vec![(1, " a ")]),
            ("x {{a}} y\n\n> {{ b }}\r\n", vec![(1, "a"), (3, " b ")]),
            ("`code` {{ a }} `", vec![(1, " a ")]),
            ("a ` b\n\n{{ a }} `", vec![(3, " a ")]),
            ("<!-- x --> {{ a }}", vec![(1, " a ")]),
            ("```\nx\n```\n{{ a }}", vec![(4, " a ")]),
            ("\\\\{{ a }}", vec![(1, " a ")]),
            ("{{ x[\"}}\"] }}", vec![(1, " x[\"}}\"] ")]),
            ("é{{ a }}é", vec![(1, " a ")]),
        ] {
            assert_eq!(references(document), found, "{document}");
        }
    }
}
