//! How to get the same bytes again.

use crate::escape;
use crate::facts::Facts;
use crate::table::Table;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let mut out = vec!["## How to reproduce this".to_owned()];
    out.push(format!(
        "`make report` in the folder of project {}, with the same raw files and configuration, gives this draft byte for byte.",
        escape::quoted(&facts.settings.project)
    ));
    let mut files = Table::new(&["File", "SHA-256"]);
    let [metrics, model] = facts.records();
    let features = facts.metrics.inputs.iter().filter(|f| f.sha256 != model.sha256);
    for file in features.chain([model, metrics]) {
        files.row([escape::text(&file.name), format!("`{}`", hex(&file.sha256))]);
    }
    out.push(files.render());
    let mut versions = Table::new(&["Program", "Version"]);
    for (program, version) in [
        ("train-model", facts.model.version.as_str()),
        ("evaluate", facts.metrics.version.as_str()),
        ("report", env!("CARGO_PKG_VERSION")),
    ] {
        versions.row([program.to_owned(), escape::text(version)]);
    }
    out.push(versions.render());
    out
}

/// A hash for a code span: nothing but what a hash is made of.
fn hex(hash: &str) -> String {
    hash.chars().filter(char::is_ascii_hexdigit).take(64).collect()
}
