//! What a downloaded body is, told by its beginning, and what it is not.

/// Bytes at the beginning of a body that tell what it is.
pub(crate) const HEAD: usize = 1024;

/// How files that are no table begin, and what to do then.
const NO_TABLES: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "is a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook; save the sheet as CSV"),
    (b"%PDF-", "is a PDF, expected a CSV file"),
    (b"PAR1", "is a Parquet file, expected a CSV file"),
    (
        b"version https://git-lfs",
        "is a Git LFS pointer, not the file it stands for; take the address of the file itself",
    ),
    (b"\x89PNG", "is a picture, expected a CSV file"),
];

/// How web pages begin, in small letters.
const PAGES: [&[u8]; 6] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<script"];

/// Why a body that begins with `head` is no table, where it is none.
pub(crate) fn no_table(head: &[u8]) -> Option<&'static str> {
    if let Some((_, why)) = NO_TABLES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(why);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|t| t.eq_ignore_ascii_case(tag));
    if text.is_empty() && head.len() < HEAD {
        return Some("the body is empty");
    }
    if PAGES.iter().any(|tag| begins(tag)) {
        return Some(
            "is a web page, expected a CSV file: a page to log in, or one around the file, whose own address \
             it may show",
        );
    }
    if begins(b"<?xml") {
        return Some("is XML, expected a CSV file");
    }
    is_json(text).then_some("is JSON, expected a CSV file")
}

/// An object or a list by its first two marks; no header of a table begins like this.
fn is_json(text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else { return false };
    let second = rest.trim_ascii_start().first();
    matches!((first, second), (b'{', Some(b'"' | b'}')) | (b'[', Some(b'{' | b'[' | b']')))
}

/// Whether a body said to be packed as `encoding` begins like that.
pub(crate) fn is_packed_as(encoding: &str, head: &[u8]) -> bool {
    match encoding {
        "gzip" | "x-gzip" => head.starts_with(b"\x1f\x8b"),
        "zstd" => head.starts_with(b"\x28\xb5\x2f\xfd"),
        _ => false,
    }
}

/// Whether bytes that come block by block are UTF-8, and hold more than ASCII.
#[derive(Debug, Default)]
pub(crate) struct Utf8Watch {
    rest: Vec<u8>,
    broken: bool,
    beyond_ascii: bool,
}

impl Utf8Watch {
    /// Takes the next block.
    pub(crate) fn take(&mut self, block: &[u8]) {
        if self.broken || (self.rest.is_empty() && block.is_ascii()) {
            return;
        }
        self.beyond_ascii = true;
        self.rest.extend_from_slice(block);
        let good = match std::str::from_utf8(&self.rest) {
            Ok(text) => text.len(),
            Err(e) if e.error_len().is_none() => e.valid_up_to(),
            Err(_) => {
                self.broken = true;
                0
            }
        };
        self.rest.drain(..good);
    }

    /// Whether all was UTF-8 and not ASCII alone.
    pub(crate) fn is_utf8_beyond_ascii(&self) -> bool {
        self.beyond_ascii && !self.broken && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_from_what_is_none() {
        for table in ["a,b\n1,2\n", "<TICKER>,<DATE>\nA,2020\n", "{x},y\n1,2\n", "[a],b\n1,2\n", "%a\n1\n"] {
            assert_eq!(no_table(table.as_bytes()), None, "{table}");
        }
        for other in ["", " \n", "\u{feff}", "\n<HTML>", "{\n  \"a\": 1}", "[{\"a\": 1}]", "[]", "<?xml v"] {
            assert!(no_table(other.as_bytes()).is_some(), "{other}");
        }
        assert_eq!(no_table(&[b'\n'; HEAD]), None, "a table may come after blank lines");
    }

    #[test]
    fn utf8_is_known_however_it_is_cut() {
        let text = "naïve €, 𝄞\n".as_bytes();
        let beyond = |bytes: &[u8], size: usize| {
            let mut watch = Utf8Watch::default();
            bytes.chunks(size).for_each(|block| watch.take(block));
            watch.is_utf8_beyond_ascii()
        };
        for size in 1..text.len() {
            assert!(beyond(text, size), "{size}");
            assert!(!beyond(&text[..text.len() - 2], size), "cut within a letter");
            assert!(!beyond(b"na\xefve, caf\xe9\n", size));
            assert!(!beyond(b"plain,ascii\n", size));
        }
    }
}
