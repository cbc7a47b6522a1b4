//! Files that are no model file: cut, lengthened, of other kinds, deep, large, with opcodes that call code.

use std::fs::File;
use std::path::Path;

use model::Model;

use super::support::{program, shell, write};
use super::{MODEL, READERS, good, refused, refused_as_it_stands, victim};

/// A pickle of protocol 4 without a frame.
fn file(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x04", parts.concat().as_slice()].concat()
}

#[test]
fn cut_at_any_byte() {
    let bytes = good();
    for length in 0..bytes.len() {
        let error = Model::from_bytes(&bytes[..length], Path::new("m")).expect_err("cut");
        assert_eq!(error.class(), common::Class::Checkpoint, "{length}: {error}");
        let reason = if length == 0 { "the file is empty" } else { "the file is cut off" };
        assert!(error.to_string().contains(reason), "{length}: {error}");
    }
    let folder = victim();
    refused(folder.path(), b"", "the file is empty");
    for length in [1, 2, 3, 100, bytes.len() / 2, bytes.len() - 1] {
        refused(folder.path(), &bytes[..length], "the file is cut off");
    }
}

#[test]
fn lengthened() {
    let folder = victim();
    refused(folder.path(), &[good(), b"\n".to_vec()].concat(), "1 bytes follow STOP");
    refused(folder.path(), &[good(), good()].concat(), "bytes follow STOP");
}

/// Each would be run by `pickle.load`, or would build what only code can.
#[test]
fn every_opcode_that_names_or_calls_code() {
    let folder = victim();
    let touch = b"cos\nsystem\n\x8c\x0ctouch harmed\x85R.";
    let cases: [(&[u8], &str); 14] = [
        (touch, "opcode GLOBAL at byte 2 names or calls code"),
        (b"\x8c\x02os\x8c\x06system\x93\x8c\x0ctouch harmed\x85R.", "STACK_GLOBAL at byte 14"),
        (b"N)R.", "REDUCE"),
        (b"}}b.", "BUILD"),
        (b"(\x8c\x0ctouch harmedios\nsystem\n.", "INST"),
        (b"(No.", "OBJ"),
        (b"N)\x81.", "NEWOBJ"),
        (b"N)}\x92.", "NEWOBJ_EX"),
        (b"\x82\x01.", "EXT1"),
        (b"\x83\x01\0.", "EXT2"),
        (b"\x84\x01\0\0\0.", "EXT4"),
        (b"Pid\n.", "PERSID"),
        (b"NQ.", "BINPERSID"),
        // Behind a stop, where it could not run.
        (b"N.cos\nsystem\n.", "bytes follow STOP"),
    ];
    for (bytes, reason) in cases {
        refused(folder.path(), &file(&[bytes]), reason);
    }
    // At the end of a model that is else good, in every protocol.
    let bytes = good();
    for protocol in 2..=5 {
        let mut late = bytes[..bytes.len() - 1].to_vec();
        late[1] = protocol;
        refused(folder.path(), &[&late, touch.as_slice()].concat(), "opcode GLOBAL");
    }
    assert!(!folder.path().join("harmed").exists());
}

#[test]
fn other_protocols() {
    let folder = victim();
    // As Python writes `{'a': 1.5}` in protocols 0 and 1.
    refused(
        folder.path(),
        b"(dp0\nVa\np1\nF1.5\ns.",
        "not a pickle of protocol 2 to 5: the first byte is 0x28",
    );
    refused(folder.path(), b"}q\0X\x01\0\0\0aq\x01G?\xf8\0\0\0\0\0\0s.", "the first byte is 0x7d");
    refused(folder.path(), b"\x80\x06N.", "protocol 6");
    refused(folder.path(), b"\x80\xffN.", "protocol 255");
    for protocol in 2..=5 {
        refused(folder.path(), &[0x80, protocol, b'N', b'.'], "its `kind` is not");
    }
}

#[test]
fn files_of_other_kinds() {
    let folder = victim();
    let program = std::fs::read(program("evaluate")).unwrap();
    // What joblib and scikit-learn write begins with the name of a class.
    let joblib =
        b"\x8c\x1asklearn.linear_model._base\x94\x8c\x10LinearRegression\x94\x93\x94)\x81\x94}\x94b.";
    let cases: [(&[u8], &str); 10] = [
        (&program[..4096], "looks like an ELF program"),
        (b"PK\x03\x04\x14\0\0\0", "looks like a zip archive"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "looks like a gzip file"),
        (b"\x78\x9c\x01\0\0\0", "looks like a zlib stream (joblib"),
        (&file(&[b"\x95\x3a\0\0\0\0\0\0\0", joblib]), "cut off"),
        (&file(&[joblib]), "opcode STACK_GLOBAL"),
        (b"{\"kind\": \"millrace regression model\"}", "looks like JSON"),
        (b"\x93NUMPY\x01\0", "looks like a NumPy array"),
        (b"x,y\n1,2\n", "not a pickle"),
        (&[0; 64], "the first byte is 0x00"),
    ];
    for (bytes, reason) in cases {
        refused(folder.path(), bytes, reason);
    }
}

