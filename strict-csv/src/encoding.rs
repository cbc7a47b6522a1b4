//! How the bytes of a source stand for characters.

use std::fmt;

/// A character encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8: what is read as it is.
    Utf8,
    /// ISO 8859-1: each byte is the code point of its value. (The Encoding Standard reads this label
    /// as windows-1252, which differs from 0x80 to 0x9F.)
    Latin1,
    /// UTF-16 in the order that its byte order mark tells, little-endian without one.
    Utf16,
    /// Any other encoding of the Encoding Standard, <https://encoding.spec.whatwg.org/>.
    Other(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// The encoding of a label such as `utf-8`, `latin-1`, `windows-1252`, `utf-16-le`, `gb18030`;
    /// nothing where no encoding has it.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        let plain: String = label.trim().to_ascii_lowercase().replace('_', "-");
        if ["latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1"].contains(&plain.as_str()) {
            return Some(Self::Latin1);
        }
        if plain == "utf-16" || plain == "utf16" {
            return Some(Self::Utf16);
        }
        let plain = plain.replace("utf-16-", "utf-16");
        let found = encoding_rs::Encoding::for_label_no_replacement(plain.as_bytes())?;
        Some(if found == encoding_rs::UTF_8 { Self::Utf8 } else { Self::Other(found) })
    }

    /// Its name, in lower case.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Utf8 => "utf-8".to_owned(),
            Self::Latin1 => "iso-8859-1".to_owned(),
            Self::Utf16 => "utf-16".to_owned(),
            Self::Other(other) => other.name().to_ascii_lowercase(),
        }
    }

    /// The encoding whose byte order mark begins `head`, and the mark's length. UTF-32 has one too, which
    /// begins as that of UTF-16 does: ask [`is_utf_32`] first.
    pub(crate) fn of_mark(head: &[u8]) -> Option<(Self, usize)> {
        encoding_rs::Encoding::for_bom(head).map(|(found, length)| {
            (if found == encoding_rs::UTF_8 { Self::Utf8 } else { Self::Other(found) }, length)
        })
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Whether `head` begins with a byte order mark of UTF-32, which is not read.
pub(crate) fn is_utf_32(head: &[u8]) -> bool {
    head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_as_people_write_them() {
        for (label, name) in [
            ("UTF-8", "utf-8"),
            ("utf8", "utf-8"),
            ("latin-1", "iso-8859-1"),
            ("ISO-8859-1", "iso-8859-1"),
            ("cp1252", "windows-1252"),
            ("windows-1252", "windows-1252"),
            ("utf-16-le", "utf-16le"),
            ("UTF_16_BE", "utf-16be"),
            ("utf-16", "utf-16"),
            ("iso-8859-7", "iso-8859-7"),
            ("gb18030", "gb18030"),
            ("shift_jis", "shift_jis"),
        ] {
            assert_eq!(Encoding::of_label(label).map(Encoding::name).as_deref(), Some(name), "{label}");
        }
        assert_eq!(Encoding::of_label("klingon"), None);
        assert_eq!(Encoding::of_label(""), None);
    }
}
