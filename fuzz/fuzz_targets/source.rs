//! Any bytes through the whole way: inflated, decoded, sniffed and read.

#![no_main]

use std::io::{Cursor, Read, Write};

use fuzz::{Drip, Outcome, read};
use libfuzzer_sys::fuzz_target;
use strict_csv::decode::Decoder;
use strict_csv::inflate::{Caps, open};
use strict_csv::sniff::{HEAD_BYTES, Told, find};
use strict_csv::{Encoding, Limits};

const LABELS: [&str; 8] =
    ["", "utf-8", "latin-1", "windows-1252", "utf-16", "utf-16-be", "gb18030", "iso-2022-jp"];

/// The text, or what its reading ended with.
fn text(bytes: &[u8], drip: usize, caps: Caps, told: Option<Encoding>) -> Result<Vec<u8>, String> {
    let inner = || -> std::io::Result<Vec<u8>> {
        let (inflated, _) = open(Drip(drip, bytes), caps)?;
        let mut decoder = Decoder::new(inflated, told)?;
        let mut text = Vec::new();
        decoder.read_to_end(&mut text)?;
        Ok(text)
    };
    inner().map_err(|e| e.to_string())
}

fn all(
    bytes: &[u8],
    drip: usize,
    caps: Caps,
    told: Option<Encoding>,
    limits: Limits,
) -> Result<Outcome, String> {
    let (inflated, _) = open(Drip(drip, bytes), caps).map_err(|e| e.to_string())?;
    let mut decoder = Decoder::new(inflated, told).map_err(|e| e.to_string())?;
    let mut head = Vec::new();
    decoder.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(|e| e.to_string())?;
    let (encoding, offset) = (decoder.encoding(), decoder.offset());
    let told = Told::default();
    let dialect = find(&head, head.len() < HEAD_BYTES, encoding, &told).map_err(|e| e.to_string())?;
    Ok(read(Cursor::new(head).chain(decoder), &dialect, limits, offset))
}

fn decoded_by_hand(bytes: &[u8], label: &str, text: Option<&Vec<u8>>) {
    let is_utf_32 = bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff");
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| -> Option<Vec<u8>> {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        let whole = bytes.len() % 2 == 0;
        String::from_utf16(&units).ok().filter(|_| whole).map(String::into_bytes)
    };
    let expected = match (label, bytes) {
        _ if is_utf_32 => None,
        ("", [0xff, 0xfe, rest @ ..]) | ("utf-16", [0xff, 0xfe, rest @ ..]) => {
            utf_16(rest, u16::from_le_bytes)
        }
        ("" | "utf-16" | "utf-16-be", [0xfe, 0xff, rest @ ..]) => utf_16(rest, u16::from_be_bytes),
        ("" | "utf-8", [0xef, 0xbb, 0xbf, rest @ ..]) => Some(rest.to_vec()),
        (_, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0xef, 0xbb, 0xbf, ..]) => None,
        ("" | "utf-8", _) => Some(bytes.to_vec()),
        ("utf-16", _) => utf_16(bytes, u16::from_le_bytes),
        ("utf-16-be", _) => utf_16(bytes, u16::from_be_bytes),
        ("latin-1", _) => Some(bytes.iter().map(|b| char::from(*b)).collect::<String>().into_bytes()),
        _ => return,
    };
    assert_eq!(expected.as_ref(), text);
}

fuzz_target!(|data: &[u8]| {
    let Some(([how, place, drip], rest)) = data.split_first_chunk::<3>() else { return };
    let mut bytes = match how >> 3 & 3 {
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(rest).and_then(|()| encoder.finish()).expect("in memory")
        }
        2 => zstd::encode_all(rest, 1).expect("in memory"),
        _ => rest.to_vec(),
    };
    // Damage in one byte.
    if how & 0x20 != 0
        && let Some(byte) = bytes.get_mut(usize::from(*place))
    {
        *byte ^= 1 << (drip & 7);
    }
    let told = Encoding::of_label(LABELS[usize::from(how & 7)]);
    let caps = match how >> 6 {
        0 => Caps { bytes: 1 << 20, ratio: 1 },
        1 => Caps { bytes: 64, ratio: 1 },
        2 => Caps { bytes: 1 << 16, ratio: 1 },
        _ => Caps { bytes: 4 << 20, ratio: 2 },
    };
    let limits = Limits { block_bytes: if drip & 0x80 == 0 { 1 << 19 } else { 64 }, ..Limits::default() };
    let whole = text(&bytes, usize::MAX, caps, told);
    let first = all(&bytes, usize::MAX, caps, told, limits);
    let drip = 1 + usize::from(drip & 7);
    let other = text(&bytes, drip, caps, told);
    let second = all(&bytes, drip, caps, told, limits);
    let is_capped = |t: &Result<Vec<u8>, String>| t.as_ref().is_err_and(|e| e.contains("inflates to more"));
    if is_capped(&whole) || is_capped(&other) {
        // How much is asked of a source at once decides which of its faults comes first.
        assert!(whole.is_err() && other.is_err() || how >> 6 == 3);
        return;
    }
    if whole.is_err() && other.is_err() && told.is_some_and(|e| e != Encoding::Utf8) {
        // A damaged archive and bytes of another encoding: again, which comes first.
        return;
    }
    assert_eq!(whole, other);
    // Packed and unpacked again, and decoded as the standard library does.
    let is_packed = rest.starts_with(b"\x1f\x8b") || rest.starts_with(b"\x28\xb5\x2f\xfd");
    if how & 0x20 == 0 && (bytes != rest || !is_packed) {
        decoded_by_hand(rest, LABELS[usize::from(how & 7)], whole.as_ref().ok());
    }
    match (&whole, &first, &second) {
        (Ok(text), ..) => {
            assert_eq!(first, second);
            // A byte of any encoding is at most three of UTF-8; what is not packed has no cap.
            assert!(text.len() as u64 <= 3 * caps.bytes.max(bytes.len() as u64));
            if told.is_some_and(|e| e != Encoding::Utf8) {
                assert!(std::str::from_utf8(text).is_ok(), "what is decoded is UTF-8");
            }
        }
        (Err(_), Ok(one), Ok(other)) => assert!(one.damage.is_some() && other.damage.is_some()),
        (Err(_), ..) => {}
    }
});
