//! The row ledger begins with every byte and every line of the sources, and what each line was.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::write;
use super::{ingest, manifest, setup};

const KEYS: &str = "skip_lines = 2\nfooter_lines = 1\ncomment = \"#\"\nrejects = \"file\"\nrejects_limit = 1";

/// A source with a line or two of everything, and what each piece of it is.
const PIECES: [(&str, &str); 12] = [
    ("skipped", "Sales\n"),
    ("skipped", "of \"May\n"),
    ("blank", "\n"),
    ("comments", "# c\n"),
    ("header", "\"id\nno\",x\n"),
    ("rows", "1,a\n"),
    ("blank", "\n"),
    ("rows", "2,\"b\nb\nb\"\n"),
    ("comments", "# d\n"),
    ("rejected", "3\n"),
    ("rows", "4,\"d\"\n"),
    ("footer", "end"),
];

fn text() -> String {
    PIECES.map(|(_, text)| text).concat()
}

/// A project whose one source holds `bytes`.
fn source(keys: &str, bytes: &[u8]) -> TempDir {
    let folder = setup(&format!("sources = [\"a.csv\"]\n{keys}"), &[]);
    write(folder.path().join("a.csv"), bytes);
    folder
}

/// The first step of the ledger, and what was read, after a run that must be good.
fn read(folder: &TempDir) -> (Value, Value) {
    ingest(folder, &[]).success();
    let mut step = manifest(folder)["ledger"][0].clone();
    let read = step["read"].take();
    (step, read)
}

/// What must have been read of pieces that stood one after the other.
fn expected(pieces: &[(&str, &str)], bytes: [usize; 3], marks: usize) -> Value {
    let kinds = ["skipped", "header", "blank", "comments", "footer", "rejected", "rows"];
    let mut went: BTreeMap<&str, (usize, usize)> = kinds.into_iter().map(|kind| (kind, (0, 0))).collect();
    let (mut lines, mut extra) = (0, 0);
    for (kind, text) in pieces {
        let of_piece = text.split_inclusive('\n').count();
        let one = went.get_mut(kind).unwrap();
        *one = (one.0 + of_piece, one.1 + text.len());
        lines += of_piece;
        extra += if *kind == "rows" { of_piece - 1 } else { 0 };
    }
    let mut all = json!({
        "sources": 1, "bytes": bytes[0], "inflated_bytes": bytes[1], "text_bytes": bytes[2],
        "byte_order_mark_bytes": marks, "lines": lines, "extra_lines": extra,
    });
    for (kind, (lines, bytes)) in went {
        all[kind] = json!({ "lines": lines, "bytes": bytes });
    }
    all
}

#[test]
fn every_line_and_byte_is_counted_as_what_it_is() {
    let folder = source(KEYS, text().as_bytes());
    let (step, read) = read(&folder);
    let by_hand = json!({
        "sources": 1, "bytes": 59, "inflated_bytes": 59, "text_bytes": 59, "byte_order_mark_bytes": 0,
        "lines": 15,
        "skipped": { "lines": 2, "bytes": 14 },
        "header": { "lines": 2, "bytes": 10 },
        "blank": { "lines": 2, "bytes": 2 },
        "comments": { "lines": 2, "bytes": 8 },
        "footer": { "lines": 1, "bytes": 3 },
        "rejected": { "lines": 1, "bytes": 2 },
        "rows": { "lines": 5, "bytes": 20 },
        "extra_lines": 2,
    });
    assert_eq!(read, by_hand);
    assert_eq!(expected(&PIECES, [59; 3], 0), by_hand);
    assert_eq!(
        (&step["rows_in"], &step["dropped"], &step["rows_out"]),
        (&json!(4), &json!({"rejected": 1}), &json!(3))
    );
    let found = &manifest(&folder)["found"]["sources"][0];
    let counts = json!({
        "rows": 3, "rejected": 1, "bytes": 59, "lines": 15, "skipped_lines": 2, "header_lines": 2,
        "blank_lines": 2, "comment_lines": 2, "footer_lines": 1, "extra_lines": 2,
    });
    for (key, value) in counts.as_object().unwrap() {
        assert_eq!(&found[key], value, "{key}");
    }
    assert!(found.get("inflated_bytes").is_none() && found.get("text_bytes").is_none());
}

