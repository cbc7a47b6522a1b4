//! Text from data as Markdown text: it shows as it is, and is never markup, whatever it holds.

use common::text;

/// `data` on one line, cut to 200 characters, safe inside a paragraph, a heading or a table cell.
///
/// Controls and direction marks become visible; `&`, `<`, `>` and `|` become entities, so that not
/// even a careless reader of Markdown finds a tag or the end of a cell; other marks get a backslash.
/// An underscore between letters or digits is no mark in any Markdown and stays, to keep names legible.
pub(crate) fn text(data: &str) -> String {
    if data.is_empty() {
        return "(empty)".to_owned();
    }
    let shown: Vec<char> = text::shown(data).chars().collect();
    let mut out = String::with_capacity(shown.len() + 8);
    let marker = list_marker(&shown);
    for (i, &c) in shown.iter().enumerate() {
        let next = shown.get(i + 1).copied();
        let before = i.checked_sub(1).and_then(|b| shown.get(b)).copied();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            // Blanks at an end would be trimmed, several in a row be joined.
            ' ' if before.is_none_or(|b| b == ' ') || next.is_none() => out.push_str("&#32;"),
            '_' if !inside_word(before, next) => out.push_str("\\_"),
            // Braces, so that no text looks like a reference to a figure.
            '\\' | '`' | '*' | '[' | ']' | '#' | '~' | '$' | '!' | '@' | '{' | '}' => out.extend(['\\', c]),
            // No address becomes a link by itself.
            ':' if next == Some('/') => out.push_str("\\:"),
            '.' if ends_with_www(&shown[..i]) => out.push_str("\\."),
            _ if Some(i) == marker => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// `data` in quotation marks, for a sentence.
pub(crate) fn quoted(data: &str) -> String {
    format!("“{}”", text(data))
}

/// Texts, quoted and joined: “a”, “b” and “c”.
pub(crate) fn list<S: AsRef<str>>(data: impl IntoIterator<Item = S>) -> String {
    let mut all: Vec<String> = data.into_iter().map(|d| quoted(d.as_ref())).collect();
    match all.pop() {
        Some(last) if all.is_empty() => last,
        Some(last) => format!("{} and {last}", all.join(", ")),
        None => String::new(),
    }
}

fn inside_word(before: Option<char>, next: Option<char>) -> bool {
    before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)
}

fn ends_with_www(before: &[char]) -> bool {
    before.last_chunk::<3>().is_some_and(|last| last.iter().all(|c| c.eq_ignore_ascii_case(&'w')))
}

/// Where the mark stands that would make the text a list item or an underlined heading.
fn list_marker(shown: &[char]) -> Option<usize> {
    let digits = shown.iter().take_while(|c| c.is_ascii_digit()).count();
    match shown.get(digits) {
        Some('-' | '+' | '=') if digits == 0 => Some(0),
        Some('.' | ')') if digits > 0 && shown.get(digits + 1).is_none_or(|c| c.is_whitespace()) => {
            Some(digits)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_taken_out_of_force() {
        for (data, escaped) in [
            ("median_ahead_1", "median_ahead_1"),
            ("_x_ __y__ *z*", "\\_x\\_ \\_\\_y\\_\\_ \\*z\\*"),
            ("a|b\\|c", "a&#124;b\\\\&#124;c"),
            ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
            ("line\nbreak\r\n", "line\\\\nbreak\\\\r\\\\n"),
            ("`code` ~~no~~ $x$", "\\`code\\` \\~\\~no\\~\\~ \\$x\\$"),
            ("[link](http://x)", "\\[link\\](http\\://x)"),
            ("![i](j)", "\\!\\[i\\](j)"),
            ("www.x.org", "www\\.x.org"),
            ("# title", "\\# title"),
            ("- item", "\\- item"),
            ("===", "\\==="),
            ("12. item", "12\\. item"),
            ("1) item", "1\\) item"),
            ("0.1.0", "0.1.0"),
            (" a  b ", "&#32;a &#32;b&#32;"),
            ("<!-- millrace:end answer -->", "&lt;\\!-- millrace:end answer --&gt;"),
            ("\u{202e}evil", "\\\\u\\{202e\\}evil"),
            ("{{ 7*7 }} {% x %}", "\\{\\{ 7\\*7 \\}\\} \\{% x %\\}"),
            ("=1+1", "\\=1+1"),
            ("$(rm -rf /)", "\\$(rm -rf /)"),
            ("", "(empty)"),
        ] {
            assert_eq!(text(data), escaped, "{data:?}");
        }
    }

    #[test]
    fn no_text_can_end_its_line_cell_or_comment() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        for data in [all.as_str(), "-->", "|", "\n\n# x", "\u{2028}", "\u{0}"] {
            let escaped = text(data);
            assert!(!escaped.contains(['<', '>', '|', '\n', '\r', '\u{0}', '\u{2028}']), "{escaped}");
        }
    }

    #[test]
    fn a_list_reads_as_one() {
        assert_eq!(list(["a", "b", "c"]), "“a”, “b” and “c”");
        assert_eq!(list(["a|"]), "“a&#124;”");
        assert_eq!(list::<&str>([]), "");
    }
}
