//! The bytes of all that is written do not depend on how many processors there are.

use std::collections::BTreeMap;
use std::process::Command;

use tempfile::TempDir;

use super::support::{files, program, write};
use super::{setup, written};

/// Two sources of several blocks each, of two dialects, with all that makes blocks uneven: cells of
/// several lines, blank lines, bad records, types that change late.
fn hostile() -> TempDir {
    let section =
        "sources = [\"a.csv\", \"b.csv\"]\nrejects = \"file\"\nrejects_limit = 0.1\nunion = \"fill\"";
    let folder = setup(section, &[]);
    let mut a = String::from("x,y,z\n");
    let mut b = String::from("z;x\r\n");
    for i in 0..100_000 {
        a += &match i % 1000 {
            1 => format!("{i},\"line one\nline \"\"two\"\"\",{i}.5\n"),
            2 => format!("\n\n{i},,\n"),
            3 => format!("{i},short\n"),
            4 => format!("{i},\"text\"after,1\n"),
            5 => format!("{i},\"stray,1\n"),
            _ => format!("{i},y{},{i}.25\n", i % 7),
        };
        b += &format!("{};{i}\r\n", if i == 90_000 { "late".to_owned() } else { (i % 13).to_string() });
    }
    write(folder.path().join("a.csv"), a);
    write(folder.path().join("b.csv"), b);
    folder
}

/// Everything that a run writes with the table as `output`, by name.
fn run(folder: &TempDir, wrapper: &[&str], output: &str) -> BTreeMap<String, Vec<u8>> {
    let program = program("ingest").display().to_string();
    let words: Vec<&str> = wrapper.iter().copied().chain([program.as_str()]).collect();
    let interim = folder.path().join("data/interim");
    let ran = Command::new(words[0])
        .args(&words[1..])
        .arg("--project")
        .arg(folder.path())
        .arg("-o")
        .arg(interim.join(output))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let all = files(&interim).into_iter().map(|path| std::fs::read(path).unwrap());
    let all: BTreeMap<String, Vec<u8>> = written(folder).into_iter().zip(all).collect();
    std::fs::remove_dir_all(&interim).unwrap();
    all
}

#[test]
fn one_processor_writes_the_bytes_that_all_write() {
    let one = ["taskset", "-c", "0"];
    if !Command::new(one[0]).args(&one[1..]).arg("true").status().is_ok_and(|s| s.success()) {
        println!("skipped: no `taskset` that can bind to processor 0");
        return;
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    println!("1 processor against {processors}");
    let folder = hostile();
    for output in ["raw.csv", "raw.parquet", "raw.arrow"] {
        let (alone, together) = (run(&folder, &one, output), run(&folder, &[], output));
        let names: Vec<&String> = together.keys().collect();
        let ending = |ending: &str| format!("{output}{ending}");
        assert_eq!(names, [output, &ending(".lines.csv"), &ending(".meta.json"), &ending(".rejects.csv")]);
        for (name, bytes) in &together {
            assert!(!bytes.is_empty(), "{name}");
            assert!(alone.get(name) == Some(bytes), "{name} differs");
        }
    }
}

#[test]
fn each_run_writes_the_same_bytes() {
    let folder = hostile();
    let first = run(&folder, &[], "raw.csv");
    for _ in 0..3 {
        assert!(run(&folder, &[], "raw.csv") == first);
    }
}
