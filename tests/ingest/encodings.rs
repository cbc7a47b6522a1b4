//! Character encodings: told, found by their mark, refused where bytes mean nothing in them.

use tempfile::TempDir;

use super::support::write;
use super::{ingest, manifest, one, raw, refused, setup};

/// A project whose source `a.csv` is told to be in the encoding `label`.
fn told(label: &str, bytes: impl AsRef<[u8]>) -> TempDir {
    let folder = setup(&format!("sources = [\"a.csv\"]\nencoding = \"{label}\""), &[]);
    write(folder.path().join("a.csv"), bytes);
    folder
}

fn utf_16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf_16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn marked(text: &str) -> Vec<u8> {
    utf_16le(&format!("\u{feff}{text}"))
}

/// What the manifest says of the one source: its encoding, and whether it began with a mark.
fn found(folder: &TempDir) -> (String, bool) {
    let found = manifest(folder)["found"].clone();
    let encoding = found["dialects"][0]["encoding"].as_str().unwrap().to_owned();
    (encoding, found["sources"][0]["byte_order_mark"].as_bool().unwrap())
}

#[test]
fn a_byte_order_mark_is_dropped_and_noted() {
    let folder = one("\u{feff}x,y\n1,2\n");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n");
    assert_eq!(manifest(&folder)["found"]["sources"][0]["byte_order_mark"], true);
}

#[test]
fn a_told_encoding_is_decoded() {
    for (label, bytes, name, table) in [
        // 0x80 is a control character in ISO 8859-1 and the euro sign in windows-1252.
        ("latin-1", b"x,y\n\xe9\x80,1\n".to_vec(), "iso-8859-1", "x,y\n\u{e9}\u{80},1\n"),
        ("windows-1252", b"x,y\n\xe9\x80,1\n".to_vec(), "windows-1252", "x,y\n\u{e9}\u{20ac},1\n"),
        ("CP1252", b"x,y\n\x93a\x94,1\n".to_vec(), "windows-1252", "x,y\n\u{201c}a\u{201d},1\n"),
        ("gb18030", b"id,\xc3\xfb\n1,\x81\x30\x81\x30\n".to_vec(), "gb18030", "id,名\n1,\u{80}\n"),
        // The second byte of U+8868 is that of a backslash.
        ("shift_jis", b"id,\x95\x5c\n1,2\n".to_vec(), "shift_jis", "id,表\n1,2\n"),
        ("utf-16le", utf_16le("x,Łódź\n1,\u{1d4b3}\n"), "utf-16le", "x,Łódź\n1,\u{1d4b3}\n"),
        ("utf-16be", utf_16be("x,Łódź\n1,\u{1d4b3}\n"), "utf-16be", "x,Łódź\n1,\u{1d4b3}\n"),
        ("utf-8", "x,y\né,\u{fffd}\n".into(), "utf-8", "x,y\né,\u{fffd}\n"),
    ] {
        let folder = told(label, bytes);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), table, "{label}");
        assert_eq!(found(&folder), (name.to_owned(), false), "{label}");
    }
}

#[test]
fn a_mark_tells_the_encoding() {
    let text = "\u{feff}x,Łódź\r\n1,\u{1d4b3}\r\n";
    let utf_8 = || text.as_bytes().to_vec();
    for (folder, name) in [
        (one(utf_8()), "utf-8"),
        (one(utf_16le(text)), "utf-16le"),
        (one(utf_16be(text)), "utf-16be"),
        (told("utf-8", utf_8()), "utf-8"),
        (told("utf-16le", utf_16le(text)), "utf-16le"),
        (told("utf-16be", utf_16be(text)), "utf-16be"),
        (told("utf-16", utf_16le(text)), "utf-16le"),
        (told("utf-16", utf_16be(text)), "utf-16be"),
    ] {
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x,Łódź\n1,\u{1d4b3}\n", "{name}");
        assert_eq!(found(&folder), (name.to_owned(), true));
    }
}

