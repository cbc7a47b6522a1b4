//! `make monitor`, beside the chain.

use std::path::Path;

use crate::support::panel::Panel;
use crate::support::{self, files, json, read, write};

fn make(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = support::make(folder, arguments);
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn make_monitor_reads_files_and_patterns_beside_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    Panel::small(5).write(folder);
    let raw = files(&folder.join("data/raw"));
    let (new, earlier) = raw.split_at(raw.len() - 3);
    let (new, earlier) = (earlier, new);
    for (to, from) in [("new", new), ("before", earlier)] {
        for file in from {
            write(folder.join(to).join(file.file_name().unwrap()), std::fs::read(file).unwrap());
        }
    }
    let (done, said) = make(folder, &["monitor"]);
    assert!(!done && said.contains("no rows to monitor"), "{said}");
    let (done, said) = make(folder, &["-j2", "report", "monitor", "NEW=new/*.csv", "HISTORY=before/*.csv"]);
    assert!(done, "{said}");
    assert!(folder.join("reports/report.md").exists());
    let found = json(folder.join("reports/monitor.json"));
    let rows: u64 = new.iter().map(|file| super::height(&read(file))).sum();
    assert_eq!(found["rows"]["n"], rows);
    assert_eq!(found["inputs"].as_array().unwrap().len(), 3);
    let (done, said) = make(folder, &["status"]);
    assert!(done && said.contains("monitor           fresh"), "{said}");
    // One file, whose name has a blank, and no pattern.
    std::fs::copy(&new[2], folder.join("the new.csv")).unwrap();
    let (done, said) = make(folder, &["monitor", "NEW=the new.csv", "HISTORY=before/*.csv"]);
    assert!(done, "{said}");
    assert_eq!(json(folder.join("reports/monitor.json"))["inputs"][0]["name"], "the new.csv");
    let config = read(folder.join("pipeline.toml"));
    write(folder.join("pipeline.toml"), config + "\n[evaluate]\ndeciles = 5\n");
    let (_, said) = make(folder, &["status"]);
    assert!(said.contains("monitor           fresh"), "{said}");
    let (done, said) = make(folder, &["reset"]);
    assert!(done, "{said}");
    for name in ["monitor.json", "monitor.json.state.json", "monitor.json.meta.json"] {
        assert!(!folder.join("reports").join(name).exists(), "{said}");
    }
}
