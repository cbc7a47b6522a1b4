//! Projects of one table made by hand under a contract on its column `x`.

use assert_cmd::assert::Assert;
use tempfile::TempDir;

use super::{column, project, read, run};

pub(crate) const CONFIG: &str =
    "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

/// A contract on `x`, whose entry is given, beside `y` and `part`.
pub(crate) fn schema(x: &str) -> String {
    format!(
        "{{\"missingValues\": [\"\", \"NA\"], \"fields\": [\n{x},\n\
         {{\"name\": \"y\", \"type\": \"number\"}},\n{{\"name\": \"part\", \"type\": \"string\"}}]}}"
    )
}

/// A project with the table `raw.csv`, made by hand, under a contract.
pub(crate) fn contracted(schema: &str, raw: &str) -> TempDir {
    project(&[("pipeline.toml", CONFIG), ("schema.json", schema), ("raw.csv", raw)])
}

/// A project whose `x` holds `cells`, one a row, under the contract `x`.
pub(crate) fn with_cells(x: &str, cells: &[&str]) -> TempDir {
    let rows: String = cells.iter().map(|cell| format!("{cell},1,train\n")).collect();
    contracted(&schema(x), &format!("x,y,part\n{rows}"))
}

pub(crate) fn clean(folder: &TempDir) -> Assert {
    run("clean", folder.path(), &["-i", "raw.csv"])
}

pub(crate) fn clean_csv(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/clean.csv"))
}

pub(crate) fn violations(folder: &TempDir) -> String {
    read(folder.path().join("data/processed/clean.csv.violations.csv"))
}

/// Every cell of `bad` breaks the contract `x` with `message`; none of `good` does.
pub(crate) fn splits_cells(x: &str, good: &[&str], bad: &[&str], message: &str) {
    let folder = with_cells(x, &[good, bad].concat());
    clean(&folder).code(10);
    let found = violations(&folder);
    let lines: Vec<String> = (good.len() + 2..).take(bad.len()).map(|n| n.to_string()).collect();
    assert_eq!(column(&found, "line"), lines, "{found}");
    for (what, cell) in column(&found, "what").iter().zip(bad) {
        assert!(what.contains(message) && what.contains(&format!("`{cell}`")), "{what}");
    }
    clean(&with_cells(x, good)).success();
}
