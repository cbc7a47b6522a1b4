//! Placeholders, which are shown so that none is overlooked.

use super::text::escaped;

/// How a placeholder begins, in capitals or not, and how it ends.
const BEGINS: &str = concat!("[TO", "DO");
const ENDS: char = ']';

/// Where the first placeholder of a text begins.
pub(super) fn find(text: &str) -> Option<usize> {
    let begins = |at: &usize| text.as_bytes()[*at..].get(..BEGINS.len());
    let is_one = |at: &usize| begins(at).is_some_and(|b| b.eq_ignore_ascii_case(BEGINS.as_bytes()));
    text.match_indices('[').map(|(at, _)| at).find(is_one)
}

/// Writes text with each placeholder marked; of one that does not end in this text, what it begins with.
pub(super) fn write(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = find(rest) {
        let end = rest[at..].find(ENDS).map_or(BEGINS.len(), |end| end + ENDS.len_utf8());
        out.push_str(&escaped(&rest[..at]));
        out.push_str("<mark class=\"open\">");
        out.push_str(&escaped(&rest[at..at + end]));
        out.push_str("</mark>");
        rest = &rest[at + end..];
    }
    out.push_str(&escaped(rest));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_stand_out() {
        let mark = |text: &str| {
            let mut out = String::new();
            write(&mut out, &text.replace('@', BEGINS));
            out.replace(BEGINS, "@")
        };
        assert_eq!(
            mark("a @: b] c @] [x]"),
            "a <mark class=\"open\">@: b]</mark> c <mark class=\"open\">@]</mark> [x]"
        );
        assert_eq!(mark("@: *"), "<mark class=\"open\">@</mark>: *");
        assert_eq!(mark("plain <"), "plain &lt;");
        assert_eq!(find("é [é [todo"), Some("é [é ".len()));
    }
}
