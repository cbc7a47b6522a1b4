//! HTML that an analyst wrote into the Markdown: a short list of tags passes, comments vanish, the rest is text.

/// Tags around words.
const INLINE: [&str; 8] = ["sub", "sup", "kbd", "mark", "ins", "del", "small", "br"];
/// Tags around blocks.
const BLOCK: [&str; 2] = ["details", "summary"];

/// A piece of raw HTML.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw<'a> {
    /// An opening tag of the list; the text is as it was written.
    Open(&'static str, &'a str),
    /// A closing tag of the list.
    Close(&'static str, &'a str),
    /// What stands between `<!--` and `-->`.
    Comment(&'a str),
    /// Everything else.
    Text(&'a str),
}

/// Cuts raw HTML into its pieces.
pub(super) fn pieces(html: &str) -> Vec<Raw<'_>> {
    let mut all = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(offset) = html[at..].find('<') {
        let start = at + offset;
        let Some((piece, length)) = piece(&html[start..]) else {
            at = start + 1;
            continue;
        };
        if from < start {
            all.push(Raw::Text(&html[from..start]));
        }
        all.push(piece);
        at = start + length;
        from = at;
    }
    if from < html.len() {
        all.push(Raw::Text(&html[from..]));
    }
    all
}

/// True for a tag around blocks, which may not stand in a paragraph.
pub(super) fn is_block(tag: &str) -> bool {
    BLOCK.contains(&tag)
}

/// The comment or tag at the start of `html`, with its length.
fn piece(html: &str) -> Option<(Raw<'_>, usize)> {
    if let Some(rest) = html.strip_prefix("<!--") {
        // A comment that nobody closed hides nothing: it is text.
        let end = rest.find("-->")?;
        return Some((Raw::Comment(&rest[..end]), "<!---->".len() + end));
    }
    let length = html.find('>')? + 1;
    let whole = &html[..length];
    let inner = &html[1..length - 1];
    let (closing, name) = match inner.strip_prefix('/') {
        Some(name) => (true, name),
        None => (false, inner.strip_suffix('/').unwrap_or(inner)),
    };
    let name = name.trim_end_matches([' ', '\t', '\n']);
    let tag = INLINE.iter().chain(&BLOCK).find(|tag| tag.eq_ignore_ascii_case(name))?;
    // `<sub/>` is read as `<sub>` by every browser, which is not what was meant.
    let alone = *tag == "br";
    if closing == alone && closing || inner.ends_with('/') && !alone {
        return None;
    }
    Some((if closing { Raw::Close(tag, whole) } else { Raw::Open(tag, whole) }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_the_list_pass_without_attributes_only() {
        assert_eq!(
            pieces("a<SUB>2</sub ><br/><br>"),
            [
                Raw::Text("a"),
                Raw::Open("sub", "<SUB>"),
                Raw::Text("2"),
                Raw::Close("sub", "</sub >"),
                Raw::Open("br", "<br/>"),
                Raw::Open("br", "<br>"),
            ]
        );
        for html in [
            "<script>",
            "<sub onclick=x>",
            "</br>",
            "<sub/>",
            "< sub>",
            "<sub",
            "<",
            "<!-- open",
            "<!DOCTYPE html>",
        ] {
            assert_eq!(pieces(html), [Raw::Text(html)], "{html}");
        }
    }

    #[test]
    fn comments_are_told_from_text() {
        assert_eq!(pieces("<!-- a --><b><!---->"), [Raw::Comment(" a "), Raw::Text("<b>"), Raw::Comment("")]);
    }
}
