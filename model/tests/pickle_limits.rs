//! Limits of length, depth and number: files cut, lengthened, nested and shared without end.
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

use model::pickle::{MAX_BYTES, MAX_DEPTH, Refusal, read};

/// A file of protocol 4 without a frame.
fn file(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x04", parts.concat().as_slice()].concat()
}

fn refusal(parts: &[&[u8]]) -> Refusal {
    read(&file(parts)).expect_err("refused")
}

#[test]
fn cut_and_lengthened_files_are_refused() {
    let cut: [(&[u8], &str); 7] = [
        (b"", "an opcode"),
        (b"}", "an opcode"),
        (b"X\xff\xff\xff\xffab.", "BINUNICODE"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.", "BINUNICODE8"),
        (b"\x8a\x08ab.", "LONG1"),
        (b"G\0.", "BINFLOAT"),
        (b"\x95\xff\0\0\0\0\0\0\0N.", "FRAME"),
    ];
    for (bytes, opcode) in cut {
        let found = refusal(&[bytes]);
        assert!(matches!(found, Refusal::Truncated { reading, .. } if reading == opcode), "{found}");
    }
    assert_eq!(refusal(&[b"N.N."]), Refusal::Trailing { bytes: 2, offset: 4 });
    let large = vec![0x80; MAX_BYTES + 1];
    assert_eq!(read(&large), Err(Refusal::TooLarge { bytes: MAX_BYTES + 1 }));
}

#[test]
fn depth_is_limited_however_it_is_made() {
    let ends: [(&[u8], &[u8]); 4] = [(b"](", b"e"), (b"]", b"a"), (b"(", b"t"), (b"}\x8c\x01k", b"s")];
    for (open, close) in ends {
        let deep = |depth| file(&[&open.repeat(depth), b"N", &close.repeat(depth), b"."]);
        assert!(read(&deep(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 100_000] {
            let found = read(&deep(depth)).expect_err("refused");
            assert!(matches!(found, Refusal::TooDeep { .. }), "{found}");
        }
    }
    // A list that holds itself.
    assert_eq!(refusal(&[b"]\x94h\0a."]), Refusal::Cycle { offset: 2 });
}

#[test]
fn shared_values_cannot_blow_up() {
    // Twelve levels of 10 uses each of the level below: 10^12 values from under 300 bytes.
    let mut laughs = b"]\x94".to_vec();
    for level in 0..12_u8 {
        laughs.extend(b"](");
        laughs.extend([b'h', level].repeat(10));
        laughs.extend(b"e\x94");
    }
    // Each level stays on the stack; a tuple gathers them.
    let found = refusal(&[b"(", &laughs, b"t."]);
    assert!(matches!(found, Refusal::TooManyValues { .. }), "{found}");
    // A text of 1 MiB used 1,000 times.
    let text = "x".repeat(1 << 20);
    let uses = b"h\0".repeat(1000);
    let found = refusal(&[b"](X\0\0\x10\0", text.as_bytes(), b"\x94", &uses, b"e."]);
    assert!(matches!(found, Refusal::TooMuchText { .. }), "{found}");
    // Marks, values and memo entries without end.
    for (part, count) in [(b"N".as_slice(), 3_000_000), (b"(", 3_000_000), (b"\x94", 3_000_000)] {
        let found = refusal(&[b"N", &part.repeat(count), b"."]);
        let limit = matches!(found, Refusal::TooManyValues { .. } | Refusal::TooDeep { .. });
        assert!(limit, "{found}");
    }
}
