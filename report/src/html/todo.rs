//! Placeholders, which are shown so that none is overlooked.

use super::text::escaped;

/// How a placeholder begins, and how it ends.
const BEGINS: &str = concat!("[TO", "DO");
const ENDS: char = ']';

/// Writes text with each placeholder marked; of one that does not end in this text, what it begins with.
pub(super) fn write(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(BEGINS) {
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
    }
}
