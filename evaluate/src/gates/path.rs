//! Dotted paths: `test.mae`, and names with a dot in backquotes, as in expressions.

use std::fmt;

use common::text;

/// The names on the way to a figure, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(pub(super) Vec<String>);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// A message that names it.
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("{} is no path: {what}", text::name(path)));
        let (mut names, mut rest) = (Vec::new(), path);
        loop {
            let next = if let Some(inner) = rest.strip_prefix('`') {
                quoted(inner)
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                Some((rest[..end].to_owned(), &rest[end..]))
            };
            let Some((name, after)) = next else { return wrong("a backquote is not closed") };
            if name.is_empty() {
                return wrong("a name between the dots is empty");
            }
            names.push(name);
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None if after.is_empty() => return Ok(Self(names)),
                None => return wrong("after a backquote comes a dot or the end"),
            }
        }
    }
}

/// The name before the closing backquote, a double one being one of its own, and what follows.
fn quoted(inner: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = inner;
    loop {
        let (before, after) = rest.split_once('`')?;
        name.push_str(before);
        match after.strip_prefix('`') {
            Some(more) => {
                name.push('`');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

/// A name as it is written in a path.
pub(super) fn written(name: &str) -> String {
    if name.is_empty() || name.contains(['.', '`']) {
        format!("`{}`", name.replace('`', "``"))
    } else {
        name.to_owned()
    }
}

/// Names as a path.
pub(super) fn joined<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| written(name.as_ref())).collect::<Vec<_>>().join(".")
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_dot_or_a_backquote_is_quoted() {
        for (text, names) in [
            ("test.mae", &["test", "mae"][..]),
            ("features.`a.b`.psi", &["features", "a.b", "psi"]),
            ("`a``.b`", &["a`.b"]),
            ("`x`", &["x"]),
            ("a`b", &["a`b"]),
        ] {
            assert_eq!(Path::parse(text).unwrap().0, names, "{text}");
        }
        assert_eq!(joined(&["a.b", "c", "d`e"]), "`a.b`.c.`d``e`");
        for wrong in ["", ".", "a.", ".a", "a..b", "`a", "`a`b", "``", "a.`b``"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }
}
