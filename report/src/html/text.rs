//! Text and attributes, escaped; which addresses a link may have.

/// `text` as HTML text, also safe inside a quoted attribute: markup characters become entities; controls, which
/// no HTML may hold, become visible.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || is_noncharacter(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// Code points that stand for no character; a parser of HTML complains of them.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether a link may lead there: to a part of this page, or out of it by http, https or mailto.
pub(super) fn may_lead_to(address: &str) -> bool {
    if address.starts_with('#') {
        return true;
    }
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|s| matches!(s.as_str(), "http" | "https" | "mailto"))
}

/// The attributes of a link to `address`, which must be one that [`may_lead_to`] allows.
pub(super) fn link(address: &str, title: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escaped(title)) };
    let rel = if address.starts_with('#') { "" } else { " rel=\"noopener noreferrer\"" };
    format!("<a href=\"{}\"{title}{rel}>", escaped(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_markup_and_no_control_is_left() {
        for (text, shown) in [
            ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;'"),
            ("\u{1b}[31m\0\u{7f}\u{85}", "\\u{1b}[31m\\u{0}\\u{7f}\\u{85}"),
            ("\u{fffe}\u{1ffff}\u{fdd0}", "\\u{fffe}\\u{1ffff}\\u{fdd0}"),
            ("line\n\tnext é 漢 😀", "line\n\tnext é 漢 😀"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn links_lead_to_the_web_to_mail_or_into_the_page() {
        for address in ["#a", "http://a.org", "HTTPS://a.org", "mailto:a@b.org"] {
            assert!(may_lead_to(address), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//a.org",
            "a.html",
            "../a",
            "",
            "java\nscript:http:",
            "blob:http://x",
        ] {
            assert!(!may_lead_to(address), "{address}");
        }
    }
}
