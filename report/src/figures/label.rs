//! Text of figures: names from data made harmless and short, and how wide text is, roughly.

use common::text;

/// Escapes a name from data for where the sentence goes.
pub(super) type Quote = fn(&str) -> String;

/// Widest name in a sentence, in em.
const QUOTED: f64 = 40.0;

/// `name` in quotation marks, short, as plain text.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", cut(name, QUOTED))
}

/// `name` on one line, without control and direction characters, at most `most` em wide: an ellipsis stands for the rest.
pub(super) fn cut(name: &str, most: f64) -> String {
    if name.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let mut out = String::new();
    let mut wide = 0.0;
    for c in name.chars() {
        let shown = text::one_line(c.encode_utf8(&mut [0; 4]));
        // XML has no form for these two, not even an escaped one.
        let shown = shown.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        wide += width(&shown);
        if wide > most {
            out.push('…');
            break;
        }
        out.push_str(&shown);
    }
    out
}

/// How wide `text` is in em, rather too much: whose font it is shown in is not known.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(one).sum()
}

/// As in `DejaVu Sans`, the widest of the common fonts.
fn one(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.33,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '-' | '/' | '\\' => 0.41,
        'c' | 's' | 'z' | '“' | '”' => 0.55,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 1.0,
        c if c.is_uppercase() => 0.79,
        // Wide scripts and pictures.
        '\u{1100}'..='\u{11ff}' | '\u{3000}'.. => 1.3,
        _ => 0.64,
    }
}

/// `text` as the content of an XML element; it holds no control characters.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_short_and_harmless() {
        assert_eq!(cut("median", 40.0), "median");
        assert_eq!(cut("  ", 40.0), "(empty)");
        assert_eq!(cut("a\u{0}\u{202e}b\u{fffe}", 40.0), "a\\u{0}\\u{202e}b\u{fffd}");
        let long = cut(&"x".repeat(10_000), 10.0);
        assert!(long.ends_with('…') && width(&long) < 11.1, "{long}");
        assert_eq!(xml("]]><a href=\"&\">"), "]]&gt;&lt;a href=\"&amp;\"&gt;");
    }
}
