//! Python's own `pickle` reads what is written here, and what Python writes is read here.
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

use std::path::{Path, PathBuf};
use std::process::Command;

use model::pickle;
use serde_json::{Value, json};

/// Runs a Python program; nothing where there is no Python.
fn python(program: &str, arguments: &[&Path]) -> Option<String> {
    let output = match Command::new("python3").arg("-c").arg(program).args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("SKIPPED, nothing was compared with Python: python3 does not run: {error}");
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "python3 failed: {errors}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn sample() -> Value {
    let long: Vec<f64> = (0..2500).map(|i| f64::from(i) / 7.0).collect();
    let dict: serde_json::Map<String, Value> = (0..1200).map(|i| (format!("column {i}"), json!(i))).collect();
    json!({
        "floats": [0.0, -0.0, 5e-324, -2.2e-308, 1.0, 1e16, 0.1, f64::MAX, f64::MIN_POSITIVE],
        "ints": [0, 1, 255, 256, 65535, 65536, -1, -128, 2_147_483_647, 2_147_483_648_u64, -2_147_483_648,
                 -2_147_483_649_i64, 4_294_967_295_u64, 4_294_967_296_u64, i64::MIN, i64::MAX, u64::MAX],
        "texts": ["", "Zürich", "日本", "🦀", "a\0b", "x".repeat(255), "x".repeat(256), "é".repeat(70_000)],
        "others": [null, true, false, [], {}, [[]], {"": {}}],
        "list of 1000": vec![1; 1000],
        "long": long,
        "dict": dict,
    })
}

/// Strict equality of the pickle at argv[1] and the JSON at argv[2]; no class may be looked up.
const READ: &str = r#"
import io, json, pickle, pickletools, struct, sys
class Plain(pickle.Unpickler):
    def find_class(self, module, name): raise AssertionError("find_class")
    def persistent_load(self, pid): raise AssertionError("persistent_load")
class SlowPlain(pickle._Unpickler):
    def find_class(self, module, name): raise AssertionError("find_class")
def same(a, b):
    if type(a) is not type(b): return False
    if isinstance(a, float): return struct.pack(">d", a) == struct.pack(">d", b)
    if isinstance(a, list): return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict): return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b
data = open(sys.argv[1], "rb").read()
expected = json.load(open(sys.argv[2], encoding="utf-8"))
for loader in (Plain, SlowPlain):
    value = loader(io.BytesIO(data)).load()
    assert type(value) is dict
    assert same(value, expected)
print(" ".join(sorted({op.name for op, _, _ in pickletools.genops(data)})))
"#;

#[test]
fn python_reads_what_is_written() {
    let folder = scratch("python_reads");
    let (pkl, text) = (folder.join("model.pkl"), folder.join("model.json"));
    std::fs::write(&pkl, pickle::write(&sample()).unwrap()).unwrap();
    std::fs::write(&text, sample().to_string()).unwrap();
    let Some(names) = python(READ, &[&pkl, &text]) else {
        return;
    };
    let plain = "APPENDS BINFLOAT BININT BINUNICODE EMPTY_DICT EMPTY_LIST LONG1 MARK NEWFALSE NEWTRUE NONE PROTO \
                 SETITEMS STOP";
    assert_eq!(names.trim(), plain);
}

/// Writes the JSON at argv[1] into the folder argv[2]: each protocol, both picklers, with strings and lists shared.
const WRITE: &str = r#"
import io, json, pickle, sys
value = json.load(open(sys.argv[1], encoding="utf-8"))
value["shared"] = [value["floats"], value["texts"][1], value["floats"], list(value["dict"])]
value["tuples"] = [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), (1, (2, [3]))]
for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
    for kind, pickler in (("c", pickle.Pickler), ("py", pickle._Pickler)):
        with open("%s/%s%d.pkl" % (sys.argv[2], kind, protocol), "wb") as file:
            pickler(file, protocol).dump(value)
        print("%s%d.pkl" % (kind, protocol))
json.dump(value, open(sys.argv[2] + "/expected.json", "w", encoding="utf-8"))
"#;

#[test]
fn what_python_writes_is_read() {
    let folder = scratch("python_writes");
    let text = folder.join("value.json");
    std::fs::write(&text, sample().to_string()).unwrap();
    let Some(files) = python(WRITE, &[&text, &folder]) else {
        return;
    };
    let expected: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    assert!(files.lines().count() >= 6);
    for name in files.lines() {
        let value = pickle::read(&std::fs::read(folder.join(name)).unwrap())
            .unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        // The bytes tell 0.0 from -0.0, and 1 from 1.0.
        assert_eq!(pickle::write(&value), pickle::write(&expected), "{name}");
    }
}

const NAMES: &str = r"
import pickletools
for op in pickletools.opcodes: print(ord(op.code), op.name)
";

#[test]
fn every_byte_is_allowed_or_refused_by_the_name_python_gives_it() {
    let Some(table) = python(NAMES, &[]) else {
        return;
    };
    let allowed = "( . J K M N X ] a e } s u ) t q r h j G \u{85} \u{86} \u{87} \u{88} \u{89} \u{8a} \u{8c} \u{8d} \
                   \u{94} \u{95}";
    let names: std::collections::BTreeMap<u32, &str> = table
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(code, name)| Some((code.parse().ok()?, name)))
        .collect();
    for byte in 0..=255_u8 {
        let message = pickle::read(&[0x80, 4, byte]).expect_err("cut off").to_string();
        let plain = allowed.split(' ').any(|c| c == char::from(byte).to_string());
        let refused =
            ["names or calls", "has no place", "no pickle opcode"].iter().any(|part| message.contains(part));
        assert_eq!(plain, !refused, "{byte}: {message}");
        match names.get(&byte.into()) {
            Some(name) if refused => {
                assert!(message.starts_with(&format!("opcode {name} ")), "{message}");
            }
            Some(_) => {}
            // Python before 3.8 knows no protocol 5.
            None if (0x96..=0x98).contains(&byte) => assert!(refused),
            None => assert!(message.contains("no pickle opcode"), "{message}"),
        }
    }
}