#[test]
fn a_plain_source_says_little() {
    let folder = source("", b"x,y\n1,2\n");
    let (_, read) = read(&folder);
    assert_eq!(read, expected(&[("header", "x,y\n"), ("rows", "1,2\n")], [8; 3], 0));
    let found = manifest(&folder)["found"]["sources"][0].clone();
    let keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    let expected = [
        "blank_lines",
        "byte_order_mark",
        "bytes",
        "dialect",
        "first_line",
        "line_ends",
        "lines",
        "rows",
        "same_column_order",
        "uri",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn line_ends_and_a_last_line_without_one_are_bytes_of_their_lines() {
    for end in ["\n", "\r\n", "\r"] {
        for last in ["end", "end\n"] {
            let with = |text: &str| text.replace('\n', end);
            let mut pieces = PIECES.to_vec();
            *pieces.last_mut().unwrap() = ("footer", last);
            let whole: String = pieces.iter().map(|(_, text)| with(text)).collect();
            let (_, read) = read(&source(KEYS, whole.as_bytes()));
            // Lines as they are written here, bytes as they are in the file.
            let mut expected = expected(&pieces, [whole.len(); 3], 0);
            for (kind, _) in PIECES {
                let of = pieces.iter().filter(|(k, _)| *k == kind);
                expected[kind]["bytes"] = json!(of.map(|(_, text)| with(text).len()).sum::<usize>());
            }
            assert_eq!(read, expected, "{whole:?}");
        }
    }
    let pieces = [("header", "x,y\n"), ("rows", "1,\"a\nb\"")];
    assert_eq!(read(&source("", b"x,y\n1,\"a\nb\"")).1, expected(&pieces, [11; 3], 0));
}

#[test]
fn marks_packing_and_encodings_have_their_bytes() {
    let text = text();
    let marked = format!("\u{feff}{text}");
    assert_eq!(read(&source(KEYS, marked.as_bytes())).1, expected(&PIECES, [62; 3], 3));

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(marked.as_bytes()).unwrap();
    for packed in [gzip.finish().unwrap(), zstd::encode_all(marked.as_bytes(), 0).unwrap()] {
        let folder = source(KEYS, &packed);
        assert_eq!(read(&folder).1, expected(&PIECES, [packed.len(), 62, 62], 3));
        assert_eq!(manifest(&folder)["found"]["sources"][0]["inflated_bytes"], 62);
    }

    let utf_16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = source(KEYS, &utf_16);
    // The mark and 59 characters of two bytes; the mark is no part of what is decoded.
    assert_eq!(read(&folder).1, expected(&PIECES, [120, 120, 59], 0));
    assert_eq!(manifest(&folder)["found"]["sources"][0]["text_bytes"], 59);
    let (_, latin_1) = read(&source("encoding = \"latin-1\"", b"x,y\n\xe9,2\n"));
    assert_eq!(latin_1, expected(&[("header", "x,y\n"), ("rows", "é,2\n")], [8, 8, 9], 0));
}

#[test]
fn without_a_header_the_first_record_is_a_row() {
    let keys = "header = false\ncomment = \"#\"\nrejects = \"file\"\nrejects_limit = 1";
    let pieces = [
        ("blank", "\n"),
        ("comments", "#\n"),
        ("rejected", "\"a\"b,1\n"),
        ("comments", "#2\n"),
        ("blank", "\n"),
        ("rows", "1,2\n"),
        // A quote that swallowed lines that are no records by themselves takes them along.
        ("rejected", "1,\"x\nno record\n2,\"y\"z\n"),
        ("rows", "3,4\n"),
    ];
    let text = pieces.map(|(_, text)| text).concat();
    let folder = source(keys, text.as_bytes());
    let (step, read) = read(&folder);
    assert_eq!(read, expected(&pieces, [text.len(); 3], 0));
    assert_eq!((&step["dropped"]["rejected"], &step["rows_out"]), (&json!(4), &json!(2)));
    assert_eq!(manifest(&folder)["found"]["sources"][0]["header_lines"], 0);
}

#[test]
fn sources_of_many_blocks_add_up() {
    let (head, rest) = PIECES.split_at(5);
    let (body, foot) = rest.split_at(6);
    let pieces = |times: usize| [head, &body.repeat(times), foot].concat();
    let folder = setup(&format!("sources = [\"*.csv\"]\n{KEYS}"), &[]);
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    // The second holds a header and no row, the last about 3 MB.
    for (name, times) in [("a.csv", 1), ("b.csv", 0), ("c.csv", 100_000)] {
        let text: String = pieces(times).iter().map(|(_, text)| *text).collect();
        write(folder.path().join(name), &text);
        numbers(&expected(&pieces(times), [text.len(); 3], 0), "", &mut |pointer, n| {
            *sums.entry(pointer.to_owned()).or_default() += n;
        });
    }
    let (step, read) = read(&folder);
    let mut found = BTreeMap::new();
    numbers(&read, "", &mut |pointer, n| {
        found.insert(pointer.to_owned(), n);
    });
    assert_eq!(found, sums);
    assert_eq!(found["/sources"], 3);
    assert_eq!(step["rows_out"], 3 * 100_001);
    let lines: Vec<Value> =
        (0..3).map(|i| manifest(&folder)["found"]["sources"][i]["lines"].clone()).collect();
    assert_eq!(lines, [15, 7, 6 + 8 * 100_000 + 1]);
}

/// Visits every number of a value by its JSON pointer.
pub(crate) fn numbers(value: &Value, at: &str, visit: &mut impl FnMut(&str, u64)) {
    match value {
        Value::Number(n) => visit(at, n.as_u64().unwrap()),
        Value::Object(all) => all.iter().for_each(|(key, one)| numbers(one, &format!("{at}/{key}"), visit)),
        Value::Array(all) => {
            all.iter().zip(0..).for_each(|(one, i): (_, u32)| numbers(one, &format!("{at}/{i}"), visit));
        }
        _ => {}
    }
}
