//! `make reset` removes what the stages wrote and nobody edited, and nothing else.

use std::fs;

use super::sandbox::{FILES, STAGES, Sandbox};

#[test]
fn reset_removes_what_was_written_and_says_so() {
    let sandbox = Sandbox::new();
    // What a person accepted is not what a stage made.
    sandbox.write("ingest.lock", "accepted");
    sandbox.write("clean.lock", "accepted");
    let mut before = sandbox.contents();
    sandbox.runs(&[]);
    sandbox.runs(&["FORMAT=arrow"]);
    sandbox.write("logs", "a log");
    sandbox.write("data/processed/mine.csv", "by hand");
    let said = sandbox.make(&["reset"]);
    assert!(said.ok, "{}", said.err);
    assert!(FILES.iter().all(|file| said.out.contains(&format!("{file}\n"))), "{}", said.out);
    before.push((sandbox.path("logs"), b"a log".to_vec()));
    before.push((sandbox.path("data/processed/mine.csv"), b"by hand".to_vec()));
    before.sort();
    assert_eq!(sandbox.contents(), before);
    assert_eq!(sandbox.runs(&[]), STAGES);
}

#[test]
fn reset_keeps_what_was_edited_and_names_it() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    sandbox.append("reports/report.md", "A remark.\n");
    sandbox.append("data/processed/clean.csv", "x");
    let said = sandbox.make(&["reset"]);
    for kept in ["reports/report.md", "reports/report.md.meta.json", "data/processed/clean.csv"] {
        assert!(sandbox.is_file(kept) && said.out.contains(&format!("{kept}: it ")), "{kept}: {}", said.out);
    }
    assert!(!sandbox.is_file("models/model.pkl"));
    assert_eq!(said.out.matches("report.md: ").count(), 1, "{}", said.out);
}

#[test]
fn a_manifest_cannot_make_reset_remove_a_file_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.runs(&[]);
    let manifest = sandbox.path("models/model.pkl.meta.json");
    let listed = fs::read_to_string(&manifest).unwrap();
    let sha = "7c3a5cd55bcdc4dd3c3a4c9cbb3b9e8c6d2b35bb2b3f1ffbd0cf9cd1ea7b1f7c";
    for outside in ["data/raw/a.csv", "models/../data/raw/a.csv", "../outside", "/etc/hostname"] {
        fs::write(sandbox.dir.path().join("outside"), "x").unwrap();
        let companion =
            format!("\"companions\": [{{\"name\": \"{outside}\", \"sha256\": \"{sha}\", \"bytes\": 1}}]");
        fs::write(&manifest, listed.replace("\"companions\": []", &companion)).unwrap();
        let said = sandbox.make(&["reset"]);
        assert!(said.out.contains("outside the folder"), "{outside}: {}", said.out);
        assert!(sandbox.is_file("data/raw/a.csv") && sandbox.dir.path().join("outside").is_file());
    }
}
