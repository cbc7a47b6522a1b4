//! Text from data in TOML: strings, lists, keys, comments.

use std::fmt::Write as _;

use common::text;

/// Longest line of a comment.
const WIDTH: usize = 110;

/// A basic string of TOML, whatever the text holds.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // What could hide text or turn it around is written by its number too.
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}') =>
            {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A key of TOML: bare where it can be.
pub(crate) fn key(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !text.is_empty() && text.chars().all(bare) { text.to_owned() } else { string(text) }
}

/// A list of strings, on one line or one below the other.
pub(crate) fn list<S: AsRef<str>>(texts: &[S]) -> String {
    let all: Vec<String> = texts.iter().map(|t| string(t.as_ref())).collect();
    let line = format!("[{}]", all.join(", "));
    if line.chars().count() <= WIDTH { line } else { format!("[\n    {},\n]", all.join(",\n    ")) }
}

/// Comment lines of `words`, which may hold names from data: broken between words.
pub(crate) fn comment(words: &str) -> String {
    let mut out = String::new();
    let mut line = String::from("#");
    for word in text::one_line(words).split(' ').filter(|w| !w.is_empty()) {
        if line.len() > 1 && line.chars().count() + word.chars().count() + 1 > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_reads_back() {
        for text in ["a", "", "a \"b\"\\", "${x} #", "line\nend\u{7f}\t", "\u{202e}x", "[table]", "'''"] {
            let toml = format!("{} = {}\n", key(text), list(&[text]));
            let table: toml::Table = toml::from_str(&toml).unwrap();
            assert_eq!(table[text][0].as_str(), Some(text), "{toml}");
            let commented: toml::Table = toml::from_str(&comment(&text.repeat(300))).unwrap();
            assert!(commented.is_empty());
        }
    }
}
