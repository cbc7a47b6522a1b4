//! The tags of a template, read beside the engine to tell where a mistake is.

use common::text;

/// What each statement that holds others ends with.
const PAIRS: [(&str, &str); 6] = [
    ("if", "endif"),
    ("for", "endfor"),
    ("set", "endset"),
    ("with", "endwith"),
    ("filter", "endfilter"),
    ("raw", "endraw"),
];

/// The template with the line ends that `{% endraw %}` would take: behind a reference on a line of text the line goes on
/// to be one.
pub(super) fn with_line_ends(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    for line in template.split_inclusive('\n') {
        let last = line.rfind("{%").map(|at| (&line[..at], &line[at..]));
        match last.and_then(|(before, tag)| Some((before, tag.strip_suffix("%}\n")?))) {
            Some((before, tag))
                if tag.trim_start_matches(['{', '%', '-', '+']).trim() == "endraw"
                    && !before.trim().is_empty() =>
            {
                out.extend([before, tag, "+%}\n"]);
            }
            _ => out.push_str(line),
        }
    }
    out
}

/// A statement that is open.
struct Open<'a> {
    tag: &'a str,
    line: u64,
    end: &'static str,
}

/// The line of a statement that is not closed, and what is wrong; none where all are.
pub(super) fn unclosed(template: &str) -> Option<(u64, String)> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while let Some(found) = template[at..].find('{') {
        let start = at + found;
        let rest = &template[start..];
        let (close, tag) = match rest.as_bytes().get(1) {
            Some(b'{') => ("}}", false),
            Some(b'#') => ("#}", false),
            Some(b'%') => ("%}", true),
            _ => {
                at = start + 1;
                continue;
            }
        };
        let length = rest.find(close)? + 2;
        at = start + length;
        let inner = rest[2..length - 2].trim_matches(['-', '+']).trim();
        let word = inner.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        if !tag {
            continue;
        }
        let pair = PAIRS.iter().find(|(begin, end)| *begin == word || *end == word);
        // `{% set a = 1 %}` holds nothing.
        let Some((begin, end)) = pair.filter(|_| word != "set" || !inner.contains('=')) else { continue };
        let line = template[..start].matches('\n').count() as u64 + 1;
        if word == *begin {
            open.push(Open { tag: &rest[..length], line, end });
            if word == "raw" {
                // What it holds is no tag.
                let Some(closing) = template[at..].find("endraw") else { break };
                at += template[at..at + closing].rfind("{%").unwrap_or(closing);
            }
            continue;
        }
        match open.pop() {
            Some(last) if last.end == word => {}
            Some(last) => {
                return Some(told(&last, &format!(" before {} of line {line}", text::name(&rest[..length]))));
            }
            None => return None,
        }
    }
    open.pop().map(|last| told(&last, ""))
}

fn told(open: &Open<'_>, before: &str) -> (u64, String) {
    let tag = text::name(open.tag);
    (open.line, format!("{tag} is not closed{before}: no `{{% {} %}}`", open.end))
}

/// The line of the template that made this line of the draft, which holds a mark: its number, and what it shares the
/// line with. None where several lines could be it.
pub(super) fn origin(template: &str, made: &str) -> Option<(u64, &'static str)> {
    let begin = made.find("<!--")?;
    let mark = &made[begin..begin + made[begin..].find("-->")? + 3];
    let mut lines = template.lines().zip(1u64..).filter(|(line, _)| line.contains(mark));
    let (line, number) = lines.next().filter(|_| lines.next().is_none())?;
    let glued = begin > 0 && line.trim_start().starts_with(mark);
    let why = "; the tag that ends the line before takes the line end with it: write `+%}` there";
    Some((number, if glued { why } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_that_is_open_is_named() {
        for (template, line, said) in [
            (
                "a\n{% if x %}\n{% for a in b %}{% endfor %}",
                2,
                "`{% if x %}` is not closed: no `{% endif %}`",
            ),
            (
                "{% for a in b %}\n{% if a %}\n{% endfor %}",
                2,
                "is not closed before `{% endfor %}` of line 3: no `{% endif %}`",
            ),
            ("{% set a = 1 %}{% set b %}x", 1, "`{% set b %}`"),
            ("{% raw %}{% if %}", 1, "no `{% endraw %}`"),
            ("{% raw %}{% if %}{% endraw %}\n{%- if a -%}", 2, "`{%- if a -%}`"),
        ] {
            let (at, why) = unclosed(template).unwrap();
            assert!(at == line && why.contains(said), "{at}: {why}");
        }
        for template in [
            "{% if x %}{% else %}{% endif %}",
            "{# {% if %} #}{{ \"{% if %}\" }}",
            "{% endif %}",
            "{% if",
            "{",
        ] {
            assert_eq!(unclosed(template), None, "{template}");
        }
    }

    #[test]
    fn only_lines_of_text_keep_their_end() {
        for (template, kept) in [
            ("a {% raw %}{{ b }}{% endraw %}\nc", "a {% raw %}{{ b }}{% endraw +%}\nc"),
            ("{% raw %}\n{{ b }}\n{% endraw %}\nc", "{% raw %}\n{{ b }}\n{% endraw %}\nc"),
            ("a {% endraw -%}\n{% endif %}\n", "a {% endraw -%}\n{% endif %}\n"),
            ("a {%- endraw %}", "a {%- endraw %}"),
        ] {
            assert_eq!(with_line_ends(template), kept);
        }
    }
}
