//! How to get the same bytes again.

use crate::escape;
use crate::facts::Facts;
use crate::forecast::State;
use crate::table::Table;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let shown = facts.forecast.as_ref().is_some_and(|forecast| matches!(forecast.state, State::Current(_)));
    let commands = if shown { "`make predict` and then `make report`" } else { "`make report`" };
    let mut out = vec!["## How to reproduce this".to_owned()];
    out.push(format!(
        "{commands} in the folder of project {}, with the same raw files and configuration, {} this draft byte for byte. Hashes are SHA-256.",
        escape::quoted(&facts.settings.project),
        if shown { "give" } else { "gives" }
    ));
    let mut files = Table::new(&["File", "Hash"]);
    let features = facts.metrics.inputs.iter().filter(|f| f.sha256 != facts.model_record().sha256);
    for file in features
        .chain([facts.model_record()])
        .chain(facts.inputs().iter().filter(|f| *f != facts.model_record()))
    {
        files.row([escape::text(&file.name), code(&file.sha256)]);
    }
    out.push(files.render());
    let mut programs = Table::new(&["Program", "Version", "Hash of its configuration"]);
    for (program, version, config) in [
        ("train-model", facts.model.version.as_str(), facts.configs.model.as_deref()),
        ("evaluate", facts.metrics.version.as_str(), facts.configs.metrics.as_deref()),
        ("report", env!("CARGO_PKG_VERSION"), facts.configs.report.as_deref()),
    ] {
        programs.row([
            program.to_owned(),
            escape::text(version),
            config.map_or_else(|| "–".to_owned(), code),
        ]);
    }
    out.push(programs.render());
    out
}

/// A hash as a code span: nothing but what a hash is made of.
fn code(hash: &str) -> String {
    let digits: String = hash.chars().filter(char::is_ascii_hexdigit).take(64).collect();
    format!("`{digits}`")
}
