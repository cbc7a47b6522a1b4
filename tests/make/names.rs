//! Names with characters that mean something to Make or the shell.

use super::sandbox::{STAGES, Sandbox};

const HOSTILE: [&str; 8] = [
    "two words",
    "it's \"quoted\"",
    "$(touch canary)",
    "$(shell touch canary)",
    "`touch canary`; touch canary",
    "-dash",
    "a$b#c%d&e|f*:g=h?~ | i",
    "new\nline  and  blanks",
];

#[test]
fn a_project_may_have_any_name() {
    for name in HOSTILE {
        let sandbox = Sandbox::named(name, "bin");
        assert_eq!(sandbox.runs(&["-j2"]), STAGES, "{name}");
        assert!(sandbox.runs(&["report"]).is_empty(), "{name}");
        assert!(sandbox.make(&["status"]).ok && sandbox.make(&["reset"]).ok, "{name}");
        assert!(!sandbox.is_file("canary") && !sandbox.dir.path().join("canary").exists(), "{name}");
    }
}

#[test]
fn programs_may_lie_in_a_folder_of_any_name_without_a_newline() {
    for name in &HOSTILE[..7] {
        let sandbox = Sandbox::named("project", name);
        assert_eq!(sandbox.runs(&[]), STAGES, "{name}");
        assert!(sandbox.runs(&["report"]).is_empty(), "{name}");
        assert!(!sandbox.is_file("canary") && !sandbox.dir.path().join("canary").exists(), "{name}");
    }
}

#[test]
fn a_project_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    let said = super::sandbox::said(sandbox.command(&[]).arg("PROJECT=else\nwhere"));
    assert!(!said.ok && said.err.contains("else\\nwhere: no such project folder"), "{}", said.err);
}

#[test]
fn a_relative_project_lies_below_the_folder_make_is_called_in() {
    let sandbox = Sandbox::new();
    let mut make = super::sandbox::command("make");
    make.arg("-f")
        .arg(super::sandbox::repository().join("Makefile"))
        .arg("BIN=../bin")
        .current_dir(&sandbox.project);
    let said = super::sandbox::said(&mut make);
    assert!(said.ok, "{}", said.err);
    assert_eq!(sandbox.log(), STAGES);
}
