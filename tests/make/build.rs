//! When Cargo is called, and what is said where something is missing.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use super::sandbox::{STAGES, Sandbox, command, install, repository, said};

/// A copy of the Makefile with one source, and a cargo that only brings the stubs and counts.
struct Checkout(Sandbox);

impl Checkout {
    fn new() -> Self {
        let checkout = Self(Sandbox::named("check out", "stubs"));
        let root = &checkout.0.project;
        fs::create_dir_all(root.join("ingest/src")).unwrap();
        for file in ["Cargo.toml", "Cargo.lock", "ingest/Cargo.toml", "ingest/src/lib.rs"] {
            fs::write(root.join(file), "").unwrap();
        }
        fs::copy(repository().join("Makefile"), root.join("Makefile")).unwrap();
        let tools = checkout.tools();
        fs::create_dir_all(&tools).unwrap();
        let cargo = "#!/bin/sh\nset -eu\necho \"$*\" >>cargo.log\n[ -z \"${MAKEFLAGS-}\" ]\n[ ! -e broken ]\n\
                     while [ \"$1\" != --target-dir ]; do shift; done\ncp -RPn ../stubs/. \"$2/debug\"\n";
        fs::write(tools.join("cargo"), cargo).unwrap();
        fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        checkout
    }

    fn tools(&self) -> std::path::PathBuf {
        self.0.dir.path().join("tools")
    }

    fn command(&self, goals: &[&str]) -> Command {
        let path = format!("{}:{}", self.tools().display(), std::env::var("PATH").unwrap());
        let mut make = command("make");
        make.args(goals).current_dir(&self.0.project).env("PATH", path);
        make
    }

    fn make(&self, goals: &[&str]) -> String {
        let said = said(&mut self.command(goals));
        assert!(said.ok, "{}{}", said.out, said.err);
        said.out
    }

    /// How often cargo was called.
    fn calls(&self) -> usize {
        fs::read_to_string(self.0.path("cargo.log")).unwrap_or_default().lines().count()
    }
}

#[test]
fn cargo_is_called_first_and_then_only_where_a_source_is_newer() {
    let checkout = Checkout::new();
    assert!(checkout.make(&["-j2"]).starts_with("Compiling; the first time this takes some minutes"));
    assert_eq!(checkout.0.log(), STAGES);
    checkout.make(&["report"]);
    checkout.make(&["status"]);
    assert_eq!(checkout.calls(), 1);
    for change in ["ingest/src/lib.rs", "Cargo.lock", "ingest/Cargo.toml", "ingest/src/new.rs"] {
        let before = checkout.calls();
        checkout.0.write(change, "// changed");
        assert!(!checkout.make(&[]).contains("some minutes"));
        checkout.make(&[]);
        assert_eq!(checkout.calls(), before + 1, "{change}");
    }
    checkout.0.remove("ingest/src/new.rs");
    checkout.make(&[]);
    assert_eq!(checkout.calls(), 6, "a source that is gone");
    fs::remove_file(checkout.0.path("target/debug/clean")).unwrap();
    checkout.make(&[]);
    assert_eq!(checkout.calls(), 7, "a program that is gone");
}

#[test]
fn what_reads_object_stores_is_compiled_where_asked_for_and_then_kept_up_to_date() {
    let checkout = Checkout::new();
    let programs = checkout.0.dir.path().join("stubs");
    checkout.make(&[]);
    assert_eq!(checkout.calls(), 1);
    fs::write(programs.join("ingest-s3"), "").unwrap();
    checkout.make(&["FEATURES=s3"]);
    checkout.make(&["FEATURES=s3"]);
    assert_eq!(checkout.calls(), 3);
    checkout.0.write("ingest/src/lib.rs", "// changed");
    checkout.make(&[]);
    let calls = fs::read_to_string(checkout.0.path("cargo.log")).unwrap();
    let apart: Vec<bool> = calls.lines().map(|call| call.contains("ingest-s3/Cargo.toml")).collect();
    assert_eq!(apart, [false, false, true, false, true]);
    let refused = said(&mut checkout.command(&["FEATURES=s4"]));
    assert!(!refused.ok && refused.err.contains("FEATURES is empty or s3, not `s4`"), "{}", refused.err);
}

#[test]
fn a_build_that_fails_stops_and_is_tried_again() {
    let checkout = Checkout::new();
    checkout.0.write("broken", "");
    assert!(!said(&mut checkout.command(&[])).ok);
    assert!(checkout.0.log().is_empty());
    checkout.0.remove("broken");
    checkout.make(&[]);
    assert_eq!(checkout.0.log(), STAGES);
    let left = fs::read_dir(checkout.0.path("target/debug")).unwrap().map(|e| e.unwrap().file_name());
    assert_eq!(left.filter(|name| name.to_string_lossy().contains("millrace-compiled")).count(), 1);
}

#[test]
fn the_target_folder_of_the_user_is_kept() {
    let checkout = Checkout::new();
    let elsewhere = checkout.0.dir.path().join("else where");
    let out = said(checkout.command(&["report"]).env("CARGO_TARGET_DIR", &elsewhere));
    assert!(out.ok, "{}", out.err);
    assert!(elsewhere.join("debug/.millrace-compiled").is_file());
    assert!(!checkout.0.path("target").exists());
}

#[test]
fn missing_rust_is_named_with_what_to_do() {
    let checkout = Checkout::new();
    let few = checkout.0.dir.path().join("few");
    fs::create_dir(&few).unwrap();
    for tool in ["make", "sh", "dirname", "ls", "find", "head"] {
        let found = std::env::var("PATH").unwrap();
        let found = found.split(':').map(|dir| Path::new(dir).join(tool)).find(|path| path.exists()).unwrap();
        symlink(found, few.join(tool)).unwrap();
    }
    let out = said(checkout.command(&[]).env("PATH", &few));
    assert!(
        !out.ok && out.err.contains("Rust is missing (no cargo): install it from https://rustup.rs"),
        "{}",
        out.err
    );
}

#[test]
fn given_programs_are_never_compiled_and_missing_ones_are_named() {
    let checkout = Checkout::new();
    let out = said(&mut checkout.command(&["BIN=nowhere"]));
    assert!(!out.ok && out.err.contains("no program millrace in"), "{}", out.err);
    install(&checkout.0.dir.path().join("given"));
    checkout.make(&["BIN=../given"]);
    assert_eq!((checkout.calls(), checkout.0.log().len()), (0, 6));
}

#[test]
fn an_old_make_is_refused_in_one_line() {
    let out = Sandbox::new().make(&[".FEATURES=none"]);
    assert!(!out.ok && out.err.contains("needs GNU make 4.3 or newer"), "{}", out.err);
    assert_eq!(out.err.lines().count(), 1, "{}", out.err);
}
