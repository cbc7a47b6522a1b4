//! A project whose report an analyst works on.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::support::{read, write};
use super::trained::{Case, case};
use super::{REPORT, evaluate, measured, report};

/// A project whose report was written once.
pub(super) struct Desk(TempDir);

impl Desk {
    pub(super) fn new() -> Self {
        let folder = measured(&case());
        report(folder.path()).success();
        Self(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn text(&self) -> String {
        read(self.path(REPORT))
    }

    /// The analyst saves the report with `old` replaced, which must be there once.
    pub(super) fn edit(&self, old: &str, new: &str) -> &Self {
        let text = self.text();
        assert_eq!(text.matches(old).count(), 1, "{old:?} in\n{text}");
        write(self.path(REPORT), text.replacen(old, new, 1));
        self
    }

    /// Every outcome of the test part `off` higher: the mean absolute error, 1 at first, is then `off`.
    pub(super) fn numbers(&self, off: f64) -> &Self {
        shifted(off).write(self.0.path());
        evaluate(self.0.path());
        self
    }

    pub(super) fn run(&self) -> assert_cmd::assert::Assert {
        report(self.0.path()).success()
    }

    /// The text of a block, without its markers.
    pub(super) fn block(&self, name: &str) -> String {
        let text = self.text();
        let after = text.split(&format!("<!-- millrace:begin {name} -->\n")).nth(1);
        let inside = after.and_then(|t| t.split(&format!("<!-- millrace:end {name} ")).next());
        inside.unwrap_or_else(|| panic!("no block {name} in\n{text}")).to_owned()
    }
}

fn shifted(off: f64) -> Case {
    let mut shifted = case();
    shifted.rows.iter_mut().filter(|row| row.part == "test").for_each(|row| row.y += off);
    shifted
}