#[test]
fn nested_100000_deep() {
    let folder = victim();
    for (open, close) in
        [(b"](".as_slice(), b"e".as_slice()), (b"(", b"t"), (b"}\x8c\x01k", b"s"), (b"]", b"a")]
    {
        let deep = file(&[&open.repeat(100_000), b"N", &close.repeat(100_000), b"."]);
        refused(folder.path(), &deep, "nest deeper than 64");
    }
    refused(folder.path(), &file(&[b"]\x94h\0a."]), "holds itself");
}

/// Few bytes that ask for much.
#[test]
fn bombs() {
    let folder = victim();
    let mut laughs = b"(]\x94".to_vec();
    for level in 0..12_u8 {
        laughs.extend(b"](");
        laughs.extend([b'h', level].repeat(10));
        laughs.extend(b"e\x94");
    }
    refused(folder.path(), &file(&[&laughs, b"t."]), "values would be built");
    let cases: [(&[u8], &str); 8] = [
        (b"X\xff\xff\xff\x7fab.", "the file is cut off: BINUNICODE"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7fab.", "the file is cut off: BINUNICODE8"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.", "the file is cut off: BINUNICODE8"),
        (b"\x8b\xff\xff\xff\x7f\x01.", "opcode LONG4"),
        (b"\x8a\xff\x01.", "the file is cut off: LONG1"),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "opcode BINBYTES8"),
        (b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f.", "the file is cut off: FRAME"),
        (b"Nr\xff\xff\xff\xff0.", "opcode POP"),
    ];
    for (bytes, reason) in cases {
        refused(folder.path(), &file(&[bytes]), reason);
    }
    let many = file(&[b"](", &b"N".repeat(3_000_000), b"e."]);
    refused(folder.path(), &many, "more than 2097152 values");
    // A message shows no more than the beginning of a name.
    let name = "k".repeat(100_000);
    let key = [b"X".as_slice(), &100_000_u32.to_le_bytes(), name.as_bytes()].concat();
    refused(folder.path(), &file(&[b"}", &key, b"Ns", &key, b"Ns."]), "is there twice");
}

/// A file of 1 GiB under a limit of memory that could not hold it.
#[test]
fn a_gigabyte_is_refused_by_its_length() {
    let folder = victim();
    write(folder.path().join(MODEL), b"\x80\x04");
    File::options().write(true).open(folder.path().join(MODEL)).unwrap().set_len(1 << 30).unwrap();
    for (program, arguments) in READERS {
        let script = format!("ulimit -v 1000000 && exec {program} -q {}", arguments.join(" "));
        let threads = "export POLARS_MAX_THREADS=1 RAYON_NUM_THREADS=1 MALLOC_ARENA_MAX=1\n";
        let said = shell(folder.path(), &format!("{threads}{script}")).code(13);
        let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
        assert!(said.contains("the file has 1073741824 bytes, the limit is 268435456"), "{said}");
    }
    refused_as_it_stands(folder.path(), "the limit is 268435456");
}

#[test]
fn text_that_is_not_utf8_and_keys_that_are_there_twice() {
    let folder = victim();
    let bytes = good();
    let at = |text: &[u8]| bytes.windows(text.len()).position(|w| w == text).unwrap();
    let mut broken = bytes.clone();
    broken[at(b"price_ahead_1")] = 0xff;
    refused(folder.path(), &broken, "text that is not UTF-8 at byte");
    // The whole is a mark, all keys and values, SETITEMS, STOP: one more pair before the last two.
    let end = bytes.len() - 2;
    let twice = [&bytes[..end], b"X\x07\0\0\0horizonK\x02", &bytes[end..]].concat();
    refused(folder.path(), &twice, "key `horizon` at byte");
    let inner = at(b"X\x09\0\0\0intercept");
    let pair = [b"X\x09\0\0\0interceptG".as_slice(), &2.0_f64.to_be_bytes()].concat();
    let twice = [&bytes[..inner], &pair, &bytes[inner..]].concat();
    refused(folder.path(), &twice, "key `intercept` at byte");
}