#[test]
fn a_mark_of_another_encoding_than_the_told_one_is_refused() {
    let text = "\u{feff}x,y\n1,2\n";
    for (label, bytes, mark) in [
        ("utf-8", utf_16le(text), "utf-16le"),
        ("utf-16be", utf_16le(text), "utf-16le"),
        ("utf-16le", utf_16be(text), "utf-16be"),
        ("utf-16", text.into(), "utf-8"),
        ("windows-1252", text.into(), "utf-8"),
        ("gb18030", utf_16be(text), "utf-16be"),
    ] {
        let message =
            format!("a.csv: begins with a byte order mark of {mark}, but its encoding is given as ");
        refused(&told(label, bytes), 21, &message);
    }
}

#[test]
fn bytes_that_mean_nothing_are_refused_by_line() {
    let lone = |unit: u16| [marked("x,y\n1,"), unit.to_le_bytes().to_vec(), utf_16le("\n")].concat();
    let odd = |text: &str| [marked(text), vec![b'4']].concat();
    for (folder, message) in [
        (
            one(b"x,y\n1,2\n\xe9,3\n"),
            "a.csv:3: cell 1: bytes that are not UTF-8; save the file as UTF-8, or name",
        ),
        (one(b"x,y\n1,\xed\xa0\x80\n"), "a.csv:2: cell 2: bytes that are not UTF-8"),
        (one(b"x,y\n\xc0\xaf,1\n"), "a.csv:2: cell 1: bytes that are not UTF-8"),
        (one(b"x,\xe9\n1,2\n"), "a.csv:1: bytes that are not UTF-8"),
        (one(odd("x,y\n1,2\n3,")), "a.csv:3: bytes that are not utf-16le"),
        (one(odd("x,y\r1,2\r3,")), "a.csv:3: bytes that are not utf-16le"),
        (one(lone(0xd800)), "a.csv:2: bytes that are not utf-16le"),
        (one(lone(0xdc00)), "a.csv:2: bytes that are not utf-16le"),
        (told("gb18030", b"id,\xc3\xfb\n1,\xff\n"), "a.csv:2: bytes that are not gb18030"),
        (told("shift_jis", b"id,x\n1,\x95"), "a.csv:2: bytes that are not shift_jis"),
    ] {
        refused(&folder, 21, message);
    }
}

#[test]
fn utf_32_is_refused_as_what_it_is() {
    let units =
        |text: &str, of: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| of(c.into())).collect::<Vec<u8>>();
    let text = "\u{feff}x,y\n1,2\n";
    refused(&one(units(text, u32::to_le_bytes)), 21, "a.csv: the file is UTF-32; save it as UTF-8");
    refused(&one(units(text, u32::to_be_bytes)), 21, "a.csv: the file is UTF-32; save it as UTF-8");
}

#[test]
fn utf_16_without_a_mark_or_a_word_is_refused_as_damaged_text() {
    refused(&one(utf_16le("x,y\n1,2\n")), 21, "a.csv:1: a NUL byte; the file is damaged or is no text");
    refused(&one(utf_16be("x,y\n1,2\n")), 21, "a.csv:1: a NUL byte; the file is damaged or is no text");
}

#[test]
fn each_source_can_have_its_own_encoding() {
    let folder = setup(
        "sources = [\"a.csv\", { path = \"b.csv\", encoding = \"latin-1\" }, \"c.csv\"]",
        &[("a.csv", "x,é\na,1\n")],
    );
    write(folder.path().join("b.csv"), b"x,\xe9\n\xe8,2\n");
    write(folder.path().join("c.csv"), marked("x,é\nŁ,3\n"));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,é\na,1\nè,2\nŁ,3\n");
}

#[test]
fn long_texts_are_decoded_whole() {
    let rows: String = (0..100_000).map(|i| format!("{i},ß\u{1d4b3}ł\n")).collect();
    let folder = one(marked(&format!("x,y\n{rows}")));
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), format!("x,y\n{rows}"));
}
