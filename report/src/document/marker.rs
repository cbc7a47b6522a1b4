//! Marker lines.

/// A line that begins or ends something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Marker<'a> {
    Begin {
        name: &'a str,
    },
    End {
        name: &'a str,
        hash: Option<&'a str>,
    },
    /// Looks like a marker and is none.
    Broken,
}

/// What begins every comment of ours.
const OURS: &str = "millrace:";

/// The marker that a line is; nothing where it is none.
pub(super) fn read(line: &str) -> Option<Marker<'_>> {
    let trimmed = line.trim();
    if !trimmed.contains("<!--") || !trimmed.contains(OURS) {
        return None;
    }
    Some(whole(trimmed).unwrap_or(Marker::Broken))
}

fn whole(line: &str) -> Option<Marker<'_>> {
    let inside = line.strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let mut words = inside.strip_prefix(OURS)?.split_whitespace();
    let (kind, name) = (words.next()?, words.next()?);
    let hash = words.next();
    if !named(name) || words.next().is_some() {
        return None;
    }
    match (kind, hash) {
        ("begin", None) => Some(Marker::Begin { name }),
        // Anything else may be somebody's word.
        ("end", hash) if hash.is_none_or(is_hash) => Some(Marker::End { name, hash }),
        _ => None,
    }
}

fn is_hash(word: &str) -> bool {
    word.len() <= super::DIGITS && word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Whether a block or a note may have this name.
fn named(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-:".contains(c))
}

pub(super) fn begin(name: &str) -> String {
    format!("<!-- {OURS}begin {name} -->")
}

pub(super) fn end(name: &str, hash: Option<&str>) -> String {
    match hash {
        Some(hash) => format!("<!-- {OURS}end {name} {hash} -->"),
        None => format!("<!-- {OURS}end {name} -->"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_as_people_leave_it() {
        for (line, expected) in [
            ("<!-- millrace:begin drift -->", Some(Marker::Begin { name: "drift" })),
            ("  <!--millrace:begin   drift-->\t", Some(Marker::Begin { name: "drift" })),
            (
                "<!-- millrace:end drift 12ab34cd -->",
                Some(Marker::End { name: "drift", hash: Some("12ab34cd") }),
            ),
            ("<!-- millrace:end drift -->", Some(Marker::End { name: "drift", hash: None })),
            ("<!-- millrace:end drift --", Some(Marker::Broken)),
            ("text <!-- millrace:end drift -->", Some(Marker::Broken)),
            ("<!-- millrace:begin -->", Some(Marker::Broken)),
            ("<!-- millrace:begin Drift! -->", Some(Marker::Broken)),
            ("<!-- millrace:stop drift -->", Some(Marker::Broken)),
            ("<!-- millrace:end drift mine -->", Some(Marker::Broken)),
            ("the words millrace:begin drift", None),
            ("<!-- a comment -->", None),
            ("", None),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
        assert_eq!(read(&begin("a-b_1")), Some(Marker::Begin { name: "a-b_1" }));
        assert_eq!(read(&end("a", Some("0f"))), Some(Marker::End { name: "a", hash: Some("0f") }));
    }
}
