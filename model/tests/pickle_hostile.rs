//! Files built by hand to do harm; each is refused for its own reason.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

use model::pickle::{Refusal, read};

/// A file of protocol 4 without a frame.
fn file(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x04", parts.concat().as_slice()].concat()
}

fn refusal(parts: &[&[u8]]) -> Refusal {
    read(&file(parts)).expect_err("refused")
}

#[test]
fn opcodes_that_name_or_call_code_are_refused_by_name_and_place() {
    let cases: [(&[u8], &str, usize); 14] = [
        (b"cos\nsystem\n\x8c\x02id\x85R.", "GLOBAL", 2),
        (b"\x8c\x02os\x8c\x06system\x93.", "STACK_GLOBAL", 14),
        (b"N)R.", "REDUCE", 4),
        (b"}}b.", "BUILD", 4),
        (b"(\x8c\x02idios\nsystem\n.", "INST", 7),
        (b"(No.", "OBJ", 4),
        (b"N)\x81.", "NEWOBJ", 4),
        (b"N)}\x92.", "NEWOBJ_EX", 5),
        (b"\x82\x01.", "EXT1", 2),
        (b"\x83\x01\0.", "EXT2", 2),
        (b"\x84\x01\0\0\0.", "EXT4", 2),
        (b"Pid\n.", "PERSID", 2),
        (b"NQ.", "BINPERSID", 3),
        // In a dict that is else good, after 1 good entry.
        (b"}(\x8c\x01aK\x01\x8c\x01bcos\nsystem\nu.", "GLOBAL", 12),
    ];
    for (bytes, opcode, offset) in cases {
        let found = refusal(&[bytes]);
        assert_eq!(found, Refusal::CodeOpcode { opcode, offset });
        let line = format!("opcode {opcode} at byte {offset} names or calls code");
        assert_eq!(found.to_string(), line);
    }
}

#[test]
fn code_is_refused_before_anything_is_built() {
    // The stack error at byte 2 comes first in the file, yet the later GLOBAL is what is reported.
    let found = refusal(&[b"s", b"cos\nsystem\n."]);
    assert_eq!(found, Refusal::CodeOpcode { opcode: "GLOBAL", offset: 3 });
}

#[test]
fn opcodes_without_a_place_in_plain_data_are_refused() {
    let cases: [(&[u8], &str); 17] = [
        (b"0", "POP"),
        (b"1", "POP_MARK"),
        (b"2", "DUP"),
        (b"I1\n", "INT"),
        (b"L1L\n", "LONG"),
        (b"F1\n", "FLOAT"),
        (b"S'a'\n", "STRING"),
        (b"U\x01a", "SHORT_BINSTRING"),
        (b"Va\n", "UNICODE"),
        (b"C\x01a", "SHORT_BINBYTES"),
        (b"\x8e", "BINBYTES8"),
        (b"\x8f", "EMPTY_SET"),
        (b"\x96", "BYTEARRAY8"),
        (b"\x97", "NEXT_BUFFER"),
        (b"\x98", "READONLY_BUFFER"),
        (b"\x8b", "LONG4"),
        (b"\x80\x04", "PROTO"),
    ];
    for (bytes, opcode) in cases {
        let expected = Refusal::OtherOpcode { opcode, offset: 2 };
        assert_eq!(refusal(&[bytes, b"."]), expected);
    }
    assert_eq!(refusal(&[b"\xff"]), Refusal::UnknownOpcode { byte: 255, offset: 2 });
}

#[test]
fn files_of_other_kinds_are_named() {
    let cases: [(&[u8], &str); 11] = [
        (b"", "empty"),
        (b"PK\x03\x04\x14\0", "zip"),
        (b"\x7fELF\x02\x01", "ELF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x78\x9c\x01", "zlib"),
        (b"{\"coef\": [1]}", "JSON"),
        (b"\xef\xbb\xbf\n [1]", "JSON"),
        (b"<html>", "HTML"),
        (b"cos\nsystem\n(S'id'\ntR.", "first byte is 0x63"),
        (b"(dp0\n.", "first byte is 0x28"),
        (b"\x80\x06N.", "protocol 6"),
    ];
    for (bytes, word) in cases {
        let message = read(bytes).expect_err("refused").to_string();
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn values_that_plain_data_cannot_hold_are_refused() {
    let float = |value: f64| [b"G".as_slice(), &value.to_be_bytes(), b"."].concat();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let found = refusal(&[&float(value)]);
        assert!(matches!(found, Refusal::NotFinite { offset: 2, .. }), "{found}");
    }
    let wide: [&[u8]; 3] = [
        b"\x8a\x09\0\0\0\0\0\0\0\0\x01.",
        b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\xff.",
        &[&[0x8a, 255], [1_u8; 255].as_slice(), b"."].concat(),
    ];
    for bytes in wide {
        assert_eq!(refusal(&[bytes]), Refusal::IntRange { offset: 2 });
    }
    assert_eq!(refusal(&[b"\x8c\x03a\xff\xfe."]), Refusal::NotUtf8 { offset: 5 });
    // A lone surrogate, as Python writes it.
    assert_eq!(refusal(&[b"\x8c\x03\xed\xa0\x80."]), Refusal::NotUtf8 { offset: 4 });
    let twice = refusal(&[b"}(\x8c\x01aK\x01\x8c\x01aK\x02u."]);
    assert_eq!(twice, Refusal::DuplicateKey { key: "a".into(), offset: 9 });
    let keys: [(&[u8], &str); 5] = [
        (b"K\x01", "a number"),
        (b"N", "None"),
        (b"\x88", "a bool"),
        (b")", "a tuple"),
        (b"G\0\0\0\0\0\0\0\0", "a number"),
    ];
    for (key, found) in keys {
        let expected = Refusal::KeyType { found, offset: 3 };
        assert_eq!(refusal(&[b"}", key, b"Ns."]), expected);
    }
}

#[test]
fn opcodes_that_do_not_fit_the_stack_are_refused() {
    let cases: [(&[u8], &str); 12] = [
        (b".", "STOP"),
        (b"NN.", "STOP"),
        (b"N(.", "STOP"),
        (b"a.", "APPEND"),
        (b"}Na.", "APPEND"),
        (b"]e.", "APPENDS"),
        (b"](Na.", "APPEND"),
        (b"}(\x8c\x01au.", "SETITEMS"),
        (b"]\x8c\x01aNs.", "SETITEM"),
        (b"N\x86.", "TUPLE2"),
        (b"t.", "TUPLE"),
        (b"N(\x94.", "MEMOIZE"),
    ];
    for (bytes, opcode) in cases {
        let found = refusal(&[bytes]);
        assert!(matches!(found, Refusal::Stack { opcode: name, .. } if name == opcode), "{found}");
    }
    assert_eq!(refusal(&[b"h\x07."]), Refusal::NoMemo { index: 7, offset: 2 });
}
