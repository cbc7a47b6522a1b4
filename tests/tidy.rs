//! What keeps the repository readable: sizes, names in every place they belong, nothing left over.
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

mod support;

use std::path::{Path, PathBuf};

use support::{files, read};

const STAGES: [&str; 6] = ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"];
/// Longest source file, in lines.
const LONGEST_FILE: usize = 500;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Rust files below the folders of the crates and `tests`.
fn sources() -> Vec<PathBuf> {
    let root = repository();
    let mut all = files(&root.join("tests"));
    for entry in std::fs::read_dir(&root).unwrap() {
        let src = entry.unwrap().path().join("src");
        if src.is_dir() {
            all.extend(files(&src));
        }
    }
    all.retain(|f| f.extension().is_some_and(|e| e == "rs"));
    all
}

#[test]
fn source_files_are_short() {
    assert!(sources().len() > 50);
    let long: Vec<String> = sources()
        .iter()
        .map(|f| (read(f).lines().count(), f))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, f)| format!("{lines} {}", f.display()))
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE} lines:\n{}", long.join("\n"));
}

#[test]
fn every_stage_is_where_a_reader_looks_for_it() {
    for place in ["Makefile", "ARCHITECTURE.md", "docs/formats.md", "CHANGELOG.md"] {
        let text = read(repository().join(place));
        for stage in STAGES {
            assert!(text.contains(stage), "{place} does not name {stage}");
        }
    }
}

#[test]
fn the_changelog_has_an_unreleased_section_or_this_version() {
    let text = read(repository().join("CHANGELOG.md"));
    assert!(text.contains("## Unreleased") || text.contains(&format!("## {}", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn every_dependency_is_explained() {
    let manifest: toml::Table = toml::from_str(&read(repository().join("Cargo.toml"))).unwrap();
    let architecture = read(repository().join("ARCHITECTURE.md"));
    for (name, how) in manifest["workspace"]["dependencies"].as_table().unwrap() {
        let ours = how.get("path").is_some();
        assert!(ours || architecture.contains(name.as_str()), "ARCHITECTURE.md does not say why {name}");
    }
}

#[test]
fn every_configuration_key_is_documented() {
    let documented = read(repository().join("docs/configuration.md"));
    for file in sources()
        .iter()
        .filter(|f| f.ends_with("src/settings.rs") || f.parent().unwrap().ends_with("src/settings"))
    {
        let text = read(file);
        // The struct that `deny_unknown_fields` guards is what people write.
        for section in text.split("deny_unknown_fields)]").skip(1) {
            let body = section.split('{').nth(1).unwrap().split("\n}").next().unwrap();
            for line in body.lines().map(str::trim).filter(|l| !l.starts_with("//") && !l.starts_with('#')) {
                let key = line
                    .trim_start_matches("pub(crate) ")
                    .trim_start_matches("pub ")
                    .split(':')
                    .next()
                    .unwrap();
                let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                assert!(
                    !plain || documented.contains(key),
                    "{}: `{key}` is not in docs/configuration.md",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn nothing_is_left_over() {
    let marks = [
        "TO".to_owned() + "DO",
        "FIX".to_owned() + "ME",
        "todo".to_owned() + "!(",
        "unimplemented".to_owned() + "!(",
    ];
    // In a bracket it is what placeholders of a report begin with.
    let placeholder = format!("[{}", marks[0]);
    for file in sources() {
        let text = read(&file).replace(&placeholder, "");
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} holds {mark}", file.display());
        }
        assert!(!text.contains(&format!("#[{}", "ignore")), "{} skips a test silently", file.display());
    }
}

/// Packages with the features they are built with, as Cargo resolves them offline.
fn features(edges: &str) -> Vec<String> {
    let output = std::process::Command::new("cargo")
        .args(["tree", "--offline", "--workspace", "-e", edges, "-f", "{p} {f}", "--prefix", "none"])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut all: Vec<String> = text.lines().map(|l| l.trim_end_matches(" (*)").to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn tests_and_programs_share_one_build_of_every_dependency() {
    let with_tests = features("normal,build,dev");
    let missing: Vec<String> =
        features("normal,build").into_iter().filter(|p| !with_tests.contains(p)).collect();
    assert!(missing.is_empty(), "built again for tests, with other features:\n{}", missing.join("\n"));
}

/// The client of object stores would have Polars built with other features of what they share.
#[test]
fn the_client_of_object_stores_is_resolved_apart() {
    let ours = features("normal,build,dev");
    assert!(!ours.iter().any(|p| p.starts_with("object_store ") || p.starts_with("reqwest ")), "{ours:?}");
    let manifest = |path: &str| toml::from_str::<toml::Table>(&read(repository().join(path))).unwrap();
    let (all, own) = (manifest("Cargo.toml"), manifest("ingest-s3/Cargo.toml"));
    assert_eq!(own["workspace"]["lints"], all["workspace"]["lints"], "one set of lints");
    // Cargo warns of a setting for a package that is not there: of those, only what both build.
    let locked = read(repository().join("ingest-s3/Cargo.lock"));
    let mut profiles = all["profile"].clone();
    profiles["dev"]["package"]
        .as_table_mut()
        .unwrap()
        .retain(|name, _| name == "*" || locked.contains(&format!("name = \"{name}\"\n")));
    assert_eq!(own["profile"], profiles, "one set of profiles");
    assert_eq!(own["package"]["rust-version"], all["workspace"]["package"]["rust-version"]);
    let architecture = read(repository().join("ARCHITECTURE.md"));
    for name in own["dependencies"].as_table().unwrap().keys() {
        assert!(architecture.contains(name.as_str()), "ARCHITECTURE.md does not say why {name}");
    }
}
